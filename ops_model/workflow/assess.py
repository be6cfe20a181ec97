"""Judge one system: observe what needs no notebook, then read the ledger and give the verdict."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from ops_model.check.catalogue import Catalogue
from ops_model.check.grades import TOOL
from ops_model.check.recorded import Evidence
from ops_model.check.verdict import assess
from ops_model.domain.assessment import Assessment
from ops_model.domain.evidence import LedgerEvent, Record, Statement, VerifiedBundle
from ops_model.domain.operating_model import OperatingModel, Snapshot, SystemClaims
from ops_model.domain.policy import Policy
from ops_model.domain.signers import Signer
from ops_model.domain.values import digest_of
from ops_model.shipped import shipped_notebook_digests
from ops_model.workflow.desk import Desk, read_all
from ops_model.workflow.ledgers import open_ledger
from ops_model.workflow.open import known_system
from ops_model.workflow.own_checks import catalogue_of
from ops_model.workflow.own_guard import unchanged
from ops_model.workflow.told import Told, told_of, told_since

if TYPE_CHECKING:
    from ops_model.store.ledger import Ledger, LedgerVerification
    from ops_model.workflow.own_worker import Patience

__all__ = [
    "assess_all", "assess_snapshot", "assess_system", "assess_with_told", "catalogue_of",
    "evidence_of", "observe", "told_by_tool",
]  # fmt: skip


def evidence_of(
    statements: tuple[Statement, ...], policy: Policy, signers: tuple[Signer, ...]
) -> Evidence:
    """The statements, the notebooks whose word counts as observed, and whose signature holds."""
    from ops_model.store.signed import signed_by_any, that_hold

    approved = shipped_notebook_digests() | frozenset(policy.approved_notebooks)
    held = signed_by_any(statements)
    return Evidence(statements, approved, that_hold(statements, signers, held), held)


def observe(
    root: Path,
    model: OperatingModel,
    system_id: str,
    ledger: "Ledger",
    *,
    as_of: datetime,
    recorded_at: datetime,
    checked: "LedgerVerification | None" = None,
) -> None:
    """Record what the tool sees by itself: whole bundles, and the rota resolved.

    An observation that says what the latest of its kind says is not appended again.

    Args:
        root: the workbook's folder.
        model: what was read from it.
        system_id: the system to look at.
        ledger: where it is recorded.
        as_of: the instant that judges.
        recorded_at: the wall clock.
        checked: the ledger verified just now, where that was done for several systems at once.

    Raises:
        UsageError: there is no such system.
        LedgerError: the ledger cannot be written.
    """
    desk = Desk(root, model, Catalogue(()), as_of, checked)
    _observe(desk, known_system(model, system_id), ledger, recorded_at=recorded_at)


def _observe(
    desk: Desk, system: SystemClaims, ledger: "Ledger", *, recorded_at: datetime
) -> tuple[Told, list[LedgerEvent]]:
    """Record what the tool sees; gives what the ledger said before, and what was appended."""
    told, appended = told_of(ledger, system.id), []
    for record in _news(desk, system, told, ledger):
        appended.append(told_by_tool(record, ledger.size(), recorded_at))
        ledger.append(appended[-1])
    return told, appended


def _news(
    desk: Desk,
    system: SystemClaims,
    told: Told,
    ledger: "Ledger",
    bundles: Sequence[VerifiedBundle] | None = None,
) -> list[Record]:
    """What the tool sees of a system by itself and the ledger does not say yet."""
    from ops_model.workflow.observe import observe_integrity
    from ops_model.workflow.rota_now import resolved_rota

    as_of = desk.as_of
    whole = observe_integrity(
        desk.root, system.id, ledger, as_of=as_of, checked=desk.checked, told=told,
        bundles=bundles,
    )  # fmt: skip
    seen: list[Record] = [whole]
    if (rota := resolved_rota(desk.model, system, told.statements, as_of=as_of)) is not None:
        seen.append(rota)
    before = {
        (s.record.kind, s.as_of): s.digest
        for s in told.statements
        if s.origin is None and s.actor == TOOL
    }
    # With the latest and not with any: what changed and changed back is news each time.
    return [r for r in seen if before.get((r.kind, r.as_of)) != digest_of(r)]


def assess_system(
    root: Path,
    model: OperatingModel,
    system_id: str,
    *,
    as_of: datetime,
    recorded_at: datetime,
    patience: "Patience | None" = None,
) -> Assessment:
    """Observe, then judge from the ledger.

    Args:
        root: the workbook's folder.
        model: what was read from it.
        system_id: the system to judge.
        as_of: the instant that judges.
        recorded_at: the wall clock, noted with what is appended.
        patience: how long a user's own checks may take.

    Raises:
        UsageError: there is no such system.
        PolicyError, CatalogueError: the policy or a check file is wrong.
        LedgerError: the ledger cannot be read or written.
        OpsModelError: the ledger or a claim changed while checks of a user's own judged.
    """
    assessment, _ = assess_with_told(
        root, model, system_id, as_of=as_of, recorded_at=recorded_at, patience=patience
    )
    return assessment


def assess_with_told(
    root: Path,
    model: OperatingModel,
    system_id: str,
    *,
    as_of: datetime,
    recorded_at: datetime,
    patience: "Patience | None" = None,
) -> tuple[Assessment, Told]:
    """The same as `assess_system`, with what the ledger said that the verdict rests on."""
    system = known_system(model, system_id)
    catalogue = catalogue_of(root, patience=patience)
    with open_ledger(root, model.settings, create=True) as ledger:
        since, desk = ledger.size(), Desk(root, model, catalogue, as_of)
        told, appended = _observe(desk, system, ledger, recorded_at=recorded_at)
        desk.size = ledger.size()
        desk.told = told_since(ledger, {system.id: told}, appended, since=since, until=desk.size)
    return assessed(desk, system.id), desk.told[system.id]


def assess_all(
    root: Path,
    model: OperatingModel,
    *,
    as_of: datetime,
    recorded_at: datetime,
    cores: int | None = None,
) -> tuple[tuple[Assessment, Told], ...]:
    """Observe and judge every system, in the order of the model; many are judged side by side.

    The ledger is verified once, whatever the number of systems, and what it says about each is
    read once; where there are processes, one verifies it and compares the bundles meanwhile.
    Nothing is recorded unless all systems could be observed, and what was observed is appended at
    once, all or nothing.

    Args:
        root: the workbook's folder.
        model: what was read from it.
        as_of: the instant that judges.
        recorded_at: the wall clock, noted with what is appended.
        cores: how many systems are judged at once; as many as there are cores by default.

    Returns:
        Of each system the verdict, and what the ledger said that it rests on.

    Raises:
        PolicyError, CatalogueError: the policy or a check file is wrong.
        LedgerError: the ledger cannot be read or written.
        OpsModelError: the ledger or a claim changed while checks of a user's own judged.
    """
    from ops_model.workflow.side_by_side import answers, collected_rarely, side_by_side

    desk = Desk(root, model, catalogue_of(root), as_of)
    systems = [system.id for system in model.systems]
    with collected_rarely():
        with open_ledger(root, model.settings, create=True) as ledger:
            desk.size = ledger.size()
        with side_by_side(desk, len(systems), cores=cores, besides=True) as ask:
            read_all(desk, systems, ask)
        with open_ledger(root, model.settings) as ledger:
            news = [
                _news(desk, system, desk.told[system.id], ledger, desk.bundles[system.id])
                for system in model.systems
            ]
            _append_all(ledger, desk, chain.from_iterable(news), recorded_at)
        # What is read lies in memory then, where the processes that are forked find it.
        with side_by_side(desk, len(systems), cores=cores, besides=True) as ask:
            judged = answers([ask.ahead(assessed, system_id) for system_id in systems])
    return tuple(zip(judged, desk.told.values(), strict=True))


def _append_all(
    ledger: "Ledger", desk: Desk, news: Iterable[Record], recorded_at: datetime
) -> None:
    """Append what was observed, all or nothing; the desk knows then what the ledger says."""
    since, told = desk.size, enumerate(news, start=ledger.size())
    appended = [told_by_tool(record, n, recorded_at) for n, record in told]
    ledger.append_all(appended)
    desk.size = ledger.size()
    desk.told = told_since(ledger, desk.told, appended, since=since, until=desk.size)


def assessed(desk: Desk, system_id: str) -> Assessment:
    """The verdict on one system, from what the desk was told about it."""
    model, system = desk.model, known_system(desk.model, system_id)
    with unchanged(desk.root, model, system, desk.catalogue):
        # A verdict never rests on words that can be erased, and here are none.
        evidence = evidence_of(desk.told[system_id].statements, model.policy, model.signers)
        return assess(
            desk.catalogue, model, system, evidence, as_of=desk.as_of, ledger_size=desk.size
        )


def assess_snapshot(snapshot: Snapshot, *, patience: "Patience | None" = None) -> Assessment:
    """Judge from a snapshot, as a kernel does: the same verdict, without the ledger.

    Raises:
        PolicyError, CatalogueError: the policy or a check file is wrong.
    """
    model = OperatingModel(
        settings=snapshot.settings,
        people=snapshot.people,
        policy=snapshot.policy,
        portfolio=snapshot.portfolio,
        signers=snapshot.signers,
        systems=(snapshot.system,),
        scenarios=snapshot.scenarios,
    )
    return assess(
        catalogue_of(Path(snapshot.workbook), patience=patience),
        model,
        snapshot.system,
        evidence_of(snapshot.statements, snapshot.policy, snapshot.signers),
        as_of=snapshot.as_of,
        ledger_size=snapshot.ledger_size,
    )


def told_by_tool(record: Record, size: int, recorded_at: datetime) -> LedgerEvent:
    """What the tool itself says, as it is appended to a ledger of some size."""
    digest = digest_of(record)
    return LedgerEvent(
        # Two that observe the same at once meet the same id, and one entry is made.
        id=f"{record.kind}/{record.system}/{digest}@{size}",
        type="evidence.published",
        subject=record.system,
        as_of=record.as_of,
        recorded_at=recorded_at,
        actor=TOOL,
        data={"record": record.model_dump(mode="json"), "digest": digest, "origin": None},
    )
