"""Exact and corrected chances, each beside scipy or a calculation by hand."""

import numpy as np
import pytest
from scipy import stats

from ops_model.analysis.paired_tests import (
    benjamini_hochberg,
    few_lost,
    few_lost_bound,
    holm,
    mcnemar,
)  # fmt: skip


@pytest.mark.parametrize(("better", "worse"), [(0, 0), (3, 0), (6, 14), (125, 105)])
def test_the_exact_test_is_that_of_a_fair_coin(better, worse):
    expected = stats.binomtest(better, better + worse).pvalue if better + worse else 1.0

    assert mcnemar(better, worse) == pytest.approx(expected)


def test_holm_multiplies_the_smallest_by_all_the_next_by_one_less_and_never_goes_back():
    # 0.01 x 4, 0.02 x 3 = 0.06, 0.025 x 2 = 0.05 and so 0.06, 0.5 x 1.
    assert holm([0.02, 0.5, 0.01, 0.025]) == pytest.approx((0.06, 0.5, 0.04, 0.06))


def test_holm_never_goes_beyond_one():
    assert holm([0.9, 0.8]) == (1.0, 1.0)


def test_holm_is_stricter_than_benjamini_and_hochberg():
    chances = list(np.random.default_rng(5).uniform(size=40) ** 2)

    assert all(h >= b for h, b in zip(holm(chances), benjamini_hochberg(chances), strict=True))


def test_of_no_loss_at_all_the_chance_is_that_none_of_so_many_is_lost():
    assert few_lost(25, 0, 0, 0.1) == pytest.approx(0.9**25)
    assert few_lost(200, 0, 3, 0.04) == pytest.approx(stats.binom.cdf(3, 200, 0.04))


def test_the_bound_of_few_losses_is_that_of_clopper_and_pearson():
    expected = stats.binomtest(3, 200).proportion_ci(0.9, method="exact").high

    assert few_lost_bound(200, 0, 3, 0.05) == pytest.approx(-expected)
    assert few_lost_bound(4, 0, 4, 0.05) == -1.0
