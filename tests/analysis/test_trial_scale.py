"""The ends of a scale, and scores that are on two."""

import numpy as np
import pytest

from ops_model.analysis.champion import compare
from ops_model.analysis.champion_rules import ComparisonRules
from ops_model.analysis.trial_results import Trial
from ops_model.analysis.trial_scale import ends_of, on_two_scales
from tests.analysis.trials import compared, results


@pytest.mark.parametrize(
    ("span", "ends"),
    [((0.7, 0.9), (0, 1)), ((1, 5), (0, 5)), ((0, 9.5), (0, 10)), ((70, 90), (0, 100)),
     ((200, 900), (200, 900)), ((-0.5, 0.5), (-0.5, 0.5))],
)  # fmt: skip
def test_scores_lie_between_the_usual_ends_or_those_that_were_seen(span, ends):
    assert ends_of(span) == ends


def near_the_top(scale):
    """A hundred pairs that lie close together: nobody saw yet what is lost whole."""
    rng = np.random.default_rng(2)
    first = 0.9 + rng.normal(0, 0.002, 100)
    second = first + rng.normal(0, 0.003, 100)
    return results((first * scale).tolist(), (second * scale).tolist())


def test_percent_and_shares_of_the_same_answers_decide_alike():
    shares = compared(near_the_top(1), margin=0.01)
    percent = compared(near_the_top(100), margin=1.0)

    assert (shares.verdict, percent.verdict) == ("undecided", "undecided")
    assert percent.cases_needed == shares.cases_needed == 268
    assert percent.no_worse_than == pytest.approx(100 * shares.no_worse_than)


def test_rare_whole_losses_are_seldom_called_no_worse_in_percent():
    """Two of a hundred cases are lost whole, so it is worse by two points; one is allowed."""
    rng, wrong = np.random.default_rng(11), 0
    for _ in range(400):
        first = rng.uniform(90, 95, 50)
        second = first - np.where(rng.random(50) < 0.02, 90.0, 0.0)
        spans = tuple((float(arm.min()), float(arm.max())) for arm in (first, second))
        tried = Trial("old", "new", first, second, binary=False, spans=spans, repeats=1)
        wrong += compare(tried, ComparisonRules(margin=1.0)).passes

    assert wrong <= 0.05 * 400


def test_shares_against_percent_decide_nothing():
    columns = results([0.7 + n / 1000 for n in range(200)], [40 + n / 10 for n in range(200)])
    found = compared(columns)

    assert found.verdict == "undecided"
    assert found.faults == (
        "the arms are hardly scored on one scale: old from 0.7 to 0.899; new from 40 to 59.9",
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [((0, 0), (1, 1)), ((0.02, 0.03), (0.8, 0.9)), ((0.5, 2), (3, 8)), ((0, 1), (1, 5))],
)
def test_one_arm_may_be_far_better_than_the_other(one, other):
    assert not on_two_scales(one, other)


def test_scores_without_a_scale_of_their_own_say_what_they_are_taken_for():
    found = compared(near_the_top(100))

    assert found.notes == (
        "the scores are taken to lie between 0 and 100, by those that were seen",
    )
