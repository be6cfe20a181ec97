"""Hours of a resource: what a thousand units cost, and what reserving would save."""

from datetime import timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ops_model.domain.records import read_record
from ops_model.workflow.measure_compute import compute_costs_of
from tests.workflow.test_measure_unit_cost import BY_LOG, SIGNALS, write_answers
from tests.workflow.usage_book import UTC_TIME, at, opened

LOG = {"id": "fleet", "unit": "hours", "address": "fleet.parquet", "busy": "worked"}
PRICE = {"resource": "gpu", "valid_from": "2026-01-01T00:00:00Z", "per_hour": "2",
         "reserved_per_hour": "1.2", "source": "the contract"}  # fmt: skip


def write_hours(root, *, units=lambda hour: 1, worked=0.25, step=1):
    """So many units in each hour of 41 days, each at work for a part of it."""
    rows = [
        (at(back, 0) + timedelta(hours=hour), float(units(hour)) * step)
        for back in range(40, -1, -1) for hour in range(0, 24, step)
    ]  # fmt: skip
    columns = {
        "timestamp": pa.array([when for when, _ in rows], UTC_TIME),
        "service": ["model"] * len(rows), "resource": ["gpu"] * len(rows),
        "hours": [hours for _, hours in rows], "worked": [hours * worked for _, hours in rows],
    }  # fmt: skip
    pq.write_table(pa.table(columns), root / "fleet.parquet")


def costs(root, *, log=LOG, price=PRICE, units=(), **areas):
    claims = {"logs": [log], "token_prices": [], "hour_prices": [price], "units": list(units)}
    (found,) = compute_costs_of(opened(root, cost=claims, **areas))
    return found


def test_a_thousand_units_bear_the_idle_hours_too(tmp_path):
    write_hours(tmp_path)
    write_answers(tmp_path)
    found = costs(tmp_path, units=[BY_LOG], signals=SIGNALS)

    # A day is 24 hours at 2, for the 8 of 10 answers that are valid.
    assert (found.hours.value, found.busy.value) == (28 * 24, 0.25)
    assert found.cost_per_thousand.value == pytest.approx(48 / 8 * 1000)
    assert found.cost_per_thousand_busy.value == pytest.approx(48 / 8 * 1000 / 4)
    assert found.cost_per_thousand.unit == "USD per 1,000 units"
    assert read_record(found.model_dump(mode="json")) == found


def test_units_that_nobody_counts_make_the_cost_of_a_thousand_unknown(tmp_path):
    write_hours(tmp_path)
    found = costs(tmp_path)

    assert found.cost_per_thousand.value is None
    assert found.cost_per_thousand.no_interval == "no unit of cost.yaml says how it is counted"


def test_reserving_pays_for_the_units_that_run_for_longer_than_the_price_ratio(tmp_path):
    write_hours(tmp_path, units=lambda hour: 3 if hour < 6 else 2)
    found = costs(tmp_path)

    # Two run all day: 48 hours at 0.8 less. The third runs a quarter of it; 3 x 24 x 1.2.
    assert (found.reserved_level, found.reserved_saving_per_day.value) == (2, pytest.approx(38.4))
    assert found.reserved_for_peak_per_day.value == pytest.approx(86.4)


def test_a_log_with_one_row_a_day_is_no_peak_at_midnight(tmp_path):
    write_hours(tmp_path, units=lambda _: 2, step=24)
    found = costs(tmp_path)

    assert (found.reserved_level, found.reserved_saving_per_day.value) == (2, pytest.approx(38.4))


def test_without_a_reserved_price_nothing_is_said_about_reserving(tmp_path):
    write_hours(tmp_path)
    found = costs(tmp_path, price={**PRICE, "reserved_per_hour": None})

    assert (found.reserved_level, found.reserved_saving_per_day) == (None, None)


def test_a_log_without_busy_hours_says_so(tmp_path):
    write_hours(tmp_path)
    found = costs(tmp_path, log={**LOG, "busy": None})

    assert found.busy.value is None
    assert found.busy.no_interval == "the log has no column of busy hours"
    assert found.cost_per_thousand_busy is None


def test_hours_without_a_price_cost_nobody_knows_what(tmp_path):
    write_hours(tmp_path)
    write_answers(tmp_path)
    price = {**PRICE, "resource": "other"}
    found = costs(tmp_path, price=price, units=[BY_LOG], signals=SIGNALS)

    assert found.cost_per_thousand.value is None
    assert found.cost_per_thousand.no_interval == "no price is known"


@pytest.mark.parametrize("step", [1, 6, 12])
def test_a_row_of_several_hours_is_of_the_hours_that_lie_between_rows(tmp_path, step):
    write_hours(tmp_path, units=lambda _: 2, step=step)
    found = costs(tmp_path)

    assert (found.reserved_level, found.reserved_saving_per_day.value) == (2, pytest.approx(38.4))
    assert found.reserved_for_peak_per_day.value == pytest.approx(2 * 24 * 1.2)
    assert found.reserved_for_peak_per_day.no_interval.startswith("at least") is (step > 1)


def test_rows_of_several_hours_at_no_regular_hour_tell_no_load(tmp_path):
    hours = [at(back, hour) for back in range(40, -1, -1) for hour in (5, 12, 23)]
    columns = {
        "timestamp": pa.array(hours, UTC_TIME), "service": ["model"] * len(hours),
        "resource": ["gpu"] * len(hours), "hours": [6.0, 7.0, 11.0] * 41,
        "worked": [1.0] * len(hours),
    }  # fmt: skip
    pq.write_table(pa.table(columns), tmp_path / "fleet.parquet")
    found = costs(tmp_path)

    assert (found.reserved_level, found.reserved_saving_per_day.value) == (None, None)
    assert found.reserved_saving_per_day.no_interval.startswith("rows of several hours come at no")


def test_several_units_in_one_row_of_an_hour_are_no_longer_row(tmp_path):
    hours = [at(back, hour) for back in range(40, -1, -1) for hour in (1, 2, 3, 4)]
    columns = {
        "timestamp": pa.array(hours, UTC_TIME), "service": ["model"] * len(hours),
        "resource": ["gpu"] * len(hours), "hours": [8.0] * len(hours),
        "worked": [1.0] * len(hours),
    }  # fmt: skip
    pq.write_table(pa.table(columns), tmp_path / "fleet.parquet")

    # Eight at once for four hours of the night: 8 x 24 x 1.2.
    assert costs(tmp_path).reserved_for_peak_per_day.value == pytest.approx(230.4)
