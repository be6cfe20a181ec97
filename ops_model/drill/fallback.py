"""Rehearsing an outage: take the dependency away under traffic, watch, and give it back."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from ops_model.domain.fallback import FallbackPath, FallbackPlan, FaultResult, OutageTarget
from ops_model.domain.values import digest_of
from ops_model.drill.record import p95_seconds, share, single_timing
from ops_model.drill.scene import LONGEST_WAIT_SECONDS, LOOK_SECONDS, Scene
from ops_model.drill.targets import Server, TargetError, start_server
from ops_model.drill.traffic import Answer, Row, Traffic
from ops_model.errors import DrillError

WARM_UP_NEEDED = 20
WARM_UP_SECONDS = 30
RETURN_SECONDS = 30
OBSERVED_REQUESTS = 100
OBSERVED_SECONDS = 60
"""The outage is watched for so many requests, or so long where traffic is thin."""
SLACK_SECONDS = 2
"""How long beyond the plan's own limit a drill waits, to say that it was too late."""


def path_to_rehearse(plan: FallbackPlan, path_id: str | None = None) -> FallbackPath:
    """The path of this id, or the first that can be rehearsed.

    Raises:
        DrillError: there is none, or the one that was asked for names nothing to rehearse against.
    """
    known = {path.id: path for path in plan.paths}
    if path_id is not None and path_id not in known:
        raise DrillError(
            f"there is no path {path_id}",
            where=str(plan.where),
            remedy=f"paths are: {', '.join(known) or 'none yet'}",
        )
    wanted = [path for path in plan.paths if path_id in {None, path.id}]
    found = next((path for path in wanted if path.rehearsable), None)
    if found is not None:
        return found
    lacks = "fallback.yaml has no target and no vendor under any path"
    if path_id is not None:
        lacks = f"path {path_id} of fallback.yaml has no target and no vendor"
    raise DrillError(
        f"declared, never rehearsable: {lacks}",
        where=str(plan.where),
        remedy="name under a path's `target` a server with a switch for the outage, or under its "
        "`vendor` the client that is to stand a vendor that fails",
    )


def rehearse(path: FallbackPath, scene: Scene) -> dict[str, Any]:
    """Take the dependency away and give it back; the fields of `FallbackDrill` that come of it.

    Raises:
        DrillError: it could not be carried out; the dependency is back, or the message says what
            is left to do.
        BrokenOffError: the word to break off came; the dependency is back.
    """
    if path.target is None:
        raise DrillError(f"path {path.id} names no server under `target`")
    return _Outage(path, path.target, scene).carry_out()


class _Outage:
    """One rehearsal from its first step to its last."""

    def __init__(self, path: FallbackPath, target: OutageTarget, scene: Scene) -> None:
        self.path, self.target, self.scene = path, target, scene
        self.fields: frozenset[str] = frozenset()
        self.injected_at = self.given_back_at = 0.0
        self.switched_at: float | None = None
        self.returned = False

    def carry_out(self) -> dict[str, Any]:
        with self.scene.step("start the target"):
            self.server = self._start(self.scene.interruption.check)
        self.traffic = Traffic(
            lambda body: self.server.post(self.target.predict_path, body),
            self.target.sample,
            per_second=self.target.requests_per_second,
            prefix=self.scene.drill_id,
            stopwatch=self.scene.stopwatch,
        )
        try:
            self._see_it_normal()
            self.scene.point_of_no_return("injected", outage=self.path.replaces)
            try:
                self._take_away()
            finally:
                self._give_back()
        finally:
            self.traffic.stop()
            self.server.stop()
        return self._result()

    def _start(self, check: Callable[[], None]) -> Server:
        return start_server(
            self.target.start, root=self.scene.root, drill_id=self.scene.drill_id, check=check
        )

    def _see_it_normal(self) -> None:
        """Normal answers under traffic; what each of them carries is what an answer is.

        Raises:
            DrillError: there are none; nothing was taken away.
        """
        with self.scene.step("see normal answers"):
            self.traffic.start()
            row = Row(
                self.traffic.answers, since=0.0, needed=WARM_UP_NEEDED,
                good=lambda a: a.acknowledged and not self._is_degraded(a),
            )  # fmt: skip
            if not self.scene.wait_until(row.complete, seconds=WARM_UP_SECONDS):
                bad = row.last_bad
                said = _said(bad) if bad else "too few answers came in time"
                raise DrillError(
                    f"before the drill {said}; nothing was taken away",
                    remedy=f"let {self.path.replaces} be up, and the target answer its sample",
                )
            self.fields = self._fields_of_normal_answers()

    def _fields_of_normal_answers(self) -> frozenset[str]:
        extra = {self.target.notice_field, self.target.degraded_field}
        normal = [
            {name for name, value in a.body.items() if value is not None}
            for a in self.traffic.answers
            if a.acknowledged
        ]
        return frozenset(set.intersection(*normal) - extra)

    def _take_away(self) -> None:
        """Inject the outage, and watch until the switch-over and for some requests after it."""
        self.injected_at = self.scene.stopwatch()
        with self.scene.step(f"take {self.path.replaces} away"):
            if why := self._outage(on=True):
                raise DrillError(
                    f"{self.path.replaces} could not be taken away: {why}",
                    remedy=f"let POST {self.target.outage_path} {{on: true}} stop it for real",
                )
        with self.scene.step("see the switch-over") as step:
            patience = self._patience()
            if not self.scene.wait_until(self._has_switched, seconds=patience):
                step.failed(f"no degraded answer and no notice within {patience:.0f} s")
                self.scene.problem(step.detail)
        with self.scene.step("watch what users get"):
            self.scene.wait_until(
                lambda: len(self._during()) >= OBSERVED_REQUESTS, seconds=OBSERVED_SECONDS
            )

    def _patience(self) -> float:
        notice = self.path.user_notice
        within = notice.within_seconds if notice else RETURN_SECONDS
        return float(min(within + SLACK_SECONDS, LONGEST_WAIT_SECONDS))

    def _has_switched(self) -> bool:
        if self.switched_at is None:
            told = (a.done for a in self._during() if self._is_degraded(a) or self._notice(a))
            self.switched_at = next(told, None)
        return self.switched_at is not None

    def _outage(self, *, on: bool) -> str:
        """Why the outage could not be switched; empty when it could."""
        try:
            status, _ = self.server.post(self.target.outage_path, {"on": on})
        except TargetError as error:
            return str(error)
        if 200 <= status < 300:
            return ""
        return f"POST {self.target.outage_path} answered {status}; expected 200"

    def _give_back(self) -> None:
        """Let the dependency be up again, and see normal answers; nothing breaks this off."""
        self.given_back_at = self.scene.stopwatch()
        with self.scene.step(f"give {self.path.replaces} back") as step:
            first_why = why = self._outage(on=False)
            if why:
                # It hangs or is dead: start it anew, which starts what it depends on too.
                self.traffic.stop()
                self.server.stop()
                why = self._start_anew(why)
            why = why or self._seen_normal()
            self.returned = not why
            if first_why and self.returned:
                step.detail = f"only by starting the target anew: {first_why}"
                self.scene.problem(f"normal answers returned {step.detail}")
            if why:
                step.failed(why)
                self.scene.problem(f"normal answers did not return: {why}")
        self.scene.journal.write("restored", ok=self.returned, why=why)

    def _start_anew(self, before: str) -> str:
        try:
            self.server = self._start(lambda: None)
        except DrillError as error:
            return f"{before}; started anew: {error.problems[0].message}"
        return self._outage(on=False)

    def _seen_normal(self) -> str:
        return seen_normal(
            self.server, self.target, prefix=f"{self.scene.drill_id}-return",
            stopwatch=self.scene.stopwatch,
        )  # fmt: skip

    def _during(self) -> list[Answer]:
        """The answers to requests that were sent while the dependency was away."""
        until = self.given_back_at or float("inf")
        return [a for a in self.traffic.answers if self.injected_at <= a.sent < until]

    def _is_degraded(self, answer: Answer) -> bool:
        return answer.field(self.target.degraded_field) is True

    def _notice(self, answer: Answer) -> str:
        notice = answer.field(self.target.notice_field)
        return notice if isinstance(notice, str) else ""

    def _served(self, answer: Answer) -> bool:
        """True for an answer that carries what every normal answer carried."""
        return answer.acknowledged and all(answer.body.get(f) is not None for f in self.fields)

    def _result(self) -> dict[str, Any]:
        during = self._during()
        served = [a for a in during if self._served(a)]
        degraded = [a for a in served if self._is_degraded(a)]
        told = [a for a in during if self._notice(a)]
        # A request of the return counts too: its user does not care which phase it fell into.
        since = [a for a in self.traffic.answers if a.sent >= self.injected_at]
        lost = [a for a in since if not self._served(a) and not self._notice(a)]
        fault = FaultResult(
            fault=f"{self.path.replaces} gone",
            served_share=share(len(served), len(during)),
            p95_seconds=p95_seconds([a.done - a.sent for a in during]),
        )
        self._judge(during, served, degraded, lost)
        self.scene.journal.write(
            "counted", during=len(during), served=len(served), degraded=len(degraded),
            told=len(told), lost=[a.request_id for a in lost],
            notices=sorted({self._notice(a) for a in told}),
        )  # fmt: skip
        seconds = None if self.switched_at is None else self.switched_at - self.injected_at
        return {
            "environment": self.target.environment,
            "path": self.path.id,
            "seconds": single_timing(seconds).model_dump(mode="json"),
            "requests": len(self.traffic.answers),
            "served_share": fault.served_share.model_dump(mode="json"),
            "degraded_share": share(len(degraded), len(served)).model_dump(mode="json"),
            "lost": len(lost),
            "returned": self.returned,
            "faults": [fault.model_dump(mode="json")],
            **self._told(told),
        }

    def _told(self, told: Sequence[Answer]) -> dict[str, Any]:
        """What the record says about the notice."""
        if not told:
            return {"notice_seen": False}
        planned = self.path.user_notice
        first = min(told, key=lambda a: a.done)
        matches = planned is not None and all(self._notice(a) == planned.text for a in told)
        return {
            "notice_seen": True,
            "notice_seconds": single_timing(first.done - self.injected_at).model_dump(mode="json"),
            "notice_digest": digest_of(self._notice(first).encode()),
            "notice_matches_plan": matches,
        }

    def _judge(
        self,
        during: Sequence[Answer],
        served: Sequence[Answer],
        degraded: Sequence[Answer],
        lost: Sequence[Answer],
    ) -> None:
        """Say everything that keeps the drill from passing."""
        if not during:
            self.scene.problem("no request was sent during the outage")
        if lost:
            self.scene.problem(f"{len(lost)} requests got neither an answer nor a notice")
        capacity = self.path.capacity_share
        if capacity is not None and during and len(served) < capacity * len(during):
            got = len(served) / len(during)
            self.scene.problem(f"{got:.3f} of requests were served; the path states {capacity}")
        self._judge_notice(degraded)

    def _judge_notice(self, degraded: Sequence[Answer]) -> None:
        planned = self.path.user_notice
        if planned is None:
            return
        told = [a for a in self._during() if self._notice(a)]
        silent = sum(not self._notice(a) for a in degraded)
        if not told:
            self.scene.problem("no user saw a notice")
            return
        if silent:
            self.scene.problem(f"{silent} of {len(degraded)} degraded answers had no notice")
        if any(self._notice(a) != planned.text for a in told):
            self.scene.problem("users saw another notice than the plan's")
        after = min(a.done for a in told) - self.injected_at
        if after > planned.within_seconds:
            limit = planned.within_seconds
            self.scene.problem(f"the notice came after {after:.1f} s; the plan says {limit} s")


def seen_normal(
    server: Server, target: OutageTarget, *, prefix: str, stopwatch: Callable[[], float]
) -> str:
    """Ask until answers in a row are normal again; why they are not, empty when they are."""
    deadline = stopwatch() + RETURN_SECONDS
    number, in_a_row, said = 0, 0, "it was not asked"
    while in_a_row < WARM_UP_NEEDED and stopwatch() < deadline:
        number += 1
        answer = _asked(server, target, f"{prefix}-{number}")
        normal = answer.acknowledged and answer.field(target.degraded_field) is not True
        in_a_row = in_a_row + 1 if normal else 0
        if not normal:
            said = _said(answer)
            time.sleep(LOOK_SECONDS)
    return "" if in_a_row >= WARM_UP_NEEDED else said


def _asked(server: Server, target: OutageTarget, request_id: str) -> Answer:
    body = {"request_id": request_id, "features": dict(target.sample)}
    try:
        status, answer = server.post(target.predict_path, body)
    except TargetError as error:
        return Answer(request_id, 0, 0, 0, None, str(error))
    return Answer(request_id, 0, 0, status, answer)


def _said(answer: Answer) -> str:
    if answer.acknowledged:
        return "answers are degraded"
    return f"requests fail: {answer.error or f'status {answer.status}'}"
