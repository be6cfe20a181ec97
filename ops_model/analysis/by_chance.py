"""How far two windows lie apart by chance alone: few rows make much of it, and it is no drift.

Each function gives the distance that one comparison in a thousand passes although nothing moved,
the rows taken as independent. That they are not is why the reference's own blocks set a limit too;
where there are none of these, this one keeps a thousand rare values, or a hundred rows, from
looking like a change. See docs/decisions/0033.
"""

import math

import numpy as np

from ops_model.analysis import distance
from ops_model.analysis.cells import Grid
from ops_model.analysis.profile import Floats

_TWO_SIDED = 3.29
_ONE_SIDED = 3.09
_HALF_NORMAL = math.sqrt(2 / math.pi)
"""The mean of the absolute value of a standard normal number."""
_FEW, _MOST = 2.5, 1.26
"""By how much more than chi-squared says cells of few rows diverge: 1 + 2.5 / rows, 1.26 at most.

Found by simulating pairs of Poisson numbers, windows of one size and of one to four.
"""


def wasserstein(grid: Grid, one: Floats, other: Floats, spread: float) -> float:
    """The limit for W1 in standard deviations (`spread`), from tables of `NumericCounts`.

    Its mean is the area below the standard error of the cumulative share; about that it varies as
    a mean does (Borell and Tsirelson), and never by more than one shift of everything would.
    """
    error = _standard_error(distance.numbers_of(one), distance.numbers_of(other))
    below = np.cumsum(distance.numbers(one + other))
    area = float(np.sqrt(np.clip(below * (1 - below), 0.0, None)).sum()) * grid.width
    mean = _HALF_NORMAL * error * max(area / spread, 1.0)
    return min(mean + _ONE_SIDED * error, mean * _TWO_SIDED / _HALF_NORMAL)


def total_variation(one: Floats, other: Floats) -> float:
    """The limit for total variation of two rows of counts.

    One row moves it by one part of its window at most, which bounds how far it lies above its mean
    (McDiarmid): that matters for many values. For few, all differences are one difference.
    """
    error = _standard_error(float(one.sum()), float(other.sum()))
    share = distance.shares(one + other)
    normal = _HALF_NORMAL * error * np.sqrt(share * (1 - share))
    mean = float(np.minimum(normal, 2 * share).sum()) / 2
    return min(mean + math.sqrt(math.log(1000) / 2) * error, mean * _TWO_SIDED / _HALF_NORMAL)


def jensen_shannon(one: Floats, other: Floats) -> float:
    """The limit for the Jensen-Shannon distance of two rows of counts: chi-squared, in bits."""
    error = _standard_error(float(one.sum()), float(other.sum()))
    both = one + other
    held = both[both > 0]
    freedom = max(float(np.minimum(1 + _FEW / held, _MOST).sum()) - 1, 1.0)
    part = 2 / (9 * freedom)
    high = freedom * (1 - part + _ONE_SIDED * math.sqrt(part)) ** 3
    return min(math.sqrt(high * error**2 / (8 * math.log(2))), 1.0)


def share(one: float, other: float, n: float, m: float) -> float:
    """The limit for the difference of two shares of `n` and of `m` rows."""
    pooled = (one * n + other * m) / max(n + m, 1.0)
    return _TWO_SIDED * math.sqrt(pooled * (1 - pooled)) * _standard_error(n, m)


def unseen(one: Floats, m: float) -> float:
    """The limit for the share of `m` rows in values that a row of counts lacks.

    As much of what comes next is new as came once until now (Good and Turing), the cell of all
    other values left out.
    """
    n = max(float(one.sum()), 1.0)
    new = min(float((one[:-1] == 1).sum()) / n, 1.0)
    rest = float(one[-1]) / n
    error = math.sqrt(new * (1 - new)) + math.sqrt(rest * (1 - rest))
    return new + _ONE_SIDED * error * _standard_error(n, m)


def stability(one: Floats, other: Floats) -> float:
    """The population stability index to expect when nothing moved: (bins - 1) (1/n + 1/m)."""
    return (len(one) - 1) * _standard_error(float(one.sum()), float(other.sum())) ** 2


def _standard_error(n: float, m: float) -> float:
    """Of the difference of two means of numbers with a standard deviation of one."""
    return math.sqrt(1 / max(n, 1.0) + 1 / max(m, 1.0))
