"""What is served against what was trained on, column by column, for one version."""

from ops_model.domain.detection import SkewMeasurement
from ops_model.domain.signals import Signals
from ops_model.domain.signals_logged import Log
from ops_model.errors import WarehouseError
from ops_model.workflow import declared
from ops_model.workflow.compared import one_block_earlier, same_kinds, simulated
from ops_model.workflow.declared import Opened


def skew_of(book: Opened) -> SkewMeasurement:
    """Whether what is served lies where it lay in training, by the arithmetic of drift.

    The rows are those of the version in production, in the last whole days; the columns are those
    that the monitors of the inputs watch. Weeks of the training log calibrate the limits, and the
    window that ended one block earlier has to show the same, as for drift.

    Raises:
        WarehouseError: no log of training, or of what is served, or no input is declared; or a
            log cannot be read as declared, or holds no row of this version.
    """
    from ops_model.analysis.drift import BLOCK_DAYS, measure_drift
    from ops_model.analysis.plan import plan
    from ops_model.analysis.profile import profile
    from ops_model.analysis.window import days_between
    from ops_model.store.warehouse import LogRequest, open_logs, readable_logs

    signals = declared.signals_of(book)
    training, served = _logs(signals)
    columns, days, min_n = _watched(signals)
    label = book.system.identity.version.label
    window = declared.last_days(book.as_of, days)
    block_days = min(BLOCK_DAYS, days)
    earlier = one_block_earlier(window, block_days)
    sides = (training, served)
    inputs = declared.identities_of(book, sides)
    ends = (book.as_of, window.end)
    tables = open_logs(
        book.root,
        {
            log.id: LogRequest(
                log.address,
                dict.fromkeys((*columns, *([log.version] if log.version else [])), "scalar"),
                timestamp=log.timestamp,
                before=end,
                warehouse=declared.warehouse_of(book, log),
            )
            for log, end in zip(sides, ends, strict=True)
        },
        joined=False,
    )
    taught, asked = (
        tables[log.id].filter(tables[log.id][log.version].cast("string") == label)
        if log.version
        else tables[log.id]
        for log in sides
    )
    asked = asked.filter(asked[served.timestamp] >= earlier.start)
    same_kinds(taught, asked, columns, behind=training, log=served)
    with readable_logs(training.address):
        spec = plan(taught, columns)
        before = profile(taught, spec, timestamp=training.timestamp)
    with readable_logs(served.address):
        both = profile(asked, spec, timestamp=served.timestamp)
    now, last = (
        days_between(both, span.start.date(), span.end.date()) for span in (window, earlier)
    )
    for side, log in ((before, training), (now, served)):
        _some_rows(side.total, log, label)
    result = measure_drift(before, now, last, min_n=min_n, block_days=block_days)
    return SkewMeasurement(
        system=book.system.id,
        as_of=book.as_of,
        claims=book.system.claim_refs("signals"),
        inputs=inputs,
        window=window,
        simulated=simulated(book.system, *sides),
        log=served.id,
        training_log=training.id,
        version=label,
        rows_training=result.rows_reference,
        rows_serving=result.rows_current,
        columns=result.columns,
    )


def _logs(signals: Signals) -> tuple[Log, Log]:
    """The first log of training, and the log of what is served."""
    training = next((log for log in signals.logs if log.holds == "training"), None)
    served = signals.served
    if training is None or served is None:
        what = "what was trained on" if training is None else "what was served"
        holds = "training" if training is None else "predictions"
        declared.undeclared(
            signals, "logs", f"no log holds {what}, so nothing can be compared",
            f"declare one under `logs:` with `holds: {holds}`",
        )  # fmt: skip
    return training, served


def _watched(signals: Signals) -> tuple[tuple[str, ...], int, int]:
    """The inputs, the longest window of a monitor that watches them, and the fewest rows."""
    monitors = [m for m in signals.of("input_distribution") if m.columns]
    if not monitors:
        declared.undeclared(
            signals, "monitors", "no monitor of input_distribution names the inputs of the model",
            "write one with `columns:`, the inputs that the model is given",
        )  # fmt: skip
    columns = tuple(dict.fromkeys(name for m in monitors for name in m.columns))
    return columns, max(m.window_days for m in monitors), max(m.min_n for m in monitors)


def _some_rows(rows: int, log: Log, label: str) -> None:
    if rows == 0:
        raise WarehouseError(
            f"holds no row of version {label} in the span that is compared",
            where=log.address,
            remedy="see whether the log is still written, and which version its column "
            f"{log.version or '(none is declared)'} names",
        )
