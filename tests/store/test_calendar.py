"""Reading exported calendars: what they say, and what is refused."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ops_model.domain.values import Window, zone
from ops_model.errors import UsageError
from ops_model.store.calendar import WrittenShift, read_calendar, write_calendar

ICAL = Path(__file__).parents[1] / "data" / "ical"
START = datetime(2026, 1, 7, 12, tzinfo=UTC)
YEAR = Window(start=START, end=START + timedelta(days=366))
EVENT = "UID:1\nDTSTART:20260112T090000Z\nDTEND:20260119T090000Z\nSUMMARY:Ana\n"


def a_file(tmp_path, text):
    path = tmp_path / "rota.ics"
    path.write_text(text)
    return path


def a_calendar(tmp_path, *events, before=""):
    inside = "".join(f"BEGIN:VEVENT\n{event}END:VEVENT\n" for event in events)
    return a_file(tmp_path, f"BEGIN:VCALENDAR\nVERSION:2.0\n{before}{inside}END:VCALENDAR\n")


def read(path, zone_name="Europe/Berlin"):
    return read_calendar(path, YEAR, zone_name=zone_name)


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def test_what_was_written_is_read_back_with_its_times_and_role(tmp_path):
    shift = WrittenShift(
        "a@b", START, START + timedelta(hours=8), "scorer primary: ana", "primary"
    )
    path = tmp_path / "rota.ics"

    path.write_bytes(write_calendar([shift], name="scorer", as_of=START))
    (single,) = read(path).singles

    assert (single.start, single.end) == (shift.start, shift.end)
    assert (single.said.summary, single.said.role) == ("scorer primary: ana", "primary")


def test_an_event_of_a_pager_names_its_attendee_by_name_and_address():
    first, *_ = read(ICAL / "pagerduty.ics").singles

    # The turn that ended at 14:00 that day is still running at noon.
    assert first.start == utc(2026, 1, 5, 14)
    assert first.said.attendees == ("Ana Ruiz", "ana@corp.example")


def test_a_long_line_is_unfolded_and_its_letters_stay_whole():
    summaries = [s.said.summary for s in read(ICAL / "google.ics").series]

    assert summaries[2] == (
        "Primary: Cem Demir (Vertretung für alle anderen, falls der Zug nach Göttingen ausfällt)"
    )


def test_the_name_that_outlook_gives_a_zone_is_read_as_the_zone_it_means():
    series = read(ICAL / "outlook.ics").series

    assert [s.zone for s in series] == ["America/New_York"] * 3 + [None]
    # A zone of Outlook's own has no name elsewhere; its rule stands in the file: 18:30 at +05:30.
    assert series[3].whole[0] == (utc(2026, 1, 10, 13), utc(2026, 1, 10, 19))


def test_a_series_keeps_its_civil_time_over_a_clock_change():
    days, *_ = read(ICAL / "outlook.ics").series
    starts = [start for start, _ in days.whole]

    # 08:00 in New York is 13:00Z in winter, and 12:00Z from 8 March on.
    assert utc(2026, 3, 6, 13) in starts
    assert utc(2026, 3, 16, 12) in starts


def test_an_excluded_turn_is_taken_from_what_is_left_and_told_as_removed():
    nights = read(ICAL / "outlook.ics").series[2]

    assert nights.removed == ((utc(2026, 1, 31, 1), utc(2026, 1, 31, 13)),)
    assert set(nights.whole) - set(nights.left) == set(nights.removed)


def test_an_exception_that_was_cancelled_removes_its_turn_and_names_nobody(tmp_path):
    weekly = EVENT + "RRULE:FREQ=WEEKLY\n"
    gone = EVENT + "RECURRENCE-ID:20260112T090000Z\nSTATUS:CANCELLED\n"

    found = read(a_calendar(tmp_path, weekly, gone))

    assert found.exceptions == ()
    assert found.series[0].removed == ((utc(2026, 1, 12, 9), utc(2026, 1, 19, 9)),)


def test_a_whole_day_begins_at_midnight_in_the_zone_that_the_calendar_names(tmp_path):
    day = "UID:1\nDTSTART;VALUE=DATE:20260112\nDTEND;VALUE=DATE:20260113\nSUMMARY:Ana\n"

    (single,) = read(a_calendar(tmp_path, day, before="X-WR-TIMEZONE:Asia/Kolkata\n")).singles

    assert (single.start, single.end) == (utc(2026, 1, 11, 18, 30), utc(2026, 1, 12, 18, 30))


def test_a_time_without_a_zone_is_read_in_that_of_the_workbook(tmp_path):
    floating = "UID:1\nDTSTART:20260112T090000\nDURATION:PT8H\nSUMMARY:Ana\n"

    (single,) = read(a_calendar(tmp_path, floating)).singles

    assert (single.start, single.end) == (utc(2026, 1, 12, 8), utc(2026, 1, 12, 16))


@pytest.mark.parametrize("rule", ["FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE,FR"])
def test_a_rule_that_began_long_ago_comes_on_the_days_on_which_it_always_came(tmp_path, rule):
    event = f"UID:1\nDTSTART;TZID=Europe/Berlin:19991231T090000\nDURATION:PT1H\nRRULE:{rule}\n"

    (series,) = read(a_calendar(tmp_path, event)).series

    began = datetime(1999, 12, 31)
    days = [
        (s.astimezone(zone("Europe/Berlin")).date() - began.date()).days for s, _ in series.whole
    ]
    if "DAILY" in rule:
        assert {day % 3 for day in days} == {0}
        assert len(days) == 122
    else:
        # 31 December 1999 is a Friday; the Wednesdays are five days after it, or nine before.
        assert {day % 14 for day in days} == {0, 12}


def test_a_rule_that_ended_long_ago_is_left_out(tmp_path):
    event = EVENT.replace("2026", "1999") + "RRULE:FREQ=DAILY;UNTIL=20010101T000000Z\n"

    assert read(a_calendar(tmp_path, event)).series == ()


def test_what_ended_before_the_window_is_left_out(tmp_path):
    old = EVENT.replace("202601", "202501")

    found = read(a_calendar(tmp_path, old, old + "RRULE:FREQ=WEEKLY;COUNT=3\n"))

    assert (found.singles, found.series) == ((), ())


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("RRULE:FREQ=SECONDLY\n", "FREQ=SECONDLY"),
        ("RRULE:FREQ=MINUTELY;INTERVAL=5\n", "FREQ=MINUTELY"),
        ("RRULE:FREQ=HOURLY\n", "FREQ=HOURLY"),
        ("RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\n", "FREQ=YEARLY"),
        ("RRULE:FREQ=MONTHLY;BYDAY=5MO;BYSETPOS=4\n", "BYSETPOS"),
        ("RRULE:FREQ=MONTHLY;BYDAY=MO;BYMONTHDAY=31\n", "BYMONTHDAY"),
        ("RRULE:FREQ=DAILY;COUNT=1001\n", "COUNT above 1000"),
        ("RRULE:FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=0,1,2\n", "BYHOUR, BYMINUTE"),
        ("RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30\n", "FREQ=DAILY with BYMONTH"),
        ("RRULE:FREQ=WEEKLY;INTERVAL=0\n", "INTERVAL"),
        ("RRULE:nonsense\n", "RRULE"),
        ("RRULE:FREQ=WEEKLY\nRRULE:FREQ=DAILY\n", "more than one RRULE"),
        ("RECURRENCE-ID;RANGE=THISANDFUTURE:20260112T090000Z\n", "RANGE"),
        ("EXDATE:yesterday\n", "EXDATE"),
    ],
)
def test_a_rule_that_is_no_rule_of_a_rota_is_refused_with_its_event(tmp_path, change, why):
    with pytest.raises(UsageError, match="event '1'") as caught:
        read(a_calendar(tmp_path, EVENT + change))

    assert why in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ("UID:1\nSUMMARY:Ana\n", "has no DTSTART"),
        ("UID:1\nDTSTART:soon\nSUMMARY:Ana\n", "DTSTART"),
        ("UID:1\nDTSTART:20260112T090000Z\nDTEND:20260111T090000Z\n", "end after it starts"),
        ("UID:1\nDTSTART:20260112T090000Z\nDTEND:20360111T090000Z\n", "within a year"),
        ("UID:1\nDTSTART:00010101T090000Z\nDURATION:PT1H\n", "a time in 1"),
        ("UID:1\nDTSTART;TZID=Moon/Base:20260112T090000\nDURATION:PT1H\n", "TZID=Moon/Base"),
    ],
)
def test_an_event_without_a_meaning_is_refused(tmp_path, event, why):
    with pytest.raises(UsageError, match=why):
        read(a_calendar(tmp_path, event))


def test_all_events_that_cannot_be_read_are_told_at_once_and_many_are_counted(tmp_path):
    broken = [f"UID:{n}\nSUMMARY:x\n" for n in range(30)]

    with pytest.raises(UsageError) as caught:
        read(a_calendar(tmp_path, *broken))

    # Twenty of thirty, and one line for the other ten.
    assert len(caught.value.problems) == 21
    assert "and 10 more" in caught.value.problems[-1].message


@pytest.mark.parametrize("text", ["", "hello", "BEGIN:VEVENT\nEND:VEVENT\n", "\x00\x01", "<html>"])
def test_a_file_that_is_no_calendar_is_refused(tmp_path, text):
    with pytest.raises(UsageError, match="is no iCalendar file"):
        read(a_file(tmp_path, text))


@pytest.mark.parametrize("named", ["Europe", "../../etc/passwd", "/etc/passwd"])
def test_a_zone_that_is_a_path_on_the_disk_is_refused(tmp_path, named):
    event = f"UID:1\nDTSTART;TZID={named}:20260112T090000\nDURATION:PT1H\n"

    with pytest.raises(UsageError, match="time zone"):
        read(a_calendar(tmp_path, event))


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "rota.ics"
    path.write_bytes(b"BEGIN:VCALENDAR\r\nX:\xff\xfe\r\nEND:VCALENDAR\r\n")

    with pytest.raises(UsageError, match="is no iCalendar file"):
        read(path)


@pytest.mark.parametrize("name", ["pagerduty", "google", "outlook"])
def test_a_file_that_was_cut_off_anywhere_is_refused(tmp_path, name):
    whole = (ICAL / f"{name}.ics").read_bytes()
    path = tmp_path / "rota.ics"

    for length in range(0, len(whole) - 20, 50):
        path.write_bytes(whole[:length])
        with pytest.raises(UsageError):
            read(path)


def test_a_file_over_a_mebibyte_is_refused(tmp_path):
    path = a_calendar(tmp_path, EVENT, before=f"X-PADDING:{'x' * 1024 * 1024}\n")

    with pytest.raises(UsageError, match="at most 1 MiB"):
        read(path)


def test_more_events_than_a_rota_has_are_refused(tmp_path):
    tiny = "DTSTART:20260112T090000Z\n"

    with pytest.raises(UsageError, match="holds 10001 events; expected at most 10000"):
        read(a_calendar(tmp_path, *[tiny] * 10_001))


def test_more_repeating_events_than_can_be_worked_out_are_refused(tmp_path):
    with pytest.raises(UsageError, match="holds 101 events that repeat"):
        read(a_calendar(tmp_path, *[EVENT + "RRULE:FREQ=DAILY\n"] * 101))


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;COUNT=100000000",
        "FREQ=YEARLY;BYHOUR=1,2,3;BYMINUTE=1,2,3",
        "FREQ=YEARLY;BYMONTH=1,2,3,4,5,6,7,8,9,10,11,12",
        "FREQ=YEARLY;BYYEARDAY=1,2,3",
    ],
)
def test_a_time_zone_that_changes_its_clocks_without_end_is_refused_before_it_is_read(
    tmp_path, rule
):
    part = (
        "BEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0100\r\n"
        f"TZOFFSETTO:+0000\r\nRRULE:{rule}\r\nEND:STANDARD\r\n"
    )
    file = tmp_path / "evil.ics"
    file.write_text(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VTIMEZONE\r\nTZID:Evil\r\n"
        f"{part}END:VTIMEZONE\r\nEND:VCALENDAR\r\n"
    )
    window = Window(start=datetime(2026, 1, 1, tzinfo=UTC), end=datetime(2027, 1, 1, tzinfo=UTC))

    with pytest.raises(UsageError, match="once a year"):
        read_calendar(file, window, zone_name="UTC")
