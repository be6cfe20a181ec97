"""What usage costs: each sum with its price, or the reason why it has none.

A row without a price is counted and never taken for zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ops_model.analysis.price_book import PriceBook
from ops_model.analysis.prices import MILLION, TokenRate
from ops_model.analysis.usage import UsageLogSums, UsageSum

_KINDS = ("input", "cache read", "cache written", "output")


@dataclass(frozen=True)
class PricedSum:
    """A sum of usage with its cost.

    Attributes:
        usage: what was used.
        cost: what it cost; None where it has no price.
        source: where the price came from, '' without one.
        parts: what each of the amounts cost; they add up to `cost`. A price per request is in the
            first. Empty without a price.
        why: why there is no price.
        doubts: what makes the price less than sure.
    """

    usage: UsageSum
    cost: Decimal | None
    source: str
    parts: tuple[Decimal, ...]
    why: str = ""
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True)
class PricedLogs:
    """Usage logs with their cost: what every analysis of cost begins with."""

    currency: str
    logs: tuple[UsageLogSums, ...]
    sums: tuple[PricedSum, ...]
    notes: tuple[str, ...] = ()

    @property
    def newest(self) -> datetime | None:
        """The newest row of the log that lags most; None where one of them has none."""
        if any(log.newest is None for log in self.logs):
            return None
        return min((log.newest for log in self.logs if log.newest is not None), default=None)


def price_sums(logs: Sequence[UsageLogSums], prices: PriceBook) -> tuple[PricedSum, ...]:
    """Each sum of each log with its cost; the sums were made with the splits of these prices."""
    return tuple(_priced(log.unit, usage, prices) for log in logs for usage in log.sums)


def _priced(unit: str, usage: UsageSum, prices: PriceBook) -> PricedSum:
    if not usage.valid:
        return _without(usage, usage.wrong)
    if unit == "reported":
        cost = usage.amounts[0]
        return PricedSum(usage, cost, f"the log's own column {usage.item}", (cost,))
    if unit == "hours":
        return _priced_hours(usage, prices)
    rate = prices.rate_of(usage)
    return _without(usage, "no price is known") if rate is None else _priced_tokens(usage, rate)


def _priced_hours(usage: UsageSum, prices: PriceBook) -> PricedSum:
    hour = prices.of_hours(usage.item, usage.since) if usage.since else None
    if hour is None:
        return _without(usage, "no price is known")
    cost = usage.amounts[0] * hour.per_hour
    # A busy hour is one of the hours, and is paid with them.
    return PricedSum(usage, cost, hour.source, (cost, Decimal(0)))


def _priced_tokens(usage: UsageSum, rate: TokenRate) -> PricedSum:
    each = (
        rate.input_per_million, rate.cache_read_per_million, rate.cache_write_per_million,
        rate.output_per_million,
    )  # fmt: skip
    for kind, amount, price in zip(_KINDS, usage.amounts, each, strict=True):
        if amount and price is None:
            return _without(usage, f"no price of {kind} tokens is known")
    parts = [
        amount * (price or 0) / MILLION for amount, price in zip(usage.amounts, each, strict=True)
    ]
    parts[0] += rate.per_request * usage.rows
    return PricedSum(usage, sum(parts, Decimal(0)), rate.source, tuple(parts), doubts=rate.doubts)


def _without(usage: UsageSum, why: str) -> PricedSum:
    return PricedSum(usage, None, "", (), why)
