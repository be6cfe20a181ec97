"""The cards and the figure of a weekly report, as a reader sees them."""

import pytest

from ops_model.domain.weekly import OpenFinding, OwedGap, OwedStep
from ops_model.site import weekly_cards as cards
from ops_model.site.figures import caption, figure
from ops_model.site.pages import render
from ops_model.site.told import told
from ops_model.site.weekly_figure import quality_weeks_figure, slow_figure
from ops_model.site.weekly_owed import care_card, hypercare_card, owed_card
from ops_model.site.weekly_words import change_look, since_in_short
from tests.builders import AS_OF, exact
from tests.site.pages_reader import Reader
from tests.site.samples import HOSTILE, flight_system, people, run, site_input, stated
from tests.site.test_cards import KEPT_STYLES, KEPT_TAGS
from tests.weekly_samples import (
    MIDNIGHT,
    WEEK,
    a_quality_week,
    a_report,
    a_sign,
    a_since,
    a_sum,
)


def text(html):
    return Reader(html).text


def test_the_whole_report_uses_only_what_an_untrusted_output_may_hold():
    read = Reader(cards.weekly(a_report(), people()))
    styles = {part.split(":")[0] for s in read.values("style") for part in s.split(";")}

    assert read.tags <= KEPT_TAGS
    assert styles <= KEPT_STYLES


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_stays_text(hostile):
    broken = OpenFinding(check="QLT-07", status="failed", message=hostile, remedy=hostile)
    report = a_report(
        parts=(a_sum(first=(broken,)),),
        since=a_since(signed=(hostile,), incidents=(hostile,)),
        signs=(a_sign(what=hostile),),
        steps=(OwedStep(what=hostile, owner="ada-moreno"),),
    )

    shown = cards.weekly(report, people())

    assert Reader(shown).tags <= KEPT_TAGS


def test_the_first_card_answers_works_legal_and_economic_in_its_title():
    shown = text(cards.parts_card(a_report(), people()))

    assert "This week: works failed, legal unknown, economic passed" in shown
    assert "QLT-07 quality falls since 12 Jun 2013 Ada Moreno" in shown


def test_without_a_report_before_the_card_says_so_aloud():
    shown = text(cards.since_card(a_report(since=None), people()))

    assert "There was no weekly report before this one" in shown


def test_a_report_that_is_no_week_back_is_said_to_leave_one_missing():
    shown = text(cards.since_card(a_report(since=a_since(days=21)), people()))

    assert "There was no report a week ago: this compares with the one of 21 days before" in shown


def test_what_opened_and_what_closed_are_told_apart():
    shown = text(cards.since_card(a_report(), people()))

    assert "Stands in the way now, and did not then: QLT-07" in shown
    assert "Closed since then: RBK-02" in shown


def test_spend_of_the_week_stands_beside_the_ceiling_and_the_week_before():
    over = a_report(spend=a_report().spend.model_copy(update={"now": exact(150, "USD", 168)}))

    assert "✓ within its limits spend 90.00 USD of 140.00 USD 70.00 USD" in text(
        cards.since_card(a_report(), people())
    )
    assert "✖ beyond its limits spend 150.00 USD of 140.00 USD" in text(
        cards.since_card(over, people())
    )


def test_each_sign_tells_its_slope_its_interval_its_floor_and_over_how_many_weeks():
    shown = text(cards.slow_card(a_report()))

    assert "✖ worsening Cost the cost of a week, per day 1.00 USD" in shown
    assert "95 % interval 0.50 to 1.50 USD; floor 0.20 USD" in shown
    assert "12 weeks" in shown


def test_an_auditor_who_asked_nothing_is_no_gap():
    sign = a_sign("audit_questions", weeks=0, per_week=None, why_none="no auditor has asked")

    assert "\u2013 not applicable Audit questions" in text(
        cards.slow_card(a_report(signs=(sign,)))
    )


def test_weekly_quality_stands_with_n_interval_and_limits():
    (shown,) = map(text, cards.quality_cards(a_report()))

    assert "1 week of 2 beyond the limits" in shown
    assert "70.0 % (95 % interval 68.0 to 72.0 %, n = 700)" in shown
    assert "75.0 % to 90.0 %" in shown


def test_a_live_system_without_quality_is_unknown_and_one_that_serves_nobody_is_not_asked():
    live, idle = (
        text("".join(cards.quality_cards(a_report(quality=(), live=live))))
        for live in (True, False)
    )

    assert live.startswith("? unknown")
    assert idle.startswith("\u2013 not applicable")


def test_the_first_days_say_what_is_left_and_what_is_due():
    shown = text(hypercare_card(a_report(), people()))

    assert "day 14 of 90" in shown
    assert "76 of 90 days left" in shown
    assert "by 7 Aug 2013: none yet" in shown
    assert "no day is set for it in system.yaml" in shown


def test_care_names_its_last_day_its_next_and_its_owner():
    assert "✓ passed monitoring every 1 day 22 Jul 2013 23 Jul 2013 Ada Moreno" in text(
        care_card(a_report(), people())
    )


def test_what_is_owed_names_the_next_step_its_owner_and_the_oldest_gap():
    shown = text(owed_card(a_report(), people()))

    assert "1 follow the playbook Ada Moreno QLT-07" in shown
    assert "✖ failed QLT-07 8 Jul 2013 14 28" in shown


def test_told_in_half_a_sentence():
    assert told(a_report()) == (
        "Week: works failed, legal unknown, economic passed; 1 opened, 1 closed; "
        "1 slow sign worsening"
    )


def test_the_figure_has_a_row_for_quality_and_one_for_each_sign_with_weeks():
    drawn = figure(a_report())

    assert {trace["yaxis"] for trace in drawn["data"]} == {"y", "y2", "y3"}
    assert "1 week of quality beyond the control limits" in caption(a_report())


def test_a_verdict_that_only_waivers_lifted_is_no_better_week():
    since = a_since(opened=(), closed=(), accepted=("CST-01",), verdict="NOT READY")
    lifted = a_report(verdict="CONDITIONAL", since=since)
    shown = text(cards.since_card(lifted, people()))

    assert shown.startswith("▲ only accepted Since the report of")
    assert "Newly waived or switched off, not closed: CST-01" in shown
    assert since_in_short(lifted) == (
        "NOT READY became CONDITIONAL, 1 newly waived or switched off"
    )
    mended = lifted.model_copy(update={"since": a_since(opened=(), verdict="NOT READY")})
    assert change_look(mended).word == "got better"


def test_a_week_beyond_its_limits_and_one_that_may_still_change_look_another_way():
    quality = a_report().quality[0]
    weeks = (a_quality_week(1), a_quality_week(0, 0.7, provisional=True))
    report = a_report(quality=(quality.model_copy(update={"weeks": weeks}),))

    marker = quality_weeks_figure(report)["data"][-1]["marker"]

    assert marker["symbol"] == ["circle", "circle-open"]
    assert marker["color"][0] != marker["color"][1]


def test_a_single_week_is_no_course():
    assert slow_figure(a_report(signs=(a_sign(weeks=1),))) is None


def test_a_part_in_which_something_is_waived_or_not_asked_is_no_plain_pass():
    aside = a_sum("legal", "passed", open=(), waived=1, waived_checks=("DEC-02",), off=("EVD-03",))
    off = a_sum("economic", "not_applicable", checks=0, passed=0, open=(), off=("CST-02",))
    shown = text(cards.parts_card(a_report(parts=(aside, off)), people()))

    assert "legal passed, 1 waived, 1 not asked, economic not asked" in shown
    assert "Waived: DEC-02" in shown
    assert "The policy does not ask: CST-02" in shown


def test_a_check_is_named_with_what_it_asks():
    shown = text(cards.since_card(a_report(asked={"QLT-07": "quality holds"}), people()))

    assert "QLT-07 (quality holds)" in shown


def test_every_number_of_a_week_says_when_that_week_ended():
    shown = text(cards.since_card(a_report(), people()))

    assert "to 14 Jul 2013" in shown
    assert "to 21 Jul 2013" in shown


def test_a_week_before_that_is_not_known_is_not_the_one_before_that():
    quality = a_report().quality[0]
    gap = quality.model_copy(update={"weeks": (a_quality_week(4, 0.6), a_quality_week(0))})
    shown = text(cards.since_card(a_report(quality=(gap,), spend=None), people()))

    assert "not on record to 14 Jul 2013" in shown


def test_quality_of_long_ago_is_not_within_its_limits_but_not_measured_since():
    quality = a_report().quality[0].model_copy(update={"weeks": (a_quality_week(4),)})
    (card,) = cards.quality_cards(a_report(quality=(quality,)))

    assert "? not measured since" in text(card)


def test_limits_that_nothing_can_leave_are_too_wide_to_tell():
    week = a_quality_week(low_limit=0.1, high_limit=1.0)
    quality = a_report().quality[0].model_copy(update={"weeks": (week,)})
    (card,) = cards.quality_cards(a_report(quality=(quality,)))

    assert "limits too wide to tell" in text(card)
    assert "within its limits" not in text(card)


def test_a_sign_of_long_ago_says_since_when_it_was_not_measured():
    shown = text(cards.slow_card(a_report(signs=(a_sign(until=MIDNIGHT + 3 * WEEK),))))

    assert "not measured since 21 Jul 2013" in shown


def test_a_week_in_which_a_seat_said_no_did_not_get_better():
    since = a_since(opened=(), refused=("risk",))
    shown = text(cards.since_card(a_report(since=since), people()))

    assert "a seat said no" in shown
    assert "got better" not in shown


def test_a_review_whose_day_is_over_is_overdue():
    count = a_report().hypercare.model_copy(update={"review_on": (AS_OF - WEEK).date()})
    shown = text(hypercare_card(a_report(hypercare=count), people()))

    assert "✖ overdue review was due 15 Jul 2013; nobody has signed since" in shown


def test_on_the_page_of_its_run_each_check_that_is_asked_leads_to_its_answer():
    report = a_report(
        gaps=(OwedGap(check="RBK-02", since=AS_OF, days=14, weight=28),
              OwedGap(check="ZZZ-99", since=AS_OF, days=1, weight=2)),
        steps=(OwedStep(what="follow the playbook", owner="ada-moreno", checks=("RBK-02",)),),
    )  # fmt: skip
    weekly = "07_weekly_ops_report"
    pages = render(site_input(systems=(flight_system(
        runs=(run("r-week", weekly),), statements=(stated(9, report, "r-week", weekly),),
    ),)))  # fmt: skip
    page = Reader(pages[f"runs/flight-delay/{weekly}/r-week.html"])

    answer = "systems/flight-delay/areas/rollback.html"
    assert page.values("href").count(f"../../../{answer}#RBK-02") >= 2
    assert "RBK-02" in Reader(pages[answer]).values("id")
    assert "ZZZ-99" in page.text
    assert not [href for href in page.values("href") if "ZZZ-99" in href]
