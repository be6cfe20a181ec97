"""What a monitor of quality judges by: its log, its labels and its days, resolved and opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ops_model.domain.signals import Signals
from ops_model.domain.signals_logged import Baseline, Log
from ops_model.domain.signals_watched import MEAN, Monitor
from ops_model.domain.values import Window
from ops_model.workflow import declared
from ops_model.workflow.compared import apart
from ops_model.workflow.declared import Opened

if TYPE_CHECKING:
    import ibis

    from ops_model.analysis.judged import LabelLog
    from ops_model.analysis.quality_plan import QualityPlan
    from ops_model.store.warehouse import ColumnKind


@dataclass(frozen=True)
class Judging:
    """One monitor of quality with all that it names."""

    monitor: Monitor
    log: Log
    label_log: Log | None
    plan: "QualityPlan"

    @property
    def logs(self) -> tuple[Log, ...]:
        """Every log that is read."""
        return (self.log,) if self.label_log is None else (self.log, self.label_log)

    @property
    def score(self) -> str | None:
        """The column with the score; None where each row is right or wrong."""
        return self.monitor.score if self.monitor.metric == MEAN else None


@dataclass(frozen=True)
class Judged:
    """The rows of a log with their scores, what they were made from, and who repeats."""

    rows: "ibis.Table"
    served: "ibis.Table"
    labels: "LabelLog | None"


def judging_of(book: Opened, monitor: str | None = None) -> Judging:
    """A monitor of `output_quality` with its logs and its days.

    Args:
        book: the system and the instant.
        monitor: which one; None is the first in `signals.yaml`.

    Raises:
        WarehouseError: nothing to measure is declared, or not whole.
    """
    from ops_model.analysis.quality_plan import QualityPlan

    signals = declared.signals_of(book)
    chosen = declared.monitor_of(signals, "output_quality", monitor)
    log = declared.log_of(signals, chosen)
    label_log = _label_log(signals, chosen, log)
    baseline = _own_baseline(signals, chosen, log)
    plan = QualityPlan(
        as_of=book.as_of,
        baseline=Window(start=baseline.start, end=baseline.end),
        window_days=chosen.window_days,
        late_days=signals.late_days,
        min_n=chosen.min_n,
        drop=float(chosen.tolerable_drop) if chosen.tolerable_drop else None,
        better=chosen.better,
        unit=chosen.unit,
    )
    apart(chosen, baseline, plan.as_window())
    return Judging(chosen, log, label_log, plan)


def open_judged(book: Opened, judging: Judging, *, also: Sequence[str] = ()) -> Judged:
    """The served rows with their scores, bounded by the instant that judges.

    Args:
        book: the system and the instant.
        judging: of `judging_of`.
        also: further columns of the log, told apart after the monitor's own segments.
    """
    from ops_model.analysis.judged import judged_rows
    from ops_model.store.warehouse import readable_logs

    served, labels = _opened(book, judging, also)
    monitor, log = judging.monitor, judging.log
    with readable_logs(log.address):
        rows = judged_rows(
            served,
            timestamp=log.timestamp,
            label=monitor.label,
            prediction=monitor.prediction,
            score=judging.score,
            key=log.key,
            labels=labels,
            segments=(*monitor.segments, *also),
            where=log.address,
        )
    return Judged(rows, served, labels)


def _opened(
    book: Opened, judging: Judging, also: Sequence[str]
) -> "tuple[ibis.Table, LabelLog | None]":
    from ops_model.analysis.judged import LabelLog
    from ops_model.store.warehouse import LogRequest, open_logs

    monitor, log, label_log = judging.monitor, judging.log, judging.label_log
    label = judging.score or str(monitor.label)
    columns: dict[str, ColumnKind] = dict.fromkeys((*monitor.segments, *also), "scalar")
    if monitor.prediction is not None and judging.score is None:
        columns[monitor.prediction] = "scalar"
    # Where labels stand beside, the key only shows who repeats, and may be missing.
    key: dict[str, ColumnKind] = {log.key: "scalar"} if log.key is not None else {}
    requests: dict[str, LogRequest] = {}
    if label_log is None:
        scalar = judging.score or monitor.prediction
        columns[label] = "scalar" if scalar else "boolean"
    else:
        columns |= key
        requests["labels"] = LogRequest(
            label_log.address, {str(label_log.key): "scalar", label: "scalar"},
            timestamp=label_log.timestamp, before=book.as_of,
            warehouse=declared.warehouse_of(book, label_log),
        )  # fmt: skip
    requests["served"] = LogRequest(
        log.address, columns, timestamp=log.timestamp, before=book.as_of, optional=key,
        warehouse=declared.warehouse_of(book, log),
    )  # fmt: skip
    tables = open_logs(book.root, requests)
    if label_log is None:
        return tables["served"], None
    labels = LabelLog(tables["labels"], str(label_log.key), label_log.timestamp, label)
    return tables["served"], labels


def _label_log(signals: Signals, monitor: Monitor, log: Log) -> Log | None:
    """The log in which a monitor's labels arrive apart, or None when they stand in its own log."""
    if monitor.metric == MEAN and monitor.score is None:
        declared.undeclared(
            monitor, "score", f"monitor {monitor.id} names no score to take the mean of",
            "write `score:` with the column that holds a number per row",
        )  # fmt: skip
    if monitor.metric != MEAN and monitor.label is None:
        declared.undeclared(
            monitor, "label", f"monitor {monitor.id} names no label to judge by",
            "write `label:` with the column that holds what turned out",
        )  # fmt: skip
    if monitor.labels is None:
        return None
    labels = declared.log_named(signals, monitor, "labels", monitor.labels)
    for one in (log, labels):
        if one.key is None:
            declared.undeclared(
                one, "key", f"log {one.id} names no key, so labels cannot be joined",
                "write `key:` with the column that identifies a request",
            )  # fmt: skip
    return labels


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
