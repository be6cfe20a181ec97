"""The scheduled report that a reader waits for next, and until when."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ops_model.domain.operating_model import SystemClaims
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


def lived(slots: Sequence[datetime], system: SystemClaims | None) -> Sequence[datetime]:
    """Those at which there was something to report of; all of them where no history is told."""
    history = system.identity.stage_history if system is not None else ()
    if system is None or not history:
        return slots
    return [slot for slot in slots if system.identity.stage_at(slot) not in {None, "retired"}]


def first_missing(
    back: Iterable[datetime],
    upcoming: datetime | None,
    there: Collection[datetime],
    *,
    first: datetime | None,
) -> datetime | None:
    """The first slot after the latest that arrived; `upcoming` where that is none of the past.

    Args:
        back: the slots of a line up to the instant that judges, the latest first.
        upcoming: its first slot after that instant; None where none is to come.
        there: the instants whose report arrived.
        first: nothing before it counts; without it only the latest slot.
    """
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
