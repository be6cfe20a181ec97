"""The rows of a log up to the instant that judges, and how many the bound leaves out.

A row without an instant is of no day, and no bound lets it through.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ops_model.domain.values import iso_utc
from ops_model.errors import WarehouseError
from ops_model.store.engine_errors import readable_logs
from ops_model.store.footers import Noted
from ops_model.store.log_request import PER_SECOND, LogRequest

if TYPE_CHECKING:
    import ibis

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""No row was written outside of these; an instant that is says that something else went wrong."""
_UTC = "timestamp('UTC')"
MOST_LOST, FEW_LOST = 0.01, 20
"""The share of rows that may lack their instant, and are then counted nowhere; and the number."""


@dataclass(frozen=True)
class CountedLog:
    """A log, bounded, and how many of its rows are not in it.

    `undated` hold no instant; `later` are those at or after the bound.
    """

    table: "ibis.Table"
    undated: int
    later: int


def counted(table: "ibis.Table", request: LogRequest, noted: Noted | None = None) -> CountedLog:
    """The rows before the bound, and how many there are besides.

    Raises:
        WarehouseError: as of `checked`.
    """
    bounded = checked(table, request, noted)
    if request.timestamp is None:
        return CountedLog(bounded, 0, 0)
    with readable_logs(request.place):
        timed_rows = _timed(table, request)
        at = timed_rows[request.timestamp]
        out = at.isnull() if request.before is None else at.isnull() | (at >= request.before)
        left = timed_rows.filter(out)
        timed = left[request.timestamp].count()
        found = left.aggregate(rows=left.count(), timed=timed).to_pyarrow().to_pylist()[0]
    return CountedLog(bounded, found["rows"] - found["timed"], found["timed"])


def checked(table: "ibis.Table", request: LogRequest, noted: Noted | None = None) -> "ibis.Table":
    """The rows before the bound.

    Args:
        table: all rows.
        request: the bound.
        noted: what the footers say of the timestamps, where the log is of files that say it; what
            they do not settle is asked of the rows.

    Raises:
        WarehouseError: there is none where there must be one, or one of no plausible year, or
            many without an instant.
    """
    if request.files is not None:
        return table
    if noted is not None and _in_order(noted, request):
        return _bounded(table, request)
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
        if not request.may_be_empty and bounded.limit(1).count().to_pyarrow().as_py() == 0:
            bound = f" before {iso_utc(request.before)}" if request.before else ""
            raise WarehouseError(
                f"holds no row{bound}",
                where=request.place,
                remedy="check the address and the instant; nothing measured is unknown, not zero",
            )
    return bounded


def _in_order(noted: Noted, request: LogRequest) -> bool:
    """True where some row is before the bound, and none is of a strange year."""
    if noted.low is None or noted.high is None or noted.low < EARLIEST:
        return False
    if request.before is None:
        return noted.high < LATEST
    return noted.low < request.before and (request.before <= LATEST or noted.high < LATEST)


def _bounded(table: "ibis.Table", request: LogRequest) -> "ibis.Table":
    import ibis

    if request.timestamp is None:
        return table
    table = _timed(table, request)
    at = table[request.timestamp]
    # Without an instant a row is of no day, and no bound lets it through.
    known = at.notnull() if request.before is None else at < ibis.literal(request.before)
    return table.filter(known)


def _timed(table: "ibis.Table", request: LogRequest) -> "ibis.Table":
    """The rows with their timestamp as an instant in UTC, where it was something else."""
    import ibis

    if request.timestamp is None:
        return table
    if request.epoch is not None:
        # Whole seconds, which every engine can add to an instant.
        seconds = (table[request.timestamp] / PER_SECOND[request.epoch]).floor().cast("int64")
        since = ibis.literal(datetime(1970, 1, 1, tzinfo=UTC)) + seconds.as_interval("s")
        table = table.mutate(**{request.timestamp: since.cast(_UTC)})
    elif table[request.timestamp].type().timezone is None:
        zoned = table[request.timestamp].cast(_UTC)
        table = table.mutate(**{request.timestamp: zoned})
    return table


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
