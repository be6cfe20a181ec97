"""Card, figure and caption of a trial, of a rehearsed exchange, and of a rollout."""

import pytest

from ops_model.domain.evidence import Measured
from ops_model.domain.people import People
from ops_model.domain.trials import SliceResult
from ops_model.site.cards import card
from ops_model.site.challenger_cards import plan_card, trial_cost_card
from ops_model.site.figures import caption, figure
from ops_model.site.runs import run_look
from ops_model.site.site_input import SiteRuns
from tests.builders import PEOPLE, a_spend, a_system, exact
from tests.shown_running import a_challenger, a_swap
from tests.site.samples import run, stated

_PEOPLE = People.model_validate(PEOPLE)


def share(value, low, high, n=2000):
    return Measured(value=value, unit="share", n=n, low=low, high=high)


WORSE = SliceResult(name="origin = LGA", difference=share(-0.05, -0.08, -0.02), verdict="worse")
ODD = SliceResult(
    name="origin = JFK", difference=share(0.2, 0.15, 0.25), verdict="undecided",
    fault="no cheaper model wins by so much",
)  # fmt: skip
GOOD = SliceResult(name="origin = EWR", difference=share(0.03, 0.01, 0.05), verdict="better")


def shown(**changes):
    return card(a_challenger(a_system(), **changes), _PEOPLE)


def test_the_card_says_difference_interval_and_margin_in_one_sentence():
    html = shown(no_worse_than=-0.004)

    assert "A difference of +1.0 points" in html
    assert "on 2,000 cases" in html
    assert "it may be up to 0.4 points worse, and less than 1.0 points are allowed" in html


def test_an_undecided_trial_says_how_many_more_cases_it_takes():
    html = shown(verdict="undecided", cases_needed=3500)

    assert "? undecided" in html
    assert "it takes 1,500 more cases to decide" in html


def test_a_trial_without_a_margin_says_that_nothing_counts_as_no_worse():
    assert "no margin was written, so nothing counts as no worse" in shown(margin=None)


def test_what_makes_the_results_doubtful_stands_above_the_numbers():
    html = shown(verdict="undecided", faults=("two judges: a (1,000), b (1,000)",))

    assert html.index("The results cannot decide") < html.index("cases that flip")


def test_slices_that_cannot_be_right_and_those_that_are_worse_come_first():
    html = shown(slices=(GOOD, WORSE, ODD))

    places = [html.index(name) for name in ("= JFK", "= LGA", "= EWR")]
    assert places == sorted(places)
    assert "no cheaper model wins by so much" in html


def test_cost_and_time_stand_beside_the_verdict():
    html = shown(champion_seconds=exact(1.0, "s", 2000), challenger_seconds=exact(0.4, "s", 2000))

    assert "a case costs so many times as much" in html
    assert "a case takes, challenger" in html


def test_the_figure_draws_all_cases_and_each_slice_against_the_margin():
    record = a_challenger(a_system(), slices=(GOOD, WORSE))
    drawn = figure(record)

    (points,) = drawn["data"]
    assert list(points["x"]) == [1.0, -5.0, 3.0]
    assert [round(x, 6) for x in points["error_x"]["arrayminus"]] == [1.0, 3.0, 2.0]
    assert [shape["x0"] for shape in drawn["layout"]["shapes"]] == [0.0, -1.0]
    assert drawn["layout"]["annotations"][0]["text"].strip() == "margin"


def test_the_caption_names_the_slices_that_are_worse():
    said = caption(a_challenger(a_system(), slices=(GOOD, WORSE)))

    assert "Slices that are worse: origin = LGA." in said
    assert "the margin, 1.0 points worse" in said


def test_the_plan_says_that_production_is_no_place_for_a_trial():
    system = a_system()
    request = system.change.requests[0]
    live = request.challenger.model_copy(update={"environment": "production"})

    assert "✖ in production" in plan_card(request, live, _PEOPLE)
    assert "2,000, each asked once" in plan_card(request, request.challenger, _PEOPLE)


def test_what_a_trial_costs_is_told_by_purpose():
    spent = a_spend(
        a_system(), by_purpose={"prod": exact(40, "USD"), "challenger": exact(3, "USD")}
    )
    none = a_spend(a_system(), by_purpose={"prod": exact(40, "USD")})

    assert "3.00 USD" in trial_cost_card(spent)
    assert "No usage log holds a request of a trial" in trial_cost_card(none)


def test_the_card_of_an_exchange_says_who_was_lost_and_whether_it_went_back():
    html = card(a_swap(a_system(), requests=40, lost=3, lost_after=1, returned=False), _PEOPLE)

    assert "large-2013-01 for large-2013-06" in html
    assert "3 got neither an answer nor a notice, 1 of them after" in html


def test_an_exchange_that_never_came_is_called_so():
    never = Measured(value=None, unit="s", n=0, no_interval="single timing")

    assert ">never<" in card(a_swap(a_system(), seconds=never, passed=False), _PEOPLE)


@pytest.mark.parametrize(("passed", "word"), [(True, "passed"), (False, "failed")])
def test_the_run_of_an_exchange_says_in_a_word_how_it_went(passed, word):
    ran = run("r-swap", "10_champion_challenger")
    told = stated(7, a_swap(a_system(), passed=passed), "r-swap", "10_champion_challenger")

    assert run_look(SiteRuns("flight-delay", "Flight delay", (told,)), ran).word == word
