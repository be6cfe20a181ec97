"""Did the inputs, or the score, move: column by column, between a reference and a window.

A column drifted when its change is both material and unusual for this very system. Material is a
floor that somebody would act on; unusual is more than any week of the reference moved against the
rest of it. Significance is no rule: at these sizes everything is significant, and rows of one day
are not independent. The decision is taken per column for the distance, the share of missing
values, and the share of rows in values that the reference never held.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ops_model.analysis import distance
from ops_model.analysis.profile import (
    ABOVE,
    BELOW,
    CELLS,
    MISSING,
    Categories,
    Floats,
    Grid,
    NumericCounts,
    Profile,
)  # fmt: skip
from ops_model.domain.evidence import Measured
from ops_model.domain.signals import ColumnDrift

Metric = Literal["w1_sd", "js", "tv"]

METRICS: Mapping[str, Metric] = {"w1_sd": "w1_sd", "js": "js", "tv": "tv"}
"""The metrics of a monitor that measure drift; any other one leaves the default."""

FLOOR = 0.1
FLOOR_SHARE = 0.02
FEWEST_BLOCKS = 8
BLOCK_DAYS = 7
_RESAMPLES = 400
_SEED = 20130722
_FEWEST_DAYS = 4
_UNITS = {"w1_sd": "sd", "js": "js", "tv": "tv"}
_WORDS = {"w1_sd": "W1/sd", "js": "JS distance", "tv": "total variation"}


@dataclass(frozen=True)
class DriftResult:
    """What `measure_drift` found; `blocks` is how many weeks of the reference calibrate it."""

    rows_reference: int
    rows_current: int
    calibrated: bool
    blocks: int
    columns: tuple[ColumnDrift, ...]


def measure_drift(
    reference: Profile,
    current: Profile,
    *,
    metric: Metric = "w1_sd",
    min_n: int = 100,
    block_days: int = BLOCK_DAYS,
) -> DriftResult:
    """How far each column moved, and whether that counts as drift.

    Args:
        reference: profile of the baseline, by day; eight whole blocks or more calibrate the rule.
        current: profile of the window under watch, of the same spec.
        metric: the effect that the rule compares; `w1_sd` for numbers falls back to `tv` for
            categories and where the reference never varied.
        min_n: with fewer rows on either side nothing is said about a column.
        block_days: length of a block; a window shorter than a week is compared with blocks of its
            own length, since short spans vary more.

    Returns:
        The columns in the order of the spec. An effect's interval covers the sampling of the
        window's days, not that of the reference; days are taken as independent of one another.
    """
    blocks = blocks_of(reference, block_days)
    columns = [
        _numeric(grid, reference.numeric[grid.name], current.numeric[grid.name], metric)
        for grid in reference.spec.grids
    ]
    columns += [
        _categorical(c, reference.categories[c.name], current.categories[c.name], metric)
        for c in reference.spec.categories
    ]
    calibrated = len(blocks) >= FEWEST_BLOCKS
    rule = _Rule(min_n, blocks)
    return DriftResult(
        reference.total,
        current.total,
        calibrated,
        len(blocks),
        tuple(_judged(column, rule) for column in columns),
    )


def blocks_of(reference: Profile, block_days: int) -> tuple[NDArray[np.bool_], ...]:
    """Whole blocks of the reference, each a mask over its days, counted from its first day.

    Days left over at the end, and blocks with less than half the rows of the median block, set no
    limit: few rows alone make a distance large. They stay part of the reference.
    """
    if not reference.days:
        return ()
    offset = np.array([(day - reference.days[0]).days for day in reference.days])
    whole = (int(offset[-1]) + 1) // block_days
    masks = [offset // block_days == number for number in range(whole)]
    rows = [int(reference.rows[mask].sum()) for mask in masks]
    least = float(np.median(rows)) / 2 if rows else 0.0
    return tuple(m for m, n in zip(masks, rows, strict=True) if n and n >= least)


@dataclass(frozen=True)
class _Rule:
    min_n: int
    blocks: tuple[NDArray[np.bool_], ...]


@dataclass(frozen=True)
class _Column:
    """One column on both sides, one row per day, and how two windows of it are compared.

    A window is a sum of rows. `values` counts its rows that hold a value; `apart`, `missing` and
    `unseen` compare windows, many at once where the last axis is the cells.
    """

    name: str
    kind: Literal["numeric", "categorical"]
    metric: Metric
    reference: Floats
    current: Floats
    cells: int
    apart: Callable[[Floats, Floats], Floats]
    unseen: Callable[[Floats, Floats], Floats]
    statistics: Callable[[Floats, Floats], dict[str, float]]
    note: str = ""

    def values(self, window: Floats) -> Floats:
        """Rows of a window that hold a value."""
        result: Floats = window[..., MISSING + 1 : self.cells].sum(axis=-1)
        return result

    def missing(self, window: Floats) -> Floats:
        """The share of a window's rows without a value."""
        return distance.shares(window[..., : self.cells])[..., MISSING]


def _numeric(
    grid: Grid, reference: NumericCounts, current: NumericCounts, metric: Metric
) -> _Column:
    whole = reference.table.sum(axis=0)
    spread = distance.standard_deviation(whole)
    starts = distance.bin_starts(whole[BELOW : ABOVE + 1])
    # A reference that never varied has no standard deviation to measure in.
    shown: Metric = "tv" if metric == "w1_sd" and spread == 0 else metric

    def bins(window: Floats) -> Floats:
        merged: Floats = np.add.reduceat(window[..., BELOW : ABOVE + 1], starts, axis=-1)
        return merged

    def apart(one: Floats, other: Floats) -> Floats:
        if shown == "w1_sd":
            return distance.wasserstein(grid, one, other) / spread
        return _between(shown, bins(one), bins(other))

    def statistics(one: Floats, other: Floats) -> dict[str, float]:
        p, q = distance.numbers(one), distance.numbers(other)
        moved = {"w1_sd": float(distance.wasserstein(grid, one, other)) / spread} if spread else {}
        return moved | _common(bins(one), bins(other)) | {
            "ks": float(distance.kolmogorov_smirnov(p, q))
        }  # fmt: skip

    return _Column(
        grid.name, "numeric", shown, reference.table, current.table, CELLS, apart,
        lambda _, other: np.zeros(other.shape[:-1]), statistics,
    )  # fmt: skip


def _categorical(kept: Categories, reference: Any, current: Any, metric: Metric) -> _Column:  # noqa: ANN401 - integer arrays
    shown: Metric = "js" if metric == "js" else "tv"

    def apart(one: Floats, other: Floats) -> Floats:
        return _between(shown, one[..., 1:], other[..., 1:])

    def unseen(one: Floats, other: Floats) -> Floats:
        p, q = distance.shares(one[..., 1:]), distance.shares(other[..., 1:])
        new: Floats = np.where(p[..., :-1] == 0, q[..., :-1], 0.0).sum(axis=-1)
        return new + np.maximum(q[..., -1] - p[..., -1], 0.0)

    return _Column(
        kept.name, "categorical", shown, reference.astype(np.float64),
        current.astype(np.float64), len(kept.values) + 2, apart, unseen,
        lambda one, other: _common(one[1:], other[1:]),
        "" if kept.complete else f"; beyond its {len(kept.values)} most frequent values, unseen "
        "ones are estimated by the growth of all others together",
    )  # fmt: skip


def _between(metric: Metric, one: Floats, other: Floats) -> Floats:
    measure = distance.jensen_shannon if metric == "js" else distance.total_variation
    return measure(distance.shares(one), distance.shares(other))


def _common(one: Floats, other: Floats) -> dict[str, float]:
    p, q = distance.shares(one), distance.shares(other)
    return {
        "js": float(distance.jensen_shannon(p, q)),
        "tv": float(distance.total_variation(p, q)),
        "psi": distance.population_stability(one, other),
    }


@dataclass(frozen=True)
class _Test:
    """One question about a column: how much, from where on it matters, and what weeks do."""

    words: str
    value: float
    floor: float
    band: float | None

    @property
    def limit(self) -> float:
        return max(self.floor, self.band or 0.0)

    @property
    def drifted(self) -> bool:
        return self.value >= self.floor and (self.band is None or self.value > self.band)

    def __str__(self) -> str:
        weeks = f"the largest of the reference's own blocks is {self.band or 0:.3g}"
        if self.value < self.floor:
            return f"{self.words} {self.value:.3g} is below the floor {self.floor:.3g}"
        if self.band is None:
            return f"{self.words} {self.value:.3g} is at or above the floor {self.floor:.3g}"
        if self.drifted:
            return f"{self.words} {self.value:.3g} is above the limit {self.limit:.3g} ({weeks})"
        return f"{self.words} {self.value:.3g} is above the floor {self.floor:.3g}, but {weeks}"


def _judged(column: _Column, rule: _Rule) -> ColumnDrift:
    one, other = column.reference.sum(axis=0), column.current.sum(axis=0)
    rows = [int(window[: column.cells].sum()) for window in (one, other)]
    if min(rows) < rule.min_n:
        return _too_few(column, rows, rule.min_n)
    values = [int(column.values(window)) for window in (one, other)]
    beside = _beside(column, rule.blocks)
    blocks = _full(column, beside)
    missing = float(column.missing(other) - column.missing(one))
    tests = [_missing_test(column, missing, beside)]
    if enough := min(values) >= rule.min_n:
        tests = [
            _distance_test(column, one, other, blocks), *tests,
            *_unseen_tests(column, one, other, blocks),
        ]  # fmt: skip
    found = [test for test in tests if test.drifted]
    said = "; ".join(str(test) for test in (found or tests[:1])) + column.note
    if not enough:
        said = f"too few to say: {values[0]} and {values[1]} rows hold a value; {said}"
    if len(blocks) < FEWEST_BLOCKS:
        said += f"; not calibrated: {len(blocks)} of the {FEWEST_BLOCKS} blocks that it needs"
    return ColumnDrift(
        name=column.name,
        kind=column.kind,
        **(column.statistics(one, other) if enough else {}),
        null_change=missing,
        unseen_share=float(column.unseen(one, other)),
        effect=_effect(column, tests[0].value if enough else None, values[1]),
        limit=tests[0].limit if enough else FLOOR,
        drifted=bool(found),
        reason=said,
    )


def _too_few(column: _Column, rows: Sequence[int], min_n: int) -> ColumnDrift:
    return ColumnDrift(
        name=column.name,
        kind=column.kind,
        effect=_effect(column, None, rows[1]),
        limit=FLOOR,
        drifted=False,
        reason=f"too few to say: {rows[0]} and {rows[1]} rows; expected {min_n} on each side",
    )


def _beside(column: _Column, blocks: Sequence[NDArray[np.bool_]]) -> list[tuple[Floats, Floats]]:
    """For each block the rest of the reference, and the block."""
    whole = column.reference.sum(axis=0)
    sums = [column.reference[mask].sum(axis=0) for mask in blocks]
    return [(whole - block, block) for block in sums]


def _full(column: _Column, beside: Sequence[tuple[Floats, Floats]]) -> list[tuple[Floats, Floats]]:
    """The blocks that hold at least half the values of the median block: fewer exaggerate."""
    values = [float(column.values(block)) for _, block in beside]
    least = float(np.median(values)) / 2 if values else 0.0
    return [pair for pair, n in zip(beside, values, strict=True) if n and n >= least]


def _distance_test(
    column: _Column, one: Floats, other: Floats, blocks: Sequence[tuple[Floats, Floats]]
) -> _Test:
    band = _largest([float(column.apart(rest, block)) for rest, block in blocks])
    return _Test(_WORDS[column.metric], float(column.apart(one, other)), FLOOR, band)


def _missing_test(
    column: _Column, change: float, blocks: Sequence[tuple[Floats, Floats]]
) -> _Test:
    band = _largest(
        [abs(float(column.missing(block) - column.missing(rest))) for rest, block in blocks]
    )
    return _Test("the change in the share of missing values", abs(change), FLOOR_SHARE, band)


def _unseen_tests(
    column: _Column, one: Floats, other: Floats, blocks: Sequence[tuple[Floats, Floats]]
) -> list[_Test]:
    if column.kind == "numeric":
        return []
    band = _largest([float(column.unseen(rest, block)) for rest, block in blocks])
    words = "the share of rows in values that the reference never held"
    return [_Test(words, float(column.unseen(one, other)), FLOOR_SHARE, band)]


def _largest(effects: Sequence[float]) -> float | None:
    return max(effects) if len(effects) >= FEWEST_BLOCKS else None


def _effect(column: _Column, value: float | None, n: int) -> Measured:
    unit = _UNITS[column.metric]
    if value is None:
        return Measured(value=None, unit=unit, n=n, no_interval="too few")
    days = len(column.current)
    if days < _FEWEST_DAYS:
        return Measured(
            value=value, unit=unit, n=n, no_interval=f"fewer than {_FEWEST_DAYS} days to resample"
        )
    radius = _radius(column)
    return Measured(value=value, unit=unit, n=n, low=max(value - radius, 0.0), high=value + radius)


def _radius(column: _Column) -> float:
    """How far the window itself would move if other days had been drawn, at 95 %.

    By the triangle inequality a distance to the reference cannot be wrong by more than the window
    lies from the truth, so the interval holds at least 95 %. Whole days are drawn, and the radius
    is widened for their small number.
    """
    days = len(column.current)
    draws = np.random.default_rng(_SEED).multinomial(days, [1 / days] * days, size=_RESAMPLES)
    moved = column.apart(column.current.sum(axis=0), draws @ column.current)
    return float(np.quantile(moved, 0.95) * np.sqrt(days / (days - 1)))
