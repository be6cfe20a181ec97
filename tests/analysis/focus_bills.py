"""Rows of a bill in the columns of FOCUS, each right until something of it is changed."""

from datetime import UTC, datetime

from ops_model.analysis.focus import charges_of
from tests.analysis.tables import table

ROW = {
    "BilledCost": 2.0, "BillingCurrency": "USD", "ChargeCategory": "Usage", "ChargeClass": "",
    "ChargePeriodStart": "2026-08-03T00:00:00Z", "ChargePeriodEnd": "2026-08-04T00:00:00Z",
    "ServiceName": "Answers", "ContractedCost": 2.0, "ContractedUnitPrice": 1.0,
    "ListCost": 4.0, "ListUnitPrice": 2.0, "PricingQuantity": 2.0, "SkuId": "large-input",
    "CommitmentDiscountStatus": "",
}  # fmt: skip


def a_bill(*changes):
    """A table of one row for each set of changes."""
    rows = [{**ROW, **changed} for changed in changes]
    return table(**{name: [row[name] for row in rows] for name in {**ROW, **rows[0]}})


def charges(*changes, names=()):
    return charges_of(a_bill(*changes), names)


def priced(cost, contracted=None):
    """A cost whose price and quantity fit, so that nothing but the cost changes."""
    whole = cost if contracted is None else contracted
    return {"BilledCost": cost, "ContractedCost": whole, "ContractedUnitPrice": whole,
            "ListCost": whole, "ListUnitPrice": whole, "PricingQuantity": 1.0}  # fmt: skip


def on(day, cost, **more):
    """A cost of one day of August."""
    ends = datetime(2026, 8, day, tzinfo=UTC).replace(day=day + 1)
    return {**priced(cost), "ChargePeriodStart": f"2026-08-{day:02d}T00:00:00Z",
            "ChargePeriodEnd": f"{ends:%Y-%m-%dT%H:%M:%SZ}", **more}  # fmt: skip
