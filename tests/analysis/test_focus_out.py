"""Spend as rows of FOCUS: they add up to it, and read as a bill they are it."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ops_model.analysis.cost import PricedSum
from ops_model.analysis.focus import charges_of
from ops_model.analysis.focus_out import COLUMNS, focus_rows
from ops_model.analysis.usage import UsageSum
from tests.analysis.tables import table

D = Decimal
AT = datetime(2026, 8, 31, tzinfo=UTC)


def a_sum(amounts, parts, **changed):
    said = {"at": AT, "service": "chat", "provider": "openai", "item": "large",
            "purpose": "prod", "user_group": "", "run": "", "since": AT, "valid": True,
            "rows": 9, "failed": 2, "amounts": tuple(map(D, amounts))}  # fmt: skip
    cost = None if parts is None else sum(map(D, parts), D(0))
    return PricedSum(UsageSum(**said | changed), cost, "a list", tuple(map(D, parts or ())))


def rows(*sums):
    return list(focus_rows(sums, account="answers", currency="USD"))


def test_each_kind_of_token_is_a_row_of_its_own():
    found = rows(a_sum(("1000", "200", "0", "50"), ("0.002", "0.0001", "0", "0.0005")))

    assert [(r["SkuMeter"], r["ConsumedQuantity"], r["BilledCost"]) for r in found] == [
        ("Input", 1000, D("0.002")), ("CacheRead", 200, D("0.0001")), ("Output", 50, D("0.0005")),
    ]  # fmt: skip
    assert all(set(r) == set(COLUMNS) for r in found)


def test_requests_are_counted_with_one_row_of_a_sum_only():
    found = rows(a_sum(("0", "200", "0", "50"), ("0", "1", "0", "2")))

    assert [(r["x_Requests"], r["x_FailedRequests"]) for r in found] == [(9, 2), (0, 0)]


def test_a_day_at_the_end_of_a_month_is_billed_in_it():
    (row,) = rows(a_sum(("24", "3"), ("2.4", "0")))

    assert (row["SkuMeter"], row["ServiceCategory"]) == ("Hours", "Compute")
    assert (row["BillingPeriodStart"].day, row["BillingPeriodEnd"].month) == (1, 9)
    assert row["ChargePeriodEnd"] == datetime(2026, 9, 1, tzinfo=UTC)


def test_what_has_no_price_is_no_row_and_never_costs_nothing():
    assert rows(a_sum(("1000", "0", "0", "50"), None)) == []


@pytest.mark.parametrize("tier", ["", "flex"])
def test_prices_and_quantities_add_up_and_the_cost_is_kept_to_the_last_digit(tier):
    third = D(1) / 3
    found = rows(
        a_sum(("1000", "7", "3", "50"), (third, third, third, "1E-13"), service_tier=tier)
    )

    assert abs(sum(r["BilledCost"] for r in found) - (1 + D("1E-13"))) < D("1E-11")
    told = table(**{
        name: [r[name] if not name.startswith("ChargePeriod") else r[name].isoformat()
               for r in found]
        for name in ("BilledCost", "BillingCurrency", "ChargeCategory", "ServiceName", "SkuId",
                     "ListCost", "ListUnitPrice", "ContractedCost", "ContractedUnitPrice",
                     "PricingQuantity", "ChargePeriodStart", "ChargePeriodEnd")
    })  # fmt: skip
    assert all(c.adds_up and not c.wrong and c.held for c in charges_of(told, ["large"]))
