"""A vendor's bill of `cost.yaml` beside the usage logs."""

import csv

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ops_model.domain.records import read_record
from ops_model.errors import WarehouseError
from ops_model.workflow.export_focus import export_focus
from ops_model.workflow.measure_bill import bills_of
from tests.analysis.focus_bills import ROW, on
from tests.workflow.usage_book import (
    COST,
    at,
    every_day,
    lose_instants,
    opened,
    write_calls,
)

BILL = {"id": "vendor", "address": "bill.csv", "vendor": "Example AI"}


def write_bill(root, rows):
    with (root / "bill.csv").open("w", newline="") as file:
        out = csv.DictWriter(file, list({**ROW, **rows[0]}))
        out.writeheader()
        out.writerows({**ROW, **row} for row in rows)


def billed(root, **changed):
    write_calls(root, every_day(10))
    (found,) = bills_of(opened(root, cost={"bills": [{**BILL, **changed}]}))
    return found


def test_a_month_agrees_where_the_bill_says_what_the_log_says(tmp_path):
    # 31 days of 10 requests at 0.0084 each.
    write_bill(tmp_path, [on(day, 0.084) for day in range(1, 31)] + [on(1, 0.084)])
    found = billed(tmp_path)
    (month,) = found.months

    assert (month.estimated.value, month.billed.value) == (pytest.approx(2.604),) * 2
    assert (month.agrees, found.focus_version, found.rows) == (True, "1.0", 31)
    assert read_record(found.model_dump(mode="json")) == found


def test_rows_of_another_owner_are_left_out_by_the_column_that_tells_them(tmp_path):
    rows = [on(1, 0.084, x_Team="ours"), on(2, 99.0, x_Team="theirs")]
    write_bill(tmp_path, rows)
    found = billed(tmp_path, only_column="x_Team", only_values=["ours"])

    assert (found.rows, found.months[0].billed.value) == (1, pytest.approx(0.084))


def test_a_column_that_tells_nobody_apart_is_told(tmp_path):
    write_bill(tmp_path, [on(1, 0.084, x_Team="theirs")])

    with pytest.raises(WarehouseError, match="holds no row whose x_Team is ours"):
        billed(tmp_path, only_column="x_Team", only_values=["ours"])


def test_a_column_that_the_bill_lacks_is_told(tmp_path):
    plain = {key: value for key, value in ROW.items() if key != "BilledCost"}
    pq.write_table(
        pa.table({key: [value] for key, value in plain.items()}), tmp_path / "b.parquet"
    )

    with pytest.raises(WarehouseError, match="has no column 'BilledCost'"):
        billed(tmp_path, address="b.parquet")


def test_a_column_that_holds_nothing_in_any_row_is_taken_for_absent(tmp_path):
    columns = {key: [value] for key, value in {**ROW, **on(3, 1.0)}.items()}
    columns["ChargeClass"] = pa.nulls(1)
    pq.write_table(pa.table(columns), tmp_path / "b.parquet")

    assert billed(tmp_path, address="b.parquet").months[0].billed.value == 1


def test_instants_without_a_zone_are_utc_as_the_format_has_it(tmp_path):
    columns = {key: [value] for key, value in {**ROW, **on(3, 1.0)}.items()}
    for name in ("ChargePeriodStart", "ChargePeriodEnd"):
        columns[name] = pa.array(columns[name]).cast(pa.timestamp("us", "UTC")).cast(
            pa.timestamp("us")
        )  # fmt: skip
    pq.write_table(pa.table(columns), tmp_path / "b.parquet")
    (month,) = billed(tmp_path, address="b.parquet").months

    assert (month.month.month, month.billed.value) == (8, 1)


def test_only_the_services_that_the_bill_is_for_are_estimated(tmp_path):
    write_bill(tmp_path, [on(1, 0.084)])
    write_calls(tmp_path, every_day(10) + every_day(10, service="search"))
    bill = {**BILL, "services": ["search"]}
    (found,) = bills_of(opened(tmp_path, cost={"bills": [bill]}))

    assert found.months[0].estimated.value == pytest.approx(2.604)


def test_what_another_provider_served_is_not_on_the_bill_where_the_log_says_who_did(tmp_path):
    rows = [
        {"timestamp": at(20 + n), "service": "chat", "gen_ai_request_model": "large",
         "gen_ai_usage_input_tokens": 1_000_000, "gen_ai_usage_output_tokens": 0,
         "gen_ai_provider_name": name}
        for n in range(2) for name in ("example ai", "other ai", "other ai")
    ]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "calls.parquet")
    write_bill(tmp_path, [on(1, 6.0)])
    (found,) = bills_of(opened(tmp_path, cost={"bills": [BILL]}))

    assert found.months[0].estimated.value == 12  # a million tokens on two days at 6


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_what_was_exported_reads_as_a_bill_that_agrees_to_the_cent(tmp_path, ending):
    write_calls(tmp_path, every_day(10, gen_ai_usage_cache_read_input_tokens=333))
    exported = export_focus(opened(tmp_path), tmp_path / f"out.{ending}")
    bill = {**BILL, "address": f"out.{ending}"}
    (found,) = bills_of(opened(tmp_path, cost={"bills": [bill]}))

    assert (found.focus_version, found.apart, found.rows) == ("1.2", {}, exported.rows)
    assert [m.agrees for m in found.months] == [True, True, None]
    assert {m.rest.value for m in found.months} == {0}
    assert f"{sum(m.billed.value for m in found.months):.2f}" == exported.total


@pytest.mark.parametrize("unpriced", [10, 1])
def test_a_bill_is_not_said_to_agree_with_a_log_of_which_rows_have_no_price(tmp_path, unpriced):
    write_bill(tmp_path, [on(day, 0.084) for day in range(1, 31)] + [on(1, 0.084)])
    nobody_knows = every_day(unpriced, gen_ai_request_model="nope")
    write_calls(tmp_path, every_day(10) + nobody_knows)
    (found,) = bills_of(opened(tmp_path, cost={"bills": [BILL]}))

    assert (found.months[0].rest.value, found.months[0].agrees) == (pytest.approx(0), None)
    assert "rows of the log have no price" in found.months[0].why


def test_a_model_whose_name_begins_like_a_formula_is_found_again_in_what_was_exported(tmp_path):
    write_calls(tmp_path, every_day(10, gen_ai_request_model="@cf/large"))
    price = {**COST["token_prices"][0], "model": "@cf/large"}
    cost = {"token_prices": [price], "bills": [{**BILL, "address": "out.csv"}]}
    export_focus(opened(tmp_path, cost=cost), tmp_path / "out.csv")
    (found,) = bills_of(opened(tmp_path, cost=cost))

    assert [m.agrees for m in found.months] == [True, True, None]


def test_a_bill_is_not_said_to_agree_with_a_log_of_which_rows_say_no_instant(tmp_path):
    write_calls(tmp_path, every_day(10))
    lose_instants(tmp_path)
    write_bill(tmp_path, [on(day, 0.084) for day in range(1, 31)] + [on(1, 0.084)])

    (found,) = bills_of(opened(tmp_path, cost={"bills": [BILL]}))

    assert found.months[0].agrees is None
    said = "10 rows of the log say no instant, and may be of this month"
    assert found.months[0].estimated.no_interval == f"lower bound: {said}"
    assert said in found.months[0].why
