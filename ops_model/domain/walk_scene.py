"""What a walk of four hours starts from: the instant, the failure, the rota and the evidence."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Self, TypeVar

from ops_model.domain.access import AccessShown, last_shown
from ops_model.domain.by_kind import ByKind
from ops_model.domain.decisions import Action, CommunicationPath
from ops_model.domain.duty import Decider, Duty, urgent_actions, window_from
from ops_model.domain.evidence import AccessAction, Attestation, Record, Statement
from ops_model.domain.fallback import FallbackPath, UserNotice
from ops_model.domain.incidents import Incident
from ops_model.domain.limits import limit_of
from ops_model.domain.monitors_shown import Lately
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.signals import Signals
from ops_model.domain.signals_logged import Log
from ops_model.domain.signals_watched import Monitor, Playbook
from ops_model.domain.system import FailureMode, Response
from ops_model.domain.trials import AccessDrill
from ops_model.domain.values import Where, zone
from ops_model.errors import UsageError

R = TypeVar("R", bound=Record)
T = TypeVar("T")

ACTIONS: Mapping[Response, Action] = {
    "rollback": "rollback",
    "fallback": "failover",
    "override_output": "override_output",
    "disable": "disable",
    "rule": "edge_case",
    "retrain": "retrain",
}
"""The right that each response takes."""
NOBODY = "nobody is named"
"""How a walk says that the objects name nobody for a thing."""
_CONTAINING: tuple[Response, ...] = ("rollback", "fallback", "override_output", "disable")
"""What stops the harm tonight; a rule and a new training only keep it from coming back."""


@dataclass(frozen=True)
class Rung:
    """One step of the escalation. `why_not` says why nobody answers there."""

    target: str
    person: str | None
    ack_within_minutes: int | None
    why_not: str


@dataclass(frozen=True)
class Judging:
    """How what was shown is weighed, by the rule of the checks and of nobody else.

    `as_of` is the instant that judges. `why_short` says of a ledger entry and a check why the
    entry shows less than that check asks for, as of a drill of an earlier text; empty where it
    shows enough.
    """

    as_of: datetime
    why_short: Callable[[Where, str], str]


@dataclass(frozen=True)
class Scene:
    """One system at the instant at which something goes wrong.

    `told` is what had been shown by then; `mode` is the failure that is walked through.
    """

    model: OperatingModel
    system: SystemClaims
    at: datetime
    duty: Duty
    told: ByKind
    judging: Judging
    mode: FailureMode | None
    _night: dict[tuple[object, ...], Any] = field(default_factory=dict, compare=False, repr=False)
    _unshown: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(
        cls,
        model: OperatingModel,
        system: SystemClaims,
        *,
        at: datetime,
        statements: Sequence[Statement],
        judging: Judging,
        failure_mode: str | None,
    ) -> Self:
        """The scene of one failure mode.

        Without one it is a wrong output: the first that going back answers, else the first.

        Raises:
            UsageError: the system has no such failure mode, or the instant is none for a rota.
        """
        duty = Duty.of(model, system, window_from(at, 1))
        told = ByKind([s for s in statements if s.as_of <= at])
        return cls(model, system, at, duty, told, judging, _mode(system, failure_mode))

    def of_each(self, failure_modes: Sequence[str]) -> Iterator[Self]:
        """The scene of each of several failures; rota and evidence are worked out once."""
        return (replace(self, mode=_mode(self.system, mode)) for mode in failure_modes)

    def same(self, work: Callable[["Scene"], T], *of_failure: Hashable) -> T:
        """What only these things of a failure make another; it is worked out once for all alike.

        With none of them no failure makes it another.
        """
        key = (work, *of_failure)
        if key not in self._night:
            self._night[key] = work(self)
        found: T = self._night[key]
        return found

    @property
    def statements(self) -> tuple[Statement, ...]:
        """What had been shown by then."""
        return self.told.all

    def after(self, minutes: int) -> datetime:
        """The instant so many minutes later."""
        return self.at + timedelta(minutes=minutes)

    def latest(
        self, kind: type[R], matching: Callable[[R], bool] | None = None
    ) -> tuple[R, Where] | None:
        """The newest record of a class, with its place on the ledger."""
        for statement in self.told.newest_first(kind):
            record = statement.record
            if isinstance(record, kind) and (matching is None or matching(record)):
                return record, statement.place
        return None

    def all(
        self, kind: type[R], matching: Callable[[R], bool] | None = None
    ) -> list[tuple[R, Where]]:
        """Every record of a class, with its place on the ledger."""
        return [
            (s.record, s.place)
            for s in self.told.of(kind)
            if isinstance(s.record, kind) and (matching is None or matching(s.record))
        ]

    @property
    def rungs(self) -> tuple[Rung, ...]:
        """The escalation at the instant; primary and secondary where none is declared."""
        return self.same(_rungs)

    @cached_property
    def responder(self) -> str | None:
        """The id of the first person whom the page reaches and who can answer."""
        return next((r.person for r in self.rungs if r.person and not r.why_not), None)

    def shown_access(self, person: str, action: AccessAction) -> AccessShown | None:
        """The last that is known of a person and a thing that takes their own access."""
        told = self.told.of(Attestation, AccessDrill)
        return last_shown(told, person, action, as_of=self.at)

    @cached_property
    def response(self) -> Response | None:
        """What is done first: what stops the harm tonight, before all else that is named."""
        if self.mode is None:
            return "rollback"
        named = self.mode.respond_by
        stops = [response for response in named if response in _CONTAINING]
        return next(iter((*stops, *named)), None)

    @property
    def action(self) -> Action | None:
        """The right that the response takes."""
        return ACTIONS[self.response] if self.response is not None else None

    def decider(self, action: Action, minutes: int) -> Decider:
        """Who may take an action so many minutes later."""
        return self.duty.decider(action, self.after(minutes))

    @property
    def needed(self) -> tuple[Action, ...]:
        """What has to be decidable at once: the response, and each urgent way to stop the harm.

        The failure of the night may be another than the one that is walked through.
        """
        first = (self.action,) if self.action is not None else ()
        others = (a for a in urgent_actions(self.system) if a != "override_output")
        return tuple(dict.fromkeys((*first, *others)))

    @property
    def signals(self) -> Signals:
        """What is logged and watched; empty where there is no such file."""
        return self.system.signals or Signals()

    @cached_property
    def monitors(self) -> tuple[Monitor, ...]:
        """What would notice the failure; without one, what watches the quality of answers."""
        if self.mode is None:
            return self.signals.of("output_quality")
        return tuple(m for m in self.signals.monitors if m.id in self.mode.detect_by)

    def why_not_shown(self, monitor: Monitor) -> str:
        """Why nothing on record shows that a monitor runs; empty where something does."""
        if monitor.id not in self._unshown:
            # Nobody knows yet what is going to be measured before the night of the walk.
            at = min(self.at, self.judging.as_of)
            lately = Lately(self.system, self.told, at, self.model.policy)
            self._unshown[monitor.id] = lately.why_not(monitor)
        return self._unshown[monitor.id]

    def why_short(self, place: Where, check: str) -> str:
        """Why a ledger entry shows less than a check asks for; empty where it shows enough."""
        return self.judging.why_short(place, check)

    @cached_property
    def served(self) -> Log | None:
        """The log of what was served: the one that is watched, before any other."""
        watched = [self.signals.log(m.log) for m in self.monitors]
        logs = (*watched, *self.signals.logs)
        return next((log for log in logs if log is not None and log.served), None)

    @cached_property
    def playbook(self) -> Playbook | None:
        """What to do in the first quarter of an hour."""
        named = {m.playbook for m in self.monitors}
        return next((p for p in self.signals.playbooks if p.id in named), None)

    @cached_property
    def way_on(self) -> FallbackPath | None:
        """The first fallback that is more than waiting."""
        plan = self.system.fallback
        paths = plan.paths if plan is not None else ()
        return next((p for p in paths if p.kind != "wait"), None)

    def communication(self, audience: str) -> CommunicationPath | None:
        """How one audience is told, or None when nobody wrote it down."""
        decisions = self.system.decisions
        paths = decisions.communication if decisions is not None else ()
        return next((p for p in paths if p.audience == audience), None)

    def is_person(self, person_id: str | None) -> bool:
        """True when the id is that of a person who works here at the instant."""
        person = self.duty.people.get(person_id or "")
        return person is not None and person.active_on(
            self.at.astimezone(zone(person.zone)).date()
        )

    @cached_property
    def last_incident(self) -> Incident | None:
        """The latest incident of the failure that is walked through; of any, where none is."""
        mode = self.mode.id if self.mode is not None else None
        known = [
            incident
            for incident in self.system.incidents
            if incident.detected_at <= self.at and mode in {None, incident.failure_mode}
        ]
        return max(known, key=lambda i: i.detected_at, default=None)

    @property
    def notice(self) -> UserNotice | None:
        """What the fallback tells users; of no use while something else is the response."""
        if self.response != "fallback" or self.way_on is None:
            return None
        return self.way_on.user_notice

    def max_age_days(self, check: str, default: tuple[int, int, int]) -> int:
        """How old a drill may be: the policy's threshold of the check, or the default by tier."""
        tier = self.system.identity.tier
        return int(limit_of(self.model.policy, tier, check, "max_age_days", default))

    def place(self, attribute: str) -> Where:
        """The file of an area, whether or not it is there."""
        found = getattr(self.system, attribute)
        return found.where if found is not None else self.system.missing_file(attribute)


def _rungs(scene: Scene) -> tuple[Rung, ...]:
    rotation = scene.system.on_call
    declared = rotation.escalation if rotation is not None else ()
    steps: list[tuple[str, int | None]] = [(e.target, e.ack_within_minutes) for e in declared]
    steps = steps or [("primary", None), ("secondary", None)]
    return tuple(_rung(scene, target, ack) for target, ack in steps)


def _rung(scene: Scene, target: str, ack: int | None) -> Rung:
    person = scene.duty.named(target, scene.at)
    if person is None:
        return Rung(target, None, ack, f"nobody is {target}")
    return Rung(target, person, ack, scene.duty.unreachable(person, scene.at))


def _mode(system: SystemClaims, wanted: str | None) -> FailureMode | None:
    modes = system.identity.failure_modes
    if wanted is None:
        wrong = [m for m in modes if m.kind in {"wrong_output", "unsafe_output"}]
        back = [m for m in wrong if "rollback" in m.respond_by]
        return next(iter((*back, *wrong)), None)
    found = next((m for m in modes if m.id == wanted), None)
    if found is None:
        ids = ", ".join(m.id for m in modes) or "none yet"
        raise UsageError(
            f"{system.id} has no failure mode {wanted!r}",
            where=str(system.identity.place_of("failure_modes")),
            remedy=f"name one that it has: {ids}",
        )
    return found


def alone_or_with(decider: Decider) -> str:
    """How somebody decides: `, alone`, `, with bo-li`, and as whose stand-in."""
    whom = f", with {decider.consult}" if decider.consult is not None else ", alone"
    holder = decider.stands_in_for
    return f"{whom}, as the stand-in of {holder}" if holder is not None else whom


def days_before(days: int) -> str:
    """`1 day before`, `10 days before`."""
    return "1 day before" if days == 1 else f"{days} days before"


def span(minutes: int) -> str:
    """`30 min`, `3 h`, `2 days`: in the largest unit that it fills without a rest."""
    for size, unit in ((24 * 60, "days"), (60, "h")):
        if minutes >= 2 * size and minutes % size == 0:
            return f"{minutes // size} {unit}"
    return f"{minutes} min"
