"""Rehearsing a vendor that fails: a stand-in fails in each known way under the user's client."""

import threading
from typing import Any

from ops_model.domain.fallback import FAULT_WORDS, FallbackPath, VendorTarget
from ops_model.drill.answers import weighed
from ops_model.drill.rehearsed_client import (
    Client,
    Reply,
    ask_at_a_rate,
    start_client,
    wrong_with,
)
from ops_model.drill.scene import Scene
from ops_model.drill.scorecard import Observed, score, total
from ops_model.drill.stand_in import start_stand_in
from ops_model.drill.vendor_faults import RETRY_AFTER_SECONDS
from ops_model.errors import DrillError

IN_A_ROW = 3
"""So many answers of the vendor's own running, and it serves again."""
WARM_UP_SECONDS = 30
LONGEST_SECONDS = 1000
"""A cell of a drill notebook may run 1200 seconds."""
SLACK_SECONDS = 2


def rehearse(path: FallbackPath, scene: Scene) -> dict[str, Any]:
    """Let the vendor fail in each way under traffic; the fields of `FallbackDrill`.

    Raises:
        DrillError: it could not be carried out. Nothing is left to put back: what failed was a
            stand-in, which ends with the drill.
        BrokenOffError: the word to break off came.
    """
    target = path.vendor
    if target is None:
        raise DrillError(f"path {path.id} names no client under `vendor`")
    _refuse_too_long(target)
    return _Rehearsal(path, target, scene).carry_out()


def _refuse_too_long(target: VendorTarget) -> None:
    each = target.requests / target.requests_per_second
    each += target.patience_seconds + target.return_within_seconds
    longest = each * len(target.faults)
    if longest > LONGEST_SECONDS:
        raise DrillError(
            f"the drill may take {longest:.0f} s; expected at most {LONGEST_SECONDS}",
            where=str(target.where),
            remedy="ask fewer `requests`, at a higher rate, or wait less for each",
        )


class _Rehearsal:
    """One rehearsal from its first step to its last."""

    def __init__(self, path: FallbackPath, target: VendorTarget, scene: Scene) -> None:
        self.path, self.target, self.scene = path, target, scene
        self.observed: list[Observed] = []
        self.others: list[Reply] = []
        self._numbers = 0

    def carry_out(self) -> dict[str, Any]:
        with self.scene.step("start the vendor's stand-in"):
            self.stand_in = start_stand_in(
                root=self.scene.root, drill_id=self.scene.drill_id,
                check=self.scene.interruption.check, ports=self.target.ports,
            )  # fmt: skip
        try:
            with self.scene.step("start the client"):
                self.client = self._started()
            try:
                self._see_it_normal()
                self._try_faults()
            finally:
                self.client.stop()
        finally:
            self.stand_in.stop()
        return self._result()

    def _started(self) -> Client:
        return start_client(
            self.target, self.stand_in, root=self.scene.root, drill_id=self.scene.drill_id,
            clock=self.scene.stopwatch, check=self.scene.interruption.check,
        )  # fmt: skip

    def _see_it_normal(self) -> None:
        """Answers of the vendor's own before anything fails.

        Raises:
            DrillError: there are none; nothing was let fail.
        """
        with self.scene.step("see normal answers"):
            asked, since = self._until_normal(WARM_UP_SECONDS)
            self.others += asked
            if since is None:
                raise DrillError(
                    f"before the drill {wrong_with(asked[-1])}; nothing was let fail",
                    remedy=f"let the client ask {self.path.replaces} at the address that it is "
                    f"given as `primary`, for model {self.target.model}, and hand the question on",
                )

    def _until_normal(self, seconds: float) -> tuple[list[Reply], float | None]:
        """Ask until answers of the vendor's own run; all that came, and when the first of them."""
        asked: list[Reply] = []
        deadline, row = self.scene.stopwatch() + seconds, 0
        while row < IN_A_ROW and (row or not asked or self.scene.stopwatch() < deadline):
            reply = self._ask_once()
            asked.append(reply)
            row = row + 1 if reply.normal(self.target.model) else 0
            self.scene.interruption.sleep(1 / self.target.requests_per_second)
        return asked, asked[-IN_A_ROW].done if row >= IN_A_ROW else None

    def _ask_once(self) -> Reply:
        """One question; breaking off does not wait for its answer."""
        answers: list[Reply] = []
        (request_id,) = self._ids("normal", 1)
        threading.Thread(
            target=lambda: answers.append(self.client.ask(request_id)), daemon=True
        ).start()
        self.scene.wait_until(lambda: bool(answers), seconds=self._longest())
        if not answers:
            raise DrillError("the client neither answers nor ends", remedy="drill again")
        return answers[0]

    def _ids(self, what: str, count: int) -> list[str]:
        first = self._numbers + 1
        self._numbers += count
        return [f"{self.scene.drill_id}-{what}-{n}" for n in range(first, first + count)]

    def _longest(self) -> float:
        # Connecting and the answer have that long each.
        return 2 * self.target.patience_seconds + SLACK_SECONDS

    def _try_faults(self) -> None:
        for place, fault in enumerate(self.target.faults):
            seen = self._under(fault)
            self.observed.append(seen)
            if seen.returned_after is None and not self._normal_again():
                left = self.target.faults[place + 1 :]
                if left:
                    self.scene.problem(
                        f"not tried, for the client no longer asked the vendor: {', '.join(left)}"
                    )
                return

    def _under(self, fault: str) -> Observed:
        """Let the vendor fail in one way, and be up again."""
        with self.scene.step(f"{self.path.replaces} {FAULT_WORDS[fault]}") as step:
            self.scene.journal.write("fault", fault=fault)
            before = self.stand_in.hits()
            self.stand_in.fail(fault)
            injected = self.scene.stopwatch()
            try:
                during = ask_at_a_rate(
                    self.client, self._ids(fault, self.target.requests),
                    every_seconds=1 / self.target.requests_per_second,
                    longest_seconds=self._longest(),
                    sleep=self.scene.interruption.sleep, clock=self.scene.stopwatch,
                )  # fmt: skip
                after = self.stand_in.hits()
            finally:
                self.stand_in.fail(None)
            ended = self.scene.stopwatch()
            within = self._return_seconds(fault)
            asked, since = self._until_normal(within)
            returned_after = None if since is None else max(0.0, since - ended)
            hits = {who: after[who] - before[who] for who in after}
            seen = Observed(
                fault, injected, weighed(during, self.path, self.target, fault=fault),
                weighed(asked, self.path, self.target), returned_after, within, hits,
            )  # fmt: skip
            result = score(seen, self.path, self.target)
            if result.problems:
                step.failed(result.problems[0])
            self._written(seen, result.problems)
        return seen

    def _return_seconds(self, fault: str) -> float:
        """A client that heeds `Retry-After` does right to wait that long."""
        told_to_wait = RETRY_AFTER_SECONDS if fault == "rate_limited" else 0
        return self.target.return_within_seconds + told_to_wait

    def _written(self, seen: Observed, problems: tuple[str, ...]) -> None:
        self.scene.journal.write(
            "scored", fault=seen.fault, hits=dict(seen.hits), problems=list(problems),
            lost=[r.request_id for r in (*seen.during, *seen.after) if r.lost],
            requests=[[r.request_id, round(r.done - r.sent, 4), r.error or _by(r), bool(r.notice)]
                      for r in seen.during],
        )  # fmt: skip

    def _normal_again(self) -> bool:
        """Start the client anew, so that the next fault is measured for itself."""
        with self.scene.step("start the client anew") as step:
            if self.client.ours:
                self.client.stop()
                self.client = self._started()
            asked, since = self._until_normal(self.target.return_within_seconds)
            self.others += asked
            if since is None:
                step.failed(wrong_with(asked[-1]))
            return since is not None

    def _result(self) -> dict[str, Any]:
        for seen in self.observed:
            for text in score(seen, self.path, self.target).problems:
                self.scene.problem(f"{seen.fault.replace('_', ' ')}: {text}")
        replies = [*self.others, *(reply for seen in self.observed for reply in seen.after)]
        if any(reply.notice for reply in replies if reply.normal(self.target.model)):
            self.scene.problem("the notice is also shown while nothing is wrong")
        if self.path.user_notice is not None and not any(seen.told for seen in self.observed):
            self.scene.problem("no user saw a notice")
        return total(self.observed, self.path, self.target, others=len(self.others))


def _by(reply: Reply) -> str:
    return reply.mark.who if reply.mark is not None else "the client itself"
