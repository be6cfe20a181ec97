"""Daily cost of any usage log, without a workbook: nothing is claimed, and nothing is recorded."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from ops_model.domain.cost import HourPrice, TokenPrice
from ops_model.errors import UsageError
from ops_model.workflow.usage_logs import (
    REPORTED_COST,
    TIMESTAMP,
    UsageSource,
    counted_table,
    later_note,
)

if TYPE_CHECKING:
    import ibis

    from ops_model.analysis.price_book import PriceBook
    from ops_model.analysis.spend import SpendResult
    from ops_model.analysis.usage import UsageLogSums

LIST_CURRENCY = "USD"
_SOURCE = "prices given on the command line"
_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
_USD_COST = REPORTED_COST[0]


@dataclass(frozen=True)
class Prices:
    """What rows are priced by.

    Attributes:
        given: per model three prices per million tokens (input, cached input, output), or four
            with that of a token written to a cache, per resource one price per hour.
        currency: that of the given prices.
        listed: list prices for what none is given of; None takes them where none is given at all
            and the log reports no cost.
    """

    given: Mapping[str, tuple[Decimal, ...]]
    currency: str = LIST_CURRENCY
    listed: Literal["genai-prices", "none"] | None = None


def cost_in(
    usage: UsageSource,
    *,
    before: datetime,
    prices: Prices,
    ceiling_per_day: Decimal | None = None,
) -> "SpendResult":
    """Daily cost of a usage log.

    Args:
        usage: the log: columns of the usage contract or of another format, hours of a resource, or
            a reported cost of each row.
        before: the instant that judges; later rows are not read.
        prices: what it is priced by; without any the log's own cost is taken, else list prices.
        ceiling_per_day: the most that a day may cost.

    Raises:
        UsageError: there is nothing to price with.
        WarehouseError: the log cannot be read or lacks a column.
    """
    from ops_model.analysis.cost import PricedLogs, price_sums
    from ops_model.analysis.private_names import without_private_names
    from ops_model.analysis.spend import measure_spend
    from ops_model.analysis.usage import purpose_notes
    from ops_model.store.warehouse import readable_logs

    source = _source(usage, prices)
    counted = counted_table(source, before=before)
    table = counted.table
    if _takes_reported(prices, _USD_COST) and _USD_COST in table.columns:
        source = replace(source, unit="reported", reported=_USD_COST)
    book = _price_book(prices, source)
    with readable_logs(source.place):
        logs = (replace(_summed(table, source, book), undated=counted.undated),)
    notes = (*book.notes, *later_note(counted.later, before), *purpose_notes(logs))
    priced = PricedLogs(prices.currency, logs, price_sums(logs, book), notes)
    return measure_spend(
        without_private_names(priced), as_of=before, ceiling_per_day=ceiling_per_day
    )


def _source(usage: UsageSource, prices: Prices) -> UsageSource:
    """The log with what its columns say that it holds; the given prices go before its own cost."""
    from ops_model.store.warehouse import kinds_of

    columns = kinds_of(None, usage.address)
    if usage.written != "contract":
        return usage
    for name in REPORTED_COST:
        if name in columns and _takes_reported(prices, name):
            return replace(usage, unit="reported", reported=name)
    if {"resource", "hours"} <= set(columns):
        return replace(usage, unit="hours")
    return usage


def _takes_reported(prices: Prices, column: str) -> bool:
    in_currency = column != _USD_COST or prices.currency == LIST_CURRENCY
    return in_currency and not prices.given and prices.listed is None


def _summed(table: "ibis.Table", source: UsageSource, book: "PriceBook") -> "UsageLogSums":
    from ops_model.analysis.usage import models_in, sum_usage

    models = models_in(table) if book.listed and source.unit == "tokens" else ()
    return sum_usage(
        table, source.unit, timestamp=TIMESTAMP, splits=book.splits(models), apart=(),
        reported=source.reported, name=source.address,
        currency="" if source.reported == _USD_COST else book.currency,
    )  # fmt: skip


def _price_book(prices: Prices, source: UsageSource) -> "PriceBook":
    from ops_model.analysis.price_book import book_with_list

    listed = prices.listed == "genai-prices" or (prices.listed is None and not prices.given)
    usable = listed and prices.currency == LIST_CURRENCY and source.unit == "tokens"
    if source.unit != "reported" and not (prices.given or usable):
        raise UsageError(
            f"no price is given, it has none of the columns {', '.join(REPORTED_COST)} in "
            f"{prices.currency}, and list prices are of tokens, in {LIST_CURRENCY}",
            where=source.address,
            remedy="give each model its prices per million tokens: --price MODEL=IN,CACHE,OUT, or "
            "each resource its price per hour: --price RESOURCE=PER_HOUR",
        )
    return book_with_list(
        prices.currency, list(_token_prices(prices)), list(_hour_prices(prices)),
        asked=listed and source.unit == "tokens",
    )  # fmt: skip


def _token_prices(prices: Prices) -> Iterable[TokenPrice]:
    for item, given in prices.given.items():
        if len(given) > 1:
            yield TokenPrice(
                model=item, valid_from=_ALWAYS, input_per_million=given[0],
                cache_read_per_million=given[1], output_per_million=given[2], source=_SOURCE,
                cache_write_per_million=next(iter(given[3:]), None),
            )  # fmt: skip


def _hour_prices(prices: Prices) -> Iterable[HourPrice]:
    for item, given in prices.given.items():
        if len(given) == 1:
            yield HourPrice(resource=item, valid_from=_ALWAYS, per_hour=given[0], source=_SOURCE)
