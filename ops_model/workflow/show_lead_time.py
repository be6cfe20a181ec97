"""The verb of a notebook that holds the time in beside the time back."""

from ops_model.domain.lead_time import in_and_back
from ops_model.workflow.open import Book
from ops_model.workflow.shown import Shown


def hours_and_minutes(book: Book) -> Shown:
    """How long a version takes to reach users, beside how long it takes to go back from it."""
    from ops_model.site.build_cards import hours_and_minutes as card

    return Shown(None, card(in_and_back(book.evidence.statements), book.system.id))
