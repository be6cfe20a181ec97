"""The verbs of handoff and transition: what was handed over, who leads what, who can do what."""

from zoneinfo import ZoneInfo

from ops_model.check.seen import seen
from ops_model.domain.evidence import Record
from ops_model.domain.values import zone
from ops_model.workflow.open import Book
from ops_model.workflow.show import assessed, nothing
from ops_model.workflow.shown import Shown

NO_OWNERSHIP = "There is no ownership.yaml, so nobody is named who could hand anything over."


def _zone(book: Book) -> ZoneInfo:
    return zone(book.snapshot.settings.zone)


def _records(book: Book) -> tuple[Record, ...]:
    heard = seen(book.evidence, book.system, book.as_of, book.snapshot.signers)
    return tuple(statement.record for statement in heard.statements)


def handoffs(book: Book) -> Shown:
    """Each handoff: topics, who accepted it, the drill that the newcomer led; and who leaves."""
    from ops_model.analysis.transition import handoff_state, leavers
    from ops_model.site.transition_cards import handoffs_card

    ownership = book.system.ownership
    if ownership is None:
        return nothing(NO_OWNERSHIP)
    states = [
        handoff_state(handoff, ownership, _records(book), as_of=book.as_of, tz=_zone(book))
        for handoff in ownership.handoffs
    ]
    leaving = leavers(ownership, book.people, day=book.as_of.astimezone(_zone(book)).date())
    return Shown(None, handoffs_card(states, leaving, assessed(book), book.people))


def ladder(book: Book) -> Shown:
    """Each duty now and next, what the next step waits for, the last months; and its record."""
    from ops_model.analysis.transition import measure_transition
    from ops_model.site.transition_cards import ladder_card, no_transition_card

    plan = book.system.ownership.transition if book.system.ownership else None
    if plan is None:
        return Shown(None, no_transition_card(assessed(book), book.people))
    record = measure_transition(
        book.system, plan, book.people, _records(book), as_of=book.as_of, tz=_zone(book)
    )
    return Shown(record, ladder_card(record, assessed(book), book.people))


def partnership(book: Book) -> Shown:
    """The reviews of the partnership: due, overdue or decided, and on what ground."""
    from ops_model.site.transition_cards import partnership_card

    plan = book.system.ownership.transition if book.system.ownership else None
    if plan is None:
        return nothing("No partner runs any part of this system, so there is nothing to review.")
    today = book.as_of.astimezone(_zone(book)).date()
    return Shown(None, partnership_card(plan, assessed(book), today, book.people))


def skills(book: Book) -> Shown:
    """Who has each discipline, and which share of the drills one's own people performed."""
    from ops_model.analysis.transition import own_drills, skills_of
    from ops_model.site.transition_cards import skills_card

    able = skills_of(book.system, book.people, day=book.as_of.astimezone(_zone(book)).date())
    drills = own_drills(book.people, _records(book), as_of=book.as_of, tz=_zone(book))
    return Shown(None, skills_card(able, drills, assessed(book), book.people))
