"""Served rows joined with what turned out: per UTC day, how many were right and how many known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from ops_model.analysis.profile import Counts, day_number
from ops_model.errors import WarehouseError

if TYPE_CHECKING:
    import ibis

_EPOCH = date(1970, 1, 1)
MOST_SEGMENTS = 200


@dataclass(frozen=True)
class LabelLog:
    """Labels that arrive later: their table, and the columns of it; bounded by its timestamp."""

    table: "ibis.Table"
    key: str
    timestamp: str
    label: str


@dataclass(frozen=True)
class DayCounts:
    """Consecutive days: rows served, rows with a label, and rows that were right."""

    days: tuple[date, ...]
    rows: Counts
    labelled: Counts
    right: Counts


@dataclass(frozen=True)
class SegmentCounts:
    """One value of a segment column: right and labelled rows in the window and the baseline."""

    column: str
    value: str
    right: int
    labelled: int
    baseline_right: int
    baseline_labelled: int


def judged_rows(
    served: "ibis.Table",
    *,
    timestamp: str,
    label: str,
    prediction: str | None = None,
    key: str | None = None,
    labels: LabelLog | None = None,
    segments: Sequence[str] = (),
    where: str = "",
) -> "ibis.Table":
    """One row per served row: `day`, `right` (1, 0, or null without a label), `s0`, `s1`, ...

    A row is right when its prediction equals its label; without `prediction` when its label is
    true. A row that served no prediction is wrong. Of several labels of one row the last counts.

    Args:
        served: what was served, bounded by its own timestamp.
        timestamp: when a row was served.
        label: the column of `served` that holds the label; with `labels`, the name is theirs.
        prediction: the column with the prediction.
        key: the column of `served` that joins with the labels' key.
        labels: the log of labels, when they arrive apart.
        segments: columns of `served` to report apart.
        where: the address of the log, for an error.

    Raises:
        WarehouseError: prediction and label, or the two keys, are of types that cannot be equal;
            or a label without a prediction is not boolean.
    """
    table = served
    if labels is not None:
        table = _joined(served, key or labels.key, labels, where)
        label = "label__"
    outcome = _known(table[label])
    if prediction is None:
        if not outcome.type().is_boolean():
            raise WarehouseError(
                f"label {label!r} is {outcome.type()}; expected true or false",
                where=where,
                remedy="name the prediction that it is compared with, or judge with a boolean",
            )
        right = outcome
    else:
        served_as = _known(table[prediction])
        _comparable("prediction and label", served_as, outcome, where)
        right = (_number_if_flag(served_as) == _number_if_flag(outcome)).fill_null(False)  # noqa: FBT003 - a missing prediction is wrong
    right = outcome.notnull().ifelse(right.cast("int64"), None).cast("int64")
    named = {f"s{i}": table[name].cast("string") for i, name in enumerate(segments)}
    return table.select(day=day_number(table, timestamp), right=right, **named)


def _joined(served: "ibis.Table", key: str, labels: LabelLog, where: str) -> "ibis.Table":
    taken = next((n for n in ("key__", "at__", "label__") if n in served.columns), None)
    if taken is not None:
        raise WarehouseError(
            f"has a column {taken!r}, which is what the join with the labels calls its own",
            where=where,
            remedy="name the column otherwise",
        )
    told = labels.table.select(
        key__=labels.table[labels.key],
        at__=labels.table[labels.timestamp],
        label__=_known(labels.table[labels.label]),
    )
    _comparable("the keys of log and labels", served[key], told.key__, where)
    # Equal times would leave the choice to the engine; the larger label of an instant wins.
    told = told.group_by("key__", "at__").aggregate(label__=told.label__.max())
    last = told.group_by("key__").aggregate(label__=told.label__.argmax(told.at__))
    return served.left_join(last, served[key] == last.key__)


def _known(column: Any) -> Any:  # noqa: ANN401 - Ibis columns have no common type to name
    """The column, with NaN taken for the missing value that pandas means by it."""
    import ibis

    if not column.type().is_floating():
        return column
    return column.isnan().ifelse(ibis.null(column.type()), column)


def _number_if_flag(column: Any) -> Any:  # noqa: ANN401 - as above
    return column.cast("int64") if column.type().is_boolean() else column


def _comparable(what: str, one: Any, other: Any, where: str) -> None:  # noqa: ANN401 - as above
    kinds = {"number" if t.is_numeric() or t.is_boolean() else str(t) for t in
             (one.type().copy(nullable=True), other.type().copy(nullable=True))}  # fmt: skip
    if len(kinds) > 1:
        raise WarehouseError(
            f"{what} are {one.type()} and {other.type()}; expected two of one kind",
            where=where,
            remedy="write both columns with the same type",
        )


def count_days(judged: "ibis.Table") -> DayCounts:
    """Rows served, labelled and right per day, without a gap from the first day to the last."""
    found = (
        judged.group_by("day")
        .aggregate(rows=judged.count(), labelled=judged.right.count(), right=judged.right.sum())
        .to_pyarrow()
        .to_pylist()
    )
    by_day = {row["day"]: row for row in found}
    numbers = range(min(by_day), max(by_day) + 1) if by_day else range(0)

    def column(name: str) -> Counts:
        return np.array([(by_day.get(d, {}).get(name) or 0) for d in numbers], np.int64)

    days = tuple(_EPOCH + timedelta(days=number) for number in numbers)
    return DayCounts(days, column("rows"), column("labelled"), column("right"))


def count_segments(
    judged: "ibis.Table",
    columns: Sequence[str],
    *,
    window: tuple[date, date],
    baseline: tuple[date, date],
    min_n: int,
) -> tuple[tuple[SegmentCounts, ...], int]:
    """Segments with enough labelled rows on both sides, and how many had too few.

    At most 200 segments come back, those that fell most.

    Args:
        judged: of `judged_rows`.
        columns: the segment columns, in the order given there.
        window: first day, and the day after the last.
        baseline: likewise.
        min_n: fewest labelled rows in the window and in the baseline.
    """
    import ibis

    if not columns:
        return (), 0
    known = judged.filter(judged.right.notnull())
    now, before = (
        (known.day >= (a - _EPOCH).days) & (known.day < (b - _EPOCH).days)
        for a, b in (window, baseline)
    )
    parts = [
        known.group_by(value=known[f"s{position}"])
        .aggregate(
            right=known.right.sum(where=now),
            labelled=known.count(where=now),
            baseline_right=known.right.sum(where=before),
            baseline_labelled=known.count(where=before),
        )
        .mutate(column=ibis.literal(position, type="int16"))
        for position in range(len(columns))
    ]
    groups = ibis.union(*parts)
    groups = groups.filter(groups.labelled + groups.baseline_labelled > 0)
    enough = (groups.labelled >= min_n) & (groups.baseline_labelled >= min_n)
    left_out = groups.filter(~enough).count().to_pyarrow().as_py()
    kept = groups.filter(enough)
    fall = kept.right / kept.labelled - kept.baseline_right / kept.baseline_labelled
    worst = kept.mutate(fall=fall).order_by("fall", "column", "value").limit(MOST_SEGMENTS)
    rows = worst.drop("fall").to_pyarrow().to_pylist()
    return tuple(_segment(columns, row) for row in rows), int(left_out)


def _segment(columns: Sequence[str], row: dict[str, Any]) -> SegmentCounts:
    value = "(missing)" if row["value"] is None else row["value"]
    numbers = ("right", "labelled", "baseline_right", "baseline_labelled")
    return SegmentCounts(columns[row["column"]], value, *(int(row[name] or 0) for name in numbers))
