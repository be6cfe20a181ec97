"""The cards of what served outputs are held against: rules, contracts and guardrail suites."""

from ops_model.domain.detection_served import (
    ContractMeasurement,
    ExpectationResult,
    GuardrailMeasurement,
    RuleMeasurement,
)
from ops_model.domain.people import People
from ops_model.site import words
from ops_model.site.markup import Html
from ops_model.site.parts import Row, chip, fact, frame, line, quiet, table
from ops_model.site.words import Look

_KEPT = Look("✓", "kept", words.GREEN, "good")
_BROKEN = Look("✖", "broken", words.RED, "bad")
_NOT_JUDGED = Look("?", "not judged", words.AMBER, "warn")
TRIED = Look("●", "tried", words.GREY, "quiet")
_STATES = {
    "PASS": Look("✓", "PASS", words.GREEN, "good"),
    "FAIL": Look("✖", "FAIL", words.RED, "bad"),
    "ERROR": Look("?", "ERROR", words.AMBER, "warn"),
}
_SCOPES = {
    "in_scope": "questions that it is for, and has to answer",
    "out_of_scope": "questions that it is not for, and has to refuse",
    "jailbreak": "tricks, and has to withstand them",
}


def rule(record: RuleMeasurement, people: People) -> Html:
    """How many of the rows that were served break a rule, and what its examples said."""
    del people
    span = "everything served so far" if record.retro_scan else "the last whole days"
    title = f"Rule {record.rule} over {span}"
    if record.error is not None:
        return frame(
            title, rule_look(record), record,
            line(f"It could not be evaluated: {record.error}"),
            line("What was not looked at is unknown, and blocks like a failure: correct the "
                 "rule's expr, log or examples in signals.yaml, and run this again."),
            simulated=record.simulated,
        )  # fmt: skip
    broken = bool(record.violations.value)
    rows: list[Row] = [
        ("rows looked at", words.number(record.rows), quiet(f"of log {record.log}")),
        fact("break it", record.violations),
        ("of these undecided", words.number(record.undecided),
         quiet("a column that the rule names holds nothing there")),
        ("right examples that keep to it", words.number(record.good_passed), ""),
        ("wrong examples that break it", words.number(record.bad_failed), ""),
    ]  # fmt: skip
    if record.users_exposed is not None:
        rows.insert(2, fact("reached", record.users_exposed))
    meant = (
        "Users got answers that must not be: stop them before they are served, and tell those "
        "who got them."
        if broken
        else "Nothing that was looked at breaks it."
        if record.rows
        else "There was no row to look at, which is unknown and no pass."
    )
    return frame(
        title, rule_look(record), record, line(meant), table(("", "value", "rests on"), rows),
        simulated=record.simulated,
    )  # fmt: skip


def rule_look(record: RuleMeasurement) -> Look:
    """Broken, kept, or not judged: without a row, or without an answer."""
    if record.error is not None:
        return _NOT_JUDGED
    if record.violations.value:
        return _BROKEN
    return _KEPT if record.rows else _NOT_JUDGED


def contract(record: ContractMeasurement, people: People) -> Html:
    """Each expectation with its state and counts; the worst first."""
    del people
    title = f"Contract {record.contract} on log {record.log}"
    looked = (
        f"{words.plural(record.rows, 'row')} of {record.rows_of_day:,} of the last whole day, by "
        f"{record.library}."
    )
    if record.error is not None:
        return frame(
            title, contract_look(record), record, line(f"It could not be judged: {record.error}"),
            line("Nothing was asked, so nothing passed: correct the suite or the log, and run "
                 "this again."),
            line(quiet(looked)), simulated=record.simulated,
        )  # fmt: skip
    order = ("FAIL", "ERROR", "PASS")
    found = sorted(record.results, key=lambda r: (order.index(r.state), r.severity))
    meant = {
        _BROKEN: "The rows are not what the contract says: find what wrote them before anything "
        "is concluded from them.",
        _NOT_JUDGED: "What is marked ERROR or was not asked is no pass: correct it in the suite.",
        _KEPT: "The rows are what the contract says.",
    }[contract_look(record)]
    head = ("", "severity", "expectation", "rows that break it")
    return frame(
        title, contract_look(record), record,
        line(meant), table(head, [_expectation(r) for r in found]), line(quiet(looked)),
        simulated=record.simulated,
    )  # fmt: skip


def contract_look(record: ContractMeasurement) -> Look:
    """The worst state of its expectations; not judged where none was asked."""
    states = {result.state for result in record.results}
    if "FAIL" in states:
        return _BROKEN
    return _KEPT if states == {"PASS"} and record.error is None else _NOT_JUDGED


def _expectation(result: ExpectationResult) -> Row:
    named = result.type.removeprefix("expect_").replace("_", " ")
    of = f" ({result.column})" if result.column else ""
    counted = words.full(result.bad) if result.bad is not None else ""
    seen = result.error or counted or _observed(result.observed)
    return (chip(_STATES[result.state]), result.severity, f"{named}{of}", seen)


def _observed(said: str | None) -> str:
    """`observed 0.0429`: a number with the digits that matter, anything else as it was said."""
    if not said:
        return ""
    try:
        return f"observed {words.number(float(said))}"
    except ValueError:
        return f"observed {said}"


def guardrail(record: GuardrailMeasurement, people: People) -> Html:
    """The share of a suite's items that one version answered as it must."""
    del people
    untried = (
        f" {words.plural(record.untried, 'item')} of the suite were never tried, and count as not "
        "answered."
        if record.untried
        else ""
    )
    ended = f" The last result is of {words.day(record.window.end)}." if record.window else ""
    return frame(
        f"Guardrail suite {record.suite}: {_SCOPES[record.scope]}", TRIED, record,
        table(("version", "as it must", "rests on"), [fact(record.version, record.passed)]),
        line(f"Below the floor that signals.yaml sets, go back to a version that holds, or switch "
             f"it off meanwhile (RUL-04).{untried}{ended}"),
        simulated=record.simulated,
    )  # fmt: skip
