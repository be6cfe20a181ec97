"""A scenario of a game day, walked through for one system from the objects alone (S0.4, S1.15).

What was promised stands against what there is: the four hours of the failure, with what becomes
known minute by minute and what the scenario asks beside. The same claims, evidence and instant
give the same walk.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from ops_model.domain.evidence import ClaimRef, Statement
from ops_model.domain.four_hours import walk_of
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.redact import redacted
from ops_model.domain.resolvers import RESOLVERS
from ops_model.domain.scenarios import Inject, Scenario, ScenarioQuestion
from ops_model.domain.system import FailureMode, StrategyClaim
from ops_model.domain.trials import (
    DrillsOnRecord,
    GameDayAnswer,
    GameDayGap,
    GameDayMinutes,
    GameDayPromise,
    GameDayResult,
)
from ops_model.domain.values import claim_digest, zone
from ops_model.domain.walk import FourHours, WalkStep
from ops_model.domain.walk_contain import alike, last_drill
from ops_model.domain.walk_scene import Judging, Scene
from ops_model.errors import UsageError


class GameStep(WalkStep):
    """A step of a game day; `own` is asked by the scenario, beside those of every walk.

    One that is not `asked` does not arise for the system; its answer says why.
    """

    own: bool = False
    asked: bool = True


class GameDay(FourHours):
    """One system's four hours under a scenario.

    `assumed` says what is walked where that is no failure of the scenario's kind, and is empty
    where it is one.
    """

    scenario: Scenario
    steps: tuple[GameStep, ...]
    promises: tuple[GameDayPromise, ...] = ()
    drills: DrillsOnRecord | None = None
    assumed: str = ""

    @property
    def own_gaps(self) -> tuple[GameStep, ...]:
        """The gaps that the scenario's own questions found."""
        return tuple(step for step in self.steps if step.own and not step.ok)

    @property
    def moments(self) -> Iterable[tuple[tuple[Inject, ...], GameStep]]:
        """The steps in their order, each with what becomes known between the one before and it."""
        left = sorted(self.scenario.injects, key=lambda inject: inject.minute)
        for step in self.steps:
            known = tuple(inject for inject in left if inject.minute <= step.minute)
            left = left[len(known) :]
            yield known, step

    def result(
        self,
        *,
        as_of: datetime,
        claims: tuple[ClaimRef, ...],
        zone_name: str = "UTC",
        left_out: tuple[str, ...] = (),
    ) -> GameDayResult:
        """The record of the walk: people by id, and nothing that is not in the objects.

        Its instant is written with the clock of `zone_name`, by which people meet; `left_out` are
        the questions of ours that the workbook's own scenario does not ask in its place.
        """
        return GameDayResult(
            system=self.system,
            as_of=as_of,
            claims=claims,
            scenario=self.scenario.id,
            scenario_digest=claim_digest(self.scenario),
            title=_kept(self.scenario.title),
            prompt=_kept(self.scenario.prompt),
            injects=tuple(
                Inject(minute=one.minute, text=_kept(one.text)) for one in self.scenario.injects
            ),
            failure_mode=self.failure_mode,
            assumed=self.assumed or None,
            at=self.at.astimezone(zone(zone_name)),
            minutes=GameDayMinutes(
                page=self.minutes.page, decide=self.minutes.decide,
                contain=self.minutes.contain, inform=self.minutes.inform,
            ),
            drilled=self.minutes.drilled,
            drills=self.drills,
            steps=len(self.steps),
            answers=tuple(_recorded(step) for step in self.steps),
            gaps=tuple(
                GameDayGap(minute=s.minute, question=_kept(s.question), check=s.check)
                for s in self.steps
                if not s.ok
            ),
            promises=self.promises,
            automatic=tuple(one.name for one in self.automatic if one.failed),
            sentence=_kept(self.sentence),
            left_out=left_out,
        )  # fmt: skip


def walk_scenario(
    model: OperatingModel,
    system: SystemClaims,
    scenario: Scenario,
    at: datetime,
    statements: Sequence[Statement] = (),
    failure_mode: str | None = None,
    *,
    judging: Judging,
) -> GameDay:
    """Walk a system through a scenario.

    Args:
        model: the workbook; its people, policy and portfolio are read.
        system: the system that is tried.
        scenario: what happens, and what is asked beside what is asked of every failure.
        at: the instant of the page, which is T+0.
        statements: what has been shown about the system; those made after `at` are ignored.
        failure_mode: the failure that is walked; by default the first that names the scenario,
            else the first of a kind that the scenario tries.
        judging: how what was shown is weighed.

    Raises:
        UsageError: the scenario does not try such a system, there is no such failure mode, or no
            rota can be resolved for that year.
    """
    _refuse_untried(system, scenario)
    fitting = mode_of(system, scenario)
    chosen = failure_mode if failure_mode is not None else fitting.id if fitting else None
    scene = Scene.of(
        model, system, at=at, statements=statements, judging=judging, failure_mode=chosen
    )
    walk = walk_of(scene)
    steps = [GameStep(**_fields(step)) for step in walk.steps]
    # Sorting keeps the order of equals: what every walk asks comes before the scenario's own.
    steps += [_asked(scene, question) for question in scenario.questions]
    return GameDay(
        **{**_fields(walk), "steps": tuple(sorted(steps, key=lambda step: step.minute))},
        scenario=scenario,
        promises=_promises(scene, scenario, walk),
        drills=_drills(scene),
        assumed=_assumed(scene, scenario),
    )


def mode_of(system: SystemClaims, scenario: Scenario) -> FailureMode | None:
    """The failure that a scenario walks: one that names it, else the first of its kinds."""
    fitting = [mode for mode in system.identity.failure_modes if _fits(mode, scenario)]
    named = [mode for mode in fitting if scenario.id in mode.scenarios]
    return next(iter((*named, *fitting)), None)


def _fits(mode: FailureMode, scenario: Scenario) -> bool:
    return scenario.id in mode.scenarios or mode.kind in scenario.failures


def last_walked(
    statements: Sequence[Statement], scenario_id: str, *, as_of: datetime
) -> GameDayResult | None:
    """The last game day of a scenario on record, whichever failure it walked."""
    days = [
        statement.record
        for statement in statements
        if isinstance(statement.record, GameDayResult)
        and statement.record.scenario == scenario_id
        and statement.as_of <= as_of
    ]
    return max(days, key=lambda day: day.as_of, default=None)


def _fields(walk: FourHours | WalkStep) -> dict[str, object]:
    return {name: getattr(walk, name) for name in type(walk).model_fields}


def _refuse_untried(system: SystemClaims, scenario: Scenario) -> None:
    identity = system.identity
    if scenario.tries(system.id, identity.kind):
        return
    tried = " or ".join(scenario.systems or scenario.kinds)
    raise UsageError(
        f"scenario {scenario.id} tries {tried}; {system.id} is of kind {identity.kind}",
        where=str(scenario.place_of("systems" if scenario.systems else "kinds")),
        remedy=f"`ops-model drill game-day {system.id} --list` shows those that try it",
    )


def _asked(scene: Scene, question: ScenarioQuestion) -> GameStep:
    answer = RESOLVERS[question.resolver](scene)
    return GameStep(
        minute=question.minute, question=question.ask, answer=answer.text, details=answer.details,
        who=answer.who, ok=answer.ok, check=answer.check, looked_at=answer.looked_at,
        own=True, asked=not answer.not_asked,
    )  # fmt: skip


def _assumed(scene: Scene, scenario: Scenario) -> str:
    """What is walked instead; a process fails whatever the model does, so it needs no failure."""
    mode = mode_of(scene.system, scenario)
    kinds = " or ".join(kind.replace("_", " ") for kind in scenario.failures)
    if "process" in scenario.failures or (scene.mode is not None and _fits(scene.mode, scenario)):
        return ""
    if mode is not None and scene.mode is not None:
        return (
            f"the scenario tries {kinds}; what follows walks through {scene.mode.id}, of kind "
            f"{scene.mode.kind.replace('_', ' ')}"
        )
    said = f"system.yaml names no failure of kind {kinds}"
    if scene.mode is None:
        return f"{said}; what follows walks through a wrong answer"
    return f"{said}; what follows walks through {scene.mode.id}"


def _promises(scene: Scene, scenario: Scenario, walk: FourHours) -> tuple[GameDayPromise, ...]:
    """What the strategy promised and this failure breaks, then what the scenario asks about."""
    threatened = scene.mode.threatens if scene.mode is not None else ()
    claims = scene.system.identity.strategy
    broken = [claim for claim in claims if claim.id in threatened]
    asked = [c for c in claims if c.section in scenario.promises and c not in broken]
    after = walk.minutes.contained_after
    until = f"until T+{after:g} min" if after is not None else "and nothing limits for how long"
    return (
        *(_promise(scene.system, claim, f"; broken tonight, {until}") for claim in broken),
        *(_promise(scene.system, claim, "") for claim in asked),
    )


def _promise(system: SystemClaims, claim: StrategyClaim, tonight: str) -> GameDayPromise:
    gone = [mechanism for mechanism in claim.mechanisms if not system.has(mechanism)]
    if gone:
        actual = f"rests on {', '.join(gone)}, and there is no such thing (OM-02)"
    elif claim.mechanisms:
        actual = f"rests on {', '.join(claim.mechanisms)}"
    else:
        actual = "rests on nothing that is named (OM-02)"
    return GameDayPromise(
        claim=claim.id, text=_kept(claim.text), source=_kept(claim.source),
        actual=f"{actual}{tonight}",
        kept=bool(claim.mechanisms) and not gone,
    )  # fmt: skip


def _drills(scene: Scene) -> DrillsOnRecord | None:
    """How often the response was drilled by then, as it is planned today; None where never."""
    found = last_drill(scene)
    drills = alike(scene, found[0]) if found is not None else []
    if not drills:
        return None
    last = max(drills, key=lambda drill: drill.done_at)
    return DrillsOnRecord(
        tried=len(drills),
        passed=sum(drill.passed for drill in drills),
        environment=last.environment,
        last_at=last.done_at,
    )


def _kept(text: str) -> str:
    """The text as a record may hold it: a way to reach a person stays in the claim alone."""
    return redacted(text)[0]


def _recorded(step: GameStep) -> GameDayAnswer:
    return GameDayAnswer(
        minute=step.minute, question=_kept(step.question), answer=_kept(step.answer),
        who=step.who, ok=step.ok, check=step.check or None, own=step.own, asked=step.asked,
    )  # fmt: skip
