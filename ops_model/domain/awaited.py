"""The scheduled report that a reader waits for next, and until when."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ops_model.domain.schedules import Schedule, Slot


@dataclass(frozen=True)
class Awaited:
    """The first slot after the latest report that arrived; overdue from `due_by` on."""

    slot: Slot
    due_by: datetime


def next_slot(line: Schedule, zone: str, *, after: datetime) -> datetime:
    """The first slot of a line after an instant; none before its `since`."""
    if line.since is None or after >= line.since:
        return next(line.after(after, zone))
    early = line.since - timedelta(minutes=1)
    return next(slot for slot in line.after(early, zone) if slot >= line.since)


def first_missing(
    line: Schedule, back: Iterable[datetime], upcoming: datetime, there: Collection[datetime]
) -> datetime:
    """The first slot after the latest that arrived; `upcoming` where that is none of the past.

    Where nothing ever arrived and the line says no `since`, only the latest slot counts, as in
    `workflow.slots`.

    Args:
        line: the schedule.
        back: its slots up to the instant that judges, the latest first.
        upcoming: its first slot after that instant.
        there: the instants whose report arrived.
    """
    first = line.since or min(there, default=None)
    waiting = upcoming
    for slot in back:
        if slot in there or (first is not None and slot < first):
            return waiting
        waiting = slot
        if first is None:
            return waiting
    return waiting


def earliest(found: Iterable[Awaited]) -> Awaited | None:
    """Of several the one that is due first; None of none."""
    return min(found, key=lambda one: (one.due_by, one.slot), default=None)
