"""Carrying out the steps of a rollback plan, from the decision until a step fails."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ops_model.domain.rollback import AbortPoint, HttpTarget, RollbackPlan, RollbackStep
from ops_model.drill.commands import filled, run_command
from ops_model.drill.plan_steps import by_target, changes, serving_at, step_name
from ops_model.drill.record import single_timing
from ops_model.drill.scene import LONGEST_WAIT_SECONDS, Scene
from ops_model.drill.seen import Seen, seen
from ops_model.drill.switch import answers_as, says, unlike
from ops_model.drill.switches import TargetSwitch
from ops_model.drill.targets import ANSWER_SECONDS, Server
from ops_model.drill.traffic import Answer, Row, Traffic
from ops_model.drill.way_back import WayBack

HEALTHY_NEEDED = 20
DRAIN_SECONDS = 30


class Steps:
    """The plan as it is carried out, and what came of it.

    Args:
        plan: the plan.
        target: its target.
        scene: the drill's surroundings.
        server: the target's server.
        traffic: what it is asked meanwhile.
        switch: the target's own switch.
        way_back: told of each step before it changes something.
        expected: what each answer holds, by version.
    """

    def __init__(
        self,
        plan: RollbackPlan,
        target: HttpTarget,
        scene: Scene,
        *,
        server: Server,
        traffic: Traffic,
        switch: TargetSwitch,
        way_back: WayBack,
        expected: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self._plan, self._target, self._scene = plan, target, scene
        self._server, self._traffic = server, traffic
        self._switch, self._way_back = switch, way_back
        self._expected = expected
        self._since = 0.0
        self.first_said: Mapping[str, Any] = {}
        self.healthy = False
        self.healthy_at: float | None = None
        self.decided_at = 0.0
        self.abort_point: AbortPoint | None = None
        self.broke_off_at: str | None = None
        self.seen: Seen | None = None

    def carry_out(self) -> None:
        """Go through the plan; the steps after one that failed are not carried out."""
        goal = self._plan.to_version
        self.first_said = says(self._server, self._target)
        self.decided_at = self._since = self._scene.stopwatch()
        for number, _ in enumerate(self._plan.steps, start=1):
            if not self._carry_out_one(number):
                self.broke_off_at = step_name(self._plan, number)
                return
        # A verify says what was so before the steps that came after it.
        last = f"see {goal} serve"
        if not self._look(last, (goal,)):
            self.broke_off_at = last

    def _carry_out_one(self, number: int) -> bool:
        step, name = self._plan.steps[number - 1], step_name(self._plan, number)
        verify = partial(self._look, versions=serving_at(self._plan, number))
        verbs: Mapping[str, Callable[[str], bool]] = {
            "drain": self._drain,
            "verify": verify,
            "announce": self._announce,
        }
        verb = verbs.get(step.kind)
        if changes(step) or (step.run and step.kind == "verify"):
            ok = self._command(number, f"{name} by its command" if verb else name)
        else:
            ok = True
        return ok and (verb is None or verb(name))

    def _command(self, number: int, name: str) -> bool:
        """Take a step that switches, or runs a command of the plan."""
        plan_step, goal = self._plan.steps[number - 1], self._plan.to_version
        self.healthy, self.healthy_at = False, None
        with self._scene.step(name) as step:
            if not changes(plan_step):
                step.detail = "a look: what its command may change is not undone"
            why = self._begin(number, name) or self._take(plan_step)
            if why:
                step.failed(why)
                told = f"the switch to {goal}" if by_target(plan_step) else name
                self._scene.problem(f"{told} failed: {why}")
        self._since = self._scene.stopwatch()
        return step.ok

    def _begin(self, number: int, name: str) -> str:
        """Note what is about to be changed; why it must not be, empty when it may."""
        if not changes(self._plan.steps[number - 1]):
            return ""
        if self.abort_point is None:
            seconds = single_timing(self._scene.stopwatch() - self.decided_at)
            self.abort_point = AbortPoint(step=name, seconds=seconds)
        return self._way_back.begin(number)

    def _take(self, step: RollbackStep) -> str:
        check = self._scene.interruption.check
        if by_target(step):
            return self._switch.to(self._plan.to_version, check)
        return run_command(
            filled(step.run, self._plan.to_version), root=self._scene.root,
            seconds=max(self._left(), 1.0), check=check,
        )  # fmt: skip

    def _left(self) -> float:
        """Seconds until the plan's own limit."""
        limit = min(self._plan.max_seconds, LONGEST_WAIT_SECONDS)
        return max(0.0, limit - (self._scene.stopwatch() - self.decided_at))

    def _drain(self, name: str) -> bool:
        with self._scene.step(name) as step:
            began = self._scene.stopwatch()
            if not self._scene.wait_until(
                lambda: not self._traffic.pending_from_before(began), seconds=DRAIN_SECONDS
            ):
                step.failed(f"requests from before were still open after {DRAIN_SECONDS} s")
                self._scene.problem(step.detail)
        return step.ok

    def _announce(self, name: str) -> bool:
        with self._scene.step(name) as step:
            step.detail = "noted in the journal; a drill tells nobody"
        return True

    def _look(self, name: str, versions: tuple[str, ...]) -> bool:
        """See one of these versions serve now; the target version's health is noted."""
        # Seen healthy before, and nothing was changed since: only new answers say more.
        since = self._scene.stopwatch() if self.healthy else self._since
        rows = {v: row_of(v, self._expected[v], self._traffic, since=since) for v in versions}
        with self._scene.step(name) as step:
            self._scene.wait_until(
                lambda: any(row.complete() for row in rows.values()), seconds=self._patience()
            )
            version = next((v for v, row in rows.items() if row.complete()), versions[-1])
            why = self._why_not(version, rows[version])
            if why:
                limit = min(self._plan.max_seconds, LONGEST_WAIT_SECONDS)
                when = "any more" if self.healthy else f"within {limit} s"
                step.failed(why)
                self._scene.problem(f"{version} was not healthy {when}: {why}")
            else:
                step.detail = f"{version} serves, {self._rests_on()}"
            if version == self._plan.to_version:
                self._note_health(rows[version], why)
        return step.ok

    def _patience(self) -> float:
        """How long is waited for a row; one more look at what was healthy in time is no delay."""
        again = 2 * HEALTHY_NEEDED / self._target.requests_per_second + ANSWER_SECONDS
        return max(self._left(), again if self.healthy else 0.0)

    def _why_not(self, version: str, row: Row[Answer]) -> str:
        if not row.complete():
            return why_broken(row, version, self._expected[version])
        return unlike(self._server, self._target, version)

    def _note_health(self, row: Row[Answer], why: str) -> None:
        if why:
            self.healthy, self.healthy_at = False, None
        elif not self.healthy:
            self.healthy, self.healthy_at = True, row.complete_at
        if self.healthy:
            self.seen = seen(row.row, says(self._server, self._target), self.first_said)

    def _rests_on(self) -> str:
        if self._target.reference:
            return "and each answer is the one that its own file gives"
        return "by the server's own word: the target declares no `reference`"


def row_of(
    version: str, expected: Mapping[str, Any], traffic: Traffic, *, since: float
) -> Row[Answer]:
    """Watches for so many answers in a row by a version that it counts as healthy.

    They answer requests that were sent since that instant: what was under way before says nothing
    of what serves now.
    """
    wanted = {**expected, "version": version}
    return Row(
        traffic.answers, since=since, needed=HEALTHY_NEEDED,
        good=lambda answer: answer.sent >= since and answers_as(answer, wanted),
    )  # fmt: skip


def why_broken(row: Row[Answer], version: str, expected: Mapping[str, Any]) -> str:
    """What the last answer that was not as expected said."""
    bad = row.last_bad
    if bad is None:
        return f"fewer than {HEALTHY_NEEDED} answers in a row came from {version} in time"
    if not bad.acknowledged:
        return f"requests failed: {bad.error or f'status {bad.status}'}"
    for name, value in expected.items():
        if bad.field(name) != value:
            got = bad.field(name)
            return f"answers have {name} {got!r}; {version} itself gives {value!r}"
    return f"answers by {version} came too late"
