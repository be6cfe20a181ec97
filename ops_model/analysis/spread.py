"""How much the days of a window vary, and what follows: intervals, and the drop that is seen.

Days differ by more than chance (weather, weekday, load), so whoever takes the rows of one day for
independent is too sure. A share and a mean of any score are treated alike; a share knows the
spread of its rows, and a mean brings it.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from ops_model.analysis.profile import Counts, Floats

ALPHA, POWER = 0.05, 0.8
OUTSIDE = 0.003
"""Chance that a day of an unchanged reference lies outside of its control limits."""
_EXACT_ROWS = 2_000


@dataclass(frozen=True)
class Spread:
    """What the days of a window say: the value, and how much days vary.

    `overdispersion` is the correlation of two rows of one day (0: rows are independent);
    `standard_error` is that of the value with days as the unit, never below that of independent
    rows; None when there are fewer than two days. `row_variance` is that of a single row's score;
    None for a share, whose rows are 0 or 1.
    """

    value: float
    n: int
    days: int
    overdispersion: float
    standard_error: float | None
    row_variance: float | None = None

    @property
    def is_share(self) -> bool:
        """True when each row was right or wrong."""
        return self.row_variance is None

    @property
    def variance(self) -> float:
        """The variance of a single row."""
        return self.value * (1 - self.value) if self.row_variance is None else self.row_variance

    def design_effect(self, rows_per_day: float) -> float:
        """By how much the variance exceeds that of independent rows."""
        return 1.0 + self.overdispersion * max(rows_per_day - 1.0, 0.0)

    def day_variance(self, n: Counts) -> Floats:
        """The variance of the value of a day with so many rows; infinite for a day of none."""
        rows = np.maximum(n, 1)
        shared = self.overdispersion
        return np.where(n > 0, self.variance * (1 / rows + shared * (1 - 1 / rows)), np.inf)

    @property
    def inside(self) -> float:
        """The share, held off 0 and 1 by half a row, so that no row is impossible."""
        half = 0.5 / self.n
        return float(np.clip(self.value, 2 * half, 1 - half))


def spread_of(total: Counts | Floats, n: Counts, within: Floats | None = None) -> Spread:
    """The value over days, and its day-clustered standard error.

    Args:
        total: the sum of the scores per day; for a share, the rows that were right.
        n: rows with a score, per day; days without one are left out.
        within: squared deviations from the day's own mean, summed per day; None for a share.

    Raises:
        ValueError: no day has a row.
    """
    known = n > 0
    total, n = total[known], n[known]
    rows, days = int(n.sum()), len(n)
    if rows == 0:
        msg = "no day has a row with a label"
        raise ValueError(msg)
    value = float(total.sum()) / rows
    residual = np.asarray(total - value * n, np.float64)
    if within is None:
        variance, rho = value * (1 - value), 0.0
        if days > 1:
            rho = _of_shares(residual, n, variance)
        row_variance = None
    else:
        variance, rho = _of_means(residual, n, float(within[known].sum()))
        row_variance = variance
    if days < 2:
        return Spread(value, rows, days, 0.0, None, row_variance)
    clustered = float((residual**2).sum()) * days / (days - 1) / rows**2
    error = float(np.sqrt(max(clustered, variance / rows)))
    return Spread(value, rows, days, rho, error, row_variance)


def _of_shares(residual: Floats, n: Counts, variance: float) -> float:
    """Method of moments: Pearson's statistic per degree of freedom against the mean day size."""
    if variance == 0:
        return 0.0
    pearson = float((residual**2 / (n * variance)).sum()) / (len(n) - 1)
    size = _mean_size(n)
    return float(np.clip((pearson - 1) / (size - 1), 0.0, 0.99)) if size > 1 else 0.0


def _of_means(residual: Floats, n: Counts, within: float) -> tuple[float, float]:
    """The variance of a row, and the part of it that the rows of one day share.

    One-way analysis of variance with days as groups. Where every day has a single row, nothing
    tells the two apart, and all of it counts as the rows'.
    """
    days, rows = len(n), int(n.sum())
    if days < 2:
        return (within / (rows - 1) if rows > 1 else 0.0), 0.0
    between = float((residual**2 / n).sum()) / (days - 1)
    if rows == days:
        return between, 0.0
    inner = within / (rows - days)
    shared = max((between - inner) / _mean_size(n), 0.0)
    whole = inner + shared
    return whole, (shared / whole if whole > 0 else 0.0)


def _mean_size(n: Counts) -> float:
    """The size of a day that counts: that of equal days, less where they differ."""
    rows = float(n.sum())
    return (rows - float((n.astype(np.float64) ** 2).sum()) / rows) / (len(n) - 1)


def wilson(right: float, n: float, level: float = 0.95) -> tuple[float, float]:
    """Wilson interval of a share; never outside 0 to 1, also for few rows."""
    z = NormalDist().inv_cdf(0.5 + level / 2)
    share = right / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def minimum_detectable_drop(share: float, window: float, baseline: float) -> float | None:
    """The smallest drop of a share that a one-sided test at 5 % finds with 80 % power.

    Args:
        share: the baseline's share.
        window: effective rows of the window (rows divided by the design effect).
        baseline: effective rows of the baseline.

    Returns:
        The drop as a share, or None when even a fall to 0 would go unseen, or nothing can fall.
    """
    z_alpha, z_power = _quantiles()

    def seen(drop: float) -> bool:
        lower = share - drop
        pooled = (share * baseline + lower * window) / (baseline + window)
        null = pooled * (1 - pooled) * (1 / window + 1 / baseline)
        alternative = share * (1 - share) / baseline + lower * (1 - lower) / window
        return bool(drop >= z_alpha * np.sqrt(null) + z_power * np.sqrt(alternative))

    if window <= 0 or baseline <= 0 or share <= 0 or not seen(share):
        return None
    low, high = 0.0, share
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if seen(middle) else (middle, high)
    return high


def detectable_shift(variance: float, window: float, baseline: float) -> float | None:
    """The same for a mean, either way: no bound, and a spread that the shift leaves as it is."""
    if window <= 0 or baseline <= 0:
        return None
    return float(sum(_quantiles()) * np.sqrt(variance * (1 / window + 1 / baseline)))


def _quantiles() -> tuple[float, float]:
    return NormalDist().inv_cdf(1 - ALPHA), NormalDist().inv_cdf(POWER)


def control_limits(reference: Spread, n: Counts) -> tuple[Floats, Floats]:
    """Between which values a day of so many rows lies, but for three unchanged days in a thousand.

    A share is beta-binomial: exactly so for days of up to 2,000 rows, and by the beta distribution
    of the same mean and spread beyond, where a single row no longer shows. A mean is normal. Days
    without a row have no limits (NaN).
    """
    low, high = np.full(len(n), np.nan), np.full(len(n), np.nan)
    for rows in np.unique(n[n > 0]):
        low[n == rows], high[n == rows] = _limits(reference, int(rows))
    return low, high


def _limits(reference: Spread, rows: int) -> tuple[float, float]:
    spread = float(np.sqrt(reference.day_variance(np.array([rows]))[0]))
    if not reference.is_share:
        half = NormalDist().inv_cdf(1 - OUTSIDE / 2) * spread
        return reference.value - half, reference.value + half
    if rows <= _EXACT_ROWS:
        return _beta_binomial_limits(reference.inside, reference.overdispersion, rows)
    from scipy.stats import beta

    share = reference.inside
    strength = share * (1 - share) / spread**2 - 1
    a, b = share * strength, (1 - share) * strength
    return float(beta.ppf(OUTSIDE / 2, a, b)), float(beta.ppf(1 - OUTSIDE / 2, a, b))


def _beta_binomial_limits(share: float, rho: float, rows: int) -> tuple[float, float]:
    """The least and the most right that leave no more than half of the chance beyond them."""
    from scipy.stats import betabinom, binom

    k = np.arange(rows + 1)
    if rho > 0:
        strength = 1 / rho - 1
        chance = betabinom.pmf(k, rows, share * strength, (1 - share) * strength)
    else:
        chance = binom.pmf(k, rows, share)
    below = np.cumsum(chance)
    above = np.cumsum(chance[::-1])[::-1]
    low = int(np.argmax(below > OUTSIDE / 2))
    high = rows - int(np.argmax(above[::-1] > OUTSIDE / 2))
    return low / rows, high / rows
