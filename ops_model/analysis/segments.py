"""Judged rows by segment: which kinds of case there are, and how each did then and now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis

_EPOCH = date(1970, 1, 1)
MOST_SEGMENTS = 200
MISSING_VALUE = "(missing)"


@dataclass(frozen=True)
class SegmentCounts:
    """One value of a segment column: sums of scores and labelled rows, in window and baseline."""

    column: str
    value: str
    total: float
    labelled: int
    baseline_total: float
    baseline_labelled: int


def count_segments(
    judged: "ibis.Table",
    columns: Sequence[str],
    *,
    window: tuple[date, date],
    baseline: tuple[date, date],
    min_n: int,
    better: str = "higher",
    always: Sequence[tuple[str, str]] = (),
) -> tuple[tuple[SegmentCounts, ...], int]:
    """Segments with enough labelled rows on both sides, and how many had too few.

    At most 200 segments come back, those that fell most, and those of `always`.

    Args:
        judged: of `judged_rows`.
        columns: the segment columns, in the order given there.
        window: first day, and the day after the last.
        baseline: likewise.
        min_n: fewest labelled rows in the window and in the baseline.
        better: `lower` where a segment gets worse by rising.
        always: columns and values that come back however few rows they hold.
    """
    if not columns:
        return (), 0
    groups = segment_groups(judged, columns, window=window, baseline=baseline)
    enough = (groups.labelled >= min_n) & (groups.baseline_labelled >= min_n)
    wanted = _any_of(groups, columns, always)
    left_out = groups.filter(~enough & ~wanted).count().to_pyarrow().as_py()
    kept = groups.filter(enough & ~wanted)
    rise = kept.total / kept.labelled - kept.baseline_total / kept.baseline_labelled
    fall = -rise if better == "lower" else rise
    worst = kept.mutate(fall=fall).order_by("fall", "column", "value").limit(MOST_SEGMENTS)
    rows = worst.drop("fall").to_pyarrow().to_pylist()
    rows += groups.filter(wanted).to_pyarrow().to_pylist() if always else []
    return tuple(_segment(columns, row) for row in rows), int(left_out)


def segment_groups(
    judged: "ibis.Table",
    columns: Sequence[str],
    *,
    window: tuple[date, date],
    baseline: tuple[date, date],
) -> "ibis.Table":
    """Per value of each segment column (`column` is its position): sums on both sides."""
    import ibis

    known = judged.filter(judged.score.notnull())
    now, before = (
        (known.day >= day_position(a)) & (known.day < day_position(b))
        for a, b in (window, baseline)
    )
    parts = [
        known.group_by(value=known[f"s{position}"])
        .aggregate(
            total=known.score.sum(where=now).cast("float64"),
            labelled=known.count(where=now),
            baseline_total=known.score.sum(where=before).cast("float64"),
            baseline_labelled=known.count(where=before),
        )
        .mutate(column=ibis.literal(position, type="int16"))
        for position in range(len(columns))
    ]
    groups = ibis.union(*parts) if len(parts) > 1 else parts[0]
    return groups.filter(groups.labelled + groups.baseline_labelled > 0)


def _any_of(
    groups: "ibis.Table", columns: Sequence[str], wanted: Sequence[tuple[str, str]]
) -> Any:  # noqa: ANN401 - as above
    """Whether a group is one of these columns and values."""
    import ibis

    found = ibis.literal(False)  # noqa: FBT003 - a column that says no
    for column, value in wanted:
        if column in columns:
            found |= (groups.column == columns.index(column)) & (groups.value == value)
    return found.fill_null(False)  # noqa: FBT003 - a missing value is not the wanted one


def _segment(columns: Sequence[str], row: dict[str, Any]) -> SegmentCounts:
    value = MISSING_VALUE if row["value"] is None else row["value"]
    return SegmentCounts(
        columns[row["column"]],
        value,
        float(row["total"] or 0),
        int(row["labelled"] or 0),
        float(row["baseline_total"] or 0),
        int(row["baseline_labelled"] or 0),
    )


def day_position(day: date) -> int:
    """The number of a day, as judged rows hold it."""
    return (day - _EPOCH).days
