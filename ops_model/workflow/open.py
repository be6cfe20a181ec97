"""The claims and evidence of one system, as every notebook opens them.

In a run the working folder holds a snapshot that the runner wrote, and the kernel opens nothing
else. In JupyterLab the same snapshot is taken from the workbook and its ledger, read only.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops_model.check.recorded import Evidence
from ops_model.domain.evidence import Statement
from ops_model.domain.operating_model import OperatingModel, Snapshot, SystemClaims
from ops_model.domain.people import People
from ops_model.domain.snapshot import SNAPSHOT_FILE, is_of_portfolio, read_snapshot
from ops_model.domain.values import iso_utc
from ops_model.domain.workbook import Warehouse
from ops_model.errors import IntegrityError, UsageError, WorkbookError
from ops_model.shipped import shipped_notebook_digests
from ops_model.workflow.ledgers import has_ledger, open_ledger

if TYPE_CHECKING:
    from ops_model.store.ledger import Ledger

WORKBOOK_FILE = "ops-model.yaml"


# Compared by identity: two books of equal content are still two openings, and hashing is cheap.
@dataclass(frozen=True, eq=False)
class Book:
    """One system at one instant: what is claimed and what was shown."""

    root: Path
    snapshot: Snapshot

    @property
    def system(self) -> SystemClaims:
        """The claims of the system."""
        return self.snapshot.system

    @property
    def as_of(self) -> datetime:
        """The instant that judges."""
        return self.snapshot.as_of

    @property
    def warehouses(self) -> tuple[Warehouse, ...]:
        """Where logs lie that are no files of the workbook."""
        return self.snapshot.settings.warehouses

    @property
    def people(self) -> People:
        """People and teams by id, without names: what a notebook shows ends in a bundle."""
        return self.snapshot.people

    @property
    def model(self) -> OperatingModel:
        """The workbook as far as this system is concerned."""
        s = self.snapshot
        return OperatingModel(
            settings=s.settings,
            people=s.people,
            policy=s.policy,
            portfolio=s.portfolio,
            signers=s.signers,
            systems=(s.system,),
            scenarios=s.scenarios,
        )

    @property
    def evidence(self) -> Evidence:
        """The statements about the system that were made by `as_of`."""
        from ops_model.store.signed import signed_by_any, that_hold

        s = self.snapshot
        approved = shipped_notebook_digests() | set(s.policy.approved_notebooks)
        held = signed_by_any(s.statements)
        return Evidence(s.statements, approved, that_hold(s.statements, s.signers, held), held)


def open(*, system: str, as_of: str | datetime = "") -> Book:  # noqa: A001 - `workflow.open` is what a reader expects
    """Open one system of the workbook at one instant.

    Args:
        system: the system's id, a folder under `systems/`.
        as_of: the instant that judges, ISO 8601 with a zone; empty is the workbook's pinned one.

    Raises:
        UsageError: no such system, or no instant.
        WorkbookError: there is no workbook here or above, or a file in it is not valid.
    """
    here = Path.cwd()
    if (here / SNAPSHOT_FILE).is_file():
        return _open_snapshot(here / SNAPSHOT_FILE, system, as_of)
    root = workbook_above(here)
    from ops_model.store.workbook import read_for

    model = read_for(root, system)
    return Book(root, snapshot_now(root, model, system, as_of=judged_instant(as_of, model)))


def judged_instant(as_of: str | datetime, model: OperatingModel) -> datetime:
    """The instant that judges: the one given, or the workbook's pinned one.

    Raises:
        UsageError: there is neither.
    """
    instant = _instant(as_of) or model.settings.as_of
    if instant is None:
        raise UsageError(
            "as_of is empty, and ops-model.yaml pins no instant",
            remedy='write the instant that judges, such as as_of = "2026-03-02T08:00:00Z"',
        )
    return instant


def snapshot_now(
    root: Path, model: OperatingModel, system_id: str, *, as_of: datetime
) -> Snapshot:
    """What a judgement outside of a run rests on: the ledger, read only, and the rota of now.

    Raises:
        UsageError: there is no such system.
        LedgerError: the ledger cannot be read.
    """
    from ops_model.workflow.rota_now import with_rota

    if not has_ledger(root, model.settings):
        return with_rota(take_snapshot(root, model, system_id, as_of=as_of, ledger=None), model)

    with open_ledger(root, model.settings, readonly=True) as ledger:
        taken = take_snapshot(root, model, system_id, as_of=as_of, ledger=ledger)
    return with_rota(taken, model)


def _open_snapshot(path: Path, system: str, as_of: str | datetime) -> Book:
    plain = plain_snapshot(path)
    if is_of_portfolio(plain):
        raise UsageError(
            f"this run is about all systems together, and the notebook opens {system!r}",
            remedy="open all of them with `workflow.open_portfolio(as_of=as_of)`",
        )
    snapshot = read_snapshot(plain)
    if snapshot.system.id != system:
        raise UsageError(
            f"this run is about {snapshot.system.id}, and the notebook opens {system!r}",
            remedy="open the system that the parameter `system` names",
        )
    same_instant(snapshot.as_of, as_of)
    return Book(Path(snapshot.workbook), snapshot)


def plain_snapshot(path: Path) -> dict[str, Any]:
    """The snapshot of a run as it was written.

    Raises:
        IntegrityError: it cannot be read.
    """
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise IntegrityError("cannot be read", where=SNAPSHOT_FILE) from error
    return found


def same_instant(of_run: datetime, given: str | datetime) -> None:
    """Refuse a notebook that opens another instant than that of its run.

    Raises:
        UsageError: it does.
    """
    if (_instant(given) or of_run) != of_run:
        raise UsageError(
            f"this run is as of {iso_utc(of_run)}, and the notebook opens {given}",
            remedy="open the instant that the parameter `as_of` names",
        )


def _instant(given: str | datetime) -> datetime | None:
    if isinstance(given, str):
        if not given:
            return None
        try:
            given = datetime.fromisoformat(given)
        except ValueError:
            raise UsageError(
                f"as_of is {given!r}; expected an ISO 8601 time, such as 2026-03-02T08:00:00Z"
            ) from None
    if given.tzinfo is None:
        raise UsageError(f"as_of is {given.isoformat()} without a zone; write a Z behind it")
    return given


def workbook_above(here: Path) -> Path:
    """The folder of the workbook that `here` lies in.

    Raises:
        WorkbookError: there is none.
    """
    for folder in (here, *here.parents):
        if (folder / WORKBOOK_FILE).is_file():
            return folder
    raise WorkbookError(
        f"there is no {WORKBOOK_FILE} in the notebook's folder or above it",
        remedy="open the notebook from inside a workbook, or start one with `ops-model init`",
    )


def known_system(model: OperatingModel, system_id: str) -> SystemClaims:
    """The claims of a system that the workbook has.

    Raises:
        UsageError: there is none of this id; names the nearest.
    """
    found = model.system(system_id)
    if found is not None:
        return found
    ids = [s.id for s in model.systems]
    near = get_close_matches(system_id, ids, n=1)
    raise UsageError(
        f"there is no system {system_id!r} in this workbook",
        where="systems/",
        remedy=f"did you mean {near[0]}?" if near else f"it has: {', '.join(ids) or 'none yet'}",
    )


def refuse_ahead(as_of: datetime, recorded_at: datetime) -> None:
    """Refuse evidence that is dated ahead of the clock: it would be fresh once that day comes.

    Raises:
        UsageError: `as_of` is later than `recorded_at`.
    """
    if as_of > recorded_at:
        raise UsageError(
            f"as of {iso_utc(as_of)} is still to come at {iso_utc(recorded_at)}; evidence cannot "
            "be dated ahead",
            remedy="leave --as-of out; `ops-model check --as-of` shows what will have expired by "
            "then",
        )


OLDEST_ACT = timedelta(days=1)
"""How far back a word or a drill may be dated: somebody who worked past midnight, and no more."""


def refuse_behind(as_of: datetime, recorded_at: datetime, model: OperatingModel) -> None:
    """Refuse to date back what happens now: words and drills of one hour would fill a quarter.

    A measurement may look at a past day, since its rows are of that day. A replay workbook lives
    at its own instant.

    Raises:
        UsageError: `as_of` is more than a day before `recorded_at`.
    """
    if model.settings.as_of is None and recorded_at - as_of > OLDEST_ACT:
        raise UsageError(
            f"as of {iso_utc(as_of)} is more than a day before {iso_utc(recorded_at)}; what "
            "somebody says or rehearses now cannot be dated back",
            remedy="leave --as-of out",
        )


def take_snapshot(
    root: Path,
    model: OperatingModel,
    system_id: str,
    *,
    as_of: datetime,
    ledger: "Ledger | None",
) -> Snapshot:
    """What a kernel gets: one system's claims, and what had been shown about it by `as_of`.

    Raises:
        UsageError: there is no such system.
    """
    system = known_system(model, system_id)
    size = ledger.size() if ledger is not None else 0
    told: tuple[Statement, ...] = (
        # Without people's words: a snapshot is sealed, and what is sealed cannot be erased.
        ledger.statements(system_id, until=size, words=False) if ledger else ()
    )
    return Snapshot(
        workbook=str(root),
        system=system,
        people=model.people.without_names(),
        policy=model.policy,
        portfolio=model.portfolio,
        signers=model.signers,
        settings=model.settings,
        as_of=as_of,
        ledger_size=size,
        statements=tuple(s for s in told if s.as_of <= as_of),
        scenarios=model.scenarios,
    )
