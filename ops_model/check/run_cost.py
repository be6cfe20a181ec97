"""What a day of running a system costs, so that money for it can be held against that."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ops_model.check.context import Context
from ops_model.check.spends import cost_by_day
from ops_model.domain.cost import CostPlan
from ops_model.domain.spend import SpendMeasurement
from ops_model.domain.values import Where

_DAYS = timedelta(days=28)
"""How far back days count: what was spent before tells less of what will be."""


@dataclass(frozen=True)
class DailyCost:
    """What one day costs, in some currency; how that is known, where, and until when it counts."""

    amount: float
    how: str
    where: Where
    until: datetime | None = None


def daily_costs(
    ctx: Context, plan: CostPlan, currency: str, *, max_age_days: int
) -> Iterator[DailyCost]:
    """What was spent a day, and then what may be; nothing of what is in another currency.

    Args:
        ctx: the check's context.
        plan: the system's `cost.yaml`.
        currency: of the amounts; nothing is converted.
        max_age_days: how old a measurement may be at `as_of`.
    """
    found, most = ctx.evidence.latest(SpendMeasurement), timedelta(days=max_age_days)
    spend = found.record if found is not None else None
    if found is not None and spend is not None and spend.currency == currency:
        until, spent = spend.as_of + most, _spent_a_day(spend)
        if spent is not None and ctx.as_of <= until:
            yield DailyCost(spent, "were spent", found.where, until)
    daily = [c for c in plan.ceilings if c.scope == "system" and c.per == "day"]
    same = [ceiling for ceiling in daily if ceiling.amount.currency == currency]
    if same:
        lowest = min(same, key=lambda ceiling: ceiling.amount.amount)
        yield DailyCost(float(lowest.amount.amount), "may be spent", lowest.where)


def _spent_a_day(spend: SpendMeasurement) -> float | None:
    """The mean of the last whole days; that of the last one where no other is told apart."""
    today = spend.as_of.astimezone(UTC).date()
    whole = {d: cost for d, cost in cost_by_day(spend).items() if today - _DAYS <= d < today}
    if not whole:
        return spend.last_full_day.value
    return sum(whole.values()) / ((max(whole) - min(whole)).days + 1)
