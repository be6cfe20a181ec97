"""The busiest minute, of the logs that hold a row for each request."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ops_model.domain.records import read_record
from ops_model.errors import WarehouseError
from ops_model.workflow.measure_load import load_of
from tests.workflow.test_measure_unit_cost import SIGNALS, write_answers
from tests.workflow.usage_book import UTC_TIME, at, every_day, opened, write_calls

REQUESTS = {"id": "requests", "holds": "requests", "address": "requests.parquet",
            "timestamp": "at"}  # fmt: skip


def write_requests(root, back, many):
    times = pa.array([at(back, 9)] * many, UTC_TIME)
    pq.write_table(pa.table({"at": times}), root / "requests.parquet")


def test_a_log_of_requests_goes_before_the_usage_log(tmp_path):
    write_calls(tmp_path, every_day(600))
    write_requests(tmp_path, 3, 90)
    load = load_of(opened(tmp_path, signals={**SIGNALS, "logs": [REQUESTS]}))

    assert (load.peak_per_second.value, load.busiest) == (1.5, at(3, 9))
    assert [one.address for one in load.inputs] == ["requests.parquet"]
    assert read_record(load.model_dump(mode="json")) == load


def test_without_one_the_usage_log_of_tokens_is_looked_at(tmp_path):
    write_calls(tmp_path, [*every_day(10), (2, 60, {})])
    load = load_of(opened(tmp_path, signals={**SIGNALS, "logs": []}))

    assert load.peak_per_second.value == pytest.approx(2 / 60)


def test_without_either_the_predictions_are_the_requests(tmp_path):
    write_answers(tmp_path)
    load = load_of(opened(tmp_path, cost={"logs": []}, signals=SIGNALS))

    assert load.peak_per_second.value == pytest.approx(10 / 60)


def test_a_busier_minute_before_the_last_quarter_is_over(tmp_path):
    write_requests(tmp_path, 92, 90)

    with pytest.raises(WarehouseError, match="no log holds a row of a request in the 91 days"):
        load_of(opened(tmp_path, signals={**SIGNALS, "logs": [REQUESTS]}))


def test_a_system_that_logs_no_requests_is_told_what_to_declare(tmp_path):
    with pytest.raises(WarehouseError, match="no log holds a row for each request"):
        load_of(opened(tmp_path, cost={"logs": []}, signals={**SIGNALS, "logs": []}))
