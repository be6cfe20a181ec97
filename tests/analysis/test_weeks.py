"""Numbers of single weeks: which weeks are whole, and which record of a day counts."""

from datetime import timedelta

import pytest

from ops_model.analysis.weeks import (
    SpendWeeks,
    drift_by_week,
    labelled_by_week,
    settled_to,
    week_of,
)
from ops_model.domain.detection import QualityDay
from tests.builders import AS_OF, a_column, a_drift, a_spend, a_system, exact, share
from tests.weekly_samples import MIDNIGHT, WEEK, some_days

SYSTEM = a_system()
"""AS_OF is Monday 22 July 2013 at 8: the last whole week is that from the 15th to the 21st."""


def spends(*days, **changes):
    return SpendWeeks([a_spend(SYSTEM, days=days, **changes)], as_of=AS_OF)


def test_the_last_whole_week_ends_with_the_midnight_before():
    day = MIDNIGHT.date()

    assert [week_of(day - timedelta(days=back), as_of=AS_OF) for back in (0, 1, 7, 8)] == [
        -1, 0, 0, 1,
    ]  # fmt: skip


def test_a_week_costs_what_its_seven_days_cost():
    weeks = spends(*some_days(3, lambda week: 10.0 + week))

    # Days of 12, 11 and 10 USD, the newest week first.
    assert [weeks.cost(back).value for back in range(3)] == [84.0, 77.0, 70.0]
    assert weeks.cost(0).n == 7 * 700
    assert weeks.rows(0) == 7 * 700


def test_a_week_that_the_record_begins_in_is_not_whole():
    days = some_days(2, lambda _: 10.0)[3:]

    assert spends(*days).cost(1) is None


def test_a_week_with_rows_that_have_no_price_is_unknown_and_its_rows_are_not():
    odd = "lower bound: 3 of 700 rows have no price"
    days = [*some_days(2, lambda _: 10.0)[:7], *some_days(1, lambda _: 10.0, reason=odd)]
    weeks = spends(*days)

    assert weeks.cost(0) is None
    assert weeks.rows(0) == 7 * 700
    assert weeks.left_out == 1


def test_a_week_in_which_the_log_was_silent_for_two_days_is_left_out():
    days = some_days(4, lambda _: 10.0)
    weeks = spends(*days[:8], *days[10:])  # two days of the second week

    assert weeks.cost(2) is None
    assert weeks.cost(3).value == 70.0
    assert weeks.left_out == 1


def test_a_log_that_rests_on_each_weekend_has_whole_weeks():
    days = [day for day in some_days(4, lambda _: 10.0) if day.day.weekday() < 5]
    weeks = spends(*days)

    assert [weeks.cost(back).value for back in range(3)] == [50.0, 50.0, 50.0]


def test_of_a_day_in_two_records_the_later_one_counts():
    first = a_spend(SYSTEM, as_of=AS_OF - WEEK, days=some_days(2, lambda _: 5.0))
    later = a_spend(SYSTEM, days=some_days(1, lambda _: 10.0))
    weeks = SpendWeeks([first, later], as_of=AS_OF)

    assert [weeks.cost(0).value, weeks.cost(1).value] == [70.0, 35.0]


def test_the_week_is_held_against_seven_days_of_the_ceiling():
    pair = spends(*some_days(2, lambda _: 10.0)).pair(exact(12, "USD"))

    assert (pair.now.value, pair.before.value, pair.limit.value) == (70.0, 70.0, 84.0)


def test_another_currency_is_not_added():
    other = a_spend(SYSTEM, as_of=AS_OF - WEEK, currency="EUR",
                    days=some_days(2, lambda _: 5.0, until=MIDNIGHT - WEEK))  # fmt: skip
    weeks = SpendWeeks([other, a_spend(SYSTEM, days=some_days(1, lambda _: 10.0))], as_of=AS_OF)

    assert weeks.cost(0).unit == "USD"
    assert weeks.cost(1) is None


def test_drift_of_a_week_is_its_farthest_column_in_times_its_limit():
    columns = (a_column("wind", effect=0.05), a_column("rain", effect=0.3))

    assert drift_by_week([a_drift(SYSTEM, columns=columns)], as_of=AS_OF) == {
        0: pytest.approx(3.0)
    }


def test_drift_from_another_reference_is_another_number():
    old = a_drift(SYSTEM, as_of=AS_OF - WEEK, reference_start=AS_OF - timedelta(days=400))

    assert set(drift_by_week([old, a_drift(SYSTEM)], as_of=AS_OF)) == {0}


def test_use_is_counted_in_whole_weeks_whose_labels_are_all_there():
    days = {
        day.day: QualityDay(day=day.day, quality=share(0.8, 70), provisional=late)
        for number, day in enumerate(some_days(3, lambda _: 1.0))
        for late in [number > 18]
    }
    del days[min(days)]

    assert labelled_by_week(days, as_of=AS_OF) == {1: 70.0}


def test_a_week_with_silent_days_is_used_less_and_none_is_dropped():
    days = some_days(4, lambda _: 10.0)
    weeks = spends(*days[:17], *days[20:])  # three days of the third week

    assert [weeks.rows(back) for back in range(4)] == [4900, 2800, 4900, 4900]
    assert weeks.cost(1) is None


def test_a_log_that_nobody_writes_any_more_is_used_by_nobody():
    weeks = spends(*some_days(4, lambda _: 10.0, until=MIDNIGHT - 2 * WEEK))

    assert [weeks.rows(back) for back in range(3)] == [0, 0, 4900]


def test_weeks_that_no_record_looked_at_are_not_known():
    old = AS_OF - 3 * WEEK
    weeks = SpendWeeks(
        [a_spend(SYSTEM, as_of=old, days=some_days(4, lambda _: 10.0, until=MIDNIGHT - 3 * WEEK))],
        as_of=AS_OF,
    )  # fmt: skip

    assert [weeks.rows(back) for back in range(4)] == [None, None, None, 4900]


def test_labels_that_stop_coming_are_weeks_without_use():
    days = {
        day.day: QualityDay(day=day.day, quality=share(0.8, 70))
        for day in some_days(3, lambda _: 1.0, until=MIDNIGHT - 2 * WEEK)
    }

    assert labelled_by_week(days, as_of=AS_OF) == {0: 0.0, 1: 0.0, 2: 70.0, 3: 70.0, 4: 70.0}
    last = (AS_OF - WEEK).date()
    assert labelled_by_week(days, as_of=AS_OF, measured_to=last) == {
        1: 0.0, 2: 70.0, 3: 70.0, 4: 70.0,
    }  # fmt: skip


def test_weeks_whose_labels_may_still_come_do_not_count_as_missing():
    days = {
        day.day: QualityDay(day=day.day, quality=share(0.8, 70), provisional=number > 13)
        for number, day in enumerate(some_days(4, lambda _: 1.0))
    }

    assert settled_to(days, as_of=AS_OF) == (MIDNIGHT - 2 * WEEK).date()
    assert settled_to({}, as_of=AS_OF) == MIDNIGHT.date()
