"""Binomial days that vary more than a coin would: spread, detectable drop, and a CUSUM.

Days differ by more than chance (weather, weekday, load), so an alarm calibrated on independent
rows cries wolf. Everything here takes the day-to-day spread of the reference into account.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from ops_model.analysis.profile import Counts, Floats

ALPHA, POWER = 0.05, 0.8
FALSE_ALARM_CHANCE = 0.31
"""Chance of at least one false alarm in a year, on a reference that never changes."""
YEAR_DAYS = 365
_PATHS = 4_000
_SEED = 83_81


@dataclass(frozen=True)
class Spread:
    """What the days of a window say: the share right, and how much days vary.

    `overdispersion` is the correlation of two rows of one day (0: rows are independent);
    `standard_error` is that of the share with days as the unit, never below that of independent
    rows; None when there are fewer than two days.
    """

    value: float
    n: int
    days: int
    overdispersion: float
    standard_error: float | None

    def design_effect(self, rows_per_day: float) -> float:
        """By how much the variance exceeds that of independent rows."""
        return 1.0 + self.overdispersion * max(rows_per_day - 1.0, 0.0)


def spread_of(right: Counts, n: Counts) -> Spread:
    """The share right over days, and its day-clustered standard error.

    Args:
        right: rows that were right, per day.
        n: rows with a label, per day; days without one are left out.

    Raises:
        ValueError: no day has a row.
    """
    right, n = right[n > 0], n[n > 0]
    total, days = int(n.sum()), len(n)
    if total == 0:
        msg = "no day has a row with a label"
        raise ValueError(msg)
    share = float(right.sum()) / total
    variance = share * (1 - share)
    if days < 2:
        return Spread(share, total, days, 0.0, None)
    residual = right - share * n
    clustered = float((residual**2).sum()) * days / (days - 1) / total**2
    return Spread(
        share,
        total,
        days,
        _overdispersion(residual, n, variance),
        float(np.sqrt(max(clustered, variance / total))),
    )


def _overdispersion(residual: Floats, n: Counts, variance: float) -> float:
    """Method of moments: Pearson's statistic per degree of freedom against the mean day size."""
    if variance == 0:
        return 0.0
    days, total = len(n), float(n.sum())
    pearson = float((residual**2 / (n * variance)).sum()) / (days - 1)
    size = (total - float((n.astype(np.float64) ** 2).sum()) / total) / (days - 1)
    return float(np.clip((pearson - 1) / (size - 1), 0.0, 0.99)) if size > 1 else 0.0


def wilson(right: float, n: float, level: float = 0.95) -> tuple[float, float]:
    """Wilson interval of a share; never outside 0 to 1, also for few rows."""
    z = NormalDist().inv_cdf(0.5 + level / 2)
    share = right / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def minimum_detectable_drop(share: float, window: float, baseline: float) -> float | None:
    """The smallest drop that a one-sided test at 5 % finds with 80 % power.

    Args:
        share: the baseline's share.
        window: effective rows of the window (rows divided by the design effect).
        baseline: effective rows of the baseline.

    Returns:
        The drop as a share, or None when even a fall to 0 would go unseen.
    """
    z_alpha, z_power = NormalDist().inv_cdf(1 - ALPHA), NormalDist().inv_cdf(POWER)

    def seen(drop: float) -> bool:
        lower = share - drop
        pooled = (share * baseline + lower * window) / (baseline + window)
        null = pooled * (1 - pooled) * (1 / window + 1 / baseline)
        alternative = share * (1 - share) / baseline + lower * (1 - lower) / window
        return bool(drop >= z_alpha * np.sqrt(null) + z_power * np.sqrt(alternative))

    if window <= 0 or baseline <= 0 or not seen(share):
        return None
    low, high = 0.0, share
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if seen(middle) else (middle, high)
    return high


@dataclass(frozen=True)
class Cusum:
    """Sums the evidence, day by day, that the share fell from `before` to `after`.

    `limit` is calibrated so that an unchanged reference alarms within a year with the chance
    `false_alarm_chance`.
    """

    before: float
    after: float
    limit: float
    false_alarm_chance: float = FALSE_ALARM_CHANCE

    @property
    def false_alarms_per_year(self) -> float:
        """Expected false alarms in a year, alarms being rare and independent."""
        return float(-np.log(1 - self.false_alarm_chance))

    def path(self, right: Counts, n: Counts) -> Floats:
        """The sum after each day; the last axis is the days."""
        return _path(right, n, self.before, self.after)


def _path(right: Counts, n: Counts, before: float, after: float) -> Floats:
    step = right * np.log(after / before) + (n - right) * np.log((1 - after) / (1 - before))
    total = np.zeros(step.shape[:-1])
    path = np.empty(step.shape)
    for day in range(step.shape[-1]):
        total = np.maximum(0.0, total + step[..., day])
        path[..., day] = total
    return path


def calibrated_cusum(
    reference: Spread,
    rows_per_day: Sequence[int],
    *,
    drop: float,
    false_alarm_chance: float = FALSE_ALARM_CHANCE,
) -> Cusum:
    """A CUSUM whose false alarms are known, by simulating 4,000 years of an unchanged reference.

    Days are beta-binomial with the overdispersion of the reference, their sizes drawn from
    `rows_per_day`. The reference is an estimate itself: each year draws the share that it really
    has from its standard error, so a short baseline makes the alarm slower and not wrong more
    often. The seed is fixed: equal input gives an equal limit.

    Args:
        reference: the days before any change.
        rows_per_day: rows with a label on such days.
        drop: the fall that matters.
        false_alarm_chance: chance of an alarm within 365 days without a change.
    """
    half = 0.5 / reference.n
    before = float(np.clip(reference.value, 2 * half, 1 - half))
    after = max(before - drop, half)
    rng = np.random.default_rng(_SEED)
    n = rng.choice(np.asarray(rows_per_day, np.int64), size=(_PATHS, YEAR_DAYS))
    error = reference.standard_error or 0.0
    really = np.clip(rng.normal(before, error, size=(_PATHS, 1)), half, 1 - half)
    right = draw_days(rng, n, really, reference.overdispersion)
    highest = _path(right, n, before, after).max(axis=-1)
    limit = float(np.quantile(highest, 1 - false_alarm_chance))
    return Cusum(before, after, limit, false_alarm_chance)


def draw_days(
    rng: np.random.Generator, n: Counts, share: float | Floats, overdispersion: float
) -> Counts:
    """Rows right per day, beta-binomial; with no overdispersion the plain binomial."""
    if overdispersion <= 0:
        plain: Counts = rng.binomial(n, share)
        return plain
    strength = 1 / overdispersion - 1
    day_share = rng.beta(share * strength, (1 - share) * strength, size=n.shape)
    drawn: Counts = rng.binomial(n, day_share)
    return drawn


def alarm(path: Floats, limit: float) -> tuple[int | None, int | None]:
    """The first day beyond the limit, and the day on which that climb began."""
    beyond = np.flatnonzero(path > limit)
    if not len(beyond):
        return None, None
    at = int(beyond[0])
    zeros = np.flatnonzero(path[:at] == 0)
    return at, int(zeros[-1]) + 1 if len(zeros) else 0
