"""When a cron line comes, by civil time. Expected instants are those of a wall calendar."""

from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from ops_model.domain.cron import CronLine, fields_of, instants, instants_back

LINE = TypeAdapter(CronLine)
BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def first(line, zone, after, many=1):
    return list(islice(instants(line, zone, after=utc(after)), many))


def test_mondays_at_six_are_at_six_in_summer_and_in_winter():
    # 26 October 2026 is the first Monday of winter time: from UTC+2 to UTC+1.
    found = first("0 6 * * 1", BERLIN, "2026-10-18T00:00:00", 2)

    assert found == [utc("2026-10-19T04:00:00"), utc("2026-10-26T05:00:00")]


def test_a_fixed_time_that_spring_skips_comes_right_after_it_and_once():
    # On 8 March 2026 clocks in New York go from 01:59:59 to 03:00, which is 07:00 UTC.
    found = first("30 2 * * *", NEW_YORK, "2026-03-08T00:00:00", 2)

    assert found == [utc("2026-03-08T07:00:00"), utc("2026-03-09T06:30:00")]


def test_two_fixed_times_that_spring_skips_come_together():
    found = first("15,45 2 * * *", NEW_YORK, "2026-03-08T00:00:00", 2)

    assert found == [utc("2026-03-08T07:00:00"), utc("2026-03-09T06:15:00")]


def test_a_fixed_time_that_autumn_repeats_comes_once():
    # On 1 November 2026 it is 01:30 in New York twice: at 05:30 and at 06:30 UTC.
    found = first("30 1 * * *", NEW_YORK, "2026-11-01T00:00:00", 2)

    assert found == [utc("2026-11-01T05:30:00"), utc("2026-11-02T06:30:00")]
    assert first("30 1 * * *", NEW_YORK, "2026-11-01T05:30:00") == [utc("2026-11-02T06:30:00")]


def test_what_comes_each_half_hour_follows_the_clock_through_the_repeated_hour():
    found = first("*/30 1 * * *", NEW_YORK, "2026-11-01T00:00:00", 4)

    assert [f"{one:%H:%M}" for one in found] == ["05:00", "05:30", "06:00", "06:30"]


def test_the_last_of_february_comes_in_leap_years_alone():
    found = first("0 0 29 2 *", "UTC", "2026-01-01T00:00:00", 2)

    assert found == [utc("2028-02-29T00:00:00"), utc("2032-02-29T00:00:00")]


def test_day_or_weekday_is_enough_where_both_are_named():
    # 1 May 2026 is a Friday, 4 May the Monday after.
    found = first("0 6 1 * 1", "UTC", "2026-04-30T00:00:00", 2)

    assert found == [utc("2026-05-01T06:00:00"), utc("2026-05-04T06:00:00")]
    assert not fields_of("0 6 1 * 1").both


def test_looking_back_begins_with_the_instant_itself():
    until = utc("2026-11-30T05:00:00")

    found = list(islice(instants_back("0 6 * * 1", BERLIN, until=until), 2))

    assert found == [until, utc("2026-11-23T05:00:00")]


@given(
    line=st.sampled_from(
        ["0 6 * * 1", "30 2 * * *", "15,45 1 * * *", "*/20 * * * *", "0 */3 * * *", "0 0 1 * 1"]
    ),
    zone=st.sampled_from(
        [BERLIN, NEW_YORK, "Australia/Lord_Howe", "America/Havana", "Asia/Kathmandu", "UTC"]
    ),
    start=st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 1)),
    hours=st.integers(0, 500),
)
@settings(max_examples=60, deadline=None)
def test_looking_back_finds_what_looking_ahead_finds(line, zone, start, hours):
    after = start.replace(tzinfo=UTC)
    until = after + timedelta(hours=hours)

    ahead = takewhile(lambda one: one <= until, instants(line, zone, after=after))
    back = takewhile(lambda one: one > after, instants_back(line, zone, until=until))

    assert list(ahead) == list(back)[::-1]


@pytest.mark.parametrize("zone", [BERLIN, NEW_YORK, "America/Havana", "UTC"])
@pytest.mark.parametrize("line", ["30 2 * * *", "15,45 1 * * *", "*/20 0-3 * * *", "0 6 1 * 1"])
def test_a_second_reader_of_cron_lines_finds_the_same_in_two_years(line, zone):
    start, end = utc("2024-01-01T00:00:00"), utc("2026-01-01T00:00:00")

    ours = list(takewhile(lambda one: one < end, instants(line, zone, after=start)))

    theirs = CronSim(line, start.astimezone(ZoneInfo(zone)))
    assert ours == [one.astimezone(UTC) for one in takewhile(lambda one: one < end, theirs)]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("0 6 * *", "has 4 fields; expected minute, hour, day, month and weekday"),
        ("0 6 * * 1 *", "has 6 fields"),
        ("@daily", "has 1 fields"),
        ("60 6 * * 1", "is no cron line"),
        ("0 6 * * 1-", "is no cron line"),
        ("0 6 L * *", "holds what only some schedulers know"),
        ("0 6 * * 1#2", "holds what only some schedulers know"),
        ("0 6 * * 1;ls", "holds what only some schedulers know"),
        ("0 6 30 2 *", "is no cron line"),
        ("0 6 31 2,4 *", "is no cron line"),
        ("1," * 500 + "1 6 * * 1", "has 5 fields"),
    ],
)
def test_what_is_no_cron_line_is_refused_with_what_was_expected(line, why):
    with pytest.raises(ValidationError, match=why.replace("(", r"\(")):
        LINE.validate_python(line)


def test_a_line_is_kept_with_single_blanks():
    assert LINE.validate_python("  0   6 * jan-MAR mon ") == "0 6 * jan-MAR mon"
