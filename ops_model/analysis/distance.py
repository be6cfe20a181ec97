"""How far two distributions lie apart, from counts alone; no data is read here.

Every function takes arrays whose last axis is the cells, and works on many windows at once.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ops_model.analysis.cells import ABOVE, BELOW, CELLS, Grid
from ops_model.analysis.profile import Floats

BINS = 16


def shares(counts: NDArray[Any]) -> Floats:
    """Counts as shares of their sum; all zero where there is nothing."""
    total = counts.sum(axis=-1, keepdims=True)
    result: Floats = np.divide(counts, total, out=np.zeros(counts.shape), where=total > 0)
    return result


def total_variation(p: Floats, q: Floats) -> Floats:
    """The share of rows that would have to change value; 0 to 1."""
    result: Floats = np.abs(p - q).sum(axis=-1) / 2
    return result


def jensen_shannon(p: Floats, q: Floats) -> Floats:
    """Jensen-Shannon distance (the square root of the divergence), base 2; 0 to 1."""
    middle = (p + q) / 2
    divergence = (_relative(p, middle) + _relative(q, middle)) / 2
    return np.sqrt(np.clip(divergence, 0.0, 1.0))


def _relative(p: Floats, q: Floats) -> Floats:
    ratio = np.divide(p, q, out=np.ones(np.broadcast_shapes(p.shape, q.shape)), where=p > 0)
    result: Floats = (p * np.log2(ratio)).sum(axis=-1)
    return result


def population_stability(reference: NDArray[Any], current: NDArray[Any]) -> float:
    """Population stability index of two rows of counts, in nats; an empty bin counts half a row.

    With no change at all it is about (bins - 1) x (1/n + 1/m), not 0.
    """
    p, q = _floored(reference), _floored(current)
    return float(((q - p) * np.log(q / p)).sum())


def _floored(counts: NDArray[Any]) -> Floats:
    return np.maximum(shares(counts), 0.5 / max(float(counts.sum()), 1.0))


def kolmogorov_smirnov(p: Floats, q: Floats) -> Floats:
    """The largest gap of two cumulative shares; off by at most the largest cell."""
    result: Floats = np.abs(np.cumsum(p - q, axis=-1)).max(axis=-1)
    return result


def wasserstein(grid: Grid, reference: Floats, current: Floats) -> Floats:
    """Wasserstein-1 distance in the column's own unit, from tables of `NumericCounts`.

    Inside the grid it is the area between the cumulative shares. Beyond it, the difference of the
    exact mean excess is taken: right as long as one side reaches farther, and never too large.
    """
    gap = np.abs(np.cumsum(numbers(reference) - numbers(current), axis=-1)[..., :-1])
    # Values sit in the middle of their cell, so at both ends of the grid half a cell counts.
    inside = gap.sum(axis=-1) - (gap[..., 0] + gap[..., -1]) / 2
    beyond = np.abs(_excess(reference) - _excess(current)).sum(axis=-1)
    result: Floats = inside * grid.width + beyond
    return result


def numbers(table: Floats) -> Floats:
    """Shares over the cells that hold numbers, the missing left out."""
    return shares(table[..., BELOW : ABOVE + 1])


def numbers_of(table: Floats) -> float:
    """How many rows of a table hold a number."""
    return float(table[BELOW : ABOVE + 1].sum())


def _excess(table: Floats) -> Floats:
    """Mean distance beyond the lower and the upper end of the grid, over all numbers."""
    total = table[..., BELOW : ABOVE + 1].sum(axis=-1, keepdims=True)
    beyond = table[..., CELLS : CELLS + 2]
    result: Floats = np.divide(beyond, total, out=np.zeros(beyond.shape), where=total > 0)
    return result


def standard_deviation(total: Floats) -> float:
    """Standard deviation of the numbers in one row of a table, from their exact sums."""
    n = float(total[BELOW : ABOVE + 1].sum())
    if n == 0:
        return 0.0
    mean, square = float(total[CELLS + 2]) / n, float(total[CELLS + 3]) / n
    return float(np.sqrt(max(square - mean * mean, 0.0)))


def bin_starts(cells: Floats) -> NDArray[np.int64]:
    """Where to merge neighbouring cells, so that about 16 bins hold equal mass of the reference.

    A cell belongs to the bin of the mass before it. A cell heavy enough to fill a bin has one of
    its own: a value that never varied would else hide in one bin with all that lies below it.
    """
    share = shares(cells)
    before = np.cumsum(share) - share
    bins = np.minimum((before * BINS + 1e-9).astype(np.int64), BINS - 1)
    heavy = share >= 1 / BINS
    new = (np.diff(bins, prepend=-1) > 0) | heavy | np.concatenate([[False], heavy[:-1]])
    return np.flatnonzero(new)
