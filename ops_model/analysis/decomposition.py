"""A change of quality taken apart: did other cases come, or did the same ones go wrong.

For each segment column the change is the sum over its values of two parts. Mix: more or fewer of
these cases, each counted by how far it lies from the mean. Quality: the same cases, answered
better or worse. Both are taken half way between baseline and window, so that neither side is
preferred and the sum is exact; what values of too few rows add is the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from ops_model.analysis.profile import Floats
from ops_model.analysis.quality_days import t_quantile
from ops_model.analysis.repeatable import repeatable
from ops_model.analysis.segments import MISSING_VALUE, MOST_SEGMENTS, day_position, segment_groups
from ops_model.domain.detection import ColumnRest, SegmentEffect
from ops_model.domain.evidence import Measured

if TYPE_CHECKING:
    import ibis

_RESAMPLES = 500
_SEED = 1212


@dataclass(frozen=True)
class Side:
    """Window or baseline of one segment column, one row per segment and one column per day.

    The last segment holds all values of too few rows together.
    """

    totals: Floats
    rows: Floats


@dataclass(frozen=True)
class ColumnSides:
    """One segment column: the values told apart, then and now."""

    column: str
    values: tuple[str, ...]
    before: Side
    now: Side


@dataclass(frozen=True)
class DecompositionResult:
    """The numbers of a `ChangeDecomposition`, without what only the caller knows."""

    change: Measured
    segments: tuple[SegmentEffect, ...]
    rest: Measured
    rests: tuple[ColumnRest, ...]


def count_sides(
    judged: "ibis.Table",
    columns: Sequence[str],
    *,
    window: tuple[date, date],
    baseline: tuple[date, date],
    min_n: int,
) -> tuple[ColumnSides, ...]:
    """Scores and rows of each value told apart, by day, on both sides.

    A value is told apart when it has `min_n` labelled rows on each side, or as many on one side
    and none on the other: those came, or went. Of more than 200 the largest are.

    Args:
        judged: of `judged_rows`, with these segment columns in this order.
        columns: the segment columns.
        window: first day, and the day after the last.
        baseline: likewise.
        min_n: fewest labelled rows.
    """
    groups = segment_groups(judged, columns, window=window, baseline=baseline)
    now, before = groups.labelled, groups.baseline_labelled
    enough = ((now >= min_n) & ((before >= min_n) | (before == 0))) | (
        (now == 0) & (before >= min_n)
    )
    found = []
    for position, column in enumerate(columns):
        own = groups.filter(enough & (groups.column == position))
        own = own.mutate(size=own.labelled + own.baseline_labelled)
        largest = own.order_by(own.size.desc(), "value").limit(MOST_SEGMENTS)
        values = [row["value"] for row in largest.select("value").to_pyarrow().to_pylist()]
        found.append(_sides(judged, position, column, values, window, baseline))
    return tuple(found)


def _sides(
    judged: "ibis.Table",
    position: int,
    column: str,
    values: list[str | None],
    window: tuple[date, date],
    baseline: tuple[date, date],
) -> ColumnSides:
    """Two queries' worth of one column: its values by day, all others summed in the engine."""
    import ibis

    known = judged.filter(judged.score.notnull())
    value, named = known[f"s{position}"], [v for v in values if v is not None]
    told = value.isin(named).fill_null(False) if named else ibis.literal(False)  # noqa: FBT003 - columns that say no
    told = (told | value.isnull()) if None in values else told
    rows = (
        known.mutate(told=told, value=told.ifelse(value, ibis.null("string")))
        .group_by("told", "value", "day")
        .aggregate(total=lambda t: t.score.sum().cast("float64"), rows=lambda t: t.count())
        .to_pyarrow()
        .to_pylist()
    )
    place = {name: at for at, name in enumerate(values)}
    sides = []
    for first, end in (baseline, window):
        days = day_position(end) - day_position(first)
        totals, sizes = np.zeros((2, len(values) + 1, days))
        for row in rows:
            day = row["day"] - day_position(first)
            if 0 <= day < days:
                at = place[row["value"]] if row["told"] else len(values)
                totals[at, day] += row["total"]
                sizes[at, day] += row["rows"]
        labelled = sizes.sum(axis=0) > 0
        sides.append(Side(totals[:, labelled], sizes[:, labelled]))
    names = tuple(MISSING_VALUE if name is None else name for name in values)
    return ColumnSides(column, names, *sides)


def decompose(
    columns: Sequence[ColumnSides], change: Measured, *, sign: float = 1.0
) -> DecompositionResult:
    """A change between the two sides, split by each column.

    Args:
        columns: of `count_sides`; at least one.
        change: the change of the same rows as `measure_quality` found it, which the parts add
            up to; it is measured there, and not a second time here.
        sign: -1 where a score gets worse by rising, so that below 0 is worse in every part.

    Raises:
        ValueError: a side has no labelled row, or there is no column.
    """
    if not columns or any(side.rows.sum() == 0 for c in columns for side in (c.before, c.now)):
        msg = "a change needs a segment column, and labelled rows on both sides"
        raise ValueError(msg)
    segments: list[SegmentEffect] = []
    rests: list[ColumnRest] = []
    for one in columns:
        effects, rest = _split(one, sign, change.unit)
        segments += effects
        rests.append(ColumnRest(column=one.column, rest=rest))
    least = min(rests, key=lambda r: (abs(r.rest.value or 0.0), r.column))
    return DecompositionResult(change, tuple(segments), least.rest, tuple(rests))


def _split(one: ColumnSides, sign: float, unit: str) -> tuple[list[SegmentEffect], Measured]:
    """What each value of a column adds to the change, and what those of too few rows do."""
    before, now = one.before, one.now
    point = _effects(*(side.sum(axis=-1)[None] for side in _arrays(before, now)))
    error = _errors(before, now)
    days = now.rows.shape[1]

    def measured(part: int, at: int, rows: int) -> Measured:
        value = sign * float(point[part][0, at])
        known = Measured(value=repeatable(value), unit=unit, n=rows)
        if rows == 0:
            return known.model_copy(update={"no_interval": "exact"})
        if error is None:
            reason = "days vary, and one side has a single day"
            return known.model_copy(update={"no_interval": reason})
        half = t_quantile(days - 1) * float(error[part][at])
        bounds = {"low": repeatable(value - half), "high": repeatable(value + half)}
        return known.model_copy(update=bounds)

    effects = [
        SegmentEffect(
            column=one.column,
            value=value,
            mix=measured(0, at, int(now.rows[at].sum() + before.rows[at].sum())),
            quality=measured(1, at, int(now.rows[at].sum() + before.rows[at].sum())),
        )
        for at, value in enumerate(one.values)
    ]
    effects.sort(key=lambda e: ((e.mix.value or 0.0) + (e.quality.value or 0.0), e.value))
    others = int(now.rows[-1].sum() + before.rows[-1].sum())
    return effects, measured(2, 0, others)


def _arrays(before: Side, now: Side) -> tuple[Floats, Floats, Floats, Floats]:
    return before.totals, before.rows, now.totals, now.rows


def _effects(
    total_0: Floats, rows_0: Floats, total_1: Floats, rows_1: Floats
) -> tuple[Floats, Floats, Floats]:
    """Mix and quality of each segment, and the rest; the first axis is resamples.

    With weights w and values q before and after, a segment adds (w1 - w0) times how far its mean
    value lies from that of all, and (q1 - q0) times its mean weight. One that came or went adds
    all that it does by its size.
    """
    whole_0, whole_1 = (
        total.sum(axis=1, keepdims=True) / rows.sum(axis=1, keepdims=True)
        for total, rows in ((total_0, rows_0), (total_1, rows_1))
    )
    middle = (whole_0 + whole_1) / 2
    weight_0 = rows_0 / rows_0.sum(axis=1, keepdims=True)
    weight_1 = rows_1 / rows_1.sum(axis=1, keepdims=True)
    value_0, value_1 = (
        np.divide(total, rows, out=np.zeros_like(total), where=rows > 0)
        for total, rows in ((total_0, rows_0), (total_1, rows_1))
    )
    added = weight_1 * (value_1 - middle) - weight_0 * (value_0 - middle)
    both = (rows_0 > 0) & (rows_1 > 0)
    quality = np.where(both, (value_1 - value_0) * (weight_0 + weight_1) / 2, 0.0)
    mix = added - quality
    return mix[:, :-1], quality[:, :-1], added[:, -1:]


def _errors(before: Side, now: Side) -> tuple[Floats, ...] | None:
    """The standard error of each part, by drawing whole days on each side; None with one day.

    A few days drawn from themselves spread too little by one in their number, which is put right.
    """
    days = before.rows.shape[1], now.rows.shape[1]
    if min(days) < 2:
        return None
    rng = np.random.default_rng(_SEED)
    drawn = []
    for side, many in zip((before, now), days, strict=True):
        times = rng.multinomial(many, np.full(many, 1 / many), size=_RESAMPLES)
        drawn += [times @ side.totals.T, times @ side.rows.T]
    parts = _effects(*drawn)
    scale = np.sqrt(min(days) / (min(days) - 1))
    return tuple(part.std(axis=0, ddof=1) * scale for part in parts)
