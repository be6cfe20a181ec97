"""Who is paged at an instant, who next, who may decide what without asking, who has drilled it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from ops_model.analysis.coverage import measure_coverage
from ops_model.domain.civil import comes, next_civil, skipped_before
from ops_model.domain.decisions import Action
from ops_model.domain.duty import Decider, Duty, window_from
from ops_model.domain.familiarity import last_drilled
from ops_model.domain.four_hours import runbook_of
from ops_model.domain.on_call import ROLES, CoverageMeasurement, Role, Shift
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.values import zone
from ops_model.errors import OpsModelError, UsageError
from ops_model.workflow.ledgers import has_ledger, open_ledger

URGENT_ACTIONS: tuple[Action, ...] = ("rollback", "failover", "override_output", "disable")
"""What may have to be decided at 2am."""

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CIVIL = re.compile(r"(?:(?P<day>[a-z]{3,9})\s+)?(?P<hour>\d{1,2}):(?P<minute>\d{2})")
# A shift lasts 31 days at most, and its end is said.
_DAYS_OF_ONE_SHIFT = 32


@dataclass(frozen=True)
class EscalationStep:
    """One step: whom a page reaches when `after_minutes` went by without an answer."""

    target: str
    person: str | None
    after_minutes: int
    ack_within_minutes: int
    why_not: str


@dataclass(frozen=True)
class Paged:
    """The holder of a role at the instant; `why_not` says why no answer can be expected."""

    shift: Shift | None
    why_not: str

    @property
    def person(self) -> str | None:
        """The id of whoever the rota names, reachable or not."""
        return self.shift.person if self.shift is not None else None


@dataclass(frozen=True)
class Practice:
    """Who has drilled a system and when last, by the ledger.

    `why_unknown` says why that cannot be told, and is empty when it can.
    """

    last: Mapping[str, datetime]
    why_unknown: str = ""

    @classmethod
    def read(cls, root: Path, model: OperatingModel, system_id: str, *, as_of: datetime) -> Self:
        """What the workbook's ledger says by `as_of`; without a ledger no drill is on record.

        A ledger that cannot be read keeps nobody from learning who is paged, so it raises nothing.
        """
        if not has_ledger(root, model.settings):
            return cls({})

        try:
            with open_ledger(root, model.settings, readonly=True) as ledger:
                return cls(last_drilled(ledger.statements(system_id), as_of=as_of))
        except OpsModelError as error:
            return cls({}, f"the ledger cannot be read: {error.problems[0].message}")

    @property
    def drilled(self) -> frozenset[str] | None:
        """Ids of all who have drilled it; None when that is not known."""
        return None if self.why_unknown else frozenset(self.last)

    def said_of(self, person: str) -> str:
        """`last drilled 2013-07-20`, or that it never happened or is not known."""
        if self.why_unknown:
            return f"whether they drilled this system is not known: {self.why_unknown}"
        at = self.last.get(person)
        return "has never drilled this system" if at is None else f"last drilled {at.date()}"


@dataclass(frozen=True)
class OnCallAnswer:
    """The rota and the rights of one system, resolved for one instant."""

    system: str
    at: datetime
    paged: Mapping[Role, Paged]
    escalation: tuple[EscalationStep, ...]
    decides: Mapping[Action, Decider]
    runbook: str | None
    practice: Practice
    coverage: CoverageMeasurement | None = None

    def alone(self, action: Action) -> str | None:
        """The id of the person who may take `action` at once, waiting for nobody."""
        decider = self.decides[action]
        return decider.person if not decider.why_not and decider.consult is None else None

    @property
    def complete(self) -> bool:
        """True when two people can answer, and the days asked for have no hole or weak spot."""
        found = self.coverage
        faults = found is not None and (found.holes or found.undecidable or found.weak)
        return not faults and not any(paged.why_not for paged in self.paged.values())


def who_is_on_call(
    model: OperatingModel,
    system: SystemClaims,
    practice: Practice,
    *,
    at: datetime,
    days: int | None = None,
) -> OnCallAnswer:
    """Who is paged at `at`, who next, and who decides; holes and weak spots of `days` days.

    Raises:
        UsageError: the instant is none that a rota can be resolved for.
    """
    duty = Duty.of(model, system, window_from(at, _DAYS_OF_ONE_SHIFT))
    return OnCallAnswer(
        system=system.id,
        at=at,
        paged={r: Paged(duty.shift(r, at), duty.hole(r, at)) for r in ROLES},
        escalation=_escalation(duty, at),
        decides={action: duty.decider(action, at) for action in URGENT_ACTIONS},
        runbook=runbook_of(system) or None,
        practice=practice,
        coverage=measure_coverage(model, system, as_of=at, days=days, drilled=practice.drilled)
        if days
        else None,
    )


def _escalation(duty: Duty, at: datetime) -> tuple[EscalationStep, ...]:
    steps = []
    minutes = 0
    for step in duty.system.on_call.escalation if duty.system.on_call is not None else ():
        person = duty.named(step.target, at)
        steps.append(
            EscalationStep(
                target=step.target,
                person=person,
                after_minutes=minutes,
                ack_within_minutes=step.ack_within_minutes,
                why_not=duty.unreachable(person, at)
                if person is not None
                else f"nobody is {step.target}",
            )
        )
        minutes += step.ack_within_minutes
    return tuple(steps)


def instant_of(text: str, *, zone_name: str, as_of: datetime) -> datetime:
    """The instant that `text` names.

    `2026-03-07T02:00:00Z` is itself; without a zone it is civil time in `zone_name`. `Sat 02:00`
    and `02:00` are the next such civil time at or after `as_of`.

    Raises:
        UsageError: the text names no instant.
    """
    local = zone(zone_name)
    civil = _CIVIL.fullmatch(text.strip().lower())
    if civil is not None and (found := _next(civil, zone_name, as_of)) is not None:
        return found
    try:
        return _as_written(text, local).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(
            f"--at is {text!r}; expected an instant",
            remedy="write 2026-03-07T02:00:00Z, or 'Sat 02:00' for the next one",
        ) from None


def clock_said(text: str, found: datetime, *, zone_name: str, as_of: datetime) -> str:
    """What a clock change does to an instant that `instant_of` found; empty where it does nothing.

    A civil time may come never on a day, or twice.
    """
    local = zone(zone_name)
    shown = found.astimezone(local)
    clock = f"{shown:%H:%M}"
    if (civil := _CIVIL.fullmatch(text.strip().lower())) is not None:
        days = _days_of(civil)
        skipped = skipped_before(found, weekdays=days, zone_name=zone_name, as_of=as_of)
        if skipped is not None:
            return f"no clock shows {clock} on {skipped}, so it is the next, {shown.date()}"
    elif not comes(_as_written(text, local)):
        return f"no clock shows that time on {shown.date()}; it is taken as {clock}"
    twice = shown.utcoffset() != shown.replace(fold=1 - shown.fold).utcoffset()
    return f"clocks show {clock} twice on {shown.date()}; it is {shown:%H:%M %Z}" if twice else ""


def _as_written(text: str, local: ZoneInfo) -> datetime:
    parsed = datetime.fromisoformat(text.strip())
    return parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=local)


def _next(civil: re.Match[str], zone_name: str, as_of: datetime) -> datetime | None:
    hour, minute = int(civil["hour"]), int(civil["minute"])
    weekdays = _days_of(civil)
    return next_civil(hour, minute, weekdays=weekdays, zone_name=zone_name, as_of=as_of)


def _days_of(civil: re.Match[str]) -> list[int]:
    name = civil["day"]
    return [n for n, day in enumerate(_WEEKDAYS) if name is None or day.startswith(name)]
