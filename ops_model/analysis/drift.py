"""Did the inputs, or the score, move: column by column, between a reference and a window.

A column drifted when its change is both material and unusual for this very system. Material is a
floor that somebody would act on; unusual is more than any week of the reference moved against the
rest of it. Significance is no rule: at these sizes everything is significant, and rows of one day
are not independent. The decision is taken per column for the distance, the share of missing
values, and the share of rows in values that the reference never held.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ops_model.analysis.column import Column, Metric, categorical_column, numeric_column
from ops_model.analysis.profile import Floats, Profile
from ops_model.domain.evidence import Measured
from ops_model.domain.signals import ColumnDrift

FLOOR = 0.1
FLOOR_SHARE = 0.02
FEWEST_BLOCKS = 8
BLOCK_DAYS = 7
_RESAMPLES = 400
_SEED = 20130722
_FEWEST_DAYS = 4
_UNITS: Mapping[Metric, str] = {"w1_sd": "sd", "js": "js", "tv": "tv"}
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
        numeric_column(grid, reference.numeric[grid.name], current.numeric[grid.name], metric)
        for grid in reference.spec.grids
    ]
    columns += [
        categorical_column(c, reference.categories[c.name], current.categories[c.name], metric)
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


def _judged(column: Column, rule: _Rule) -> ColumnDrift:
    one, other = column.reference.sum(axis=0), column.current.sum(axis=0)
    rows = [int(window[: column.cells].sum()) for window in (one, other)]
    if min(rows) < rule.min_n:
        return _too_few(column, rows, rule.min_n)
    values = [int(column.values(window)) for window in (one, other)]
    beside = _beside(column, rule.blocks)
    blocks = _full(column, beside, rule.min_n)
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
    statistics = column.statistics(one, other) if enough else {}
    return ColumnDrift(
        name=column.name,
        kind=column.kind,
        **{name: _repeatable(value) for name, value in statistics.items()},
        null_change=missing,
        unseen_share=float(column.unseen(one, other)),
        effect=_effect(column, tests[0].value if enough else None, values[1]),
        limit=_repeatable(tests[0].limit) if enough else FLOOR,
        drifted=bool(found),
        reason=said,
    )


def _too_few(column: Column, rows: Sequence[int], min_n: int) -> ColumnDrift:
    return ColumnDrift(
        name=column.name,
        kind=column.kind,
        effect=_effect(column, None, rows[1]),
        limit=FLOOR,
        drifted=False,
        reason=f"too few to say: {rows[0]} and {rows[1]} rows; expected {min_n} on each side",
    )


def _beside(column: Column, blocks: Sequence[NDArray[np.bool_]]) -> list[tuple[Floats, Floats]]:
    """For each block the rest of the reference, and the block."""
    whole = column.reference.sum(axis=0)
    sums = [column.reference[mask].sum(axis=0) for mask in blocks]
    return [(whole - block, block) for block in sums]


def _full(
    column: Column, beside: Sequence[tuple[Floats, Floats]], min_n: int
) -> list[tuple[Floats, Floats]]:
    """The blocks that hold enough values: few ones alone would make a distance large."""
    values = [float(column.values(block)) for _, block in beside]
    least = min(min_n, float(np.median(values)) / 2) if values else 0.0
    return [pair for pair, n in zip(beside, values, strict=True) if n and n >= least]


def _distance_test(
    column: Column, one: Floats, other: Floats, blocks: Sequence[tuple[Floats, Floats]]
) -> _Test:
    band = _largest([float(column.apart(rest, block)) for rest, block in blocks])
    return _Test(_WORDS[column.metric], float(column.apart(one, other)), FLOOR, band)


def _missing_test(column: Column, change: float, blocks: Sequence[tuple[Floats, Floats]]) -> _Test:
    band = _largest(
        [abs(float(column.missing(block) - column.missing(rest))) for rest, block in blocks]
    )
    return _Test("the change in the share of missing values", abs(change), FLOOR_SHARE, band)


def _unseen_tests(
    column: Column, one: Floats, other: Floats, blocks: Sequence[tuple[Floats, Floats]]
) -> list[_Test]:
    if column.kind == "numeric":
        return []
    band = _largest([float(column.unseen(rest, block)) for rest, block in blocks])
    words = "the share of rows in values that the reference never held"
    return [_Test(words, float(column.unseen(one, other)), FLOOR_SHARE, band)]


def _largest(effects: Sequence[float]) -> float | None:
    return max(effects) if len(effects) >= FEWEST_BLOCKS else None


def _effect(column: Column, value: float | None, n: int) -> Measured:
    unit = _UNITS[column.metric]
    if value is None:
        return Measured(value=None, unit=unit, n=n, no_interval="too few")
    days = len(column.current)
    number = Measured(value=_repeatable(value), unit=unit, n=n)
    if days < _FEWEST_DAYS:
        reason = f"fewer than {_FEWEST_DAYS} days to resample"
        return number.model_copy(update={"no_interval": reason})
    radius = _radius(column)
    low, high = _repeatable(max(value - radius, 0.0)), _repeatable(value + radius)
    return number.model_copy(update={"low": low, "high": high})


def _repeatable(value: float) -> float:
    """Nine significant digits: the order in which threads add floats shows in the sixteenth.

    Another run over the same rows has to give an equal record, or nothing can be reproduced.
    """
    return float(f"{value:.9g}")


def _radius(column: Column) -> float:
    """How far the window itself would move if other days had been drawn, at 95 %.

    By the triangle inequality a distance to the reference cannot be wrong by more than the window
    lies from the truth, so the interval holds at least 95 %. Whole days are drawn, and the radius
    is widened for their small number.
    """
    days = len(column.current)
    draws = np.random.default_rng(_SEED).multinomial(days, [1 / days] * days, size=_RESAMPLES)
    moved = column.apart(column.current.sum(axis=0), draws @ column.current)
    return float(np.quantile(moved, 0.95) * np.sqrt(days / (days - 1)))
