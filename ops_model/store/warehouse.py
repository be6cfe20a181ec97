"""Logs as Ibis tables: the address resolved, the columns checked, the rows bounded by an instant.

A log is a file of Parquet, CSV or JSON, or a folder of them (by day, in sub-folders too), a table
in a file of DuckDB, or a table of one of the warehouses that `ops-model.yaml` declares. Of files
nothing is read here but footers and first rows; analyses push their aggregates down to the engine,
and only small results come back.

Timestamps must know their zone. A naive one is refused, because a guess of the wrong zone moves
rows across the bound that keeps the future out of a measurement; the command line's `--assume-utc`
says for a log that its naive timestamps are UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ops_model.domain.evidence import InputIdentity
from ops_model.domain.values import digest_of
from ops_model.domain.workbook import Warehouse
from ops_model.errors import Problem, WarehouseError
from ops_model.store import warehouse_files, warehouse_postgres, warehouse_spark
from ops_model.store.engine_errors import readable_logs
from ops_model.store.footers import Noted
from ops_model.store.identity import identify
from ops_model.store.log_columns import ColumnKind, kind_of
from ops_model.store.log_request import LogRequest
from ops_model.store.warehouse_bound import EARLIEST, LATEST, CountedLog, checked, counted
from ops_model.store.warehouse_files import FILE
from ops_model.store.warehouse_table import as_arrow

if TYPE_CHECKING:
    import ibis

__all__ = [
    "EARLIEST", "FILE", "LATEST", "ColumnKind", "CountedLog", "LogRequest", "identify",
    "identify_log", "kinds_of", "open_counted", "open_log", "open_logs", "readable_logs",
]  # fmt: skip


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
    logs = _unbounded(root, requests)
    return {name: checked(logs[name].table, r, logs[name].noted) for name, r in requests.items()}


def open_counted(root: Path | None, requests: Mapping[str, LogRequest]) -> dict[str, CountedLog]:
    """Logs that nothing joins, with the number of rows that the bound leaves out.

    Raises:
        WarehouseError: as of `open_logs`.
    """
    logs = _unbounded(root, requests)
    return {name: counted(logs[name].table, r, logs[name].noted) for name, r in requests.items()}


@dataclass(frozen=True)
class _WholeLog:
    """All rows of a log, and what its footers say of their timestamps."""

    table: "ibis.Table"
    noted: Noted | None = None


def _unbounded(root: Path | None, requests: Mapping[str, LogRequest]) -> dict[str, _WholeLog]:
    """The tables of some logs, with all their rows.

    Raises:
        WarehouseError: with all problems of all logs.
    """
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
    return _all_opened(found)


def _found(root: Path | None, request: LogRequest) -> "warehouse_files.FilesFound | ibis.Table":
    """The table of a warehouse; of files only what their footers say, until all are known."""
    if request.warehouse is None:
        return warehouse_files.look(root, request)
    if request.warehouse.kind == "postgresql":
        return warehouse_postgres.opened(request, request.warehouse)
    return warehouse_spark.opened(root, request, request.warehouse)


def _all_opened(
    found: "Mapping[str, warehouse_files.FilesFound | ibis.Table]",
) -> dict[str, _WholeLog]:
    files = [log for log in found.values() if isinstance(log, warehouse_files.FilesFound)]
    session = warehouse_files.connect(files) if files else None
    logs = {}
    for name, log in found.items():
        if session is not None and isinstance(log, warehouse_files.FilesFound):
            with readable_logs(log.request.address):
                table = warehouse_files.opened(session, log)
                logs[name] = _WholeLog(table, warehouse_files.instants_of(log))
        else:
            logs[name] = _WholeLog(cast("ibis.Table", log))
    return logs


def reads_files(root: Path | None, request: LogRequest) -> bool:
    """True when what is read is files of the workbook, by whichever engine, and no table."""
    warehouse = request.warehouse
    return warehouse is None or (
        warehouse.kind == "spark" and warehouse_spark.reads_path(root, request)
    )


def identify_log(root: Path, request: LogRequest) -> InputIdentity:
    """Which rows a request reads: the bytes of its files, or count and hash sum of a table's rows.

    Of a table all columns of the rows before the bound are hashed by the engine, which is one pass
    over it; rows that arrive later change nothing.

    Raises:
        WarehouseError: there is no such log, or it cannot be read.
    """
    warehouse = request.warehouse
    with readable_logs(request.place):
        if warehouse is None or reads_files(root, request):
            return identify(root, request.address)
        engine = warehouse_postgres if warehouse.kind == "postgresql" else warehouse_spark
        rows, sums = engine.count_and_hash(request, warehouse)
    digest = digest_of({"engine": warehouse.kind, "rows": rows, "sums": list(sums)})
    return InputIdentity(
        address=request.place, kind="table", files=0, bytes=0, rows=rows, digest=digest
    )


def kinds_of(
    root: Path | None, address: str, warehouse: Warehouse | None = None
) -> dict[str, str]:
    """Every column of a log and what it holds: number, text, boolean, time, naive time or other.

    Raises:
        WarehouseError: there is no such log, or a file of it is no whole one.
    """
    request = LogRequest(address, {}, warehouse=warehouse)
    with readable_logs(request.place):
        if warehouse is None or reads_files(root, request):
            schema = warehouse_files.schema_of(root, address)
        else:
            engine = warehouse_postgres if warehouse.kind == "postgresql" else warehouse_spark
            schema = as_arrow(engine.whole(request, warehouse).schema())
    return {f.name: kind_of(f.type, assume_utc=False) for f in schema}


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
