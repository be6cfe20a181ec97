"""What moved: the inputs, the score, what the model leans on, and serving against training."""

from functools import partial
from typing import TYPE_CHECKING

from ops_model.workflow.empty_logs import measured_or_empty
from ops_model.workflow.open import Book
from ops_model.workflow.show import nothing
from ops_model.workflow.shown import Shown

if TYPE_CHECKING:
    from ops_model.domain.signals_watched import Monitor, Signal


def drift(book: Book, signal: "Signal" = "input_distribution") -> Shown:
    """How far the inputs, or the score (`signal="confidence"`), moved from their baseline.

    Every monitor of the signal measures; each has a card of its own.
    """
    monitors = _monitors(book, signal)
    if not monitors:
        name = signal.replace("_", " ")
        return nothing(f"signals.yaml declares no monitor of {name}, so no drift was measured.")
    from ops_model.workflow.measure_drift import drift_of

    return Shown.of_many([
        measured_or_empty(book, f"Monitor {m.id}", partial(drift_of, book, signal, m.id))
        for m in monitors
    ])  # fmt: skip


def importance(book: Book) -> Shown:
    """Whether the model leans on the same inputs as in its baseline."""
    monitors = _monitors(book, "importance")
    if not monitors:
        return nothing(
            "signals.yaml declares no monitor of importance, so nobody knows what the model leans "
            "on."
        )
    from ops_model.workflow.measure_importance import importance_of

    return Shown.of_many(
        [
            measured_or_empty(book, f"Monitor {m.id}", partial(importance_of, book, m.id))
            if m.attributions is not None or m.model is not None
            else nothing(
                f"Monitor {m.id} names neither a log of attributions nor a model to ask, so it "
                "measured nothing: write `attributions:`, or `model:` with file, digest and "
                "loader, into signals.yaml."
            )
            for m in monitors
        ]
    )


def train_serve_skew(book: Book) -> Shown:
    """Whether what is served lies where it lay in training, for the version in production."""
    signals = book.system.signals
    training = signals is not None and any(log.holds == "training" for log in signals.logs)
    watched = [m for m in _monitors(book, "input_distribution") if m.columns]
    if signals is None or not training or signals.served is None or not watched:
        return nothing(
            "signals.yaml needs a log of what was trained on, one of what is served, and a "
            "monitor of input_distribution with its columns: no skew was measured."
        )
    from ops_model.workflow.measure_skew import skew_of

    return measured_or_empty(
        book, "What is served against what was trained on", lambda: skew_of(book)
    )


def _monitors(book: Book, signal: "Signal") -> "tuple[Monitor, ...]":
    return book.system.signals.of(signal) if book.system.signals is not None else ()
