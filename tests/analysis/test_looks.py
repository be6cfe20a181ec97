"""Looking early and often: the bounds of a confidence sequence."""

import math

import numpy as np
import pytest

from ops_model.analysis.champion_rules import ComparisonRules, chances_of, verdict_of
from ops_model.analysis.looks import Looks
from tests.analysis.differing import right_or_wrong


def test_the_bounds_are_those_of_the_paper():
    """Waudby-Smith et al.: sqrt(2 (t rho^2 + 1) / (t^2 rho^2) log(sqrt(t rho^2 + 1) / alpha))."""
    # -2 ln 0.05 = 5.99146, and its logarithm 1.79034: rho^2 = 8.78180 / 1000 for 1,000 cases.
    rho = math.sqrt(8.78180 / 1000)
    width = math.sqrt(2 * (500 * rho**2 + 1) / (500**2 * rho**2)
                      * math.log(math.sqrt(500 * rho**2 + 1) / 0.05))  # fmt: skip

    assert Looks(100).bound(500) / math.sqrt(500) == pytest.approx(width, rel=1e-5)


def test_a_value_at_the_bound_has_just_the_chance_that_is_allowed():
    looks = Looks(100)

    assert looks.chance(looks.bound(700), 700) == pytest.approx(0.05)
    assert looks.chance(0.0, 700) == 1.0


def test_the_bounds_are_wider_than_those_of_one_look_and_narrowest_where_it_was_planned():
    widths = {n: Looks(100, 2000).bound(n) / math.sqrt(n) * math.sqrt(2000) for n in (2000,)}
    other = Looks(100, 20_000).bound(2000)

    assert 1.96 < widths[2000] < other


def test_a_look_every_hundred_cases_finds_no_difference_where_there_is_none():
    """400 trials of 3,000 cases; a test for one look would be wrong in a fourth of them."""
    rng, rules = np.random.default_rng(7), ComparisonRules(looks=Looks(100))
    wrong = misled = 0
    for _ in range(400):
        seen = np.cumsum(rng.multinomial(1, [0.1, 0.1, 0.8], size=3000), axis=0)[99::100]
        z = np.abs(seen[:, 0] - seen[:, 1]) / np.sqrt(np.maximum(seen[:, 0] + seen[:, 1], 1))
        misled += bool((z > 1.96).any())
        early = np.flatnonzero(z > 1.96)
        looks = (right_or_wrong(100 * (n + 1), *seen[n, :2].tolist()) for n in early)
        wrong += any(verdict_of(one.mean, chances_of(one, rules)) != "undecided" for one in looks)

    assert misled / 400 > 0.2
    assert wrong / 400 <= 0.05
