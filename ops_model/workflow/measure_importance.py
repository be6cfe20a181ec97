"""What the model leans on, measured from logged attributions, or by asking the declared model."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ops_model.domain.detection import ImportanceMeasurement
from ops_model.domain.evidence import InputIdentity
from ops_model.domain.signals import Signals
from ops_model.domain.signals_logged import Baseline, Log
from ops_model.domain.signals_watched import DeclaredModel, Monitor
from ops_model.domain.values import Window
from ops_model.errors import WarehouseError
from ops_model.workflow import declared
from ops_model.workflow.compared import apart, simulated
from ops_model.workflow.declared import Opened

if TYPE_CHECKING:
    import ibis

    from ops_model.analysis.importance import Weights

Spans = Sequence[tuple[Log, Window]]


def importance_of(book: Opened, monitor: str | None = None) -> ImportanceMeasurement:
    """Whether the model leans on the same inputs as in its baseline.

    Logged attributions are taken where the monitor names them; else the declared model is asked
    about a sample of both spans.

    Args:
        book: the system and the instant.
        monitor: which monitor of `importance`; None is the first in `signals.yaml`.

    Raises:
        WarehouseError: nothing to measure is declared, a log cannot be read as declared, or the
            model is not the declared one.
    """
    from ops_model.analysis.importance import compare_weights

    signals = declared.signals_of(book)
    chosen = declared.monitor_of(signals, "importance", monitor)
    baseline = declared.baseline_of(signals, chosen)
    window = declared.last_days(book.as_of, chosen.window_days)
    if not chosen.columns:
        declared.undeclared(
            chosen, "columns", f"monitor {chosen.id} names no inputs whose weight it watches",
            "write `columns:` with the inputs of the model",
        )  # fmt: skip
    logs = _sides(signals, chosen, baseline)
    if logs[0].id == logs[1].id:
        apart(chosen, baseline, window)
    spans = [
        (logs[0], Window(start=baseline.start, end=baseline.end)), (logs[1], window),
    ]  # fmt: skip
    inputs = declared.identities_of(book, logs)
    asks = chosen.attributions is None and chosen.model is not None
    if chosen.model is not None and asks:
        weights, identity = _asked(book, chosen, chosen.model, spans)
        inputs = (*inputs, identity)
    else:
        weights = _logged(book, chosen, spans)
    for side, (log, span) in zip(weights, spans, strict=True):
        declared.some_rows(side.rows, log, span)
    result = compare_weights(*weights, min_n=chosen.min_n)
    return ImportanceMeasurement(
        system=book.system.id,
        as_of=book.as_of,
        claims=book.system.claim_refs("signals"),
        inputs=inputs,
        window=window,
        simulated=simulated(book.system, *logs),
        monitor=chosen.id,
        method="permutation" if asks else "logged",
        **vars(result),
    )


def _sides(signals: Signals, monitor: Monitor, baseline: Baseline) -> tuple[Log, Log]:
    """The log of the baseline and that of the window: of attributions, or of rows for a model."""
    if monitor.attributions is not None:
        log = signals.log(monitor.attributions)
        if log is None:
            declared.undeclared(
                monitor, "attributions",
                f"monitor {monitor.id} has attributions {monitor.attributions!r}, which nobody "
                "declared",
                "declare that log under `logs:` (`holds: attributions`), or name another",
            )  # fmt: skip
        return log, log
    if monitor.model is None:
        declared.undeclared(
            monitor, "attributions",
            f"monitor {monitor.id} names neither a log of attributions nor a model to ask",
            "write `attributions:` with a log of them, or `model:` with file, digest and loader",
        )  # fmt: skip
    return declared.baseline_log_of(signals, monitor, baseline), declared.log_of(signals, monitor)


def _logged(book: Opened, monitor: Monitor, spans: Spans) -> "list[Weights]":
    """The weights that the system itself logged."""
    from ops_model.analysis.importance import logged_weights
    from ops_model.store.warehouse import readable_logs

    tables = declared.open_windows(book, spans, monitor.columns)
    found = []
    for table, (log, _) in zip(tables, spans, strict=True):
        _only_numbers(table, monitor, log)
        with readable_logs(log.address):
            found.append(logged_weights(table, monitor.columns, timestamp=log.timestamp))
    return found


def _only_numbers(table: "ibis.Table", monitor: Monitor, log: Log) -> None:
    lacking = [name for name in monitor.columns if not table[name].type().is_numeric()]
    if lacking:
        raise WarehouseError(
            f"column {lacking[0]!r} holds {table[lacking[0]].type()}; expected numbers, the "
            f"attribution of each input of monitor {monitor.id}",
            where=log.address,
            remedy="write one number for each input and prediction",
        )


def _asked(
    book: Opened, monitor: Monitor, model: DeclaredModel, spans: Spans
) -> "tuple[list[Weights], InputIdentity]":
    """The weights that the declared model shows on a sample of both spans."""
    from ops_model.analysis.importance import permuted_weights, sampled
    from ops_model.store.warehouse import readable_logs
    from ops_model.workflow.declared_model import load_declared

    predict, identity = load_declared(book.root, model)
    found = []
    for log, span in spans:
        order = [log.key] if log.key else []
        names = tuple(dict.fromkeys((*monitor.columns, *order)))
        table = declared.open_windows(book, [(log, span)], names)[0]
        with readable_logs(log.address):
            frame, days = sampled(table, monitor.columns, timestamp=log.timestamp, order=order)
        declared.some_rows(len(frame), log, span)
        found.append(permuted_weights(frame, days, predict))
    return found, identity
