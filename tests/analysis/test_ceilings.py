"""How a series stands against a ceiling: spent, how fast, and where the day ends."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_model.analysis.ceilings import (
    Ceiling,
    crossing,
    day_standing,
    run_standing,
    settled,
    silence,
)
from ops_model.analysis.spend_slots import DAY, SLOT, SLOTS_A_DAY, SpendSlots, Spent
from tests.analysis import servegen
from tests.shared_data import shared

START = datetime(2026, 3, 1, tzinfo=UTC)
TODAY = START + 5 * DAY
TEN = Ceiling(Decimal(144), (Decimal("0.5"), Decimal("0.8")))
"""One unit in each slot of ten minutes uses it up in exactly a day."""


def series(*, rate=Decimal("0.5"), until=TODAY + 12 * timedelta(hours=1), more=()):
    """The same cost in each slot, and from each (since, cost) of `more` so much more."""
    slots = range((until - START) // SLOT)
    spent = [Spent(START + n * SLOT, rate) for n in slots]
    spent += [
        Spent(START + n * SLOT, c) for at, c in more for n in slots if START + n * SLOT >= at
    ]
    return SpendSlots.of(spent, start=START, as_of=until, newest=until)


def noon(slots, **asked):
    return day_standing(slots, TEN, as_of=TODAY + timedelta(hours=12), **asked)


def test_half_of_the_pace_is_quiet_and_says_where_the_day_ends():
    standing = noon(series())

    assert standing.state == "quiet"
    assert standing.spent == Decimal(36)  # 72 slots of 0.5
    assert standing.projected == pytest.approx(Decimal(72))
    assert [window.long_rate for window in standing.burn] == pytest.approx([0.5] * 4)


def test_what_is_spent_above_the_ceiling_is_crossed_by_the_end_of_its_slot():
    # 2.5 more from 02:00 on: 12 slots of 0.5, then 3 each; 144 - 6 is passed in the 47th slot.
    slots = series(more=[(TODAY + timedelta(hours=2), Decimal("2.5"))])

    standing = noon(slots)

    assert standing.state == "crossed"
    assert standing.crossed_at == TODAY + timedelta(hours=2) + 47 * SLOT


def test_exactly_the_ceiling_is_not_above_it():
    assert noon(series(rate=Decimal(2))).state != "crossed"
    assert noon(series(rate=Decimal("2.01"))).state == "crossed"


def test_a_sudden_rise_pages_before_the_sum_is_near_the_ceiling():
    # 20 minutes of 20 more: the hour holds 6 x 0.5 + 2 x 20 = 43 of 6 (7.2 times the pace), the
    # last slot 20.5 times; 76 of 144 are spent.
    slots = series(more=[(TODAY + timedelta(hours=11, minutes=40), Decimal(20))])

    standing = noon(slots)

    assert (standing.state, standing.spent) == ("page", Decimal(76))
    assert "7.2 times the ceiling's pace over 1 h and 20.5 times over 10 min" in standing.why


def test_a_rise_that_is_over_pages_nobody():
    # Twenty more in two slots from 11:10: the last hour holds 43 of 6, the last ten minutes 0.5.
    burst = [
        (TODAY + timedelta(hours=11, minutes=10), Decimal(20)),
        (TODAY + timedelta(hours=11, minutes=30), Decimal(-20)),
    ]

    standing = noon(series(more=burst))

    assert standing.burn[0].long_rate > standing.burn[0].limit
    assert standing.state == "ticket"  # 76 by half of a usual day


def test_a_day_on_its_way_above_the_ceiling_is_a_ticket_after_three_slots_in_a_row():
    # 0.7 more since midnight: 72 slots of 1.2 are 86.4 by half of a usual day, so 172.8 a day.
    slow = [(TODAY, Decimal("0.7"))]

    assert noon(series(more=slow)).state == "ticket"
    assert noon(series(more=slow)).projected == pytest.approx(Decimal("172.8"))


def test_two_slots_on_the_way_above_the_ceiling_are_no_ticket_yet():
    # Above half of the ceiling by noon only since 11:40: 70 slots of 0.9, then 2 of 12.
    late = [(TODAY, Decimal("0.4")), (TODAY + timedelta(hours=11, minutes=40), Decimal(6))]
    slots = series(more=late)
    standing = day_standing(slots, TEN, as_of=TODAY + timedelta(hours=12), windows=())

    assert standing.projected > TEN.amount
    assert standing.state == "warned"


def test_too_early_in_the_day_nothing_is_projected():
    early = day_standing(series(), TEN, as_of=TODAY + timedelta(hours=3))

    assert early.projected is None  # an eighth of a usual day
    assert day_standing(series(), TEN, as_of=TODAY + timedelta(hours=4)).projected is not None


def test_without_three_whole_days_there_is_no_usual_day():
    young = day_standing(series(), TEN, as_of=START + 2 * DAY + timedelta(hours=12))

    assert young.projected is None
    assert young.profile_days == 0


def test_a_share_that_is_reached_warns_and_is_named():
    standing = noon(series(rate=Decimal("1.0"), more=[(TODAY, Decimal("0.001"))]), windows=())

    assert standing.warned_at == (Decimal("0.5"),)


def test_data_that_are_too_old_are_unknown_and_never_quiet():
    slots = series()

    assert noon(slots, blind="the newest row is 5 h old").state == "unknown"


def test_what_is_crossed_already_stays_crossed_however_old_the_data():
    assert noon(series(rate=Decimal(3)), blind="the newest row is 5 h old").state == "crossed"


def test_rows_without_a_price_make_a_quiet_day_unknown_and_a_crossed_one_no_less_so():
    now = TODAY + timedelta(hours=12)
    unpriced = [Spent(TODAY, None, 7)]

    def among(rate):
        spent = [Spent(TODAY + n * SLOT, rate) for n in range(72)]
        slots = SpendSlots.of(spent + unpriced, start=START, as_of=now, newest=now)
        return day_standing(slots, TEN, as_of=now)

    assert among(Decimal("0.1")).state == "unknown"
    assert "price of 7 of its rows" in among(Decimal("0.1")).why
    assert among(Decimal(3)).state == "crossed"


def test_windows_shorter_than_the_rows_lie_apart_say_nothing_about_speed():
    # One row an hour of half the pace: in its slot of ten minutes it would look like 3 times.
    spent = [Spent(START + n * timedelta(hours=1), Decimal(3)) for n in range(5 * 24 + 12)]
    slots = SpendSlots.of(spent, start=START, as_of=TODAY + timedelta(hours=12))

    standing = noon(slots)

    assert [window.long_rate for window in standing.burn] == [None, None, 0.5, 0.5]
    assert standing.state == "quiet"


def test_a_log_that_lags_by_a_quarter_of_an_hour_is_looked_at_up_to_its_end():
    now = TODAY + timedelta(hours=12)
    slots = series(until=now - timedelta(minutes=20))

    assert settled(slots, now) == now - timedelta(minutes=10)
    assert settled(slots, now + timedelta(hours=2)) == now + timedelta(hours=2)


def test_a_log_is_silent_once_it_lacks_rows_for_longer_than_an_hour():
    slots = series(until=TODAY)

    assert silence(slots, TODAY + timedelta(minutes=60)) == ""
    assert "61 min" in silence(slots, TODAY + timedelta(minutes=61))


def test_a_service_that_sleeps_at_night_is_not_silent_until_its_night_is_over():
    # Rows from 06:00 to 18:00: a silence of twelve hours is usual, of eighteen the most.
    hours = [START + d * DAY + timedelta(hours=h) for d in range(5) for h in range(6, 18)]
    spent = [Spent(at + n * SLOT, Decimal(1)) for at in hours for n in range(6)]
    slots = SpendSlots.of(spent, start=START, as_of=TODAY + DAY)

    assert silence(slots, TODAY + timedelta(hours=12) - SLOT) == ""
    assert silence(slots, TODAY + timedelta(hours=13)) != ""


def test_a_ceiling_crossed_in_the_last_slot_is_crossed_on_that_day():
    last = TODAY + DAY - SLOT
    slots = SpendSlots.of([Spent(last, Decimal(200))], start=START, as_of=TODAY + 2 * DAY)

    at = crossing(slots, TEN.amount, day=TODAY, as_of=TODAY + 2 * DAY)

    assert at == TODAY + DAY - timedelta(seconds=1)


def test_a_run_counts_all_it_cost_whatever_the_day():
    spent = [Spent(START + n * DAY, Decimal(60)) for n in range(3)]
    slots = SpendSlots.of(spent, start=START, as_of=TODAY)

    assert run_standing(slots, TEN, as_of=START + 2 * DAY).state == "warned"
    after = run_standing(slots, TEN, as_of=TODAY)
    assert (after.state, after.crossed_at) == ("crossed", START + 2 * DAY + SLOT)


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=300), st.data())
def test_the_cost_of_a_span_is_the_sum_of_its_parts_to_the_last_cent(cents, data):
    spent = [Spent(START + n * SLOT, Decimal(c) / 100) for n, c in enumerate(cents)]
    end = START + len(cents) * SLOT
    slots = SpendSlots.of(spent, start=START, as_of=end)
    middle = START + data.draw(st.integers(0, len(cents))) * SLOT

    whole = slots.cost(START, middle) + slots.cost(middle, end)

    assert whole == Decimal(sum(cents)) / 100


@given(st.integers(0, SLOTS_A_DAY - 1), st.decimals(0, 500, places=2))
def test_more_spend_never_makes_a_state_less_grave(slot, more):
    now = TODAY + timedelta(hours=20)
    order = ["quiet", "warned", "ticket", "page", "crossed"]
    slots = series(until=now)
    costs = list(slots.costs)
    place = 5 * SLOTS_A_DAY + min(slot, 119)
    costs[place] += more
    dearer = SpendSlots(START, tuple(costs), slots.rows, slots.without_price, now)

    before, after = (day_standing(s, TEN, as_of=now).state for s in (slots, dearer))

    assert order.index(after) >= order.index(before)


@pytest.fixture(scope="module")
def load():
    return servegen.read(
        shared("servegen_arrivals_10min.parquet"), shared("servegen_tokens_by_window.parquet")
    )


def test_no_quiet_day_of_real_load_pages_anybody(load):
    days = load.days().sum(axis=0)[list(servegen.QUIET)]
    assert days.max() / float(servegen.ceiling_of(load).amount) < 1

    assert all(seen.isdisjoint({"page", "crossed"}) for seen in servegen.quiet_states(load))


def test_a_tenfold_incident_on_real_load_pages_within_the_hour_and_twice_as_soon(load):
    found = servegen.minutes_to_alert(load, 10)
    page, daily = (np.median(found[rule]) for rule in ("page", "sum"))

    assert page <= 60
    assert daily >= 2 * page


def test_a_slow_overrun_on_real_load_is_told_sooner_than_by_the_daily_sum(load):
    found = servegen.minutes_to_alert(load, 1.8)

    assert np.median(found["any"]) < np.median(found["sum"])
