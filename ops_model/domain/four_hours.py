"""The next four hours after a mistake that cost a customer money, from the objects alone (S1.35).

A step that the objects do not answer says so, and names the check that finds the gap. What is only
declared says that it was never rehearsed; nothing is made up.
"""

from collections.abc import Sequence
from datetime import date, datetime

from ops_model.domain.by_kind import ByKind
from ops_model.domain.civil import next_civil
from ops_model.domain.decisions import Action
from ops_model.domain.duty import Duty, window_from
from ops_model.domain.evidence import Statement
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.trials import GameDayResult
from ops_model.domain.walk import AutomaticFailure, FourHours, WalkMinutes, WalkStep
from ops_model.domain.walk_contain import ACTION_WORDS, containing, counting_drill
from ops_model.domain.walk_inform import informing
from ops_model.domain.walk_page import first_minutes
from ops_model.domain.walk_scene import Judging, Scene
from ops_model.domain.walk_settle import promise_right, settling

_SATURDAY = 5


def next_night(model: OperatingModel, *, as_of: datetime) -> datetime:
    """The next Saturday 02:00 in the workbook's zone, at or after `as_of`."""
    zone_name = model.settings.zone
    night = next_civil(2, 0, weekdays={_SATURDAY}, zone_name=zone_name, as_of=as_of)
    # A clock change can skip one such hour, and the search looks two weeks ahead.
    return night if night is not None else as_of


def four_hours(
    model: OperatingModel,
    system: SystemClaims,
    *,
    at: datetime,
    judging: Judging,
    statements: Sequence[Statement] = (),
    failure_mode: str | None = None,
) -> FourHours:
    """Walk through the four hours after `at`, each step resolved for its own minute.

    Args:
        model: the workbook; its people and policy are read.
        system: the system that made the mistake.
        at: the instant of the page, which is T+0.
        judging: how what was shown is weighed.
        statements: what has been shown about the system: drills, attestations, measurements.
            Those made after `at` are ignored.
        failure_mode: the failure to walk through; by default the first wrong output that going
            back answers, else the first wrong output.

    Raises:
        UsageError: there is no such failure mode, or no rota can be resolved for that year.
    """
    scene = Scene.of(
        model, system, at=at, statements=statements, judging=judging, failure_mode=failure_mode
    )
    return walk_of(scene)


def steps_of_each(
    model: OperatingModel,
    system: SystemClaims,
    *,
    at: datetime,
    told: ByKind,
    judging: Judging,
) -> list[tuple[WalkStep, ...]]:
    """The steps that `four_hours` has, once for each failure mode of the system.

    What no failure makes another is worked out once.

    Args:
        model: the workbook; its people and policy are read.
        system: the system that made the mistake.
        at: the instant of the page, which is T+0.
        told: what has been shown about the system by that instant.
        judging: how that is weighed.

    Raises:
        UsageError: no rota can be resolved for that year.
    """
    duty = Duty.of(model, system, window_from(at, 1))
    scene = Scene(model, system, at, duty, told, judging, mode=None)
    scenes = scene.of_each([mode.id for mode in system.identity.failure_modes])
    return [_steps(one, one.same(_minutes, one.response)) for one in scenes]


def walk_of(scene: Scene) -> FourHours:
    """Walk through the four hours of a scene."""
    minutes, system = _minutes(scene), scene.system
    steps = _steps(scene, minutes)
    return FourHours(
        system=system.id,
        version=system.identity.version.label,
        at=scene.at,
        failure_mode=scene.mode.id if scene.mode is not None else None,
        happened=_happened(scene),
        response=scene.response,
        runbook=runbook_of(system),
        steps=steps,
        automatic=(_owner_looked_up(scene), _logs_worked_out(steps), _meeting_convened(scene)),
        minutes=minutes,
        walked_on=_walked_on(scene),
    )


def _steps(scene: Scene, minutes: WalkMinutes) -> tuple[WalkStep, ...]:
    return (
        *first_minutes(scene),
        *containing(scene),
        *informing(scene),
        *settling(scene, contained_after=minutes.contained_after),
    )


def _walked_on(scene: Scene) -> date | None:
    """When a game day last walked a step of this failure, whatever it found."""
    modes = {None, scene.mode.id if scene.mode is not None else None}
    walked = scene.latest(GameDayResult, lambda day: day.steps > 0 and day.failure_mode in modes)
    return walked[0].as_of.date() if walked is not None else None


def _happened(scene: Scene) -> str:
    if scene.mode is not None:
        return scene.mode.description
    return "A wrong answer; no failure mode of that kind is described in system.yaml."


def runbook_of(system: SystemClaims) -> str:
    """Where the runbook lies, by the rota, else by the rollback plan, else what documents it.

    Empty when none is named.
    """
    rotation, plan = system.on_call, system.rollback
    named = (
        rotation.runbook if rotation is not None else None,
        plan.runbook if plan is not None else None,
        system.identity.documentation,
    )
    return next((place for place in named if place), "")


def _minutes(scene: Scene) -> WalkMinutes:
    decisions = scene.system.decisions
    right = decisions.right(scene.action) if decisions is not None and scene.action else None
    drill = counting_drill(scene)
    return WalkMinutes(
        page=_until_answered(scene),
        decide=right.max_minutes_to_decide if right is not None else None,
        contain=_containing(scene),
        inform=_informing(scene),
        drilled=drill.seconds if drill is not None else None,
        drilled_in=drill.environment if drill is not None else "",
    )


def _until_answered(scene: Scene) -> float | None:
    """The windows to answer that go by before, and of, the first who can answer."""
    total = 0
    for rung in scene.rungs:
        if rung.ack_within_minutes is None:
            return None
        total += rung.ack_within_minutes
        if rung.person is not None and not rung.why_not:
            return total
    return None


def _containing(scene: Scene) -> float | None:
    plan = scene.system.rollback
    if scene.response == "rollback" and plan is not None and plan.steps:
        return plan.max_seconds / 60
    return None


def _informing(scene: Scene) -> float | None:
    if scene.notice is not None:
        return scene.notice.within_seconds / 60
    path = scene.communication("users")
    return path.within_minutes if path is not None else None


def _owner_looked_up(scene: Scene) -> AutomaticFailure:
    ownership = scene.system.ownership
    owner = ownership.accountable if ownership is not None else None
    if owner is None:
        failed, why = True, "ownership.yaml names nobody"
    elif scene.is_person(owner):
        failed, why = False, f"ownership.yaml names {owner}, who works here"
    else:
        failed, why = True, f"ownership.yaml names {owner}, who is no person that works here"
    return AutomaticFailure(name="owner_looked_up", failed=failed, why=why)


def _logs_worked_out(steps: Sequence[WalkStep]) -> AutomaticFailure:
    logs = next(step for step in steps if step.minute == 10)
    return AutomaticFailure(name="log_access_worked_out", failed=not logs.ok, why=logs.answer)


def _meeting_convened(scene: Scene) -> AutomaticFailure:
    """A decision that nobody on call may take alone or with one other who is awake.

    Each way to stop the harm counts, whether or not the failure of this walk asks for it.
    """
    needed: list[tuple[Action, int]] = [(action, 12) for action in scene.needed]
    needed += [("notify_users", 60), ("restore", 180)]
    promise = promise_right(scene)
    if promise is not None:
        needed.append((promise.action, 120))
    asleep = [
        f"{ACTION_WORDS.get(action, action)}: {reason}"
        for action, minutes in dict(needed).items()
        if (reason := scene.decider(action, minutes).why_not)
    ]
    if scene.action is None:
        asleep.insert(0, "no response is written down, so it has to be talked over")
    if promise is None:
        asleep.append("promise money to a customer: no right has a money limit")
    why = "; ".join(asleep) or "each decision has somebody on call who may take it"
    return AutomaticFailure(name="meeting_convened", failed=bool(asleep), why=why)
