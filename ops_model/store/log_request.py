"""What is asked of a log: its address and engine, its columns, and up to when it may be read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ops_model.domain.workbook import Warehouse
from ops_model.store.log_columns import ColumnKind


@dataclass(frozen=True)
class LogRequest:
    """Which log to open, what it must hold, and up to when it may be read.

    Args:
        address: a Parquet file or a folder of them, below the workbook; in a warehouse, a table.
        columns: the columns that are needed and the kind of each.
        timestamp: the column that says when a row was written; None reads without a bound.
        before: rows at or after this instant are not read; needs `timestamp`.
        optional: columns that are taken when the log has them.
        assume_utc: take naive timestamps as UTC instead of refusing them.
        files: only these files, by their names below the address; the table then may hold no row,
            and its column `FILE` says which of them a row is of, counted from 0.
        warehouse: where the log lies; None is a file of the workbook, read by DuckDB.
    """

    address: str
    columns: Mapping[str, ColumnKind]
    timestamp: str | None = None
    before: datetime | None = None
    optional: Mapping[str, ColumnKind] = field(default_factory=dict)
    assume_utc: bool = False
    files: tuple[str, ...] | None = None
    warehouse: Warehouse | None = None

    @property
    def place(self) -> str:
        """The address as errors and evidence show it, such as `dwh:served.predictions`."""
        return self.address if self.warehouse is None else f"{self.warehouse.id}:{self.address}"

    def wanted(self, names: "list[str]") -> dict[str, ColumnKind]:
        """The columns to take of a log that has these, and the kind of each."""
        found: dict[str, ColumnKind] = dict(self.columns)
        if self.timestamp is not None:
            found[self.timestamp] = "time"
        return found | {c: kind for c, kind in self.optional.items() if c in names}
