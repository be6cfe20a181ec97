"""One value a case, clusters that vary, and few cases that tell little."""

import numpy as np
import pytest
from scipy import stats

from ops_model.analysis.differences import differences_of
from ops_model.analysis.looks import Looks
from tests.analysis.differing import right_or_wrong


def test_cases_of_their_own_are_tested_as_scipy_tests_a_mean():
    values = np.random.default_rng(3).normal(0.05, 0.3, 90)
    seen = differences_of(values)
    interval = stats.ttest_1samp(values, 0).confidence_interval()

    assert seen.chance_of_none() == pytest.approx(stats.ttest_1samp(values, 0).pvalue)
    assert seen.interval() == pytest.approx((interval.low, interval.high))
    assert seen.chance_of_worse(0.1) == pytest.approx(
        stats.ttest_1samp(values, -0.1, alternative="greater").pvalue
    )


def test_clusters_of_one_case_are_the_cases():
    values = np.random.default_rng(4).normal(size=40)

    assert differences_of(values, np.arange(40)) == differences_of(values)


def test_clusters_of_one_size_are_tested_as_their_means():
    values = np.random.default_rng(5).normal(0.2, 1.0, 60)
    means = values.reshape(12, 5).mean(axis=1)

    seen = differences_of(values, np.repeat(np.arange(12), 5))

    assert seen.chance_of_none() == pytest.approx(stats.ttest_1samp(means, 0).pvalue)


def test_a_cluster_as_large_as_all_others_makes_it_less_sure():
    values = np.random.default_rng(6).normal(0.3, 1.0, 80)
    even = differences_of(values, np.repeat(np.arange(16), 5))
    lopsided = differences_of(values, np.minimum(np.arange(80) // 2, 20))

    assert (even.units, lopsided.clusters) == (16, 21)
    assert lopsided.units == pytest.approx(80**2 / (20 * 4 + 40**2))


def test_fewer_than_eight_clusters_have_no_interval():
    seen = differences_of(np.arange(40.0), np.arange(40) % 7)

    assert (seen.interval(), seen.too_few) == (None, "too few: 7 clusters")
    assert (seen.chance_of_none(), seen.chance_of_worse(9.0)) == (1.0, 1.0)


def test_a_few_cases_that_differ_a_little_do_not_show_that_all_others_never_will():
    """One of 30 lost a fifth: the t test would call it within two points, and one in 20 hides."""
    values = np.zeros(30)
    values[0] = -0.2
    seen = differences_of(values, reach=1.0)

    assert stats.ttest_1samp(values, -0.02, alternative="greater").pvalue < 0.05
    assert seen.chance_of_worse(0.02) > 0.05
    assert seen.interval()[0] < -0.02


@pytest.mark.parametrize(("cases", "margin"), [(3, 0.5), (25, 0.1), (148, 0.02)])
def test_a_few_cases_that_both_get_right_do_not_show_a_margin(cases, margin):
    """Worse by the margin, (1 - margin) ** cases of the trials lose none: 12.5, 7.2 and 5.03 %."""
    assert right_or_wrong(cases, 0, 0).chance_of_worse(margin) > 0.05


def test_149_cases_that_both_get_right_show_two_points():
    assert right_or_wrong(149, 0, 0).chance_of_worse(0.02) == pytest.approx(0.98**149)


def test_fewer_than_30_cases_never_show_that_it_is_no_worse():
    won = right_or_wrong(29, 12, 0)

    assert won.chance_of_none() < 0.05
    assert (won.chance_of_worse(0.5), won.no_worse_than()) == (1.0, None)


def test_fewer_than_eight_cases_tell_nothing_though_they_are_right_or_wrong():
    assert right_or_wrong(7, 7, 0).too_few == "too few: 7 cases"


def test_scores_without_an_end_of_which_few_differ_tell_nothing():
    values = np.zeros(100)
    values[:3] = 5.0

    assert differences_of(values).too_few == "too few: they differ on 3 cases"


def test_the_interval_holds_zero_where_the_exact_test_does():
    """12 against 3: the score test refuses no difference, the exact one (0.0352) too; 11 not."""
    assert right_or_wrong(100, 12, 3).interval()[0] > 0
    assert right_or_wrong(100, 10, 2).chance_of_none() < 0.05
    assert right_or_wrong(100, 11, 3).chance_of_none() > 0.05
    assert right_or_wrong(100, 11, 3).interval()[0] <= 0


@pytest.mark.parametrize("looks", [None, Looks(100)])
@pytest.mark.parametrize(
    "seen",
    [right_or_wrong(400, 30, 40), differences_of(np.random.default_rng(8).normal(0, 0.3, 300))],
)
def test_the_lower_bound_is_the_margin_that_is_just_shown(seen, looks):
    lower = seen.no_worse_than(looks)

    assert seen.chance_of_worse(-lower, looks) == pytest.approx(0.05, abs=1e-6)
