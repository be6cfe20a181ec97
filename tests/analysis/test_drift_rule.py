import numpy as np
import pytest

from ops_model.analysis.drift import measure_drift
from ops_model.analysis.drift_rule import FACTOR, FACTOR_ALONE, Question
from ops_model.analysis.plan import plan
from ops_model.analysis.profile import profile
from ops_model.analysis.window import days_between
from tests.analysis.tables import START, at, every_day, normal, table

WEEKS = 8 * 7


def question(value, **changed):
    values = {"words": "W1/sd", "floor": 0.1, "chance": 0.0, "band": 0.4, "bounded": False}
    return Question(value=value, **(values | changed))


def test_a_window_counts_once_the_one_before_passed_the_limit_too():
    limit = 0.4 * FACTOR

    assert question(limit + 0.01, before=limit + 0.01).drifted
    assert not question(limit + 0.01, before=limit - 0.01).drifted
    assert not question(limit - 0.01, before=limit + 0.01).drifted


def test_a_window_that_nothing_before_can_confirm_has_to_pass_a_larger_limit():
    between = 0.4 * (FACTOR + FACTOR_ALONE) / 2

    assert question(between, before=between).drifted
    assert not question(between).drifted
    assert question(0.4 * FACTOR_ALONE + 0.01).drifted
    assert "no window before this one can confirm it" in str(question(5.0))


def test_what_lies_far_away_beside_a_reference_that_does_so_itself_is_hidden_and_no_drift():
    far = question(1.5, band=1.3, before=1.5)

    assert far.hidden
    assert not far.drifted
    assert not question(0.9, band=0.9, before=0.9).hidden
    assert not question(1.5, band=0.4, before=1.5).hidden
    assert not question(1.5, band=0.4, before=0.1).hidden
    assert not question(1.5, band=None).hidden
    assert question(0.6, band=0.5, before=0.6, bounded=True, floor=0.02).hidden


def test_without_a_band_the_floor_decides():
    assert question(0.1, band=None).drifted
    assert not question(0.099, band=None).drifted


def test_what_few_rows_do_by_chance_is_no_drift():
    found = question(0.3, band=None, chance=0.35)

    assert not found.drifted
    assert str(found) == (
        "W1/sd 0.3 is above the floor 0.1, but so few rows differ by up to 0.35 by chance"
    )


@pytest.mark.parametrize("band", [0.3, 0.7, 0.95])
def test_a_limit_of_what_cannot_pass_one_can_be_reached(band):
    found = question(0.999, before=0.999, band=band, bounded=True)

    assert band < found.limit < 1
    assert found.drifted


def test_blocks_that_share_nothing_leave_no_verdict():
    assert question(1.0, before=1.0, band=1.0, bounded=True).hopeless
    assert not question(1.0, before=1.0, band=1.0, bounded=True).drifted


def test_the_reason_names_the_window_before():
    assert "and was one block earlier (0.9)" in str(question(0.9, before=0.9))
    assert "one block earlier it was 0.1: it counts once the next window shows it too" in str(
        question(0.9, before=0.1)
    )


def fortnight(shifts):
    """Eight weeks of reference, and one profile of the weeks after, each with its own level."""
    reference, _ = normal(WEEKS, 100)
    rng = np.random.default_rng(2)
    levels = np.repeat(shifts, 700)
    later = table(ts=every_day(7 * len(shifts), 100), x=rng.normal(levels))
    spec = plan(reference, ["x"])
    return profile(reference, spec, timestamp="ts"), profile(later, spec, timestamp="ts")


def weeks(log, first, last):
    return days_between(log, at(7 * first).date(), at(7 * last).date())


def test_a_single_odd_week_is_no_drift_and_the_second_one_is():
    reference, later = fortnight([0.0, 1.0, 1.0])

    first = measure_drift(reference, weeks(later, 1, 2), weeks(later, 0, 1))
    second = measure_drift(reference, weeks(later, 2, 3), weeks(later, 1, 2))

    assert [first.columns[0].drifted, second.columns[0].drifted] == [False, True]
    assert first.factor == second.factor == FACTOR
    assert first.columns[0].before.value < 0.2
    assert second.columns[0].before.value == pytest.approx(first.columns[0].effect.value)
    assert second.columns[0].before.complete


def test_a_window_before_without_enough_rows_confirms_nothing_and_denies_nothing():
    reference, later = fortnight([0.0, 2.0])
    thin = days_between(later, START.date(), START.date())

    found = measure_drift(reference, weeks(later, 1, 2), thin)

    assert found.factor == FACTOR_ALONE
    assert found.columns[0].drifted
    assert found.columns[0].before.value is None


def test_missing_values_have_to_be_missing_twice():
    reference, _ = normal(WEEKS, 100)
    values = np.random.default_rng(2).normal(size=1400)
    values[700::5] = np.nan
    spec = plan(reference, ["x"])
    base = profile(reference, spec, timestamp="ts")
    later = profile(table(ts=every_day(14, 100), x=values), spec, timestamp="ts")

    once = measure_drift(base, weeks(later, 1, 2), weeks(later, 0, 1)).columns[0]
    twice = measure_drift(base, weeks(later, 1, 2), weeks(later, 1, 2)).columns[0]

    assert [once.drifted, twice.drifted] == [False, True]


@pytest.mark.parametrize(
    "values",
    [
        [None] * 700,
        [np.inf, -np.inf] * 350,
        [1e308, -1e308] * 350,
    ],
    ids=["null", "infinite", "1e308"],
)
def test_a_window_without_a_finite_number_is_all_missing(values):
    reference, _ = normal(WEEKS, 100)
    spec = plan(reference, ["x"])
    now = table(ts=every_day(7, 100), x=np.array(values, dtype=float))
    sides = [profile(log, spec, timestamp="ts") for log in (reference, now)]

    found = measure_drift(*sides).columns[0]

    assert found.drifted
    assert found.null_change == 1.0
    assert found.effect.value is None


def test_an_empty_window_says_that_it_is_too_few():
    reference, _ = normal(WEEKS, 100)
    spec = plan(reference, ["x"])
    base = profile(reference, spec, timestamp="ts")
    empty = days_between(base, at(900).date(), at(901).date())

    found = measure_drift(base, empty).columns[0]

    assert not found.drifted
    assert found.reason == "too few to say: 5600 and 0 rows; expected 100 on each side"


def test_two_constants_that_differ_drifted():
    reference = table(ts=every_day(WEEKS, 100), x=[5.0] * (WEEKS * 100))
    current = table(ts=every_day(7, 100), x=[6.0] * 700)
    spec = plan(reference, ["x"])
    sides = [profile(log, spec, timestamp="ts") for log in (reference, current)]

    assert measure_drift(*sides).columns[0].tv == 1.0
    assert measure_drift(*sides).columns[0].drifted
