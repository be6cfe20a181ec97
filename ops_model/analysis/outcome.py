"""The business outcome against its baseline, and whether quality goes with it.

Days are the unit, as for quality: the rows of one day share what moved that day. Only days count
whose outcome is known already.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ops_model.analysis.judged import DayCounts, count_days, judged_rows
from ops_model.analysis.profile import Floats
from ops_model.analysis.quality import between, change_by_days, value_by_days
from ops_model.analysis.quality_days import LEVEL, share_of, too_few
from ops_model.analysis.quality_plan import QualityPlan
from ops_model.analysis.repeatable import repeatable
from ops_model.analysis.spread import Spread, spread_of
from ops_model.domain.detection import LinkPeriod, RowsApart
from ops_model.domain.evidence import Measured
from ops_model.errors import WarehouseError

if TYPE_CHECKING:
    import ibis

FEWEST_ROWS = 20
"""Of fewer rows nothing is said, neither of a window nor of a period."""
FEWEST_PERIODS = 12
"""Of fewer periods nobody can say how two things go together."""
_FREE = 3.0  # what Fisher's transformation takes from the number of pairs
_SURE = 0.999999


@dataclass(frozen=True)
class OutcomeResult:
    """The numbers of an `OutcomeMeasurement`, without what only the caller knows."""

    current: Measured
    baseline: Measured
    change: Measured
    known_share: float
    known_share_before: float


@dataclass(frozen=True)
class Link:
    """The numbers of a `QualityOutcomeLink`."""

    correlation: Measured
    effective_periods: float | None
    periods_left_out: int
    periods: tuple[LinkPeriod, ...]


def outcome_days(
    table: "ibis.Table", *, timestamp: str, value: str, where: str = ""
) -> tuple[DayCounts, RowsApart]:
    """How many outcomes each day has, and their sum; and the rows that hold no finite number.

    Args:
        table: a row per outcome, bounded by its timestamp.
        timestamp: when that was, of which it is the outcome.
        value: the column with a number, or true and false.
        where: the address of the log, for an error.

    Raises:
        WarehouseError: the column holds neither.
    """
    as_label = table[value].type().is_boolean()
    rows = judged_rows(
        table,
        timestamp=timestamp,
        label=value if as_label else None,
        score=None if as_label else value,
        where=where,
    )
    odd = rows.odd.sum().to_pyarrow().as_py() or 0
    return count_days(rows), RowsApart(not_numbers=int(odd))


def measure_outcome(
    counts: DayCounts, plan: QualityPlan, *, unit: str, where: str = ""
) -> OutcomeResult:
    """The mean of the window against that of the baseline, with intervals over days.

    Args:
        counts: of `outcome_days`.
        plan: the windows; its `late_days` are the days until an outcome is known.
        unit: of the outcome; true and false give a share.
        where: the address of the log, for an error.

    Raises:
        WarehouseError: no outcome lies in the baseline, so that nothing can have moved.
    """
    days = np.array(counts.days, dtype="datetime64[D]")
    base, now = between(days, plan.baseline_days), between(days, plan.window)
    if counts.labelled[base].sum() == 0:
        first, end = plan.baseline_days
        raise WarehouseError(
            f"no outcome lies in the baseline {first} to {end}",
            where=where,
            remedy="choose a baseline within the log",
        )
    n = int(counts.labelled[now].sum())
    before = _spread(counts, base)
    current = _spread(counts, now) if n >= FEWEST_ROWS else None
    named = "share" if before.is_share else unit
    change = change_by_days(before, current, n, plan)
    return OutcomeResult(
        current=value_by_days(current, named) if current else too_few(n, named),
        baseline=value_by_days(before, named),
        change=change.model_copy(update={"unit": named}),
        known_share=repeatable(share_of(n, int(counts.rows[now].sum()))),
        known_share_before=repeatable(share_of(before.n, int(counts.rows[base].sum()))),
    )


def link(
    quality: DayCounts,
    outcome: DayCounts,
    *,
    settled: date,
    known_until: date,
    period_days: int,
    sign: float = 1.0,
) -> Link:
    """How quality and the outcome move together, period by period.

    Args:
        quality: of `analysis.judged.count_days`.
        outcome: of `outcome_days`.
        settled: the first day whose labels may still be on their way.
        known_until: the first day whose outcome may not be known yet.
        period_days: the length of a period; the last ends where both are known.
        sign: -1 where quality gets worse by rising.
    """
    good, reached = _by_day(quality, settled), _by_day(outcome, known_until)
    if not good or not reached:
        return Link(too_few(0, "r"), None, 0, ())
    end = min(max(good), max(reached)) + timedelta(days=1)
    whole = max(0, (end - max(min(good), min(reached))).days // period_days)
    starts = [end - timedelta(days=period_days * (whole - place)) for place in range(whole)]
    found = [_period(start, period_days, good, reached) for start in starts]
    periods = tuple(p for p in found if p is not None)
    correlation, worth = correlate(
        sign * np.array([p.quality for p in periods]), np.array([p.outcome for p in periods])
    )
    return Link(correlation, worth, len(found) - len(periods), periods)


def _by_day(counts: DayCounts, until: date) -> dict[date, tuple[float, int]]:
    """Sum and rows of each day before `until` that has any."""
    sums = zip(counts.days, counts.total.tolist(), counts.labelled.tolist(), strict=True)
    return {day: (float(total), int(n)) for day, total, n in sums if n and day < until}


def correlate(one: Floats, other: Floats) -> tuple[Measured, float | None]:
    """Pearson's correlation by Fisher's transformation, and what its pairs are worth.

    Two series that each resemble their own past move together for a while by chance. So the pairs
    are worth fewer (Bartlett; Pyper and Peterman 1998): `1/worth = 1/n + 2/n sum (1 - j/n) a b`
    over the lags j, with a and b the autocorrelations of the two.
    """
    n = len(one)
    if n < FEWEST_PERIODS:
        return too_few(n, "r"), None
    x, y = one - one.mean(), other - other.mean()
    spread = float(np.sqrt((x**2).sum() * (y**2).sum()))
    # By their ends: of equal numbers, the mean may be another one by a last digit.
    if np.ptp(one) == 0 or np.ptp(other) == 0 or not 0 < spread < np.inf:
        return Measured(value=None, unit="r", n=n, no_interval="one of the two never moves"), None
    r = float(np.clip((x * y).sum() / spread, -_SURE, _SURE))
    worth = repeatable(_worth(x, y))
    known = Measured(value=repeatable(r), unit="r", n=n)
    if worth <= _FREE + 1:
        reason = f"too few: as much as {worth:.2g} independent periods"
        return known.model_copy(update={"no_interval": reason}), worth
    half = NormalDist().inv_cdf(0.5 + LEVEL / 2) / np.sqrt(worth - _FREE)
    bounds = np.tanh([np.arctanh(r) - half, np.arctanh(r) + half]).tolist()
    low, high = (repeatable(bound) for bound in bounds)
    return known.model_copy(update={"low": low, "high": high}), worth


def _spread(counts: DayCounts, which: NDArray[np.bool_]) -> Spread:
    within = None if counts.within is None else counts.within[which]
    return spread_of(counts.total[which], counts.labelled[which], within)


def _period(
    start: date,
    length: int,
    good: Mapping[date, tuple[float, int]],
    reached: Mapping[date, tuple[float, int]],
) -> LinkPeriod | None:
    """One period; None where either has too few rows to say anything."""
    means = []
    for of_day in (good, reached):
        inside = [of_day.get(start + timedelta(days=n), (0.0, 0)) for n in range(length)]
        rows = sum(n for _, n in inside)
        if rows < FEWEST_ROWS:
            return None
        means.append(repeatable(sum(total for total, _ in inside) / rows))
    return LinkPeriod(start=start, quality=means[0], outcome=means[1])


def _worth(x: Floats, y: Floats) -> float:
    """How many independent pairs two series are worth; never more than there are."""
    n = len(x)
    lags = range(1, n // 4 + 1)
    shared = sum((1 - j / n) * _resembles(x, j) * _resembles(y, j) for j in lags)
    return float(n / max(1.0, 1 + 2 * shared))


def _resembles(x: Floats, lag: int) -> float:
    """The autocorrelation at a lag, of deviations from the mean."""
    n = len(x)
    inside = float((x[:-lag] * x[lag:]).sum() / (x**2).sum()) * n / (n - lag)
    return float(np.clip(inside, -1, 1))
