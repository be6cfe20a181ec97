"""Did quality fall, since when, and how small a fall would have been seen.

Days are the unit: the rows of one day share its weather, load and releases, so intervals and the
alarm use the spread between days and not that of independent rows. Days whose labels may still
arrive are shown as provisional, and decide nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

from ops_model.analysis.change_point import (
    Spread,
    alarm,
    calibrated_cusum,
    minimum_detectable_drop,
    spread_of,
    wilson,
)  # fmt: skip
from ops_model.analysis.judged import DayCounts, SegmentCounts
from ops_model.domain.evidence import Measured
from ops_model.domain.signals import QualityDay, SegmentQuality
from ops_model.domain.values import Window
from ops_model.errors import WarehouseError

DEFAULT_DROP = 0.02
LEVEL = 0.95


@dataclass(frozen=True)
class QualityPlan:
    """How quality is to be measured.

    Args:
        as_of: the instant that judges; its own UTC day is not over and counts nowhere.
        baseline: UTC days that begin in `[start, end)`.
        window_days: length of the window under watch, in whole days.
        late_days: how long labels take to arrive; that many days before `as_of` are provisional.
        min_n: with fewer labelled rows nothing is said about a window or a segment.
        drop: the fall that the alarm is built to find.
    """

    as_of: datetime
    baseline: Window
    window_days: int = 7
    late_days: int = 0
    min_n: int = 100
    drop: float = DEFAULT_DROP

    @property
    def settled(self) -> date:
        """The first day whose labels may still be on their way."""
        return self.as_of.astimezone(UTC).date() - timedelta(days=self.late_days)

    @property
    def window(self) -> tuple[date, date]:
        """First day of the window under watch, and the day after its last."""
        return self.settled - timedelta(days=self.window_days), self.settled

    @property
    def baseline_days(self) -> tuple[date, date]:
        """First day of the baseline, and the day after its last."""
        return _first_day(self.baseline.start), _first_day(self.baseline.end)

    def as_window(self) -> Window:
        """The window under watch as instants."""
        start, end = (datetime.combine(day, time(), UTC) for day in self.window)
        return Window(start=start, end=end)


def _first_day(instant: datetime) -> date:
    """The first UTC day that begins at the instant or later."""
    at = instant.astimezone(UTC)
    whole = at.time() == time()
    return at.date() if whole else at.date() + timedelta(days=1)


@dataclass(frozen=True)
class QualityResult:
    """The numbers of a `QualityMeasurement`, without what only the caller knows."""

    baseline: Measured
    current: Measured
    change: Measured
    min_detectable_drop: Measured
    rows_per_window: float
    windows_with_min_n_share: float
    labelled_share: float
    alarm_at: date | None
    onset_estimate: date | None
    false_alarms_per_year: float | None
    days: tuple[QualityDay, ...]
    segments: tuple[SegmentQuality, ...]


def measure_quality(
    counts: DayCounts,
    plan: QualityPlan,
    segments: Sequence[SegmentCounts] = (),
    *,
    where: str = "",
) -> QualityResult:
    """Daily quality, the window against the baseline, and since when it fell.

    Args:
        counts: of `count_days`.
        plan: windows and thresholds.
        segments: of `count_segments`.
        where: the address of the log, for an error.

    Raises:
        WarehouseError: no labelled row lies in the baseline, which makes everything else unknown.
    """
    days = np.array(counts.days, dtype="datetime64[D]")
    base = _between(days, plan.baseline_days)
    now = _between(days, plan.window)
    if counts.labelled[base].sum() == 0:
        first, end = plan.baseline_days
        raise WarehouseError(
            f"no labelled row lies in the baseline {first} to {end}",
            where=where,
            remedy="choose a baseline within the log, or wait for its labels",
        )
    before = spread_of(counts.right[base], counts.labelled[base])
    rows_per_window, enough_share = _rows_per_window(counts, days, plan)
    current = _current(counts, now, plan.min_n)
    at, onset, per_year = _watched(counts, days, base, before, plan)
    return QualityResult(
        baseline=_measured(before),
        current=_measured(current) if current else _too_few(int(counts.labelled[now].sum())),
        change=_change(before, current, int(counts.labelled[now].sum())),
        min_detectable_drop=_detectable(before, rows_per_window, plan.window_days),
        rows_per_window=rows_per_window,
        windows_with_min_n_share=enough_share,
        labelled_share=_share(int(counts.labelled[now].sum()), int(counts.rows[now].sum())),
        alarm_at=at,
        onset_estimate=onset,
        false_alarms_per_year=per_year,
        days=_daily(counts, plan),
        segments=tuple(_segment(s, before, plan.window_days) for s in segments),
    )


def _between(days: NDArray[np.datetime64], span: tuple[date, date]) -> NDArray[np.bool_]:
    return np.asarray((days >= np.datetime64(span[0])) & (days < np.datetime64(span[1])))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _current(counts: DayCounts, now: NDArray[np.bool_], min_n: int) -> Spread | None:
    if counts.labelled[now].sum() < max(min_n, 1):
        return None
    return spread_of(counts.right[now], counts.labelled[now])


def _too_few(n: int) -> Measured:
    return Measured(value=None, unit="share", n=n, no_interval="too few")


def _measured(spread: Spread) -> Measured:
    """The share with a t interval over its days."""
    error = spread.standard_error
    if error is None:
        return Measured(
            value=spread.value, unit="share", n=spread.n, no_interval="days vary, and this is one"
        )
    half = _t(spread.days - 1) * error
    return Measured(
        value=spread.value,
        unit="share",
        n=spread.n,
        low=max(spread.value - half, 0.0),
        high=min(spread.value + half, 1.0),
    )


def _t(freedom: float) -> float:
    from scipy.stats import t

    return float(t.ppf(0.5 + LEVEL / 2, freedom))


def _change(before: Spread, current: Spread | None, n: int) -> Measured:
    """Window minus baseline, with Welch's interval over days.

    A window has few days to show its own spread, so it is given at least that of the baseline.
    """
    if current is None:
        return _too_few(n)
    value = current.value - before.value
    if before.standard_error is None or current.standard_error is None:
        return Measured(
            value=value, unit="share", n=n, no_interval="days vary, and one side has a single day"
        )
    variance = before.value * (1 - before.value) * before.design_effect(n / current.days) / n
    parts = (max(current.standard_error**2, variance), before.standard_error**2)
    total = sum(parts)
    if total == 0:
        return Measured(value=value, unit="share", n=n, no_interval="no day differs")
    freedom = total**2 / sum(
        part**2 / (spread.days - 1) for part, spread in zip(parts, (current, before), strict=True)
    )
    half = _t(freedom) * float(np.sqrt(total))
    return Measured(value=value, unit="share", n=n, low=value - half, high=value + half)


def _detectable(before: Spread, rows: float, window_days: int) -> Measured:
    """The smallest drop seen at the rows that a window holds, days varying as in the baseline."""
    window = rows / before.design_effect(rows / window_days)
    baseline = before.n / before.design_effect(before.n / before.days)
    drop = minimum_detectable_drop(before.value, window, baseline)
    reason = "one-sided 5 %, power 80 %" if drop is not None else "too few"
    return Measured(value=drop, unit="share", n=round(rows), no_interval=reason)


def _rows_per_window(
    counts: DayCounts, days: NDArray[np.datetime64], plan: QualityPlan
) -> tuple[float, float]:
    """Labelled rows that a window holds on average, and the share of windows with enough.

    Windows end on each settled day that has a whole window before it.
    """
    settled = counts.labelled[days < np.datetime64(plan.settled)]
    if len(settled) < plan.window_days:
        return float(settled.sum()), float(settled.sum() >= plan.min_n)
    sums = np.convolve(settled, np.ones(plan.window_days), mode="valid")
    return float(sums.mean()), float((sums >= plan.min_n).mean())


def _watched(
    counts: DayCounts,
    days: NDArray[np.datetime64],
    base: NDArray[np.bool_],
    before: Spread,
    plan: QualityPlan,
) -> tuple[date | None, date | None, float | None]:
    """The CUSUM over the settled days after the baseline: alarm, onset, false alarms a year."""
    if before.days < 2:
        return None, None, None
    sizes = [int(n) for n in counts.labelled[base] if n > 0]
    cusum = calibrated_cusum(before, sizes, drop=plan.drop)
    after = _between(days, (plan.baseline_days[1], plan.settled))
    path = cusum.path(counts.right[after], counts.labelled[after])
    at, onset = alarm(path, cusum.limit)
    found = [d for d, inside in zip(counts.days, after, strict=True) if inside]
    return (
        None if at is None else found[at],
        None if onset is None else found[onset],
        cusum.false_alarms_per_year,
    )


def _daily(counts: DayCounts, plan: QualityPlan) -> tuple[QualityDay, ...]:
    rows = zip(counts.days, counts.right.tolist(), counts.labelled.tolist(), strict=True)
    return tuple(
        QualityDay(day=day, quality=_of_rows(right, n), provisional=day >= plan.settled)
        for day, right, n in rows
    )


def _of_rows(right: int, n: int, design_effect: float = 1.0) -> Measured:
    """A share with its Wilson interval; a design effect leaves fewer effective rows."""
    if n == 0:
        return _too_few(0)
    low, high = wilson(right / design_effect, n / design_effect, LEVEL)
    return Measured(value=right / n, unit="share", n=n, low=low, high=high)


def _segment(segment: SegmentCounts, before: Spread, window_days: int) -> SegmentQuality:
    """A segment now and then; its rows vary by day as the whole does."""
    now = before.design_effect(segment.labelled / window_days)
    then = before.design_effect(segment.baseline_labelled / before.days)
    return SegmentQuality(
        column=segment.column,
        value=segment.value,
        quality=_of_rows(segment.right, segment.labelled, now),
        baseline=_of_rows(segment.baseline_right, segment.baseline_labelled, then),
    )
