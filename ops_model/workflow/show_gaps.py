"""The verbs of the gap map: what is written down, promised and missing, and what to do next."""

from ops_model.workflow.open import Book
from ops_model.workflow.show import assessed
from ops_model.workflow.shown import Shown


def sections(book: Book) -> Shown:
    """Each file of claims about the system: there, missing, or not asked for."""
    from ops_model.site.gap_cards import sections_card

    return Shown(None, sections_card(book.system, assessed(book), book.people))


def promises(book: Book) -> Shown:
    """What the strategy paper promised, beside what makes it true in production."""
    from ops_model.site.gap_cards import promises_card

    return Shown(None, promises_card(book.system, assessed(book), book.people))


def gap_map(book: Book) -> Shown:
    """Every gap by area, with place, remedy and owner; records the verdict that it shows."""
    from ops_model.site.gap_cards import gap_map_card

    found = assessed(book)
    return Shown(found, gap_map_card(found, book.people))


def next_gaps(book: Book) -> Shown:
    """The three things to do that open the most, and the commands with which to go on."""
    from ops_model.check.steps import next_steps
    from ops_model.site.gap_cards import steps_card

    found = assessed(book)
    return Shown(None, steps_card(found, next_steps(found), book.people))
