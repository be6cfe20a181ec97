"""A window of a log as counts: one cell per small span of values, one row per day.

`plan.plan` fixes the cells on the reference, once. `profile` counts any log into them with two
queries, whatever the number of columns. Profiles of days add up to the profile of the window
exactly, so a window is a sum, and no statistic needs the rows again.

Cells of a numeric column: 0 holds what is no finite number (null, NaN, infinite), 1 everything
below the grid, 2 to 254 spans of equal width, 255 everything above. Cells of a category: 0 null,
then the values that the plan kept, last everything else.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import ibis

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Answer = Mapping[str, NDArray[Any]]

CELLS = 256
INSIDE = 253
MISSING, BELOW, ABOVE = 0, 1, 255
FAR = 1e150
"""A number beyond this counts as infinite: its square is, and it would make every sum so."""
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Grid:
    """The cells of a numeric column: 253 spans of `width` from `low` upwards."""

    name: str
    low: float
    width: float

    @property
    def high(self) -> float:
        """Where the grid ends."""
        return self.low + INSIDE * self.width

    @property
    def centre(self) -> float:
        """Sums are kept relative to this, so that large offsets do not eat their digits."""
        return self.low + INSIDE * self.width / 2


@dataclass(frozen=True)
class Categories:
    """The values of a category that are counted one by one, most frequent first.

    `complete` means that the reference held no other value: what lies outside is then unseen.
    """

    name: str
    values: tuple[str, ...]
    complete: bool


@dataclass(frozen=True)
class Spec:
    """What a profile counts; equal specs make profiles comparable."""

    grids: tuple[Grid, ...] = ()
    categories: tuple[Categories, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All columns."""
        return tuple(g.name for g in self.grids) + tuple(c.name for c in self.categories)


@dataclass(frozen=True)
class NumericCounts:
    """A numeric column, one row per day: cells (days x 256), and sums that keep the tails exact.

    `below` and `above` sum how far the values of the tail cells lie beyond the grid; `first` and
    `second` sum the finite values and their squares, relative to the grid's centre.
    """

    cells: Counts
    below: Floats
    above: Floats
    first: Floats
    second: Floats

    @property
    def table(self) -> Floats:
        """All of it as one array (days x 260), whose rows may be weighted and summed."""
        sums = np.stack([self.below, self.above, self.first, self.second], axis=-1)
        return np.concatenate([self.cells.astype(np.float64), sums], axis=-1)


@dataclass(frozen=True)
class Profile:
    """Counts of a log by day; `days` in order, all arrays have one row per day."""

    spec: Spec
    days: tuple[date, ...]
    rows: Counts
    numeric: Mapping[str, NumericCounts]
    categories: Mapping[str, Counts]

    @property
    def total(self) -> int:
        """All rows."""
        return int(self.rows.sum())


def finite(table: "ibis.Table", name: str) -> Any:  # noqa: ANN401 - as above
    """The column as a float, null where it is no finite number."""
    import ibis

    value = table[name].cast("float64")
    if not table[name].type().is_floating() and not table[name].type().is_decimal():
        return value
    return (value.isnan() | (value.abs() > FAR)).ifelse(ibis.null("float64"), value)


def profile(table: "ibis.Table", spec: Spec, *, timestamp: str | None = None) -> Profile:
    """Count a log into the cells of `spec`, one row per UTC day.

    Args:
        table: has every column of `spec`.
        spec: what `plan` fixed.
        timestamp: the column that gives the day; without it everything is one day, 1970-01-01.
    """
    import ibis

    day = day_number(table, timestamp) if timestamp else ibis.literal(0, type="int32")
    counted = _counted(table, spec.grids, day, _count_grid)
    named = _counted(table, spec.categories, day, _count_categories)
    numbers = np.unique(np.concatenate([counted["day"], named["day"]])).astype(np.int64)
    numeric = {
        grid.name: _numeric_counts(grid, _of_column(counted, position), numbers)
        for position, grid in enumerate(spec.grids)
    }
    categories = {
        kept.name: _category_counts(kept, _of_column(named, position), numbers)
        for position, kept in enumerate(spec.categories)
    }
    every = [n.cells for n in numeric.values()] or list(categories.values())
    rows = every[0].sum(axis=1) if every else np.zeros(0, np.int64)
    days = tuple(_EPOCH + timedelta(days=int(number)) for number in numbers)
    return Profile(spec, days, rows, numeric, categories)


def day_number(table: "ibis.Table", timestamp: str, *, native: bool = True) -> Any:  # noqa: ANN401 - as above
    """The UTC day of a timestamp, counted from 1970-01-01.

    DuckDB resolves a zone for each conversion of a timestamp, which costs more than all the
    counting: there, `native` takes the stored microseconds instead. Both ways agree, by test.
    """
    import ibis

    column = table[timestamp]
    if native and table.get_backend().name == "duckdb":
        signature = ((column.type(),), "int64")
        epoch_us = ibis.udf.scalar.builtin(_epoch_us, name="epoch_us", signature=signature)
        return (epoch_us(column) // 86_400_000_000).cast("int32")
    return (column.epoch_seconds() // 86_400).cast("int32")


def _epoch_us(at: object) -> int:
    """Names DuckDB's function of this name; never called here."""
    raise NotImplementedError(at)


def _counted(
    table: "ibis.Table",
    parts: Sequence[Any],
    day: Any,  # noqa: ANN401 - an Ibis expression
    count: Callable[["ibis.Table", Any, Any], "ibis.Table"],
) -> Answer:
    """One query for all columns; its answer, column by column, as arrays."""
    import ibis

    if not parts:
        return {"day": np.zeros(0, np.int64)}
    union = ibis.union(
        *(
            count(table, part, day).mutate(column=ibis.literal(position, type="int16"))
            for position, part in enumerate(parts)
        )
    )
    # Only `to_pyarrow`: fetched as a stream, DuckDB 1.5 deadlocks on a union of ten such branches.
    answer = union.to_pyarrow()
    return {name: answer[name].to_numpy(zero_copy_only=False) for name in answer.column_names}


def _of_column(answer: Answer, position: int) -> Answer:
    mask = answer["column"] == position
    return {name: values[mask] for name, values in answer.items()}


def _count_grid(table: "ibis.Table", grid: Grid, day: Any) -> "ibis.Table":  # noqa: ANN401 - an Ibis expression
    import ibis

    def exact(number: float) -> Any:  # noqa: ANN401 - an Ibis literal
        # An untyped literal becomes a DECIMAL in DuckDB, which makes the query many times slower.
        return ibis.literal(float(number), type="float64")

    value = finite(table, grid.name)
    # Missing first, since greatest and least skip nulls. Clamp, then floor, then cast: a cast
    # rounds in DuckDB, and floor alone would overflow far outside the grid.
    place = (value - exact(grid.low)) * exact(1 / grid.width) + exact(2)
    clamped = ibis.greatest(exact(BELOW), ibis.least(exact(ABOVE), place))
    cell = ibis.cases((value.isnull(), MISSING), else_=clamped.floor()).cast("int16")
    cells = table.select(day=day, cell=cell, x=value - exact(grid.centre))
    return cells.group_by("day", "cell").aggregate(
        n=cells.count(), first=cells.x.sum(), second=(cells.x * cells.x).sum()
    )


def _count_categories(table: "ibis.Table", kept: Categories, day: Any) -> "ibis.Table":  # noqa: ANN401 - an Ibis expression
    import ibis

    value = table[kept.name].cast("string")
    known = value.isin(kept.values) if kept.values else ibis.literal(False)  # noqa: FBT003 - SQL's FALSE
    bucket = ibis.cases((value.isnull(), 0), (known, 1), else_=2).cast("int16")
    shown = known.ifelse(value, ibis.null("string"))
    values = table.select(day=day, bucket=bucket, value=shown)
    return values.group_by("day", "bucket", "value").aggregate(n=values.count())


def _numeric_counts(grid: Grid, found: Answer, days: Counts) -> NumericCounts:
    at, cell = np.searchsorted(days, found["day"]), found["cell"]
    cells = np.zeros((len(days), CELLS), np.int64)
    cells[at, cell] = found["n"]
    sums = np.zeros((2, len(days), CELLS))
    sums[0, at, cell] = np.nan_to_num(found["first"].astype(np.float64))
    sums[1, at, cell] = np.nan_to_num(found["second"].astype(np.float64))
    below = cells[:, BELOW] * (grid.low - grid.centre) - sums[0, :, BELOW]
    above = sums[0, :, ABOVE] - cells[:, ABOVE] * (grid.high - grid.centre)
    first, second = sums.sum(axis=-1)
    return NumericCounts(cells, below, above, first, second)


def _category_counts(kept: Categories, found: Answer, days: Counts) -> Counts:
    cell_of = {value: position for position, value in enumerate(kept.values, start=1)}
    last = len(kept.values) + 1
    counts = np.zeros((len(days), last + 1), np.int64)
    for number, bucket, value, n in zip(
        found["day"], found["bucket"], found["value"], found["n"], strict=True
    ):
        cell = (0, cell_of.get(value, last), last)[bucket]
        counts[np.searchsorted(days, number), cell] = n
    return counts
