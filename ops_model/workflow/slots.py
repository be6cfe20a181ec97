"""Which scheduled reports arrived, which are owed, and which are overdue at an instant."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ops_model.domain.awaited import lived
from ops_model.domain.evidence import LedgerEvent
from ops_model.domain.operating_model import OperatingModel
from ops_model.domain.portfolio_status import PORTFOLIO
from ops_model.domain.schedules import Schedule, Slot
from ops_model.errors import OpsModelError
from ops_model.workflow.begun import beginnings

if TYPE_CHECKING:
    from ops_model.store.ledger import Ledger

ABOUT_ALL = frozenset({"13_portfolio"})
"""Shipped notebooks about all systems together; a user's own says so by its parameters."""


@dataclass(frozen=True)
class Standing:
    """One slot of a schedule: `arrived`, `owed` until `due_by`, and `overdue` after it."""

    slot: Slot
    due_by: datetime
    state: Literal["arrived", "owed", "overdue"]


@dataclass(frozen=True)
class Sealed:
    """The run that sealed a slot last, and the parameters that were given to it."""

    run_id: str
    given: Mapping[str, Any]


def arrived(events: Iterable[LedgerEvent]) -> frozenset[Slot]:
    """The slots that a finished run sealed; one that repeats another to compare is none."""
    return frozenset(
        Slot(event.as_of, event.subject, str(event.data["notebook"]))
        for event in events
        if event.type == "run.finished"
        and "notebook" in event.data
        and not event.data.get("reproduces")
    )


def standings(
    model: OperatingModel,
    there: AbstractSet[Slot],
    *,
    as_of: datetime,
    about_all: frozenset[str] = ABOUT_ALL,
    begun: Mapping[str, datetime] | None = None,
) -> tuple[Standing, ...]:
    """Every slot that is owed or overdue at an instant, and the latest that arrived, oldest first.

    Of a line without `since`, and a system of which it never sealed anything, only the latest slot
    is to be run; it is overdue once the first that had to come is. What is older than a line's
    `catch_up_days` counts no more, unless it is the latest; nor does what was due before a
    system's first stage, or after it retired.

    Args:
        model: the workbook, with its schedules.
        there: the slots that are sealed, from `arrived`.
        as_of: the instant that judges.
        about_all: the notebooks that run once for all systems together; see `run_together`.
        begun: by system since when reports had to come; by the claims alone by default.
    """
    begun = beginnings(model, {}, as_of=as_of) if begun is None else begun
    sealed: Mapping[tuple[str, str], set[datetime]] = defaultdict(set)
    for slot in there:
        if slot.as_of <= as_of:
            sealed[slot.notebook, slot.system].add(slot.as_of)
    systems = {system.id: system for system in model.systems}
    found: list[Standing] = []
    for line in model.settings.schedules:
        back = recent(line, model.settings.zone, as_of)
        upcoming = next(line.after(as_of, model.settings.zone))
        for system in systems_of(model, line, about_all):
            slots = lived(back, systems.get(system))
            known = sealed.get((line.notebook, system), set())
            if line.since is None and not known:
                found += _never(line, system, slots, upcoming, begun.get(system), as_of)
            else:
                found += _missing(line, system, slots, known, as_of)
            found += _latest(line, system, known, model.settings.zone)
    return tuple(sorted(found, key=lambda one: one.slot))


def systems_of(
    model: OperatingModel, line: Schedule, about_all: frozenset[str] = ABOUT_ALL
) -> tuple[str, ...]:
    """For which systems of the workbook a line runs its notebook."""
    if line.notebook in about_all:
        return (PORTFOLIO,)
    return tuple(system.id for system in model.systems if line.concerns(system.id))


def run_together(root: Path, model: OperatingModel) -> frozenset[str]:
    """The scheduled notebooks that run once for all systems together.

    Each says so by its parameters; one that cannot be read is none.
    """
    from ops_model.notebook.find import notebooks
    from ops_model.workflow.run_about import about_all

    found, known = set(), notebooks(root) if model.settings.schedules else {}
    for line in model.settings.schedules:
        if (path := known.get(line.notebook)) is None:
            continue
        try:
            if about_all(path):
                found.add(line.notebook)
        except OpsModelError:
            continue
    return frozenset(found)


def next_slots(
    model: OperatingModel, line: Schedule, *, after: datetime, many: int = 1
) -> tuple[datetime, ...]:
    """The next instants of a line."""
    return tuple(islice(line.after(after, model.settings.zone), many))


def sealed_slots(ledger: "Ledger", *, subject: str | None = None) -> frozenset[Slot]:
    """The slots that the ledger says are sealed; of one system where it is named.

    Raises:
        LedgerError: it cannot be read.
    """
    return arrived(stored.event for stored in ledger.events(subject=subject))


def recent(line: Schedule, zone: str, as_of: datetime) -> list[datetime]:
    """The slots that a line still catches up with, latest first; the latest in any case."""
    start, found = line.catches_up_from(as_of), list[datetime]()
    for slot in line.back(as_of, zone):
        if found and slot < start:
            break
        found.append(slot)
    return found


def _missing(
    line: Schedule,
    system: str,
    slots: Sequence[datetime],
    sealed: AbstractSet[datetime],
    as_of: datetime,
) -> Iterator[Standing]:
    first = line.since or min(sealed)
    for slot in slots:
        if slot < first:
            return
        if slot not in sealed:
            yield _standing(line, system, slot, line.due_by(slot), as_of)


def _never(
    line: Schedule,
    system: str,
    slots: Sequence[datetime],
    upcoming: datetime,
    begun: datetime | None,
    as_of: datetime,
) -> Iterator[Standing]:
    """The latest slot, of which nothing ever arrived: due by when the first had to be there.

    By its own grace alone, what comes more often than that lasts were never overdue.
    """
    if not slots:
        return
    counted = [slot for slot in slots if begun is not None and slot >= begun]
    first = upcoming if begun is not None and not counted else (counted or slots[:1])[-1]
    yield _standing(line, system, slots[0], line.due_by(first), as_of)


def _standing(
    line: Schedule, system: str, slot: datetime, due_by: datetime, as_of: datetime
) -> Standing:
    state: Literal["owed", "overdue"] = "overdue" if due_by < as_of else "owed"
    return Standing(Slot(slot, system, line.notebook), due_by, state)


def _latest(
    line: Schedule, system: str, sealed: AbstractSet[datetime], zone: str
) -> Iterator[Standing]:
    """The latest slot that arrived; what somebody ran at another instant is none."""
    for instant in sorted(sealed, reverse=True):
        if line.has(instant, zone):
            yield Standing(Slot(instant, system, line.notebook), line.due_by(instant), "arrived")
            return
