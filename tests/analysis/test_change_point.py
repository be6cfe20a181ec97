import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_model.analysis.change_point import (
    Cusum,
    alarm,
    calibrated_cusum,
    days_to_alarm,
    draw_days,
)
from ops_model.analysis.spread import (
    Spread,
    control_limits,
    detectable_shift,
    minimum_detectable_drop,
    spread_of,
    wilson,
)


def days(*numbers):
    return np.array(numbers, np.int64)


def test_wilson_by_hand():
    # 81 of 100: Wilson gives 0.7222 to 0.8749 (Newcombe 1998, method 3, same formula).
    low, high = wilson(81, 100)

    assert (low, high) == (pytest.approx(0.7222, abs=1e-4), pytest.approx(0.8749, abs=1e-4))


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_wilson_holds_the_share_and_stays_a_share(n, part):
    right = round(n * part)

    low, high = wilson(right, n)

    assert 0.0 <= low <= right / n + 1e-12
    assert right / n - 1e-12 <= high <= 1.0


def test_days_alike_vary_no_more_than_a_coin():
    spread = spread_of(days(80, 80, 80, 80), days(100, 100, 100, 100))

    assert (spread.value, spread.n, spread.days) == (0.8, 400, 4)
    assert spread.overdispersion == 0.0
    assert spread.standard_error == pytest.approx(np.sqrt(0.16 / 400))


def test_days_that_differ_widen_the_standard_error():
    # Shares 0.6 and 1.0 of 100 rows each: residuals -20 and 20, so sqrt(800 x 2 / 1) / 200 = 0.2.
    spread = spread_of(days(60, 100), days(100, 100))

    assert spread.standard_error == pytest.approx(0.2)
    # Pearson: 2 x 400 / (100 x 0.16) / 1 = 50; (50 - 1) / (100 - 1).
    assert spread.overdispersion == pytest.approx(49 / 99)


def test_a_day_without_a_label_is_no_day():
    assert spread_of(days(8, 0, 9), days(10, 0, 10)).days == 2


def test_one_day_has_no_standard_error():
    assert spread_of(days(8), days(10)).standard_error is None


def test_no_label_at_all_is_refused():
    with pytest.raises(ValueError, match="no day"):
        spread_of(days(0), days(0))


def test_the_design_effect_grows_with_the_rows_of_a_day():
    spread = Spread(0.8, 1000, 10, 0.01, None)

    assert spread.design_effect(1) == 1.0
    assert spread.design_effect(101) == pytest.approx(2.0)


def test_the_overdispersion_of_drawn_days_is_found_again():
    rng = np.random.default_rng(1)
    n = np.full(3000, 400)

    spread = spread_of(draw_days(rng, n, 0.83, 0.004), n)

    assert spread.overdispersion == pytest.approx(0.004, rel=0.15)


@pytest.mark.parametrize(("rows", "points"), [(500, 6.3), (1000, 4.4), (2000, 3.1), (4562, 2.0)])
def test_the_smallest_drop_seen_between_two_windows_of_equal_size(rows, points):
    drop = minimum_detectable_drop(0.83, rows, rows)

    assert drop * 100 == pytest.approx(points, abs=0.05)


def test_two_thousand_rows_see_two_points_below_a_fixed_baseline():
    # The published 2,247 rows find 83 to 81 against a baseline known exactly.
    assert minimum_detectable_drop(0.83, 2247, 1e12) == pytest.approx(0.02, abs=2e-4)


def test_so_few_rows_see_no_drop_at_all():
    assert minimum_detectable_drop(0.5, 2, 2) is None
    assert minimum_detectable_drop(0.5, 0, 100) is None


def test_the_sum_of_evidence_by_hand():
    # Each wrong row adds ln(0.5 / 0.4) = 0.22314, each right one ln(0.5 / 0.6) = -0.18232.
    cusum = Cusum(before=0.6, after=0.5, limit=1.0)

    path = cusum.path(days(0, 10, 0), days(2, 10, 1))

    assert path.tolist() == pytest.approx([0.44629, 0.0, 0.22314], abs=1e-5)


def test_an_alarm_names_its_day_and_where_the_climb_began():
    assert alarm(np.array([0.0, 1.0, 0.0, 2.0, 4.0, 6.0]), 5.0) == (5, 3)
    assert alarm(np.array([1.0, 6.0]), 5.0) == (1, 0)
    assert alarm(np.array([1.0, 2.0]), 5.0) == (None, None)


def test_a_perfect_reference_can_still_be_watched():
    cusum = calibrated_cusum(Spread(1.0, 1000, 20, 0.0, 0.0), [50], drop=0.02)

    assert 0 < cusum.after < cusum.before < 1
    assert alarm(cusum.path(days(40, 40), days(50, 50)), cusum.limit)[0] == 0


def test_equal_input_gives_an_equal_limit():
    spread = Spread(0.83, 5000, 10, 0.001, None)

    one, other = (calibrated_cusum(spread, [500], drop=0.02) for _ in range(2))

    assert one == other


@pytest.mark.parametrize(
    ("rows", "limit", "median", "p90"),
    [(100, 4.27, 24, 50), (500, 5.20, 7, 13), (2000, 5.23, 2, 4)],
)
def test_a_fall_from_83_to_81_is_found_as_fast_as_published(rows, limit, median, p90):
    spread = Spread(0.83, rows * 60, 60, 0.0, None)
    cusum = calibrated_cusum(spread, [rows], drop=0.02)
    n = np.full((4000, 300), rows)

    path = cusum.path(draw_days(np.random.default_rng(1), n, 0.81, 0.0), n)

    first = (path > cusum.limit).argmax(axis=1) + 1
    assert cusum.limit == pytest.approx(limit, abs=0.25)
    assert np.median(first) == pytest.approx(median, abs=1)
    assert np.quantile(first, 0.9) == pytest.approx(p90, abs=2)
    assert cusum.false_alarms_per_year == pytest.approx(0.37, abs=0.01)  # -ln(1 - 0.31)


def test_days_that_vary_by_one_point_do_not_cry_wolf():
    # One point of extra standard deviation between days: rho = 0.01^2 / (0.83 x 0.17).
    rho = 0.01**2 / (0.83 * 0.17)
    n = np.full((4000, 365), 500)
    right = draw_days(np.random.default_rng(2), n, 0.83, rho)

    chances = [
        (cusum.path(right, n).max(axis=1) > cusum.limit).mean()
        for overdispersion in (rho, 0.0)
        for cusum in [calibrated_cusum(Spread(0.83, 30_000, 60, overdispersion, None), [500],
                                       drop=0.02)]
    ]  # fmt: skip

    assert chances[0] == pytest.approx(0.31, abs=0.05)
    assert chances[1] == pytest.approx(0.73, abs=0.05)  # without the guard


def test_a_baseline_known_only_roughly_does_not_cry_wolf_either():
    # The share really is what 30 days of 100 rows made of it; each year has another one.
    rng = np.random.default_rng(3)
    n = np.full((2000, 365), 100)
    error = float(np.sqrt(0.83 * 0.17 / 3000))
    right = draw_days(rng, n, rng.normal(0.83, error, size=(2000, 1)), 0.0)

    chances = [
        (cusum.path(right, n).max(axis=1) > cusum.limit).mean()
        for known_to in (error, None)
        for cusum in [calibrated_cusum(Spread(0.83, 3000, 30, 0.0, known_to), [100], drop=0.02)]
    ]

    # It cannot know that these days vary no more than a coin, so it errs on the quiet side.
    assert 0.15 <= chances[0] <= 0.36
    assert chances[1] > 0.36  # as if the baseline were known exactly


def test_how_soon_a_fall_from_83_to_81_is_seen_is_what_the_alarm_takes():
    spread = Spread(0.83, 500 * 60, 60, 0.0, None)
    cusum = calibrated_cusum(spread, [500], drop=0.02)

    taken = days_to_alarm(cusum, spread, [500], drop=0.02)

    assert np.median(taken) <= 7
    assert np.quantile(taken, 0.9) <= 13


def test_a_fall_that_a_year_does_not_show_takes_for_ever():
    spread = Spread(0.83, 300, 60, 0.9, 0.02)
    cusum = calibrated_cusum(spread, [5], drop=0.0001)

    assert np.isinf(np.median(days_to_alarm(cusum, spread, [5], drop=0.0001)))


def a_mean(days=60, per_day=200, *, between=0.1, seed=1, value=4.0):
    """Days of a score with sd 1 within a day and `between` from day to day, as counted."""
    rng = np.random.default_rng(seed)
    at = rng.normal(value, between, days)[:, None]
    scores = rng.normal(at, 1.0, (days, per_day))
    n = np.full(days, per_day)
    return scores.sum(axis=1), n, scores.var(axis=1) * per_day


def test_the_spread_of_a_mean_tells_days_from_rows():
    total, n, within = a_mean(days=4000, between=0.1)

    spread = spread_of(total, n, within)

    # Variances 0.01 between and 1 within: a row has 1.01, of which a day shares 0.0099.
    assert spread.variance == pytest.approx(1.01, rel=0.02)
    assert spread.overdispersion == pytest.approx(0.0099, rel=0.15)
    assert spread.day_variance(np.array([200]))[0] == pytest.approx(0.01 + 1 / 200, rel=0.1)


def test_the_spread_of_two_days_of_a_mean_by_hand():
    # Days 1, 3 and 5, 7: means 2 and 6, within 2 + 2; between (2 x 4 + 2 x 4) / 1 = 16.
    spread = spread_of(np.array([4.0, 12.0]), days(2, 2), np.array([2.0, 2.0]))

    assert spread.value == 4.0
    # Within 4 / (4 - 2) = 2; shared (16 - 2) / 2 = 7; a row 9.
    assert spread.variance == pytest.approx(9.0)
    assert spread.overdispersion == pytest.approx(7 / 9)
    # Residuals of -4 and 4: sqrt(32 x 2 / 1) / 4 = 2.
    assert spread.standard_error == pytest.approx(2.0)


def test_days_of_one_row_leave_nothing_to_share():
    spread = spread_of(np.array([1.0, 3.0]), days(1, 1), np.array([0.0, 0.0]))

    assert (spread.variance, spread.overdispersion) == (2.0, 0.0)


@pytest.mark.parametrize("better", ["higher", "lower"])
def test_the_alarm_of_a_mean_is_false_as_often_as_it_says(better):
    spread = spread_of(*a_mean())
    cusum = calibrated_cusum(spread, [200], drop=0.1, better=better)
    rng = np.random.default_rng(9)
    n = np.full((4000, 365), 200)
    error = np.sqrt(spread.day_variance(n[0]))
    # Each year really lies where a baseline of 60 days may have missed it.
    really = rng.normal(spread.value, spread.standard_error, size=(4000, 1))
    total = (really + error * rng.standard_normal(n.shape)) * n

    chance = (cusum.path(total, n).max(axis=1) > cusum.limit).mean()

    assert chance == pytest.approx(0.31, abs=0.05)


def test_a_mean_that_gets_worse_by_rising_alarms_when_it_rises():
    spread = spread_of(*a_mean())
    cusum = calibrated_cusum(spread, [200], drop=0.2, better="lower")
    n = np.full(40, 200)

    up, down = (alarm(cusum.path(n * level, n), cusum.limit)[0] for level in (4.4, 3.6))

    assert up is not None
    assert down is None


def test_a_day_without_a_row_moves_no_sum():
    spread = spread_of(*a_mean())
    cusum = calibrated_cusum(spread, [200, 0], drop=0.2)

    path = cusum.path(np.array([3.0 * 200, 0.0, 3.0 * 200]), days(200, 0, 200))

    assert path[0] == path[1] < path[2]


def test_scores_that_never_differed_alarm_at_any_move():
    spread = spread_of(np.full(20, 400.0), np.full(20, 100), np.zeros(20))
    cusum = calibrated_cusum(spread, [100], drop=0.1)

    same, worse = (alarm(cusum.path(n * days(100, 100), days(100, 100)), cusum.limit)[0]
                   for n in (4.0, 3.9))  # fmt: skip

    assert (same, worse) == (None, 0)


@pytest.mark.parametrize(("rows", "rho"), [(40, 0.0), (500, 0.0), (500, 0.0007), (5000, 0.0007)])
def test_three_unchanged_days_in_a_thousand_lie_beyond_the_control_limits(rows, rho):
    spread = Spread(0.83, 30_000, 60, rho, None)
    low, high = control_limits(spread, np.array([rows]))
    right = draw_days(np.random.default_rng(4), np.full(400_000, rows), 0.83, rho) / rows

    beyond = ((right < low[0]) | (right > high[0])).mean()

    # Whole rows cannot give exactly three in a thousand; never more, and not far less.
    assert 0.0009 <= beyond <= 0.0034


def test_the_control_limits_of_a_mean_are_those_of_its_days():
    spread = spread_of(*a_mean(days=2000))

    low, high = control_limits(spread, days(200, 0))

    # 2.968 standard deviations of a day: sqrt(0.01 + 1 / 200) = 0.1225.
    assert high[0] - spread.value == pytest.approx(2.968 * 0.1225, rel=0.05)
    assert np.isnan(low[1])


def test_a_day_of_more_rows_has_narrower_limits():
    low, high = control_limits(Spread(0.83, 30_000, 60, 0.0, None), days(50, 500))

    assert high[0] - low[0] > 2.5 * (high[1] - low[1])


def test_the_smallest_shift_of_a_mean_by_hand():
    # (1.64485 + 0.84162) x sqrt(4 x (1 / 100 + 1 / 400)).
    assert detectable_shift(4.0, 100, 400) == pytest.approx(0.55600, abs=1e-4)
    assert detectable_shift(4.0, 0, 400) is None
