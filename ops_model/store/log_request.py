"""What is asked of a log: its address and engine, its columns, and up to when it may be read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from ops_model.domain.workbook import Warehouse
from ops_model.store.log_columns import ColumnKind

EpochUnit = Literal["s", "ms", "us", "ns"]
PER_SECOND: Mapping[EpochUnit, int] = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
"""How many of a unit are a second."""


@dataclass(frozen=True)
class LogRequest:
    """Which log to open, what it must hold, and up to when it may be read.

    Args:
        address: a file or a folder of them, below the workbook, or a table in a file of DuckDB; in
            a warehouse, a table.
        columns: the columns that are needed and the kind of each.
        timestamp: the column that says when a row was written; None reads without a bound.
        before: rows at or after this instant are not read; needs `timestamp`.
        optional: columns that are taken when the log has them.
        sparse: an optional column may be missing in some files of a folder, or hold nothing in
            them; their rows then hold null. Else all files have what the first has.
        assume_utc: take naive timestamps as UTC instead of refusing them.
        files: only these files, by their names below the address; the table then may hold no row,
            and its column `FILE` says which of them a row is of, counted from 0.
        warehouse: where the log lies; None is a file of the workbook, read by DuckDB.
        epoch: the unit of a `timestamp` that is a number since 1970.
        may_be_empty: a log without a row is an answer, and not refused.
    """

    address: str
    columns: Mapping[str, ColumnKind]
    timestamp: str | None = None
    before: datetime | None = None
    optional: Mapping[str, ColumnKind] = field(default_factory=dict)
    assume_utc: bool = False
    files: tuple[str, ...] | None = None
    warehouse: Warehouse | None = None
    epoch: EpochUnit | None = None
    sparse: bool = False
    may_be_empty: bool = False

    @property
    def place(self) -> str:
        """The address as errors and evidence show it, such as `dwh:served.predictions`."""
        return self.address if self.warehouse is None else f"{self.warehouse.id}:{self.address}"

    @property
    def bound(self) -> datetime | int | None:
        """`before` as the column of the timestamp has it."""
        if self.before is None or self.epoch is None:
            return self.before
        return int(self.before.timestamp() * PER_SECOND[self.epoch])

    def wanted(self, names: "list[str]") -> dict[str, ColumnKind]:
        """The columns to take of a log that has these, and the kind of each."""
        found: dict[str, ColumnKind] = dict(self.columns)
        if self.timestamp is not None:
            found[self.timestamp] = "time" if self.epoch is None else "number"
        return found | {c: kind for c, kind in self.optional.items() if c in names}
