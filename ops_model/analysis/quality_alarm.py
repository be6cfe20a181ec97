"""The alarm over weeks: whether it stands, since when quality fell, and how soon one is seen."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ops_model.analysis.change_point import (
    YEAR_DAYS,
    Cusum,
    alarm,
    calibrated_cusum,
    days_to_alarm,
)  # fmt: skip
from ops_model.analysis.judged import DayCounts
from ops_model.analysis.profile import Floats
from ops_model.analysis.quality_plan import QualityPlan
from ops_model.analysis.repeatable import repeatable
from ops_model.analysis.spread import Spread
from ops_model.domain.evidence import Measured

SEEN_LEVEL = 0.8
"""Between the 10th and the 90th percentile lie eight of ten."""


@dataclass(frozen=True)
class Watched:
    """What the alarm says, and what it is built to see."""

    drop: float
    alarm_at: date | None = None
    onset_estimate: date | None = None
    false_alarms_per_year: float | None = None
    days_to_see: Measured | None = None


def watched(
    counts: DayCounts,
    days: NDArray[np.datetime64],
    base: NDArray[np.bool_],
    before: Spread,
    plan: QualityPlan,
    drop: float,
) -> Watched:
    """The CUSUM over the settled days after the baseline."""
    if before.days < 2:
        return Watched(repeatable(drop))
    # Days of the baseline without a label count too: a year has as many of them.
    sizes = tuple(counts.labelled[base].tolist())
    cusum, seen = _calibrated(before, sizes, drop, plan.better)
    after = (days >= np.datetime64(plan.baseline_days[1])) & (days < np.datetime64(plan.settled))
    path = cusum.path(counts.total[after], counts.labelled[after])
    at, onset = alarm(path, cusum.limit)
    found = [d for d, inside in zip(counts.days, after, strict=True) if inside]
    return Watched(
        drop=repeatable(drop),
        alarm_at=None if at is None else found[at],
        onset_estimate=None if onset is None else found[onset],
        false_alarms_per_year=cusum.false_alarms_per_year,
        days_to_see=seen,
    )


# Thousands of years are simulated, and one notebook asks about the same baseline several times.
@lru_cache(maxsize=16)
def _calibrated(
    before: Spread, sizes: tuple[int, ...], drop: float, better: str
) -> tuple[Cusum, Measured]:
    """The alarm, and how soon it sees the fall that it is built to find."""
    cusum = calibrated_cusum(before, sizes, drop=drop, better=better)
    taken = days_to_alarm(cusum, before, sizes, drop=drop, better=better)
    return cusum, _days_to_see(taken, before)


def _days_to_see(taken: Floats, before: Spread) -> Measured:
    """How many days the alarm takes for its fall: the median, and eight of ten runs."""
    low, median, high = np.quantile(taken, [0.1, 0.5, 0.9], method="inverted_cdf")
    rests_on = {"unit": "days", "n": before.n, "level": SEEN_LEVEL}
    if np.isinf(median):
        reason = f"more than half of the runs took over {YEAR_DAYS} days"
        return Measured(value=None, no_interval=reason, **rests_on)
    if np.isinf(high):
        reason = f"more than one run in ten took over {YEAR_DAYS} days"
        return Measured(value=float(median), no_interval=reason, **rests_on)
    return Measured(value=float(median), low=float(low), high=float(high), **rests_on)
