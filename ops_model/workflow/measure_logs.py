"""What the logs hold: capture, decisions looked up again, and how fresh a feed is."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ops_model.domain.detection_served import (
    AnsweredQuestion,
    CaptureMeasurement,
    FreshnessMeasurement,
    Reconstruction,
)
from ops_model.domain.signals import Signals
from ops_model.domain.signals_logged import CaptureField, DataFeed, Log, LogPolicy
from ops_model.domain.values import Window
from ops_model.workflow import declared
from ops_model.workflow.compared import simulated
from ops_model.workflow.declared import Opened
from ops_model.workflow.log_requests import declared_log, open_declared
from ops_model.workflow.measure_levels import feed_log, open_feed

if TYPE_CHECKING:
    import ibis

    from ops_model.analysis.capture import FieldColumn

WINDOW_DAYS = 28
"""How many days back the logs are looked at: four whole weeks."""
_OWN = "served__"
QUESTIONS: "Mapping[str, CaptureField]" = {
    "went_in": "input",
    "came_out": "output",
    "purpose": "intent",
    "got_what_we_wanted": "outcome",
}
"""The four questions, and the field in which each answer stands."""


def capture_of(book: Opened) -> CaptureMeasurement:
    """How much of each field of the log policy is really there, over the last four weeks.

    Rows younger than `late_days` owe no outcome yet, so that those are of earlier days only.

    Raises:
        WarehouseError: no served log or policy is declared, or a log cannot be read as declared.
    """
    from ops_model.analysis.capture import count_captured, oldest_row
    from ops_model.domain.evidence import Measured
    from ops_model.store.warehouse import readable_logs

    signals, policy, log = _policy_of(book)
    window = declared.last_days(book.as_of, WINDOW_DAYS)
    places = _places(signals, policy, log)
    inputs = declared.identities_of(book, [one for one, _ in places.values()])
    tables = _open(book, places, log)
    fields = _fields(places, tables, log)
    with readable_logs(log.address):
        counts = count_captured(
            tables[_OWN], fields, timestamp=log.timestamp, key=log.key,
            start=window.start, end=window.end,
        )  # fmt: skip
        oldest = oldest_row(tables[_OWN], log.timestamp)
    settled = (window.end - timedelta(days=signals.late_days)).date()
    shares = {
        name: counts.share(name, before=settled if name == "outcome" else None) for name in places
    }
    none = Measured(value=None, unit="share", n=0, no_interval="no outcome is declared")
    return CaptureMeasurement(
        system=book.system.id,
        as_of=book.as_of,
        claims=book.system.claim_refs("signals"),
        inputs=inputs,
        window=window,
        simulated=simulated(book.system, *(one for one, _ in places.values())),
        log=log.id,
        rows=int(counts.rows.sum()),
        fields=shares,
        outcome_join=shares.get("outcome", none),
        oldest_row=oldest,
    )


def reconstruction_of(book: Opened) -> Reconstruction:
    """Sixty decisions of the last four weeks, each looked up by its key for the four questions.

    They are old enough for their outcome to have arrived.

    Raises:
        WarehouseError: no served log with a key, or no policy, is declared, or a log cannot be
            read as declared.
    """
    from ops_model.analysis.reconstruction import answered, draw, look_up
    from ops_model.store.warehouse import readable_logs

    signals, policy, log = _policy_of(book)
    if log.key is None:
        declared.undeclared(
            log, "key", f"log {log.id} names no key, so no decision can be looked up in it",
            "write `key:` with the column that identifies a request",
        )  # fmt: skip
    end = declared.midnight(book.as_of) - timedelta(days=signals.late_days)
    window = Window(start=end - timedelta(days=WINDOW_DAYS), end=end)
    places = {
        name: place
        for name, place in _places(signals, policy, log).items()
        if name in QUESTIONS.values()
    }
    inputs = declared.identities_of(book, [log, *(one for one, _ in places.values())])
    tables = _open(book, places, log)
    with readable_logs(log.address):
        chosen = draw(tables[_OWN], timestamp=log.timestamp, key=log.key, window=window)
        fields = _fields(places, tables, log)
        looked = look_up(tables[_OWN], chosen, fields, key=log.key)
    asked = tuple(
        AnsweredQuestion(
            question=question,
            answered=answered(looked, field if field in places else None),
            query=_query(book, places[field]) if field in places else _no_query(field),
        )
        for question, field in QUESTIONS.items()
    )
    return Reconstruction(
        system=book.system.id,
        as_of=book.as_of,
        claims=book.system.claim_refs("signals"),
        inputs=inputs,
        window=window,
        simulated=simulated(book.system, log, *(one for one, _ in places.values())),
        log=log.id,
        sampled=looked.sampled,
        ambiguous=looked.ambiguous,
        questions=asked,
    )


def freshness_of(book: Opened, feed: DataFeed, *, zone: ZoneInfo) -> FreshnessMeasurement:
    """How old the newest row of a feed is, and the longest gap of the last four weeks.

    That a feed has no row at all is a measurement too: what is down is what somebody must know.

    Raises:
        WarehouseError: the feed names no log, or it cannot be read as declared.
    """
    from ops_model.analysis.freshness import (
        friday_break,
        known_at,
        measure_freshness,
        minutes_with_rows,
        newest,
    )
    from ops_model.store.warehouse import readable_logs

    feed, log = feed_log(book, feed, feed.id)
    window = Window(start=book.as_of - timedelta(days=WINDOW_DAYS), end=book.as_of)
    inputs = declared.identities_of(book, [log])
    table = open_feed(book, log)
    with readable_logs(log.address):
        arrived = minutes_with_rows(table, log.timestamp, since=window.start)
        last, rows = newest(table, log.timestamp)
    result = measure_freshness(arrived, last, window=window, rows=rows)
    broke = friday_break(book.as_of, zone)
    return FreshnessMeasurement(
        system=book.system.id,
        as_of=book.as_of,
        claims=book.system.claim_refs("signals"),
        inputs=inputs,
        window=window,
        simulated=simulated(book.system, log),
        feed=feed.id,
        worst_notice_hours=feed.worst_notice_hours,
        limit_minutes=feed.freshness_max_minutes,
        simulated_break=broke,
        simulated_notice=known_at(feed, broke, zone),
        **vars(result),
    )


def _policy_of(book: Opened) -> tuple[Signals, LogPolicy, Log]:
    signals = declared.signals_of(book)
    log, policy = signals.served, signals.log_policy
    if log is None:
        declared.undeclared(
            signals, "logs", "no log of what was served is declared",
            "write a log with `holds: predictions`, or `judged_answers`",
        )  # fmt: skip
    if policy is None or not policy.fields:
        declared.undeclared(
            policy or signals, "fields" if policy else "log_policy",
            "nothing says which fields are kept of each request",
            "write `log_policy:` with `fields:`, each with its column, as `predictions.request`",
        )  # fmt: skip
    return signals, policy, log


Places = Mapping[CaptureField, tuple[Log, str]]


def _places(signals: Signals, policy: LogPolicy, log: Log) -> Places:
    """The log and the column of each field; one of another log needs a key on both sides."""
    found: dict[CaptureField, tuple[Log, str]] = {}
    for field, written in policy.fields.items():
        name, _, column = written.partition(".")
        if not column:
            declared.undeclared(
                policy, "fields", f"field {field} is {written!r}; expected a log and its column",
                "write it as `log.column`",
            )  # fmt: skip
        found[field] = (declared_log(signals, policy, "fields", name), column)
        for one in (log, found[field][0]) if name != log.id else ():
            if one.key is None:
                declared.undeclared(
                    one, "key", f"log {one.id} names no key, so field {field} cannot be joined",
                    "write `key:` with the column that identifies a request",
                )  # fmt: skip
    return found


def _open(book: Opened, places: Places, log: Log) -> "dict[str, ibis.Table]":
    """The served log, and each other log that holds a field, with the columns that are asked."""
    columns: dict[str, list[str]] = {log.id: [log.key] if log.key else []}
    logs = {log.id: log}
    for one, column in places.values():
        logs[one.id] = one
        columns.setdefault(one.id, [str(one.key)]).append(column)
    wanted = {_OWN if i == log.id else i: (logs[i], columns[i]) for i in columns}
    return open_declared(book, wanted)


def _fields(places: Places, tables: "Mapping[str, ibis.Table]", log: Log) -> "list[FieldColumn]":
    from ops_model.analysis.capture import FieldColumn

    return [
        FieldColumn(name, column)
        if one.id == log.id
        else FieldColumn(name, column, tables[one.id], str(one.key))
        for name, (one, column) in places.items()
    ]


def _query(book: Opened, place: tuple[Log, str]) -> str:
    """The query as a person may run it, with a key in its place.

    Files of the workbook are asked by DuckDB in its folder, also where Spark measures them; a
    table is asked by its own engine.
    """
    from ops_model.store.warehouse import LogRequest, reads_files

    log, column = place
    warehouse = declared.warehouse_of(book, log)
    request = LogRequest(log.address, {}, timestamp=log.timestamp, warehouse=warehouse)
    quote = '"'
    if reads_files(book.root, request):
        source = _files(log.address)
    else:
        # To Spark a name in double quotes is a text.
        quote = "`" if warehouse is not None and warehouse.kind == "spark" else quote
        source = ".".join(_quoted(part, quote) for part in log.address.split("."))
    asked = f"{_quoted(str(log.key), quote)} = 'KEY'"
    return f"SELECT {_quoted(column, quote)} FROM {source} WHERE {asked}"  # noqa: S608 - shown, not run


def _files(address: str) -> str:
    path = address.replace("'", "''")
    if address.endswith(".parquet"):
        return f"read_parquet('{path}')"
    return f"read_parquet('{path}/**/*.parquet', union_by_name = true)"


def _quoted(name: str, quote: str) -> str:
    return f"{quote}{name.replace(quote, quote * 2)}{quote}"


def _no_query(field: CaptureField) -> str:
    return f"no query: log_policy names no column of the {field}"
