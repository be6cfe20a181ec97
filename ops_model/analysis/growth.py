"""By how much a day costs more than the one before, as the median of the slopes between days.

Theil and Sen: a few odd days, or one that is missing, do not move it. What weekdays have in common
is taken out first, where there are three weeks to tell it, since the shape of a week is no growth.
"""

from collections.abc import Mapping
from datetime import date
from math import sqrt
from typing import Any

import numpy as np

from ops_model.domain.evidence import Measured

MIN_DAYS = 14
"""A slope over less than two weeks is that of the week."""
_WEEKDAYS_FROM = 21
_MOST_ALIKE = 0.9

Numbers = np.ndarray[tuple[Any, ...], np.dtype[np.float64]]


def median_slope(costs: Mapping[date, float]) -> float | None:
    """The growth per day of what the known days cost; None of fewer than `MIN_DAYS`."""
    return _Line(costs).slope if len(costs) >= MIN_DAYS else None


def growth_per_day(costs: Mapping[date, float], currency: str) -> Measured:
    """The growth per day with its interval at 95 %.

    Days next to each other are alike, so that they count as fewer: the interval is that of a
    straight line, widened by what the rest of a day has of the rest of the day before.
    """
    if len(costs) < MIN_DAYS:
        why = f"{len(costs)} whole days are known; growth needs {MIN_DAYS}"
        return Measured(value=None, unit=currency, n=len(costs), no_interval=why)
    line = _Line(costs)
    found, half = line.slope, line.half_width()
    return Measured(value=found, unit=currency, n=len(costs), low=found - half, high=found + half)


class _Line:
    """A straight line through the known days, and what each weekday adds to it."""

    def __init__(self, costs: Mapping[date, float]) -> None:
        days = sorted(costs)
        self.x: Numbers = np.array([(day - days[0]).days for day in days], np.float64)
        self.y: Numbers = np.array([costs[day] for day in days], np.float64)
        columns = [np.ones(len(days)), self.x]
        if len(days) >= _WEEKDAYS_FROM:
            weekdays = np.array([day.weekday() for day in days])
            columns += [(weekdays == other).astype(np.float64) for other in range(1, 7)]
        self.design: Numbers = np.stack(columns, axis=1).astype(np.float64)
        self.fitted: Numbers = np.linalg.lstsq(self.design, self.y, rcond=None)[0].astype(
            np.float64
        )

    @property
    def slope(self) -> float:
        """The median slope between any two days, weekdays taken out."""
        y = self.y - self.design[:, 2:] @ self.fitted[2:]
        first, second = np.triu_indices(len(y), 1)
        return float(np.median((y[second] - y[first]) / (self.x[second] - self.x[first])))

    def half_width(self) -> float:
        """How far the slope may lie off, at 95 %."""
        from scipy.stats import t

        rest = self.y - self.design @ self.fitted
        days, columns = self.design.shape
        squares = float(rest @ rest)
        if squares == 0:
            return 0.0
        # How alike neighbours are comes out too low in few days; this is the usual correction.
        alike = float(rest[1:] @ rest[:-1]) / squares
        alike = min(max(alike + (1 + 4 * alike) / days, 0.0), _MOST_ALIKE)
        fewer = (1 + alike) / (1 - alike)
        spread = squares / (days - columns) * np.linalg.pinv(self.design.T @ self.design)[1, 1]
        return float(t.ppf(0.975, max(days / fewer - 2, 1))) * sqrt(spread * fewer)
