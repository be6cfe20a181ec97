"""How steeply a number rises or falls from week to week, and how sure that is.

The slope is the median of the slopes between every two weeks (Theil and Sen), so that one odd
week moves it little. Its interval is that of Kendall's rank statistic, widened where a week
resembles the week before it: neighbouring weeks that lie alike are less evidence than they seem.
"""

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from ops_model.analysis.profile import Floats
from ops_model.analysis.repeatable import repeatable
from ops_model.domain.evidence import Measured
from ops_model.domain.weeks import LEAST_WEEKS

LEVEL = 0.95
LEAST_ALIKE, MOST_ALIKE = 0.3, 0.6
"""How much alike neighbouring weeks of a log are taken to be at least, and at most.

Few weeks cannot show that they are not alike, nor how much they are. Calibrated in
`tests/benchmarks/bench_weekly.py`.
"""


def slope_per_week(at: Sequence[float], values: Sequence[float], unit: str) -> Measured:
    """The slope of `values` over `at`, which counts weeks; unknown below eight weeks.

    Args:
        at: when each value was, in weeks; no two alike.
        values: the number of each week.
        unit: that of the values; the slope is in so many of them per week.

    Returns:
        The slope with its n (weeks) and its interval at 95 %.
    """
    n, per_week = len(values), f"{unit} a week".strip()
    if n < LEAST_WEEKS:
        return Measured(value=None, unit=per_week, n=n, no_interval="too few weeks to say")
    weeks, level = np.asarray(at, np.float64), np.asarray(values, np.float64)
    first, later = np.triu_indices(n, 1)
    slopes = np.sort((level[later] - level[first]) / (weeks[later] - weeks[first]))
    slope = float(np.median(slopes))
    low, high = _bounds(slopes, n, _inflation(weeks, _around_curve(weeks, level)))
    return Measured(
        value=repeatable(slope), unit=per_week, n=n, low=repeatable(low), high=repeatable(high),
        level=LEVEL,
    )  # fmt: skip


def _bounds(slopes: Floats, n: int, inflation: float) -> tuple[float, float]:
    """Sen's interval: so many of the ordered slopes lie outside as chance allows."""
    spread = float(np.sqrt(inflation * n * (n - 1) * (2 * n + 5) / 18))
    reach = NormalDist().inv_cdf(0.5 + LEVEL / 2) * spread
    outside = int(np.floor((len(slopes) - reach) / 2))
    # Where even the farthest two slopes bound too little, they are all that can be said, widened.
    if outside < 0:
        wide = float(np.ptp(slopes)) / 2
        return float(slopes[0]) - wide, float(slopes[-1]) + wide
    return float(slopes[outside]), float(slopes[-1 - outside])


def _around_curve(weeks: Floats, level: Floats) -> Floats:
    """What is left around the best parabola: to rise ever faster is a trend, and no likeness."""
    return level - np.polyval(np.polyfit(weeks, level, 2), weeks)


def _inflation(weeks: Floats, rest: Floats) -> float:
    """By how much the variance of the statistic exceeds that of independent weeks.

    The correlation of ranks with the week before, for weeks in a row; its estimate from few weeks
    is too low by about (2 + 4 r) / n, which is put back.
    """
    ranks = np.argsort(np.argsort(rest, kind="stable"), kind="stable").astype(np.float64)
    ranks -= ranks.mean()
    total, n = float((ranks**2).sum()), len(rest)
    in_row = np.diff(weeks) < 1.5
    seen = float((ranks[:-1] * ranks[1:])[in_row].sum()) / (total or 1.0)
    alike = float(np.clip((seen * n + 2) / (n - 4), LEAST_ALIKE, MOST_ALIKE))
    return (1 + alike) / (1 - alike)
