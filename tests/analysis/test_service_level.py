from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ops_model.analysis.condition import boolean
from ops_model.analysis.service_level import fresh_minutes, measure_level
from ops_model.analysis.slots import SlotCounts, count_slots, minute_of, whole_slots
from ops_model.domain.condition import parse
from ops_model.domain.service_levels import BurnRateAlert, Objective
from ops_model.domain.values import Window

START = datetime(2013, 6, 1, tzinfo=UTC)
HOUR = 12  # slots of five minutes
ALERT = BurnRateAlert(burn_rate=14.4, lookback_hours=1, severity="page")


def objective(target="0.99", **changes):
    given_ones = {"id": "answers", "indicator": "availability", "target": Decimal(target)}
    window = {} if "calendar" in changes else {"window_days": 28}
    return Objective(**{**given_ones, **window, "alerts": (ALERT,), **changes})


def counts(bad, valid, *, minutes=5):
    """Slots with so many valid events, and so many of them bad."""
    valid = np.array(valid, np.int64)
    return SlotCounts(START, minutes, valid, valid, valid - np.array(bad, np.int64))


def of_slots(bad, valid, wanted=None, **given_ones):
    return measure_level(counts(bad, valid, **given_ones), wanted or objective(), start=START)


def test_the_budget_is_what_the_target_leaves_less_what_was_spent():
    # 28 days of 100 events a slot of which 5 in 1,000 were bad: half of the hundredth is spent.
    days = 28 * 24 * HOUR
    found = of_slots([1, 0] * (days // 2), [100] * days)

    assert found.good.value == 0.995
    assert found.budget_left.value == 0.5
    assert (found.budget_left.n, found.budget_left.no_interval) == (100 * days, "exact")
    assert found.good.low < 0.995 < found.good.high


def test_a_burn_rate_has_no_tail_of_digits():
    # The last hour: 72 of 5,000 bad at 0.1 % allowed are 14.4 times, where floats give 14.39...9
    bad, valid = [0] * HOUR + [6] * HOUR, [100] * HOUR + [500 - 500 // 6] * HOUR
    valid[HOUR:] = [416, 417] * 6
    valid[-1] = 5000 - sum(valid[HOUR:-1])
    found = of_slots(bad, valid, objective("0.999"))

    assert found.burn[0].rate.value == 14.4
    assert repr(found.burn[0].rate.value) == "14.4"


def test_the_short_window_is_a_twelfth_of_the_long_one():
    # An outage that ended five minutes ago: half of all failed, and now none does.
    bad = [0] * HOUR + [50] * (HOUR - 1) + [0]
    found = of_slots(bad, [100] * 2 * HOUR)

    (burn,) = found.burn
    assert (burn.hours, burn.short_hours) == (1.0, pytest.approx(5 / 60))
    assert burn.rate.value == pytest.approx(45.8333333)  # 550 of 1,200 at 1 % allowed
    assert burn.short.value == 0.0


def test_an_alert_may_look_back_farther_than_the_window():
    wanted = objective(window_days=1, alerts=(ALERT.model_copy(update={"lookback_hours": 48.0}),))
    slots = counts([1] * 24 * HOUR + [0] * 24 * HOUR, [100] * 48 * HOUR)

    found = measure_level(slots, wanted, start=START + timedelta(days=1))

    assert found.budget_left.value == 1.0
    assert found.burn[0].rate.value == 0.5  # one in 200 at 1 % allowed


def test_an_alert_of_an_hour_cannot_see_what_is_known_by_the_day():
    found = of_slots([1] * 28, [100] * 28, minutes=24 * 60)

    assert found.burn[0].rate.value is None
    assert found.burn[0].rate.no_interval == "known by 24 hours only"


def test_no_event_is_no_good_news():
    found = of_slots([0] * HOUR, [0] * HOUR)

    assert (found.good.value, found.good.n) == (None, 0)
    assert found.budget_left.value is None
    assert found.burn[0].rate.value is None
    assert found.newest_row is None


def test_a_log_that_fell_silent_says_since_when():
    valid = [10] * HOUR + [0] * HOUR + [10] * HOUR + [0] * 4 * HOUR
    found = of_slots([0] * len(valid), valid)

    assert (found.silence.value, found.longest_silence.value) == (4.0, 1.0)
    assert found.newest_row == START + timedelta(hours=3)


def test_what_lies_before_the_first_row_is_no_silence_of_the_log():
    begun = of_slots([0] * 9 * HOUR, [0] * 4 * HOUR + [10] * HOUR + [0] * 4 * HOUR)

    assert (begun.silence.value, begun.longest_silence.value) == (4.0, 0.0)


def test_days_and_not_rows_are_what_could_have_differed():
    # Seven bad days of 28 and seven in a hundred rows each day are the same share.
    per_day = 24 * HOUR
    lumped = of_slots(([28] * per_day + [0] * 3 * per_day) * 7, [100] * 28 * per_day)
    even = of_slots([7] * 28 * per_day, [100] * 28 * per_day)

    assert lumped.good.value == even.good.value == 0.93
    assert lumped.good.high - lumped.good.low > 10 * (even.good.high - even.good.low)


def test_of_few_blocks_no_interval_is_given():
    found = of_slots([0] * 6 * HOUR, [100] * 6 * HOUR)

    assert found.good.no_interval == "too few: 6 blocks of time"


def test_a_slice_of_time_is_good_or_not_however_many_failed_in_it():
    # One slice of twelve is below its target; 40 of its 50 rows failed, of 1,150 in all.
    bad, valid = [0] * 11 + [40], [100] * 11 + [50]
    by_slice = objective("0.9", budgeting="timeslices", slice_target=Decimal("0.95"))

    found = of_slots(bad, valid, by_slice)

    assert found.good.value == pytest.approx(11 / 12)
    assert found.good.n == 12
    assert found.budget_left.value == pytest.approx(1 - (1 / 12) / 0.1)


def test_the_mean_of_slices_lets_a_quiet_one_count_as_much_as_a_busy_one():
    by_mean = objective("0.5", budgeting="ratio_timeslices")

    found = of_slots([0, 10, 0], [990, 10, 0], by_mean)

    assert (found.good.value, found.good.n) == (0.5, 2)  # of the third nothing is known
    assert found.budget_left.value == 0.0


def test_latency_is_told_apart_inside_and_outside_of_batch_windows():
    day = [0] * 6 * HOUR + [50] * 2 * HOUR + [0] * 16 * HOUR
    slots = counts(day * 10, [100] * 10 * 24 * HOUR)

    found = measure_level(slots, objective(), start=START, batch_hours=frozenset({6, 7}))

    assert (found.in_batch.value, found.outside_batch.value) == (0.5, 1.0)
    assert (found.in_batch.n, found.outside_batch.n) == (24_000, 264_000)


@given(st.lists(st.integers(0, 100), min_size=1, max_size=40), st.data())
def test_the_budget_left_never_rises_as_bad_events_grow(bad, data):
    worse = [data.draw(st.integers(b, 100)) for b in bad]
    kind = data.draw(st.sampled_from(["occurrences", "timeslices", "ratio_timeslices"]))
    wanted, valid = objective("0.9", budgeting=kind), [100] * len(bad)

    before, after = (of_slots(one, valid, wanted).budget_left.value for one in (bad, worse))

    assert after <= before


@pytest.mark.parametrize(
    ("calendar", "end", "start"),
    [
        ("week", "2013-07-22T08:00Z", "2013-07-22T04:00Z"),  # a Monday in New York
        ("month", "2013-07-22T08:00Z", "2013-07-01T04:00Z"),
        ("quarter", "2013-09-30T08:00Z", "2013-07-01T04:00Z"),
        ("year", "2013-07-22T08:00Z", "2013-01-01T05:00Z"),
        # At midnight of the first the month that ended is the one that is known.
        ("month", "2013-08-01T04:00Z", "2013-07-01T04:00Z"),
    ],
)
def test_a_calendar_window_begins_at_midnight_of_the_workbook(calendar, end, start):
    wanted = objective(calendar=calendar)

    window = wanted.own_window(datetime.fromisoformat(end), ZoneInfo("America/New_York"))

    assert (window.start, window.end) == tuple(map(datetime.fromisoformat, (start, end)))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"slice_minutes": 5}, "need budgeting by timeslices"),
        ({"budgeting": "timeslices", "slice_minutes": 7}, "expected slices that fill a day"),
    ],
)
def test_slices_that_make_no_sense_are_refused(changes, said):
    with pytest.raises(ValidationError, match=said):
        objective(**changes)


def at(*instants):
    return [datetime.fromisoformat(f"2013-06-01T{i}Z") for i in instants]


def requests(**columns):
    taken = {**columns, "at": pa.array(columns["at"], pa.timestamp("us", "UTC"))}
    return ibis.duckdb.connect().create_table("requests", pa.table(taken))


def test_rows_are_counted_in_their_slot_to_the_microsecond():
    table = requests(at=at("00:00:00", "00:04:59.999999", "00:05:00", "00:59:59.6"))
    window = Window(start=START, end=START + timedelta(hours=1))

    found = count_slots(table, timestamp="at", window=window, minutes=5)

    assert found.rows.tolist() == [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    on_any_engine = table.select(m=minute_of(table, "at", native=False)).to_pyarrow()
    own_way = table.select(m=minute_of(table, "at")).to_pyarrow()
    assert on_any_engine.equals(own_way)


def test_rows_outside_of_the_window_count_nowhere():
    table = requests(at=[START - timedelta(seconds=1), START, START + timedelta(hours=1)])
    window = Window(start=START, end=START + timedelta(hours=1))

    assert count_slots(table, timestamp="at", window=window, minutes=5).rows.sum() == 1


def test_a_row_of_which_nobody_can_tell_counts_and_is_not_good():
    # Fast, slow, unknown; a probe that does not count; one of which that is not known, and slow.
    table = requests(
        at=at(*["00:00:00"] * 5),
        ms=[100.0, 900.0, None, 100.0, 900.0],
        probe=[False, False, False, True, None],
    )
    window = Window(start=START, end=START + timedelta(hours=1))

    found = count_slots(
        table, timestamp="at", window=window, minutes=60,
        good=boolean(table, parse("ms <= 300")), valid=boolean(table, parse("not probe")),
    )  # fmt: skip

    assert (found.rows[0], found.valid[0], found.good[0], found.undecided) == (5, 4, 1, 2)


def test_a_window_is_cut_to_whole_slots():
    odd = Window(start=START + timedelta(minutes=7), end=START + timedelta(minutes=59))

    cut = whole_slots(odd, 5)

    assert (cut.start, cut.end) == (START + timedelta(minutes=5), START + timedelta(minutes=55))


def test_a_minute_is_fresh_while_the_newest_row_is_young_enough():
    # A row at minute 3, then none until 9; two minutes are allowed.
    found = fresh_minutes([3, 9], first=0, last=11, limit=2)

    assert found.tolist() == [0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1]
    assert fresh_minutes([-1], first=0, last=3, limit=2).tolist() == [1, 1, 0]
    assert fresh_minutes([], first=0, last=2, limit=2).tolist() == [0, 0]
