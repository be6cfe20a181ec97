import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial.distance import jensenshannon

from ops_model.analysis import distance
from ops_model.analysis.cells import Grid, Spec
from ops_model.analysis.plan import plan
from ops_model.analysis.profile import profile
from tests.analysis.tables import table

COUNTS = st.lists(st.integers(0, 1000), min_size=2, max_size=20)


def window(values, grid):
    return profile(table(x=list(values)), Spec((grid,))).numeric["x"].table.sum(axis=0)


def test_total_variation_by_hand():
    # 0.5 0.5 0 against 0.25 0.25 0.5: half of 0.25 + 0.25 + 0.5.
    p, q = np.array([0.5, 0.5, 0.0]), np.array([0.25, 0.25, 0.5])

    assert float(distance.total_variation(p, q)) == 0.5


def test_jensen_shannon_is_scipys_distance_in_base_two():
    p, q = np.array([0.1, 0.4, 0.5, 0.0]), np.array([0.3, 0.3, 0.0, 0.4])

    assert float(distance.jensen_shannon(p, q)) == pytest.approx(jensenshannon(p, q, base=2))


def test_two_distributions_without_anything_in_common_are_one_apart():
    assert float(distance.jensen_shannon(np.array([1.0, 0.0]), np.array([0.0, 1.0]))) == 1.0


def test_population_stability_by_hand():
    # (0.5 - 0.25) ln 2 + (0.5 - 0.75) ln (2/3) = 0.17329 + 0.10137
    assert distance.population_stability(np.array([25, 75]), np.array([50, 50])) == pytest.approx(
        0.27465, abs=1e-5
    )


def test_an_empty_bin_counts_as_half_a_row():
    # shares 1 and 0.005 (half of 100) against 0.5 and 0.5
    expected = (0.5 - 1) * np.log(0.5) + (0.5 - 0.005) * np.log(0.5 / 0.005)

    found = distance.population_stability(np.array([100, 0]), np.array([50, 50]))

    assert found == pytest.approx(expected)


@given(COUNTS)
def test_population_stability_of_a_window_with_itself_is_nothing(counts):
    assert distance.population_stability(np.array(counts), np.array(counts)) == 0.0


@given(COUNTS, st.integers(0, 2**32))
def test_population_stability_is_never_negative(counts, seed):
    other = np.random.default_rng(seed).permutation(counts)

    assert distance.population_stability(np.array(counts), other) >= 0.0


@given(COUNTS, COUNTS)
def test_distances_stay_between_nothing_and_one(one, other):
    size = min(len(one), len(other))
    p, q = (distance.shares(np.array(counts[:size])) for counts in (one, other))

    for measure in (distance.total_variation, distance.jensen_shannon):
        assert 0.0 <= float(measure(p, q)) <= 1.0 + 1e-12


def test_wasserstein_of_whole_numbers_is_exact():
    # 0 0 1 against 0 1 1: one of three rows moves by one.
    grid = plan(table(x=[0, 0, 1]), ["x"]).grids[0]

    found = distance.wasserstein(grid, window([0, 0, 1], grid), window([0, 1, 1], grid))

    assert float(found) == pytest.approx(1 / 3)


def test_wasserstein_counts_what_lies_beyond_the_grid():
    # The grid ends at 253; one of two rows moves from 252.5 to 1252.5.
    grid = Grid("x", 0.0, 1.0)

    found = distance.wasserstein(grid, window([10.5, 252.5], grid), window([10.5, 1252.5], grid))

    assert float(found) == pytest.approx(500.0)


def test_whole_numbers_outside_the_grid_are_exact_on_both_sides():
    grid = plan(table(x=[0, 10]), ["x"]).grids[0]
    one, other = [0, 10, 5], [-500, 10, 700]

    found = distance.wasserstein(grid, window(one, grid), window(other, grid))

    assert float(found) == pytest.approx(stats.wasserstein_distance(one, other))


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(["normal", "exponential", "lognormal", "uniform"]),
    st.floats(-6, 6),
    st.floats(0.3, 3),
    st.integers(0, 1000),
)
def test_wasserstein_and_kolmogorov_smirnov_agree_with_scipy(kind, shift, scale, seed):
    rng = np.random.default_rng(seed)
    reference = getattr(rng, kind)(size=4000)
    current = getattr(rng, kind)(size=3000) * scale + shift
    grid = plan(table(x=reference), ["x"]).grids[0]

    one, other = window(reference, grid), window(current, grid)

    spread = reference.std()
    assert distance.standard_deviation(one) == pytest.approx(spread, rel=1e-9)
    expected = stats.wasserstein_distance(reference, current) / spread
    found = float(distance.wasserstein(grid, one, other)) / spread
    assert found == pytest.approx(expected, abs=0.01, rel=0.01)
    p, q = distance.numbers(one), distance.numbers(other)
    gap = stats.ks_2samp(reference, current).statistic
    # Off by at most the largest cell, of either side.
    assert float(distance.kolmogorov_smirnov(p, q)) == pytest.approx(
        gap, abs=max(p.max(), q.max()) + 1e-9
    )


def test_bins_hold_equal_shares_of_the_reference():
    cells = np.ones(160)

    starts = distance.bin_starts(cells)

    assert starts.tolist() == list(range(0, 160, 10))


def test_a_heavy_cell_is_a_bin_of_its_own():
    cells = np.array([5.0, 0, 0, 90, 0, 5])

    assert distance.bin_starts(cells).tolist() == [0, 3, 4]


def test_a_window_without_a_number_has_no_shares():
    grid = Grid("x", 0.0, 1.0)

    assert distance.numbers(window([float("nan")], grid)).sum() == 0.0
