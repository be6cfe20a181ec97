"""What a plan of going back lacks to be a way back that somebody can follow at night."""

from ops_model.domain.rollback import RollbackPlan
from ops_model.domain.system import VersionTuple

UNWRITTEN = "unknown"
"""What a new file holds where nobody has written yet what there is."""


def plan_faults(
    plan: RollbackPlan, version: VersionTuple, *, max_seconds: float
) -> list[tuple[str, str]]:
    """What keeps a plan from being specific, each with the key of rollback.yaml; empty if nothing.

    Args:
        plan: the way back.
        version: what serves.
        max_seconds: how long a plan may allow itself.
    """
    expected = sum(step.expected_seconds for step in plan.steps)
    return [
        (key, said_so)
        for holds, key, said_so in (
            (not plan.steps, "steps", "it has no steps"),
            (
                plan.from_version == UNWRITTEN,
                "from_version",
                "from which version it goes back is not written (from_version)",
            ),
            (
                UNWRITTEN != plan.from_version != version.label,
                "from_version",
                f"it goes back from {plan.from_version}, but {_serving(version)}",
            ),
            (
                plan.to_version == UNWRITTEN,
                "to_version",
                "to which version it goes back is not written (to_version)",
            ),
            (
                UNWRITTEN != plan.to_version == plan.from_version,
                "to_version",
                "it goes back to the version it comes from",
            ),
            (
                not any(s.kind == "verify" for s in plan.steps),
                "steps",
                "no step verifies the result",
            ),
            (
                expected > plan.max_seconds,
                "max_seconds",
                f"steps take {expected} s of {plan.max_seconds} s",
            ),
            (
                plan.max_seconds > max_seconds,
                "max_seconds",
                f"it may take {plan.max_seconds} s; expected at most {max_seconds:g} s",
            ),
        )
        if holds
    ]


def _serving(version: VersionTuple) -> str:
    if version.label == UNWRITTEN:
        return "system.yaml does not say which version serves (version.label)"
    return f"{version.label} serves"
