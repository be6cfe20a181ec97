"""Did quality fall, since when, and how small a fall would have been seen.

Days are the unit: the rows of one day share its weather, load and releases, so intervals and the
alarm use the spread between days and not that of independent rows. Days whose labels may still
arrive are shown as provisional, and decide nothing. A share and the mean of any score go the same
way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from ops_model.analysis.judged import DayCounts
from ops_model.analysis.quality_alarm import Watched, watched
from ops_model.analysis.quality_days import daily, of_rows, share_of, t_quantile, too_few
from ops_model.analysis.quality_plan import DEFAULT_DROP, QualityPlan
from ops_model.analysis.repeatable import repeatable
from ops_model.analysis.segments import SegmentCounts
from ops_model.analysis.spread import (
    Spread,
    detectable_shift,
    minimum_detectable_drop,
    spread_of,
)  # fmt: skip
from ops_model.domain.detection import QualityDay, SegmentQuality
from ops_model.domain.evidence import Measured
from ops_model.errors import WarehouseError

_LAST_DIGITS = 1e-12


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
    drop: float
    better: str
    days_to_see: Measured | None
    exposed_since_onset: Measured | None


@dataclass(frozen=True)
class Floors:
    """The floors of critical segments, by column and value."""

    by_segment: Mapping[tuple[str, str], float] = field(default_factory=dict)

    def of(self, segment: SegmentCounts) -> float | None:
        """The floor of a segment; None where it has none."""
        return self.by_segment.get((segment.column, segment.value))


def measure_quality(
    counts: DayCounts,
    plan: QualityPlan,
    segments: Sequence[SegmentCounts] = (),
    *,
    floors: Floors | None = None,
    where: str = "",
) -> QualityResult:
    """Daily quality, the window against the baseline, and since when it fell.

    Args:
        counts: of `count_days`.
        plan: windows and thresholds.
        segments: of `count_segments`.
        floors: those of critical segments.
        where: the address of the log, for an error.

    Raises:
        WarehouseError: no labelled row lies in the baseline, which makes everything else unknown.
    """
    days = np.array(counts.days, dtype="datetime64[D]")
    base, now = between(days, plan.baseline_days), between(days, plan.window)
    if counts.labelled[base].sum() == 0:
        first, end = plan.baseline_days
        known = "labelled row" if plan.unit == "share" else "row with a finite score"
        raise WarehouseError(
            f"no {known} lies in the baseline {first} to {end}",
            where=where,
            remedy="choose a baseline within the log, or wait for its labels",
        )
    before = _spread(counts, base)
    rows_per_window, enough_share = _rows_per_window(counts, days, plan)
    labelled = int(counts.labelled[now].sum())
    current = _spread(counts, now) if labelled >= max(plan.min_n, 1) else None
    detectable = _detectable(before, rows_per_window, plan)
    seen = watched(counts, days, base, before, plan, _drop(before, detectable, plan))
    return QualityResult(
        baseline=value_by_days(before, plan.unit),
        current=value_by_days(current, plan.unit) if current else too_few(labelled, plan.unit),
        change=change_by_days(before, current, labelled, plan),
        min_detectable_drop=detectable,
        rows_per_window=rows_per_window,
        windows_with_min_n_share=enough_share,
        labelled_share=share_of(labelled, int(counts.rows[now].sum())),
        days=daily(counts, before, plan),
        segments=_segments(segments, before, plan, floors or Floors()),
        better=plan.better,
        exposed_since_onset=_exposed(counts, days, seen),
        **vars(seen),
    )


def between(days: NDArray[np.datetime64], span: tuple[date, date]) -> NDArray[np.bool_]:
    """Which days lie from the first of a span up to, and not with, its last."""
    return np.asarray((days >= np.datetime64(span[0])) & (days < np.datetime64(span[1])))


def _spread(counts: DayCounts, which: NDArray[np.bool_]) -> Spread:
    within = None if counts.within is None else counts.within[which]
    return spread_of(counts.total[which], counts.labelled[which], within)


def value_by_days(spread: Spread, unit: str) -> Measured:
    """The value with a t interval over its days."""
    known = Measured(value=repeatable(spread.value), unit=unit, n=spread.n)
    if spread.standard_error is None:
        return known.model_copy(update={"no_interval": "days vary, and this is one"})
    half = t_quantile(spread.days - 1) * spread.standard_error
    low, high = spread.value - half, spread.value + half
    if spread.is_share:
        low, high = max(low, 0.0), min(high, 1.0)
    return known.model_copy(update={"low": repeatable(low), "high": repeatable(high)})


def change_by_days(before: Spread, current: Spread | None, n: int, plan: QualityPlan) -> Measured:
    """Window minus baseline in the wanted sense, with Welch's interval over days.

    A window has few days to show its own spread, so it is given at least that of the baseline.
    """
    if current is None:
        return too_few(n, plan.unit)
    value = plan.sign * (current.value - before.value)
    known = Measured(value=repeatable(value), unit=plan.unit, n=n)
    if before.standard_error is None or current.standard_error is None:
        reason = "days vary, and one side has a single day"
        return known.model_copy(update={"no_interval": reason})
    variance = before.variance * before.design_effect(n / current.days) / n
    parts = (max(current.standard_error**2, variance), before.standard_error**2)
    total = sum(parts)
    # Sums of equal numbers differ by their last digits, which are no days that differ.
    rounding = _LAST_DIGITS * max(abs(current.value), abs(before.value))
    if total <= rounding**2:
        exact = {"value": 0.0} if abs(value) <= rounding else {}
        return known.model_copy(update={"no_interval": "no day differs", **exact})
    # By shares of the whole, since squares of tiny variances would be no number any more.
    freedom = 1 / sum(
        (part / total) ** 2 / (spread.days - 1)
        for part, spread in zip(parts, (current, before), strict=True)
    )
    half = t_quantile(freedom) * float(np.sqrt(total))
    bounds = {"low": repeatable(value - half), "high": repeatable(value + half)}
    return known.model_copy(update=bounds)


def _detectable(before: Spread, rows: float, plan: QualityPlan) -> Measured:
    """The smallest drop seen at the rows that a window holds, days varying as in the baseline."""
    window = rows / before.design_effect(rows / plan.window_days)
    baseline = before.n / before.design_effect(before.n / before.days)
    if before.is_share:
        share = 1 - before.value if plan.better == "lower" else before.value
        drop = minimum_detectable_drop(share, window, baseline)
    else:
        drop = detectable_shift(before.variance, window, baseline)
    worst = before.is_share and before.value == (1.0 if plan.better == "lower" else 0.0)
    none = "nothing can fall: not one row of the baseline was right" if worst else "too few"
    reason = "one-sided 5 %, power 80 %" if drop is not None else none
    value = None if drop is None else repeatable(drop)
    return Measured(value=value, unit=plan.unit, n=round(rows), no_interval=reason)


def _drop(before: Spread, detectable: Measured, plan: QualityPlan) -> float:
    """The fall that the alarm is built to find: the one asked for, or what a window would show."""
    if plan.drop is not None:
        return plan.drop
    if before.is_share:
        return DEFAULT_DROP
    # Scores that never differed show any fall; a part of their size is then as good as another.
    return detectable.value or DEFAULT_DROP * (abs(before.value) or 1.0)


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


def _exposed(counts: DayCounts, days: NDArray[np.datetime64], seen: Watched) -> Measured | None:
    """How many decisions were served since the fall began, until the instant that judges."""
    if seen.onset_estimate is None:
        return None
    served = int(counts.rows[days >= np.datetime64(seen.onset_estimate)].sum())
    return Measured(value=float(served), unit="decisions", n=served, no_interval="exact")


def _segments(
    segments: Sequence[SegmentCounts], before: Spread, plan: QualityPlan, floors: Floors
) -> tuple[SegmentQuality, ...]:
    """Critical segments first, the one farthest below its floor at their head; then the others."""
    found = [_segment(s, before, plan, floors.of(s)) for s in segments]
    critical = sorted(
        (s for s in found if s.floor is not None),
        key=lambda s: (_above(s, plan), s.column, s.value),
    )
    return (*critical, *(s for s in found if s.floor is None))


def _above(segment: SegmentQuality, plan: QualityPlan) -> float:
    """How far a segment lies on the good side of its floor; one that nobody knows comes first."""
    if segment.quality.value is None or segment.floor is None:
        return -np.inf
    return plan.sign * (segment.quality.value - segment.floor)


def _segment(
    segment: SegmentCounts, before: Spread, plan: QualityPlan, floor: float | None
) -> SegmentQuality:
    """A segment now and then; its rows vary by day as the whole does."""
    now = before.design_effect(segment.labelled / plan.window_days)
    then = before.design_effect(segment.baseline_labelled / before.days)
    return SegmentQuality(
        column=segment.column,
        value=segment.value,
        quality=of_rows(segment.total, segment.labelled, before, plan.unit, now),
        baseline=of_rows(
            segment.baseline_total, segment.baseline_labelled, before, plan.unit, then
        ),
        floor=floor,
    )
