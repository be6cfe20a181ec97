"""What one of something cost, over whole days, with an interval that takes days for what varies.

The rows of a day share its prompts, its release and its outage, so days and not rows are what
could have come out otherwise. The interval is that of a ratio of two sums, on the scale of its
logarithm: a cost per something is never below nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from math import exp, sqrt

from ops_model.analysis.blocks import FEWEST_BLOCKS
from ops_model.analysis.quality_days import t_quantile
from ops_model.analysis.repeatable import repeatable
from ops_model.domain.evidence import Measured

_MOST_ALIKE = 0.9


@dataclass(frozen=True)
class DayOf:
    """What a day cost, and how many of something came of it."""

    cost: Decimal
    count: int


@dataclass(frozen=True)
class Ratio:
    """A cost per one, how far it may lie off, and over how many days it was seen.

    `error` is None of too few days, and where the count is nothing there is no `value`. `worth` is
    how many days that do not resemble each other the days are worth.
    """

    value: float | None
    error: float | None
    count: int
    days: int
    worth: float = 0.0

    @property
    def reach(self) -> float:
        """How far the value may lie off, at 95 %; nothing where that is not known."""
        return 0.0 if self.error is None else self.error * t_quantile(max(self.worth - 1, 1))


def ratio_of(days: Sequence[DayOf]) -> Ratio:
    """The cost of all days, in order, for each that was counted, and its error between days."""
    count = sum(day.count for day in days)
    if not count:
        return Ratio(None, None, 0, len(days))
    cost = sum((day.cost for day in days), Decimal(0))
    value = cost / count
    if len(days) < FEWEST_BLOCKS:
        return Ratio(float(value), None, count, len(days))
    rests = [float(day.cost - value * day.count) for day in days]
    squares = sum(rest**2 for rest in rests)
    fewer = _fewer(rests, squares)
    spread = squares * len(days) / (len(days) - 1) * fewer
    return Ratio(float(value), sqrt(spread) / count, count, len(days), len(days) / fewer)


def _fewer(rests: Sequence[float], squares: float) -> float:
    """As how many times fewer days they count, by how much a day resembles the one before."""
    if not squares:
        return 1.0
    alike = sum(one * other for one, other in pairwise(rests)) / squares
    # How alike neighbours are comes out too low in few days; this is the usual correction.
    alike = min(max(alike + (1 + 4 * alike) / len(rests), 0.0), _MOST_ALIKE)
    return (1 + alike) / (1 - alike)


def cost_per(days: Sequence[DayOf], currency: str, *, doubt: str = "") -> Measured:
    """The cost of one, as a number of evidence.

    Args:
        days: whole days; one on which nothing was counted has its cost nevertheless.
        currency: of the costs.
        doubt: what makes the value no estimate, such as rows without a price.
    """
    found = ratio_of(days)
    known = Measured(value=found.value, unit=currency, n=found.count)
    if found.value is None:
        return known.model_copy(update={"no_interval": "there was none that the cost is for"})
    if doubt or found.error is None:
        reason = doubt or f"too few: {found.days} whole days"
        return known.model_copy(update={"no_interval": reason})
    if found.value == 0:
        return known.model_copy(update={"no_interval": "nothing was paid"})
    times = exp(found.reach / found.value)
    bounds = {"low": repeatable(found.value / times), "high": repeatable(found.value * times)}
    return known.model_copy(update=bounds)
