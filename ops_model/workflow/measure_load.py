"""How many requests came at the busiest minute, by the logs that hold a row for each."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from ops_model.domain.cost import UsageLog
from ops_model.domain.evidence import InputIdentity
from ops_model.domain.savings import LoadMeasurement
from ops_model.domain.signals_logged import Log
from ops_model.domain.values import Window
from ops_model.errors import WarehouseError
from ops_model.workflow import declared
from ops_model.workflow.declared import Opened
from ops_model.workflow.log_places import address_of, identities_of
from ops_model.workflow.log_requests import open_declared
from ops_model.workflow.usage_logs import TIMESTAMP, usage_tables

if TYPE_CHECKING:
    import ibis

    from ops_model.analysis.load import Load

LOAD_DAYS = 91
"""A quarter: the peak of a year is higher, and that of a week is luck."""


@dataclass(frozen=True)
class _Seen:
    """The load of one log."""

    log: Log | UsageLog
    load: "Load"
    inputs: tuple[InputIdentity, ...]


def load_of(book: Opened) -> LoadMeasurement:
    """The busiest minute of the last quarter, of the log that had the busiest.

    Logs of requests go first, then usage logs of tokens, then logs of predictions: only one kind
    is looked at, since a request may have a row in each.

    Raises:
        WarehouseError: no log holds a row for each request, or it cannot be read as declared.
    """
    from ops_model.analysis.load import measure_load
    from ops_model.store.warehouse import readable_logs

    start = declared.midnight(book.as_of) - timedelta(days=LOAD_DAYS - 1)
    seen = []
    logs = _logs_of(book)
    for log, table, timestamp in logs:
        held = table.filter(table[timestamp] >= start)
        with readable_logs(address_of(log)):
            load = measure_load(held, timestamp=timestamp, until=book.as_of)
        if load is not None:
            seen.append(_Seen(log, load, identities_of(book, [log])))
    if not seen:
        raise WarehouseError(
            f"no log holds a row of a request in the {LOAD_DAYS} days before {book.as_of.date()}",
            where=", ".join(address_of(log) for log, _, _ in logs),
            remedy="see whether the log is still written; nothing measured is unknown, not zero",
        )
    most = max(seen, key=lambda one: one.load.peak_per_second.value or 0)
    return LoadMeasurement(
        system=book.system.id,
        as_of=book.as_of,
        claims=book.system.claim_refs("signals", "cost", "service_levels"),
        inputs=most.inputs,
        window=Window(start=start, end=book.as_of),
        simulated=book.system.identity.simulated or most.log.simulated,
        **vars(most.load),
    )


def _logs_of(book: Opened) -> "list[tuple[Log | UsageLog, ibis.Table, str]]":
    """The logs to look at, opened, and the column with the time of a request."""
    of_requests = _signals_holding(book, "requests")
    if of_requests:
        return of_requests
    cost = book.system.cost
    tokens = [log for log in cost.logs if log.unit == "tokens"] if cost is not None else []
    if cost is not None and tokens:
        tables = usage_tables(book, cost)
        return [(log, tables[log.id], TIMESTAMP) for log in tokens]
    predicted = _signals_holding(book, "predictions")
    if not predicted:
        declared.undeclared(
            declared.signals_of(book), "logs",
            "no log holds a row for each request, so nobody knows the load",
            "declare one under `logs:` of signals.yaml that holds requests or predictions",
        )  # fmt: skip
    return predicted


def _signals_holding(book: Opened, what: str) -> "list[tuple[Log | UsageLog, ibis.Table, str]]":
    signals = book.system.signals
    logs = [log for log in signals.logs if log.holds == what] if signals is not None else []
    return [(log, open_declared(book, {"log": (log, ())})["log"], log.timestamp) for log in logs]
