"""A bill in FOCUS: read of any version, and what is wrong with a row told."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow.parquet as pq
import pytest

from ops_model.analysis.focus import charges_of, focus_version
from tests.analysis.focus_bills import ROW, charges
from tests.analysis.tables import table
from tests.shared_data import shared


def one(**changed):
    (charge,) = charges(changed)
    return charge


def test_rows_that_are_alike_are_one_charge_with_their_exact_sum():
    (charge,) = charges(*[{"BilledCost": 0.1}] * 3)

    assert (charge.rows, charge.billed, charge.day) == (3, Decimal("0.3"), date(2026, 8, 3))


@pytest.mark.parametrize(
    ("columns", "version"),
    [((), "1.0"), (("SkuMeter",), "1.1"), (("SkuMeter", "InvoiceId"), "1.2"),
     (("InvoiceId", "ServiceProviderName"), "1.3")],
)  # fmt: skip
def test_the_version_is_told_by_the_columns_that_came_with_it(columns, version):
    assert focus_version([*ROW, *columns]) == version


def test_instants_count_alike_as_text_and_as_timestamps():
    instants = {
        "ChargePeriodStart": [datetime(2026, 8, 3, 23, tzinfo=UTC)],
        "ChargePeriodEnd": [datetime(2026, 8, 4, 23, tzinfo=UTC)],
    }
    as_time = table(**{name: [value] for name, value in ROW.items()} | instants)
    (charge,) = charges_of(as_time)

    assert (charge.day, charge.one_day, charge.wrong) == (date(2026, 8, 3), True, "")


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"BilledCost": None}, "no billed cost"), ({"BilledCost": float("nan")}, "no billed cost"),
        ({"BillingCurrency": None}, "no currency"),
        ({"ChargeCategory": "Misc"}, "no charge category that FOCUS has"),
        ({"ChargePeriodStart": "soon"}, "no charge period"),
        ({"ChargePeriodStart": "2026-02-31T00:00:00Z"}, "no charge period"),
        ({"ChargePeriodStart": "2026-08-03T00:00:00+02:00"}, "no charge period"),
        ({"ChargePeriodEnd": None}, "no charge period"),
        ({"ChargePeriodEnd": "2026-08-01T00:00:00Z"}, "the charge period ends before it begins"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_row_is_told(changed, wrong):
    assert one(**changed).wrong == wrong


def test_a_row_whose_price_times_quantity_is_another_cost_does_not_add_up():
    assert one().adds_up
    assert not one(ListCost=5.0).adds_up
    assert one(ListCost=4.009).adds_up  # within a cent
    assert one(ListUnitPrice=None).adds_up  # what is not said is no contradiction


def test_a_row_names_what_a_log_names_wherever_it_does():
    names = ["Large", "x"]

    assert charges({"SkuId": "LARGE-output"}, names=names)[0].held
    assert charges({"SkuId": "1", "ServiceName": "large"}, names=names)[0].held
    assert not charges({"SkuId": "xy"}, names=names)[0].held  # too short a name to tell


def test_corrections_commitments_and_refunds_are_told_apart():
    assert one(ChargeClass="Correction").correction
    assert one(CommitmentDiscountStatus="Used").covered
    assert one(BilledCost=-1.0).refund


def test_of_a_real_bill_each_row_is_read_and_those_that_do_not_add_up_are_found():
    rows = pq.read_table(shared("focus_1_0_sample_1000.parquet"))
    held = [f.name for f in rows.schema if str(f.type) != "null"]
    found = charges_of(table(**{name: rows[name] for name in held}))

    assert sum(c.rows for c in found) == 1_000
    assert {c.wrong for c in found} == {""}
    assert sum(c.rows for c in found if not c.adds_up) == 8
    assert sum(c.billed for c in found) == pytest.approx(Decimal("20.520227"), abs=Decimal("1E-6"))
