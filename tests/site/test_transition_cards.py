"""The cards of handoff and transition."""

from datetime import date

import pytest

from ops_model.domain.ownership import Handoff, HandoffItem, PartnershipReview, TransitionPlan
from ops_model.domain.transition import HandoffState, Leaver, MonthShare, Skills
from ops_model.site.cards import card
from ops_model.site.transition_cards import (
    handoffs_card,
    ladder_card,
    no_transition_card,
    partnership_card,
    skills_card,
)
from tests.site import samples
from tests.site.pages_reader import Reader
from tests.site.samples import AS_OF, HOSTILE, people
from tests.site.test_cards import KEPT_TAGS

TODAY = date(2013, 7, 22)
HANDOFF = Handoff(
    id="summer", outgoing="ada-moreno", incoming="ben-okafor", effective=TODAY,
    items=(HandoffItem(topic="purpose", evidence="said back on 15 July"),),
)  # fmt: skip


def judged(*findings):
    return samples.assessment().model_copy(update={"findings": findings})


def a_state(**changes):
    fields = {
        "handoff": HANDOFF, "missing": ("runbook",), "accepted": {"ada-moreno": AS_OF},
        "to_accept": ("ben-okafor",), "drilled_at": None,
    }  # fmt: skip
    return HandoffState(**{**fields, **changes})


def handed(*states, leaving=(), findings=()):
    return Reader(handoffs_card(states, leaving, judged(*findings), people())).text


def test_an_open_handoff_shows_what_is_missing_and_who_has_not_accepted():
    text = handed(a_state())

    assert text.startswith("✖ still open 1 handoff, 1 still open")
    assert "✓ handed over purpose said back on 15 July" in text
    assert "✖ missing runbook nothing shows it" in text
    assert "✓ accepted Ada Moreno 22 Jul 2013, 08:00 UTC" in text
    assert "✖ still open Ben Okafor has not accepted it" in text
    assert "✖ still open rollback drill Ben Okafor has led none that passed" in text


def test_a_complete_handoff_has_nothing_open():
    text = handed(a_state(missing=(), to_accept=(), drilled_at=AS_OF))

    assert text.startswith("✓ nothing open 1 handoff, 0 still open")
    assert "✓ passed rollback drill led by Ben Okafor, 22 Jul 2013, 08:00 UTC" in text


def test_a_drill_after_the_day_is_said_to_be_late():
    early = HANDOFF.model_copy(update={"effective": date(2013, 7, 1)})

    assert "after it took effect" in handed(a_state(handoff=early, drilled_at=AS_OF))


def test_who_leaves_without_a_handoff_makes_the_card_red():
    leaving = (Leaver("dev-patel", date(2013, 8, 31)), Leaver("ada-moreno", date(2013, 9, 1), "s"))

    text = handed(leaving=leaving)

    assert text.startswith("✖ still open No handoff is written down in ownership.yaml")
    assert "✖ missing Dev Patel , 31 Aug 2013: no handoff is written down" in text
    assert "▲ leaves soon Ada Moreno , 1 Sep 2013: handoff s" in text


def test_what_the_catalogue_says_of_the_handoff_colours_the_card():
    finding = samples.finding("TRN-01", "unknown", reason="missing", remedy="accept it")

    text = handed(findings=(finding,))

    assert text.startswith("? unknown No handoff is written down")
    assert "TRN-01" in text


def test_a_duty_shows_now_and_next_and_how_its_checks_stand():
    drifted = samples.finding("DRF-02", "failed", remedy="retrain")

    text = Reader(ladder_card(samples.transition(), judged(drifted), people())).text

    assert text.startswith("✓ no step back 1 of 2 duties led by our own people")
    assert "monitoring led by our own people \u2013 not judged RBK-02 no further step" in text
    assert "feeding shared led by our own people from 1 Sep 2013 ✖ failed DRF-02" in text


def test_the_record_alone_names_the_checks_without_a_state():
    text = Reader(card(samples.transition(), people())).text

    assert "monitoring led by our own people asks for RBK-02 no further step" in text
    assert "not judged" not in text


def test_the_course_of_six_months_is_a_picture_and_a_table_with_n():
    read = Reader(card(samples.transition(), people()))

    assert "May 2013 100 % (2 of 2 duties, exact)" in read.text
    assert any("duties led by our own people, 6 months: 50.0 % to 100 %" in alt
               for alt in read.values("alt"))  # fmt: skip


@pytest.mark.parametrize(
    ("exception", "look"),
    [(None, "✖ a step back without a reason"), ("illness", "▲ a step back, explained")],
)
def test_a_step_back_is_red_unless_it_is_explained(exception, look):
    record = samples.transition(exception=exception, stepped_back_on=(date(2013, 6, 1),))

    text = Reader(ladder_card(record, judged(), people())).text

    assert text.startswith(look)
    assert "Steps back feeding on 1 Jun 2013" in text


def test_a_system_that_no_partner_runs_says_so():
    text = Reader(no_transition_card(judged(), people())).text

    assert text.startswith("\u2013 no partner No partner There is no transition in ownership.yaml")


def reviewed(*reviews):
    plan = TransitionPlan(partner_team="harbor", ladders=(), reviews=reviews)
    return Reader(partnership_card(plan, judged(), TODAY, people())).text


def test_a_review_is_decided_due_or_overdue():
    text = reviewed(
        PartnershipReview(due="2013-05-31", decision="shrink", value_evidence="fewer hours"),
        PartnershipReview(due="2013-07-21"),
        PartnershipReview(due="2013-07-22"),
    )

    assert text.startswith("✖ overdue 3 reviews of the partnership, 1 overdue")
    assert "✓ decided 31 May 2013 shrink the partnership fewer hours" in text
    assert "✖ overdue 21 Jul 2013 no decision yet" in text
    assert "○ not due yet 22 Jul 2013" in text


def test_a_partnership_that_nobody_will_review_is_unknown():
    assert reviewed().startswith("? unknown 0 reviews of the partnership, 0 overdue No review")


def drills(*by_month):
    return [
        MonthShare(month=date(2013, month, 1), share=samples.exact(value, "share", n))
        for month, value, n in by_month
    ]


def able(drilled=(), **own):
    every = {"ml": (), "systems": (), "security": (), "business_ops": ()} | own
    skills = Skills(own=every, partner=dict.fromkeys(every, ()) | {"security": ("dev-patel",)})
    return Reader(skills_card(skills, drilled, judged(), people())).text


def test_a_discipline_of_one_person_or_nobody_is_named():
    text = able(ml=("ada-moreno", "ben-okafor"))

    assert text.startswith("✖ not covered 1 of 4 disciplines have two people")
    assert "✓ covered machine learning Ada Moreno, Ben Okafor nobody" in text
    assert "✖ nobody systems nobody nobody" in text
    assert "▲ one person only security nobody Dev Patel" in text


def test_few_drills_are_too_few_to_say():
    text = able(drills((6, 1.0, 2), (7, 0.5, 4)))

    assert "? too few to say 6 drills with a named performer in 2 months" in text
    assert "Jul 2013 50.0 % (2 of 4 drills, exact)" in text


def test_enough_drills_say_where_dependence_goes():
    text = able(drills((5, 0.25, 4), (6, 1.0, 1), (7, 0.75, 4)))

    assert "From 25.0 % in May 2013 to 75.0 % in Jul 2013; 9 drills in all." in text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text):
    item = HandoffItem.model_construct(topic="purpose", evidence=text)
    handoff = HANDOFF.model_copy(update={"items": (item,), "id": text})
    record = samples.transition(exception=text)
    review = PartnershipReview.model_construct(due=TODAY, value_evidence=text, decision=None)
    plan = TransitionPlan.model_construct(partner_team=text, ladders=(), reviews=(review,))
    states = [a_state(handoff=handoff, to_accept=(text,))]

    for html in (
        handoffs_card(states, (Leaver(text, TODAY, text),), judged(), people()),
        ladder_card(record, judged(), people()),
        partnership_card(plan, judged(), TODAY, people()),
        skills_card(Skills(own={"ml": (text,)}, partner={"ml": (text,)}), (), judged(), people()),
    ):
        read = Reader(html)
        assert read.tags <= KEPT_TAGS
        assert "\u202e" not in read.text
