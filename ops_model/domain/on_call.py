"""Who is paged at any instant: layers of turns, overrides, absences and the escalation.

Turns are computed in civil time: a shift that starts on Monday 09:00 starts at 09:00 on both
sides of a clock change, and ends where the next one starts. A civil time that a clock change
skips is read with the offset before it, one that comes twice as the first (RFC 5545, 3.3.5).
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from ops_model.domain.decisions import Action
from ops_model.domain.evidence import Measured, Measurement
from ops_model.domain.recurrence import read_recurrence
from ops_model.domain.scalars import AwareTime, CivilTime, Days, Slug, Text, ZoneName
from ops_model.domain.values import Claim, ClaimFile, Value, zone

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


class Layer(Claim):
    """Turns of one role. `rule` is an RFC 5545 rule whose occurrences start the shifts.

    The rule may use FREQ (DAILY or WEEKLY), INTERVAL, BYDAY, UNTIL and WKST. `starts` is civil
    time in `zone`; the participants take turns in their order from the first occurrence on. A
    shift ends after `shift_hours` of civil time, or where the next one starts.
    """

    id: Slug
    role: Role
    zone: ZoneName
    starts: CivilTime
    rule: Text = Field(examples=["FREQ=WEEKLY;BYDAY=MO"])
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


class _Span(Claim):
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


class Escalation(Claim):
    """Who is paged, and how long the page waits for an answer before it goes on.

    `target` is `primary`, `secondary` or a person id.
    """

    target: Slug
    ack_within_minutes: Annotated[int, Field(gt=0, le=24 * 60)]


@dataclass(frozen=True)
class Roster:
    """Who holds one role within a window: shifts as resolved, in order, no two at once."""

    shifts: tuple[Shift, ...]

    @classmethod
    def of(cls, sources: Sequence[Sequence[Shift]]) -> Self:
        """Resolve sources of shifts, the strongest first; a weaker one fills what is left."""
        ranked = sorted(
            ((shift, rank) for rank, shifts in enumerate(sources) for shift in shifts),
            key=lambda pair: pair[0].start,
        )
        instants = sorted({i for shift, _ in ranked for i in (shift.start, shift.end)})
        running: list[tuple[int, int]] = []
        begun = 0
        held: list[tuple[int, datetime, datetime]] = []
        for at, until in pairwise(instants):
            while begun < len(ranked) and ranked[begun][0].start <= at:
                heappush(running, (ranked[begun][1], begun))
                begun += 1
            while running and ranked[running[0][1]][0].end <= at:
                heappop(running)
            if running:
                _prolong(held, running[0][1], at, until)
        return cls(tuple(Shift(start=s, end=e, person=ranked[n][0].person) for n, s, e in held))

    def at(self, instant: datetime) -> Shift | None:
        """The shift in force at `instant`, or None."""
        position = bisect_right(self.shifts, instant, key=lambda shift: shift.start) - 1
        if position >= 0 and instant < self.shifts[position].end:
            return self.shifts[position]
        return None

    def instants(self) -> Iterable[datetime]:
        """Every instant at which the holder may change."""
        return (i for s in self.shifts for i in (s.start, s.end))


def _prolong(
    held: list[tuple[int, datetime, datetime]], number: int, start: datetime, end: datetime
) -> None:
    if held and held[-1][0] == number and held[-1][2] == start:
        held[-1] = (number, held[-1][1], end)
    else:
        held.append((number, start, end))


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
        return Roster.of([*overrides, *layers])

    def paged(self, role: Role, at: datetime) -> str | None:
        """The id of the person who holds `role` at the instant `at`, or None."""
        shift = self.roster(role, at, at + timedelta(seconds=1)).at(at)
        return shift.person if shift is not None else None

    def rostered(self, role: Role, since: datetime) -> tuple[str, ...]:
        """Everybody who holds a role by a layer, or by an override that is not over at `since`."""
        turns = [p for layer in self.layers if layer.role == role for p in layer.participants]
        swaps = [o.person for o in self.overrides if o.role == role and o.end > since]
        return tuple(dict.fromkeys([*turns, *swaps]))

    def absent(self, person: str, at: datetime) -> bool:
        """True when the person is declared away at the instant `at`."""
        return any(a.person == person and a.start <= at < a.end for a in self.absences)


HoleKind = Literal[
    "nobody", "same_person", "absent", "gone",  # nobody who can answer
    "trained", "never_drilled", "too_long",  # somebody answers who should not be the one
    "undecidable",
]  # fmt: skip


class RotaHole(Value):
    """A span in which a page would go wrong, what kind of wrong it is, and why.

    `action` is what nobody may decide, in a span of the kind `undecidable`.
    """

    start: AwareDatetime
    end: AwareDatetime
    role: Role
    why: str
    kind: HoleKind = "nobody"
    action: Action | None = None
    person: Slug | None = None


class CoverageMeasurement(Measurement):
    """The rota resolved for every instant of `days` days.

    In `holes` nobody who can answer is paged. In `weak` spots somebody answers who trained the
    version that serves, never drilled this system, or has been primary for too long. In
    `undecidable` spans nobody may take an urgent action. `people_by_role` names who really holds
    each role, for twelve hours or more in all.
    """

    kind: Literal["on_call_coverage"] = "on_call_coverage"
    days: int
    covered_share: Measured
    people: tuple[Slug, ...]
    people_by_role: Mapping[Role, tuple[Slug, ...]] = {}
    holes: tuple[RotaHole, ...]
    weak: tuple[RotaHole, ...] = ()
    undecidable: tuple[RotaHole, ...] = ()
    primary_now: Slug | None = None
    secondary_now: Slug | None = None
