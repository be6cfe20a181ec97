"""Who is told on the way to a ceiling: each alert was tried, and somebody answered it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from ops_model.check.api import (
    Context,
    Outcome,
    Recorded,
    aged,
    all_of,
    by_tier,
    check,
    earliest,
    failed,
    latest_in_date,
    no_file,
    passed,
    said,
    unknown,
    valid_until,
)
from ops_model.check.holders import behind
from ops_model.check.remedies_cost import try_routes
from ops_model.check.spends import write_ceiling
from ops_model.domain.cost import CostCeiling, CostPlan
from ops_model.domain.spend import RouteTest


@check(
    "CST-03",
    question="Was each ceiling's alert tried lately, and did somebody answer it?",
    area="cost",
    source=["S0.17"],
    revision=2,
)
def alerts_reach_somebody(
    ctx: Context,
    *,
    max_age_days: int = 90,
    answer_within_minutes: Annotated[int, Field(le=480)] = by_tier(30, 60, 120),
) -> Outcome:
    """An alert that was never tried is sent to a list that nobody reads any more."""
    plan = ctx.system.cost
    if plan is None:
        return no_file(ctx, "cost")
    if not plan.ceilings:
        return unknown(
            "missing",
            "cost.yaml has no ceiling, so there is nothing that would alert anybody",
            looked_at=[plan.place_of("ceilings")],
            remedy=write_ceiling(plan),
        )
    silent = [_alerts_nobody(ceiling) for ceiling in plan.ceilings if ceiling.alert_route is None]
    routes = dict.fromkeys(c.alert_route for c in plan.ceilings if c.alert_route is not None)
    within = timedelta(minutes=answer_within_minutes)
    return all_of([*silent, *(_tried(ctx, plan, route, max_age_days, within) for route in routes)])


def _alerts_nobody(ceiling: CostCeiling) -> Outcome:
    return failed(
        f"ceiling {ceiling.id} alerts nobody (no alert_route)",
        looked_at=[ceiling.where],
        remedy=f"the cost owner writes an alert_route for ceiling {ceiling.id} in cost.yaml",
    )


def _tried(
    ctx: Context, plan: CostPlan, route: str, max_age_days: int, within: timedelta
) -> Outcome:
    """Whether one route reaches somebody."""
    ceilings = [ceiling for ceiling in plan.ceilings if ceiling.alert_route == route]
    ids = ", ".join(ceiling.id for ceiling in ceilings)
    found = latest_in_date(
        ctx,
        RouteTest,
        max_age_days=max_age_days,
        missing=f"no such measurement: no trial alert over “{route}” ({ids}) is on record",
        claim=ceilings[0].place_of("alert_route"),
        remedy=_try_again(ctx),
        matching=lambda trial: trial.route == route,
    )
    if isinstance(found, Outcome):
        return found
    return _arrived(ctx, ceilings, found, max_age_days, within)


def _arrived(
    ctx: Context,
    ceilings: Sequence[CostCeiling],
    found: Recorded[RouteTest],
    max_age_days: int,
    within: timedelta,
) -> Outcome:
    """Whether the last trial alert was delivered, and answered by somebody who is here still."""
    trial, looked_at = found.record, [*(c.where for c in ceilings), found.where]
    ids, owner = ", ".join(ceiling.id for ceiling in ceilings), ceilings[0].owner
    of = f"{ids}: the trial alert over “{trial.route}” of {trial.as_of.date()}"
    if found.statement.origin is not None:
        return unknown(
            "missing",
            f"{of} was written by a notebook, which sends nothing to anybody",
            looked_at=looked_at,
            remedy=_try_again(ctx),
        )
    if why := _not_answered(ctx, ceilings, trial, within):
        return failed(
            f"{of}: {why}",
            looked_at=looked_at,
            remedy=f"{owner} puts the alert_route of {ids} in cost.yaml right, so that it reaches "
            f"whoever answers for the ceiling; then {_try_again(ctx)}",
        )
    age = ctx.as_of - trial.sent_at
    in_date = timedelta(0) <= age <= timedelta(days=max_age_days)
    if trial.seconds is None or trial.seconds.value is None or not in_date:
        sent = f"was sent on {trial.sent_at.date()}; expected within the last {max_age_days} days"
        unsaid = f"was acknowledged by {trial.acknowledged_by}, and how soon is not on record"
        return unknown(
            "missing" if in_date else "expired",
            f"{of} {unsaid if in_date else sent}",
            looked_at=looked_at,
            remedy=_try_again(ctx),
        )
    if why := ctx.why_not_active(trial.acknowledged_by):
        return unknown(
            "expired",
            f"{of} was acknowledged by somebody who cannot answer now: {why}",
            looked_at=looked_at,
            remedy=f"{owner} names in cost.yaml a route that reaches somebody who works here; "
            f"then {_try_again(ctx)}",
        )
    return passed(
        f"{of} was acknowledged by {trial.acknowledged_by} after {said(trial.seconds)}",
        looked_at=looked_at,
        values={f"{ids} acknowledged": trial.seconds},
        valid_until=earliest(
            valid_until(found, max_age_days=max_age_days), ctx.until_gone(trial.acknowledged_by)
        ),
    )


def _not_answered(
    ctx: Context, ceilings: Sequence[CostCeiling], trial: RouteTest, within: timedelta
) -> str:
    """Why a trial alert shows nobody who would act on a real one in time; empty when it does."""
    if not trial.delivered:
        return f"it was not delivered{f' ({trial.why_not})' if trial.why_not else ''}"
    if trial.acknowledged_by is None:
        return "nobody acknowledged it"
    theirs = _answering(ctx, ceilings, trial)
    if trial.acknowledged_by not in theirs:
        return (
            f"acknowledged by {trial.acknowledged_by}, who answers neither for the ceiling nor "
            f"for the system; expected {ceilings[0].owner} or whoever is on call"
        )
    seconds = trial.seconds.value if trial.seconds is not None else None
    if seconds is not None and not 0 <= seconds <= within.total_seconds():
        minutes = aged(timedelta(seconds=seconds), timedelta(minutes=1))
        most = aged(within, timedelta(minutes=1))
        return f"acknowledged after {minutes} min; expected at most {most}"
    return ""


def _try_again(ctx: Context) -> str:
    return try_routes(ctx.system, ctx.model.settings.alert_routes)


def _answering(ctx: Context, ceilings: Sequence[CostCeiling], trial: RouteTest) -> frozenset[str]:
    """Who may be expected to act on the alert of a ceiling: its owner, the system's, the rota."""
    names: list[str | None] = ["primary", "secondary", *(ceiling.owner for ceiling in ceilings)]
    decisions, owned = ctx.system.decisions, ctx.system.ownership
    right = decisions.right("raise_cost_ceiling") if decisions is not None else None
    names += [right.holder, right.backup] if right is not None else []
    if owned is not None:
        duty = owned.duties.get("cost_control")
        names += [owned.accountable, owned.deputy, owned.domains.cost]
        names += [duty.primary, duty.deputy] if duty is not None else []
    return behind(ctx, *names, at=trial.sent_at)
