"""A window of a log as counts: one cell per small span of values, one row per day.

`plan` fixes the cells on the reference, once. `profile` counts any log into them with two queries,
whatever the number of columns. Profiles of days add up to the profile of the window exactly, so a
window is a sum, and no statistic needs the rows again.

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

CELLS = 256
INSIDE = 253
MISSING, BELOW, ABOVE = 0, 1, 255
SAMPLE_ROWS = 100_000
KEPT_VALUES = 500
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


def plan(reference: "ibis.Table", columns: Sequence[str] = ()) -> Spec:
    """Fix the cells on a reference.

    Numeric columns are planned on every k-th row, k chosen so that 100,000 rows remain; the same
    reference gives the same plan. A column of few whole numbers gets one cell per number. Of a
    category the 500 most frequent values are kept.

    Args:
        reference: the rows to compare with later.
        columns: which columns; none means all of a number, text or boolean type.
    """
    names = columns or tuple(c for c in reference.columns if _is_planned(reference[c]))
    numeric = [c for c in names if reference[c].type().is_numeric()]
    return Spec(
        _grids(reference, [c for c in numeric if not reference[c].type().is_boolean()]),
        _categories(reference, [c for c in names if _is_category(reference[c])]),
    )


def _is_category(column: Any) -> bool:  # noqa: ANN401 - Ibis columns have no common type to name
    return bool(column.type().is_string() or column.type().is_boolean())


def _is_planned(column: Any) -> bool:  # noqa: ANN401 - as above
    return bool(_is_category(column) or column.type().is_numeric())


def _finite(table: "ibis.Table", name: str) -> Any:  # noqa: ANN401 - as above
    """The column as a float, null where it is no finite number."""
    import ibis

    value = table[name].cast("float64")
    if not table[name].type().is_floating() and not table[name].type().is_decimal():
        return value
    return (value.isnan() | (value.abs() > FAR)).ifelse(ibis.null("float64"), value)


def _grids(reference: "ibis.Table", names: Sequence[str]) -> tuple[Grid, ...]:
    if not names:
        return ()
    import ibis

    rows = reference.count().to_pyarrow().as_py()
    step = max(1, -(-rows // SAMPLE_ROWS))
    numbered = reference.select(*names, row__=ibis.row_number())
    sample = numbered.filter(numbered.row__ % step == 0) if step > 1 else numbered
    asked: dict[str, Any] = {}
    for position, name in enumerate(names):
        value = _finite(sample, name)
        asked[f"quantiles{position}"] = value.quantile([0.002, 0.998])
        asked[f"low{position}"] = value.min()
        asked[f"high{position}"] = value.max()
        asked[f"whole{position}"] = (value == value.floor()).all()
    seen = sample.aggregate(**asked).to_pyarrow().to_pylist()[0]
    return tuple(
        _grid(name, *(seen[f"{part}{position}"] for part in ("low", "high", "quantiles", "whole")))
        for position, name in enumerate(names)
    )


def _grid(
    name: str,
    low: float | None,
    high: float | None,
    quantiles: Sequence[float],
    whole: bool | None,  # noqa: FBT001 - one row of the query above
) -> Grid:
    if low is None or high is None:
        return Grid(name, 0.0, 1.0)
    spread = high - low
    if whole and spread <= INSIDE - 2:
        # One cell per number; the cells to spare lie on both sides of what the reference held.
        spare = (INSIDE - (int(spread) + 1)) // 2
        return Grid(name, low - 0.5 - spare, 1.0)
    start, end = quantiles
    pad = 0.15 * (end - start) or 0.15 * spread or max(abs(low), 1.0) * 1e-3
    start, end = start - pad, end + pad
    if low >= 0:
        start = max(start, 0.0)
    return Grid(name, start, max((end - start) / INSIDE, 1 / FAR))


def _categories(reference: "ibis.Table", names: Sequence[str]) -> tuple[Categories, ...]:
    if not names:
        return ()
    import ibis

    parts = []
    for position, name in enumerate(names):
        values = reference.select(value=reference[name].cast("string"))
        counted = (
            values.filter(values.value.notnull()).group_by("value").aggregate(n=ibis._.count())
        )
        ranked = counted.order_by(ibis.desc("n"), "value").limit(KEPT_VALUES + 1)
        parts.append(ranked.mutate(column=ibis.literal(position, type="int16")))
    found: dict[int, list[tuple[int, str]]] = {}
    for row in ibis.union(*parts).to_pyarrow().to_pylist():
        found.setdefault(row["column"], []).append((-row["n"], row["value"]))
    return tuple(
        Categories(
            name,
            tuple(value for _, value in sorted(found.get(position, ()))[:KEPT_VALUES]),
            len(found.get(position, ())) <= KEPT_VALUES,
        )
        for position, name in enumerate(names)
    )


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
    numbers = sorted({row["day"] for row in (*counted, *named)})
    place = {number: position for position, number in enumerate(numbers)}
    numeric = {
        grid.name: _numeric_counts(
            grid, [row for row in counted if row["column"] == position], place
        )
        for position, grid in enumerate(spec.grids)
    }
    categories = {
        c.name: _category_counts(c, [row for row in named if row["column"] == position], place)
        for position, c in enumerate(spec.categories)
    }
    every = [n.cells for n in numeric.values()] or list(categories.values())
    rows = every[0].sum(axis=1) if every else np.zeros(0, np.int64)
    days = tuple(_EPOCH + timedelta(days=number) for number in numbers)
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
) -> list[dict[str, Any]]:
    import ibis

    if not parts:
        return []
    union = ibis.union(
        *(
            count(table, part, day).mutate(column=ibis.literal(position, type="int16"))
            for position, part in enumerate(parts)
        )
    )
    rows: list[dict[str, Any]] = union.to_pyarrow().to_pylist()
    return rows


def _count_grid(table: "ibis.Table", grid: Grid, day: Any) -> "ibis.Table":  # noqa: ANN401 - an Ibis expression
    import ibis

    def exact(number: float) -> Any:  # noqa: ANN401 - an Ibis literal
        # An untyped literal becomes a DECIMAL in DuckDB, which makes the query many times slower.
        return ibis.literal(float(number), type="float64")

    value = _finite(table, grid.name)
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


def _numeric_counts(
    grid: Grid, rows: Sequence[Mapping[str, Any]], place: Mapping[int, int]
) -> NumericCounts:
    days = len(place)
    cells = np.zeros((days, CELLS), np.int64)
    first, second = np.zeros(days), np.zeros(days)
    beyond = {BELOW: np.zeros(days), ABOVE: np.zeros(days)}
    for row in rows:
        at, cell = place[row["day"]], row["cell"]
        cells[at, cell] = row["n"]
        first[at] += row["first"] or 0.0
        second[at] += row["second"] or 0.0
        if cell == BELOW:
            beyond[cell][at] = row["n"] * (grid.low - grid.centre) - row["first"]
        elif cell == ABOVE:
            beyond[cell][at] = row["first"] - row["n"] * (grid.high - grid.centre)
    return NumericCounts(cells, beyond[BELOW], beyond[ABOVE], first, second)


def _category_counts(
    kept: Categories, rows: Sequence[Mapping[str, Any]], place: Mapping[int, int]
) -> Counts:
    cell_of = {value: position for position, value in enumerate(kept.values, start=1)}
    counts = np.zeros((len(place), len(kept.values) + 2), np.int64)
    for row in rows:
        cell = {0: 0, 2: len(kept.values) + 1}.get(row["bucket"]) if row["bucket"] != 1 else None
        counts[place[row["day"]], cell_of[row["value"]] if cell is None else cell] = row["n"]
    return counts
