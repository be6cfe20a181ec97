"""What one arm has no row of counts against the challenger, and much of it decides nothing."""

import pytest

from ops_model.analysis.looks import Looks
from tests.analysis.trials import compared, results, right_or_wrong, trial, without


def repeated(first, second, times=5):
    """Each case asked so often of both arms; a score is how many of the repeats were right."""
    columns = {"case_id": [], "arm": [], "repeat": [], "score": []}
    for arm, scores in (("old", first), ("new", second)):
        for case, right in enumerate(scores):
            for repeat in range(times):
                row = (f"c{case:06d}", arm, repeat, int(repeat < right))
                for name, value in zip(columns, row, strict=True):
                    columns[name].append(value)
    return columns


def lost(columns, arm):
    """Rows of an arm that were not right, left out."""
    rows = zip(columns["arm"], columns["score"], strict=True)
    wrong = {n for n, (of, score) in enumerate(rows) if of == arm and not score}
    return without(columns, lambda n: n not in wrong)


def test_repeats_that_the_challenger_left_out_do_not_make_it_better():
    """Four of five are right, and three of five, each time; of the challenger only those three."""
    whole = repeated([3, 4, 5] * 60, [2, 3, 4] * 60)
    found = compared(lost(whole, "new"))

    assert compared(whole).verdict == "worse"
    assert found.difference.value == pytest.approx(0.2)
    assert found.verdict == "undecided"
    assert "180 cases lack repeats of new; had they gone against new" in found.faults[0]


def test_repeats_that_are_missing_are_seen_where_the_champion_was_asked_once():
    whole = repeated([1] * 180, [2, 3, 5] * 60)
    once = without(whole, lambda n: whole["arm"][n] == "new" or whole["repeat"][n] == 0)

    assert trial(once).gaps is None
    assert trial(lost(once, "new")).gaps.with_fewer() == (0, 120)


def test_hard_cases_may_be_asked_more_often_than_easy_ones():
    columns = repeated([3, 4] * 50, [4, 5] * 50)
    fewer = without(columns, lambda n: columns["case_id"][n] > "c000050" or n % 5 < 3)

    assert trial(fewer).gaps is None


def test_cases_that_the_champion_left_out_do_not_make_the_challenger_better():
    """Of 800 : 600 right answers those cases of the champion are missing that it alone got."""
    whole = results(*right_or_wrong(both=500, won=100, lost=300, neither=100))
    left = without(whole, lambda n: not 600 <= n < 900)
    found = compared(left)

    assert compared(whole).verdict == "worse"
    assert found.verdict == "undecided"
    assert "300 cases have no row of old" in found.faults[0]


def test_looking_early_lets_nothing_be_left_out():
    whole = results(*right_or_wrong(both=200, won=60, lost=40))
    left = without(whole, lambda n: not 560 <= n < 600)

    assert compared(left).verdict == "undecided"
    assert compared(left, looks=Looks(50)).verdict == "undecided"
    assert "40 cases have no row of new" in compared(left, looks=Looks(50)).faults[0]


def test_where_much_is_missing_even_a_win_that_would_stand_is_not_called():
    """Of 400 cases 40 are missing; the challenger would be far ahead without them too."""
    whole = results(*right_or_wrong(both=200, won=190, lost=10))
    few, many = (without(whole, lambda n, last=last: n < last) for last in (790, 760))

    assert compared(few).verdict == "better"
    assert compared(many).verdict == "undecided"
    assert "those are 10 % of an arm" in compared(many).faults[0]


def test_a_slice_of_which_much_is_missing_is_not_decided_though_the_whole_is():
    first, second = right_or_wrong(both=1800, won=190, lost=10)
    columns = results(first, second, task=["a"] * 1900 + ["b"] * 100)
    left = without(columns, lambda n: not 3990 <= n < 4000)
    found = compared(left, slices=("task",), margin=0.3)
    of_slice = {one.name: one for one in found.slices}

    assert (found.verdict, of_slice["task = a"].verdict) == ("better", "better")
    assert of_slice["task = b"].verdict == "undecided"
    assert "10 cases have no row of new" in of_slice["task = b"].fault


def test_less_is_better_takes_what_is_missing_for_the_most_there_is():
    seconds = results([2.0, 3.0] * 100, [1.9 + n / 1e4 for n in range(200)])
    left = without(seconds, lambda n: n < 392)

    assert compared(seconds, lower_is_better=True).verdict == "better"
    assert compared(left, lower_is_better=True).verdict == "better"
    near = results([2.0, 3.0] * 100, [2.35 + n / 1e4 for n in range(200)])
    left = without(near, lambda n: n < 392)
    assert compared(near, lower_is_better=True).verdict == "better"
    assert compared(left, lower_is_better=True).verdict == "undecided"


def test_a_stray_row_does_not_make_all_others_too_few():
    columns = results(*right_or_wrong(both=100))
    for name, value in {"case_id": "c000000", "arm": "new", "score": 1}.items():
        columns[name].append(value)
    found = trial(columns)

    assert found.uneven == 1
    assert found.gaps is None
