"""What one successful outcome costs, against what it may cost and what it is worth."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from ops_model.check.answers import no_usage_log, of_this_version
from ops_model.check.api import (
    Context,
    Outcome,
    all_of,
    check,
    failed,
    no_file,
    passed,
    said,
    unknown,
    valid_until,
)
from ops_model.check.remedies_cost import measure_unit_cost
from ops_model.domain.bounds import at_least, at_most
from ops_model.domain.cost import UnitEconomics
from ops_model.domain.evidence import Measured
from ops_model.domain.spend import UnitCost


@check(
    "CST-08",
    question="Does one successful outcome cost less than it may, and than it is worth?",
    area="cost",
    source=["S4.17"],
    revision=3,
)
def outcome_is_worth_its_cost(
    ctx: Context, *, max_age_days: int = 35, min_successes: Annotated[int, Field(ge=10)] = 30
) -> Outcome:
    """A cheap answer that has to be given twice is an expensive one."""
    plan = ctx.system.cost
    if plan is None:
        return no_file(ctx, "cost")
    if not plan.units:
        return unknown(
            "missing",
            "cost.yaml does not say what one successful outcome is, nor what it may cost",
            looked_at=[plan.place_of("units")],
            remedy="the cost owner writes a unit under `units` in cost.yaml: what counts as a "
            "success, its target_cost and its value",
        )
    if not plan.logs:
        return no_usage_log(ctx, plan)
    return all_of([_unit(ctx, unit, max_age_days, min_successes) for unit in plan.units])


def _unit(ctx: Context, unit: UnitEconomics, max_age_days: int, min_successes: int) -> Outcome:
    """Whether one successful outcome costs what it may."""
    limits = {"target_cost": unit.target_cost, "value": unit.value}
    unwritten = [key for key, money in limits.items() if money is None]
    if unwritten:
        return failed(
            f"unit {unit.id} has no {' and no '.join(unwritten)}",
            looked_at=[unit.where],
            remedy=f"the cost owner writes {' and '.join(unwritten)} of unit {unit.id} in "
            "cost.yaml: the most that one may cost, and what one is worth",
        )
    again = measure_unit_cost(ctx.system, unit)
    found = of_this_version(
        ctx,
        UnitCost,
        subject=f"unit {unit.id}",
        max_age_days=max_age_days,
        missing=f"no such measurement: what one {unit.unit} costs was never counted",
        claim=unit.where,
        remedy=again,
        matching=lambda cost: cost.unit == unit.id,
        # How the work of a day came out is known weeks after it.
        ended_within_days=2 * max_age_days,
    )
    if isinstance(found, Outcome):
        return found
    cost, looked_at = found.record.cost_per_success, [unit.where, found.where]
    values = {f"{unit.id} per success": cost}
    kept = dict(_kept(unit, cost))
    text = f"one {unit.unit} costs {said(cost)}"
    if why := _not_comparable(unit, found.record, min_successes):
        return unknown(
            "too_few",
            f"unit {unit.id}: {why}",
            looked_at=looked_at,
            remedy=again,
            values=values,
        )
    if broken := [limit for limit, holds in kept.items() if holds is False]:
        return failed(
            f"{text}; expected {' and '.join(broken)}",
            looked_at=looked_at,
            remedy=f"the cost owner brings the cost of unit {unit.id} down (`actions` in "
            "cost.yaml), or the owner decides whether it is still worth it",
            values=values,
        )
    if unsure := [limit for limit, holds in kept.items() if holds is None]:
        return unknown(
            "too_few",
            f"{text}, which does not tell whether that is {' and '.join(unsure)}",
            looked_at=looked_at,
            remedy=f"the cost owner brings the cost of unit {unit.id} clearly below that "
            f"(`actions` in cost.yaml), or waits for days that tell more; then {again}",
            values=values,
        )
    return passed(
        "; ".join((f"{text}: {' and '.join(kept)}", *found.record.notes)),
        looked_at=looked_at,
        values=values,
        valid_until=valid_until(found, max_age_days=max_age_days),
    )


def _kept(unit: UnitEconomics, cost: Measured) -> Iterator[tuple[str, bool | None]]:
    """Each limit in words, and whether the cost keeps it; None where that cannot be told."""
    if unit.target_cost is not None:
        yield (
            f"at most {unit.target_cost} (target_cost)",
            at_most(cost, float(unit.target_cost.amount)),
        )
    if unit.value is not None:
        reached = at_least(cost, float(unit.value.amount))
        yield (
            f"below {unit.value} (value)",
            None if reached is None else not reached,
        )


def _not_comparable(unit: UnitEconomics, counted: UnitCost, min_successes: int) -> str:
    """Why a cost cannot be held against its limits; empty when it can."""
    cost = counted.cost_per_success
    rests_on = min(counted.successes, cost.n or 0)
    if rests_on < min_successes:
        return f"{rests_on:,} successes; expected at least {min_successes:,}"
    if cost.value is None or cost.value <= 0:
        return f"{said(cost)} is no cost; expected more than nothing"
    limits = [money for money in (unit.target_cost, unit.value) if money is not None]
    other = next((m for m in limits if m.currency != counted.cost_per_success.unit), None)
    if other is not None:
        return f"{said(counted.cost_per_success)} cannot be held against {other}"
    return ""
