"""Capture, decisions looked up again, and freshness: what the logs hold and what can be asked."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import ibis
import numpy as np
import pyarrow as pa
import pytest

from ops_model.analysis.capture import FieldColumn, count_captured, oldest_row
from ops_model.analysis.freshness import (
    friday_break,
    known_at,
    measure_freshness,
    minutes_with_rows,
    newest,
)
from ops_model.analysis.reconstruction import answered, draw, look_up
from ops_model.domain.signals_logged import DataFeed
from ops_model.domain.values import Window

START = datetime(2013, 6, 1, tzinfo=UTC)
DAYS = Window(start=START, end=START + timedelta(days=10))
NEW_YORK = ZoneInfo("America/New_York")


def tables(served, outcomes):
    """Two logs on one connection, so that they join."""
    connection = ibis.duckdb.connect()
    return tuple(
        connection.create_table(
            name, pa.table({**log, "at": pa.array(log["at"], pa.timestamp("us", "UTC"))})
        )
        for name, log in (("served", served), ("came", outcomes))
    )


def ten_days(**changes):
    """Ten rows a day: what went in, what came out, and the outcome of nine of them in ten."""
    n = 100
    at = [START + timedelta(days=i // 10, hours=i % 10) for i in range(n)]
    ids = [f"r{i}" for i in range(n)]
    served = {"id": ids, "at": at, "question": ["q"] * n, "score": [0.5] * n, **changes}
    kept = [i for i in range(n) if i % 10]
    came = {"key": [ids[i] for i in kept], "at": [at[i] for i in kept], "late": [1.0] * 90}
    return tables(served, came)


def captured(served, fields):
    return count_captured(served, fields, timestamp="at", key="id", start=DAYS.start, end=DAYS.end)


def test_a_field_is_there_when_something_is_written():
    # NULL, NaN and a text without a letter are not.
    served, _ = ten_days(
        question=[None, " ", "", "q", "q"] * 20, score=[None, float("nan"), 0.0, 1.0, 2.0] * 20
    )

    counts = captured(served, [FieldColumn("input", "question"), FieldColumn("output", "score")])

    assert counts.share("input").value == 0.4
    assert counts.share("output").value == 0.6
    assert counts.share("input").n == 100
    assert counts.share("input").low < 0.4 < counts.share("input").high


def test_an_outcome_joins_by_its_key_and_only_of_days_that_owe_one():
    served, came = ten_days()
    outcome = FieldColumn("outcome", "late", came, "key")

    counts = captured(served, [outcome])

    assert counts.rows.tolist() == [10] * 10
    assert counts.share("outcome").value == 0.9
    assert counts.share("outcome", before=date(2013, 6, 4)).n == 30


def test_an_outcome_that_came_twice_counts_once_and_one_without_a_value_not_at_all():
    served, came = ten_days()
    log = came.to_pyarrow().to_pydict()
    log["late"][0] = None
    served, came = tables(
        served.to_pyarrow().to_pydict(), {name: column * 2 for name, column in log.items()}
    )

    counts = captured(served, [FieldColumn("outcome", "late", came, "key")])

    assert (counts.rows.sum(), counts.held["outcome"].sum()) == (100, 89)


def test_the_oldest_row_is_found():
    served, _ = ten_days()

    assert oldest_row(served, "at") == START


def test_the_same_decisions_are_drawn_each_time_and_each_is_asked_for_by_its_key():
    served, came = ten_days()
    fields = [FieldColumn("input", "question"), FieldColumn("outcome", "late", came, "key")]

    one, again = (draw(served, timestamp="at", key="id", window=DAYS, sampled=40) for _ in "ab")
    found = look_up(served, one, fields, key="id")

    assert one == again
    assert len(set(one)) == 40
    assert (found.sampled, found.ambiguous, found.held["input"]) == (40, 0, 40)
    with_outcome = sum(int(key[1:]) % 10 != 0 for key in one)
    assert found.held["outcome"] == with_outcome


def test_all_rows_are_looked_up_where_there_are_few():
    served, _ = ten_days()

    keys = draw(served, timestamp="at", key="id", window=DAYS, sampled=1000)

    assert set(keys) == {f"r{i}" for i in range(100)}


def test_a_key_of_two_rows_or_of_none_tells_no_decision_from_another():
    served, _ = ten_days(id=["twice", "twice", None] + [f"r{i}" for i in range(97)])
    every = draw(served, timestamp="at", key="id", window=DAYS, sampled=1000)

    found = look_up(served, every, [FieldColumn("input", "question")], key="id")

    assert (found.ambiguous, found.held["input"]) == (3, 97)


def test_a_question_without_a_column_is_answered_of_none():
    served, _ = ten_days()
    found = look_up(served, draw(served, timestamp="at", key="id", window=DAYS), [], key="id")

    share = answered(found, None)

    assert (share.value, share.n) == (0.0, 60)
    assert share.high == pytest.approx(0.0602, abs=1e-4)  # Wilson, none of 60


def test_no_decision_answers_nothing():
    nobody = look_up(ten_days()[0], [], [], key="id")

    assert answered(nobody, "input").value is None


def test_the_age_of_the_newest_row_and_the_longest_gap_are_counted_to_the_window():
    # The last row is at 09:00 of the tenth day; the nights are the gaps, 15 h of 9 to midnight.
    served, _ = ten_days()
    last, rows = newest(served, "at")
    arrived = minutes_with_rows(served, "at", since=DAYS.start)

    found = measure_freshness(arrived, last, window=DAYS, rows=rows)

    assert (found.newest_age.value, found.newest_age.n) == (15 * 60, 100)
    assert found.longest_gap.value == 15 * 60


def test_a_feed_that_stopped_is_a_gap_up_to_the_end():
    later = Window(start=DAYS.start, end=DAYS.end + timedelta(days=3))

    found = measure_freshness(np.array([], np.int64), START, window=later, rows=1)

    assert found.longest_gap.value == 13 * 24 * 60
    assert found.longest_gap.n == 0


def feed(watched, *, fresh=120, look=30):
    return DataFeed(
        id="weather", owner="team", freshness_max_minutes=fresh, check_every_minutes=look,
        watched=watched,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("watched", "fresh", "hours"),
    [
        ("all_days", 120, 2.5),
        # Too old on Saturday at half past midnight; looked at on Monday from midnight on.
        ("weekdays", 120, 50.5),
        # Still Friday: 22:00, 60 minutes, 30 more.
        ("weekdays", 60, 1.5),
        # Too old on Monday morning only.
        ("weekdays", 60 * 60, 60.5),
    ],
)
def test_a_break_on_friday_night_is_known_when_somebody_looks(watched, fresh, hours):
    asked = feed(watched, fresh=fresh)
    broke = friday_break(datetime(2013, 7, 22, 8, tzinfo=UTC), NEW_YORK)

    assert broke == datetime(2013, 7, 20, 2, tzinfo=UTC)  # Friday the 19th, 22:00 in New York
    assert known_at(asked, broke, NEW_YORK) - broke == timedelta(hours=hours)
    assert hours <= asked.worst_notice_hours


def test_the_friday_lies_before_the_instant_that_judges():
    friday_evening = datetime(2013, 7, 20, 1, 59, tzinfo=UTC)  # 21:59 in New York

    assert friday_break(friday_evening, NEW_YORK) == datetime(2013, 7, 13, 2, tzinfo=UTC)
