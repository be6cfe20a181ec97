"""A window of a log as counts: one cell per small span of values, one row per day.

`plan.plan` fixes the cells on the reference, once. `profile` counts any log into them with two
queries, whatever the number of columns. Profiles of days add up to the profile of the window
exactly, so a window is a sum, and no statistic needs the rows again.

Which cells there are is in `cells`; how they are counted in `profile_ibis`, and `profile_duckdb`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ops_model.analysis import profile_duckdb, profile_ibis
from ops_model.analysis.cells import (
    ABOVE,
    BELOW,
    CELLS,
    FAR,
    MISSING,
    Categories,
    Grid,
    Spec,
    same_cells,
)  # fmt: skip

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Answer = dict[str, NDArray[Any]]

_EPOCH = date(1970, 1, 1)
_DAY_BITS = 20
_DAY_ZERO = 1 << (_DAY_BITS - 1)
"""A file and a day are one key: the day, which may lie before 1970, in its lower 20 bits."""


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


def profile(
    table: "ibis.Table", spec: Spec, *, timestamp: str | None = None, native: bool = True
) -> Profile:
    """Count a log into the cells of `spec`, one row per UTC day.

    Args:
        table: has every column of `spec`.
        spec: what `plan` fixed.
        timestamp: the column that gives the day; without it everything is one day, 1970-01-01.
        native: in DuckDB, by its own words, which are faster; the same counts either way.
    """
    key = day_number(table, timestamp) if timestamp else None
    return _profile(spec, *_counted(table, spec, key, native=native))


def profiles_by_file(
    table: "ibis.Table", spec: Spec, *, file: str, timestamp: str | None
) -> dict[int, Profile]:
    """Count several files of a log at once, each into a profile of its own.

    Args:
        table: rows of all the files; `file` is the column that holds each one's number.
        spec: what `plan` fixed.
        file: the column that holds the number of the file.
        timestamp: as in `profile`.
    """
    day = day_number(table, timestamp).cast("int64") if timestamp else 0
    key = table[file].cast("int64") * (1 << _DAY_BITS) + (day + _DAY_ZERO)
    counted = _counted(table, spec, key)
    files = np.unique(np.concatenate([answer["day"] for answer in counted]) >> _DAY_BITS)
    found = {}
    for number in files.tolist():
        masks = (answer["day"] >> _DAY_BITS == number for answer in counted)
        own = [
            {name: values[mask] for name, values in answer.items()}
            for answer, mask in zip(counted, masks, strict=True)
        ]
        for answer in own:
            answer["day"] = (answer["day"] & ((1 << _DAY_BITS) - 1)) - _DAY_ZERO
        found[number] = _profile(spec, *own)
    return found


def added(spec: Spec, profiles: Sequence[Profile]) -> Profile:
    """The profile of several logs together: days that several of them hold are summed.

    Raises:
        SpecError: one of them counted into other cells.
    """
    for one in profiles:
        same_cells(spec, one.spec)
    days = tuple(sorted({day for one in profiles for day in one.days}))
    place = {day: number for number, day in enumerate(days)}
    at = [np.array([place[day] for day in one.days], np.int64) for one in profiles]

    def summed(parts: Sequence[NDArray[Any]], shape: tuple[int, ...], kind: Any) -> Any:  # noqa: ANN401 - counts or sums
        total = np.zeros((len(days), *shape), kind)
        for rows, part in zip(at, parts, strict=True):
            total[rows] += part
        return total

    numeric = {
        grid.name: NumericCounts(
            summed([p.numeric[grid.name].cells for p in profiles], (CELLS,), np.int64),
            *(
                summed([getattr(p.numeric[grid.name], part) for p in profiles], (), np.float64)
                for part in ("below", "above", "first", "second")
            ),
        )
        for grid in spec.grids
    }
    categories = {
        kept.name: summed(
            [p.categories[kept.name] for p in profiles], (len(kept.values) + 2,), np.int64
        )
        for kept in spec.categories
    }
    rows = summed([p.rows for p in profiles], (), np.int64)
    return Profile(spec, days, rows, numeric, categories)


def day_number(table: "ibis.Table", timestamp: str, *, native: bool = True) -> Any:  # noqa: ANN401 - as above
    """The UTC day of a timestamp, counted from 1970-01-01.

    DuckDB resolves a zone for each conversion of a timestamp, which costs more than all the
    counting: there, `native` takes the stored microseconds instead. Both ways agree, by test.
    """
    import ibis

    column = table[timestamp]
    if native and _is_duckdb(table):
        signature = ((column.type(),), "int64")
        epoch_us = ibis.udf.scalar.builtin(_epoch_us, name="epoch_us", signature=signature)
        return (epoch_us(column) // 86_400_000_000).cast("int32")
    return (column.epoch_seconds() // 86_400).cast("int32")


def _epoch_us(at: object) -> int:
    """Names DuckDB's function of this name; never called here."""
    raise NotImplementedError(at)


def _is_duckdb(table: "ibis.Table") -> bool:
    return bool(table.get_backend().name == "duckdb")


def _counted(
    table: "ibis.Table",
    spec: Spec,
    key: Any | None,  # noqa: ANN401 - an Ibis expression
    *,
    native: bool = True,
) -> tuple[Answer, Answer]:
    """What the two queries answer, numbers and categories, column by column as arrays."""
    if not spec.names:
        return _arrays(None), _arrays(None)
    way = profile_duckdb if native and _is_duckdb(table) else profile_ibis
    numbers, values = way.count(table, spec, key)
    return _arrays(numbers), _arrays(values)


def _arrays(answer: "pa.Table | None") -> Answer:
    if answer is None:
        return {"day": np.zeros(0, np.int64)}
    found = {name: answer[name].to_numpy(zero_copy_only=False) for name in answer.column_names}
    return found | {"day": found["day"].astype(np.int64)}


def _profile(spec: Spec, counted: Answer, named: Answer) -> Profile:
    numbers = np.unique(np.concatenate([counted["day"], named["day"]]))
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


def _of_column(answer: Answer, position: int) -> Answer:
    mask = answer["column"] == position
    return {name: values[mask] for name, values in answer.items()}


def _numeric_counts(grid: Grid, found: Answer, days: Counts) -> NumericCounts:
    at, cell = np.searchsorted(days, found["day"]), found["cell"]
    cells = np.zeros((len(days), CELLS), np.int64)
    np.add.at(cells, (at, cell), found["n"])
    sums = np.zeros((2, len(days), CELLS))
    np.add.at(sums[0], (at, cell), found["first"].astype(np.float64))
    np.add.at(sums[1], (at, cell), found["second"].astype(np.float64))
    sums[..., MISSING] = 0.0
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
