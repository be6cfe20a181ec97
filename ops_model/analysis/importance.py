"""Does the model lean on the same inputs as before: how much each weighs, and in which order.

A weight is either what the system logs of every prediction (the mean absolute attribution of each
feature), or how far the model's answers move when one column of a sample is shuffled. Both come as
sums by day, so that whole days are drawn to see how sure the order is: rows of one day are not
independent.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ops_model.analysis.profile import Floats, day_number, finite
from ops_model.analysis.repeatable import repeatable
from ops_model.domain.detection import FeatureImportance
from ops_model.domain.evidence import Measured

if TYPE_CHECKING:
    import ibis
    import pandas as pd

SAMPLE_ROWS = 5_000
"""How many rows of each side a model is asked about, at most."""
SHUFFLES = 5
FEWEST_FEATURES = 3
FEWEST_DAYS = 4
_RESAMPLES = 1000
_SEED = 20130722
Predict = Callable[["pd.DataFrame"], NDArray[Any]]


@dataclass(frozen=True)
class Weights:
    """What each feature weighs on one side: sums over the rows of each day (days x features).

    `counted` is how many rows of a day each sum holds, since an attribution may be missing.
    """

    features: tuple[str, ...]
    sums: Floats
    counted: Floats
    rows: int

    def mean(self, days: Floats | None = None) -> Floats:
        """The weight of each feature; `days` says how often each day counts, else once."""
        times = np.ones(len(self.sums)) if days is None else days
        total, n = times @ self.sums, times @ self.counted
        result: Floats = np.divide(total, n, out=np.zeros(total.shape), where=n > 0)
        return result


@dataclass(frozen=True)
class ImportanceResult:
    """The order of the features now against before; see `ImportanceMeasurement`."""

    rank_correlation: Measured
    features: tuple[FeatureImportance, ...]


def logged_weights(log: "ibis.Table", features: Sequence[str], *, timestamp: str) -> Weights:
    """The mean absolute attribution of each feature, by day; what is no finite number is left out.

    Args:
        log: one row per prediction, with a column of attribution for each feature.
        features: which columns.
        timestamp: the column that gives the day.
    """
    asked: dict[str, Any] = {"rows": log.count()}
    for position, name in enumerate(features):
        weight = finite(log, name).abs()
        asked |= {f"sum{position}": weight.sum(), f"n{position}": weight.count()}
    by_day = log.group_by(day=day_number(log, timestamp)).aggregate(**asked)
    rows = sorted(by_day.to_pyarrow().to_pylist(), key=lambda row: int(row["day"]))
    places = range(len(features))
    sums = [[float(row[f"sum{place}"] or 0.0) for place in places] for row in rows]
    counted = [[float(row[f"n{place}"]) for place in places] for row in rows]
    shape = (len(rows), len(features))
    return Weights(
        tuple(features),
        np.array(sums, np.float64).reshape(shape),
        np.array(counted, np.float64).reshape(shape),
        sum(int(row["rows"]) for row in rows),
    )


def sampled(
    log: "ibis.Table", features: Sequence[str], *, timestamp: str, order: Sequence[str]
) -> "tuple[pd.DataFrame, NDArray[np.int64]]":
    """Every k-th row in the order of time, 5,000 at most, and the day of each.

    Args:
        log: the rows of one side.
        features: the columns that the model is given.
        timestamp: the column that gives the day.
        order: columns that order rows of one instant, such as the key.
    """
    import ibis

    rows = int(log.count().to_pyarrow().as_py())
    step = max(1, -(-rows // SAMPLE_ROWS))
    names = {f"f{position}": log[name] for position, name in enumerate(features)}
    numbered = log.select(
        **names,
        day=day_number(log, timestamp),
        place=ibis.row_number().over(order_by=[log[name] for name in (timestamp, *order)]),
    )
    taken = numbered.filter(numbered.place % step == 0).order_by("place").to_pyarrow().to_pandas()
    frame = taken[list(names)].set_axis(list(features), axis=1)
    return frame, taken["day"].to_numpy(np.int64)


def permuted_weights(frame: "pd.DataFrame", days: NDArray[np.int64], predict: Predict) -> Weights:
    """How far the answers move, on average, when one column is shuffled; by the day of the row.

    A number moves by its absolute difference; a class moves by 1 when it is another one. Labels
    are not needed, so that the answer does not wait for them. Shuffling is seeded.
    """
    rng = np.random.default_rng(_SEED)
    features = tuple(str(name) for name in frame.columns)
    usual = predict(frame)
    numbers, at = np.unique(days, return_inverse=True)
    sums = np.zeros((len(numbers), len(features)))
    for place, name in enumerate(features):
        for _ in range(SHUFFLES):
            other = frame.copy()
            other[name] = frame[name].to_numpy()[rng.permutation(len(frame))]
            np.add.at(sums[:, place], at, _moved(usual, predict(other)) / SHUFFLES)
    rows = np.bincount(at, minlength=len(numbers)).astype(np.float64)
    return Weights(features, sums, np.repeat(rows[:, None], len(features), axis=1), len(frame))


def _moved(one: NDArray[Any], other: NDArray[Any]) -> Floats:
    if one.dtype.kind in "fiu":
        result: Floats = np.abs(one.astype(np.float64) - other.astype(np.float64))
        return result
    changed: Floats = np.asarray(one != other).astype(np.float64)
    return changed


def compare_weights(reference: Weights, current: Weights, *, min_n: int) -> ImportanceResult:
    """The rank correlation (Spearman) of the weights, with an interval by drawing whole days.

    Args:
        reference: the weights in the baseline.
        current: the weights in the window, of the same features.
        min_n: with fewer rows on either side nothing is said.
    """
    before, now = reference.mean(), current.mean()
    features = tuple(
        FeatureImportance(name=name, reference=repeatable(one), current=repeatable(other))
        for name, one, other in zip(reference.features, before, now, strict=True)
    )
    n = min(reference.rows, current.rows)
    few = _too_few(reference, current, min_n)
    value = None if few else rank_correlation(before, now)
    number = Measured(value=None, unit="rho", n=n)
    if value is None:
        why = few or "every feature weighs the same, so that there is no order"
        return ImportanceResult(number.model_copy(update={"no_interval": why}), features)
    low, high = _interval(reference, current)
    bounds = {"value": repeatable(value), "low": min(low, value), "high": max(high, value)}
    rounded = {name: repeatable(bound) for name, bound in bounds.items()}
    return ImportanceResult(number.model_copy(update=rounded), features)


def _too_few(reference: Weights, current: Weights, min_n: int) -> str:
    """Why nothing can be said; empty when something can."""
    if min(reference.rows, current.rows) < min_n:
        return f"too few: expected {min_n} rows on each side"
    if min(len(reference.sums), len(current.sums)) < FEWEST_DAYS:
        return f"too few: expected {FEWEST_DAYS} days on each side"
    if len(reference.features) < FEWEST_FEATURES:
        return f"too few: expected {FEWEST_FEATURES} features"
    empty = [
        name
        for side in (reference, current)
        for name, n in zip(side.features, side.counted.sum(axis=0), strict=True)
        if n < min_n
    ]
    return f"too few values of {', '.join(dict.fromkeys(empty))}" if empty else ""


def rank_correlation(one: Floats, other: Floats) -> float | None:
    """Spearman's rank correlation; equal weights share their ranks. None where all are equal."""
    p, q = _ranks(one), _ranks(other)
    p, q = p - p.mean(), q - q.mean()
    spread = float(np.sqrt((p * p).sum() * (q * q).sum()))
    return float((p * q).sum() / spread) if spread else None


def _ranks(values: Floats) -> Floats:
    _, at, times = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(times)
    middle: Floats = (ends - (times - 1) / 2)[at]
    return middle


def _interval(reference: Weights, current: Weights) -> tuple[float, float]:
    """Where the correlation lies in 95 of 100 draws of the days of both sides."""
    rng = np.random.default_rng(_SEED)
    found = []
    for _ in range(_RESAMPLES):
        sides = [
            side.mean(rng.multinomial(days, [1 / days] * days).astype(np.float64))
            for side, days in ((side, len(side.sums)) for side in (reference, current))
        ]
        drawn = rank_correlation(*sides)
        found.append(0.0 if drawn is None else drawn)
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)
