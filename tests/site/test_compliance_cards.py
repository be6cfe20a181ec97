"""The cards of compliance evidence."""

from datetime import UTC, date, datetime, timedelta

import pytest

from ops_model.check.controls import ControlAnswer, ControlsAnswer, RuleAnswer
from ops_model.domain.compliance import Compliance
from ops_model.domain.signals import Signals
from ops_model.site import compliance_cards as cards
from tests.shown_model import a_sign_off
from tests.site import samples
from tests.site.pages_reader import Reader
from tests.site.samples import AS_OF, HOSTILE, people
from tests.site.test_cards import KEPT_STYLES, KEPT_TAGS
from tests.site.test_review_cards import a_framework

TODAY = date(2013, 7, 22)


def text(html):
    return Reader(html).text


def a_policy(**changes):
    given = {"retention_days": "400", "redaction": "no names",
             "fields": {"input": "log.hour"}, **changes}  # fmt: skip
    return Signals.model_validate({"log_policy": given})


def a_question(**changes):
    return {"id": "q", "asked_by": "auditor", "asked_at": "2013-07-01T08:00:00Z",
            "due": "2013-07-20", "question": "Who approved v2?", "owner": "clara-ng",
            **changes}  # fmt: skip


def asked(*questions):
    claims = Compliance.model_validate({"audit_questions": list(questions)})
    return text(cards.audit_card(claims, samples.assessment(), TODAY, people()))


def a_control(control, support, **changes):
    given = {"control": control, "title": f"title of {control}", "support": support, "why": "",
             "status": "voluntary", **changes}  # fmt: skip
    return ControlAnswer(**given)


def frameworks(*found, claims=None):
    answer = ControlsAnswer(frameworks=found, ours=())
    return text(cards.frameworks_card(answer, claims, samples.assessment(), people()))


@pytest.mark.parametrize("hostile", ["plain", *HOSTILE])
def test_a_card_uses_only_what_an_untrusted_output_may_hold(hostile):
    assessed, system = samples.assessment(), samples.flight_system()
    question = a_question(question=hostile, answer=hostile, evidence=hostile, asked_by=hostile)
    claims = Compliance.model_validate({"audit_questions": [question]})
    control = a_control("A.2", "supports", title=hostile, why=hostile, passed=("CMP-01",))
    answer = ControlsAnswer(
        frameworks=(a_framework(note=hostile, controls=(control,)),),
        ours=(RuleAnswer(rule=hostile, checks=("CST-01",), statuses=("passed",)),),
    )
    for html in (
        cards.since_card(system, people()),
        cards.frameworks_card(answer, claims, assessed, people()),
        cards.log_policy_card(a_policy(redaction=hostile), assessed, people()),
        cards.audit_card(claims, assessed, TODAY, people()),
        cards.evidence_card(system, people()), cards.our_rules_card(answer, assessed),
        cards.security_card(assessed, people()),
    ):  # fmt: skip
        read = Reader(html)
        styles = {part.split(":")[0] for s in read.values("style") for part in s.split(";")}
        assert read.tags <= KEPT_TAGS
        assert styles <= KEPT_STYLES


def test_without_a_signature_the_last_assessment_is_compared():
    shown = text(cards.since_card(samples.flight_system(), people()))

    assert shown.startswith("○ not signed What changed since the last assessment on record")
    assert "Nobody has signed for this seat yet" in shown


def test_with_a_decision_the_title_says_of_which_seat_and_which_day():
    decided = samples.stated(20, a_sign_off(samples.claims(), "compliance", as_of=AS_OF))
    system = samples.flight_system()

    both = samples.flight_system(statements=(*system.statements, decided))
    shown = text(cards.since_card(both, people()))

    assert "What changed since the compliance seat decided on 22 Jul 2013" in shown


def test_a_gap_that_is_only_waived_is_told_as_open_with_its_end():
    waived = {"DRF-02": {**samples.DRIFTED["DRF-02"], "waived": True,
                         "valid_until": AS_OF + timedelta(days=9)}}  # fmt: skip
    shown = text(
        cards.since_card(
            samples.flight_system(assessment=samples.assessment(spoiled=waived)), people()
        )
    )

    assert (
        "Newly waived, not closed (1): DRF-02 (no drift beyond limit), failed, waived until 31 Jul"
    ) in shown


def test_with_neither_the_title_says_that_there_is_nothing_to_compare_with():
    shown = text(cards.since_card(samples.flight_system(statements=()), people()))

    assert shown.startswith("○ not signed Nothing on record yet to compare with")


def test_controls_are_told_apart_and_those_that_no_check_speaks_of_stand_together():
    framework = a_framework(
        controls=(
            a_control("G 1", "supports", passed=("CMP-01",)),
            a_control("G 2", "partly supports", why="1 of 2 checks are open",
                      passed=("CMP-01",), still_open=("CMP-05",)),
            a_control("G 3", "not covered"), a_control("G 4", "not covered"),
        )
    )  # fmt: skip

    shown = frameworks(framework)

    assert "1 framework: controls 1 supports, 1 partly supports, 2 not covered" in shown
    assert "▲ partly supports G 2 title of G 2 1 of 2 checks are open CMP-01, CMP-05" in shown
    assert "✖ not covered no check of ours speaks of: G 3, G 4" in shown


@pytest.mark.parametrize("status", ["not_yet", "rescinded"])
def test_what_is_not_published_or_was_rescinded_would_support_and_is_in_no_count(status):
    other = a_framework(status=status, controls=(
        a_control("G 1", "supports", passed=("CMP-01",)),
    ))  # fmt: skip

    shown = frameworks(other)

    said = "not published yet" if status == "not_yet" else "rescinded"
    assert f"0 supports, 0 partly supports, 0 not covered, 1 framework {said}" in shown
    assert "○ would support G 1" in shown
    assert "✓ supports" not in shown


def test_a_framework_says_what_is_not_said_and_that_its_review_is_old():
    framework = a_framework(not_said=("role",), review_is_old=True, note="A note.")

    shown = frameworks(framework)

    assert "compliance.yaml does not say role: ask counsel" in shown
    assert "its source was last read on 22 Jul 2013: read it" in shown
    assert "A note." in shown
    assert "(voluntary)" in shown


def test_a_framework_without_listed_controls_says_so():
    assert "no control of it is listed" in frameworks(a_framework(controls=()))


def test_our_own_rules_show_each_check_as_it_stands():
    rule = RuleAnswer(rule="ten minutes to go back", checks=("RBK-02", "X-01"),
                      statuses=("failed", "not asked"))  # fmt: skip

    shown = text(cards.our_rules_card(ControlsAnswer(frameworks=(), ours=(rule,)),
                                      samples.assessment()))  # fmt: skip

    assert "1 rule of our own that no framework asks for" in shown
    assert "✖ failed RBK-02" in shown
    assert "\u2013 not applicable X-01" in shown


def test_the_log_policy_says_what_is_kept_and_what_is_not():
    shown = text(cards.log_policy_card(a_policy(), samples.assessment(), people()))

    assert "Logs are kept for 400 days" in shown
    assert "input in log.hour" in shown
    assert "output, intent, outcome, version, trace, at" in shown


def test_without_a_log_policy_nobody_can_say_what_is_kept():
    shown = text(cards.log_policy_card(None, samples.assessment(), people()))

    assert shown.startswith("? unknown No log policy")


def test_an_overdue_question_comes_before_one_that_is_answered():
    closed = a_question(
        id="c", question="Where?", answer="Here.", closed_at="2013-07-02T08:00:00Z"
    )

    shown = asked(closed, a_question())

    assert "2 audit questions" in shown
    assert shown.index("✖ overdue Who approved v2?") < shown.index("✓ answered Where?")
    assert "no answer yet" in shown


def test_where_no_auditor_asked_that_is_said_and_is_no_answer():
    assert asked().startswith("○ nobody asked 0 audit questions")


@pytest.mark.parametrize(
    ("until", "word"),
    [
        (None, "no end"), (AS_OF, "ended"), (AS_OF + timedelta(days=30), "ends soon"),
        (AS_OF + timedelta(days=31), "in date"), (datetime(2012, 1, 1, tzinfo=UTC), "ended"),
    ],
)  # fmt: skip
def test_evidence_says_whether_it_has_ended_or_ends_soon(until, word):
    assert cards.how_it_ends(until, AS_OF).word == word


def test_evidence_is_listed_with_grade_day_and_entry():
    shown = text(cards.evidence_card(samples.flight_system(), people()))

    assert "entries of evidence" in shown
    assert "E3 observed" in shown
    assert "ledger:" in shown
