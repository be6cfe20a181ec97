"""Looking at everything that somebody must know of now: one system, or all of them.

Ceilings are looked at in the usage logs. Everything else is read from claims and the ledger, so
that no notebook runs, no kernel starts, and nothing is recorded.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from ops_model.check.catalogue import Catalogue
from ops_model.check.seen import seen
from ops_model.check.verdict import assess
from ops_model.domain.alerts import SEVERITIES, Concern
from ops_model.domain.evidence import LedgerEvent, Statement
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.portfolio_status import PORTFOLIO
from ops_model.domain.spend import CeilingWatch
from ops_model.errors import CatalogueError, OpsModelError, WorkbookError
from ops_model.store.sound_part import Broken
from ops_model.workflow.assess import catalogue_of, evidence_of
from ops_model.workflow.begun import beginnings, first_seen
from ops_model.workflow.concern_news import NOTHING_TOLD, Before, before_of
from ops_model.workflow.desk import Desk
from ops_model.workflow.ledgers import has_ledger, open_ledger
from ops_model.workflow.open import known_system
from ops_model.workflow.own_guard import unchanged
from ops_model.workflow.slots import Standing, arrived, run_together, standings
from ops_model.workflow.watch import unwatched, watch
from ops_model.workflow.watch_ahead import (
    Lives,
    finding_concerns,
    incident_concerns,
    overdue_concerns,
)
from ops_model.workflow.watch_ceilings import ceiling_concerns, unread_ceilings
from ops_model.workflow.watch_duty import duty_concerns
from ops_model.workflow.watch_failed import failed_concerns
from ops_model.workflow.watch_signals import signal_concerns
from ops_model.workflow.watch_unread import NOTHING_BROKEN, unread_checks, unread_claims


@dataclass(frozen=True)
class Looked:
    """What stands now of some systems: ceilings as they are told, and every concern.

    `told` is what was told of each before, and `failed` says of one why not all of it could be
    looked at.
    """

    as_of: datetime
    systems: tuple[str, ...]
    ceilings: tuple[CeilingWatch, ...] = ()
    concerns: tuple[Concern, ...] = ()
    told: Mapping[str, Before] = field(default_factory=dict)
    failed: Mapping[str, OpsModelError] = field(default_factory=dict)

    @property
    def grave(self) -> bool:
        """True where somebody has to act, or where nobody knows whether they have to."""
        return bool(self.failed) or any(c.severity != "info" for c in self.concerns)

    def of_system(self, system_id: str, *, ceilings: bool = True) -> tuple[Concern, ...]:
        """The concerns of one system, the gravest first."""
        mine = (
            c for c in self.concerns
            if c.system == system_id and (ceilings or c.kind != "ceiling")
        )  # fmt: skip
        return tuple(sorted(mine, key=lambda c: -SEVERITIES.index(c.severity)))


def look(
    root: Path,
    model: OperatingModel,
    systems: Sequence[str],
    *,
    as_of: datetime,
    cores: int | None = None,
    broken: Mapping[str, Broken] = NOTHING_BROKEN,
) -> Looked:
    """Everything that somebody must know of now about these systems.

    With all systems of the workbook, what is about all of them together is looked at as well. One
    that cannot be looked at does not hide the others, nor do checks that cannot be loaded hide
    what needs none.

    Args:
        root: the workbook's folder.
        model: what was read from it.
        systems: their ids.
        as_of: the instant that judges.
        broken: the systems whose claims cannot be read, which `model` does not hold.
        cores: how many systems are looked at at once; as many as there are cores by default.

    Raises:
        UsageError: there is no such system.
        PolicyError: the policy is wrong.
    """
    from ops_model.workflow.side_by_side import side_by_side

    known = [known_system(model, s).id for s in systems if s not in broken]
    together = run_together(root, model)
    catalogue, unloaded = _catalogue(root)
    desk = _WatchDesk(root, model, catalogue, as_of, about_all=together)
    with side_by_side(desk, len(known), cores=cores) as ask:
        found = dict(zip(known, ask(_looked_at, known), strict=True))
    for system in (s for s in systems if s in broken):
        found[system] = _unread(root, model, system, broken[system], as_of)
    if found.keys() - {PORTFOLIO} >= {s.id for s in model.systems} | broken.keys() - {PORTFOLIO}:
        found[PORTFOLIO] = _together(root, model, as_of, together, broken.get(PORTFOLIO))
    if unloaded is not None:
        found = _without_checks(found, unloaded, as_of)
    return Looked(
        as_of,
        tuple(found),
        tuple(one.ceilings for one in found.values() if one.ceilings is not None),
        tuple(concern for one in found.values() for concern in one.concerns),
        {system: one.told for system, one in found.items()},
        {system: one.error for system, one in found.items() if one.error is not None},
    )


def _catalogue(root: Path) -> tuple[Catalogue, CatalogueError | None]:
    """The checks; none of them, and why, where they cannot be loaded."""
    try:
        return catalogue_of(root), None
    except CatalogueError as error:
        return Catalogue(()), error


def _unread(
    root: Path, model: OperatingModel, system_id: str, broken: Broken, as_of: datetime
) -> "_Seen":
    return _Seen(
        (unread_claims(system_id, broken, as_of),),
        _told_before(root, model, system_id, as_of),
        error=WorkbookError(problems=broken.problems),
    )


def _without_checks(
    found: "Mapping[str, _Seen]", error: CatalogueError, as_of: datetime
) -> "dict[str, _Seen]":
    """Nothing of any is over; it is told once, of all together where all were looked at."""
    blind = {system: replace(one, error=one.error or error) for system, one in found.items()}
    for subject in (PORTFOLIO,) if PORTFOLIO in blind else tuple(blind):
        concerns = (*blind[subject].concerns, unread_checks(subject, error, as_of))
        blind[subject] = replace(blind[subject], concerns=concerns)
    return blind


@dataclass
class _WatchDesk(Desk):
    """A desk that knows which scheduled notebooks are about all systems together."""

    about_all: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Seen:
    """What was seen of one system, and why not all of it, where it was not."""

    concerns: tuple[Concern, ...] = ()
    told: Before = NOTHING_TOLD
    ceilings: CeilingWatch | None = None
    error: OpsModelError | None = None


def _looked_at(desk: _WatchDesk, system_id: str) -> _Seen:
    """One system; what cannot be read of it does not hide the rest."""
    system = known_system(desk.model, system_id)
    seen_of, statements = _Seen(), tuple[Statement, ...]()
    try:
        with unchanged(desk.root, desk.model, system, desk.catalogue), _at_hand(desk, system_id):
            statements = _statements(desk, system)
            concerns = tuple(_concerns(desk, system, statements))
            seen_of = _Seen(concerns, before_of(statements, desk.as_of))
    except OpsModelError as error:
        seen_of = _Seen(error=error)
    return seen_of if unwatched(desk.model, system_id) else _with_ceilings(desk, system, seen_of)


def _with_ceilings(desk: _WatchDesk, system: SystemClaims, seen_of: _Seen) -> _Seen:
    try:
        ceilings = watch(desk.root, desk.model, system.id, as_of=desk.as_of)
    except OpsModelError as error:
        if seen_of.error is not None:
            return seen_of
        blind = unread_ceilings(system, error, desk.as_of)
        return replace(seen_of, concerns=(*seen_of.concerns, blind), error=error)
    concerns = (*seen_of.concerns, *ceiling_concerns(ceilings))
    return replace(seen_of, concerns=concerns, ceilings=ceilings)


def _at_hand(desk: _WatchDesk, system_id: str) -> AbstractContextManager[None]:
    """Each entry about the system is read once; without a ledger there is none."""
    there = has_ledger(desk.root, desk.model.settings)
    return desk.ledger.at_hand(system_id) if there else nullcontext()


def _statements(desk: _WatchDesk, system: SystemClaims) -> tuple[Statement, ...]:
    if not has_ledger(desk.root, desk.model.settings):
        return ()
    return desk.ledger.statements(system.id, words=False)


def _concerns(
    desk: _WatchDesk, system: SystemClaims, statements: tuple[Statement, ...]
) -> Iterator[Concern]:
    model, as_of = desk.model, desk.as_of
    events = tuple[LedgerEvent, ...]()
    if model.settings.schedules and has_ledger(desk.root, model.settings):
        events = tuple(stored.event for stored in desk.ledger.events(subject=system.id))
    evidence = evidence_of(statements, model.policy, model.signers)
    within = timedelta(days=model.settings.watch.expiring_days)
    yield from signal_concerns(system, seen(evidence, system, as_of, model.signers), as_of=as_of)
    if desk.catalogue.checks:
        judged = assess(desk.catalogue, model, system, evidence, as_of=as_of, ledger_size=0)
        yield from finding_concerns(judged, Lives.of(statements, model), within=within)
    yield from incident_concerns(system, as_of=as_of)
    yield from duty_concerns(model, system, as_of=as_of)
    # Of this system alone: with hundreds, each would go through the slots of all.
    mine = model.model_copy(update={"systems": (system,)})
    begun = beginnings(mine, first_seen(events), as_of=as_of)
    stand = standings(
        mine, arrived(events), as_of=as_of, about_all=desk.about_all, begun=begun
    )  # fmt: skip
    yield from _reports(events, stand, model, system.id, as_of)


def _reports(
    events: Sequence[LedgerEvent], stand: Sequence[Standing], model: OperatingModel,
    system_id: str, as_of: datetime,
) -> Iterator[Concern]:  # fmt: skip
    """Scheduled runs that failed, and reports that did not arrive, with what mends them."""
    failed = tuple(failed_concerns(events, model, system_id, as_of=as_of))
    yield from failed
    remedies = {concern.about: concern.remedy for concern in failed}
    yield from overdue_concerns(stand, model, system_id, remedies=remedies)


def _together(
    root: Path,
    model: OperatingModel,
    as_of: datetime,
    about_all: frozenset[str],
    broken: Broken | None,
) -> _Seen:
    """What is about all systems together, and what in `systems/` is none."""
    late = _late_together(root, model, as_of, about_all)
    if broken is None:
        return _Seen(late, _told_before(root, model, PORTFOLIO, as_of))
    unread = _unread(root, model, PORTFOLIO, broken, as_of)
    return replace(unread, concerns=(*unread.concerns, *late))


def _late_together(
    root: Path, model: OperatingModel, as_of: datetime, about_all: frozenset[str]
) -> tuple[Concern, ...]:
    """Reports of the portfolio that did not arrive, or whose run failed."""
    if not model.settings.schedules:
        return ()
    events, seen_of = tuple[LedgerEvent, ...](), dict[str, datetime]()
    if has_ledger(root, model.settings):
        with open_ledger(root, model.settings, readonly=True) as ledger:
            events = tuple(stored.event for stored in ledger.events(subject=PORTFOLIO))
            # What came first is the beginning of whatever claims tell none of.
            first = next(ledger.events(until=1), None)
            seen_of = first_seen([] if first is None else [first.event])
    none = model.model_copy(update={"systems": ()})
    begun = beginnings(model, seen_of, as_of=as_of)
    stand = standings(none, arrived(events), as_of=as_of, about_all=about_all, begun=begun)
    return tuple(_reports(events, stand, model, PORTFOLIO, as_of))


def _told_before(root: Path, model: OperatingModel, subject: str, as_of: datetime) -> Before:
    if not has_ledger(root, model.settings):
        return NOTHING_TOLD
    with open_ledger(root, model.settings, readonly=True) as ledger:
        return before_of(ledger.statements(subject, words=False), as_of)
