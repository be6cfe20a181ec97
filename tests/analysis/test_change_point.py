import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_model.analysis.change_point import (
    Cusum,
    Spread,
    alarm,
    calibrated_cusum,
    draw_days,
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
    assert cusum.limit == pytest.approx(limit, abs=0.15)
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

    assert chances[0] == pytest.approx(0.31, abs=0.05)
    assert chances[1] > 0.36  # as if the baseline were known exactly
