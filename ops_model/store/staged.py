"""Rows of a log that are read many times, kept as Parquet for as long as that takes.

A log of text has no parts that can be skipped, so that each look at some of its hours would read
the whole of it again. It is read once, and what is asked of it afterwards is asked of the copy.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ops_model.errors import WarehouseError
from ops_model.store import warehouse_files
from ops_model.store.file_kinds import kind_of_file
from ops_model.store.identity import log_files
from ops_model.store.log_columns import ColumnKind, kind_of
from ops_model.store.log_request import LogRequest

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

_FILE = "rows.parquet"
_AT_ONCE = 50_000  # rows
_ASKED: dict[str, ColumnKind] = {"number": "number", "text": "text", "boolean": "boolean",
                                 "time": "time"}  # fmt: skip


def is_text(root: Path | None, address: str) -> bool:
    """True for a log that is CSV or JSON.

    Raises:
        WarehouseError: there is no such log.
    """
    return kind_of_file(log_files(root, address)[0][1]) in {"csv", "json"}


@contextmanager
def staged(rows: "ibis.Table") -> "Iterator[ibis.Table]":
    """Rows that DuckDB reads of files, in a file of their own, which is gone when this ends.

    Raises:
        WarehouseError: there is no room for it.
    """
    with TemporaryDirectory(prefix="ops-model-rows-", ignore_cleanup_errors=True) as folder:
        schema = write_copy(rows, Path(folder) / _FILE)
        kinds = {f.name: _ASKED.get(kind_of(f.type, assume_utc=True), "nested") for f in schema}
        found = warehouse_files.look(Path(folder), LogRequest(_FILE, kinds))
        yield warehouse_files.opened(warehouse_files.connect([found]), found)


def write_copy(rows: "ibis.Table", path: Path) -> "pa.Schema":
    """Write the rows as Parquet, a few at a time, and tell their columns.

    Raises:
        WarehouseError: there is no room for it.
    """
    import pyarrow.parquet as pq

    # By DuckDB itself: Ibis asks for batches by a name that is going to be taken away.
    connection = rows.get_backend()
    batches = connection.raw_sql(connection.compile(rows)).to_arrow_reader(_AT_ONCE)
    try:
        with pq.ParquetWriter(path, batches.schema, compression="zstd") as writer:
            for batch in batches:
                writer.write_batch(batch)
    except OSError as error:
        raise WarehouseError(
            f"no copy of the rows could be written ({error.strerror or error})",
            where=str(path.parent),
            remedy="make room there, or name another folder in TMPDIR; a log in Parquet needs no "
            "copy",
        ) from error
    schema: pa.Schema = batches.schema
    return schema
