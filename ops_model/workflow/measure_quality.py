"""Quality with delayed labels, measured from the logs that a monitor names."""

from typing import TYPE_CHECKING

from ops_model.domain.detection import QualityMeasurement, RowsApart
from ops_model.domain.evidence import InputIdentity
from ops_model.workflow import declared
from ops_model.workflow.compared import simulated
from ops_model.workflow.declared import Opened
from ops_model.workflow.judged_logs import Judging, judging_of, open_judged
from ops_model.workflow.measured_once import measured_once

if TYPE_CHECKING:
    from ops_model.analysis.quality import Floors


def quality_of(book: Opened, monitor: str | None = None) -> QualityMeasurement:
    """Daily quality with delayed labels; measured once of an opened workbook and the same rows.

    Args:
        book: the system and the instant.
        monitor: which monitor of `output_quality`; None is the first in `signals.yaml`.

    Raises:
        WarehouseError: nothing to measure is declared, or a log cannot be read as declared.
    """
    judging = judging_of(book, monitor)
    inputs = declared.identities_of(book, judging.logs)
    key = ("quality", judging.monitor.id, judging.plan, inputs)
    return measured_once(book, key, lambda: _measured(book, judging, inputs))


def _measured(
    book: Opened, judging: Judging, inputs: tuple[InputIdentity, ...]
) -> QualityMeasurement:
    from ops_model.analysis.judged import count_apart, count_days
    from ops_model.analysis.quality import measure_quality
    from ops_model.analysis.segments import count_segments
    from ops_model.store.warehouse import readable_logs

    chosen, log, plan = judging.monitor, judging.log, judging.plan
    floors = _floors(book, judging)
    judged = open_judged(book, judging)
    with readable_logs(log.address):
        counts = count_days(judged.rows)
        segments, left_out = count_segments(
            judged.rows, chosen.segments,
            window=plan.window, baseline=plan.baseline_days, min_n=chosen.min_n,
            better=plan.better, always=tuple(floors.by_segment),
        )  # fmt: skip
        odd = count_apart(judged.rows, judged.served, key=log.key, labels=judged.labels)
    result = measure_quality(counts, plan, segments, floors=floors, where=log.address)
    return QualityMeasurement(
        system=book.system.id,
        as_of=book.as_of,
        claims=book.system.claim_refs("signals"),
        inputs=inputs,
        window=plan.as_window(),
        simulated=simulated(book.system, *judging.logs),
        monitor=chosen.id,
        metric=chosen.metric,
        segments_left_out=left_out,
        apart=RowsApart(**odd),
        **vars(result),
    )


def _floors(book: Opened, judging: Judging) -> "Floors":
    """The floors of the critical segments that this monitor tells apart."""
    from ops_model.analysis.quality import Floors

    monitor, signals = judging.monitor, declared.signals_of(book)
    return Floors(
        {
            (one.column, one.value): float(one.floor)
            for one in signals.critical_segments
            if one.monitor == monitor.id and one.column in monitor.segments
        }
    )
