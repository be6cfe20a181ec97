"""Where the cost goes: on which day a ceiling is crossed, and how sure that is."""

from datetime import date, timedelta
from typing import Annotated

from pydantic import Field

from ops_model.check.answers import no_usage_log, of_this_version
from ops_model.check.api import (
    Context,
    Outcome,
    all_of,
    check,
    counted,
    failed,
    no_file,
    passed,
    said,
    unknown,
    valid_until,
)
from ops_model.check.remedies_cost import measure_ceilings
from ops_model.check.spends import write_ceiling
from ops_model.domain.cost import CostCeiling
from ops_model.domain.spend import CostForecast, SpendMeasurement

_FEWEST_SERIES = 20
"""Fewer series than this say too little of how wrong a forecast is."""
_COVERS = (0.85, 0.95)
"""How many of the errors that were seen an interval of nine in ten has to hold."""


@check(
    "CST-06",
    question="Is it known when each ceiling per day is crossed, and is that far off?",
    area="cost",
    source=["S4.5", "S4.18"],
    revision=3,
)
def ceiling_is_far_off(
    ctx: Context,
    *,
    within_days: Annotated[int, Field(ge=1)] = 90,
    max_age_days: int = 8,
    min_days: Annotated[int, Field(ge=7)] = 28,
) -> Outcome:
    """A ceiling that is crossed next month is cheaper to talk about today.

    A growth that was seen on fewer than `min_days` days is none yet, and an interval counts where
    it was held against what came of enough other series.
    """
    plan = ctx.system.cost
    if plan is None:
        return no_file(ctx, "cost")
    daily = plan.daily_ceilings
    if not any(ceiling.scope == "system" for ceiling in daily):
        return unknown(
            "missing",
            "no ceiling per day is declared for the system, so nothing says what growth would "
            "be too much",
            looked_at=[plan.place_of("ceilings")],
            remedy=write_ceiling(plan),
        )
    if not plan.logs:
        return no_usage_log(ctx, plan)
    return all_of(
        [_crossing(ctx, ceiling, within_days, max_age_days, min_days) for ceiling in daily]
    )


def _crossing(
    ctx: Context, ceiling: CostCeiling, within_days: int, max_age_days: int, min_days: int
) -> Outcome:
    """When one ceiling is crossed at the present growth."""
    again = measure_ceilings(ctx.system)
    found = of_this_version(
        ctx,
        CostForecast,
        subject=f"ceiling {ceiling.id}",
        max_age_days=max_age_days,
        missing=f"no such measurement: no forecast of when ceiling {ceiling.id} is crossed is on "
        "record",
        claim=ceiling.where,
        remedy=again,
        matching=lambda forecast: forecast.ceiling == ceiling.id,
        # Three months tell how use grows, in whichever version; the last weeks what a day costs.
        last_days=min_days,
    )
    if isinstance(found, Outcome):
        return found
    forecast, looked_at = found.record, [ceiling.where, found.where]
    limit = ctx.today + timedelta(days=within_days)
    growth = {f"{ceiling.id} growth per day": forecast.growth_per_day}
    if forecast.crosses_on is not None and forecast.crosses_on <= limit:
        return failed(
            f"ceiling {ceiling.id} is crossed on {forecast.crosses_on}{_span(forecast)}; expected "
            f"not before {limit}",
            looked_at=looked_at,
            remedy=f"{ceiling.owner} brings the cost down (`actions` in cost.yaml), or whoever "
            "holds raise_cost_ceiling in decisions.yaml raises the ceiling, before that day",
            values=growth,
        )
    if why := _uncertain(forecast, limit, min_days) or _outgrown(ctx, ceiling, forecast, limit):
        return unknown(
            "too_few",
            f"ceiling {ceiling.id}: {why}",
            looked_at=looked_at,
            remedy=again,
            values=growth,
        )
    horizon = forecast.as_of.date() + timedelta(days=forecast.horizon_days)
    when = (
        f"is crossed on {forecast.crosses_on}{_span(forecast)}" if forecast.crosses_on
        else f"is not crossed by {horizon}{_span(forecast)}"
    )  # fmt: skip
    return passed(
        f"ceiling {ceiling.id} {when}, at {said(forecast.growth_per_day)} of growth per day",
        looked_at=looked_at,
        values=growth,
        valid_until=valid_until(found, max_age_days=max_age_days),
    )


def _uncertain(forecast: CostForecast, limit: date, min_days: int) -> str:
    """Why a forecast cannot say that a ceiling holds until a day; empty when it can."""
    horizon = forecast.as_of.date() + timedelta(days=forecast.horizon_days)
    if forecast.crosses_on is None and horizon < limit:
        return (
            f"the forecast looks ahead to {horizon}, not to {limit}; expected a horizon of "
            f"{(limit - forecast.as_of.date()).days} days or more"
        )
    if forecast.growth_per_day.value is None:
        return "how fast the cost grows is not known"
    if (forecast.growth_per_day.n or 0) < min_days:
        return (
            f"its growth was seen on {counted(forecast.growth_per_day.n or 0, 'day')}; expected "
            f"at least {min_days}"
        )
    now = forecast.per_day_now
    # The least that a day costs says nothing of the most.
    if now is not None and (now.no_interval or "").startswith("lower bound"):
        return f"what a day costs now is known by its {now.no_interval}"
    return _bounded(forecast, limit)


def _bounded(forecast: CostForecast, limit: date) -> str:
    """Why the earliest day of a forecast does not let a ceiling hold until a day."""
    if forecast.earliest is not None and forecast.earliest <= limit:
        return f"it may be crossed as early as {forecast.earliest}; expected not before {limit}"
    if forecast.earliest is None:
        unsaid = "the forecast has neither an earliest day nor the words why it has none"
        return unsaid if forecast.no_interval is None else ""
    if forecast.series < _FEWEST_SERIES:
        return (
            f"its interval rests on {forecast.series:,} other series; expected at least "
            f"{_FEWEST_SERIES}"
        )
    held = forecast.coverage
    if held is None or held.value is None:
        return "nobody counted how many of the errors that were seen its interval holds"
    if not _COVERS[0] <= held.value <= _COVERS[1]:
        return (
            f"its interval held {said(held)} of the errors that were seen; expected "
            f"{_COVERS[0] * 100:.0f} to {_COVERS[1] * 100:.0f} %"
        )
    return ""


def _outgrown(ctx: Context, ceiling: CostCeiling, forecast: CostForecast, limit: date) -> str:
    """Why a forecast's own growth does not let a ceiling hold until a day; empty when it does.

    Without a day by which it may be crossed at the earliest, the upper end of the growth counts.
    """
    growth, most = forecast.growth_per_day, float(ceiling.amount.amount)
    if growth.unit != ceiling.amount.currency:
        return f"growth of {said(growth)} cannot be held against {ceiling.amount}"
    rate = growth.value or 0.0
    if forecast.earliest is None and growth.high is not None:
        rate = growth.high
    now = _costs_now(ctx, ceiling, forecast)
    days = (limit - forecast.as_of.date()).days
    then = (now or 0.0) + rate * days
    if then <= most:
        return ""
    return (
        f"{said(growth)} of growth per day come to {then:,.2f} a day by {limit}, above "
        f"{ceiling.amount}, and the forecast does not see it"
    )


def _costs_now(ctx: Context, ceiling: CostCeiling, forecast: CostForecast) -> float | None:
    """What a usual day costs now under a ceiling; the last day, where no forecast says it."""
    if forecast.per_day_now is not None and forecast.per_day_now.value is not None:
        return forecast.per_day_now.value
    spend = ctx.evidence.latest(SpendMeasurement) if ceiling.scope == "system" else None
    return spend.record.last_full_day.value if spend is not None else None


def _span(forecast: CostForecast) -> str:
    """The interval of a forecast in brackets, or why it has none."""
    if forecast.earliest is not None and forecast.latest is not None:
        return f" ({forecast.earliest} to {forecast.latest})"
    if forecast.earliest is not None:
        return f" ({forecast.earliest} at the earliest)"
    return f" ({forecast.no_interval})" if forecast.no_interval else ""
