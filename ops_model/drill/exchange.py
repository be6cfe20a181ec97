"""Rehearsing a forced exchange: the pinned model is retired under traffic, the successor serves.

The vendor is a stand-in, which serves any model but the one that is retired; the client is the
user's own. What an answer says of its model is not taken: the stand-in marks it.
"""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ops_model.domain.change import SwapPlan
from ops_model.drill.commands import run_command, shown
from ops_model.drill.record import single_timing
from ops_model.drill.rehearsed_client import Client, Reply, start_client, wrong_with
from ops_model.drill.scene import LONGEST_WAIT_SECONDS, Scene, wait_until
from ops_model.drill.stand_in import StandIn, start_stand_in
from ops_model.drill.traffic import Row
from ops_model.drill.vendor import RETIRED
from ops_model.errors import DrillError

IN_A_ROW = 20
"""So many answers of a model running, and it serves."""
WARM_UP_SECONDS = 30
RETURN_SECONDS = 60
SWITCH_SECONDS = 300
SLACK_SECONDS = 2


def refuse_unrehearsable(plan: SwapPlan, pinned: str | None) -> str:
    """The pinned model, where its exchange can be rehearsed as planned.

    Raises:
        DrillError: nobody wrote which model is agreed, it is another than the plan's client asks
            for, or it is to be exchanged for itself.
    """
    where = str(plan.where)
    if pinned is None:
        raise DrillError(
            f"nobody wrote which model of {plan.dependency} is agreed", where=where,
            remedy=f"write `pinned_id` of {plan.dependency} in system.yaml",
        )  # fmt: skip
    asked = plan.rehearsed_on.model
    if asked != pinned:
        raise DrillError(
            f"the client asks for {asked}, and {pinned} is agreed with {plan.dependency}",
            where=str(plan.rehearsed_on.place_of("model")),
            remedy=f"write `model: {pinned}` under `rehearsed_on`, or correct `pinned_id`",
        )  # fmt: skip
    if plan.to_model == pinned:
        raise DrillError(
            f"{pinned} is to be exchanged for itself", where=str(plan.place_of("to_model")),
            remedy="name under `to_model` the model that is to serve when it is retired",
        )  # fmt: skip
    return pinned


def rehearse(plan: SwapPlan, scene: Scene) -> dict[str, Any]:
    """Retire the pinned model, let the successor serve, and return; the fields of `SwapDrill`.

    Raises:
        DrillError: it could not be carried out; the client asks for the pinned model again, or the
            message says what is left to do.
        BrokenOffError: the word to break off came; the same holds.
    """
    return _Exchange(plan, scene).carry_out()


def put_back(plan: SwapPlan, *, root: Path, drill_id: str) -> str:
    """Let the client ask for the pinned model again; why that failed, empty when it did not.

    Only a command of the plan leaves something changed: what a request says ends with the drill.
    """
    if not plan.switch:
        return ""
    target, pinned = plan.rehearsed_on, plan.rehearsed_on.model
    if why := _switched(plan, pinned, root, lambda: None):
        return why
    stand_in = start_stand_in(
        root=root, drill_id=drill_id, check=lambda: None, ports=target.ports
    )  # fmt: skip
    try:
        client = start_client(
            target, stand_in, root=root, drill_id=drill_id, clock=time.monotonic,
            check=lambda: None,
        )  # fmt: skip
        try:
            questions = _Questions(client, f"{drill_id}-return", target.requests_per_second)
            return _seen(questions, pinned, since=0.0)
        finally:
            client.stop()
    finally:
        stand_in.stop()


def by_hand(plan: SwapPlan) -> str:
    """How somebody lets the pinned model serve by hand."""
    if not plan.switch:
        return "let the client ask for the pinned model by hand"
    return f"run {shown(_filled(plan, plan.rehearsed_on.model))} by hand"


class _Questions:
    """Asks at a steady rate, whatever comes back; every reply as it comes."""

    def __init__(self, client: Client, prefix: str, per_second: float) -> None:
        self.client = client
        self.replies: list[Reply] = []
        self._prefix = prefix
        self._every = 1 / per_second
        self._stopped = threading.Event()
        self._asked = 0
        threading.Thread(target=self._run, daemon=True).start()

    def stop(self, patience: float) -> None:
        """Ask no more, and wait for what was asked."""
        self._stopped.set()
        wait_until(lambda: len(self.replies) >= self._asked, patience, time.monotonic, time.sleep)

    def _run(self) -> None:
        due = time.monotonic()
        while not self._stopped.wait(max(0.0, due - time.monotonic())):
            due += self._every
            self._asked += 1
            request_id = f"{self._prefix}-{self._asked}"
            # One client for each question: the model that it names may change meanwhile.
            threading.Thread(target=self._ask, args=(self.client, request_id), daemon=True).start()

    def _ask(self, client: Client, request_id: str) -> None:
        self.replies.append(client.ask(request_id))


class _Exchange:
    """One rehearsal from its first step to its last."""

    def __init__(self, plan: SwapPlan, scene: Scene) -> None:
        self.plan, self.target, self.scene = plan, plan.rehearsed_on, scene
        self.pinned = self.target.model
        self.retired_at = self.decided_at = 0.0
        self.first_at: float | None = None
        self.healthy_at: float | None = None
        self.returned = False

    def carry_out(self) -> dict[str, Any]:
        check = self.scene.interruption.check
        with self.scene.step("start the vendor's stand-in"):
            self.stand_in = start_stand_in(
                root=self.scene.root, drill_id=self.scene.drill_id, check=check,
                ports=self.target.ports,
            )  # fmt: skip
        try:
            with self.scene.step("find the client" if self.target.url else "start the client"):
                self.client = self._started(self.stand_in, check)
            self.questions = _Questions(
                self.client, self.scene.drill_id, self.target.requests_per_second
            )
            try:
                self._see_the_pinned_model()
                self._exchange()
            finally:
                self.questions.stop(2 * self.target.patience_seconds + SLACK_SECONDS)
                self.client.stop()
        finally:
            self.stand_in.stop()
        return self._result()

    def _started(self, stand_in: StandIn, check: Callable[[], None]) -> Client:
        return start_client(
            self.target, stand_in, root=self.scene.root, drill_id=self.scene.drill_id,
            clock=self.scene.stopwatch, check=check,
        )  # fmt: skip

    def _see_the_pinned_model(self) -> None:
        """Answers of the pinned model under traffic, before anything is changed.

        Raises:
            DrillError: there are none; nothing was changed.
        """
        with self.scene.step(f"see answers of {self.pinned}"):
            row = _row(self.questions, self.pinned, since=0.0)
            if not self.scene.wait_until(row.complete, seconds=WARM_UP_SECONDS):
                raise DrillError(
                    f"before the drill {_said(row.last_bad)}; nothing was changed",
                    remedy=f"let the client ask {self.plan.dependency} at the address that it is "
                    f"given as `primary`, for model {self.pinned}, and hand the question on",
                )

    def _exchange(self) -> None:
        with self.scene.step(f"retire {self.pinned}"):
            self.stand_in.fail(RETIRED, model=self.pinned)
            self.retired_at = self.scene.stopwatch()
            self.scene.wait_until(
                self._is_felt, seconds=2 * self.target.patience_seconds + SLACK_SECONDS
            )
        # Without a command nothing of the user's is changed, and nothing could be left so.
        event = "decided" if self.plan.switch else "exchanging"
        self.scene.point_of_no_return(event, to=self.plan.to_model)
        try:
            self._switch()
            self._see_the_successor()
        finally:
            self._return()

    def _is_felt(self) -> bool:
        return any(
            r.sent >= self.retired_at and not r.normal(self.pinned) for r in self.questions.replies
        )

    def _switch(self) -> None:
        self.decided_at = self.scene.stopwatch()
        with self.scene.step(f"ask for {self.plan.to_model} instead") as step:
            if why := self._to(self.plan.to_model, self.scene.interruption.check):
                step.failed(why)
                self.scene.problem(f"the client could not be switched: {why}")

    def _to(self, model: str, check: Callable[[], None]) -> str:
        """Let the client ask for a model; why that failed, empty when it did not."""
        if self.plan.switch:
            return _switched(self.plan, model, self.scene.root, check)
        self.questions.client = self.client.asking_for(model)
        return ""

    def _see_the_successor(self) -> None:
        most = min(self.plan.max_seconds, LONGEST_WAIT_SECONDS)
        with self.scene.step(f"see answers of {self.plan.to_model}") as step:
            row = _row(self.questions, self.plan.to_model, since=self.decided_at)
            left = max(0.0, most + SLACK_SECONDS - (self.scene.stopwatch() - self.decided_at))
            if self.scene.wait_until(row.complete, seconds=left):
                self.first_at, self.healthy_at = row.row[0].done, row.complete_at
                return
            step.failed(f"{self.plan.to_model} did not serve within {most} s: "
                        f"{_said(row.last_bad)}")  # fmt: skip
            self.scene.problem(step.detail)

    def _return(self) -> None:
        """Let the pinned model serve again; nothing breaks this off."""
        with self.scene.step(f"return to {self.pinned}") as step:
            why = self._back()
            self.returned = not why
            if why:
                step.failed(why)
                self.scene.problem(f"{self.pinned} did not return: {why}; {by_hand(self.plan)}")
        self.scene.journal.write("restored", ok=self.returned or not self.plan.switch, why=why)

    def _back(self) -> str:
        self.back_at = self.scene.stopwatch()
        # Also where the stand-in is gone the client must not stay changed.
        try:
            self.stand_in.fail(None)
            gone = ""
        except DrillError as error:
            gone = error.problems[0].message
        why = self._to(self.pinned, lambda: None)
        return why or gone or _seen(self.questions, self.pinned, since=self.back_at)

    def _result(self) -> dict[str, Any]:
        asked = [r for r in self.questions.replies if r.sent >= self.retired_at]
        # Words that were ready, and answers to another request, leave a user with nothing.
        lost = [r for r in asked if not r.notice and not (r.is_by("primary") or r.is_by("backup"))]
        after = [r for r in lost if self.first_at is not None and r.sent >= self.first_at]
        seconds = None if self.healthy_at is None else self.healthy_at - self.decided_at
        if after:
            self.scene.problem(
                f"{len(after)} requests got neither an answer nor a notice after "
                f"{self.plan.to_model} had begun to serve"
            )
        if seconds is not None and seconds > self.plan.max_seconds:
            self.scene.problem(
                f"it took {seconds:.1f} s; the plan allows {self.plan.max_seconds} s"
            )
        self.scene.journal.write(
            "counted", requests=len(asked), lost=[r.request_id for r in lost],
            lost_after=[r.request_id for r in after],
        )  # fmt: skip
        return {
            "dependency": self.plan.dependency,
            "from_model": self.pinned,
            "to_model": self.plan.to_model,
            "environment": self.target.environment,
            "seconds": single_timing(seconds).model_dump(mode="json"),
            "requests": len(asked),
            "lost": len(lost),
            "lost_after": len(after),
            "returned": self.returned,
        }


def _row(questions: _Questions, model: str, *, since: float) -> Row[Reply]:
    return Row(
        questions.replies, since=since, needed=IN_A_ROW, good=lambda reply: reply.normal(model)
    )


def _seen(questions: _Questions, model: str, *, since: float) -> str:
    """Wait until a model serves; why it does not, empty when it does."""
    row = _row(questions, model, since=since)
    if wait_until(row.complete, RETURN_SECONDS, time.monotonic, time.sleep):
        return ""
    return _said(row.last_bad)


def _switched(plan: SwapPlan, model: str, root: Path, check: Callable[[], None]) -> str:
    return run_command(_filled(plan, model), root=root, seconds=SWITCH_SECONDS, check=check)


def _filled(plan: SwapPlan, model: str) -> tuple[str, ...]:
    return tuple(part.replace("{model}", model) for part in plan.switch)


def _said(reply: Reply | None) -> str:
    """What was wrong with an answer that should have been of the model."""
    return "too few answers came in time" if reply is None else wrong_with(reply)
