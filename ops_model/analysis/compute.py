"""What hours of a resource cost for the work done, and how many of its units are worth reserving.

Charged hours cost the same whether anything is done in them. A reserved unit is paid for all day,
so it is worth its price only while the load that needs it lasts long enough.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from math import gcd

import numpy as np

from ops_model.analysis.profile import Floats
from ops_model.analysis.spend_slots import at_midnight

_DAY_HOURS, _HOUR = 24, timedelta(hours=1)


@dataclass(frozen=True)
class Charged:
    """The hours that were charged in one hour of the day, and in how many rows."""

    hours: Decimal
    rows: int

    @property
    def of_a_row(self) -> Decimal:
        """Those of a mean row."""
        return self.hours / self.rows


@dataclass(frozen=True)
class Loads:
    """How many units ran in each slot of so many hours; none, and why, where no log tells."""

    units: tuple[float, ...] = ()
    slot_hours: int = 1
    why_not: str = ""


def loads_of(charged: Mapping[datetime, Charged], days: Sequence[date]) -> Loads:
    """The units that ran on some days, by slots as long as what a row is of.

    A row of more than an hour is of several units, or of the hours before it. Where such rows come
    every 6 hours they are of 6 hours each, and the mean of these is all that is known of them.

    Args:
        charged: by the hour in which the rows were written, on these days.
        days: whole ones, in order.
    """
    at = sorted(charged)
    gaps = [(later - first) // _HOUR for first, later in pairwise(at)]
    slot = _slot_hours(charged, gaps, len(days))
    spans = [
        gap for gap, each in zip(gaps, at[1:], strict=True)
        if slot < charged[each].of_a_row <= gap
    ]  # fmt: skip
    if _DAY_HOURS % slot or 2 * len(spans) > len(gaps):
        why = "rows of several hours come at no regular hour, so no load of an hour is known"
        return Loads(why_not=why)
    held: defaultdict[datetime, Decimal] = defaultdict(Decimal)
    for when, one in charged.items():
        held[when.replace(hour=when.hour // slot * slot)] += one.hours
    starts = [at_midnight(day) + n * _HOUR for day in days for n in range(0, _DAY_HOURS, slot)]
    return Loads(tuple(float(held[start] / slot) for start in starts), slot)


def _slot_hours(charged: Mapping[datetime, Charged], gaps: Sequence[int], days: int) -> int:
    """How many hours a row is of: one, a day where a day has one row, or what lies between."""
    if len(charged) <= days:
        return _DAY_HOURS
    longer = any(one.of_a_row > 1 for one in charged.values())
    return gcd(*gaps) if longer else 1


@dataclass(frozen=True)
class Reserved:
    """How many units to reserve, and what that comes to beside paying for each hour used.

    Costs are in hours of a unit at the price on demand; `busy` is the share of the time for which
    the last reserved unit works, 0 where none is worth it.
    """

    level: int
    busy: float
    on_demand: float
    cost: float
    for_peak: float

    @property
    def saving_share(self) -> float:
        """The part of the cost on demand that is saved."""
        return 1 - self.cost / self.on_demand if self.on_demand else 0.0

    @property
    def peak_share(self) -> float:
        """By which part of the cost on demand it would rise if the peak were reserved."""
        return self.for_peak / self.on_demand - 1 if self.on_demand else 0.0


def best_reserved(loads: Sequence[float] | Floats, ratio: float) -> Reserved:
    """The cheapest level of reserved units; the rest is paid for as it is used.

    Unit R is worth reserving just when the share of the time in which more than R - 1 units are
    needed is above the price ratio; the needed part of a unit counts in part.

    Args:
        loads: units in use in each slot of equal length; slots in which nothing ran are 0.
        ratio: price of a reserved hour over that of one on demand.

    Raises:
        ValueError: there is no slot, a load is below 0, or a price is.
    """
    load = np.asarray(loads, dtype=float)
    if not load.size or not np.isfinite(load).all() or load.min() < 0 or ratio < 0:
        msg = "expected loads of at least one slot, none below 0, and a ratio of two prices"
        raise ValueError(msg)
    top = int(np.ceil(load.max()))
    level, beyond = 0, top + 1
    # The higher a unit, the less it is used, so the last one worth its price is found by halving.
    while beyond - level > 1:
        middle = (level + beyond) // 2
        if _use_of(load, middle) > ratio:
            level = middle
        else:
            beyond = middle
    return Reserved(
        level=level,
        busy=_use_of(load, level) if level else 0.0,
        on_demand=float(load.sum()),
        cost=float(ratio * level * load.size + np.maximum(load - level, 0).sum()),
        for_peak=float(ratio * top * load.size),
    )


def cost_per_thousand(cost: Decimal, units: int) -> float | None:
    """What a thousand units cost, idle hours included; None where nothing was done."""
    return float(cost * 1000 / units) if units else None


def _use_of(load: Floats, unit: int) -> float:
    """The share of the time for which the unit of this number works."""
    return float(np.clip(load - (unit - 1), 0, 1).mean())
