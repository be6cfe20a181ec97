import json

import pytest

from ops_model.errors import UsageError, WarehouseError
from tests.cli.logs import call, times, write

DAYS, PER_DAY = 60, 100


def write_judged(path, *, fall_on=DAYS):
    """90 of 100 are right until day `fall_on`, 60 of 100 from then on."""
    right = [i < (90 if day < fall_on else 60) for day in range(DAYS) for i in range(PER_DAY)]
    return write(
        path, at=times(DAYS, PER_DAY), said=[1] * len(right), was=[int(r) for r in right],
        place=["north", "south"] * (len(right) // 2),
    )  # fmt: skip


def asked(log, *more):
    return call(
        "quality", "--log", log, "--timestamp", "at", "--prediction", "said", "--label", "was",
        *more,
    )  # fmt: skip


def test_the_promised_keys_are_there(tmp_path):
    done = asked(write_judged(tmp_path / "log.parquet"), "--json", "--segment", "place")

    said = json.loads(done.stdout)
    assert done.exit_code == 0
    assert (said["baseline"]["value"], said["baseline"]["n"]) == (0.9, 2800)
    assert said["days"][0] == {
        "day": "2013-01-01", "value": 0.9, "n": 100, "provisional": False,
        "low": pytest.approx(0.8256, abs=1e-4), "high": pytest.approx(0.9448, abs=1e-4),
    }  # fmt: skip
    assert 0 < said["min_detectable_drop"] < 0.1
    assert said["alarm_at"] is None
    assert said["onset_estimate"] is None
    assert {s["value"] for s in said["segments"]} == {"north", "south"}


def test_a_fall_is_told_with_its_day(tmp_path):
    done = asked(write_judged(tmp_path / "log.parquet", fall_on=50), "--json")

    said = json.loads(done.stdout)
    assert said["alarm_at"] == said["onset_estimate"] == "2013-02-20"
    assert said["change"]["value"] == pytest.approx(-0.3)


def test_findings_end_with_exit_one_only_where_asked(tmp_path):
    fallen = write_judged(tmp_path / "fallen.parquet", fall_on=50)
    steady = write_judged(tmp_path / "steady.parquet")

    assert asked(fallen).exit_code == 0
    assert asked(fallen, "--gate").exit_code == 1
    assert asked(steady, "--gate").exit_code == 0


def test_the_baseline_ends_where_it_is_said_to(tmp_path):
    log = write_judged(tmp_path / "log.parquet")

    done = asked(log, "--baseline-until", "2013-01-11", "--json")

    assert json.loads(done.stdout)["baseline"]["n"] == 1000


def test_the_log_can_be_judged_as_of_an_earlier_instant(tmp_path):
    log = write_judged(tmp_path / "log.parquet", fall_on=50)

    done = asked(log, "--as-of", "2013-02-15T00:00:00Z", "--json")

    said = json.loads(done.stdout)
    assert said["alarm_at"] is None
    assert said["days"][-1]["day"] == "2013-02-14"


def test_a_baseline_that_reaches_into_the_window_is_refused(tmp_path):
    done = asked(write_judged(tmp_path / "log.parquet"), "--baseline-until", "2013-02-28")

    assert isinstance(done.exception, UsageError)
    assert "compared with itself" in str(done.exception)


def test_a_short_log_ends_its_baseline_where_the_window_begins(tmp_path):
    days = 20
    log = write(tmp_path / "log.parquet", at=times(days, 50), ok=[True] * (days * 50))

    done = call("quality", "--log", log, "--timestamp", "at", "--label", "ok", "--json")

    assert json.loads(done.stdout)["baseline"]["n"] == 13 * 50


def test_a_log_shorter_than_the_window_is_refused(tmp_path):
    log = write(tmp_path / "log.parquet", at=times(5, 50), ok=[True] * 250)

    done = call("quality", "--log", log, "--timestamp", "at", "--label", "ok")

    assert isinstance(done.exception, UsageError)


def test_the_tables_show_alarm_days_and_segments(tmp_path):
    log = write_judged(tmp_path / "log.parquet", fall_on=50)

    done = asked(log, "--segment", "place")

    assert done.stdout.startswith("alarm on 2013-02-20, onset about 2013-02-20")
    assert "60.0 %" in done.stdout
    assert "place = south" in done.stdout


def test_all_missing_columns_are_told_at_once(tmp_path):
    log = write(tmp_path / "log.parquet", at=times(1, 2), sad=[1, 0])

    done = asked(log)

    assert isinstance(done.exception, WarehouseError)
    assert len(done.exception.problems) == 2
    assert "did you mean 'sad'?" in str(done.exception)


def test_naive_timestamps_need_a_word(tmp_path):
    import pyarrow as pa

    at = times(20, 50).cast(pa.timestamp("us"))
    log = write(tmp_path / "log.parquet", at=at, ok=[True] * 1000)
    command = ("quality", "--log", log, "--timestamp", "at", "--label", "ok")

    assert isinstance(call(*command).exception, WarehouseError)
    assert call(*command, "--assume-utc").exit_code == 0
