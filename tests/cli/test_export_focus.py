"""`ops-model export focus`: what usage costs, for whatever reads bills of vendors."""

import csv
import json
from decimal import Decimal

import pytest
from click.testing import CliRunner

from ops_model.cli import ops_model
from ops_model.errors import UsageError, WarehouseError
from tests.workflow.spending import NOON, a_workbook, each_slot, log_usage


@pytest.fixture
def root(tmp_path):
    return log_usage(a_workbook(tmp_path), each_slot(1))


def arguments(root, into):
    return ["export", "focus", "answers", "--into", str(into), "--workbook", str(root)]


def test_the_rows_add_up_to_what_is_said(root):
    into = root / "spend.csv"
    done = CliRunner().invoke(ops_model, [*arguments(root, into), "--json"])
    told = json.loads(done.stdout)
    with into.open(newline="") as file:
        rows = list(csv.DictReader(file))

    assert (done.exit_code, told["rows"], told["total"]) == (0, 21, "2952.00")
    assert sum(Decimal(row["BilledCost"]) for row in rows) == Decimal(told["total"])
    assert {row["BillingAccountId"] for row in rows} == {"answers"}
    assert told["as_of"] == f"{NOON:%Y-%m-%dT%H:%M:%SZ}"
    assert "an estimate from the usage logs, no invoice" in done.stderr


def test_rows_without_a_price_are_left_out_and_counted(root):
    log_usage(root, [*each_slot(1), (NOON.replace(hour=3), 5, "another")])
    done = CliRunner().invoke(ops_model, arguments(root, root / "spend.parquet"))

    assert done.exit_code == 0
    assert "1 rows of the logs have no price, and are left out" in done.stderr


def test_another_form_is_refused_before_anything_is_read(tmp_path):
    root = a_workbook(tmp_path)

    with pytest.raises(UsageError, match=r"ends in '\.json'"):
        ops_model(arguments(root, root / "spend.json"), standalone_mode=False)


def test_a_log_that_is_not_there_is_told_and_nothing_is_written(tmp_path):
    into = tmp_path / "spend.csv"

    with pytest.raises(WarehouseError, match="data/usage"):
        ops_model(arguments(a_workbook(tmp_path), into), standalone_mode=False)
    assert not into.exists()
