"""The week of every system on one page, for whoever answers for all of them."""

from datetime import timedelta

import pytest

from ops_model.domain.awaited import Awaited
from ops_model.domain.evidence import Grade
from ops_model.domain.schedules import Slot
from ops_model.site.build import GradedStatement
from ops_model.site.fleet_page import fleet
from ops_model.site.pages import render
from tests.builders import AS_OF, a_statement, a_system, exact
from tests.site.pages_reader import Reader
from tests.site.whole import input_of, whole
from tests.weekly_samples import WEEK, a_report, a_sign, a_since

CALM = {"since": a_since(opened=(), closed=()), "signs": (), "hypercare": None}


def reported(system_id="flight-delay", *, grade=Grade.OBSERVED, at=AS_OF, base=None, **changes):
    """A system with a weekly report."""
    claims = a_system(system_id, identity={"name": system_id.capitalize()})
    system = base or whole([], system=claims)
    report = a_report(system=system_id, as_of=at, **{**CALM, **changes})
    statement = a_statement(report, 99)
    return type(system)(
        claims=system.claims, assessment=system.assessment,
        statements=(GradedStatement(statement, grade),),
    )  # fmt: skip


def due(system_id, by):
    return {system_id: Awaited(Slot(by - WEEK, system_id, "07_weekly_ops_report"), by)}


def answer(*systems, **more):
    return fleet(input_of(*systems, **more))["answer"]


def rows(*systems, **more):
    return fleet(input_of(*systems, **more))["rows"]


def test_the_first_sentence_says_who_reported_what_got_worse_and_who_is_needed_today():
    worse = reported("delays", since=a_since(opened=("QLT-07",)))

    assert answer(reported("refunds"), worse) == (
        "2 of 2 systems that serve users reported this week; 1 got worse; 1 needs somebody "
        "today: Delays."
    )


def test_a_quiet_week_needs_nobody_today():
    assert answer(reported()).endswith("0 got worse; none needs somebody today.")


def test_a_report_of_two_weeks_ago_is_not_of_this_week():
    row = rows(reported(at=AS_OF - 2 * WEEK))[0]

    assert (row["look"].word, row["why"]) == ("today", "no report of this week")


def test_a_report_that_a_notebook_of_ones_own_printed_does_not_count():
    row = rows(reported(grade=Grade.DECLARED))[0]

    assert (row["report"], row["why"]) == ("", "no report of this week")


def test_an_overdue_report_is_said_and_so_is_until_when_it_was_due():
    row = rows(reported(), due=due("flight-delay", AS_OF - timedelta(hours=1)))[0]

    assert row["why"] == "its report is overdue"
    assert row["overdue"].word == "overdue"
    assert row["next"] == "next by 22 Jul 2013, 07:00 UTC"


def test_a_week_that_cost_more_than_its_ceiling_needs_somebody_today():
    over = a_report().spend.model_copy(update={"now": exact(150, "USD", 168)})
    row = rows(reported(spend=over))[0]

    assert row["why"] == "spent more than its ceiling"
    assert row["over"]


def test_a_slow_sign_is_for_this_week_and_not_for_today():
    ready = reported(signs=(a_sign(),))
    row = rows(ready)[0]

    assert row["look"].word == "this week"
    assert "cost worsens" in row["why"]
    assert row["slow"] == "cost"


def test_the_worst_stands_first_and_who_serves_nobody_last():
    pilot = whole([], system=a_system("pilot", identity={"name": "Pilot", "stage_history": []}))
    worse = reported("delays", since=a_since(opened=("QLT-07",)))

    found = rows(pilot, reported("refunds"), worse)

    assert [row["name"] for row in found] == ["Delays", "Refunds", "Pilot"]
    assert found[-1]["look"].word == "serves nobody"


def test_many_who_need_somebody_are_named_as_far_as_one_can_read():
    base = reported()
    many = [reported(f"s{n}", base=base, since=a_since(opened=("QLT-07",))) for n in range(9)]

    assert answer(*many).endswith("and 4 more.")


def test_without_a_system_there_is_no_page_and_no_way_to_one():
    pages = render(input_of())

    assert "fleet.html" not in pages
    assert "fleet.html" not in pages["index.html"]


@pytest.fixture(scope="module")
def page():
    return render(input_of(reported("refunds", hypercare=a_report().hypercare)))


def test_the_page_needs_no_script_and_is_linked_from_the_first(page):
    assert "<script" not in page["fleet.html"]
    assert 'href="fleet.html"' in page["index.html"]


def test_the_page_says_the_three_answers_by_sign_and_name(page):
    shown = Reader(page["fleet.html"]).text

    assert "✖ works" in shown
    assert "76 of 90 days left" in shown
    assert "90.00 USD of 140.00 USD" in shown


def test_500_systems_stay_small(page):
    base = reported()
    pages = input_of(*(reported(f"s{n}", base=base) for n in range(500)))

    from ops_model.site.pages import each_page

    text = next(one for one in each_page(pages) if one.path == "fleet.html").text()

    assert len(text) < 700_000
