"""Who is told on the way to a ceiling: each alert was tried, and somebody answered it."""

from collections.abc import Sequence

from ops_model.check.api import (
    Context,
    Outcome,
    Recorded,
    all_of,
    check,
    failed,
    latest_in_date,
    no_file,
    passed,
    said,
    unknown,
    valid_until,
)
from ops_model.check.remedies import made_later
from ops_model.domain.cost import CostCeiling, CostPlan
from ops_model.domain.spend import RouteTest


@check(
    "CST-03",
    question="Was each ceiling's alert tried lately, and did somebody answer it?",
    area="cost",
    source=["S0.17"],
    revision=1,
)
def alerts_reach_somebody(ctx: Context, *, max_age_days: int = 90) -> Outcome:
    """An alert that was never tried is sent to a list that nobody reads any more."""
    plan = ctx.system.cost
    if plan is None:
        return no_file(ctx, "cost")
    if not plan.ceilings:
        return unknown(
            "missing",
            "cost.yaml has no ceiling, so there is nothing that would alert anybody",
            looked_at=[plan.place_of("ceilings")],
            remedy="the cost owner writes a ceiling per day with an alert_route under `ceilings` "
            "in cost.yaml",
        )
    silent = [_alerts_nobody(ceiling) for ceiling in plan.ceilings if ceiling.alert_route is None]
    routes = dict.fromkeys(c.alert_route for c in plan.ceilings if c.alert_route is not None)
    return all_of([*silent, *(_tried(ctx, plan, route, max_age_days) for route in routes)])


def _alerts_nobody(ceiling: CostCeiling) -> Outcome:
    return failed(
        f"ceiling {ceiling.id} alerts nobody (no alert_route)",
        looked_at=[ceiling.where],
        remedy=f"the cost owner writes an alert_route for ceiling {ceiling.id} in cost.yaml",
    )


def _tried(ctx: Context, plan: CostPlan, route: str, max_age_days: int) -> Outcome:
    """Whether one route reaches somebody."""
    ceilings = [ceiling for ceiling in plan.ceilings if ceiling.alert_route == route]
    ids = ", ".join(ceiling.id for ceiling in ceilings)
    found = latest_in_date(
        ctx,
        RouteTest,
        max_age_days=max_age_days,
        missing=f"no such measurement: no trial alert over “{route}” ({ids}) is on record",
        claim=ceilings[0].place_of("alert_route"),
        remedy=made_later("route_test", "CST-03"),
        matching=lambda trial: trial.route == route,
    )
    if isinstance(found, Outcome):
        return found
    return _arrived(ctx, ceilings, found, max_age_days)


def _arrived(
    ctx: Context, ceilings: Sequence[CostCeiling], found: Recorded[RouteTest], max_age_days: int
) -> Outcome:
    """Whether the last trial alert was delivered, and answered by somebody who is here still."""
    trial, looked_at = found.record, [*(c.where for c in ceilings), found.where]
    ids, owner = ", ".join(ceiling.id for ceiling in ceilings), ceilings[0].owner
    of = f"{ids}: the trial alert over “{trial.route}” of {trial.as_of.date()}"
    if not trial.delivered or trial.acknowledged_by is None:
        what = "nobody acknowledged it" if trial.delivered else "it was not delivered"
        return failed(
            f"{of}: {what}",
            looked_at=looked_at,
            remedy=f"{owner} puts the alert_route of {ids} in cost.yaml right, and it is tried "
            "again",
        )
    if why := ctx.why_not_active(trial.acknowledged_by):
        return unknown(
            "expired",
            f"{of} was acknowledged by somebody who cannot answer now: {why}",
            looked_at=looked_at,
            remedy=f"{owner} names in cost.yaml a route that reaches somebody who works here; "
            f"then {made_later('route_test', 'CST-03')}",
        )
    took = f" after {said(trial.seconds)}" if trial.seconds is not None else ""
    return passed(
        f"{of} was acknowledged by {trial.acknowledged_by}{took}",
        looked_at=looked_at,
        values={f"{ids} acknowledged": trial.seconds} if trial.seconds else None,
        valid_until=valid_until(found, max_age_days=max_age_days),
    )
