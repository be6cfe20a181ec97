"""Hours of a resource: what a thousand units cost, and how many units are worth reserving."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops_model.analysis.compute import best_reserved, cost_per_thousand
from tests.analysis import servegen
from tests.shared_data import shared


def test_the_cost_of_a_thousand_is_known_where_something_was_done():
    assert cost_per_thousand(Decimal(14), 2_000) == 7
    assert cost_per_thousand(Decimal(14), 0) is None


def test_a_unit_is_reserved_just_when_it_is_used_for_longer_than_the_price_ratio():
    loads = [1, 2, 2, 3, 3, 3, 4, 4, 4, 4]  # unit 3 runs 7 slots of 10, unit 4 runs 4

    assert [best_reserved(loads, ratio).level for ratio in (0.39, 0.41, 0.69, 0.71)] == [
        4,
        3,
        3,
        2,
    ]


def test_reserving_is_told_beside_paying_for_each_hour():
    found = best_reserved([1, 1, 1, 5], 0.5)

    # 8 hours on demand; one reserved costs 2 and leaves 4; five reserved cost 10.
    assert (found.level, found.busy, found.on_demand, found.cost) == (1, 1.0, 8, 6)
    assert (found.for_peak, found.saving_share, found.peak_share) == (10, 0.25, 0.25)


def test_nothing_is_reserved_where_reserving_costs_no_less():
    found = best_reserved([1, 1, 1], 1.0)

    assert (found.level, found.busy, found.cost) == (0, 0.0, 3)


@pytest.mark.parametrize(("loads", "ratio"), [([], 0.5), ([-1], 0.5), ([1], -1), ([np.nan], 0.5)])
def test_loads_that_make_no_sense_are_refused(loads, ratio):
    with pytest.raises(ValueError, match="expected loads"):
        best_reserved(loads, ratio)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 12), min_size=1, max_size=40), st.floats(0.05, 1))
def test_no_other_level_is_cheaper(loads, ratio):
    found = best_reserved(loads, ratio)

    def cost(level):
        beyond = sum(max(load - level, 0) for load in loads)
        return ratio * level * len(loads) + beyond

    assert found.cost == pytest.approx(min(cost(level) for level in range(14)))


def test_the_real_load_saves_a_seventh_and_a_reserved_peak_costs_nearly_three_times_as_much():
    load = servegen.read(
        shared("servegen_arrivals_10min.parquet"), shared("servegen_tokens_by_window.parquet")
    )
    found = best_reserved(load.costs.sum(axis=0), 0.6)

    assert round(found.busy, 2) == 0.60
    assert round(found.saving_share, 2) == 0.15
    assert round(found.peak_share, 2) == 1.92
