"""The slope over weeks, its interval, and how often it claims a trend where there is none."""

import numpy as np
import pytest

from ops_model.analysis.slopes import slope_per_week


def slope(values, at=None):
    return slope_per_week(list(at or range(len(values))), values, "USD")


def test_a_straight_line_has_its_slope_and_nothing_around_it():
    found = slope([3.0 + 2.0 * week for week in range(10)])

    assert (found.value, found.low, found.high) == (2.0, 2.0, 2.0)
    assert (found.n, found.unit) == (10, "USD a week")


def test_seven_weeks_say_nothing():
    found = slope([1.0, 2, 3, 4, 5, 6, 7])

    assert found.value is None
    assert found.no_interval == "too few weeks to say"


def test_one_odd_week_moves_the_slope_little():
    line = [float(week) for week in range(12)]

    # The slopes between two weeks are 1 but for the eleven with the odd one; their median is 1.
    assert slope([*line[:5], 1000.0, *line[6:]]).value == 1.0


def test_a_week_without_a_number_leaves_the_others_where_they_are():
    weeks = [0, 1, 2, 3, 6, 7, 8, 9]

    assert slope([float(2 * week) for week in weeks], at=weeks).value == 2.0


def test_a_number_that_never_changes_is_level():
    found = slope([5.0] * 12)

    assert (found.low, found.value, found.high) == (0.0, 0.0, 0.0)


def test_falling_is_rising_turned_over():
    values = [3.0, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8]
    up, down = slope(values), slope([-v for v in values])

    assert (down.value, down.low, down.high) == (-up.value, -up.high, -up.low)


@pytest.mark.parametrize("alike", [0.0, 0.3])
def test_of_weeks_that_only_vary_at_most_one_in_twenty_shows_a_trend(alike):
    draw = np.random.default_rng(11)
    claimed = 0
    for _ in range(300):
        noise = draw.normal(size=40)
        for week in range(1, 40):
            noise[week] += alike * noise[week - 1]
        found = slope(list(noise[-13:]))
        claimed += found.low > 0 or found.high < 0

    assert claimed <= 15


def test_a_cost_that_rises_by_a_twentieth_each_week_is_seen_in_a_quarter_of_a_year():
    draw = np.random.default_rng(12)
    seen = 0
    for _ in range(100):
        found = slope([100 + 5 * week + draw.normal(0, 8) for week in range(13)])
        seen += found.low > 0

    assert seen >= 90
