"""What the drill of going back showed: fast, lately, and a version that was healthy."""

from typing import Annotated

from pydantic import Field

from ops_model.check.api import (
    Context,
    Outcome,
    by_tier,
    check,
    counted,
    failed,
    no_file,
    passed,
    said,
    unknown,
)
from ops_model.check.rehearsed import counting_drill
from ops_model.check.remedies import rehearse_rollback
from ops_model.domain.evidence import Measured
from ops_model.domain.rollback import RollbackDrill
from ops_model.domain.walk import machine_part


@check(
    "RBK-02",
    question="Was going back rehearsed lately, in under ten minutes?",
    area="rollback",
    source=["S0.14", "S1.27", "S4.4"],
    revision=3,
)
def drilled_recently(
    ctx: Context,
    *,
    under_seconds: Annotated[int, Field(gt=0, le=600)] = 600,
    max_age_days: int = by_tier(30, 90, 180),
    after_change_days: int = 30,
) -> Outcome:
    """A plan nobody has run is a hope; the stopwatch of the last drill is the answer.

    A drill says nothing of what the model or its machines were changed to since, so that another
    one is due within `after_change_days`. Nor does one in which the server's own word was all that
    said which version answered.
    """
    plan = ctx.system.rollback
    if plan is None:
        return no_file(ctx, "rollback")
    shown = counting_drill(ctx, plan, max_age_days, after_change_days)
    if isinstance(shown, Outcome):
        return shown
    found, ends = shown
    drill = found.record
    took = (
        f"going back from {drill.from_version} to {drill.to_version} took {said(drill.seconds)} "
        f"on {drill.as_of.date()}, {machine_part(drill.environment)}"
    )
    if fault := _fault(ctx, drill, under_seconds):
        return failed(
            f"{took}; {fault}",
            looked_at=[plan.where, found.where],
            remedy=f"{plan.author} mends the step that is at fault; then "
            + rehearse_rollback(ctx.system),
            values={"seconds": drill.seconds},
        )
    return passed(
        f"{took}; expected under {under_seconds} s",
        looked_at=[plan.where, found.where],
        values={"seconds": drill.seconds},
        valid_until=ends,
    )


@check(
    "RBK-04",
    question="Was the version that was gone back to healthy afterwards?",
    area="rollback",
    source=["S1.27", "S4.4"],
    revision=2,
)
def healthy_afterwards(
    ctx: Context,
    *,
    min_healthy_answers: Annotated[int, Field(ge=1)] = 3,
    max_failed_share: Annotated[float, Field(le=0.5)] = 0.5,
    max_age_days: int = by_tier(30, 90, 180),
    after_change_days: int = 30,
) -> Outcome:
    """A switch that was thrown is no service; one lucky answer of the old version is none either.

    Requests may fail while the versions change, but not most of them. The drill counts for as
    long as for the stopwatch (RBK-02).
    """
    plan = ctx.system.rollback
    if plan is None:
        return no_file(ctx, "rollback")
    shown = counting_drill(ctx, plan, max_age_days, after_change_days)
    if isinstance(shown, Outcome):
        return shown
    found, ends = shown
    drill, looked_at = found.record, [plan.where, found.where]
    row = counted(drill.healthy_needed, "healthy answer")
    failures = (
        f"{drill.failed_requests:,} of {counted(drill.requests, 'request')} failed meanwhile"
    )
    values = {"failed_requests": _count(drill.failed_requests, drill.requests)}
    if not drill.requests:
        return unknown(
            "too_few",
            f"no request ran during the drill of {drill.as_of.date()}, so nobody saw how "
            f"{drill.to_version} did; expected traffic",
            looked_at=looked_at,
            remedy=rehearse_rollback(ctx.system),
        )
    if fault := _sick(drill, min_healthy_answers, max_failed_share):
        return failed(
            f"the drill of {drill.as_of.date()}: {fault}; {failures}",
            looked_at=looked_at,
            remedy=f"{plan.author} finds out why in the journal of the drill, and mends the plan "
            f"in rollback.yaml or the version; then {rehearse_rollback(ctx.system)}",
            values=values,
        )
    return passed(
        f"{drill.to_version} gave {row} in a row in the drill of {drill.as_of.date()}, and what "
        f"served before serves again; {failures}",
        looked_at=looked_at,
        values=values,
        valid_until=ends,
    )


def _fault(ctx: Context, drill: RollbackDrill, under_seconds: int) -> str:
    """What was wrong with the drill, or an empty text."""
    tier = ctx.system.identity.tier
    if not drill.healthy:
        return f"{drill.to_version} was not healthy afterwards"
    if drill.seconds.value is None or drill.seconds.value >= under_seconds:
        return f"expected under {under_seconds} s"
    if not drill.passed:
        return f"the drill did not pass: {'; '.join(drill.problems) or 'no reason given'}"
    if tier == "A" and drill.environment == "test":
        return "rehearsed in test; tier A asks for prod or prod_like"
    return ""


def _sick(drill: RollbackDrill, min_healthy_answers: int, max_failed_share: float) -> str:
    """What was wrong with the service after the switch, or an empty text."""
    if not drill.healthy:
        why = f": {'; '.join(drill.problems)}" if drill.problems else ""
        return f"{drill.to_version} was not healthy afterwards{why}"
    if drill.healthy_needed < min_healthy_answers:
        return (
            f"{drill.to_version} counted as healthy after "
            f"{counted(drill.healthy_needed, 'answer')}; expected at least "
            f"{min_healthy_answers} in a row"
        )
    if not drill.restored:
        return f"what served before the drill was not put back from {drill.to_version}"
    if drill.failed_requests > max_failed_share * drill.requests:
        return f"expected at most {max_failed_share * 100:g} % of the requests to fail"
    if not drill.passed:
        return f"the drill did not pass: {'; '.join(drill.problems) or 'no reason given'}"
    return ""


def _count(count: int, of: int) -> Measured:
    return Measured(value=count, unit="requests", n=of, no_interval="exact")
