"""The facts of a rollback drill, and what in them keeps it from passing."""

from collections.abc import Mapping, Sequence
from typing import Any

from ops_model.domain.rollback import HttpTarget, RollbackPlan, SwitchedBy
from ops_model.drill.record import Reconciliation, single_timing
from ops_model.drill.rollback_steps import HEALTHY_NEEDED, Steps
from ops_model.drill.scene import Scene
from ops_model.drill.seen import feature_spec, other_features, rests_on, wrong_model
from ops_model.drill.spec import Described
from ops_model.drill.traffic import Answer


def result(
    plan: RollbackPlan,
    target: HttpTarget,
    scene: Scene,
    steps: Steps,
    found: Reconciliation,
    answers: Sequence[Answer],
    *,
    switched_by: SwitchedBy,
    restored: bool,
    versions: Mapping[str, Described],
    expected: Mapping[str, Any],
) -> dict[str, Any]:
    """The fields of `RollbackDrill` that the drill itself knows; notes the last problems.

    Args:
        plan: the plan.
        target: its target.
        scene: the drill's surroundings, whose problems grow by these.
        steps: the plan as it was carried out.
        found: what became of the records.
        answers: all answers of the drill.
        switched_by: the kind of the target's switch.
        restored: whether the first version serves again.
        versions: what `system.yaml` says of the versions that it describes.
        expected: what each answer of the target version was to hold.
    """
    failed = sum(not answer.acknowledged for answer in answers)
    seconds = None if steps.healthy_at is None else steps.healthy_at - steps.decided_at
    if failed:
        scene.problem(f"{failed} of {len(answers)} requests failed")
    if seconds is not None and seconds > plan.max_seconds:
        scene.problem(f"took {seconds:.1f} s; the plan allows {plan.max_seconds} s")
    return {
        "environment": target.environment,
        "from_version": plan.from_version,
        "to_version": plan.to_version,
        "switched_by": switched_by,
        **_made_of(plan, scene, steps, versions),
        "rests_on": rests_on(
            steps.seen, expected, versions.get(plan.from_version), versions.get(plan.to_version)
        ),
        "abort_point": steps.abort_point and steps.abort_point.model_dump(mode="json"),
        "broke_off_at": steps.broke_off_at,
        "seconds": single_timing(seconds).model_dump(mode="json"),
        "healthy": steps.healthy,
        "healthy_needed": HEALTHY_NEEDED,
        "requests": len(answers),
        "failed_requests": failed,
        "records_before": found.before,
        "records_after": found.after,
        "lost": len(found.lost),
        "duplicated": len(found.duplicated),
        "changed": len(found.changed),
        "restored": restored,
    }


def _made_of(
    plan: RollbackPlan, scene: Scene, steps: Steps, versions: Mapping[str, Described]
) -> dict[str, Any]:
    """By which model and which features the target version answered."""
    first, goal = versions.get(plan.from_version), versions.get(plan.to_version)
    found = steps.seen
    features = feature_spec(found, first, goal)
    if found is not None and (wrong := wrong_model(found, plan.to_version, goal)):
        scene.problem(wrong)
    if features == "differs":
        scene.problem(other_features(found, plan.to_version, goal))
    served = found.served_digest if found is not None else None
    return {"served_digest": served, "feature_spec": features}
