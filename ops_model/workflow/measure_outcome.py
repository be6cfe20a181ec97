"""The business outcome, and whether quality goes with it, measured from the logs they name."""

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from ops_model.domain.detection import LinkPeriod, OutcomeMeasurement, QualityOutcomeLink
from ops_model.domain.signals import OutcomeMetric, Signals
from ops_model.domain.signals_logged import Baseline, Log
from ops_model.domain.values import Window, iso_utc
from ops_model.workflow import declared
from ops_model.workflow.compared import simulated
from ops_model.workflow.declared import Opened
from ops_model.workflow.log_requests import open_declared

if TYPE_CHECKING:
    import ibis

PERIOD_DAYS = 7
"""Quality and outcome are compared week by week, so that no weekday makes them move together."""


def measurable(outcome: OutcomeMetric) -> bool:
    """True of an outcome whose claim says where it is written down."""
    return outcome.log is not None and outcome.value is not None


def outcome_of(book: Opened, outcome: OutcomeMetric) -> OutcomeMeasurement:
    """One outcome now against its baseline.

    Raises:
        WarehouseError: it names no log, value or baseline, or the log cannot be read as declared.
    """
    from ops_model.analysis.outcome import measure_outcome, outcome_days
    from ops_model.analysis.quality_plan import QualityPlan
    from ops_model.store.warehouse import readable_logs

    signals = declared.signals_of(book)
    log, baseline = _log_of(signals, outcome), _baseline_of(signals, outcome)
    plan = QualityPlan(
        as_of=book.as_of,
        baseline=Window(start=baseline.start, end=baseline.end),
        window_days=outcome.window_days,
        late_days=outcome.label_lag_days,
        better="higher" if outcome.direction == "up" else "lower",
    )
    _apart(outcome, baseline, plan.as_window())
    inputs = declared.identities_of(book, [log])
    table = _opened(book, outcome, log)
    with readable_logs(log.address):
        counts, apart = outcome_days(
            table, timestamp=log.timestamp, value=str(outcome.value), where=log.address
        )
    result = measure_outcome(counts, plan, unit=outcome.unit, where=log.address)
    return OutcomeMeasurement(
        system=book.system.id,
        as_of=book.as_of,
        claims=book.system.claim_refs("signals"),
        inputs=inputs,
        window=plan.as_window(),
        simulated=simulated(book.system, log),
        outcome=outcome.id,
        target=outcome.target,
        direction=outcome.direction,
        apart=apart,
        **vars(result),
    )


def link_of(
    book: Opened, outcome: OutcomeMetric, monitor: str | None = None
) -> QualityOutcomeLink:
    """How the quality of a monitor and one outcome move together, week by week.

    Args:
        book: the system and the instant.
        outcome: one of its outcomes.
        monitor: which monitor of `output_quality`; None is the first in `signals.yaml`.

    Raises:
        WarehouseError: as for either of the two.
    """
    from ops_model.analysis.judged import count_days
    from ops_model.analysis.outcome import link, outcome_days
    from ops_model.store.warehouse import readable_logs
    from ops_model.workflow.judged_logs import judging_of, open_judged

    log = _log_of(declared.signals_of(book), outcome)
    judging = judging_of(book, monitor)
    logs = [*judging.logs, log]
    inputs = declared.identities_of(book, logs)
    judged, table = open_judged(book, judging), _opened(book, outcome, log)
    with readable_logs(judging.log.address):
        quality = count_days(judged.rows)
    with readable_logs(log.address):
        reached, _ = outcome_days(
            table, timestamp=log.timestamp, value=str(outcome.value), where=log.address
        )
    today = declared.midnight(book.as_of).date()
    result = link(
        quality,
        reached,
        settled=judging.plan.settled,
        known_until=today - timedelta(days=outcome.label_lag_days),
        period_days=PERIOD_DAYS,
        sign=judging.plan.sign,
    )
    return QualityOutcomeLink(
        system=book.system.id,
        as_of=book.as_of,
        claims=book.system.claim_refs("signals"),
        inputs=inputs,
        window=_span(result.periods),
        simulated=simulated(book.system, *logs),
        monitor=judging.monitor.id,
        outcome=outcome.id,
        period_days=PERIOD_DAYS,
        direction=outcome.direction,
        **vars(result),
    )


def _span(periods: tuple[LinkPeriod, ...]) -> Window | None:
    """From the first period to the end of the last; None where there is none."""
    if not periods:
        return None
    first, last = (datetime.combine(periods[n].start, time(), UTC) for n in (0, -1))
    return Window(start=first, end=last + timedelta(days=PERIOD_DAYS))


def _log_of(signals: Signals, outcome: OutcomeMetric) -> Log:
    if outcome.value is None:
        declared.undeclared(
            outcome, "value", f"outcome {outcome.id} names no value, so nothing can be counted",
            "write `value:` with the column of its log that holds the outcome of a row",
        )  # fmt: skip
    return declared.log_named(signals, outcome, "log", outcome.log)


def _baseline_of(signals: Signals, outcome: OutcomeMetric) -> Baseline:
    found = signals.baseline(outcome.baseline_span)
    if found is None or found.log != outcome.log:
        lies = f"lies on log {found.log}" if found else "is not declared"
        declared.undeclared(
            outcome, "baseline_span",
            f"baseline_span {outcome.baseline_span} of outcome {outcome.id} {lies}; expected a "
            f"span of log {outcome.log}",
            "declare the span in which the baseline was so, under `baselines:`",
        )  # fmt: skip
    return found


def _apart(outcome: OutcomeMetric, baseline: Baseline, window: Window) -> None:
    """Refuse a window that lies in its own baseline: it would be compared with itself."""
    if baseline.end > window.start:
        declared.undeclared(
            outcome, "baseline_span",
            f"baseline {baseline.id} ends {iso_utc(baseline.end)}, after the window begins "
            f"({iso_utc(window.start)}): the window would be compared with itself",
            "choose a baseline that ends earlier, or a shorter window",
        )  # fmt: skip


def _opened(book: Opened, outcome: OutcomeMetric, log: Log) -> "ibis.Table":
    return open_declared(book, {"log": (log, (str(outcome.value),))})["log"]
