"""What a cell shows of what is served: its rules, its contracts, and its guardrails."""

from ops_model.domain.signals_watched import GuardrailSuite
from ops_model.errors import WarehouseError
from ops_model.workflow.open import Book
from ops_model.workflow.show import nothing, recorded
from ops_model.workflow.shown import Shown


def rules(book: Book) -> Shown:
    """Each business rule over the last days; one that an incident taught, over everything too."""
    from ops_model.workflow.measure_rules import rules_of

    if book.system.signals is None or not book.system.signals.rules:
        return nothing("signals.yaml declares no rule, so no output could break one.")
    found = rules_of(book)
    if not found:
        first = min(rule.active_from for rule in book.system.signals.rules)
        return nothing(f"no rule is active yet; the first is from {first} on.")
    return Shown.of_many([recorded(record, book) for record in found])


def contracts(book: Book) -> Shown:
    """What each data contract says of the last whole day of its log."""
    from ops_model.workflow.measure_contracts import contract_of

    if book.system.signals is None or not book.system.signals.contracts:
        return nothing("signals.yaml declares no contract, so no row was held against one.")
    found = [contract_of(book, contract) for contract in book.system.signals.contracts]
    return Shown.of_many([recorded(record, book) for record in found])


def guardrails(book: Book) -> Shown:
    """What the version in production made of each suite of questions."""
    if book.system.signals is None or not book.system.signals.guardrails:
        return nothing("signals.yaml declares no guardrail suite, so none was tried.")
    return Shown.of_many([_guardrail(book, suite) for suite in book.system.signals.guardrails])


def _guardrail(book: Book, suite: GuardrailSuite) -> Shown:
    """One suite; one that cannot be measured says why, and hides no other."""
    from ops_model.workflow.measure_guardrails import guardrail_of

    if suite.log is None:
        return nothing(f"suite {suite.id} names no log of results, so nothing was measured.")
    try:
        return recorded(guardrail_of(book, suite), book)
    except WarehouseError as error:
        return nothing(f"suite {suite.id}: {error}")
