"""The slots of a schedule: from when on, back to when, due by when."""

import time
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from pydantic import ValidationError

from ops_model.domain.schedules import MOST_SLOTS, Schedule
from ops_model.domain.workbook import WorkbookSettings

ZONE = "Europe/Berlin"
MONDAY = datetime(2026, 11, 23, 5, tzinfo=UTC)  # 06:00 in Berlin
WEEK = timedelta(days=7)


def a_line(**changes):
    return Schedule(**{"notebook": "07_weekly_ops_report", "cron": "0 6 * * 1", **changes})


def test_no_slot_lies_before_since_and_one_may_lie_upon_it():
    line = a_line(since=MONDAY.isoformat())

    assert list(line.back(MONDAY + WEEK, ZONE)) == [MONDAY + WEEK, MONDAY]
    assert list(line.back(MONDAY - WEEK, ZONE)) == []
    assert next(line.after(MONDAY - 3 * WEEK, ZONE)) == MONDAY


def test_without_since_slots_go_back_without_end():
    found = list(islice(a_line().back(MONDAY, ZONE), 60))

    assert found[0] == MONDAY
    # 59 weeks earlier it was summer: 06:00 in Berlin was 04:00 in UTC.
    assert found[-1] == MONDAY - 59 * WEEK - timedelta(hours=1)


def test_an_instant_is_a_slot_or_none():
    assert a_line().has(MONDAY, ZONE)
    assert not a_line().has(MONDAY + timedelta(minutes=1), ZONE)


def test_a_report_is_overdue_once_its_grace_is_over():
    assert a_line(grace_hours=30).due_by(MONDAY) == MONDAY + timedelta(hours=30)


def test_a_line_without_systems_is_for_each_and_with_them_for_those():
    assert a_line().concerns("anything")
    assert a_line(systems=("one",)).concerns("one")
    assert not a_line(systems=("one",)).concerns("other")


def test_ten_thousand_slots_are_looked_back_at_in_a_second_and_no_more_are():
    line = a_line(cron="*/5 * * * *")
    before = time.process_time()

    found = list(line.back(MONDAY, ZONE))

    assert len(found) == MOST_SLOTS == 10_000
    # It takes a tenth of it.
    assert time.process_time() - before < 1


@pytest.mark.parametrize(
    "change",
    [{"notebook": "../x"}, {"grace_hours": 0}, {"catch_up_days": 400}, {"cron": "x"},
     {"systems": ("Not A Slug",)}, {"alert_route": "https://hooks.example/secret"}],
)  # fmt: skip
def test_a_line_that_has_no_meaning_is_refused(change):
    with pytest.raises(ValidationError):
        a_line(**change)


def test_a_notebook_has_one_line():
    with pytest.raises(ValidationError, match="more than once; expected one line for each"):
        WorkbookSettings(name="x", zone="UTC", schedules=(a_line(), a_line(cron="0 7 * * *")))


def test_a_report_that_is_given_up_before_it_is_overdue_is_refused_with_what_to_write():
    assert a_line(grace_hours=47, catch_up_days=2).grace_hours == 47
    with pytest.raises(ValidationError, match="expected grace_hours below 48, or more catch_up"):
        a_line(grace_hours=48, catch_up_days=2)
