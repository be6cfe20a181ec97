"""Which scheduled reports arrived, which are owed, and which are overdue at an instant."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Literal

from ops_model.domain.evidence import LedgerEvent
from ops_model.domain.operating_model import OperatingModel
from ops_model.domain.portfolio_status import PORTFOLIO
from ops_model.domain.schedules import Schedule, Slot

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


def arrived(events: Iterable[LedgerEvent]) -> frozenset[Slot]:
    """The slots that a finished run sealed; one that repeats another to compare is none."""
    return frozenset(
        Slot(event.as_of, event.subject, str(event.data["notebook"]))
        for event in events
        if event.type == "run.finished" and not event.data.get("reproduces")
    )


def standings(
    model: OperatingModel,
    there: frozenset[Slot],
    *,
    as_of: datetime,
    about_all: frozenset[str] = ABOUT_ALL,
) -> tuple[Standing, ...]:
    """Every slot that is owed or overdue at an instant, and the latest that arrived, oldest first.

    Of a line and a system whose first slot is not known (no `since`, nothing sealed) only the
    latest slot counts.

    Args:
        model: the workbook, with its schedules.
        there: the slots that are sealed, from `arrived`.
        as_of: the instant that judges.
        about_all: the notebooks that run once for all systems together.
    """
    sealed: Mapping[tuple[str, str], set[datetime]] = defaultdict(set)
    for slot in there:
        if slot.as_of <= as_of:
            sealed[slot.notebook, slot.system].add(slot.as_of)
    found = [
        standing
        for line in model.settings.schedules
        for system in systems_of(model, line, about_all)
        for standing in _of_line(model, line, system, sealed[line.notebook, system], as_of)
    ]
    return tuple(sorted(found, key=lambda one: one.slot))


def systems_of(
    model: OperatingModel, line: Schedule, about_all: frozenset[str] = ABOUT_ALL
) -> tuple[str, ...]:
    """For which systems a line runs its notebook."""
    if line.notebook in about_all:
        return (PORTFOLIO,)
    return line.systems or tuple(system.id for system in model.systems)


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


def _of_line(
    model: OperatingModel, line: Schedule, system: str, sealed: set[datetime], as_of: datetime
) -> Iterator[Standing]:
    first = line.since or min(sealed, default=None)
    latest: datetime | None = None
    for slot in line.back(as_of, model.settings.zone):
        if first is not None and slot < first:
            return
        due_by = line.due_by(slot)
        if slot in sealed:
            if latest is None:
                latest = slot
                yield Standing(Slot(slot, system, line.notebook), due_by, "arrived")
        else:
            state: Literal["owed", "overdue"] = "overdue" if due_by < as_of else "owed"
            yield Standing(Slot(slot, system, line.notebook), due_by, state)
        if first is None:
            return
