"""Where the cost came from: the bridge from what the pilot assumed to now."""

from collections.abc import Iterator
from datetime import timedelta
from math import inf

from ops_model.check.answers import no_usage_log, of_this_version
from ops_model.check.api import (
    Context,
    Outcome,
    Recorded,
    check,
    earliest,
    failed,
    no_file,
    not_applicable,
    passed,
    said,
    unknown,
    valid_until,
)
from ops_model.check.remedies_cost import measure_bridge
from ops_model.check.spends import HALF_A_CENT, cost_by_day
from ops_model.domain.cost import CostPlan, PilotAssumption
from ops_model.domain.spend import CostBridge, SpendMeasurement

OF_TOKENS = (
    "volume", "prompt_length", "output_length", "model_mix", "cache", "retries", "price",
)  # fmt: skip
"""What moves a bill per token; hours of a machine know fewer drivers."""


@check(
    "CST-05",
    question="Is it explained to the cent, with owners, why it costs other than was assumed?",
    area="cost",
    source=["S2.11"],
    revision=3,
)
def bridge_closes(ctx: Context, *, max_age_days: int = 35) -> Outcome:
    """Volume, longer prompts and a cache that is not there look alike on a bill.

    Each driver that made a day dearer has somebody who answers for it.
    """
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
        remedy=measure_bridge(ctx.system),
        matching=lambda bridge: bridge.since == "pilot",
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
    if why := _not_whole(bridge) or _not_counted(ctx, bridge, max_age_days):
        return unknown(
            "too_few",
            f"the bridge of {bridge.as_of.date()} {why}",
            looked_at=looked_at,
            remedy=measure_bridge(ctx.system),
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
    if nobody := _unanswered(ctx, bridge):
        return failed(
            f"the bridge of {bridge.as_of.date()}: {'; '.join(nobody)}",
            looked_at=looked_at,
            remedy="the owner names who has the duty cost_control in ownership.yaml, or the cost "
            "owner writes an action with its owner under `actions` in cost.yaml; then "
            f"{measure_bridge(ctx.system)}",
            values=values,
        )
    granted = f"; {'; '.join(bridge.notes)}" if bridge.notes else ""
    largest = max(bridge.drivers, key=lambda name: abs(bridge.drivers[name].value or 0.0))
    return passed(
        f"from {said(bridge.assumed_per_day)} assumed to {said(bridge.actual_per_day)} per day, "
        f"explained to the cent ({bridge.method.replace('_', ' ')}); most by "
        f"{largest.replace('_', ' ')}, {said(bridge.drivers[largest])}{granted}",
        looked_at=looked_at,
        values=values,
        valid_until=earliest(
            valid_until(found, max_age_days=max_age_days),
            ctx.until_gone(*(bar.owner for bar in bridge.bars)),
        ),
    )


def _not_whole(bridge: CostBridge) -> str:
    """Why a bridge does not explain all that a day costs; empty when it does."""
    numbers = [bridge.assumed_per_day, bridge.actual_per_day, *bridge.drivers.values()]
    if any(number.value is None for number in numbers):
        why = f" ({'; '.join(bridge.notes)})" if bridge.notes else ""
        return f"has numbers that are not known{why}"
    doubt = bridge.actual_per_day.no_interval or ""
    return f"ends at a {doubt}" if doubt.startswith("lower bound") else ""


def _unanswered(ctx: Context, bridge: CostBridge) -> list[str]:
    """The drivers that made a day dearer by a cent, and for which nobody answers."""
    owners = {bar.driver: bar.owner for bar in bridge.bars}
    dearer = [name for name, effect in bridge.drivers.items() if (effect.value or 0) > HALF_A_CENT]
    return [
        f"nobody answers for {name.replace('_', ' ')}, {said(bridge.drivers[name])}: {why}"
        for name in dearer
        if (why := ctx.why_nobody(owners.get(name)))
    ]


def _not_counted(ctx: Context, bridge: CostBridge, max_age_days: int) -> str:
    """Why a bridge does not end at what a day costs now; empty when it does."""
    if not bridge.actual_per_day.n:
        return "rests on no row of a usage log"
    if bridge.window is not None and ctx.as_of - bridge.window.end > timedelta(days=max_age_days):
        return f"ends on {bridge.window.end.date()}; expected days of the last {max_age_days}"
    spend = ctx.evidence.latest(SpendMeasurement)
    if spend is None or spend.record.currency != bridge.currency:
        return ""
    # Spend holds what served nobody too, which the bridge leaves out.
    aside = sum(part.value or 0.0 for part in bridge.left_out.values())
    actual = (bridge.actual_per_day.value or 0.0) + aside
    least, most = _day_costs_between(spend.record)
    if least - HALF_A_CENT <= actual <= most + HALF_A_CENT:
        return ""
    return (
        f"ends at {said(bridge.actual_per_day)} per day{_with(aside)}, and by the spend of "
        f"{spend.record.as_of.date()} a day costs between {least:,.2f} and {most:,.2f}"
    )


def _with(aside: float) -> str:
    return f", with {aside:,.2f} that served nobody" if aside else ""


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
