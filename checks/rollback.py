"""Going back to the previous version: the plan, specific and without any training."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from ops_model.check.api import Context, Outcome, check, counted, failed, no_file, passed, unknown
from ops_model.domain.rollback_plan import plan_faults


@check(
    "RBK-01",
    question="Is there a specific way back to the previous version?",
    area="rollback",
    source=["S0.14", "S1.27", "S4.4"],
    revision=1,
)
def plan_specific(
    ctx: Context, *, max_seconds: Annotated[int, Field(gt=0, le=600)] = 600
) -> Outcome:
    """At 2am nobody designs a procedure: the steps, their times and the versions stand there."""
    plan = ctx.system.rollback
    if plan is None:
        return no_file(ctx, "rollback")
    version = ctx.system.identity.version
    expected = sum(step.expected_seconds for step in plan.steps)
    faults = plan_faults(plan, version, max_seconds=max_seconds)
    if faults:
        places = [plan.place_of(key) for key, _ in faults]
        return failed(
            f"the rollback plan: {'; '.join(said_so for _, said_so in faults)}",
            looked_at=[*dict.fromkeys(places), version.where],
            remedy=f"{plan.author}, who wrote the rollback plan, corrects {_keys(faults)} in "
            f"{plan.where.path}",
        )
    return passed(
        f"from {plan.from_version} back to {plan.to_version} in "
        f"{counted(len(plan.steps), 'step')}, planned for {expected} s of at most "
        f"{plan.max_seconds} s",
        looked_at=[plan.where],
    )


@check(
    "RBK-03",
    question="Does going back avoid training a model first?",
    area="rollback",
    source=["S0.15", "S4.4"],
    revision=1,
)
def no_retraining(ctx: Context) -> Outcome:
    """Training takes hours and ends in a model that nobody has seen serve; it is no way back."""
    plan = ctx.system.rollback
    if plan is None:
        return no_file(ctx, "rollback")
    if not plan.steps:
        return unknown(
            "missing",
            "the rollback plan has no steps",
            looked_at=[plan.where],
            remedy=f"{plan.author} writes the `steps` of going back in {plan.where.path}",
        )
    training = [step for step in plan.steps if step.kind == "retrain"]
    if training:
        return failed(
            f"{len(training)} of {counted(len(plan.steps), 'step')} retrains; expected none",
            looked_at=[step.where for step in training],
            remedy=f"{plan.author} keeps the previous version deployable, and plans a switch to "
            f"it in {plan.where.path} in the place of training",
        )
    return passed(
        f"none of {counted(len(plan.steps), 'step')} retrains",
        looked_at=[s.where for s in plan.steps],
    )


def _keys(faults: Sequence[tuple[str, str]]) -> str:
    return ", ".join(dict.fromkeys(f"`{key}`" for key, _ in faults))
