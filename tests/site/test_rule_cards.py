"""The cards of rules, contracts and guardrail suites: what they say, and what they never show."""

from ops_model.domain.detection_served import ExpectationResult
from ops_model.site.cards import card
from tests.site.kinds import every_kind
from tests.site.pages_reader import Reader
from tests.site.samples import exact, people, share

KINDS = every_kind()


def text_of(kind, **changes):
    return Reader(card(KINDS[kind].model_copy(update=changes), people())).text


def test_a_rule_that_is_broken_says_in_how_many_rows_and_what_to_do():
    text = text_of("rule", violations=share(0.02, 900), rows=900, undecided=3)

    assert "✖ broken" in text
    assert "2.0 %" in text
    assert "of these undecided" in text
    assert "stop them before they are served" in text


def test_a_rule_without_a_row_or_with_an_error_is_no_pass():
    assert "which is unknown and no pass" in text_of(
        "rule", rows=0, violations=exact(None, "share", 0)
    )
    text = text_of("rule", error="has no column 'q'")
    assert "? not judged" in text
    assert "has no column 'q'" in text


def test_a_look_back_is_told_from_the_last_days():
    assert "over everything served so far" in text_of("rule", retro_scan=True)
    assert "over the last whole days" in text_of("rule")


def result(state, **changes):
    values = {"type": "expect_column_values_to_not_be_null", "column": "p"}
    return ExpectationResult(**{**values, "severity": "critical", "state": state, **changes})


def test_a_contract_shows_what_fails_first_and_an_error_is_no_pass():
    text = text_of("contract", results=(result("PASS"), result("FAIL", bad=share(0.02, 900))))

    assert text.index("✖ FAIL") < text.index("✓ PASS")
    assert "column values to not be null (p)" in text
    error = text_of("contract", results=(result("PASS"), result("ERROR", error="no value")))
    assert "? not judged" in error
    assert "is no pass" in error
    assert "✓ kept" in text_of("contract", results=(result("PASS"),))


def test_a_contract_that_could_not_be_judged_says_why():
    assert "nothing passed" in text_of("contract", error="an empty suite", results=())


def test_a_suite_says_which_version_was_tried_and_how_much_of_it_never_was():
    text = text_of("guardrail", untried=12)

    assert "12 items of the suite were never tried" in text
    assert "v2" in text
    assert "n = 120" in text
