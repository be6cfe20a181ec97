"""What the usage logs come to as rows of FOCUS 1.2, for whatever reads bills of vendors.

It is an estimate and says so (`x_Estimated`): nobody sent it as an invoice. What is ours begins
with `x_`. List and contracted cost are what the known price comes to, since no other is known.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Literal

from ops_model.analysis.cost import PricedSum
from ops_model.analysis.prices import MILLION

VERSION = "1.2"
Kind = Literal["text", "number", "time", "count", "boolean"]
COLUMNS: Mapping[str, Kind] = {
    "BilledCost": "number", "BillingAccountId": "text", "BillingAccountName": "text",
    "BillingAccountType": "text", "BillingCurrency": "text", "BillingPeriodEnd": "time",
    "BillingPeriodStart": "time", "ChargeCategory": "text", "ChargeClass": "text",
    "ChargeDescription": "text", "ChargeFrequency": "text", "ChargePeriodEnd": "time",
    "ChargePeriodStart": "time", "ConsumedQuantity": "number", "ConsumedUnit": "text",
    "ContractedCost": "number", "ContractedUnitPrice": "number", "EffectiveCost": "number",
    "InvoiceId": "text", "InvoiceIssuerName": "text", "ListCost": "number",
    "ListUnitPrice": "number", "PricingCategory": "text", "PricingCurrency": "text",
    "PricingQuantity": "number", "PricingUnit": "text", "ProviderName": "text",
    "PublisherName": "text", "ResourceId": "text", "ServiceCategory": "text",
    "ServiceName": "text", "ServiceSubcategory": "text", "SkuId": "text", "SkuMeter": "text",
    "SkuPriceId": "text", "Tags": "text", "x_Estimated": "boolean", "x_FailedRequests": "count",
    "x_PriceSource": "text", "x_Purpose": "text", "x_Requests": "count", "x_Run": "text",
    "x_UserGroup": "text",
}  # fmt: skip
"""Every column and what it holds."""
_PLACES = Decimal("1E-12")


@dataclass(frozen=True)
class _Meters:
    """What the amounts of a sum are called, and the unit that a price is of."""

    meters: tuple[str, ...]
    unit: str
    per: Decimal
    priced: str
    category: str
    subcategory: str


_AI = "AI and Machine Learning"
_METERS: Mapping[int, _Meters] = {
    4: _Meters(("Input", "CacheRead", "CacheWrite", "Output"), "Tokens", MILLION,
               "1000000 Tokens", _AI, "Generative AI"),
    2: _Meters(("Hours",), "Hours", Decimal(1), "Hours", "Compute", "Other (Compute)"),
    1: _Meters(("Reported",), "Requests", Decimal(1), "Requests", _AI, "Generative AI"),
}  # fmt: skip
"""By the number of amounts that a sum has."""


def focus_rows(
    sums: Iterable[PricedSum], *, account: str, currency: str
) -> Iterator[dict[str, Any]]:
    """A row for each amount of each sum of a day that has a price; they add up to the spend.

    What has no price is no row, since FOCUS has no cost that is not known.

    Args:
        sums: by days of UTC.
        account: who is billed: the id of the system.
        currency: that of the prices.
    """
    for one in sums:
        if one.cost is None:
            continue
        told = _METERS[len(one.usage.amounts)]
        shared = _shared(one, account, currency, told)
        carried = 0
        for place, meter in enumerate(told.meters):
            cost, amount = one.parts[place], one.usage.amounts[place]
            if told.unit == "Requests":
                amount = Decimal(one.usage.rows)
            if not cost and not amount:
                continue
            # Requests are counted once, with the first amount that has a row.
            counts = {"x_Requests": 0, "x_FailedRequests": 0} if carried else {}
            carried += 1
            yield {**shared, **_priced(one, told, meter, cost, amount), **counts}


def _shared(one: PricedSum, account: str, currency: str, told: _Meters) -> dict[str, Any]:
    usage = one.usage
    begins = usage.at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    month = begins.replace(day=1)
    provider = usage.provider or "(no provider)"
    tags = {"purpose": usage.purpose} | {
        key: value for key, value in (("user_group", usage.user_group), ("run_id", usage.run))
        if value
    }  # fmt: skip
    return {
        "BillingAccountId": account, "BillingAccountName": account,
        "BillingAccountType": "System", "BillingCurrency": currency,
        "BillingPeriodStart": month, "BillingPeriodEnd": _next(month),
        "ChargeCategory": "Usage", "ChargeClass": None, "ChargeFrequency": "Usage-Based",
        "ChargePeriodStart": begins, "ChargePeriodEnd": begins + timedelta(days=1),
        "InvoiceId": None, "InvoiceIssuerName": provider, "PricingCategory": "Standard",
        "PricingCurrency": currency, "ProviderName": provider, "PublisherName": provider,
        "ResourceId": usage.item, "ServiceCategory": told.category,
        "ServiceName": usage.service, "ServiceSubcategory": told.subcategory,
        "SkuId": usage.item, "Tags": json.dumps(tags, sort_keys=True), "x_Estimated": True,
        "x_FailedRequests": usage.failed, "x_PriceSource": one.source,
        "x_Purpose": usage.purpose, "x_Requests": usage.rows, "x_Run": usage.run or None,
        "x_UserGroup": usage.user_group or None,
    }  # fmt: skip


def _priced(
    one: PricedSum, told: _Meters, meter: str, cost: Decimal, amount: Decimal
) -> dict[str, Any]:
    quantity = amount / told.per
    each = _rounded(cost / quantity) if quantity else None
    said = _rounded(cost)
    tier = f"/{one.usage.service_tier}" if one.usage.service_tier else ""
    return {
        "BilledCost": said, "EffectiveCost": said, "ListCost": said, "ContractedCost": said,
        "ListUnitPrice": each, "ContractedUnitPrice": each,
        "ChargeDescription": f"{meter} of {one.usage.item} for {one.usage.service}",
        "ConsumedQuantity": _rounded(amount), "ConsumedUnit": told.unit,
        "PricingQuantity": _rounded(quantity), "PricingUnit": told.priced,
        "SkuMeter": meter, "SkuPriceId": f"{one.usage.item}{tier}/{meter}",
    }  # fmt: skip


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_PLACES, ROUND_HALF_EVEN)


def _next(month: datetime) -> datetime:
    return (month + timedelta(days=31)).replace(day=1)
