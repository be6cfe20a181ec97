"""How many cases it takes: the table that the formulae were published with."""

import math

import pytest

from ops_model.analysis.cases_needed import Variation, to_show_no_worse, to_tell_apart
from ops_model.analysis.looks import Looks


@pytest.mark.parametrize(
    ("discordance", "at_80", "at_90"),
    [(0.04, 783, 1047), (0.10, 1960, 2623), (0.15, 2941, 3937), (0.23, 4511, 6038)],
)
def test_to_tell_83_from_81_percent_takes_what_the_share_of_flips_says(discordance, at_80, at_90):
    """(1.95996 sqrt(q) + z sqrt(q - 0.02^2))^2 / 0.02^2, with z 0.84162 or 1.28155."""
    seen = Variation(0.02, discordance)

    assert (to_tell_apart(seen), to_tell_apart(seen, power=0.9)) == (at_80, at_90)


@pytest.mark.parametrize(("margin", "cases"), [(0.02, 1546), (0.05, 248)])
def test_to_show_no_worse_takes_fewer_the_wider_the_margin(margin, cases):
    """(1.64485 + 0.84162)^2 x 0.1 / margin^2 where one case in ten flips and none wins."""
    assert to_show_no_worse(Variation(0.0, 0.10), margin) == cases


def test_where_no_difference_is_seen_no_number_of_cases_tells_apart():
    assert to_tell_apart(Variation(0.0, 0.1)) is None


def test_what_is_worse_by_the_margin_is_never_shown_to_be_no_worse():
    assert to_show_no_worse(Variation(-0.05, 0.1), 0.05) is None


def test_clusters_that_vary_together_take_as_many_times_more():
    alone, together = Variation(0.02, 0.1), Variation(0.02, 0.1, cost=3.0)

    assert to_tell_apart(together) == pytest.approx(3 * to_tell_apart(alone), abs=3)


def test_looking_early_takes_more_cases_and_the_number_is_that_of_its_own_bound():
    looks, seen = Looks(100), Variation(0.02, 0.23)
    found = to_tell_apart(seen, bound=looks.bound)
    needed = (looks.bound(found) * math.sqrt(0.23) + 0.841621 * math.sqrt(0.2296)) / 0.02

    assert found > to_tell_apart(seen)
    assert found == pytest.approx(needed**2, abs=1)
