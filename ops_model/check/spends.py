"""What the checks of cost share: how a ceiling is written, and whether spend can be believed."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, timedelta

from ops_model.check.context import Context
from ops_model.check.wording import counted, said
from ops_model.domain.assessment import UnknownReason
from ops_model.domain.cost import CostCeiling, CostPlan
from ops_model.domain.of_last import of_last
from ops_model.domain.spend import SpendMeasurement
from ops_model.domain.values import iso_utc

HALF_A_CENT = 0.005
_SHOWN = 3


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


def fault_of(ctx: Context, plan: CostPlan, ceiling: CostCeiling) -> str:
    """Why a ceiling would not hold, or an empty text."""
    if ceiling.amount.amount <= 0:
        return f"{ceiling.amount} is no ceiling; expected more than nothing"
    if ceiling.amount.currency != plan.currency:
        return f"is in {ceiling.amount.currency}; prices are in {plan.currency}"
    if not ceiling.warn_at:
        return "warns nobody on the way; expected warn_at"
    return ctx.why_nobody(ceiling.owner)


# Several checks ask it of the same measurement.
@of_last
def cost_by_day(spend: SpendMeasurement) -> Mapping[date, float]:
    """What each day cost in all, as far as the measurement tells days apart."""
    by_day: dict[date, float] = defaultdict(float)
    for day in spend.days:
        by_day[day.day] += day.cost.value or 0.0
    return dict(by_day)


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


def days_covered(spend: SpendMeasurement) -> int:
    """How many days a measurement covers, the day that is not over yet included."""
    if spend.window is None:
        return len({day.day for day in spend.days})
    return -((spend.window.start - spend.window.end) // timedelta(days=1))


def days_in_doubt(
    spend: SpendMeasurement, within: timedelta
) -> tuple[UnknownReason, str, str] | None:
    """Why days may have cost more than was measured: the reason, in words, and who does what."""
    if spend.unpriced_rows:
        return ("too_few", *no_price(spend))
    if lost := lost_days(spend, within):
        return (
            "missing",
            f"the usage logs hold no row of {', '.join(map(str, lost))}, where the week before "
            "had some",
            "the platform finds out whether nothing was used or nothing was logged, and brings "
            "the rows after where they can be had",
        )
    return None


def no_price(spend: SpendMeasurement) -> tuple[str, str]:
    """What rows have no price, in words, and who does what about them.

    A row that makes no sense, such as one with fewer than no tokens, has none by any price list.
    """
    shown = sorted(spend.unpriced.items(), key=lambda found: -found[1])[:_SHOWN]
    of = "; ".join(f"{what}, {counted(rows, 'row')}" for what, rows in shown)
    text = f"{spend.unpriced_rows:,} rows have no price{f' ({of})' if of else ''}"
    if spend.unpriced and all(what.rpartition(": ")[2] in spend.apart for what in spend.unpriced):
        return text, "the platform has what writes the usage log corrected: its rows make no sense"
    return text, "the cost owner adds the missing price to cost.yaml, with its source and date"


def lost_days(spend: SpendMeasurement, within: timedelta) -> tuple[date, ...]:
    """The last days without any row where the same day of the week before had rows.

    A service that is not used on Sundays has a silent day a week, and nothing is lost.
    """
    silent, first = set(spend.silent_days), min(cost_by_day(spend), default=None)
    since = (spend.as_of - within).astimezone(UTC).date()
    week = timedelta(days=7)
    return tuple(
        day
        for day in spend.silent_days
        if day >= since and first is not None and day - week >= first and day - week not in silent
    )


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
