"""Logs as Ibis tables: the address resolved, the columns checked, the rows bounded by an instant.

A log is a Parquet file, or a folder of Parquet files (by day, in sub-folders too), or a table of
one of the warehouses that `ops-model.yaml` declares. Of files nothing is read here but footers;
analyses push their aggregates down to the engine, and only small results come back.

Timestamps must know their zone. A naive one is refused, because a guess of the wrong zone moves
rows across the bound that keeps the future out of a measurement; the command line's `--assume-utc`
says for a log that its naive timestamps are UTC.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ops_model.domain.evidence import InputIdentity
from ops_model.domain.values import digest_of, iso_utc
from ops_model.errors import Problem, WarehouseError
from ops_model.store import warehouse_files, warehouse_postgres, warehouse_spark
from ops_model.store.identity import identify, log_files
from ops_model.store.log_columns import ColumnKind, kind_of, schemas_of
from ops_model.store.log_request import LogRequest
from ops_model.store.warehouse_files import FILE

if TYPE_CHECKING:
    import ibis

__all__ = [
    "FILE", "ColumnKind", "LogRequest", "identify", "identify_log", "kinds_of", "open_log",
    "open_logs", "readable_logs",
]  # fmt: skip

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""No row was written outside of these; an instant that is says that something else went wrong."""
MOST_LOST, FEW_LOST = 0.01, 20
"""The share of rows that may lack their instant, and are then counted nowhere; and the number."""


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


def open_logs(
    root: Path | None, requests: Mapping[str, LogRequest], *, joined: bool = True
) -> dict[str, "ibis.Table"]:
    """Several logs; all of one engine are on one connection, so that they can be joined.

    Args:
        root: the workbook's folder, which no address may leave, links included; None when the
            addresses are paths that whoever calls a command wrote.
        requests: a name of the caller's choice to each log.
        joined: False when no expression reads two of them, so that they may lie in different
            engines.

    Returns:
        The same names; each table has the requested columns (and those of `optional` that exist)
        and the timestamp, all rows before the bound, nothing else.

    Raises:
        WarehouseError: with all problems of all logs: no such file, no Parquet file in the folder,
            a file that is no whole Parquet, no such table, a missing column (with the nearest
            name), a column of another kind, a timestamp without a zone or in no plausible year, no
            row before the bound, a file that lies outside the workbook; or logs that are joined
            lie in different engines.
    """
    if joined:
        _refuse_apart(requests)
    found: dict[str, warehouse_files.FilesFound | ibis.Table] = {}
    problems: list[Problem] = []
    for name, request in requests.items():
        try:
            with readable_logs(request.place):
                found[name] = _found(root, request)
        except WarehouseError as error:
            problems += error.problems
    if problems:
        raise WarehouseError(problems=problems)
    tables = _all_opened(found)
    return {name: _checked(tables[name], request) for name, request in requests.items()}


def _found(root: Path | None, request: LogRequest) -> "warehouse_files.FilesFound | ibis.Table":
    """The table of a warehouse; of files only what their footers say, until all are known."""
    if request.warehouse is None:
        return warehouse_files.look(root, request)
    if request.warehouse.kind == "postgresql":
        return warehouse_postgres.opened(request, request.warehouse)
    return warehouse_spark.opened(root, request, request.warehouse)


def _all_opened(
    found: "Mapping[str, warehouse_files.FilesFound | ibis.Table]",
) -> "dict[str, ibis.Table]":
    files = [log for log in found.values() if isinstance(log, warehouse_files.FilesFound)]
    connection = warehouse_files.connect(files) if files else None
    tables = {}
    for name, log in found.items():
        if isinstance(log, warehouse_files.FilesFound):
            with readable_logs(log.request.address):
                tables[name] = warehouse_files.opened(connection, log)
        else:
            tables[name] = log
    return tables


def identify_log(root: Path, request: LogRequest) -> InputIdentity:
    """Which rows a request reads: the bytes of its files, or count and hash sum of a table's rows.

    Of a table all columns of the rows before the bound are hashed by the engine, which is one pass
    over it; rows that arrive later change nothing.

    Raises:
        WarehouseError: there is no such log, or it cannot be read.
    """
    warehouse = request.warehouse
    with readable_logs(request.place):
        if warehouse is None or (
            warehouse.kind == "spark" and warehouse_spark.reads_path(root, request)
        ):
            return identify(root, request.address)
        engine = warehouse_postgres if warehouse.kind == "postgresql" else warehouse_spark
        rows, sums = engine.count_and_hash(request, warehouse)
    digest = digest_of({"engine": warehouse.kind, "rows": rows, "sums": list(sums)})
    return InputIdentity(
        address=request.place, kind="table", files=0, bytes=0, rows=rows, digest=digest
    )


def kinds_of(root: Path | None, address: str) -> dict[str, str]:
    """Every column of a log and what it holds: number, text, boolean, time, naive time or other.

    Raises:
        WarehouseError: there is no such log, or a file of it is no whole Parquet.
    """
    schema = schemas_of(address, log_files(root, address))[0][1]
    return {f.name: kind_of(f.type, assume_utc=False) for f in schema}


@contextmanager
def readable_logs(address: str = "") -> Iterator[None]:
    """Turn what an engine says about a log, while it is read, into a `WarehouseError`."""
    try:
        yield
    except _engine_errors() as error:
        said = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise WarehouseError(
            f"cannot be read: {said}",
            where=address,
            remedy="write the damaged file again, or restore it from the source of the log; of a "
            "warehouse, see that it answers and that this role may read",
        ) from error


def _engine_errors() -> tuple[type[BaseException], ...]:
    """What the engines raise, of those that are in use; asking for one must not import it."""
    import duckdb
    import pyarrow as pa

    found: list[type[BaseException]] = [duckdb.Error, pa.ArrowException]
    for module, name in (
        ("psycopg", "Error"), ("pyspark.errors", "PySparkException"),
        ("py4j.protocol", "Py4JError"),
    ):  # fmt: skip
        if module in sys.modules:
            found.append(getattr(sys.modules[module], name))
    return tuple(found)


def _refuse_apart(requests: Mapping[str, LogRequest]) -> None:
    """Refuse to join what lies in two engines: no query reaches both."""
    engines = {r.warehouse.id if r.warehouse else "" for r in requests.values()}
    if len(engines) < 2:
        return
    first, other = _two_apart(list(requests.values()))
    raise WarehouseError(
        f"lies in {_engine(other)}, and {first.place} in {_engine(first)}; expected both in one, "
        "since they are joined",
        where=other.place,
        remedy="copy one to where the other lies; a Spark session reads Parquet of the workbook "
        "too, when the log names its warehouse",
    )


def _two_apart(requests: list[LogRequest]) -> tuple[LogRequest, LogRequest]:
    first = requests[0]
    return first, next(r for r in requests if r.warehouse != first.warehouse)


def _engine(request: LogRequest) -> str:
    return f"warehouse {request.warehouse.id}" if request.warehouse else "files of the workbook"


def _checked(table: "ibis.Table", request: LogRequest) -> "ibis.Table":
    """The rows before the bound; refused when there is none, or one of no plausible year."""
    if request.files is not None:
        return table
    with readable_logs(request.place):
        _refuse_lost_rows(table, request)
        bounded = _bounded(table, request)
        if _holds_strange_years(bounded, request):
            raise WarehouseError(
                f"column {request.timestamp!r} holds an instant before {EARLIEST.year} or from "
                f"{LATEST.year} on",
                where=request.place,
                remedy="write instants that are real, and null where one is not known",
            )
        if bounded.limit(1).count().to_pyarrow().as_py() == 0:
            bound = f" before {iso_utc(request.before)}" if request.before else ""
            raise WarehouseError(
                f"holds no row{bound}",
                where=request.place,
                remedy="check the address and the instant; nothing measured is unknown, not zero",
            )
    return bounded


def _bounded(table: "ibis.Table", request: LogRequest) -> "ibis.Table":
    import ibis

    if request.timestamp is None:
        return table
    if table[request.timestamp].type().timezone is None:
        zoned = table[request.timestamp].cast("timestamp('UTC')")
        table = table.mutate(**{request.timestamp: zoned})
    at = table[request.timestamp]
    # Without an instant a row is of no day, and no bound lets it through.
    known = at.notnull() if request.before is None else at < ibis.literal(request.before)
    return table.filter(known)


def _refuse_lost_rows(table: "ibis.Table", request: LogRequest) -> None:
    """A row without an instant is of no day, so that nothing counts it: of many that is no answer.

    What went wrong may be just what nobody wrote the time of.
    """
    if request.timestamp is None:
        return
    at = table[request.timestamp]
    if not table.filter(at.isnull()).limit(1).count().to_pyarrow().as_py():
        return
    found = table.aggregate(rows=table.count(), timed=at.count()).to_pyarrow().to_pylist()[0]
    lost = found["rows"] - found["timed"]
    if lost > max(MOST_LOST * found["rows"], FEW_LOST):
        raise WarehouseError(
            f"{lost:,} of {found['rows']:,} rows hold no instant in column {request.timestamp!r}; "
            f"expected at most {MOST_LOST * 100:g} %",
            where=request.place,
            remedy="write when each row was served, or take such rows out of the log",
        )


def _holds_strange_years(bounded: "ibis.Table", request: LogRequest) -> bool:
    """No calendar holds the years that a timestamp can; the footers alone answer this mostly."""
    import ibis

    if request.timestamp is None:
        return False
    at = bounded[request.timestamp]
    odd = at < ibis.literal(EARLIEST)
    if request.before is None or request.before > LATEST:
        odd |= at >= ibis.literal(LATEST)
    return bool(bounded.filter(odd).limit(1).count().to_pyarrow().as_py())
