"""The cards of the deploy review."""

from datetime import date

import pytest

from ops_model.check.controls import ControlAnswer, ControlsAnswer, FrameworkAnswer
from ops_model.check.sign_off import SeatState
from ops_model.check.steps import next_steps
from ops_model.domain.decisions import Decisions, DeployReview
from ops_model.domain.frameworks import Register
from ops_model.domain.policy import Policy
from ops_model.domain.system import VersionTuple
from ops_model.domain.values import digest_of
from ops_model.site import review_cards as cards
from tests.site import samples
from tests.site.pages_reader import Reader
from tests.site.samples import AS_OF, HOSTILE, people
from tests.site.test_cards import KEPT_STYLES, KEPT_TAGS

TODAY = date(2013, 7, 22)
V1 = VersionTuple(label="v1", model_ref="v1.json", feature_spec="f", config_digest=digest_of(b"c"))
V2 = V1.model_copy(update={"label": "v2", "model_ref": "v2.json"})


def a_review(**changes):
    seats = [
        {"seat": "product", "person": "clara-ng", "questions": [
            {"question": "What if it is wrong?", "answer": "They ask the desk.",
             "answered_by": "ada-moreno", "evidence": "page 3"},
            {"question": "And at night?"},
        ]},
        {"seat": "reliability", "person": "ben-okafor"},
    ]  # fmt: skip
    return DeployReview.model_validate({"opened_at": AS_OF, "seats": seats, **changes})


def decided(review=None, **changes):
    return Decisions(rights=(), review=review or a_review(), **changes)


def a_framework(**changes):
    control = ControlAnswer(control="GOVERN 1.1", title="duties are known", support="supports",
                            why="", status="voluntary", passed=("CMP-01",))  # fmt: skip
    given = {
        "key": "nist", "title": "NIST AI 100-1", "status": "voluntary", "said": "voluntary",
        "binding": False, "historical": False, "superseded_by": None, "source": "read",
        "reviewed_on": TODAY, "review_is_old": False, "controls": (control,),
    }  # fmt: skip
    return FrameworkAnswer(**{**given, **changes})


def text(html):
    return Reader(html).text


def seats(states=(), builders=(), review=None):
    assessed = samples.assessment()
    return text(cards.seats_card(review or a_review(), states, builders, assessed, people()))


def reasons(decisions):
    return text(cards.reasons_card(decisions, samples.assessment(), TODAY, people()))


def verdict(assessed, *, would=(), policy=None):
    policy = policy or Policy()
    steps = next_steps(assessed)
    return text(cards.verdict_card(assessed, steps, would, policy, people()))


@pytest.mark.parametrize("hostile", ["plain", *HOSTILE])
def test_a_card_uses_only_what_an_untrusted_output_may_hold(hostile):
    assessed = samples.assessment()
    version = V2.model_copy(update={"model_ref": hostile, "label": hostile})
    review = a_review(
        seats=[{"seat": "product", "person": "clara-ng",
                "questions": [{"question": hostile, "answer": hostile, "evidence": hostile}]}],
        conditions=[{"id": "c", "text": hostile, "owner": "clara-ng", "due": "2013-08-01"}],
    )  # fmt: skip
    answer = ControlsAnswer(frameworks=(a_framework(title=hostile, said=hostile),), ours=())
    decisions = decided(review, business_statement=hostile)
    for html in (
        cards.version_card(version, V1), cards.seats_card(review, (), (), assessed, people()),
        cards.reasons_card(decisions, assessed, TODAY, people()),
        cards.verdict_card(assessed, next_steps(assessed), (hostile,), Policy(), people()),
        cards.controls_card(answer, assessed, people()),
        cards.decision_card(samples.flight_system(), Register(), review),
    ):  # fmt: skip
        read = Reader(html)
        styles = {part.split(":")[0] for s in read.values("style") for part in s.split(";")}
        assert read.tags <= KEPT_TAGS
        assert styles <= KEPT_STYLES


def test_a_version_shows_what_changed_what_did_not_and_what_nobody_named():
    shown = text(cards.version_card(V2, V1))

    assert shown.startswith("▲ changed v2: 1 member of 8 changed since v1")
    assert "▲ changed model v2.json v1.json" in shown
    assert "○ unchanged feature spec f" in shown
    assert "\u2013 not named prompt not named" in shown


def test_a_version_without_one_before_it_says_so():
    shown = text(cards.version_card(V2, None))

    assert shown.startswith("▲ nothing to compare with v2: no version before it is described")


def test_each_seat_says_who_may_sit_what_was_asked_and_what_is_unanswered():
    shown = seats()

    assert "2 of 3 seats are taken" in shown
    assert "product: somebody from business or product" in shown
    assert "What if it is wrong? They ask the desk. Ada Moreno, page 3" in shown
    assert "And at night? ? unknown" in shown
    assert "? unknown no question was asked" in shown
    assert "compliance: somebody from compliance or legal ✖ nobody" in shown


def test_a_builder_in_a_seat_stands_out():
    assert "Clara Ng (product) ✖ built it" in seats(builders=("clara-ng",))


@pytest.mark.parametrize(
    ("standing", "said"),
    [
        ("approved", "✓ approved"), ("missing", "○ not decided"),
        ("abstained", "\u2013 abstained"),
        ("refused", "✖ no go"), ("expired", "✖ ended"), ("void", "✖ void"),
    ],
)  # fmt: skip
def test_how_a_seat_stands_is_said_with_the_reason(standing, said):
    shown = seats(states=(SeatState("product", standing, why=("because of clara-ng",)),))

    assert f"{said} because of Clara Ng" in shown


def test_the_statement_and_conditions_are_shown_and_an_overdue_one_stands_out():
    conditions = [
        {"id": "a", "text": "A sheet.", "owner": "clara-ng", "due": "2013-07-21"},
        {"id": "b", "text": "A test.", "owner": "ada-moreno", "due": "2013-07-22"},
    ]

    shown = reasons(decided(a_review(conditions=conditions), business_statement="It helps."))

    assert "“It helps.”" in shown or "It helps." in shown
    assert "2 conditions, opened 22 Jul 2013, 08:00 UTC" in shown
    assert "✖ overdue A sheet. Clara Ng, 21 Jul 2013" in shown
    assert "○ not due yet A test. Ada Moreno, 22 Jul 2013" in shown


def test_without_a_statement_or_a_file_nobody_said_why():
    assert "? unknown nobody said it yet" in reasons(decided())
    assert reasons(None).startswith("? unknown No business statement")


def test_a_no_go_lists_what_would_change_it():
    assessed = samples.assessment(
        "flight-delay", "NOT READY", spoiled={"RBK-02": {"status": "failed", "remedy": "drill"}}
    )

    shown = verdict(assessed, would=("A version trained on the spring.",))

    assert shown.startswith("✖ NOT READY flight-delay: no go, as it stands")
    assert "■ what would change it" in shown
    assert "drill" in shown
    assert "A version trained on the spring." in shown


def test_a_waiver_is_named_with_who_answers_until_when_and_what_is_done_instead():
    waiver = {
        "check_id": "CST-01", "system": "flight-delay", "reason": "r", "starts": "2013-07-01",
        "compensating_control": "a weekly look", "accepted_by": "dev-patel",
        "expires": "2013-08-01",
    }  # fmt: skip
    waived = samples.finding("CST-01", "failed", waived=True)
    assessed = samples.assessment("flight-delay", "CONDITIONAL").model_copy(
        update={"findings": (waived,), "verdict_without_waivers": "NOT READY"}
    )

    shown = verdict(assessed, policy=Policy.model_validate({"waivers": [waiver]}))

    assert "flight-delay: a go is possible" in shown
    assert "without waivers ✖ NOT READY" in shown
    assert "Dev Patel until 1 Aug 2013, instead: a weekly look" in shown
    assert "✓ nothing stands in the way" in shown


def test_frameworks_are_counted_and_what_is_not_said_asks_for_counsel():
    answer = ControlsAnswer(frameworks=(a_framework(not_said=("sector",)),), ours=())

    shown = text(cards.controls_card(answer, samples.assessment(), people()))

    assert "1 framework may speak to this system: controls 1 supports, 0 partly supports" in shown
    assert "not said: sector; ask counsel ✓ supports 1 ▲ partly supports 0" in shown


@pytest.mark.parametrize(
    ("status", "said"), [("not_yet", "not published yet"), ("rescinded", "rescinded")]
)
def test_what_is_not_published_yet_or_history_would_support_and_is_in_no_count(status, said):
    answer = ControlsAnswer(frameworks=(a_framework(), a_framework(status=status)), ours=())

    shown = text(cards.controls_card(answer, samples.assessment(), people()))

    counted = f"controls 1 supports, 0 partly supports, 0 not covered, 1 framework {said}"
    assert counted in shown
    assert "○ would support 1 ○ would partly support 0 ○ would not be covered 0" in shown
    assert shown.count("✓ supports") == 1


def test_a_system_that_no_framework_speaks_to_says_so():
    shown = text(cards.controls_card(ControlsAnswer(frameworks=(), ours=()),
                                     samples.assessment(), people()))  # fmt: skip

    assert "No framework of the register speaks to a system of this kind and place." in shown


def test_the_decision_names_the_assessment_by_digest_for_each_seat():
    system = samples.flight_system()

    shown = text(cards.decision_card(system, Register(), a_review()))

    assert shown.count(digest_of(system.assessment)) == 2
    assert shown.count("[approve | approve with conditions | no go | abstain]") == 2
