"""Rehearsing a rollback: go back under traffic, prove it by behaviour, reconcile, return.

The order: find the target, see the first version serve, read its records; decide; carry out the
plan; see the target version answer; reconcile; return to the first version, whatever happened.
"""

from collections.abc import Mapping
from typing import Any

from ops_model.domain.rollback import HttpTarget, RollbackPlan
from ops_model.drill.plan_steps import by_target
from ops_model.drill.record import Reconciliation, StoredRecord, reconcile
from ops_model.drill.reference import beside_names, expected_answer
from ops_model.drill.rehearsable import refuse_unrehearsable
from ops_model.drill.rollback_result import result
from ops_model.drill.rollback_steps import Steps, row_of, why_broken
from ops_model.drill.scene import BrokenOffError, Scene
from ops_model.drill.spec import Described
from ops_model.drill.switch import same, unlike
from ops_model.drill.switches import TargetSwitch, switch_of
from ops_model.drill.targets import Server, TargetError, running_server, start_server
from ops_model.drill.traffic import Traffic
from ops_model.drill.way_back import WayBack
from ops_model.errors import DrillError

WARM_UP_SECONDS = 30


def rehearse(
    plan: RollbackPlan, scene: Scene, versions: Mapping[str, Described] | None = None
) -> dict[str, Any]:
    """Carry the plan out and return; the fields of `RollbackDrill` that the drill itself knows.

    Args:
        plan: the plan.
        scene: the drill's surroundings.
        versions: what `system.yaml` says of the versions that it describes, by label.

    Raises:
        DrillError: it could not be carried out; what was changed is put back, or the message says
            what is left to do.
        BrokenOffError: the word to break off came; what was changed is put back.
    """
    return _Rehearsal(plan, refuse_unrehearsable(plan), scene).carry_out(versions or {})


class _Rehearsal:
    """One rehearsal from its first step to its last."""

    def __init__(self, plan: RollbackPlan, target: HttpTarget, scene: Scene) -> None:
        self.plan, self.target, self.scene = plan, target, scene
        self.before: list[StoredRecord] = []
        self.after: list[StoredRecord] = []
        self.found: Reconciliation | None = None
        self.restored = False

    def carry_out(self, versions: Mapping[str, Described]) -> dict[str, Any]:
        first, goal = self.plan.from_version, self.plan.to_version
        with self.scene.step("work out what each version answers"):
            self.expected = {version: self._reference(version) for version in (first, goal)}
            self._tell_apart()
        switch = switch_of(
            self.plan, self.target, lambda: self.server, root=self.scene.root,
            drill_id=self.scene.drill_id,
        )  # fmt: skip
        try:
            return self._with(switch, versions)
        finally:
            switch.close()

    def _with(self, switch: TargetSwitch, versions: Mapping[str, Described]) -> dict[str, Any]:
        used = any(by_target(step) for step in self.plan.steps)
        if used and switch.by == "mlflow_alias":
            with self.scene.step("see where the alias stands"):
                switch.ready(self.plan.from_version)
        with self.scene.step("start the target" if self.target.start else "find the target"):
            self.server = self._found()
        self.traffic = Traffic(
            lambda body: self.server.post(self.target.predict_path, body),
            self.target.sample,
            per_second=self.target.requests_per_second,
            prefix=self.scene.drill_id,
            stopwatch=self.scene.stopwatch,
        )
        self.way_back = WayBack(
            self.plan, self.target, switch, root=self.scene.root,
            expected=self.expected[self.plan.from_version], journal=self.scene.journal,
        )  # fmt: skip
        try:
            self._prepare()
            steps = Steps(
                self.plan, self.target, self.scene, server=self.server, traffic=self.traffic,
                switch=switch, way_back=self.way_back, expected=self.expected,
            )  # fmt: skip
            self.scene.point_of_no_return("decided", to=self.plan.to_version)
            try:
                steps.carry_out()
                self._reconcile_in_time()
            finally:
                self._return()
            self._finish()
        finally:
            self.traffic.stop()
            self.server.stop()
        if self.found is None:
            raise BrokenOffError("nothing was reconciled")
        return result(
            self.plan, self.target, self.scene, steps, self.found, self.traffic.answers,
            switched_by=switch.by if used else "command", restored=self.restored,
            versions=versions, expected=self.expected[self.plan.to_version],
        )  # fmt: skip

    def _reference(self, version: str) -> Mapping[str, Any]:
        return expected_answer(
            self.target, version, root=self.scene.root, drill_id=self.scene.drill_id
        )

    def _tell_apart(self) -> None:
        """See that the reference gives something that only one of the versions answers.

        Raises:
            DrillError: it does not.
        """
        if not self.target.reference:
            return
        first, goal = (beside_names(answer) for answer in self.expected.values())
        both = first.keys() & goal.keys()
        if not both:
            raise DrillError(
                "`reference` gives no field for both versions beside their names, so a server "
                "that lies would not be found out",
                remedy="let `reference` print what a version answers to the sample, such as its "
                "score",
            )
        if all(same(first[name], goal[name]) for name in both):
            raise DrillError(
                f"the sample gets the same answer from {self.plan.from_version} and "
                f"{self.plan.to_version}, so a server that lies would not be found out",
                remedy="choose a sample that the two versions answer differently",
            )

    def _found(self) -> Server:
        if self.target.url is not None:
            return running_server(self.target.url)
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
            row = row_of(first, self.expected[first], self.traffic, since=0.0)
            if not self.scene.wait_until(row.complete, seconds=WARM_UP_SECONDS):
                why = why_broken(row, first, self.expected[first])
                raise DrillError(
                    f"before the drill {why}; nothing was switched",
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

    def _reconcile_in_time(self) -> None:
        """Reconcile before the return; where that fails, it is done once the target serves."""
        try:
            with self.scene.step("reconcile the stored records") as step:
                self._reconcile()
                step.detail = str(self.found)
        except TargetError:
            pass

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
            first_why = why = self._walk_back("return", started_anew=False)
            if why and self.server.ours and self.way_back.waits_for_server():
                # It hangs or is dead: start it anew, and switch that one back.
                self.traffic.stop()
                self.server.stop()
                why = self._start_anew_and_return(why)
            self.restored = not why
            if first_why and self.restored:
                step.detail = f"only by starting the target anew: {first_why}"
                self.scene.problem(f"{first} was restored {step.detail}")
            elif self.restored:
                step.detail = self.way_back.unseen()
            if why:
                step.failed(why)
                self.scene.problem(
                    f"{first} was not restored: {why}; left to do: {self.way_back.by_hand()}"
                )
        self.scene.journal.write("restored", version=first, ok=self.restored, why=why)

    def _start_anew_and_return(self, before: str) -> str:
        try:
            self.server = start_server(
                self.target.start, root=self.scene.root, drill_id=self.scene.drill_id,
                check=lambda: None,
            )  # fmt: skip
        except DrillError as error:
            return f"{before}; started anew: {error.problems[0].message}"
        return self._walk_back("return-anew", started_anew=True)

    def _walk_back(self, attempt: str, *, started_anew: bool) -> str:
        return self.way_back.walk(
            self.server, prefix=f"{self.scene.drill_id}-{attempt}", started_anew=started_anew
        )

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
