"""Who can answer and who may decide, at any instant of a window.

One resolution serves both the measurement of coverage and the question `who is paged at T?`, so
the two cannot disagree.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Self

from ops_model.domain.decisions import URGENT, Action, DecisionRight
from ops_model.domain.on_call import (
    FIRST_YEAR,
    LAST_YEAR,
    ROLES,
    HoleKind,
    OnCallRotation,
    Role,
    Roster,
    Shift,
)  # fmt: skip
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.people import Person
from ops_model.domain.values import Window, zone
from ops_model.errors import UsageError

_MOST_DAYS = 3660


def window_from(start: datetime, days: int) -> Window:
    """The `days` times 24 hours from `start`.

    Raises:
        UsageError: not a span that a rota can be resolved for.
    """
    if not FIRST_YEAR <= start.year < LAST_YEAR:
        raise UsageError(
            f"a rota cannot be resolved from {start.isoformat()} on; expected a year from "
            f"{FIRST_YEAR} to {LAST_YEAR - 1}",
            remedy="name an instant such as 2026-03-01T02:00:00Z",
        )
    if not 1 <= days <= _MOST_DAYS:
        raise UsageError(
            f"a rota cannot be resolved for {days} days; expected 1 to {_MOST_DAYS}",
            remedy="name a number of days such as 91",
        )
    # Twenty-four hours are twenty-four hours only in UTC.
    begins = start.astimezone(UTC)
    return Window(start=begins, end=begins + timedelta(days=days))


def urgent_actions(system: SystemClaims) -> tuple[Action, ...]:
    """What somebody on call has to be able to decide at every instant.

    What depends on nothing has nothing to fail over to.
    """
    return tuple(a for a in URGENT if a != "failover" or system.identity.dependencies)


@dataclass(frozen=True)
class Decider:
    """Who takes an action at an instant.

    `person` decides; `consult` is who must agree or be asked first, None when nobody need be.
    `why_not` says why nobody can decide at that instant, and is empty when somebody can.
    `stands_in_for` is the holder of the right, where it is the backup who decides.
    """

    person: str | None = None
    consult: str | None = None
    why_not: str = ""
    stands_in_for: str | None = None


@dataclass(frozen=True)
class Fault:
    """What is wrong with whoever a page reaches, or that it reaches nobody."""

    kind: HoleKind
    why: str
    person: str | None = None


@dataclass(frozen=True)
class Duty:
    """One system's rota in a window, with the people and the rights that it names."""

    system: SystemClaims
    people: dict[str, Person]
    window: Window

    @classmethod
    def of(cls, model: OperatingModel, system: SystemClaims, window: Window) -> Self:
        """The duty of one system of a workbook."""
        return cls(system, {p.id: p for p in model.people.people}, window)

    @cached_property
    def _rosters(self) -> dict[Role, Roster]:
        rotation = self.system.on_call or OnCallRotation(layers=())
        return {r: rotation.roster(r, self.window.start, self.window.end) for r in ROLES}

    def shifts(self, role: Role) -> tuple[Shift, ...]:
        """The shifts of one role as resolved; the first and last may reach beyond the window."""
        return self._rosters[role].shifts

    def shift(self, role: Role, at: datetime) -> Shift | None:
        """The shift in force, whether or not its holder can answer."""
        return self._rosters[role].at(at)

    def paged(self, role: Role, at: datetime) -> str | None:
        """The id of the person whom the rota pages."""
        shift = self.shift(role, at)
        return shift.person if shift is not None else None

    def unreachable(self, person_id: str, at: datetime) -> str:
        """Why this person cannot answer a page at `at`; empty when nothing is known against it."""
        return self._barred(person_id, at)[1]

    def _barred(self, person_id: str, at: datetime) -> tuple[HoleKind, str]:
        person = self.people.get(person_id)
        if person is None:
            return "gone", "is nobody in people.yaml"
        day = at.astimezone(zone(person.zone)).date()
        if day < person.active_from:
            return "gone", f"works here only from {person.active_from}"
        if not person.active_on(day):
            return "gone", f"left on {person.active_to}"
        if self.system.on_call is not None and self.system.on_call.absent(person_id, at):
            return "absent", "is away"
        return "absent", ""

    def hole(self, role: Role, at: datetime) -> str:
        """Why nobody answers as `role` at `at`; empty when somebody does."""
        fault = self.fault(role, at)
        return fault.why if fault is not None else ""

    def fault(self, role: Role, at: datetime) -> Fault | None:
        """What keeps a page to `role` from being answered at `at`; None when nothing does."""
        person = self.paged(role, at)
        if person is None:
            reason = "" if self.system.on_call is not None else ": there is no on_call.yaml"
            return Fault("nobody", f"nobody is {role}{reason}")
        kind, reason = self._barred(person, at)
        if reason:
            return Fault(kind, f"{person} is {role} and {reason}", person)
        if role == "secondary" and person == self.paged("primary", at):
            return Fault("same_person", f"{person} is primary and secondary at once", person)
        return None

    def named(self, name: str, at: datetime) -> str | None:
        """The id behind `name`, which is a role or a person; None when nobody has the role."""
        role = next((role for role in ROLES if role == name), None)
        return self.paged(role, at) if role is not None else name

    def answering(self, name: str, at: datetime) -> str | None:
        """The id of whoever `name` (a role or a person) is, if on call and able to answer."""
        person = self.named(name, at)
        if person is None or self.unreachable(person, at):
            return None
        # Whoever has a role is on call by that.
        return person if name in ROLES or self._pages(person, at) else None

    def _pages(self, person: str, at: datetime) -> bool:
        return any(self.paged(role, at) == person for role in ROLES)

    def decider(self, action: Action, at: datetime) -> Decider:
        """Who may take `action` at `at`, by the rota: the holder, else the backup.

        A holder who is named as a person counts while on call; nobody else is awake.
        """
        if (action, at) not in self._deciders:
            self._deciders[action, at] = self._decider(action, at)
        return self._deciders[action, at]

    # A walk through one night asks for the same few again in each step, and for each failure.
    @cached_property
    def _deciders(self) -> dict[tuple[Action, datetime], Decider]:
        return {}

    def _decider(self, action: Action, at: datetime) -> Decider:
        decisions = self.system.decisions
        right = decisions.right(action) if decisions is not None else None
        if right is None:
            return Decider(why_not=f"decisions.yaml gives nobody the right {action}")
        names = [name for name in (right.holder, right.backup) if name is not None]
        able = [(name, p) for name in names if (p := self.answering(name, at)) is not None]
        if not able:
            return Decider(why_not=f"{' and '.join(names)}: not on call, or cannot answer")
        name, person = able[0]
        holder = right.holder if name != right.holder else None
        if right.needs_nobody_else:
            return Decider(person, stands_in_for=holder)
        consult = self._consulted(right, person, at)
        if consult is None:
            asked = " or ".join(right.approvers) or "somebody"
            verb = "ask" if right.autonomy == "consult_one" else "have the approval of"
            why_not = f"{name} must {verb} {asked}, who is not on call"
            return Decider(person, why_not=why_not, stands_in_for=holder)
        return Decider(person, consult, stands_in_for=holder)

    def _consulted(self, right: DecisionRight, person: str, at: datetime) -> str | None:
        names = right.approvers
        if not names and right.autonomy == "consult_one":
            names = ROLES
        reachable = (self.answering(name, at) for name in names)
        return next((p for p in reachable if p not in {None, person}), None)

    def instants(self) -> list[datetime]:
        """Every instant of the window at which an answer may change, its ends included."""
        inside = {i for i in self._changes() if self.window.start < i < self.window.end}
        return [self.window.start, *sorted(inside), self.window.end]

    def _changes(self) -> Iterator[datetime]:
        for roster in self._rosters.values():
            yield from roster.instants()
        for absence in self.system.on_call.absences if self.system.on_call else ():
            yield from (absence.start, absence.end)
        # A day's slack on both sides: midnight in a person's zone is never farther from UTC.
        first = self.window.start.date() - timedelta(days=2)
        last = self.window.end.date() + timedelta(days=1)
        for person in self.people.values():
            if first <= person.active_from <= last:
                yield _midnight(person.active_from, person.zone)
            if person.active_to is not None and first <= person.active_to <= last:
                yield _midnight(person.active_to + timedelta(days=1), person.zone)


def _midnight(day: date, zone_name: str) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone(zone_name)).astimezone(UTC)
