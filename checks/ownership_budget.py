"""Money for running it once the project is over, and how long it lasts."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated

from pydantic import Field

from ops_model.check.api import (
    Context,
    Outcome,
    check,
    counted,
    earliest,
    failed,
    no_file,
    passed,
    unknown,
)
from ops_model.check.holders import owner_to_act
from ops_model.check.run_cost import DailyCost, daily_costs
from ops_model.domain.cost import RunBudget


@check(
    "OWN-05",
    question="Is there money and an owner for running it, after the project is over?",
    area="ownership",
    source=["S1.13", "S2.4"],
    revision=2,
)
def run_budget_and_owner(
    ctx: Context,
    *,
    min_months: Annotated[int, Field(ge=6)] = 12,
    max_spend_age_days: Annotated[int, Field(gt=0, le=366)] = 31,
) -> Outcome:
    """The launch is where a project's money ends, and where the cost of operating it begins.

    The money has to last at what a day costs now; where that was not measured within
    `max_spend_age_days`, at the ceiling per day.
    """
    ownership, cost = ctx.system.ownership, ctx.system.cost
    if ownership is None:
        return no_file(ctx, "ownership")
    if cost is None:
        return no_file(ctx, "cost")
    budget = cost.run_budget
    if budget is None:
        return unknown(
            "missing",
            "no budget for running it is on record, beside that of the project",
            looked_at=[cost.place_of("run_budget")],
            remedy=f"{owner_to_act(ctx, ownership)} has a budget for running it approved for "
            f"{min_months} months, and writes it as `run_budget` in cost.yaml",
        )
    currency = budget.amount.currency
    costs = list(daily_costs(ctx, cost, currency, max_age_days=max_spend_age_days))
    looked_at = [budget.where, ownership.place_of("accountable"), *(c.where for c in costs[:1])]
    faults = list(_budget_faults(ctx, budget, min_months))
    faults += [_comes_to(budget, c) for c in costs[:1] if _too_little(budget, c)]
    if reason := ctx.why_not_active(ownership.accountable):
        faults.append(f"accountable: {reason}")
    if faults:
        return failed(
            "; ".join(faults),
            looked_at=looked_at,
            remedy=f"{owner_to_act(ctx, ownership)} has the money for running it approved for the "
            f"next {min_months} months, and writes it as `run_budget` in cost.yaml",
        )
    ends = _ends(budget)
    held = _comes_to(budget, costs[0]) if costs else f"nothing that a day costs is in {currency}"
    # A measurement that is too old leaves the ceiling.
    then = any(_too_little(budget, later) for later in costs[1:])
    return passed(
        f"{budget.amount} from {budget.source} until {ends}, approved by {budget.approved_by}; "
        f"{ownership.accountable} owns it; {held}",
        looked_at=looked_at,
        valid_until=earliest(
            ctx.end_of(ends - timedelta(days=1)),
            ctx.until_gone(ownership.accountable, budget.approved_by),
            costs[0].until if then else None,
        ),
    )


def _too_little(budget: RunBudget, cost: DailyCost) -> bool:
    """True where the budget would not last for the days that it is for."""
    return cost.amount * _days(budget) > float(budget.amount.amount)


def _comes_to(budget: RunBudget, cost: DailyCost) -> str:
    currency, days = budget.amount.currency, _days(budget)
    whole = f"{cost.amount * days:,.2f} {currency} in the {days} days of the budget"
    return f"{cost.amount:,.2f} {currency} a day {cost.how}, {whole} of {budget.amount}"


def _days(budget: RunBudget) -> int:
    return (_ends(budget) - budget.starts).days


def _budget_faults(ctx: Context, budget: RunBudget, min_months: int) -> Iterator[str]:
    today = ctx.today
    if budget.amount.amount <= 0:
        yield f"the budget for running it is {budget.amount}; expected more than nothing"
    if reason := ctx.why_not_active(budget.approved_by):
        yield f"approved_by: {reason}"
    if budget.approved_by in ctx.model.builders(ctx.system):
        yield f"approved_by: {budget.approved_by} built the system, and would pay themselves"
    if budget.months < min_months:
        yield (
            f"the budget for running it covers {counted(budget.months, 'month')}; expected at "
            f"least {min_months}"
        )
    if today >= _ends(budget):
        yield f"the budget for running it ended on {_ends(budget)}"
    if today < budget.starts and ctx.system.identity.in_production_at(ctx.as_of):
        yield f"it serves people already, and the budget begins only on {budget.starts}"


def _ends(budget: RunBudget) -> date:
    """The first day that the budget does not cover; a day that a month lacks is its last."""
    months = budget.starts.year * 12 + budget.starts.month - 1 + budget.months
    year, month = divmod(months, 12)
    for day in (budget.starts.day, 30, 29):
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    return date(year, month + 1, 28)
