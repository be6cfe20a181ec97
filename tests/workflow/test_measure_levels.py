"""Objectives measured from logs on disk, as far as the check that reads them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.records import read_record
from ops_model.errors import WarehouseError
from ops_model.store.warehouse import identify
from ops_model.workflow.measure_levels import level_of, levels_of
from tests.builders import AREAS, AS_OF, a_system
from tests.checks.judged import instead, judged

NEW_YORK = ZoneInfo("America/New_York")
DAYS, PER_HOUR = 30, 60
LAST = AS_OF.replace(minute=0, second=0, microsecond=0)
UTC_TIME = pa.timestamp("us", "UTC")
REQUESTS = {"id": "requests", "holds": "requests", "address": "requests", "timestamp": "at"}
SIGNALS = {**AREAS["signals"], "logs": [*AREAS["signals"]["logs"], REQUESTS]}
ANSWERS = {
    **AREAS["service_levels"]["objectives"][0], "log": "requests", "good": "status < 500",
    "valid": "not probe",
}  # fmt: skip
FAST = {
    **AREAS["service_levels"]["objectives"][1], "log": "requests",
    "good": "status < 500 and latency_ms <= 300",
}  # fmt: skip


@dataclass
class Opened:
    root: Path
    system: SystemClaims
    as_of: datetime = AS_OF


def write_requests(root, *, down_hours=0, slow_from=None, folder="requests"):
    """A request a minute for 30 days; the last hours were down, and the last days are slow."""
    minutes = DAYS * 24 * 60
    at = [LAST - timedelta(minutes=minutes - i) for i in range(minutes)]
    ago = (minutes - np.arange(minutes)) / 60
    status = np.where(ago <= down_hours, 503, 200)
    slow = np.zeros(minutes, bool) if slow_from is None else ago <= slow_from * 24
    (root / folder).mkdir(parents=True, exist_ok=True)
    pq.write_table(
        pa.table({
            "at": pa.array(at, UTC_TIME), "status": status, "probe": np.arange(minutes) % 60 == 0,
            "latency_ms": np.where(slow, 900.0, 80.0),
        }),
        root / folder / "all.parquet",
    )  # fmt: skip


def opened(root, *objectives, signals=SIGNALS):
    levels = {"objectives": list(objectives or (ANSWERS, FAST))}
    return Opened(root, a_system(service_levels=levels, signals=signals))


def measured(root, *objectives, **changes):
    return levels_of(opened(root, *objectives, **changes), zone=NEW_YORK)


def the_check(root, *objectives):
    """SLO-02 with what was measured of logs on disk."""
    levels = {"objectives": list(objectives or (ANSWERS, FAST))}

    def every(system):
        return levels_of(Opened(root, system), zone=NEW_YORK)

    made = [lambda s, i=i: every(s)[i] for i in range(len(levels["objectives"]))]
    return judged(
        "SLO-02", service_levels=levels, signals=SIGNALS, records=instead("service_level", *made)
    )


def test_an_objective_is_measured_over_its_own_window_and_says_what_it_rests_on(tmp_path):
    write_requests(tmp_path, down_hours=1)
    book = opened(tmp_path)

    answers, fast = levels_of(book, zone=NEW_YORK)

    # 28 days of 24 x 59 requests that are no probe; of the last hour all failed.
    events = 28 * 24 * 59
    assert (answers.good.n, answers.rows) == (events, 28 * 24 * 60)
    assert answers.budget_left.value == pytest.approx(1 - 59 / events / 0.01)
    assert answers.burn[0].rate.value == answers.burn[0].short.value == 100.0
    assert (answers.window.end - answers.window.start).days == 28
    assert answers.claims == book.system.claim_refs("service_levels", "signals")
    assert answers.inputs == (identify(tmp_path, "requests"),)
    assert fast.indicator == "latency"
    assert fast.in_batch.n == 28 * 2 * 60  # from two to four in the morning
    assert all(number.complete for one in (answers, fast) for _, number in one.measured())
    assert read_record(answers.model_dump(mode="json")) == answers


def test_the_same_rows_give_the_same_record_twice(tmp_path):
    write_requests(tmp_path, down_hours=1)

    assert measured(tmp_path) == measured(tmp_path)


def test_slo_02_passes_with_what_was_measured_of_a_service_in_order(tmp_path):
    write_requests(tmp_path)

    finding = the_check(tmp_path)

    assert finding.status == "passed", finding.message


def test_slo_02_fails_while_the_service_is_down(tmp_path):
    write_requests(tmp_path, down_hours=1)

    finding = the_check(tmp_path, ANSWERS, FAST)

    assert finding.status == "failed"
    assert "over 1 h it burns 100 times as fast as it may" in finding.message


def test_slo_02_fails_when_the_service_is_up_and_slow(tmp_path):
    write_requests(tmp_path, slow_from=3)

    finding = the_check(tmp_path)

    assert finding.status == "failed"
    assert "objective fast-answers (latency)" in finding.message


def test_a_window_of_the_calendar_begins_at_local_midnight(tmp_path):
    write_requests(tmp_path)
    monthly = {**ANSWERS, "calendar": "month", "window_days": None}

    (found,) = measured(tmp_path, monthly)

    start = AS_OF.astimezone(NEW_YORK).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    assert found.window.start == start.astimezone(UTC)


def fresh_level(root, hours):
    """The objective of a feed with a row at each of these instants."""
    (root / "weather").mkdir()
    pq.write_table(pa.table({"at": pa.array(hours, UTC_TIME)}), root / "weather" / "a.parquet")
    weather = {"id": "weather", "holds": "requests", "address": "weather", "timestamp": "at"}
    feed = {**SIGNALS["feeds"][0], "log": "weather", "freshness_max_minutes": "45"}
    fresh = {
        "id": "fresh", "indicator": "freshness", "target": "0.5", "window_days": "7",
        "feed": "weather",
    }  # fmt: skip
    return measured(root, fresh, signals={**SIGNALS, "logs": [weather], "feeds": [feed]})[0]


def test_a_feed_is_fresh_for_so_many_of_all_minutes(tmp_path):
    # A row an hour may be 45 minutes old: of each hour 46 minutes are fresh.
    found = fresh_level(tmp_path, [LAST - timedelta(hours=h) for h in range(24 * DAYS)])

    assert found.good.value == pytest.approx(46 / 60)
    assert found.good.n == 7 * 24 * 60


def test_a_feed_without_a_row_is_fresh_in_no_minute(tmp_path):
    assert fresh_level(tmp_path, []).good.value == 0


def test_quality_stands_beside_by_the_days_of_its_monitor(tmp_path):
    write_requests(tmp_path)
    first = datetime(2013, 3, 1, tzinfo=UTC)
    days = (AS_OF - first).days
    at = [first + timedelta(days=d, minutes=10 * i) for d in range(days) for i in range(40)]
    n, ids = len(at), [f"r{i}" for i in range(len(at))]
    for folder, columns in (
        ("log", {"prediction": [1] * n, "origin": ["EWR"] * n}),
        ("labels", {"late": [int(i % 10 > 0) for i in range(n)]}),
    ):
        (tmp_path / folder).mkdir()
        rows = pa.table({"at": pa.array(at, UTC_TIME), "flight": ids, **columns})
        pq.write_table(rows, tmp_path / folder / "all.parquet")
    quality = {
        "id": "right", "indicator": "quality", "target": "0.8", "window_days": "28",
        "monitor": "quality",
    }  # fmt: skip
    judge = {**SIGNALS["monitors"][0], "prediction": "prediction", "label": "late"}

    (found,) = measured(tmp_path, quality, signals={**SIGNALS, "monitors": [judge]})

    assert (found.good.value, found.good.n) == (0.9, 28 * 40)
    assert found.budget_left.value == 0.5


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"good": "statsu < 500"}, "did you mean 'status'"),
        ({"good": "contains(status, '5')"}, "expected a text"),
        ({"log": "request"}, "log is 'request', which is no log"),
        ({"log": None, "good": None, "monitor": "nobody"}, "no monitor 'nobody'"),
        ({"log": None, "good": None, "feed": "weather"}, "feed"),
    ],
)
def test_an_objective_that_names_nothing_says_where_and_what_to_write(tmp_path, changes, said):
    write_requests(tmp_path)

    with pytest.raises(WarehouseError, match=said) as refused:
        measured(tmp_path, {**ANSWERS, **changes})
    assert all(p.where and p.remedy for p in refused.value.problems)


def test_the_problems_of_all_objectives_are_told_at_once(tmp_path):
    write_requests(tmp_path)

    with pytest.raises(WarehouseError) as refused:
        measured(tmp_path, {**ANSWERS, "log": "nowhere"}, {**FAST, "log": "nothing"})
    assert len(refused.value.problems) == 2


def test_an_objective_without_a_condition_is_left_out_and_not_guessed(tmp_path):
    write_requests(tmp_path)

    found = measured(tmp_path, AREAS["service_levels"]["objectives"][0], FAST)

    assert [level.objective for level in found] == ["fast-answers"]


def test_a_log_that_ended_before_the_window_is_unknown_and_no_good_news(tmp_path):
    write_requests(tmp_path)
    system = opened(tmp_path).system
    later = Opened(tmp_path, system, AS_OF + timedelta(days=60))

    found = level_of(later, system.service_levels.objectives[0], zone=NEW_YORK)

    assert (found.good.value, found.budget_left.value, found.rows) == (None, None, 0)
