"""What a cell shows of the model behind the curtain."""

from ops_model.workflow.open import Book
from ops_model.workflow.show import nothing, recorded
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
    if not asked:
        if providers:
            return Shown.of_many(silent)
        return nothing("system.yaml names no model provider, so no model can change behind one.")
    from ops_model.workflow.measure_provider import provider_identity_of

    return Shown.of_many([*(recorded(one, book) for one in provider_identity_of(book)), *silent])
