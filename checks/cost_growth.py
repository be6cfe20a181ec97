"""Where the cost came from and where it goes: against the pilot, and against the ceiling."""

from collections.abc import Iterator
from datetime import date, timedelta
from math import inf
from typing import Annotated

from pydantic import Field

from ops_model.check.answers import no_usage_log, of_this_version
from ops_model.check.api import (
    Context,
    Outcome,
    Recorded,
    all_of,
    check,
    counted,
    failed,
    no_file,
    not_applicable,
    passed,
    said,
    unknown,
    valid_until,
)
from ops_model.check.remedies import made_later
from ops_model.check.spends import HALF_A_CENT, cost_by_day, write_ceiling
from ops_model.domain.cost import CostCeiling, CostPlan, PilotAssumption, SpendMeasurement
from ops_model.domain.spend import CostBridge, CostForecast

OF_TOKENS = (
    "volume", "prompt_length", "output_length", "model_mix", "cache", "retries", "price",
)  # fmt: skip
"""What moves a bill per token; hours of a machine know fewer drivers."""


@check(
    "CST-05",
    question="Is it explained to the cent why it costs other than the pilot assumed?",
    area="cost",
    source=["S2.11"],
    revision=1,
)
def bridge_closes(ctx: Context, *, max_age_days: int = 35) -> Outcome:
    """Volume, longer prompts and a cache that is not there look alike on a bill."""
    plan, identity = ctx.system.cost, ctx.system.identity
    if plan is None:
        return no_file(ctx, "cost")
    assumption = _assumed(plan)
    if isinstance(assumption, Outcome):
        return assumption
    if not identity.in_production_at(ctx.as_of):
        return not_applicable(
            "no user is served yet, so there is nothing to hold against what the pilot assumed",
            looked_at=[identity.place_of("stage_history"), assumption.where],
        )
    if not plan.logs:
        return no_usage_log(ctx, plan)
    found = of_this_version(
        ctx,
        CostBridge,
        subject="the bridge",
        max_age_days=max_age_days,
        missing="no such measurement: no bridge from the pilot's assumption to now is on record",
        claim=assumption.where,
        remedy=made_later("cost_bridge", "CST-05"),
    )
    if isinstance(found, Outcome):
        return found
    return _closes(ctx, plan, assumption, found, max_age_days)


def _assumed(plan: CostPlan) -> PilotAssumption | Outcome:
    """What the pilot assumed a day would cost, or the answer where nobody wrote it."""
    assumption = plan.pilot_assumption
    if assumption is None:
        return unknown(
            "missing",
            "cost.yaml does not say what the pilot assumed a day would cost",
            looked_at=[plan.place_of("pilot_assumption")],
            remedy="the cost owner writes `pilot_assumption` in cost.yaml, as the pilot's report "
            "has it: units per day, what one takes, the cost per day and the source",
        )
    if assumption.cost_per_day is None:
        return unknown(
            "missing",
            "cost.yaml does not say what the pilot assumed that a day would cost, so a bridge "
            "could begin anywhere",
            looked_at=[assumption.where],
            remedy="the cost owner writes `cost_per_day` of `pilot_assumption` in cost.yaml, as "
            f"the pilot's report has it, such as `100.00 {plan.currency}`",
        )
    return assumption


def _closes(
    ctx: Context,
    plan: CostPlan,
    assumption: PilotAssumption,
    found: Recorded[CostBridge],
    max_age_days: int,
) -> Outcome:
    """Whether a bridge starts where the pilot ended, and its drivers add up to the difference."""
    bridge, looked_at = found.record, [assumption.where, found.where]
    values = {f"driver {name}": effect for name, effect in bridge.drivers.items()}
    numbers = [bridge.assumed_per_day, bridge.actual_per_day, *bridge.drivers.values()]
    unseen = "has numbers that are not known" if any(n.value is None for n in numbers) else ""
    if why := unseen or _not_counted(ctx, bridge, max_age_days):
        return unknown(
            "too_few",
            f"the bridge of {bridge.as_of.date()} {why}",
            looked_at=looked_at,
            remedy=made_later("cost_bridge", "CST-05"),
        )
    faults = list(_gaps(plan, assumption, bridge))
    if faults:
        return failed(
            f"the bridge of {bridge.as_of.date()}: {'; '.join(faults)}",
            looked_at=looked_at,
            remedy="the cost owner puts `pilot_assumption` of cost.yaml right, or finds the rows "
            "of the usage log that the bridge leaves out, and has it measured again",
            values=values,
        )
    largest = max(bridge.drivers, key=lambda name: abs(bridge.drivers[name].value or 0.0))
    return passed(
        f"from {said(bridge.assumed_per_day)} assumed to {said(bridge.actual_per_day)} per day, "
        f"explained to the cent ({bridge.method.replace('_', ' ')}); most by "
        f"{largest.replace('_', ' ')}, {said(bridge.drivers[largest])}",
        looked_at=looked_at,
        values=values,
        valid_until=valid_until(found, max_age_days=max_age_days),
    )


def _not_counted(ctx: Context, bridge: CostBridge, max_age_days: int) -> str:
    """Why a bridge does not end at what a day costs now; empty when it does."""
    if not bridge.actual_per_day.n:
        return "rests on no row of a usage log"
    if bridge.window is not None and ctx.as_of - bridge.window.end > timedelta(days=max_age_days):
        return f"ends on {bridge.window.end.date()}; expected days of the last {max_age_days}"
    spend = ctx.evidence.latest(SpendMeasurement)
    if spend is None or spend.record.currency != bridge.currency:
        return ""
    actual = bridge.actual_per_day.value or 0.0
    least, most = _day_costs_between(spend.record)
    if least - HALF_A_CENT <= actual <= most + HALF_A_CENT:
        return ""
    return (
        f"ends at {said(bridge.actual_per_day)} per day, and by the spend of "
        f"{spend.record.as_of.date()} a day costs between {least:,.2f} and {most:,.2f}"
    )


def _day_costs_between(spend: SpendMeasurement) -> tuple[float, float]:
    """Between which two amounts the mean of some days must lie.

    A day without any row cost nothing and is not told. Where no day is told apart, none can have
    cost more than all of them.
    """
    costs = cost_by_day(spend).values()
    if not costs:
        known = [m.value for m in (spend.total, spend.last_full_day) if m.value is not None]
        return 0.0, max(known, default=inf)
    span = spend.window.end - spend.window.start if spend.window is not None else timedelta(0)
    return min(costs) * len(costs) / max(len(costs), span.days), max(costs)


def _gaps(plan: CostPlan, assumption: PilotAssumption, bridge: CostBridge) -> Iterator[str]:
    """Where a bridge does not close."""
    assumed, actual = bridge.assumed_per_day.value or 0.0, bridge.actual_per_day.value or 0.0
    explained = sum(effect.value or 0.0 for effect in bridge.drivers.values())
    rest = actual - assumed - explained
    if abs(rest) >= HALF_A_CENT:
        yield (
            f"the drivers add up to {explained:,.2f} {bridge.currency}, the difference is "
            f"{actual - assumed:,.2f}; {rest:,.2f} is not explained"
        )
    declared = assumption.cost_per_day
    if declared is not None and declared.currency != bridge.currency:
        yield f"it is in {bridge.currency}; the pilot assumed {declared}"
    # The pilot's report rounds, so that a cent lies between it and what its units come to.
    elif declared is not None and abs(float(declared.amount) - assumed) > 2 * HALF_A_CENT:
        yield f"it starts at {said(bridge.assumed_per_day)}; the pilot assumed {declared}"
    owed = OF_TOKENS if any(log.unit == "tokens" for log in plan.logs) else ("volume", "price")
    left_out = [name.replace("_", " ") for name in owed if name not in bridge.drivers]
    if left_out:
        yield f"it leaves out {', '.join(left_out)}"


@check(
    "CST-06",
    question="Is it known when each ceiling per day is crossed, and is that far off?",
    area="cost",
    source=["S4.5", "S4.18"],
    revision=1,
)
def ceiling_is_far_off(
    ctx: Context,
    *,
    within_days: int = 90,
    max_age_days: int = 8,
    min_days: Annotated[int, Field(ge=7)] = 28,
) -> Outcome:
    """A ceiling that is crossed next month is cheaper to talk about today.

    A growth that was seen on fewer than `min_days` days is none yet.
    """
    plan = ctx.system.cost
    if plan is None:
        return no_file(ctx, "cost")
    daily = [c for c in plan.ceilings if c.per == "day" and c.scope in {"system", "provider"}]
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
    again = made_later("cost_forecast", "CST-06")
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
    if forecast.earliest is not None and forecast.earliest <= limit:
        return f"it may be crossed as early as {forecast.earliest}; expected not before {limit}"
    if forecast.earliest is None and forecast.no_interval is None:
        return "the forecast has neither an earliest day nor the words why it has none"
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
    spend = ctx.evidence.latest(SpendMeasurement) if ceiling.scope == "system" else None
    now = spend.record.last_full_day.value if spend is not None else None
    days = (limit - forecast.as_of.date()).days
    then = (now or 0.0) + rate * days
    if then <= most:
        return ""
    return (
        f"{said(growth)} of growth per day come to {then:,.2f} a day by {limit}, above "
        f"{ceiling.amount}, and the forecast does not see it"
    )


def _span(forecast: CostForecast) -> str:
    """The interval of a forecast in brackets, or why it has none."""
    if forecast.earliest is not None and forecast.latest is not None:
        return f" ({forecast.earliest} to {forecast.latest})"
    if forecast.earliest is not None:
        return f" ({forecast.earliest} at the earliest)"
    return f" ({forecast.no_interval})" if forecast.no_interval else ""
