"""Which rollback plans can be rehearsed as they stand."""

from ops_model.domain.rollback import HttpTarget, RollbackPlan, RollbackStep
from ops_model.errors import DrillError, Problem

CARRIED_OUT = ("switch_alias", "drain", "verify", "announce")
"""The kinds of step that a drill can carry out against an HTTP target."""


def refuse_unrehearsable(plan: RollbackPlan) -> HttpTarget:
    """The target of a plan that can be rehearsed as it stands.

    Raises:
        DrillError: there is no target, or the plan has a step that a drill cannot carry out.
    """
    if plan.target is None:
        raise DrillError(
            "declared, never rehearsable: rollback.yaml has no target",
            where=str(plan.where),
            remedy="name under `target` the command that starts a server to rehearse against",
        )
    problems = [
        _unfit(number, step)
        for number, step in enumerate(plan.steps, start=1)
        if step.kind not in CARRIED_OUT
    ]
    if not problems and not any(step.kind == "switch_alias" for step in plan.steps):
        problems = [
            Problem(
                "no step switches anything; expected a step of kind switch_alias",
                str(plan.place_of("steps")),
                "write the step that makes the previous version serve",
            )
        ]
    if problems:
        raise DrillError(problems=problems)
    return plan.target


def _unfit(number: int, step: RollbackStep) -> Problem:
    if step.kind == "retrain":
        message = f"step {number} is retrain, which is no rollback step and is refused"
        remedy = "keep the previous version deployable, and switch to it"
    else:
        message = f"step {number} is {step.kind}; a drill can do {', '.join(CARRIED_OUT)}"
        remedy = "rehearse against a target that serves both versions behind an alias"
    return Problem(message, str(step.where), remedy)
