"""A change of quality taken apart by segment, with the three causes that may lie behind it."""

from ops_model.domain.detection import ChangeDecomposition
from ops_model.workflow import declared
from ops_model.workflow.causes import Evident, causes
from ops_model.workflow.compared import simulated
from ops_model.workflow.judged_logs import judging_of, open_judged
from ops_model.workflow.measure_quality import quality_of


def decomposition_of(book: Evident, monitor: str | None = None) -> ChangeDecomposition | None:
    """The change of quality between a monitor's baseline and window, split by segment columns.

    The change is that of `quality_of`, with its interval: one measure, one number.

    Args:
        book: the system, the instant, and what is on record by then.
        monitor: which monitor of `output_quality`; None is the first in `signals.yaml`.

    Returns:
        None where a side has no labelled row, or the window fewer than the monitor needs, so
        that there is no change to split.

    Raises:
        WarehouseError: nothing to measure is declared, or a log cannot be read as declared; or the
            monitor names no segments.
    """
    from ops_model.analysis.decomposition import count_sides, decompose
    from ops_model.store.warehouse import readable_logs

    judging = judging_of(book, monitor)
    chosen, log, plan = judging.monitor, judging.log, judging.plan
    if not chosen.segments:
        declared.undeclared(
            chosen, "segments", f"monitor {chosen.id} names no segments to split a change by",
            "write `segments:` with the columns that tell cases apart",
        )  # fmt: skip
    inputs = declared.identities_of(book, judging.logs)
    judged = open_judged(book, judging)
    with readable_logs(log.address):
        sides = count_sides(
            judged.rows, chosen.segments,
            window=plan.window, baseline=plan.baseline_days, min_n=chosen.min_n,
        )  # fmt: skip
    if not all(side.rows.sum() for side in (sides[0].before, sides[0].now)):
        return None
    change = quality_of(book, chosen.id).change
    if change.value is None:
        return None
    found = decompose(sides, change, sign=plan.sign)
    return ChangeDecomposition(
        system=book.system.id,
        as_of=book.as_of,
        claims=book.system.claim_refs("signals"),
        inputs=inputs,
        window=plan.as_window(),
        simulated=simulated(book.system, *judging.logs),
        monitor=chosen.id,
        metric=chosen.metric,
        causes=causes(book, judging),
        **vars(found),
    )
