"""What the service costs today, and the most that it may cost."""

from datetime import timedelta

from ops_model.check.api import (
    Context,
    Outcome,
    check,
    failed,
    no_file,
    passed,
    said,
    unknown,
)
from ops_model.domain.cost import CostCeiling, CostPlan, SpendMeasurement
from ops_model.domain.values import iso_utc


@check(
    "CST-01",
    question="Is there a ceiling per day, and does something happen there?",
    area="cost",
    source=["S0.17"],
    revision=1,
)
def ceiling_per_day(ctx: Context) -> Outcome:
    """A project's budget is spent once; a service is billed every day until somebody stops it."""
    plan = ctx.system.cost
    if plan is None:
        return no_file(ctx, "cost")
    daily = [c for c in plan.ceilings if c.scope == "system" and c.per == "day"]
    if not daily:
        budget = plan.project_budget
        other = f"; a budget of {budget.amount} for the project is none" if budget else ""
        return failed(
            f"no ceiling per day for the system{other}",
            looked_at=[plan.where],
            remedy="the cost owner writes one in cost.yaml, with an amount and a hard_action",
        )
    faults = [f"{c.id}: {fault}" for c in daily if (fault := _fault(ctx, plan, c))]
    if faults:
        return failed(
            "; ".join(faults),
            looked_at=[c.where for c in daily],
            remedy="the cost owner corrects the ceiling in cost.yaml",
        )
    found = ctx.evidence.latest(SpendMeasurement)
    today = f"; today {said(found.record.today)} so far" if found else ""
    return passed(
        "; ".join(
            f"{c.amount} per day, then {c.hard_action.replace('_', ' ')} ({c.owner})"
            for c in daily
        )
        + today,
        looked_at=[*(c.where for c in daily), *([found.where] if found else [])],
        values={"today": found.record.today} if found else None,
    )


@check(
    "CST-02",
    question="Is today's spend known today?",
    area="cost",
    source=["S0.17"],
    revision=1,
)
def spend_is_fresh(ctx: Context, *, max_age_hours: float = 24) -> Outcome:
    """A bill at the end of the month explains an overrun and prevents none."""
    plan = ctx.system.cost
    if plan is None:
        return no_file(ctx, "cost")
    measure = f"the cost owner runs `ops-model run 06_cost {ctx.system.id}`"
    found = ctx.evidence.latest(SpendMeasurement)
    if found is None:
        return unknown(
            "missing", "spend was never measured", looked_at=[plan.where], remedy=measure
        )
    spend, looked_at = found.record, [plan.where, found.where]
    if spend.newest_row is None:
        return unknown(
            "too_few", "the usage logs hold no row", looked_at=looked_at, remedy=measure
        )
    # Counted to the instant that judges, so that a measurement grows old where it lies.
    hours = (ctx.as_of - spend.newest_row) / timedelta(hours=1)
    if hours > max_age_hours:
        return unknown(
            "expired",
            f"the newest row is of {iso_utc(spend.newest_row)}, {hours:.1f} h old; expected at "
            f"most {max_age_hours:g} h",
            looked_at=looked_at,
            remedy=f"the platform brings the usage log up to date; then {measure}",
        )
    if spend.unpriced_rows:
        return failed(
            f"{spend.unpriced_rows:,} rows have no price, so the spend is more than "
            f"{said(spend.today)}",
            looked_at=looked_at,
            remedy="the cost owner adds the missing price to cost.yaml, with its source and date",
        )
    return passed(
        f"newest row {hours:.1f} h old; last full day {said(spend.last_full_day)}, "
        f"{spend.days_over_ceiling} days over the ceiling",
        looked_at=looked_at,
        values={"today": spend.today, "last_full_day": spend.last_full_day},
        valid_until=spend.newest_row + timedelta(hours=max_age_hours),
    )


def _fault(ctx: Context, plan: CostPlan, ceiling: CostCeiling) -> str:
    """What is wrong with a ceiling, or an empty text."""
    warn = ceiling.warn_at
    if ceiling.amount.amount <= 0:
        return f"{ceiling.amount} is no ceiling; expected more than nothing"
    if ceiling.amount.currency != plan.currency:
        return f"is in {ceiling.amount.currency}; prices are in {plan.currency}"
    if not warn:
        return "warns nobody on the way; expected warn_at"
    if ctx.model.people.team(ceiling.owner) is None:
        return ctx.why_not_active(ceiling.owner)
    return ""
