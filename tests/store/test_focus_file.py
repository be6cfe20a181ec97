"""A bill written as CSV and Parquet: exact numbers, instants in UTC, nothing for nothing."""

import csv
from datetime import UTC, datetime
from decimal import Decimal

import pyarrow.parquet as pq
import pytest

from ops_model.errors import UsageError
from ops_model.store.focus_file import write_focus

COLUMNS = {"BilledCost": "number", "ServiceName": "text", "ChargePeriodStart": "time",
           "x_Estimated": "boolean", "x_Requests": "count"}  # fmt: skip
ROW = {"BilledCost": Decimal("0.000000120000"), "ServiceName": 'a "b", c', "x_Estimated": True,
       "ChargePeriodStart": datetime(2026, 8, 3, tzinfo=UTC), "x_Requests": 0}  # fmt: skip


def test_csv_holds_plain_numbers_and_instants_with_a_z(tmp_path):
    path = tmp_path / "a.csv"

    assert write_focus(path, COLUMNS, [ROW, {**ROW, "ServiceName": None}]) == 2
    assert path.read_text().splitlines() == [
        "BilledCost,ServiceName,ChargePeriodStart,x_Estimated,x_Requests",
        '0.00000012,"a ""b"", c",2026-08-03T00:00:00Z,true,0',
        "0.00000012,,2026-08-03T00:00:00Z,true,0",
    ]


def test_whole_numbers_keep_their_noughts(tmp_path):
    write_focus(tmp_path / "a.csv", COLUMNS, [{**ROW, "BilledCost": Decimal(100)}])

    assert (tmp_path / "a.csv").read_text().splitlines()[1].startswith("100,")


def test_parquet_holds_decimals_and_instants(tmp_path):
    write_focus(tmp_path / "a.parquet", COLUMNS, [ROW])

    assert pq.read_table(tmp_path / "a.parquet").to_pylist() == [ROW]


def test_another_ending_is_refused_with_those_that_are_known(tmp_path):
    with pytest.raises(UsageError, match=r"expected \.csv or \.parquet"):
        write_focus(tmp_path / "a.xlsx", COLUMNS, [ROW])


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(UsageError, match="cannot be written: No such file"):
        write_focus(tmp_path / "none/a.csv", COLUMNS, [ROW])


@pytest.mark.parametrize(
    "name", ['=HYPERLINK("http://evil.example","x")', "+1", "-1", "@sum(a1)", "\t=1", "  =1+1"]
)
def test_a_name_that_begins_like_a_formula_is_text_in_a_spreadsheet(tmp_path, name):
    write_focus(tmp_path / "a.csv", COLUMNS, [{**ROW, "ServiceName": name}])
    with (tmp_path / "a.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)

    assert row["ServiceName"] == f"'{name}"


def test_a_cost_below_nothing_is_a_number_in_a_spreadsheet(tmp_path):
    write_focus(tmp_path / "a.csv", COLUMNS, [{**ROW, "BilledCost": Decimal("-1.5")}])

    assert (tmp_path / "a.csv").read_text().splitlines()[1].startswith("-1.5,")


def test_parquet_keeps_a_name_as_it_is(tmp_path):
    write_focus(tmp_path / "a.parquet", COLUMNS, [{**ROW, "ServiceName": "=1+1"}])

    assert pq.read_table(tmp_path / "a.parquet")["ServiceName"].to_pylist() == ["=1+1"]
