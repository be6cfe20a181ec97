"""The verbs of the deploy review: what is decided on, by whom, and what would change it."""

from ops_model.domain.decisions import DeployReview
from ops_model.domain.system import VersionTuple
from ops_model.domain.values import zone
from ops_model.workflow.open import Book
from ops_model.workflow.reviewed import controls_answer, reviewed
from ops_model.workflow.show import assessed
from ops_model.workflow.shown import Shown

_MOST_STEPS = 7


def review_version(book: Book) -> Shown:
    """The version with its eight members, and what changed from the version before."""
    from ops_model.site.review_cards import version_card

    return Shown(None, version_card(book.system.identity.version, _before(book)))


def _before(book: Book) -> VersionTuple | None:
    """The version that served last before this one; else the one that a rollback goes back to."""
    identity = book.system.identity
    now = identity.version.in_production_since
    served = [
        (since, version)
        for version in identity.other_versions
        if (since := version.in_production_since) is not None and (now is None or since < now)
    ]
    if served:
        return max(served, key=lambda one: one[0])[1]
    plan = book.system.rollback
    target = identity.known_version(plan.to_version) if plan is not None else None
    return target if target is not identity.version else None


def review_seats(book: Book) -> Shown:
    """Who may sit, who does, how each seat stands, what was asked and answered."""
    from ops_model.site.review_cards import seats_card

    builders = book.model.builders(book.system)
    seats = reviewed(book).seats
    return Shown(None, seats_card(_review(book), seats, builders, assessed(book), book.people))


def review_reasons(book: Book) -> Shown:
    """The business statement, the conditions, and whether what was signed still holds."""
    from ops_model.site.review_cards import reasons_card

    today = book.as_of.astimezone(zone(book.snapshot.settings.zone)).date()
    return Shown(None, reasons_card(book.system.decisions, assessed(book), today, book.people))


def review_verdict(book: Book) -> Shown:
    """The verdict with and without waivers, and what would change it; records the assessment."""
    from ops_model.check.remedies import waits
    from ops_model.check.steps import next_steps
    from ops_model.site.review_cards import verdict_card

    found = assessed(book)
    steps = next_steps(found, most=len(found.findings))
    # What nobody can do yet would change the decision too, and comes after what somebody can.
    steps = tuple(sorted(steps, key=lambda step: waits(step.remedy)))[:_MOST_STEPS]
    would = _review(book).would_change
    card = verdict_card(found, steps, would, book.snapshot.policy, book.people)
    return Shown(found, card)


def review_controls(book: Book) -> Shown:
    """Which frameworks may speak to the system, and how many controls the evidence supports."""
    from ops_model.site.review_cards import controls_card

    return Shown(None, controls_card(controls_answer(book), assessed(book), book.people))


def decision_text(book: Book) -> Shown:
    """The text that each seat completes, naming by digest what was seen."""
    from ops_model.site.review_cards import decision_card
    from ops_model.workflow.assess import catalogue_of

    register = catalogue_of(book.root).register
    return Shown(None, decision_card(reviewed(book), register, _review(book)))


def _review(book: Book) -> DeployReview:
    decisions = book.system.decisions
    return decisions.review if decisions is not None else DeployReview()
