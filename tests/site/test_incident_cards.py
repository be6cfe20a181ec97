"""The cards of a post-mortem."""

from datetime import UTC, date, datetime, timedelta

import pytest

from ops_model.domain.evidence import Measured
from ops_model.domain.exposure import IncidentReview, WasItThere
from ops_model.domain.incidents import Incident
from ops_model.site import incident_cards as cards
from tests.builders import a_system
from tests.site import samples
from tests.site.pages_reader import Reader
from tests.site.samples import AS_OF, HOSTILE, people
from tests.site.test_cards import KEPT_STYLES, KEPT_TAGS

NOTICED = datetime(2013, 7, 8, 14, tzinfo=UTC)
TODAY = date(2013, 7, 22)


def an_incident(**changes):
    given = {
        "id": "storm", "title": "Late flights called on time", "severity": "sev2",
        "state": "contained", "detected_by": "customer", "detected_at": NOTICED,
        "contained_at": NOTICED + timedelta(hours=1),
        "timeline": [{"at": NOTICED, "text": "A passenger calls."}],
        "clocks": [
            {"clock": "contract_notice", "started_at": NOTICED, "owner": "clara-ng",
             "due": NOTICED + timedelta(days=1), "met_at": NOTICED + timedelta(hours=2)},
            {"clock": "post_mortem", "started_at": NOTICED, "owner": "clara-ng",
             "due": NOTICED + timedelta(days=5)},
            {"clock": "eu_tell_provider", "started_at": NOTICED, "owner": "clara-ng",
             "due": NOTICED + timedelta(days=60)},
        ],
    }  # fmt: skip
    return Incident.model_validate({**given, **changes})


def a_post_mortem(*actions, **changes):
    return {"owner": "clara-ng", "due": "2013-07-15", "actions": list(actions), **changes}


def an_action(**changes):
    return {"text": "A rule.", "owner": "ada-moreno", "due": "2013-07-20", **changes}


def decisions(**bounds):
    return Measured(value=40, unit="decisions", n=40, **bounds)


def a_review(**changes):
    given = {
        "system": "flight-delay", "as_of": AS_OF, "incident": "storm",
        "text_digest": "sha256:" + "a" * 64, "decisions": decisions(low=20, high=40, level=1.0),
        "before": (
            WasItThere(thing="owner", there=True, since=NOTICED, why="ownership.yaml"),
            WasItThere(thing="runbook", there=False, why="no runbook"),
        ),
    }  # fmt: skip
    return IncidentReview.model_validate({**given, **changes})


def text(html):
    return Reader(html).text


def every_card(incident, review):
    assessed = samples.assessment()
    system = a_system()
    return [
        cards.course_card(incident, AS_OF, people()), cards.exposure_card(review),
        cards.before_card(review), cards.actions_card(incident, assessed, TODAY, people()),
        cards.lessons_card(incident, system, assessed, people()),
        cards.incident_checks_card(assessed, people()), cards.review(review, people()),
    ]  # fmt: skip


@pytest.mark.parametrize("hostile", ["plain", *HOSTILE])
def test_a_card_uses_only_what_an_untrusted_output_may_hold(hostile):
    action = an_action(text=hostile)
    told = a_post_mortem(action, causes=[hostile], blameless=hostile, new_rules=["x"])
    incident = an_incident(
        title=hostile, remediation=hostile, version=hostile, post_mortem=told,
        timeline=[{"at": NOTICED, "text": hostile}],
    )  # fmt: skip

    for html in every_card(incident, a_review(not_counted=hostile)):
        read = Reader(html)
        styles = {part.split(":")[0] for s in read.values("style") for part in s.split(";")}
        assert read.tags <= KEPT_TAGS
        assert styles <= KEPT_STYLES


def test_the_course_says_which_states_were_reached_and_which_clocks_were_missed():
    shown = text(cards.course_card(an_incident(), AS_OF, people()))

    assert shown.startswith("✖ still open storm: Late flights called on time")
    assert "✓ reached contained · ○ not yet diagnosed" in shown
    assert "✓ met contract notice" in shown
    assert "✖ missed post mortem" in shown
    assert "○ not due yet eu tell provider" in shown


def test_a_course_without_a_timeline_says_so():
    shown = text(cards.course_card(an_incident(timeline=[], clocks=[]), AS_OF, people()))

    assert "No timeline is written." in shown


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "▲ noticed without an alarm"),
        ({"first_alert_at": NOTICED}, "✓ we knew first"),
        ({"customer_reported_at": NOTICED}, "✖ customers knew first"),
        (
            {"lead_hours": Measured(value=-2, unit="hours", n=1, no_interval="single timing")},
            "✖ customers knew first",
        ),
        (
            {"lead_hours": Measured(value=0, unit="hours", n=1, no_interval="single timing")},
            "✓ we knew first",
        ),
    ],
)
def test_who_knew_first_is_said_in_words(changes, said):
    assert text(cards.exposure_card(a_review(**changes))).startswith(said)


def test_exposure_is_a_span_where_the_onset_is_an_estimate():
    shown = text(cards.exposure_card(a_review()))

    assert "storm: it reached 20 to 40 decisions" in shown
    exact = a_review(decisions=decisions(no_interval="exact"))
    assert "storm: it reached 40 decisions" in text(cards.exposure_card(exact))


def test_what_is_not_counted_is_listed_and_is_no_zero():
    review = a_review(decisions=None, not_counted="decisions: no log; money: no amount")

    shown = text(cards.exposure_card(review))

    assert "how many decisions it reached is not known" in shown
    assert "Not counted decisions: no log money: no amount" in shown


def test_what_was_there_before_is_counted():
    shown = text(cards.before_card(a_review()))

    assert shown.startswith("✖ not there 1 of 2 stood there before it began")
    assert "✓ there before an owner ownership.yaml" in shown
    assert "✖ not there a runbook no runbook" in shown


def test_each_action_shows_its_state_and_the_check_that_proves_it():
    incident = an_incident(
        post_mortem=a_post_mortem(
            an_action(text="one", done_on="2013-07-19", proven_by="RBK-02"),
            an_action(text="two", done_on="2013-07-21", proven_by="ZZZ-99"),
            an_action(text="three"),
            an_action(text="four", due="2013-08-01"),
        )
    )

    shown = text(cards.actions_card(incident, samples.assessment(), TODAY, people()))

    assert "4 actions, 2 still open; post-mortem not held yet" in shown
    assert "✓ done one Ada Moreno, 20 Jul 2013 ✓ passed RBK-02" in shown
    assert "▲ done late two Ada Moreno, 20 Jul 2013 \u2013 not judged ZZZ-99" in shown
    assert "✖ overdue three Ada Moreno, 20 Jul 2013 ▲ no check proves it" in shown
    assert "○ not due yet four" in shown


def test_an_incident_without_a_post_mortem_is_unknown_and_says_what_to_write():
    shown = text(cards.actions_card(an_incident(), samples.assessment(), TODAY, people()))

    assert shown.startswith("? unknown No post-mortem yet")


def test_a_rule_counts_as_written_when_this_incident_taught_it_and_it_has_a_bad_example():
    system = a_system()
    rule = system.signals.rules[0]
    told = a_post_mortem(new_rules=[rule.id, "not-there"], new_scenarios=["G99"])
    taught = rule.model_copy(update={"incident": "storm"})
    signals = system.signals.model_copy(update={"rules": (taught,)})
    incident = an_incident(post_mortem=told)

    def shown(of):
        return text(cards.lessons_card(incident, of, samples.assessment(), people()))

    with_rule = shown(system.model_copy(update={"signals": signals}))
    assert f"✓ written rule {rule.id}" in with_rule
    assert "✖ owed rule not-there signals.yaml has no rule of this id" in with_rule
    begin = "ops-model drill scenario-from flight-delay storm"
    assert f"✖ owed scenario G99 nobody wrote it: {begin} begins it" in with_rule
    assert f"✖ owed rule {rule.id}" in shown(system)


def test_a_scenario_is_owed_until_it_is_written_and_a_failure_names_it():
    incident = an_incident(post_mortem=a_post_mortem(new_scenarios=["G06", "G02"]))

    # A failure of the builders' system names G06.
    shown = text(cards.lessons_card(incident, a_system(), samples.assessment(), people()))

    assert "✓ written scenario G06 rehearses a failure mode of system.yaml" in shown
    assert "✖ owed scenario G02 no failure mode of system.yaml names it under scenarios" in shown


def test_an_output_right_by_the_model_and_wrong_for_the_business_owes_a_rule():
    incident = an_incident(technically_correct=True)

    shown = text(cards.lessons_card(incident, a_system(), samples.assessment(), people()))

    assert "✖ owed a rule" in shown
