"""The verbs of compliance evidence: what changed, what it supports, what ends when."""

from datetime import date

from ops_model.domain.values import zone
from ops_model.workflow.open import Book
from ops_model.workflow.reviewed import controls_answer, reviewed
from ops_model.workflow.show import assessed
from ops_model.workflow.shown import Shown


def since_signed(book: Book) -> Shown:
    """What changed since the compliance seat last signed, or since the last assessment."""
    from ops_model.site.compliance_cards import since_card

    return Shown(None, since_card(reviewed(book), book.people))


def frameworks(book: Book) -> Shown:
    """Every framework that may speak to the system: its status, and each of its controls."""
    from ops_model.site.compliance_cards import frameworks_card

    claims = book.system.compliance
    card = frameworks_card(controls_answer(book), claims, assessed(book), book.people)
    return Shown(None, card)


def our_rules(book: Book) -> Shown:
    """What no framework asks for, and we ask nevertheless."""
    from ops_model.site.compliance_cards import our_rules_card

    return Shown(None, our_rules_card(controls_answer(book), assessed(book)))


def log_policy(book: Book) -> Shown:
    """What is written down of each request, for how long, and what the tests of it showed."""
    from ops_model.site.compliance_cards import log_policy_card

    return Shown(None, log_policy_card(book.system.signals, assessed(book), book.people))


def safeguards(book: Book) -> Shown:
    """Whether the safeguards match how sensitive the data is."""
    from ops_model.site.compliance_cards import security_card

    return Shown(None, security_card(assessed(book), book.people))


def audit_questions(book: Book) -> Shown:
    """What auditors asked, what was answered, and what is overdue."""
    from ops_model.site.compliance_cards import audit_card

    claims = book.system.compliance
    return Shown(None, audit_card(claims, assessed(book), _today(book), book.people))


def evidence_list(book: Book) -> Shown:
    """What the answers rest on, with grade and end."""
    from ops_model.site.compliance_cards import evidence_card

    return Shown(None, evidence_card(reviewed(book), book.people))


def _today(book: Book) -> date:
    return book.as_of.astimezone(zone(book.snapshot.settings.zone)).date()
