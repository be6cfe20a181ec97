"""The verbs of a notebook about quality: how good it is, and where a change of it came from."""

from functools import partial

from ops_model.domain.signals_watched import Monitor
from ops_model.errors import WarehouseError
from ops_model.workflow.empty_logs import measured_or_empty, no_rows
from ops_model.workflow.open import Book
from ops_model.workflow.show import nothing, recorded
from ops_model.workflow.shown import Shown

_NO_MONITOR = "signals.yaml declares no monitor of output quality, so none was measured."


def quality(book: Book) -> Shown:
    """Daily quality with delayed labels, and how small a drop would be seen; each monitor's."""
    monitors = _monitors(book)
    if not monitors:
        return nothing(_NO_MONITOR)
    from ops_model.workflow.measure_quality import quality_of

    return Shown.of_many([
        measured_or_empty(book, f"Monitor {m.id}", partial(quality_of, book, m.id))
        for m in monitors
    ])  # fmt: skip


def quality_change(book: Book) -> Shown:
    """Each change of quality taken apart by segment, with the causes that may lie behind it."""
    monitors = _monitors(book)
    if not monitors:
        return nothing(_NO_MONITOR)
    return Shown.of_many([_change(book, m) for m in monitors])


def _monitors(book: Book) -> tuple[Monitor, ...]:
    return book.system.signals.of("output_quality") if book.system.signals is not None else ()


def _change(book: Book, monitor: Monitor) -> Shown:
    if not monitor.segments:
        return nothing(
            f"Monitor {monitor.id} names no segments, so a change could not be taken apart: write "
            "under `segments` in signals.yaml the columns that tell cases apart."
        )
    from ops_model.workflow.measure_decomposition import decomposition_of

    try:
        found = decomposition_of(book, monitor.id)
    except WarehouseError as error:
        if why := no_rows(book, error):
            return nothing(f"What changed the quality of monitor {monitor.id} is unknown: {why}.")
        raise
    if found is None:
        return nothing(
            f"Monitor {monitor.id} has no labelled row in its baseline, or fewer than "
            f"{monitor.min_n:,} in its window, so there is no change to take apart."
        )
    return recorded(found, book)
