"""The verbs of a notebook: each does one thing and returns what the cell shows.

Measurements, drills and the assessment carry a record, which the runner harvests; the other verbs
only show. The gap map and the transition have theirs in `show_gaps` and `show_transition`.
"""

from functools import lru_cache
from html import escape, unescape
from typing import TYPE_CHECKING

from ops_model.check.grades import grade_of
from ops_model.domain.assessment import Assessment
from ops_model.domain.evidence import AREAS, Area, Grade, Record
from ops_model.domain.records import RECORDS
from ops_model.errors import UsageError
from ops_model.workflow.open import Book
from ops_model.workflow.shown import Shown

if TYPE_CHECKING:
    from ops_model.domain.signals_watched import Signal


def recorded(record: Record, book: Book) -> Shown:
    """A record with its card and its figure."""
    from ops_model.site.cards import card
    from ops_model.site.figures import figure

    return Shown(record, card(record, book.people), figure(record))


_NOTHING = '<p style="border-left:4px solid #a86a00;padding:.3em .8em">'
_ONLY_DECLARED = (
    f"{_NOTHING}<strong>▲ declared only</strong>: no shipped or approved notebook showed it.</p>"
)


def nothing(text: str) -> Shown:
    """A line in place of a card: nothing to see is itself worth saying."""
    return Shown(None, f"{_NOTHING}{escape(text)}</p>")


def said_nothing(html: str) -> str:
    """What a line says that `nothing` made; empty for any other output."""
    line = html.startswith(_NOTHING) and html.endswith("</p>")
    return unescape(html.removeprefix(_NOTHING).removesuffix("</p>")) if line else ""


# One notebook asks about the same book a dozen times, and a book never changes.
@lru_cache(maxsize=1)
def assessed(book: Book) -> Assessment:
    """The verdict on the book's system, judged once."""
    from ops_model.workflow.assess import assess_snapshot

    return assess_snapshot(book.snapshot)


def assessment(book: Book) -> Shown:
    """The verdict on the system, and its record."""
    return recorded(assessed(book), book)


def five_questions(book: Book) -> Shown:
    """The five questions, each with its answer or what is missing."""
    from ops_model.site.cards import questions_card

    return Shown(None, questions_card(assessed(book), book.people))


def eight_items(book: Book) -> Shown:
    """The eight operational items that production needs."""
    from ops_model.site.cards import eight_items_card

    return Shown(None, eight_items_card(assessed(book), book.people))


def area(book: Book, *names: Area) -> Shown:
    """The findings of one area, or of several, one card each.

    Raises:
        UsageError: there is no such area.
    """
    from ops_model.site.cards import area_card

    for name in names:
        if name not in AREAS:
            raise UsageError(f"there is no area {name!r}", remedy=f"areas are: {', '.join(AREAS)}")
    return Shown(None, "".join(area_card(assessed(book), name, book.people) for name in names))


def coverage(book: Book) -> Shown:
    """The rota resolved for the next 91 days, with every hole in it."""
    if book.system.on_call is None:
        return nothing("There is no on_call.yaml, so nobody is paged.")
    from ops_model.analysis.coverage import measure_coverage
    from ops_model.domain.familiarity import last_drilled

    drilled = frozenset(last_drilled(book.snapshot.statements, as_of=book.as_of))
    found = measure_coverage(book.model, book.system, as_of=book.as_of, drilled=drilled)
    shown = recorded(found, book)
    return Shown(None, shown.html, shown.figure)


def latest(book: Book, kind: str, *, signal: "Signal | None" = None) -> Shown:
    """The last record of a kind on the ledger, such as `quality`, with its own instant.

    What a notebook of one's own printed takes the place of nothing that was observed; where
    nothing was, it is shown as only declared. `signal` tells apart what one kind measures of
    several signals, as drift does.

    Raises:
        UsageError: there is no such kind.
    """
    if kind not in RECORDS:
        raise UsageError(
            f"there is no kind of record {kind!r}", remedy=f"kinds are: {', '.join(RECORDS)}"
        )
    told = book.evidence.all(
        RECORDS[kind], matching=lambda r: signal in {None, getattr(r, "signal", None)}
    )
    if not told:
        what = f"{kind} of {signal}" if signal else kind
        return nothing(f"No {what.replace('_', ' ')} of {book.system.id} is on record yet.")
    worth = {e.statement.seq: grade_of(e.statement, book.evidence) for e in told}
    seen = [e for e in told if worth[e.statement.seq] >= Grade.OBSERVED]
    found = max(seen or told, key=lambda e: (e.record.as_of, e.statement.seq))
    shown = recorded(found.record, book)
    declared = worth[found.statement.seq] <= Grade.DECLARED
    return Shown(None, (_ONLY_DECLARED if declared else "") + shown.html, shown.figure)


def rehearse_fallback(book: Book, *, performed_by: str, path: str = "") -> Shown:
    """Take the dependency away for real, and see what users get.

    Args:
        book: the claims; the plan is `fallback.yaml`.
        performed_by: who performs it; empty when nobody is named.
        path: which of its paths; empty for the first that can be rehearsed.

    Raises:
        UsageError: nobody of this id is in `people.yaml`.
        DrillError: it could not be carried out; the dependency is back, or the error says so.
    """
    person = known_person(book, performed_by)
    from ops_model.workflow.drill import fallback_drill

    record = fallback_drill(
        book.root, book.system, as_of=book.as_of, performed_by=person, path=path or None
    )
    return recorded(record, book)


def known_person(book: Book, person_id: str) -> str | None:
    """The id, or None when nobody is named; then nobody but the tool performs the drill."""
    if person_id and book.people.person(person_id) is None:
        raise UsageError(
            f"performed_by is {person_id!r}, who is not in people.yaml",
            remedy="give the id of the person who performs the drill",
        )
    return person_id or None
