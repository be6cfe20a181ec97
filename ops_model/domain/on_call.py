"""Who is paged at any instant: layers of turns, overrides, absences and the escalation.

Turns are computed in civil time: a shift that starts on Monday 09:00 starts at 09:00 on both
sides of a clock change, and ends where the next one starts.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr
from pydantic import AwareDatetime, Field, NaiveDatetime, model_validator

from ops_model.domain.evidence import Measured, Measurement
from ops_model.domain.values import AwareTime, Slug, Text, Value, ZoneName, zone

UTC = ZoneInfo("UTC")
Role = Literal["primary", "secondary"]
ROLES: tuple[Role, ...] = ("primary", "secondary")
_ALLOWED_RULE_PARTS = frozenset({"FREQ", "INTERVAL", "BYDAY", "UNTIL", "WKST"})


class Layer(Value):
    """Turns of one role. `rule` is an RFC 5545 rule whose occurrences start the shifts.

    The rule may use FREQ (DAILY or WEEKLY), INTERVAL, BYDAY and UNTIL. `starts` is civil time in
    `zone`; the participants take turns in their order from there.
    """

    id: Slug
    role: Role
    zone: ZoneName
    starts: NaiveDatetime
    rule: Text
    shift_hours: Annotated[int, Field(gt=0, le=24 * 31)]
    participants: Annotated[tuple[Slug, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _rule_is_known(self) -> Self:
        parts = dict(p.partition("=")[::2] for p in self.rule.split(";"))
        if unknown := sorted(set(parts) - _ALLOWED_RULE_PARTS):
            msg = f"rule has {', '.join(unknown)}; expected only FREQ, INTERVAL, BYDAY, UNTIL"
            raise ValueError(msg)
        if parts.get("FREQ") not in {"DAILY", "WEEKLY"}:
            msg = f"rule has FREQ={parts.get('FREQ')}; expected DAILY or WEEKLY"
            raise ValueError(msg)
        try:
            _rule(self.rule, self.starts)
        except (ValueError, TypeError) as error:
            msg = f"rule cannot be read: {error}"
            raise ValueError(msg) from error
        return self

    def shifts(self, start: datetime, end: datetime) -> Iterable["Shift"]:
        """The shifts that overlap [start, end), in order of time."""
        local = zone(self.zone)
        length = timedelta(hours=self.shift_hours)
        first = start.astimezone(local).replace(tzinfo=None) - length - timedelta(days=1)
        last = end.astimezone(local).replace(tzinfo=None) + timedelta(days=1)
        rule = _rule(self.rule, self.starts)
        for turn, civil in enumerate(rule.xafter(self.starts, inc=True)):
            if civil > last:
                break
            if civil < first:
                continue
            begins = civil.replace(tzinfo=local).astimezone(UTC)
            ends = (civil + length).replace(tzinfo=local).astimezone(UTC)
            if ends > start and begins < end:
                yield Shift(
                    start=begins, end=ends, person=self.participants[turn % len(self.participants)]
                )


@lru_cache(maxsize=256)
def _rule(text: str, starts: datetime) -> rrule:
    parsed = rrulestr(text, dtstart=starts, cache=True)
    if not isinstance(parsed, rrule):
        msg = "expected one rule"
        raise TypeError(msg)
    return parsed


class Shift(Value):
    """A span in which one person holds a role."""

    start: AwareDatetime
    end: AwareDatetime
    person: Slug


class Override(Value):
    """Somebody takes over a role for a while; the override wins over the layers."""

    role: Role
    person: Slug
    start: AwareTime
    end: AwareTime


class Absence(Value):
    """A person cannot be paged."""

    person: Slug
    start: AwareTime
    end: AwareTime


class Escalation(Value):
    """Who is paged, and how long the page waits for an answer before it goes on."""

    target: Slug
    ack_within_minutes: Annotated[int, Field(gt=0)]


class OnCallRotation(Value):
    """The file `on_call.yaml`."""

    layers: tuple[Layer, ...]
    overrides: tuple[Override, ...] = ()
    absences: tuple[Absence, ...] = ()
    escalation: tuple[Escalation, ...] = ()
    runbook: Text | None = None

    def paged(self, role: Role, at: datetime) -> str | None:
        """The id of the person who holds `role` at the instant `at`, or None."""
        for override in self.overrides:
            if override.role == role and override.start <= at < override.end:
                return override.person
        for layer in self.layers:
            if layer.role == role:
                for shift in layer.shifts(at, at + timedelta(seconds=1)):
                    if shift.start <= at < shift.end:
                        return shift.person
        return None

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
