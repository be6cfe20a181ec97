"""What a cell shows of the model behind the curtain."""

from functools import partial

from ops_model.workflow.empty_logs import measured_or_empty
from ops_model.workflow.open import Book
from ops_model.workflow.show import nothing
from ops_model.workflow.shown import Shown


def provider_identity(book: Book) -> Shown:
    """Whether each provider still serves the agreed model, by its word and by its answers."""
    providers = [d for d in book.system.identity.dependencies if d.kind == "model_provider"]
    signals = book.system.signals
    asked = {c.dependency for c in signals.canaries} if signals is not None else set()
    silent = [
        nothing(
            f"Nobody asks provider {d.id} the same questions each day (`canaries` in "
            "signals.yaml), so another model under the same name would not be noticed."
        )
        for d in providers
        if d.id not in asked
    ]
    if signals is None or not asked:
        if providers:
            return Shown.of_many(silent)
        return nothing("system.yaml names no model provider, so no model can change behind one.")
    from ops_model.workflow.measure_provider import answered_as_agreed

    seen = [
        measured_or_empty(
            book, f"Provider {one.dependency}", partial(answered_as_agreed, book, signals, one)
        )
        for one in signals.canaries
    ]
    return Shown.of_many([*seen, *silent])
