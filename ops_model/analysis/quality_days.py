"""Quality of single days and of segments: each value with its interval, and the day's limits."""

import numpy as np

from ops_model.analysis.judged import DayCounts
from ops_model.analysis.quality_plan import QualityPlan
from ops_model.analysis.repeatable import repeatable
from ops_model.analysis.spread import Spread, control_limits, wilson
from ops_model.domain.detection import QualityDay
from ops_model.domain.evidence import Measured

LEVEL = 0.95


def t_quantile(freedom: float) -> float:
    """How many standard errors an interval reaches, both ways."""
    from scipy.stats import t

    return float(t.ppf(0.5 + LEVEL / 2, freedom))


def too_few(n: int, unit: str) -> Measured:
    """Nothing is known: too few rows."""
    return Measured(value=None, unit=unit, n=n, no_interval="too few")


def share_of(part: int, whole: int) -> float:
    """A part of a whole; of nothing, nothing."""
    return part / whole if whole else 0.0


def daily(counts: DayCounts, before: Spread, plan: QualityPlan) -> tuple[QualityDay, ...]:
    """Each day with its value, and where a day of the baseline with as many rows would lie."""
    low, high = control_limits(before, counts.labelled)
    return tuple(
        QualityDay(
            day=day,
            quality=_of_day(counts, position, plan.unit),
            provisional=day >= plan.settled,
            low_limit=_limit(low[position]),
            high_limit=_limit(high[position]),
        )
        for position, day in enumerate(counts.days)
    )


def _limit(value: float) -> float | None:
    return None if np.isnan(value) else repeatable(float(value))


def _of_day(counts: DayCounts, position: int, unit: str) -> Measured:
    n, total = int(counts.labelled[position]), float(counts.total[position])
    if counts.within is None:
        return _share(total, n)
    if n == 0:
        return too_few(0, unit)
    known = Measured(value=repeatable(total / n), unit=unit, n=n)
    if n == 1:
        return known.model_copy(update={"no_interval": "rows vary, and this is one"})
    error = float(np.sqrt(counts.within[position] / (n - 1) / n))
    return _around(known, total / n, t_quantile(n - 1) * error)


def of_rows(total: float, n: int, like: Spread, unit: str, design_effect: float) -> Measured:
    """The value of some rows; a design effect leaves fewer effective ones.

    The rows of a mean are taken to spread as those of `like` do.
    """
    if like.is_share:
        return _share(total, n, design_effect)
    if n == 0:
        return too_few(0, unit)
    known = Measured(value=repeatable(total / n), unit=unit, n=n)
    error = float(np.sqrt(like.variance * design_effect / n))
    return _around(known, total / n, t_quantile(max(like.days - 1, 1)) * error)


def _share(right: float, n: int, design_effect: float = 1.0) -> Measured:
    """A share with its Wilson interval."""
    if n == 0:
        return too_few(0, "share")
    low, high = wilson(right / design_effect, n / design_effect, LEVEL)
    return Measured(
        value=repeatable(right / n), unit="share", n=n, low=repeatable(low), high=repeatable(high)
    )


def _around(known: Measured, value: float, half: float) -> Measured:
    bounds = {"low": repeatable(value - half), "high": repeatable(value + half)}
    return known.model_copy(update=bounds)
