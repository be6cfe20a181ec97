"""Served rows joined with what turned out: per UTC day, how many are known and how they did.

Each row gets a score: 1 where it was right and 0 where it was wrong, or any number that arrived
with its label. What says nothing, or might say a thing twice, is counted apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from ops_model.analysis.profile import Counts, Floats, day_number
from ops_model.errors import WarehouseError

if TYPE_CHECKING:
    import ibis

_EPOCH = date(1970, 1, 1)
_WHOLE = 1e15
LARGEST_SCORE = 1e100
"""A score beyond this is no number that anybody gave: its square would end every sum."""


@dataclass(frozen=True)
class LabelLog:
    """Labels that arrive later: their table, and the columns of it; bounded by its timestamp."""

    table: "ibis.Table"
    key: str
    timestamp: str
    label: str


@dataclass(frozen=True)
class DayCounts:
    """Consecutive days: rows served, rows with a label, and the sum of their scores.

    `total` of a share is how many were right. `within` sums, for any other score, the squared
    deviations from the day's own mean; None for a share, of which `total` tells all.
    """

    days: tuple[date, ...]
    rows: Counts
    labelled: Counts
    total: Counts | Floats
    within: Floats | None = None


def judged_rows(
    served: "ibis.Table",
    *,
    timestamp: str,
    label: str | None,
    prediction: str | None = None,
    score: str | None = None,
    key: str | None = None,
    labels: LabelLog | None = None,
    segments: Sequence[str] = (),
    where: str = "",
) -> "ibis.Table":
    """One row per served row: `day`, `score` (null without a label), `early`, `odd`, `s0`, ...

    The score is 1 where the prediction equals the label, else 0; without `prediction` it is 1
    where the label is true. With `score` it is that number. A row that served no prediction is
    wrong. Of several labels of one row the last counts; one from before the row was served says
    nothing (`early`), and so does a score that is no finite number (`odd`).

    Args:
        served: what was served, bounded by its own timestamp.
        timestamp: when a row was served.
        label: the column of `served` that holds the label; with `labels`, the name is theirs.
        prediction: the column with the prediction.
        score: the column with the score, in place of label and prediction, where the label is.
        key: the column of `served` that joins with the labels' key.
        labels: the log of labels, when they arrive apart.
        segments: columns of `served` to report apart.
        where: the address of the log, for an error.

    Raises:
        WarehouseError: prediction and label, or the two keys, are of types that cannot be equal;
            a label without a prediction is not boolean; or a score is no number.
    """
    import ibis

    table, column, early = served, score or str(label), ibis.literal(False)  # noqa: FBT003 - a column that says no
    if labels is not None:
        table = _joined(served, key or labels.key, labels, where, as_scores=score is not None)
        column = "label__"
        early = (table.at__ < table[timestamp]).fill_null(False)  # noqa: FBT003 - as above
    known = _score(table, table[column], prediction, score, where)
    odd = ibis.literal(False)  # noqa: FBT003 - as above
    if score is not None:
        odd = (~_countable(table[column])).fill_null(False)  # noqa: FBT003 - as above
    named = {f"s{i}": _text(table[name]) for i, name in enumerate(segments)}
    return table.select(
        day=day_number(table, timestamp),
        score=(early | odd).ifelse(ibis.null(known.type()), known),
        early=early & _there(table[column]),
        odd=odd & ~early,
        **named,
    )


def _score(
    table: "ibis.Table",
    column: Any,  # noqa: ANN401 - Ibis columns have no common type to name
    prediction: str | None,
    score: str | None,
    where: str,
) -> Any:  # noqa: ANN401 - as above
    """The score of each row, null where no label is known."""
    import ibis

    if score is not None:
        if not (column.type().is_numeric() or column.type().is_boolean()):
            raise WarehouseError(
                f"score {score!r} is {column.type()}; expected a number",
                where=where,
                remedy="name a column that holds a number per row",
            )
        return _number_if_flag(column).cast("float64")
    outcome = _known(column)
    if prediction is None:
        if not outcome.type().is_boolean():
            raise WarehouseError(
                f"label {column.get_name()!r} is {outcome.type()}; expected true or false",
                where=where,
                remedy="name the prediction that it is compared with, or judge with a boolean",
            )
        right = outcome
    else:
        served_as = _known(table[prediction])
        _comparable("prediction and label", served_as, outcome, where)
        right = (_number_if_flag(served_as) == _number_if_flag(outcome)).fill_null(False)  # noqa: FBT003 - a missing prediction is wrong
    # PostgreSQL makes no number of 64 bits of a boolean.
    return outcome.notnull().ifelse(right.cast("int32"), ibis.null("int32"))


def _countable(column: Any) -> Any:  # noqa: ANN401 - as above
    """Whether a number can be summed; null where there is none. NaN and infinities cannot."""
    if not column.type().is_numeric():
        return column.notnull()
    value = column.cast("float64")
    # NaN first: engines differ in how it compares, and some call it the largest number.
    return ~value.isnan() & (value.abs() <= LARGEST_SCORE)


def _joined(
    served: "ibis.Table", key: str, labels: LabelLog, where: str, *, as_scores: bool
) -> "ibis.Table":
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
        # A score that is NaN is told apart later; of a label it is pandas' word for none.
        label__=labels.table[labels.label] if as_scores else _known(labels.table[labels.label]),
    )
    told = told.filter(_there(told.label__))
    _comparable("the keys of log and labels", served[key], told.key__, where)
    # Equal times would leave the choice to the engine; the larger label of an instant wins.
    told = told.group_by("key__", "at__").aggregate(label__=told.label__.max())
    last = told.group_by("key__").aggregate(
        label__=told.label__.argmax(told.at__), at__=told.at__.max()
    )
    return served.left_join(last, served[key] == last.key__)


def _text(column: Any) -> Any:  # noqa: ANN401 - as above
    """A segment's name: whole numbers without a point, which engines write or leave out."""
    import ibis

    if not column.type().is_floating():
        return column.cast("string")
    column = _known(column)
    text = column.cast("string")
    bound = ibis.literal(_WHOLE, type="float64")
    value = column.cast("float64")
    inside = value.between(-bound, bound).ifelse(value, ibis.null("float64"))
    whole = inside.floor().cast("int64")
    return (whole.cast("float64") == value).ifelse(whole.cast("string"), text)


def _there(column: Any) -> Any:  # noqa: ANN401 - as above
    """Whether something was written; NaN was, although Ibis takes it for null on Spark."""
    if not column.type().is_floating():
        return column.notnull()
    return column.notnull() | column.isnan().fill_null(False)  # noqa: FBT003 - the value that stands for NULL


def _known(column: Any) -> Any:  # noqa: ANN401 - Ibis columns have no common type to name
    """The column, with NaN taken for the missing value that pandas means by it."""
    import ibis

    if not column.type().is_floating():
        return column
    return column.isnan().ifelse(ibis.null(column.type()), column)


def _number_if_flag(column: Any) -> Any:  # noqa: ANN401 - as above
    return column.cast("int32") if column.type().is_boolean() else column


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
    """Rows served, labelled, and their scores per day, without a gap from first day to last."""
    of_share = judged.score.type().is_integer()
    sums: dict[str, Any] = {
        "rows": judged.count(), "labelled": judged.score.count(), "total": judged.score.sum(),
    }  # fmt: skip
    if not of_share:
        sums["spread"] = judged.score.var(how="pop")
    found = judged.group_by("day").aggregate(**sums).to_pyarrow().to_pylist()
    by_day = {row["day"]: row for row in found}
    numbers = range(min(by_day), max(by_day) + 1) if by_day else range(0)
    days = tuple(_EPOCH + timedelta(days=number) for number in numbers)

    def column(name: str) -> list[Any]:
        return [(by_day.get(d, {}).get(name) or 0) for d in numbers]

    labelled = np.array(column("labelled"), np.int64)
    rows = np.array(column("rows"), np.int64)
    if of_share:
        return DayCounts(days, rows, labelled, np.array(column("total"), np.int64))
    within = np.array(column("spread"), np.float64) * labelled
    return DayCounts(days, rows, labelled, np.array(column("total"), np.float64), within)


def count_apart(
    judged: "ibis.Table", served: "ibis.Table", *, key: str | None, labels: LabelLog | None
) -> dict[str, int]:
    """The rows that `domain.detection.RowsApart` tells, by its names.

    Args:
        judged: of `judged_rows`.
        served: what was served.
        key: the column that identifies a served row; without it, none is known to repeat.
        labels: the log of labels, when they arrive apart.
    """
    found = judged.aggregate(early=judged.early.sum(), odd=judged.odd.sum()).to_pyarrow()
    row = found.to_pylist()[0]
    return {
        "labels_early": int(row["early"] or 0),
        "not_numbers": int(row["odd"] or 0),
        "served_repeated": _repeated(served, key),
        "labels_repeated": _repeated(labels.table, labels.key) if labels is not None else 0,
    }


def _repeated(table: "ibis.Table", key: str | None) -> int:
    """Rows beyond the first of each key; a key that is not there is no key."""
    if key is None or key not in table.columns:
        return 0
    column = table[key]
    found = table.aggregate(rows=column.count(), keys=column.nunique()).to_pyarrow().to_pylist()[0]
    return int(found["rows"] - found["keys"])
