"""How much of each capture field is really written down, and how often an outcome joins.

A field is there when it is not missing: neither NULL nor NaN nor a text without a letter. A field
of another log is there when that log has a row of the same key that holds it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from ops_model.analysis.blocks import share_by_blocks
from ops_model.analysis.profile import Counts
from ops_model.analysis.slots import minute_of
from ops_model.domain.evidence import Measured
from ops_model.domain.service_levels import DAY_MINUTES

if TYPE_CHECKING:
    import ibis


@dataclass(frozen=True)
class FieldColumn:
    """Where a field stands: a column of the served log, or of another log with its key."""

    field: str
    column: str
    table: "ibis.Table | None" = None
    key: str = ""


@dataclass(frozen=True)
class CaptureCounts:
    """Served rows per UTC day (counted from 1970, in order), and how many hold each field."""

    days: Counts
    rows: Counts
    held: Mapping[str, Counts]

    def share(self, field: str, *, before: date | None = None) -> Measured:
        """The share of rows that hold a field; `before`: of earlier days only."""
        end = len(self.days)
        if before is not None:
            end = int(np.searchsorted(self.days, (before - date(1970, 1, 1)).days))
        return share_by_blocks(self.held[field][:end], self.rows[:end])


def present(column: Any) -> Any:  # noqa: ANN401 - Ibis columns have no common type to name
    """True where something is written: no NULL, no NaN, no text without a letter."""
    known = column.notnull()
    if column.type().is_floating():
        return known & ~column.isnan().fill_null(True)  # noqa: FBT003 - what is NULL is not there
    if column.type().is_string():
        return known & (column.strip() != "").fill_null(False)  # noqa: FBT003 - as above
    return known


def count_captured(
    served: "ibis.Table",
    fields: Sequence[FieldColumn],
    *,
    timestamp: str,
    key: str | None,
    start: datetime,
    end: datetime,
) -> CaptureCounts:
    """Count, per day of a span, the served rows and those that hold each field, in one query."""
    import ibis

    at = served[timestamp]
    rows = served.filter((at >= ibis.literal(start)) & (at < ibis.literal(end)))
    chosen = rows.mutate(day__=minute_of(rows, timestamp) // DAY_MINUTES)
    for position, field in enumerate(fields):
        chosen = _with_field(chosen, field, f"held{position}__", key)
    held = {f"held{n}__": chosen[f"held{n}__"].sum() for n in range(len(fields))}
    found = chosen.group_by("day__").aggregate(rows__=chosen.count(), **held).order_by("day__")
    columns = found.to_pyarrow().to_pydict()
    return CaptureCounts(
        np.array(columns["day__"], np.int64),
        np.array(columns["rows__"], np.int64),
        {f.field: np.array(columns[f"held{n}__"], np.int64) for n, f in enumerate(fields)},
    )


def _with_field(
    table: "ibis.Table", field: FieldColumn, name: str, key: str | None
) -> "ibis.Table":
    if field.table is None:
        return table.mutate(**{name: present(table[field.column]).cast("int32")})
    there = field.table.filter(present(field.table[field.column]))
    # One row a key, or a request with two labels would be counted twice.
    keys = there.select(**{f"key_{name}": there[field.key]}).distinct()
    joined = table.left_join(keys, table[str(key)] == keys[f"key_{name}"])
    return joined.mutate(**{name: joined[f"key_{name}"].notnull().cast("int32")}).drop(
        f"key_{name}"
    )


def oldest_row(table: "ibis.Table", timestamp: str) -> datetime | None:
    """When the oldest row of a log was written."""
    found = table[timestamp].min().to_pyarrow().as_py()
    return found if isinstance(found, datetime) else None
