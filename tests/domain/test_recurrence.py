"""When turns begin: compared with dateutil, and by hand where dateutil and the RFC are silent."""

from datetime import datetime, timedelta
from itertools import islice, takewhile

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from ops_model.domain.recurrence import WEEKDAYS, read_recurrence

MONDAY = datetime(2026, 1, 5, 9)


def civil_times(rule, first=MONDAY, since=None, count=4, zone="UTC"):
    recurrence = read_recurrence(rule, first, zone)
    return list(islice(recurrence.since(since or first), count))


@settings(max_examples=150, deadline=None)
@given(
    freq=st.sampled_from(["DAILY", "WEEKLY"]),
    interval=st.integers(1, 9),
    days=st.sets(st.sampled_from(WEEKDAYS), max_size=7),
    week_start=st.sampled_from([None, "MO", "SU", "WE"]),
    first=st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 31)).map(
        lambda d: d.replace(microsecond=0)
    ),
    ahead=st.integers(0, 900),
)
def test_turns_are_those_of_dateutil_with_the_same_numbers(
    freq, interval, days, week_start, first, ahead
):
    rule = f"FREQ={freq};INTERVAL={interval}"
    rule += f";BYDAY={','.join(sorted(days))}" if days else ""
    rule += f";WKST={week_start}" if week_start else ""
    since = first + timedelta(days=ahead)
    until = since + timedelta(days=120)
    every = list(rrulestr(rule, dtstart=first).xafter(first, inc=True, count=1200))
    try:
        recurrence = read_recurrence(rule, first, "UTC")
    except ValueError:
        # Every seventh day and a weekday that this never meets: dateutil would look for ever.
        assert every == []
        return

    found = list(takewhile(lambda turn: turn[1] <= until, recurrence.since(since)))

    assert found == [(n, t) for n, t in enumerate(every) if since <= t <= until]


def test_a_turn_of_a_rota_that_began_twenty_years_ago_has_its_number():
    first = datetime(2006, 1, 2, 9)  # a Monday

    found = civil_times("FREQ=WEEKLY;BYDAY=MO", first, since=datetime(2026, 1, 5), count=1)

    # 2006-01-02 to 2026-01-05 are 7308 days, which are 1044 weeks.
    assert found == [(1044, MONDAY)]


def test_until_in_utc_is_read_in_the_zone_of_the_layer():
    # 08:00Z is 09:00 in Berlin in January, so the shift of the 7th is the last.
    found = civil_times("FREQ=DAILY;UNTIL=20260107T080000Z", zone="Europe/Berlin")

    assert [t.day for _, t in found] == [5, 6, 7]


def test_until_a_day_includes_the_shift_that_starts_on_it():
    found = civil_times("FREQ=DAILY;UNTIL=20260106")

    assert [t.day for _, t in found] == [5, 6]


def test_a_first_day_that_the_rule_does_not_name_begins_with_the_next_that_it_does():
    wednesday = datetime(2026, 1, 7, 9)

    found = civil_times("FREQ=WEEKLY;BYDAY=MO,FR", wednesday, count=3)

    assert found == [(0, datetime(2026, 1, 9, 9)), (1, datetime(2026, 1, 12, 9)),
                     (2, datetime(2026, 1, 16, 9))]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("FREQ=MONTHLY", "FREQ=MONTHLY"),
        ("FREQ=SECONDLY;COUNT=9", "COUNT=9"),
        ("BYDAY=MO", "FREQ=None"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL=0"),
        ("FREQ=DAILY;INTERVAL=99999999999999", "from 1 to 366"),
        ("FREQ=DAILY;INTERVAL=٣", "INTERVAL=٣"),
        ("FREQ=WEEKLY;BYDAY=2MO", "'2MO'"),
        ("FREQ=DAILY;FREQ=DAILY", "twice"),
        ("FREQ=DAILY;UNTIL=soon", "UNTIL=SOON"),
        ("FREQ=DAILY\nEXDATE:20260101", "EXDATE"),
        ("", "''"),
    ],
)
def test_a_rule_that_a_rota_has_no_meaning_for_is_refused_and_says_what_it_has(rule, said):
    with pytest.raises(ValueError, match="expected") as refused:
        read_recurrence(rule, MONDAY, "UTC")

    assert said in str(refused.value)


def test_a_rule_that_never_occurs_is_refused():
    with pytest.raises(ValueError, match="never occurs"):
        read_recurrence("FREQ=DAILY;INTERVAL=7;BYDAY=TU", MONDAY, "UTC")
