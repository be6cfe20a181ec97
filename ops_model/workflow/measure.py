"""What a notebook measures: the logs that the claims name, opened, bounded and measured."""

from datetime import timedelta

from ops_model.domain.cost import SpendMeasurement
from ops_model.domain.evidence import Measured
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.signals import (
    Baseline,
    DriftMeasurement,
    Log,
    Monitor,
    QualityMeasurement,
    Signal,
    Signals,
)  # fmt: skip
from ops_model.domain.values import Window, iso_utc
from ops_model.errors import WarehouseError
from ops_model.workflow import declared
from ops_model.workflow.declared import Opened

SPEND_DAYS = 91
"""How many days of spend a measurement holds, the day of `as_of` included."""


def quality_of(book: Opened, monitor: str | None = None) -> QualityMeasurement:
    """Daily quality with delayed labels.

    Args:
        book: the system and the instant.
        monitor: which monitor of `output_quality`; None is the first in `signals.yaml`.

    Raises:
        WarehouseError: nothing to measure is declared, or a log cannot be read as declared.
    """
    from ops_model.analysis.judged import count_days, count_segments, judged_rows
    from ops_model.analysis.quality import DEFAULT_DROP, QualityPlan, measure_quality
    from ops_model.store.warehouse import readable_logs

    signals = declared.signals_of(book)
    chosen = declared.monitor_of(signals, "output_quality", monitor)
    log = declared.log_of(signals, chosen)
    label_log = declared.label_log_of(signals, chosen, log)
    baseline = _own_baseline(signals, chosen, log)
    plan = QualityPlan(
        as_of=book.as_of,
        baseline=Window(start=baseline.start, end=baseline.end),
        window_days=chosen.window_days,
        late_days=signals.late_days,
        min_n=chosen.min_n,
        drop=float(chosen.tolerable_drop or DEFAULT_DROP),
    )
    _apart(chosen, baseline, plan.as_window())
    logs = [log, *([label_log] if label_log else [])]
    inputs = declared.identities(book.root, [one.address for one in logs])
    served, labels = declared.open_judged(book, chosen, log, label_log)
    with readable_logs(log.address):
        judged = judged_rows(
            served,
            timestamp=log.timestamp,
            label=str(chosen.label),
            prediction=chosen.prediction,
            key=log.key,
            labels=labels,
            segments=chosen.segments,
            where=log.address,
        )
        counts = count_days(judged)
        segments, left_out = count_segments(
            judged, chosen.segments,
            window=plan.window, baseline=plan.baseline_days, min_n=chosen.min_n,
        )  # fmt: skip
    result = measure_quality(counts, plan, segments, where=log.address)
    return QualityMeasurement(
        system=book.system.id,
        as_of=book.as_of,
        claims=book.system.claim_refs("signals"),
        inputs=inputs,
        window=plan.as_window(),
        simulated=_simulated(book.system, *logs),
        monitor=chosen.id,
        metric=chosen.metric,
        segments_left_out=left_out,
        **vars(result),
    )


def _own_baseline(signals: Signals, monitor: Monitor, log: Log) -> Baseline:
    baseline = declared.baseline_of(signals, monitor)
    if baseline.log != log.id:
        declared.undeclared(
            monitor, "baseline",
            f"baseline {baseline.id} lies on log {baseline.log}; a quality monitor compares a log "
            f"with itself, so expected {log.id}",
            f"name a baseline of log {log.id}",
        )  # fmt: skip
    return baseline


def _apart(monitor: Monitor, baseline: Baseline, window: Window) -> None:
    """Refuse a window that lies in its own baseline: what it shows would be hidden by itself."""
    if baseline.end > window.start:
        declared.undeclared(
            monitor, "baseline",
            f"baseline {baseline.id} ends {iso_utc(baseline.end)}, after the window begins "
            f"({iso_utc(window.start)}): the window would be compared with itself",
            "choose a baseline that ends earlier",
        )  # fmt: skip


def _simulated(system: SystemClaims, *logs: Log) -> bool:
    return system.identity.simulated or any(log.simulated for log in logs)


def drift_of(book: Opened, signal: Signal, monitor: str | None = None) -> DriftMeasurement:
    """How far the columns of a monitor moved from their baseline.

    The window is the last whole UTC days before `as_of`, so that each holds the same hours.

    Args:
        book: the system and the instant.
        signal: such as `input_distribution` or `confidence`.
        monitor: which monitor of that signal; None is the first in `signals.yaml`.

    Raises:
        WarehouseError: nothing to measure is declared, or a log cannot be read as declared.
    """
    from ops_model.analysis.column import METRICS
    from ops_model.analysis.drift import BLOCK_DAYS, measure_drift
    from ops_model.analysis.plan import plan
    from ops_model.analysis.profile import profile
    from ops_model.store.warehouse import readable_logs

    signals = declared.signals_of(book)
    chosen = declared.monitor_of(signals, signal, monitor)
    log = declared.log_of(signals, chosen)
    baseline = declared.baseline_of(signals, chosen)
    behind = declared.baseline_log_of(signals, chosen, baseline)
    window = declared.last_days(book.as_of, chosen.window_days)
    if behind.id == log.id:
        _apart(chosen, baseline, window)
    columns = declared.columns_of(chosen)
    span = Window(start=baseline.start, end=baseline.end)
    inputs = declared.identities(book.root, [behind.address, log.address])
    reference, current = declared.open_windows(book, [(behind, span), (log, window)], columns)
    with readable_logs(behind.address):
        spec = plan(reference, columns)
        before = profile(reference, spec, timestamp=behind.timestamp)
    with readable_logs(log.address):
        now = profile(current, spec, timestamp=log.timestamp)
    declared.some_rows(before.total, behind, span)
    declared.some_rows(now.total, log, window)
    result = measure_drift(
        before,
        now,
        metric=METRICS.get(chosen.metric, "w1_sd"),
        min_n=chosen.min_n,
        block_days=min(BLOCK_DAYS, chosen.window_days),
    )
    return DriftMeasurement(
        system=book.system.id,
        as_of=book.as_of,
        claims=book.system.claim_refs("signals"),
        inputs=inputs,
        window=window,
        simulated=_simulated(book.system, log, behind),
        monitor=chosen.id,
        signal=signal,
        reference_start=baseline.start,
        reference_end=baseline.end,
        **vars(result),
    )


def spend_of(book: Opened) -> SpendMeasurement:
    """Spend per day and service against the ceiling, over the last 91 days.

    Raises:
        WarehouseError: no usage log is declared, a log cannot be read as declared, or a ceiling is
            in another currency than the prices.
    """
    from ops_model.analysis.cost import PriceBook, measure_spend

    cost = book.system.cost
    if cost is None or not cost.logs:
        where = book.system.missing_file("cost") if cost is None else cost.place_of("logs")
        raise WarehouseError(
            "declares no usage log, so nobody knows what this system costs per day",
            where=str(where),
            remedy="write `logs:` with unit (tokens or hours) and address, and dated prices",
        )
    ceiling = declared.ceiling_of(cost)
    prices = PriceBook(cost.currency, cost.token_prices, cost.hour_prices)
    inputs = declared.identities(book.root, [log.address for log in cost.logs])
    result = measure_spend(
        declared.open_usage(book, cost, prices.changes),
        prices,
        as_of=book.as_of,
        ceiling_per_day=ceiling.amount.amount if ceiling else None,
        days=SPEND_DAYS,
    )
    limit = None
    if ceiling is not None:
        amount = float(ceiling.amount.amount)
        limit = Measured(value=amount, unit=cost.currency, n=1, no_interval="exact")
    first = declared.midnight(book.as_of) - timedelta(days=SPEND_DAYS - 1)
    return SpendMeasurement(
        system=book.system.id,
        as_of=book.as_of,
        claims=book.system.claim_refs("cost"),
        inputs=inputs,
        window=Window(start=first, end=book.as_of),
        simulated=book.system.identity.simulated or any(log.simulated for log in cost.logs),
        currency=cost.currency,
        ceiling_per_day=limit,
        **vars(result),
    )
