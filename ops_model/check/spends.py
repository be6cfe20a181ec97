"""What the checks of cost share: how a ceiling is written, and whether spend can be believed."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, timedelta

from ops_model.check.wording import counted, said
from ops_model.domain.cost import CostPlan, SpendMeasurement
from ops_model.domain.values import iso_utc

HALF_A_CENT = 0.005


def write_ceiling(plan: CostPlan, scope: str = "system", provider: str | None = None) -> str:
    """How a ceiling is written so that it holds at once, in an entry under `ceilings`."""
    per = "run" if scope == "training_run" else "day"
    of = f", `provider: {provider}`" if provider is not None else ""
    what = {
        "system": "a ceiling per day for the system",
        "training_run": "a ceiling for each training run",
    }.get(scope, f"a ceiling per day for {provider}")
    return (
        f"the cost owner writes {what} under `ceilings` in cost.yaml: its `id`, "
        f"`scope: {scope}`{of}, `per: {per}`, an `amount` above nothing such as "
        f"`100.00 {plan.currency}`, `warn_at` such as `[0.5, 0.8, 1]`, a `hard_action` (throttle, "
        "cheaper_model, stop or page_only), an `owner` who works here, and an `alert_route`"
    )


def cost_by_day(spend: SpendMeasurement) -> Mapping[date, float]:
    """What each day cost in all, as far as the measurement tells days apart."""
    by_day: dict[date, float] = defaultdict(float)
    for day in spend.days:
        by_day[day.day] += day.cost.value or 0.0
    return by_day


def days_above(spend: SpendMeasurement) -> frozenset[date]:
    """The days that cost more than the ceiling which was measured against.

    The day of the measurement and the one before are known by themselves too.
    """
    if spend.ceiling_per_day is None or spend.ceiling_per_day.value is None:
        return frozenset()
    today = spend.as_of.astimezone(UTC).date()
    costs = dict(cost_by_day(spend))
    for day, cost in ((today, spend.today), (today - timedelta(days=1), spend.last_full_day)):
        costs[day] = max(costs.get(day, 0.0), cost.value or 0.0)
    most = spend.ceiling_per_day.value + HALF_A_CENT
    return frozenset(day for day, cost in costs.items() if cost > most)


def contradicted(spend: SpendMeasurement) -> str:
    """Why a measurement of spend speaks against itself; empty when it does not."""
    if spend.newest_row is not None and spend.newest_row > spend.as_of:
        return (
            f"the newest row is of {iso_utc(spend.newest_row)}, after the measurement of "
            f"{iso_utc(spend.as_of)}"
        )
    above = days_above(spend)
    if len(above) > spend.days_over_ceiling:
        return (
            f"the measurement counts {counted(spend.days_over_ceiling, 'day')} over the ceiling, "
            f"and by its own numbers {', '.join(map(str, sorted(above)))} cost more"
        )
    return ""


def against_another(plan: CostPlan, spend: SpendMeasurement) -> str:
    """Why spend was held against another ceiling than there is now; empty when it was not."""
    against, now = spend.ceiling_per_day, lowest_per_day(plan)
    if against is None or now is None:
        return ""
    if against.value is None or abs(against.value - now) > HALF_A_CENT:
        return f"spend was held against {said(against)} per day; the ceiling is {now:,.2f} now"
    return ""


def lowest_per_day(plan: CostPlan) -> float | None:
    """The ceiling per day of the system that bites first."""
    amounts = [
        float(c.amount.amount) for c in plan.ceilings if c.scope == "system" and c.per == "day"
    ]
    return min(amounts, default=None)
