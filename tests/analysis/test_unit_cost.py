"""What one success costs: by hand, and how often the interval holds what is true."""

from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest

from ops_model.analysis.cost import PricedSum
from ops_model.analysis.cost_per import DayOf, cost_per, ratio_of
from ops_model.analysis.unit_cost import UnitDay, measure_unit_cost
from ops_model.analysis.usage import UsageSum
from tests.analysis import successes
from tests.analysis.tables import START

D = Decimal
FIRST = START.date()


def a_sum(day, cost, *, rows=10, purpose="prod", service="chat"):
    usage = UsageSum(
        at=START + timedelta(days=day), service=service, provider="", item="m", purpose=purpose,
        user_group="", run="", since=START, valid=True, rows=rows, failed=0,
        amounts=(D(rows), D(0), D(0), D(0)),
    )  # fmt: skip
    parts = () if cost is None else (D(cost), D(0), D(0), D(0))
    return PricedSum(usage, None if cost is None else D(cost), "a list", parts)


def counted(*days):
    """Days of (units, successes) from the first on."""
    return [
        UnitDay(FIRST + timedelta(days=n), units, good) for n, (units, good) in enumerate(days)
    ]


def measured(sums, days, **asked):
    return measure_unit_cost(sums, days, "USD", **asked)


def test_a_success_costs_what_all_of_it_cost_over_what_succeeded():
    sums = [a_sum(day, "6") for day in range(10)]

    found = measured(sums, counted(*[(20, 15)] * 10))

    # 60.00 over 150 successes of 200 units; each day alike, so nothing varies.
    assert (found.cost_per_success.value, found.cost_per_unit.value) == (0.4, 0.3)
    assert (found.successes, found.days) == (150, 10)
    assert found.cost_per_success.n == 150
    assert (found.cost_per_success.low, found.cost_per_success.high) == (0.4, 0.4)


def test_days_that_were_not_counted_cost_nothing_here():
    found = measured([a_sum(0, "6"), a_sum(1, "600")], counted((20, 15)))

    assert found.cost_per_success.value == 0.4


def test_what_serves_nobody_bears_no_unit_and_is_told_apart():
    sums = [a_sum(0, "6"), a_sum(0, "3", purpose="shadow"), a_sum(0, "4", purpose="challenger")]

    found = measured(sums, counted((20, 15)))

    assert found.cost_per_success.value == 0.4
    assert {k: m.value for k, m in found.left_out.items()} == {"challenger": 4.0, "shadow": 3.0}


def test_only_the_services_that_a_unit_names_are_paid_by_it():
    sums = [a_sum(0, "6"), a_sum(0, "60", service="batch")]

    found = measured(sums, counted((20, 15)), services=("chat", "typo"))

    assert found.cost_per_success.value == 0.4
    assert found.notes == ("no row is of service typo",)


def test_without_a_success_there_is_no_cost_of_one_and_it_is_not_nothing():
    found = measured([a_sum(0, "6")], counted((20, 0)))

    assert found.cost_per_success.value is None
    assert found.cost_per_success.no_interval == "there was none that the cost is for"
    assert found.cost_per_unit.value == 0.3


def test_rows_without_a_price_make_it_a_lower_bound():
    sums = [*(a_sum(day, "6") for day in range(10)), a_sum(3, None, rows=2)]

    found = measured(sums, counted(*[(20, 15)] * 10)).cost_per_success

    assert (found.low, found.high) == (None, None)
    assert found.no_interval == "lower bound: 2 of 102 rows have no price"


def test_a_week_says_no_interval():
    found = measured([a_sum(day, "6") for day in range(7)], counted(*[(20, 15)] * 7))

    assert found.cost_per_success.no_interval == "too few: 7 whole days"


def test_a_day_without_a_unit_costs_nevertheless_and_says_so():
    sums = [a_sum(0, "6"), a_sum(1, "6")]

    found = measured(sums, counted((20, 15), (0, 0)))

    assert found.cost_per_success.value == 0.8
    assert found.notes == ("on 1 of 2 days no unit was counted; their cost is in it",)


def test_where_half_of_the_rows_were_judged_half_of_the_cost_counts():
    days = [UnitDay(FIRST, 20, 15, D("0.5"))]

    found = measured([a_sum(0, "6")], days)

    assert found.cost_per_success.value == 0.2
    assert "of 50% to 50% of a day's rows it is known" in found.notes[0]


def test_nothing_that_was_counted_is_unknown():
    found = measured([a_sum(0, "6")], [])

    assert (found.cost_per_success.value, found.days) == (None, 0)


def test_the_error_is_that_of_a_ratio_of_two_sums():
    # 10.00 over 10: 1.00 each. Days are off by -1, 1, -1, 1, ...: the squares come to 8.
    days = [DayOf(D(cost), 1) for cost in (0, 2) * 4]

    found = ratio_of(days)

    assert found.value == 1.0
    assert found.error == pytest.approx((8 * 8 / 7) ** 0.5 / 8)


@pytest.mark.parametrize(("alike", "least"), [(0.0, 0.92), (0.5, 0.87)])
def test_the_interval_holds_the_true_cost_nearly_as_often_as_it_says(alike, least):
    # One success costs 0.4 in the long run; what it costs on a day stays with the next ones.
    held = sum(
        found.low <= 0.4 <= found.high
        for found in successes.intervals(alike=alike, days=28, runs=400)
    )

    assert least <= held / 400 <= 0.98


def test_a_cost_per_success_is_never_below_nothing():
    rng = np.random.default_rng(4)
    days = [DayOf(D(str(c)), 1) for c in rng.lognormal(0, 3, 8)]

    assert cost_per(days, "USD").low > 0
