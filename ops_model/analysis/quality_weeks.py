"""Quality week by week, and between which limits a week of an unchanged baseline lies."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from ops_model.analysis.profile import Floats
from ops_model.analysis.quality_days import t_quantile, too_few
from ops_model.analysis.repeatable import repeatable
from ops_model.analysis.spread import OUTSIDE, Spread, spread_of, wilson
from ops_model.analysis.weeks import days_of, week_of
from ops_model.domain.detection import QualityDay, QualityMeasurement
from ops_model.domain.evidence import Measured
from ops_model.domain.values import Window
from ops_model.domain.weeks import MOST_WEEKS, QualityWeek, WeeklyQuality, week_ends

_LEAST_DAYS = 14
"""Limits of a week need so many days of the baseline."""
_FEWEST = 3


def weekly_quality(
    records: Sequence[QualityMeasurement], *, as_of: datetime, baseline: Window | None
) -> WeeklyQuality:
    """Quality week by week, each with its n and its limits.

    Args:
        records: those of one monitor, oldest first; at least one.
        as_of: the instant that judges.
        baseline: the span in which the model was as it should be, where it is written; the limits
            follow from its days.
    """
    last = records[-1]
    share = last.baseline.unit == "share"
    days = [d for d in days_of(records).values() if d.quality.value is not None and d.quality.n]
    by_week: dict[int, list[QualityDay]] = defaultdict(list)
    for day in days:
        by_week[week_of(day.day, as_of=as_of)].append(day)
    known = _in(days, baseline)
    before = _Baseline.of(known, share=share) if len(known) >= _LEAST_DAYS else None
    weeks = [
        _week(back, by_week[back], before, as_of=as_of, unit=last.baseline.unit)
        for back in sorted(by_week, reverse=True)
        if back in range(MOST_WEEKS)
    ]
    why = f"the baseline holds {len(known)} days with labels; limits need {_LEAST_DAYS}"
    return WeeklyQuality(
        monitor=last.monitor, metric=last.metric, better=last.better, baseline=last.baseline,
        weeks=tuple(weeks), why_no_limits="" if before is not None else why,
    )  # fmt: skip


def _in(days: Iterable[QualityDay], baseline: Window | None) -> list[QualityDay]:
    if baseline is None:
        return []
    first, end = baseline.start.date(), baseline.end.date()
    return sorted((d for d in days if first <= d.day < end), key=lambda d: d.day)


@dataclass(frozen=True)
class _Baseline:
    """The days of the baseline: their level and spread, and how alike neighbouring days are.

    `inflation` is by how much a mean of days varies more than if each day were by itself.
    """

    spread: Spread
    day_variance: float
    inflation: float
    share: bool

    @classmethod
    def of(cls, days: Sequence[QualityDay], *, share: bool) -> "_Baseline":
        values, n = _values(days), _rows(days)
        within = None if share else np.zeros(len(n))
        spread = spread_of(values * n, n.astype(np.int64), within)
        rest = values - spread.value
        variance = float((n * rest**2).sum() / n.sum()) * len(n) / (len(n) - 1)
        total = float((rest**2).sum())
        alike = float((rest[:-1] * rest[1:]).sum()) / total if total else 0.0
        # Of few days it comes out too low, by about as much as of few weeks.
        alike = float(np.clip((alike * len(n) + 1) / (len(n) - 3), 0.0, 0.7))
        return cls(spread, variance, (1 + alike) / (1 - alike), share)

    def limits(self, days: Sequence[QualityDay]) -> tuple[float, float]:
        """Where the value of a week with days like these lies, but for three in a thousand."""
        from scipy.stats import t

        n = _rows(days)
        each = (
            self.spread.day_variance(n.astype(np.int64))
            if self.share
            else np.full(len(n), self.day_variance)
        )
        own = float((n**2 * each).sum() / n.sum() ** 2) * self.inflation
        level = (self.spread.standard_error or 0.0) ** 2 * self.inflation
        freedom = max(self.spread.days / self.inflation - 1, _FEWEST)
        half = float(t.ppf(1 - OUTSIDE / 2, freedom)) * float(np.sqrt(own + level))
        low, high = self.spread.value - half, self.spread.value + half
        return (max(0.0, low), min(1.0, high)) if self.share else (low, high)


def _values(days: Sequence[QualityDay]) -> Floats:
    return np.array([d.quality.value or 0.0 for d in days], np.float64)


def _rows(days: Sequence[QualityDay]) -> Floats:
    return np.array([d.quality.n or 0 for d in days], np.float64)


def _week(
    back: int, days: Sequence[QualityDay], before: _Baseline | None, *, as_of: datetime, unit: str
) -> QualityWeek:
    low, high = before.limits(days) if before is not None else (None, None)
    return QualityWeek(
        ends=week_ends(back, as_of=as_of),
        quality=_of_week(days, unit),
        low_limit=repeatable(low) if low is not None else None,
        high_limit=repeatable(high) if high is not None else None,
        provisional=len(days) < 7 or any(day.provisional for day in days),
    )


def _of_week(days: Sequence[QualityDay], unit: str) -> Measured:
    """The value of a week with its interval, days being the unit: rows of one day are alike."""
    values, rows = _values(days), _rows(days)
    n = int(rows.sum())
    if not n:
        return too_few(0, unit)
    value = float((values * rows).sum()) / n
    known = Measured(value=repeatable(value), unit=unit, n=n)
    m = len(days)
    if m < _FEWEST:
        return known.model_copy(update={"no_interval": "too few days"})
    rest = float((((values - value) * rows) ** 2).sum())
    half = t_quantile(m - 1) * float(np.sqrt(rest * m / (m - 1))) / n
    low, high = value - half, value + half
    if unit == "share":
        # Days that happen to agree leave the rows' own chance.
        around = wilson(value * n, n)
        low, high = max(0.0, min(low, around[0])), min(1.0, max(high, around[1]))
    return known.model_copy(update={"low": repeatable(low), "high": repeatable(high)})
