"""A log without a row leaves unknown what rests on it, and stops nothing else of a notebook."""

import pyarrow.parquet as pq
import pytest

from ops_model import workflow
from ops_model.errors import WarehouseError
from ops_model.workflow.measure_drift import drift_of
from tests.builders import AREAS
from tests.workflow.test_drift_checks import signals, write_logs
from tests.workflow.test_measure import signals as of_flights
from tests.workflow.test_measure import write_flights
from tests.workflow.test_measure_behind import (
    ASKED,
    BEHIND,
    CANARIES,
    SPRING,
    TRAFFIC,
    VENDOR,
    write_outcome,
    write_provider,
)
from tests.workflow.test_measure_behind import claims as outcome_claims
from tests.workflow.test_measure_levels import ANSWERS, FAST, REQUESTS, write_requests
from tests.workflow.test_measure_levels import SIGNALS as OF_LEVELS
from tests.workflow.test_show_drift import book as drift_book
from tests.workflow.test_show_logs import LOGGED, InMemory
from tests.workflow.test_show_logs import write_logs as write_kept

NAMES = "at,id,wind,heat,calm,version\n"


def without_rows(folder):
    for path in folder.rglob("*.parquet"):
        pq.write_table(pq.read_table(path).slice(0, 0), path)


def in_place_of(folder, name, text):
    for path in folder.rglob("*.parquet"):
        path.unlink()
    (folder / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("verb", [workflow.drift, workflow.importance, workflow.train_serve_skew])
def test_what_moved_is_unknown_where_no_row_is_logged(tmp_path, verb):
    write_logs(tmp_path)
    without_rows(tmp_path)

    shown = verb(drift_book(tmp_path))

    assert shown.records == ()
    assert "is unknown: no rows in " in shown.html


@pytest.mark.parametrize(
    ("name", "text"), [("all.csv", ""), ("all.csv", NAMES), ("all.parquet", ""), ("all.json", "")]
)
def test_a_file_of_no_byte_or_of_names_alone_is_a_log_without_a_row(tmp_path, name, text):
    write_logs(tmp_path)
    in_place_of(tmp_path / "log", name, text)

    shown = workflow.drift(drift_book(tmp_path))

    assert shown.records == ()
    assert "Monitor inputs is unknown: no rows in log." in shown.html


def test_a_monitor_of_another_log_is_still_measured(tmp_path):
    write_logs(tmp_path)
    write_logs(tmp_path / "other")
    without_rows(tmp_path / "other")
    said = signals()
    moved = {**said["logs"][0], "id": "elsewhere", "address": "other/log"}
    span = {**said["baselines"][0], "id": "of-elsewhere", "log": "elsewhere"}
    inputs = said["monitors"][0]
    blind = {**inputs, "id": "blind", "log": "elsewhere", "baseline": "of-elsewhere"}

    shown = workflow.drift(drift_book(
        tmp_path, logs=[*said["logs"], moved], baselines=[*said["baselines"], span],
        monitors=[blind, inputs],
    ))  # fmt: skip

    assert [record.monitor for record in shown.records] == ["inputs"]
    assert "Monitor blind is unknown: no rows in other/log." in shown.html


def test_a_log_that_cannot_be_read_still_says_what_is_wrong_with_it(tmp_path):
    write_logs(tmp_path)
    path = next((tmp_path / "log").rglob("*.parquet"))
    pq.write_table(pq.read_table(path).drop_columns("wind"), path)

    with pytest.raises(WarehouseError, match="wind"):
        workflow.drift(drift_book(tmp_path))
    path.unlink()
    with pytest.raises(WarehouseError):
        workflow.drift(drift_book(tmp_path))


def test_a_log_that_has_rows_and_none_of_these_days_is_not_called_empty(tmp_path):
    write_logs(tmp_path)
    book = drift_book(tmp_path)
    rows = [pq.read_table(path) for path in (tmp_path / "log").rglob("*.parquet")]
    kept = rows[0].slice(0, 50)
    without_rows(tmp_path / "log")
    pq.write_table(kept, next((tmp_path / "log").rglob("*.parquet")))

    with pytest.raises(WarehouseError, match="holds no row from"):
        drift_of(book, "input_distribution")
    with pytest.raises(WarehouseError, match="holds no row from"):
        workflow.drift(book)


@pytest.mark.parametrize("verb", [workflow.capture, workflow.reconstruction])
def test_what_is_kept_is_unknown_where_no_row_was_served(tmp_path, verb):
    write_kept(tmp_path)
    without_rows(tmp_path / "log")

    shown = verb(InMemory(tmp_path, signals=LOGGED))

    assert shown.records == ()
    assert "is unknown: no rows in log." in shown.html


def test_an_objective_of_an_empty_log_is_unknown_beside_those_that_are_measured(tmp_path):
    write_requests(tmp_path)
    write_requests(tmp_path, folder="quiet")
    without_rows(tmp_path / "quiet")
    quiet = {**REQUESTS, "id": "quiet", "address": "quiet"}
    claims = {**OF_LEVELS, "logs": [*OF_LEVELS["logs"], quiet]}
    levels = {"objectives": [{**ANSWERS, "log": "quiet"}, FAST]}

    shown = workflow.service_levels(InMemory(tmp_path, service_levels=levels, signals=claims))

    assert [record.objective for record in shown.records] == ["fast-answers"]
    assert "Objective answers is unknown: no rows in quiet." in shown.html
    assert "not measured" in shown.html


def test_who_answered_is_unknown_where_no_question_was_asked(tmp_path):
    write_provider(tmp_path)
    without_rows(tmp_path / "log")
    claims = {
        "logs": [*AREAS["signals"]["logs"], ASKED, TRAFFIC],
        "baselines": [*AREAS["signals"]["baselines"], SPRING],
        "monitors": [*AREAS["signals"]["monitors"], BEHIND],
        "canaries": [CANARIES],
    }
    served_by = {"dependencies": [*AREAS["identity"]["dependencies"], VENDOR]}

    shown = workflow.provider_identity(InMemory(tmp_path, signals=claims, identity=served_by))

    assert shown.records == ()
    assert f"Provider {CANARIES['dependency']} is unknown: no rows in " in shown.html


@pytest.mark.parametrize("verb", [workflow.outcomes, workflow.quality_and_outcome])
def test_an_outcome_is_unknown_where_its_log_is_empty(tmp_path, verb):
    write_outcome(tmp_path)
    without_rows(tmp_path)

    shown = verb(InMemory(tmp_path, signals=outcome_claims()))

    assert shown.records == ()
    assert "is unknown: no rows in " in shown.html


@pytest.mark.parametrize("verb", [workflow.quality, workflow.quality_change])
def test_quality_is_unknown_where_no_label_came(tmp_path, verb):
    write_flights(tmp_path)
    without_rows(tmp_path / "labels")

    shown = verb(InMemory(tmp_path, signals=of_flights()))

    assert shown.records == ()
    assert "is unknown: no rows in labels." in shown.html
