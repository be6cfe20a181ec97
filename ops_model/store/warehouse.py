"""Logs as Ibis tables: the address resolved, the columns checked, the rows bounded by an instant.

A log is a Parquet file, or a folder of Parquet files (by day, in sub-folders too). Nothing is read
here but footers; analyses push their aggregates down to DuckDB, and only small results come back.

Timestamps must know their zone. A naive one is refused, because a guess of the wrong zone moves
rows across the bound that keeps the future out of a measurement; the command line's `--assume-utc`
says for a log that its naive timestamps are UTC.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ops_model.domain.values import iso_utc
from ops_model.errors import Problem, WarehouseError
from ops_model.store.identity import identify, log_files

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

__all__ = [
    "ColumnKind", "LogRequest", "identify", "kinds_of", "open_log", "open_logs", "readable_logs",
]  # fmt: skip

ColumnKind = Literal["number", "text", "boolean", "time", "category", "scalar"]
"""What a column must hold; `category` is text or boolean, `scalar` a number, text or boolean."""

_KINDS: Mapping[ColumnKind, tuple[str, ...]] = {
    "number": ("number",),
    "text": ("text",),
    "boolean": ("boolean",),
    "time": ("time",),
    "category": ("text", "boolean"),
    "scalar": ("number", "text", "boolean"),
}


@dataclass(frozen=True)
class LogRequest:
    """Which log to open, what it must hold, and up to when it may be read.

    Args:
        address: a Parquet file or a folder of them, relative to the workbook.
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


def open_logs(root: Path, requests: Mapping[str, LogRequest]) -> dict[str, "ibis.Table"]:
    """Several logs on one connection, so that they can be joined.

    Args:
        root: the workbook's folder; an absolute address stands for itself.
        requests: a name of the caller's choice to each log.

    Returns:
        The same names; each table has the requested columns (and those of `optional` that exist)
        and the timestamp, all rows before the bound, nothing else.

    Raises:
        WarehouseError: with all problems of all logs: no such file, no Parquet file in the folder,
            a file that is no whole Parquet, a missing column (with the nearest name), a column of
            another kind, a timestamp without a zone, no row before the bound.
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
    connection = _connect([path for log in found.values() for path in log.files])
    tables = {}
    with readable_logs():
        for name, log in found.items():
            tables[name] = _bounded(connection, log)
    return tables


def kinds_of(root: Path, address: str) -> dict[str, str]:
    """Every column of a log and what it holds: number, text, boolean, time, naive time or other.

    Raises:
        WarehouseError: there is no such log, or a file of it is no whole Parquet.
    """
    schema = _schemas(address, log_files(root, address))[0][1]
    return {f.name: _kind_of(f.type, assume_utc=False) for f in schema}


@contextmanager
def readable_logs(address: str = "") -> Iterator[None]:
    """Turn what DuckDB says about a damaged log, while it is read, into a `WarehouseError`."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
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


def _look(root: Path, request: LogRequest) -> _Found:
    """The files of a log and the columns to take, everything about them checked."""
    files = log_files(root, request.address)
    wanted: dict[str, ColumnKind] = dict(request.columns)
    if request.timestamp is not None:
        wanted[request.timestamp] = "time"
    schemas = _schemas(request.address, files)
    problems = [
        problem
        for column, kind in wanted.items()
        for problem in _column_problems(request, column, kind, schemas)
    ]
    first = schemas[0][1]
    extra = {c: kind for c, kind in request.optional.items() if c in first.names}
    problems += [
        problem
        for column, kind in extra.items()
        for problem in _column_problems(request, column, kind, schemas)
    ]
    if problems:
        raise WarehouseError(problems=problems)
    return _Found(request, tuple(path for _, path in files), tuple({**wanted, **extra}))


def _schemas(address: str, files: Sequence[tuple[str, Path]]) -> list[tuple[str, "pa.Schema"]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schemas, problems = [], []
    for name, path in files:
        try:
            schemas.append((name, pq.read_schema(path)))
        except (pa.ArrowException, OSError) as error:
            said = str(error).splitlines()[0]
            problems.append(
                Problem(
                    f"{path.stat().st_size:,} bytes that are no whole Parquet file ({said})",
                    where=_file_of(address, name),
                    remedy="write the file again, or restore it from the source of the log",
                )
            )
    if problems:
        raise WarehouseError(problems=problems)
    return schemas


def _file_of(address: str, name: str) -> str:
    return f"{address}/{name}" if name else address


def _column_problems(
    request: LogRequest,
    column: str,
    kind: ColumnKind,
    schemas: Sequence[tuple[str, "pa.Schema"]],
) -> list[Problem]:
    """What is wrong with one column, over all files of the log: at most two problems."""
    lacking = [(name, s) for name, s in schemas if column not in s.names]
    problems = [_lacking(request.address, column, lacking, len(schemas))] if lacking else []
    for name, schema in schemas:
        if column not in schema.names:
            continue
        got = _kind_of(schema.field(column).type, assume_utc=request.assume_utc)
        if got not in _KINDS[kind]:
            wrong = _wrong_kind(column, kind, got, str(schema.field(column).type))
            where = _file_of(request.address, name)
            problems.append(Problem(wrong[0], where=where, remedy=wrong[1]))
            break
    return problems


def _lacking(
    address: str, column: str, lacking: Sequence[tuple[str, "pa.Schema"]], files: int
) -> Problem:
    name, schema = lacking[0]
    near = get_close_matches(column, schema.names, n=1, cutoff=0.5)
    same = [n for n in schema.names if n.lower() == column.lower()]
    guess = (same or near or [""])[0]
    some = f" in {len(lacking)} of {files} files" if len(lacking) < files else ""
    listed = ", ".join(schema.names[:20]) + (", ..." if len(schema.names) > 20 else "")
    return Problem(
        f"has no column {column!r}{some}; it has: {listed or 'none at all'}",
        where=_file_of(address, name),
        remedy=f"did you mean {guess!r}?" if guess else "name a column that the log has",
    )


def _wrong_kind(column: str, kind: ColumnKind, got: str, type_name: str) -> tuple[str, str]:
    expected = " or ".join(_KINDS[kind])
    if kind == "time":
        expected = "a timestamp with a zone"
        remedy = "write the column as UTC timestamps, in pandas with dt.tz_localize('UTC')"
    else:
        remedy = f"write the column as {expected}, or name another column"
    shown = "a timestamp without a zone" if got == "naive time" else type_name
    return f"column {column!r} is {shown}; expected {expected}", remedy


def _kind_of(of: "pa.DataType", *, assume_utc: bool) -> str:
    import pyarrow.types as at

    if at.is_dictionary(of):
        return _kind_of(of.value_type, assume_utc=assume_utc)
    if at.is_timestamp(of):
        return "time" if of.tz is not None or assume_utc else "naive time"
    for kind, tests in {
        "boolean": (at.is_boolean,),
        "number": (at.is_integer, at.is_floating, at.is_decimal),
        "text": (at.is_string, at.is_large_string, at.is_string_view),
    }.items():
        if any(test(of) for test in tests):
            return kind
    return "other"


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
        if request.before is not None:
            table = table.filter(table[request.timestamp] < ibis.literal(request.before))
    if table.limit(1).count().to_pyarrow().as_py() == 0:
        bound = f" before {iso_utc(request.before)}" if request.before else ""
        raise WarehouseError(
            f"holds no row{bound}",
            where=request.address,
            remedy="check the address and the instant; nothing measured is unknown, not zero",
        )
    return table
