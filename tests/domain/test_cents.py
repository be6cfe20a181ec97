"""Cents that a person can add up."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_model.domain.cents import CENT, cents_adding_up, whole_cents

D = Decimal


def test_the_largest_remainders_are_rounded_up_until_the_sum_is_right():
    # Rounded one by one they come to 1.02, and the total is 1.00.
    found = cents_adding_up([D("0.336"), D("0.336"), D("0.328")], D("1.00"))

    assert found == (D("0.34"), D("0.33"), D("0.33"))


def test_what_lowers_the_cost_is_rounded_alike():
    assert cents_adding_up([D("-0.336"), D("1.336")], D("1.00")) == (D("-0.34"), D("1.34"))


def test_a_cent_too_many_is_taken_from_the_smallest_remainder():
    assert cents_adding_up([D("1.000"), D("0.009")], D("0.99")) == (D("0.99"), D("0.00"))


@given(st.lists(st.decimals(-1000, 1000, places=5), min_size=1, max_size=9))
def test_cents_add_up_and_none_lies_a_cent_off(parts):
    total = whole_cents(sum(parts))

    found = cents_adding_up(parts, total)

    assert sum(found) == total
    assert all(abs(cents - part) <= CENT for cents, part in zip(found, parts, strict=True))


def test_parts_of_another_total_are_refused():
    with pytest.raises(ValueError, match=r"add up to 3\.0000; expected 5\.00"):
        cents_adding_up([1, 2], D("5.00"))
