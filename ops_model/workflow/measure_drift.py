"""Drift as a notebook measures it: the columns of a monitor against its baseline."""

from ops_model.domain.detection import DriftMeasurement
from ops_model.domain.signals_watched import Signal
from ops_model.domain.values import Window
from ops_model.workflow import declared
from ops_model.workflow.compared import apart, one_block_earlier, same_kinds, simulated
from ops_model.workflow.declared import Opened


def drift_of(book: Opened, signal: Signal, monitor: str | None = None) -> DriftMeasurement:
    """How far the columns of a monitor moved from their baseline.

    The window is the last whole UTC days before `as_of`, so that each holds the same hours. What
    it shows counts once the window that ended one block earlier showed it too.

    Args:
        book: the system and the instant.
        signal: such as `input_distribution` or `confidence`.
        monitor: which monitor of that signal; None is the first in `signals.yaml`.

    Raises:
        WarehouseError: nothing to measure is declared, or a log cannot be read as declared.
    """
    from ops_model.analysis.column import METRICS
    from ops_model.analysis.drift import BLOCK_DAYS, measure_drift
    from ops_model.analysis.window import days_between
    from ops_model.workflow.profiled import planned, profiled

    signals = declared.signals_of(book)
    chosen = declared.monitor_of(signals, signal, monitor)
    log = declared.log_of(signals, chosen)
    baseline = declared.baseline_of(signals, chosen)
    behind = declared.baseline_log_of(signals, chosen, baseline)
    window = declared.last_days(book.as_of, chosen.window_days)
    if behind.id == log.id:
        apart(chosen, baseline, window)
    columns = declared.columns_of(chosen)
    span = Window(start=baseline.start, end=baseline.end)
    block_days = min(BLOCK_DAYS, chosen.window_days)
    earlier = one_block_earlier(window, block_days)
    watched = Window(start=earlier.start, end=window.end)
    inputs = declared.identities_of(book, [behind, log])
    reference, current = declared.open_windows(book, [(behind, span), (log, watched)], columns)
    same_kinds(reference, current, columns, behind=behind, log=log)
    spec = planned(book, behind, span, reference, columns)
    base = profiled(book, behind, span, reference, spec)
    both = profiled(book, log, watched, current, spec)
    now = days_between(both, window.start.date(), window.end.date())
    before = days_between(both, earlier.start.date(), earlier.end.date())
    declared.some_rows(base.total, behind, span)
    declared.some_rows(now.total, log, window)
    result = measure_drift(
        base,
        now,
        None if behind.id == log.id and baseline.end > earlier.start else before,
        metric=METRICS.get(chosen.metric, "w1_sd"),
        min_n=chosen.min_n,
        block_days=block_days,
    )
    return DriftMeasurement(
        system=book.system.id,
        as_of=book.as_of,
        claims=book.system.claim_refs("signals"),
        inputs=inputs,
        window=window,
        simulated=simulated(book.system, log, behind),
        monitor=chosen.id,
        signal=signal,
        reference_start=baseline.start,
        reference_end=baseline.end,
        spec=spec.digest,
        provisional_days=min(signals.late_days, chosen.window_days),
        **vars(result),
    )
