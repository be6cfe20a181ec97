"""Rehearsing a rollback: go back under traffic, prove it by behaviour, reconcile, return.

The order: start the target, see the first version serve, read its records; decide; carry out the
plan; see the target version answer; reconcile; return to the first version, whatever happened.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from ops_model.domain.rollback import HttpTarget, RollbackPlan
from ops_model.drill.record import Reconciliation, StoredRecord, reconcile, single_timing
from ops_model.drill.reference import reference_answer
from ops_model.drill.rehearsable import refuse_unrehearsable
from ops_model.drill.scene import LONGEST_WAIT_SECONDS, BrokenOffError, Scene
from ops_model.drill.switch import answers_as, returned_to, unlike
from ops_model.drill.targets import Server, TargetError, start_server
from ops_model.drill.traffic import Row, Traffic
from ops_model.errors import DrillError

HEALTHY_NEEDED = 20
WARM_UP_SECONDS = 30
DRAIN_SECONDS = 30


def rehearse(plan: RollbackPlan, scene: Scene) -> dict[str, Any]:
    """Carry the plan out and return; the fields of `RollbackDrill` that the drill itself knows.

    Raises:
        DrillError: it could not be carried out; what was changed is put back, or the message says
            what is left to do.
        BrokenOffError: the word to break off came; what was changed is put back.
    """
    return _Rehearsal(plan, refuse_unrehearsable(plan), scene).carry_out()


class _Rehearsal:
    """One rehearsal from its first step to its last."""

    def __init__(self, plan: RollbackPlan, target: HttpTarget, scene: Scene) -> None:
        self.plan, self.target, self.scene = plan, target, scene
        self.before: list[StoredRecord] = []
        self.after: list[StoredRecord] = []
        self.found: Reconciliation | None = None
        self.switched = self.healthy = self.restored = False
        self.decided_at = 0.0
        self.healthy_at: float | None = None

    def carry_out(self) -> dict[str, Any]:
        first, goal = self.plan.from_version, self.plan.to_version
        with self.scene.step("work out what each version answers"):
            self.expected = {version: self._reference(version) for version in (first, goal)}
            self._tell_apart()
        with self.scene.step("start the target"):
            self.server = self._start()
        self.traffic = Traffic(
            lambda body: self.server.post(self.target.predict_path, body),
            self.target.sample,
            per_second=self.target.requests_per_second,
            prefix=self.scene.drill_id,
            stopwatch=self.scene.stopwatch,
        )
        try:
            self._prepare()
            self.scene.point_of_no_return("decided", to=goal)
            try:
                self._go_back()
            finally:
                self._return()
            self._finish()
        finally:
            self.traffic.stop()
            self.server.stop()
        return self._result()

    def _reference(self, version: str) -> Mapping[str, Any]:
        answer = reference_answer(
            self.target.reference, version, self.target.sample,
            root=self.scene.root, drill_id=self.scene.drill_id,
        )  # fmt: skip
        return {**answer, "version": version}

    def _tell_apart(self) -> None:
        words = {"version", "digest"}
        first, goal = ({k: v for k, v in a.items() if k not in words}
                       for a in self.expected.values())  # fmt: skip
        if first and first == goal:
            raise DrillError(
                f"the sample gets the same answer from {self.plan.from_version} and "
                f"{self.plan.to_version}, so a server that lies would not be found out",
                remedy="choose a sample that the two versions answer differently",
            )

    def _start(self) -> Server:
        return start_server(
            self.target.start, root=self.scene.root, drill_id=self.scene.drill_id,
            check=self.scene.interruption.check,
        )  # fmt: skip

    def _prepare(self) -> None:
        """See the first version serve, under traffic, and read its records.

        Raises:
            DrillError: it does not; nothing was switched.
        """
        first = self.plan.from_version
        with self.scene.step(f"see {first} serve"):
            said = unlike(self.server, self.target, first)
            if said:
                raise DrillError(
                    f"before the drill {said}; nothing was switched",
                    remedy=f"let {first} serve, or correct from_version in rollback.yaml",
                )
            self.traffic.start()
            row = self._row(first, since=0.0)
            if not self.scene.wait_until(row.complete, seconds=WARM_UP_SECONDS):
                raise DrillError(
                    f"before the drill {self._why_broken(row, first)}; nothing was switched",
                    remedy="mend the target until it answers its sample as it should",
                )
        with self.scene.step("read the stored records"):
            try:
                self.before = self.server.records(self.target.records_path)
            except TargetError as error:
                raise DrillError(
                    f"the stored records cannot be read, nothing was switched: {error}",
                    remedy="let the target list id and digest of each record as JSON lines",
                ) from error

    def _go_back(self) -> None:
        """Carry out the plan until a step fails, then reconcile before the return."""
        goal = self.plan.to_version
        self.decided_at = self.scene.stopwatch()
        if self._carry_out_steps() and not self.healthy:
            self._verify(f"see {goal} serve")
        if not self.healthy and not self.scene.problems:
            self.scene.problem(f"{goal} was not seen to serve")
        try:
            with self.scene.step("reconcile the stored records") as step:
                self._reconcile()
                step.detail = str(self.found)
        except TargetError:
            pass  # reconciled once the target serves again

    def _carry_out_steps(self) -> bool:
        """False when a step failed; the steps after it are not carried out."""
        verbs = {
            "switch_alias": self._switch, "drain": self._drain,
            "verify": self._verify, "announce": self._announce,
        }  # fmt: skip
        for number, step in enumerate(self.plan.steps, start=1):
            if not verbs[step.kind](f"{number}. {step.kind}"):
                return False
        return True

    def _switch(self, name: str) -> bool:
        goal = self.plan.to_version
        with self.scene.step(name) as step:
            try:
                status, _ = self.server.post(self.target.switch_path, {"version": goal})
            except TargetError as error:
                status, why = 0, str(error)
            else:
                why = f"POST {self.target.switch_path} answered {status}; expected 200"
            if not 200 <= status < 300:
                step.failed(why)
                self.scene.problem(f"the switch to {goal} failed: {why}")
            self.switched = step.ok
        return step.ok

    def _drain(self, name: str) -> bool:
        with self.scene.step(name) as step:
            began = self.scene.stopwatch()
            if not self.scene.wait_until(
                lambda: not self.traffic.pending_from_before(began), seconds=DRAIN_SECONDS
            ):
                step.failed(f"requests from before were still open after {DRAIN_SECONDS} s")
                self.scene.problem(step.detail)
        return step.ok

    def _announce(self, name: str) -> bool:
        with self.scene.step(name) as step:
            step.detail = "noted in the journal; a drill tells nobody"
        return True

    def _verify(self, name: str) -> bool:
        version = self.plan.to_version if self.switched else self.plan.from_version
        with self.scene.step(name) as step:
            row = self._row(version, since=self.decided_at)
            limit = min(self.plan.max_seconds, LONGEST_WAIT_SECONDS)
            left = limit - (self.scene.stopwatch() - self.decided_at)
            if not self.scene.wait_until(row.complete, seconds=max(0.0, left)):
                why = self._why_broken(row, version)
            else:
                why = unlike(self.server, self.target, version)
            if why:
                step.failed(why)
                self.scene.problem(f"{version} was not healthy within {limit} s: {why}")
            else:
                step.detail = self._rests_on()
            if self.switched:
                self.healthy, self.healthy_at = not why, None if why else row.complete_at
        return step.ok

    def _rests_on(self) -> str:
        if self.target.reference:
            return "each answer is the one that the version's own file gives"
        return "by the server's own word: the target declares no `reference`"

    def _row(self, version: str, *, since: float) -> Row:
        good = partial(answers_as, expected=self.expected[version])
        return Row(self.traffic.answers, since=since, needed=HEALTHY_NEEDED, good=good)

    def _why_broken(self, row: Row, version: str) -> str:
        """What the last answer that was not as expected said."""
        bad = row.last_bad
        if bad is None:
            return f"fewer than {HEALTHY_NEEDED} answers in a row came from {version} in time"
        if not bad.acknowledged:
            return f"requests failed: {bad.error or f'status {bad.status}'}"
        for name, value in self.expected[version].items():
            if bad.field(name) != value:
                got = bad.field(name)
                return f"answers have {name} {got!r}; {version} itself gives {value!r}"
        return f"answers by {version} came too late"

    def _reconcile(self) -> None:
        acknowledged = self.traffic.acknowledged()
        self.after = self.server.records(self.target.records_path)
        found = self.found = reconcile(self.before, self.after, acknowledged)
        self._note("reconciled", found)
        if not found.whole:
            self.scene.problem(f"records: {found}")

    def _note(self, event: str, found: Reconciliation) -> None:
        self.scene.journal.write(
            event, before=found.before, after=found.after, lost=found.lost,
            duplicated=found.duplicated, changed=found.changed,
        )  # fmt: skip

    def _return(self) -> None:
        """Let the first version serve again; nothing breaks this off."""
        first = self.plan.from_version
        with self.scene.step(f"return to {first}") as step:
            first_why = why = self._returned("return", started_anew=False)
            if why:
                # It hangs or is dead: start it anew, and switch that one back.
                self.traffic.stop()
                self.server.stop()
                why = self._start_anew_and_return(why)
            self.restored = not why
            if first_why and self.restored:
                step.detail = f"only by starting the target anew: {first_why}"
                self.scene.problem(f"{first} was restored {step.detail}")
            if why:
                step.failed(why)
                self.scene.problem(f"{first} was not restored: {why}")
        self.scene.journal.write("restored", version=first, ok=self.restored, why=why)

    def _start_anew_and_return(self, before: str) -> str:
        try:
            self.server = start_server(
                self.target.start, root=self.scene.root, drill_id=self.scene.drill_id,
                check=lambda: None,
            )  # fmt: skip
        except DrillError as error:
            return f"{before}; started anew: {error.problems[0].message}"
        return self._returned("return-anew", started_anew=True)

    def _returned(self, attempt: str, *, started_anew: bool) -> str:
        first = self.plan.from_version
        return returned_to(
            self.server, self.target, first, self.expected[first],
            prefix=f"{self.scene.drill_id}-{attempt}", started_anew=started_anew,
        )  # fmt: skip

    def _finish(self) -> None:
        """Stop the traffic, and reconcile what the return did."""
        self.traffic.stop()
        with self.scene.step("reconcile after the return") as step:
            try:
                if self.found is None:
                    self._reconcile()
                    step.detail = str(self.found)
                    return
                now = self.server.records(self.target.records_path)
            except TargetError as error:
                raise DrillError(
                    f"the stored records cannot be read after the switch: {error}",
                    remedy="mend the target until it lists its records, then drill again",
                ) from error
            still_owed = self.traffic.acknowledged() - set(self.found.lost)
            found = reconcile(self.after, now, still_owed)
            self._note("reconciled after the return", found)
            step.detail = str(found)
            if not found.whole:
                self.scene.problem(f"records, by the return alone: {found}")

    def _result(self) -> dict[str, Any]:
        if self.found is None:
            raise BrokenOffError("nothing was reconciled")
        answers = self.traffic.answers
        failed = sum(not answer.acknowledged for answer in answers)
        seconds = None if self.healthy_at is None else self.healthy_at - self.decided_at
        if failed:
            self.scene.problem(f"{failed} of {len(answers)} requests failed")
        if seconds is not None and seconds > self.plan.max_seconds:
            self.scene.problem(f"took {seconds:.1f} s; the plan allows {self.plan.max_seconds} s")
        return {
            "environment": self.target.environment,
            "from_version": self.plan.from_version,
            "to_version": self.plan.to_version,
            "seconds": single_timing(seconds).model_dump(mode="json"),
            "healthy": self.healthy,
            "healthy_needed": HEALTHY_NEEDED,
            "requests": len(answers),
            "failed_requests": failed,
            "records_before": self.found.before,
            "records_after": self.found.after,
            "lost": len(self.found.lost),
            "duplicated": len(self.found.duplicated),
            "changed": len(self.found.changed),
            "restored": self.restored,
        }
