"""When a ceiling is crossed, by how much a day grows, and what an interval rests on."""

from datetime import date, timedelta

import numpy as np
import pytest

from ops_model.analysis.conformal import error_band, held_left_out, held_next
from ops_model.analysis.forecast import (
    Unsure,
    bands_of,
    errors,
    forecast_crossing,
)
from ops_model.analysis.growth import growth_per_day, median_slope
from tests.analysis import servegen
from tests.shared_data import shared

TODAY = date(2026, 3, 29)


def days(costs, *, until=TODAY):
    """What each of the days before `until` cost, the last of them the day before it."""
    return {until - timedelta(days=len(costs) - n): float(c) for n, c in enumerate(costs)}


def crossing(costs, ceiling=100.0, others=(), **asked):
    return forecast_crossing(
        days(costs), ceiling, today=TODAY, currency="USD", others=others, **asked
    )


def noisy(seed, length=91, *, spread=0.1, level=50.0):
    return days(level * np.exp(np.random.default_rng(seed).normal(0, spread, length)))


def test_a_straight_rise_crosses_on_the_day_that_the_line_does():
    # 41 to 68: the median of the last seven is 65; after 35 days it is 100, then above it.
    found = crossing([41 + n for n in range(28)])

    assert found.growth_per_day.value == pytest.approx(1.0)
    assert found.per_day_now.value == 65
    assert found.crosses_on == TODAY + timedelta(days=36)


def test_a_ceiling_that_a_usual_day_exceeds_already_is_crossed_today():
    assert crossing([120] * 28).crosses_on == TODAY


def test_a_flat_cost_crosses_nothing_within_the_horizon():
    found = crossing([60] * 28)

    assert (found.crosses_on, found.growth_per_day.value) == (None, 0.0)


def test_less_than_two_weeks_tell_no_growth():
    found = crossing([60] * 13)

    assert found.growth_per_day.value is None
    assert "13 whole days" in found.growth_per_day.no_interval


def test_a_day_that_is_not_known_is_left_out_and_never_nothing():
    costs = days([60.0 + n for n in range(28)])
    del costs[TODAY - timedelta(days=3)]

    growth = growth_per_day(costs, "USD")

    assert (growth.value, growth.n) == (pytest.approx(1.0), 27)


def test_where_no_day_of_the_week_is_known_nothing_is_forecast():
    old = days([60] * 28, until=TODAY - timedelta(days=8))

    found = forecast_crossing(old, 100.0, today=TODAY, currency="USD")

    assert (found.crosses_on, found.per_day_now.value) == (None, None)
    assert "none is known" in found.no_interval


def test_one_day_of_ten_times_the_cost_moves_the_growth_by_little():
    costs = [50 + n for n in range(28)]
    costs[20] *= 10

    assert median_slope(days(costs)) == pytest.approx(1.0, abs=0.3)


def test_the_shape_of_a_week_is_no_growth():
    # Cheap weekends at the end of the span would look like a fall.
    costs = [30 if n % 7 >= 5 else 60 for n in range(28)]

    assert median_slope(days(costs)) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(("alike", "length"), [(0.0, 28), (0.5, 28), (0.5, 91)])
def test_the_interval_of_the_growth_holds_it_about_as_often_as_it_says(alike, length):
    rng, held, trials = np.random.default_rng(5), 0, 200
    for _ in range(trials):
        rest = np.zeros(length)
        for n in range(length):
            rest[n] = alike * rest[n - 1] + rng.normal()
        line = 100 + 0.3 * np.arange(length) + 8 * (np.arange(length) % 7 >= 5)
        growth = growth_per_day(days(line + 3 * rest), "USD")
        held += growth.low <= 0.3 <= growth.high

    assert held / trials >= 0.9


def test_few_series_give_no_interval_and_say_so():
    found = crossing([60 + n for n in range(28)], others=[noisy(seed) for seed in range(19)])

    assert (found.earliest, found.latest) == (None, None)
    assert found.no_interval.startswith("no interval: 19 series")


def test_series_that_err_alike_bound_the_day():
    others = [noisy(seed) for seed in range(40)]

    found = crossing([72 + n for n in range(28)], others=others)

    assert found.earliest < found.crosses_on < found.latest
    assert found.no_interval is None
    assert 0.85 <= found.coverage.value <= 0.95


def test_a_crossing_beyond_what_was_tried_has_no_earliest_day_and_says_why():
    found = crossing([60] * 28, others=[noisy(seed) for seed in range(40)])

    assert found.earliest is None
    assert "28 days ahead" in found.no_interval


def test_errors_that_did_not_hold_before_are_not_shown():
    # Every series was calm until three weeks ago, and is wild since.
    wild = [
        days([*([50.0] * 77), *(50 * np.exp(np.random.default_rng(s).normal(0, 1, 14)))])
        for s in range(40)
    ]

    bands = bands_of(wild, TODAY)

    assert not bands.by_days
    assert "lay in the band" in bands.why_not


def test_a_series_that_cost_nothing_tells_no_error():
    nothing = dict.fromkeys(noisy(1), 0.0)

    assert set(errors([nothing, noisy(2)], TODAY, 7, 7)) == {1}


def test_the_band_of_nineteen_errors_is_their_smallest_and_largest_and_of_eighteen_none():
    # 20 x 0.05 = 1: the first and the last of 19.
    assert error_band(range(19)) == error_band([*range(19)])
    assert (error_band(range(19)).low, error_band(range(19)).high) == (0, 18)
    assert error_band(range(18)) is None


def test_an_error_is_judged_by_the_others_alone():
    # Of 20 errors the smallest and the largest lie outside the 19 others.
    assert held_left_out(range(20)) == (18, 20)


def test_errors_that_grew_are_seen_to_lie_outside_the_band_before():
    held, tried = held_next([0.0] * 30, [1.0] * 30)

    assert (held, tried) == (0, 30)


@pytest.fixture(scope="module")
def services():
    load = servegen.read(
        shared("servegen_arrivals_10min.parquet"), shared("servegen_tokens_by_window.parquet")
    )
    assert round(load.days().sum()) == 454_880
    return servegen.qualifying(load)


@pytest.mark.parametrize("origin", [5, 7, 10, 12])
def test_an_interval_of_90_in_100_covers_85_to_95_of_100_real_services(services, origin):
    ahead = 14 - origin
    held, tried = held_left_out(list(errors(services, servegen.day(14), ahead, ahead).values()))

    assert tried == len(services) == 49
    assert 0.85 <= held / tried <= 0.95


def test_a_band_known_before_covers_85_to_95_of_100_over_all_spans_of_real_services(services):
    all_held = all_tried = 0
    for origin, ahead in ((5, 2), (7, 3), (8, 3), (9, 4), (10, 3), (10, 4)):
        today = servegen.day(origin + ahead)
        before, after = (errors(services, today, ahead, back) for back in (2 * ahead, ahead))
        both = [place for place in before if place in after]
        held, tried = held_next([before[p] for p in both], [after[p] for p in both])
        all_held, all_tried = all_held + held, all_tried + tried

    assert 0.85 <= all_held / all_tried <= 0.95


def least(cost, *back):
    return Unsure(least={TODAY - timedelta(days=n): cost for n in back})


def without(*back, costs=(60,) * 28):
    held = days(costs)
    for n in back:
        del held[TODAY - timedelta(days=n)]
    return held


def forecast(costs, unsure, ceiling=100.0):
    return forecast_crossing(costs, ceiling, today=TODAY, currency="USD", unsure=unsure)


def test_days_of_which_the_least_is_above_the_ceiling_have_crossed_it():
    found = forecast(without(1, 2, 3, 5, 6, 7), least(840.0, 1, 2, 3, 5, 6, 7))

    assert (found.per_day_now.value, found.per_day_now.n) == (840.0, 7)
    assert found.per_day_now.no_interval == (
        "lower bound: 6 of the last 7 days hold rows without a price"
    )
    assert (found.crosses_on, found.earliest) == (TODAY, None)
    assert found.no_interval.startswith("no interval: what a day costs now is a lower bound")


def test_where_most_of_the_week_has_rows_without_a_price_a_usual_day_is_a_lower_bound():
    found = forecast(without(1, 2, 3, 4), least(5.0, 1, 2, 3, 4))

    assert found.per_day_now.value == 60  # three known days
    assert found.per_day_now.no_interval.startswith("lower bound: 4 of the last 7 days")


def test_one_day_with_rows_without_a_price_leaves_a_usual_day_as_it_is():
    found = forecast(without(2), least(5.0, 2))

    assert (found.per_day_now.n, found.per_day_now.no_interval) == (6, "the median of the days")


def test_only_the_known_days_of_the_last_week_are_counted():
    assert forecast(without(1, 2, 3), None).per_day_now.n == 4


@pytest.mark.parametrize(("beside", "doubtful"), [(420.0, True), (1.0, False)])
def test_rows_that_name_no_provider_make_a_lower_bound_where_they_could_cross_it(beside, doubtful):
    unsure = Unsure(nameless=days([beside] * 28), rows=147)
    now = forecast(days([60.0] * 28), unsure).per_day_now

    assert (now.value, now.no_interval.startswith("lower bound: 147 rows of")) == (60.0, doubtful)
    assert ("with them it is 480.00" in now.no_interval) is doubtful


def test_rows_that_say_no_instant_are_told_beside_a_usual_day():
    now = forecast(days([60.0] * 28), Unsure(undated=4)).per_day_now

    assert now.no_interval == (
        "the median of the days; 4 rows say no instant, and may be of any day"
    )
