"""Who is paged at any instant: layers of turns, overrides, absences and the escalation.

Turns are computed in civil time: a shift that starts on Monday 09:00 starts at 09:00 on both
sides of a clock change, and ends where the next one starts. A civil time that a clock change
skips is read with the offset before it, one that comes twice as the first (RFC 5545, 3.3.5).
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from ops_model.domain.evidence import Measured, Measurement
from ops_model.domain.recurrence import read_recurrence
from ops_model.domain.values import (
    AwareTime,
    CivilTime,
    ClaimFile,
    Days,
    Slug,
    Text,
    Value,
    ZoneName,
    zone,
)  # fmt: skip

Role = Literal["primary", "secondary"]
ROLES: tuple[Role, ...] = ("primary", "secondary")
# No zone is farther than a day from UTC; a second day covers the jump of a date line.
_SLACK = timedelta(days=2)
# Beyond these, civil arithmetic meets the ends of the calendar.
FIRST_YEAR, LAST_YEAR = 1970, 2200


class Shift(Value):
    """A span in which one person holds a role."""

    start: AwareDatetime
    end: AwareDatetime
    person: Slug


class Layer(Value):
    """Turns of one role. `rule` is an RFC 5545 rule whose occurrences start the shifts.

    The rule may use FREQ (DAILY or WEEKLY), INTERVAL, BYDAY, UNTIL and WKST. `starts` is civil
    time in `zone`; the participants take turns in their order from the first occurrence on. A
    shift ends after `shift_hours` of civil time, or where the next one starts.
    """

    id: Slug
    role: Role
    zone: ZoneName
    starts: CivilTime
    rule: Text
    shift_hours: Annotated[int, Field(gt=0, le=24 * 31)]
    participants: Annotated[tuple[Slug, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _rule_is_known(self) -> Self:
        if not FIRST_YEAR <= self.starts.year <= LAST_YEAR:
            msg = f"starts is {self.starts}; expected a year from {FIRST_YEAR} to {LAST_YEAR}"
            raise ValueError(msg)
        try:
            read_recurrence(self.rule, self.starts, self.zone)
        except ValueError as error:
            msg = f"rule {error}"
            raise ValueError(msg) from error
        return self

    def shifts(self, start: datetime, end: datetime) -> Iterator[Shift]:
        """The shifts that overlap [start, end), in order of time; no two of them overlap."""
        length = timedelta(hours=self.shift_hours)
        since = start.astimezone(zone(self.zone)).replace(tzinfo=None) - length - _SLACK
        recurrence = read_recurrence(self.rule, self.starts, self.zone)
        held: Shift | None = None
        for turn, civil in recurrence.since(since):
            begins = self._instant(civil)
            if held is not None:
                yield from _overlapping(held, until=begins, start=start, end=end)
            if begins >= end:
                return
            person = self.participants[turn % len(self.participants)]
            held = Shift(start=begins, end=self._instant(civil + length), person=person)
        if held is not None:
            yield from _overlapping(held, until=held.end, start=start, end=end)

    def _instant(self, civil: datetime) -> datetime:
        return civil.replace(tzinfo=zone(self.zone)).astimezone(UTC)


def _overlapping(
    shift: Shift, *, until: datetime, start: datetime, end: datetime
) -> Iterator[Shift]:
    ends = min(shift.end, until)
    # A clock change can swallow a short shift whole.
    if shift.start < ends and shift.start < end and ends > start:
        yield Shift(start=shift.start, end=ends, person=shift.person)


class _Span(Value):
    """A span of time that a person declares."""

    person: Slug
    start: AwareTime
    end: AwareTime

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end <= self.start:
            msg = f"end {self.end.isoformat()} is not after start {self.start.isoformat()}"
            raise ValueError(msg)
        return self


class Override(_Span):
    """Somebody takes over a role for a while; the override wins over the layers."""

    role: Role


class Absence(_Span):
    """A person cannot be paged."""


class Escalation(Value):
    """Who is paged, and how long the page waits for an answer before it goes on.

    `target` is `primary`, `secondary` or a person id.
    """

    target: Slug
    ack_within_minutes: Annotated[int, Field(gt=0, le=24 * 60)]


@dataclass(frozen=True)
class Roster:
    """Who holds one role within a window: sources of shifts, the strongest first."""

    sources: tuple[tuple[Shift, ...], ...]

    def at(self, instant: datetime) -> Shift | None:
        """The shift in force at `instant`, or None."""
        for shifts in self.sources:
            position = bisect_right(shifts, instant, key=lambda shift: shift.start) - 1
            if position >= 0 and instant < shifts[position].end:
                return shifts[position]
        return None

    def instants(self) -> Iterable[datetime]:
        """Every instant at which the holder may change."""
        return (i for shifts in self.sources for s in shifts for i in (s.start, s.end))


class OnCallRotation(ClaimFile):
    """The file `on_call.yaml`. Where two overrides or layers meet, the first in the file wins.

    `max_consecutive_days` is how long one person may be primary without a break.
    """

    layers: tuple[Layer, ...]
    overrides: tuple[Override, ...] = ()
    absences: tuple[Absence, ...] = ()
    escalation: tuple[Escalation, ...] = ()
    max_consecutive_days: Days = 14
    runbook: Text | None = None

    def roster(self, role: Role, start: datetime, end: datetime) -> Roster:
        """The shifts of one role that matter in [start, end)."""
        overrides = [
            (Shift(start=o.start, end=o.end, person=o.person),)
            for o in self.overrides
            if o.role == role and o.start < end and start < o.end
        ]
        layers = [tuple(x.shifts(start, end)) for x in self.layers if x.role == role]
        return Roster(sources=(*overrides, *layers))

    def paged(self, role: Role, at: datetime) -> str | None:
        """The id of the person who holds `role` at the instant `at`, or None."""
        shift = self.roster(role, at, at + timedelta(seconds=1)).at(at)
        return shift.person if shift is not None else None

    def absent(self, person: str, at: datetime) -> bool:
        """True when the person is declared away at the instant `at`."""
        return any(a.person == person and a.start <= at < a.end for a in self.absences)


class RotaHole(Value):
    """A span in which nobody who can answer would be paged, and why."""

    start: AwareDatetime
    end: AwareDatetime
    role: Role
    why: str


class CoverageMeasurement(Measurement):
    """The rota resolved for every instant of `days` days."""

    kind: Literal["on_call_coverage"] = "on_call_coverage"
    days: int
    covered_share: Measured
    people: tuple[Slug, ...]
    holes: tuple[RotaHole, ...]
    undecidable: tuple[RotaHole, ...] = ()
    primary_now: Slug | None = None
    secondary_now: Slug | None = None
