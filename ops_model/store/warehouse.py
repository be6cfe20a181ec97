"""Logs as Ibis tables: the address resolved, the columns checked, the rows bounded by an instant.

A log is a Parquet file, or a folder of Parquet files (by day, in sub-folders too). Nothing is read
here but footers; analyses push their aggregates down to DuckDB, and only small results come back.

Timestamps must know their zone. A naive one is refused, because a guess of the wrong zone moves
rows across the bound that keeps the future out of a measurement; the command line's `--assume-utc`
says for a log that its naive timestamps are UTC.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops_model.domain.values import iso_utc
from ops_model.errors import Problem, WarehouseError
from ops_model.store.identity import identify, log_files
from ops_model.store.log_columns import ColumnKind, column_problems, kind_of, schemas_of

if TYPE_CHECKING:
    import ibis

__all__ = [
    "ColumnKind", "LogRequest", "identify", "kinds_of", "open_log", "open_logs", "readable_logs",
]  # fmt: skip

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""No row was written outside of these; an instant that is says that something else went wrong."""


@dataclass(frozen=True)
class LogRequest:
    """Which log to open, what it must hold, and up to when it may be read.

    Args:
        address: a Parquet file or a folder of them, below the workbook.
        columns: the columns that are needed and the kind of each.
        timestamp: the column that says when a row was written; None reads without a bound.
        before: rows at or after this instant are not read; needs `timestamp`.
        optional: columns that are taken when the log has them.
        assume_utc: take naive timestamps as UTC instead of refusing them.
    """

    address: str
    columns: Mapping[str, ColumnKind]
    timestamp: str | None = None
    before: datetime | None = None
    optional: Mapping[str, ColumnKind] = field(default_factory=dict)
    assume_utc: bool = False


def open_log(
    root: Path,
    address: str,
    *,
    timestamp: str,
    before: datetime,
    columns: Mapping[str, ColumnKind],
) -> "ibis.Table":
    """One log, bounded by `timestamp < before`; see `open_logs`."""
    request = LogRequest(address, columns, timestamp=timestamp, before=before)
    return open_logs(root, {"log": request})["log"]


def open_logs(root: Path | None, requests: Mapping[str, LogRequest]) -> dict[str, "ibis.Table"]:
    """Several logs on one connection, so that they can be joined.

    Args:
        root: the workbook's folder, which no address may leave, links included; None when the
            addresses are paths that whoever calls a command wrote.
        requests: a name of the caller's choice to each log.

    Returns:
        The same names; each table has the requested columns (and those of `optional` that exist)
        and the timestamp, all rows before the bound, nothing else.

    Raises:
        WarehouseError: with all problems of all logs: no such file, no Parquet file in the folder,
            a file that is no whole Parquet, a missing column (with the nearest name), a column of
            another kind, a timestamp without a zone or in no plausible year, no row before the
            bound, a file that lies outside the workbook.
    """
    found: dict[str, _Found] = {}
    problems: list[Problem] = []
    for name, request in requests.items():
        try:
            found[name] = _look(root, request)
        except WarehouseError as error:
            problems += error.problems
    if problems:
        raise WarehouseError(problems=problems)
    every = [path for log in found.values() for path in log.files]
    _refuse_patterns(every)
    connection = _connect(every)
    tables = {}
    for name, log in found.items():
        with readable_logs(log.request.address):
            tables[name] = _bounded(connection, log)
    return tables


def kinds_of(root: Path | None, address: str) -> dict[str, str]:
    """Every column of a log and what it holds: number, text, boolean, time, naive time or other.

    Raises:
        WarehouseError: there is no such log, or a file of it is no whole Parquet.
    """
    schema = schemas_of(address, log_files(root, address))[0][1]
    return {f.name: kind_of(f.type, assume_utc=False) for f in schema}


@contextmanager
def readable_logs(address: str = "") -> Iterator[None]:
    """Turn what DuckDB says about a damaged log, while it is read, into a `WarehouseError`."""
    import duckdb
    import pyarrow as pa

    try:
        yield
    except (duckdb.Error, pa.ArrowException) as error:
        said = str(error).splitlines()[0]
        raise WarehouseError(
            f"cannot be read: {said}",
            where=address,
            remedy="write the damaged file again, or restore it from the source of the log",
        ) from error


@dataclass(frozen=True)
class _Found:
    request: LogRequest
    files: tuple[Path, ...]
    columns: tuple[str, ...]


def _look(root: Path | None, request: LogRequest) -> _Found:
    """The files of a log and the columns to take, everything about them checked."""
    files = log_files(root, request.address)
    wanted: dict[str, ColumnKind] = dict(request.columns)
    if request.timestamp is not None:
        wanted[request.timestamp] = "time"
    schemas = schemas_of(request.address, files)
    first = schemas[0][1]
    wanted |= {c: kind for c, kind in request.optional.items() if c in first.names}
    problems = [
        problem
        for column, kind in wanted.items()
        for problem in column_problems(
            request.address, column, kind, schemas, assume_utc=request.assume_utc
        )
    ]
    if problems:
        raise WarehouseError(problems=problems)
    return _Found(request, tuple(path for _, path in files), tuple(wanted))


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


def _connect(files: Sequence[Path]) -> Any:  # noqa: ANN401 - an Ibis backend, which has no type
    """DuckDB in memory that can read these files and nothing else: no network, no extension."""
    import ibis

    connection = ibis.duckdb.connect(
        autoinstall_known_extensions=False,
        autoload_known_extensions=False,
        allow_community_extensions=False,
    )
    listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in files)
    for setting in (
        f"SET allowed_paths = [{listed}]",
        "SET enable_external_access = false",
        "SET lock_configuration = true",
    ):
        connection.raw_sql(setting)
    return connection


def _bounded(connection: Any, log: _Found) -> "ibis.Table":  # noqa: ANN401 - an Ibis backend, which has no type
    import ibis

    request = log.request
    # A file may lack a column that nobody asked for, and a folder's name is no column.
    table = connection.read_parquet(
        [str(path) for path in log.files], union_by_name=True, hive_partitioning=False
    )
    table = table.select(*log.columns)
    if request.timestamp is not None:
        if table[request.timestamp].type().timezone is None:
            zoned = table[request.timestamp].cast("timestamp('UTC')")
            table = table.mutate(**{request.timestamp: zoned})
        at = table[request.timestamp]
        # Without an instant a row is of no day, and no bound lets it through.
        known = at.notnull() if request.before is None else at < ibis.literal(request.before)
        table = table.filter(known)
        _refuse_strange_years(table, request)
    if table.limit(1).count().to_pyarrow().as_py() == 0:
        bound = f" before {iso_utc(request.before)}" if request.before else ""
        raise WarehouseError(
            f"holds no row{bound}",
            where=request.address,
            remedy="check the address and the instant; nothing measured is unknown, not zero",
        )
    return table


def _refuse_strange_years(table: "ibis.Table", request: LogRequest) -> None:
    """No calendar holds the years that a timestamp can; the footers alone answer this mostly."""
    import ibis

    at = table[request.timestamp]
    bounds = [at < ibis.literal(EARLIEST)]
    if request.before is None or request.before > LATEST:
        bounds.append(at >= ibis.literal(LATEST))
    if any(table.filter(odd).limit(1).count().to_pyarrow().as_py() for odd in bounds):
        raise WarehouseError(
            f"column {request.timestamp!r} holds an instant before {EARLIEST.year} or from "
            f"{LATEST.year} on",
            where=request.address,
            remedy="write instants that are real, and null where one is not known",
        )
