"""The verb of a notebook that shows what follows when a monitor fires."""

from ops_model.workflow.open import Book
from ops_model.workflow.show import nothing
from ops_model.workflow.shown import Shown


def response(book: Book) -> Shown:
    """Whom each monitor tells, how they begin and what they may do; who retrains the model."""
    signals = book.system.signals
    if signals is None or not signals.monitors:
        return nothing("signals.yaml declares no monitor, so nothing fires and nobody begins.")
    from ops_model.site.response_cards import response as card

    return Shown(None, card(signals))
