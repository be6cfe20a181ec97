"""Logs that are files of the workbook: looked at by their footers, and opened by DuckDB."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops_model.errors import WarehouseError
from ops_model.store.identity import log_files, refuse_damaged
from ops_model.store.log_columns import column_problems, schemas_of
from ops_model.store.log_request import LogRequest

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa


FILE = "_ops_model_file"
"""The column that says which file a row is of, where a request names files."""


@dataclass(frozen=True)
class FilesFound:
    """The files of a log, the columns to take, and what each file holds."""

    request: LogRequest
    files: tuple[Path, ...]
    columns: tuple[str, ...]
    schemas: "tuple[pa.Schema, ...]"


def look(root: Path | None, request: LogRequest) -> FilesFound:
    """The files of a log and the columns to take, everything about them checked.

    Raises:
        WarehouseError: with all problems of the log.
    """
    files = log_files(root, request.address)
    if request.files is not None:
        files = tuple((name, path) for name, path in files if name in request.files)
    schemas = schemas_of(request.address, files)
    wanted = request.wanted(schemas[0][1].names)
    problems = [
        problem
        for column, kind in wanted.items()
        for problem in column_problems(
            request.address, column, kind, schemas, assume_utc=request.assume_utc
        )
    ]
    if problems:
        raise WarehouseError(problems=problems)
    if root is None:
        # A workbook's logs are identified before they are read, and verified in the same pass.
        for name, path in files:
            refuse_damaged(path, f"{request.address}/{name}" if name else request.address)
    paths = tuple(path for _, path in files)
    return FilesFound(request, paths, tuple(wanted), tuple(schema for _, schema in schemas))


def connect(logs: Sequence[FilesFound]) -> Any:  # noqa: ANN401 - an Ibis backend, which has no type
    """DuckDB in memory that can read the files of these logs and nothing else.

    Raises:
        WarehouseError: the name of a file is a pattern that another fits.
    """
    import ibis

    files = [path for log in logs for path in log.files]
    _refuse_patterns(files)
    # No network and no extension either.
    connection = ibis.duckdb.connect(
        autoinstall_known_extensions=False,
        autoload_known_extensions=False,
        allow_community_extensions=False,
    )
    listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in files)
    for setting in (
        # The footer of a large file is read once, and not again for each column of a profile.
        "SET parquet_metadata_cache = true",
        f"SET allowed_paths = [{listed}]",
        "SET enable_external_access = false",
        "SET lock_configuration = true",
    ):
        connection.raw_sql(setting)
    return connection


def opened(connection: Any, log: FilesFound) -> "ibis.Table":  # noqa: ANN401 - an Ibis backend, which has no type
    """The wanted columns of a log; with `FILE`, where the request names files."""
    if log.request.files is not None:
        return _numbered(connection, log)
    # A file may lack a column that nobody asked for, and a folder's name is no column.
    table = connection.read_parquet(
        [str(path) for path in log.files], union_by_name=True, hive_partitioning=False
    )
    return table.select(*log.columns)


def _numbered(connection: Any, log: FilesFound) -> "ibis.Table":  # noqa: ANN401 - an Ibis backend, which has no type
    """All rows of some files, each with the position of its file, which Ibis has no word for."""
    listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in log.files)
    view = f"_ops_model_files_{uuid.uuid4().hex}"
    connection.raw_sql(
        f"CREATE VIEW {view} AS SELECT *, file_index AS {FILE} FROM "  # noqa: S608 - a quoted list
        f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"
    )
    return connection.table(view).select(*log.columns, FILE)


def _refuse_patterns(files: Sequence[Path]) -> None:
    """Refuse a name that DuckDB would take for a pattern of another file that it may read.

    It would read that one in its place, or once more, and nobody would see it in the sums.
    """
    for file in sorted(f for f in set(files) if any(c in str(f) for c in "*?[")):
        # More than DuckDB's own patterns match: a bracket stands for anything here.
        pattern = re.compile(re.sub(r"\\\*|\\\?|\\\[.*?\\\]", ".*", re.escape(str(file))))
        taken = next((o for o in files if o != file and pattern.fullmatch(str(o))), None)
        if taken is not None:
            raise WarehouseError(
                f"{file.name!r} is a pattern that {taken.name!r} fits too",
                where=file.name,
                remedy="rename one of them; use letters, digits, dots and hyphens",
            )
