"""What one successful outcome cost, over the days on which both cost and outcome are known.

Spend that serves nobody (shadow, challenger, eval) bears no unit of work, and is told apart. Where
only a part of the rows was judged, that part of a day's cost counts: cost and successes are then
of the same rows.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ops_model.analysis.bridge_sides import left_out, rows_of, serves
from ops_model.analysis.cost import PricedSum
from ops_model.analysis.cost_per import DayOf, cost_per
from ops_model.domain.evidence import Measured


@dataclass(frozen=True)
class UnitDay:
    """One day: units of work, those of them that succeeded, and of which part of the rows."""

    day: date
    units: int
    successes: int
    part: Decimal = Decimal(1)


@dataclass(frozen=True)
class UnitCostResult:
    """The numbers of a `UnitCost`, without what only the caller knows."""

    successes: int
    days: int
    notes: tuple[str, ...]
    left_out: Mapping[str, Measured]
    cost_per_success: Measured
    cost_per_unit: Measured


def measure_unit_cost(
    sums: Iterable[PricedSum],
    counted: Sequence[UnitDay],
    currency: str,
    *,
    services: Collection[str] = (),
    doubt: str = "",
) -> UnitCostResult:
    """Cost per success and per unit, over the days that were counted.

    Args:
        sums: what usage cost, of any days.
        counted: whole days of which both are known.
        currency: of the costs.
        services: those whose cost a unit bears; all, where none is named. What one costs of which
            there is no row is not known, and not nothing.
        doubt: why there may be fewer successes than were counted, or more cost.
    """
    days = {one.day for one in counted}
    mine = [
        one for one in sums
        if one.usage.day in days and (not services or one.usage.service in services)
    ]  # fmt: skip
    costs: dict[date, Decimal] = defaultdict(Decimal)
    for one in mine:
        costs[one.usage.day] += (one.cost or Decimal(0)) if serves(one) else Decimal(0)
    rows, unpriced = rows_of(mine)
    silent = sorted(set(services) - {one.usage.service for one in mine})
    doubts = [doubt] if doubt else []
    if unpriced:
        doubts.append(f"lower bound: {unpriced:,} of {rows:,} rows have no price")
    if silent:
        doubts.append(f"lower bound: no row is of service {', '.join(silent)}")

    def cost_of(counts: Sequence[int]) -> Measured:
        if services and not mine:
            why = f"no row is of service {', '.join(silent)}, so its cost is not known"
            return Measured(value=None, unit=currency, n=sum(counts), no_interval=why)
        each = zip(counted, counts, strict=True)
        paid = [DayOf(costs[one.day] * one.part, count) for one, count in each]
        return cost_per(paid, currency, doubt="; ".join(doubts))

    return UnitCostResult(
        successes=sum(one.successes for one in counted),
        days=len(counted),
        notes=tuple(_notes(counted, silent)),
        left_out={
            purpose: Measured(value=float(cost), unit=currency, n=n, no_interval="exact")
            for purpose, (cost, n) in left_out(mine).items()
        },
        cost_per_success=cost_of([one.successes for one in counted]),
        cost_per_unit=cost_of([one.units for one in counted]),
    )


def _notes(counted: Sequence[UnitDay], silent: Sequence[str]) -> Iterable[str]:
    idle = sum(not one.units for one in counted)
    if idle:
        yield f"on {idle} of {len(counted)} days no unit was counted; their cost is in it"
    if any(one.part < 1 for one in counted):
        least, most = (f(one.part for one in counted) for f in (min, max))
        yield (
            f"of {least:.0%} to {most:.0%} of a day's rows it is known how they did; that part of "
            "the day's cost counts"
        )
    if silent:
        yield f"no row is of service {', '.join(silent)}"
