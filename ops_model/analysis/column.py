"""One column on both sides of a comparison, numbers and categories alike."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ops_model.analysis import by_chance, distance
from ops_model.analysis.cells import ABOVE, BELOW, CELLS, MISSING, Categories, Grid
from ops_model.analysis.profile import Counts, Floats, NumericCounts

Metric = Literal["w1_sd", "js", "tv"]

METRICS: Mapping[str, Metric] = {"w1_sd": "w1_sd", "js": "js", "tv": "tv"}
"""The metrics of a monitor that measure drift; any other one leaves the default."""


@dataclass(frozen=True)
class Column:
    """One column on both sides, one row per day, and how two windows of it are compared.

    A window is a sum of rows. `values` counts its rows that hold a value; `apart`, `missing` and
    `unseen` compare windows, many at once where the last axis is the cells. `chance` is how far
    apart two windows may lie although nothing moved. `before` is the window before this one.
    """

    name: str
    kind: Literal["numeric", "categorical"]
    metric: Metric
    reference: Floats
    current: Floats
    cells: int
    apart: Callable[[Floats, Floats], Floats]
    chance: Callable[[Floats, Floats], float]
    unseen: Callable[[Floats, Floats], Floats]
    statistics: Callable[[Floats, Floats], dict[str, float]]
    note: str = ""
    before: Floats | None = None

    def values(self, window: Floats) -> Floats:
        """Rows of a window that hold a value."""
        result: Floats = window[..., MISSING + 1 : self.cells].sum(axis=-1)
        return result

    def missing(self, window: Floats) -> Floats:
        """The share of a window's rows without a value."""
        return distance.shares(window[..., : self.cells])[..., MISSING]


def numeric_column(
    grid: Grid, reference: NumericCounts, current: NumericCounts, metric: Metric
) -> Column:
    """A column of numbers; `w1_sd` is in standard deviations of the reference."""
    whole = reference.table.sum(axis=0)
    spread = distance.standard_deviation(whole)
    starts = distance.bin_starts(whole[BELOW : ABOVE + 1])
    # A reference that never varied has no standard deviation to measure in, rounding apart.
    if spread < 1e-6 * grid.width:
        spread = 0.0
    shown: Metric = "tv" if metric == "w1_sd" and spread == 0 else metric

    def bins(window: Floats) -> Floats:
        merged: Floats = np.add.reduceat(window[..., BELOW : ABOVE + 1], starts, axis=-1)
        return merged

    def apart(one: Floats, other: Floats) -> Floats:
        if shown == "w1_sd":
            return distance.wasserstein(grid, one, other) / spread
        return _between(shown, bins(one), bins(other))

    def chance(one: Floats, other: Floats) -> float:
        if shown == "w1_sd":
            return by_chance.wasserstein(grid, one, other, spread)
        return _chance_between(shown, bins(one), bins(other))

    def statistics(one: Floats, other: Floats) -> dict[str, float]:
        p, q = distance.numbers(one), distance.numbers(other)
        moved = {"w1_sd": float(distance.wasserstein(grid, one, other)) / spread} if spread else {}
        return moved | _common(bins(one), bins(other)) | {
            "ks": float(distance.kolmogorov_smirnov(p, q))
        }  # fmt: skip

    return Column(
        grid.name, "numeric", shown, reference.table, current.table, CELLS, apart, chance,
        lambda _, other: np.zeros(other.shape[:-1]), statistics,
    )  # fmt: skip


def categorical_column(
    kept: Categories, reference: Counts, current: Counts, metric: Metric
) -> Column:
    """A column of categories; the effect is total variation, or `js` where that is asked for."""
    shown: Metric = "js" if metric == "js" else "tv"

    def apart(one: Floats, other: Floats) -> Floats:
        return _between(shown, one[..., 1:], other[..., 1:])

    def unseen(one: Floats, other: Floats) -> Floats:
        p, q = distance.shares(one[..., 1:]), distance.shares(other[..., 1:])
        new: Floats = np.where(p[..., :-1] == 0, q[..., :-1], 0.0).sum(axis=-1)
        return new + np.maximum(q[..., -1] - p[..., -1], 0.0)

    return Column(
        kept.name, "categorical", shown, reference.astype(np.float64),
        current.astype(np.float64), len(kept.values) + 2, apart,
        lambda one, other: _chance_between(shown, one[1:], other[1:]), unseen,
        lambda one, other: _common(one[1:], other[1:]),
        "" if kept.complete else f"; beyond its {len(kept.values)} most frequent values, unseen "
        "ones are estimated by the growth of all others together",
    )  # fmt: skip


def _between(metric: Metric, one: Floats, other: Floats) -> Floats:
    measure = distance.jensen_shannon if metric == "js" else distance.total_variation
    return measure(distance.shares(one), distance.shares(other))


def _chance_between(metric: Metric, one: Floats, other: Floats) -> float:
    limit = by_chance.jensen_shannon if metric == "js" else by_chance.total_variation
    return limit(one, other)


def _common(one: Floats, other: Floats) -> dict[str, float]:
    p, q = distance.shares(one), distance.shares(other)
    return {
        "js": float(distance.jensen_shannon(p, q)),
        "tv": float(distance.total_variation(p, q)),
        "psi": distance.population_stability(one, other),
        "psi_by_chance": by_chance.stability(one, other),
    }
