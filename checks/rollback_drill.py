"""What the drill of going back showed: fast, lately, and a version that was healthy."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from ops_model.check.api import (
    Context,
    Outcome,
    Recorded,
    by_tier,
    check,
    counted,
    failed,
    latest_in_date,
    no_file,
    passed,
    said,
    unknown,
    valid_until,
)
from ops_model.check.remedies import UNWRITTEN, called, rehearse_rollback
from ops_model.domain.change import ChangeKind, RolloutPlan
from ops_model.domain.evidence import Measured
from ops_model.domain.proven import exchanged
from ops_model.domain.rollback import RollbackDrill, RollbackPlan
from ops_model.domain.walk import machine_part

REHEARSED_ANEW: frozenset[ChangeKind] = frozenset({"model_swap", "infra"})
"""The kinds of change after which going back is rehearsed again."""


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
    shown = _counting(ctx, plan, max_age_days, after_change_days)
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
    shown = _counting(ctx, plan, max_age_days, after_change_days)
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


def _counting(
    ctx: Context, plan: RollbackPlan, max_age_days: int, after_change_days: int
) -> tuple[Recorded[RollbackDrill], datetime] | Outcome:
    """The drill that counts and until when it does, or the answer where none does."""
    found = latest_in_date(
        ctx,
        RollbackDrill,
        max_age_days=max_age_days,
        missing=f"going back {_way(plan)}was never rehearsed",
        claim=plan.where,
        remedy=rehearse_rollback(ctx.system),
    )
    if isinstance(found, Outcome):
        return found
    if (other := _of_another_version(ctx, plan, found)) is not None:
        return other
    if (unseen := _by_word_alone(ctx, plan, found)) is not None:
        return unseen
    ends = _ends(ctx, found, max_age_days, after_change_days)
    return ends if isinstance(ends, Outcome) else (found, ends)


def _way(plan: RollbackPlan) -> str:
    """From which version to which, as far as both are written."""
    if UNWRITTEN in {plan.from_version, plan.to_version}:
        return ""
    return f"from {plan.from_version} to {plan.to_version} "


def _of_another_version(
    ctx: Context, plan: RollbackPlan, found: Recorded[RollbackDrill]
) -> Outcome | None:
    """The answer where the drill was about other versions than those that serve or are planned."""
    drill, version = found.record, ctx.system.identity.version
    since = version.in_production_since
    if since is None and ctx.system.identity.in_production_at(ctx.as_of):
        return unknown(
            "missing",
            f"nobody wrote since when {called(version.label)} serves, so the drill may be older "
            "than it",
            looked_at=[version.where, found.where],
            remedy="the owner writes `version.in_production_since` in system.yaml",
        )
    if since is not None and since > drill.as_of:
        return unknown(
            "expired",
            f"{version.label} serves since {since.date()}, after the drill of "
            f"{drill.as_of.date()}",
            looked_at=[version.where, found.where],
            remedy=rehearse_rollback(ctx.system),
        )
    drilled = (drill.from_version, drill.to_version)
    if drilled != (plan.from_version, plan.to_version):
        return unknown(
            "missing",
            f"the drill went from {drilled[0]} to {drilled[1]}; the plan goes from "
            f"{plan.from_version} to {plan.to_version}",
            looked_at=[
                plan.place_of("from_version"),
                plan.place_of("to_version"),
                found.where,
            ],
            remedy=rehearse_rollback(ctx.system),
        )
    return _of_changed_versions(ctx, found)


def _by_word_alone(
    ctx: Context, plan: RollbackPlan, found: Recorded[RollbackDrill]
) -> Outcome | None:
    """The answer where nothing but the server's own word showed that it went back."""
    drill = found.record
    if drill.rests_on != "word":
        return None
    return unknown(
        "missing",
        f"that {drill.to_version} answered in the drill of {drill.as_of.date()} is the server's "
        "own word; expected answers that its own file gives, or its digest in each answer",
        looked_at=[plan.where, found.where],
        remedy=f"{plan.author} writes `target.reference` in rollback.yaml, or in system.yaml the "
        "`model_digest` of both versions, which the server then names in each answer; then "
        + rehearse_rollback(ctx.system),
    )


def _of_changed_versions(ctx: Context, found: Recorded[RollbackDrill]) -> Outcome | None:
    """The answer where a version is made of something else now than when it was drilled.

    A label stays when its model is exchanged; records of before this was kept say nothing of it.
    """
    drill = found.record
    for label, drilled in (
        (drill.from_version, drill.from_digest),
        (drill.to_version, drill.to_digest),
    ):
        present = ctx.system.identity.known_version(label)
        if present is not None and exchanged(drilled, label, ctx.system.identity):
            return unknown(
                "expired",
                f"{label} is made of something else in system.yaml than at the drill of "
                f"{drill.as_of.date()}",
                looked_at=[present.where, found.where],
                remedy=rehearse_rollback(ctx.system),
            )
    return None


def _rehearsed_anew(ctx: Context) -> list[RolloutPlan]:
    """The rollouts of changes after which going back is rehearsed again."""
    change = ctx.system.change
    asked = [r for r in change.requests if r.kind in REHEARSED_ANEW] if change else []
    planned = [change.rollout(request.rollout) for request in asked] if change else []
    return [rollout for rollout in planned if rollout is not None]


def _ends(
    ctx: Context, found: Recorded[RollbackDrill], max_age_days: int, after_change_days: int
) -> datetime | Outcome:
    """Until when a drill counts, or the answer where a change came after it, too long ago."""
    drill, ends = found.record, valid_until(found, max_age_days=max_age_days)
    later = [rollout for rollout in _rehearsed_anew(ctx) if rollout.starts_at > drill.as_of]
    if not later:
        return ends
    # The first that comes after the drill: a second change is no respite for the first.
    first = min(later, key=lambda rollout: rollout.starts_at)
    due = first.starts_at + timedelta(days=after_change_days)
    if due > ctx.as_of:
        return min(ends, due)
    return unknown(
        "expired",
        f"rollout {first.id} of {first.starts_at.date()} came after the drill of "
        f"{drill.as_of.date()}; expected another within {after_change_days} days of it",
        looked_at=[first.where, found.where],
        remedy=rehearse_rollback(ctx.system),
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
