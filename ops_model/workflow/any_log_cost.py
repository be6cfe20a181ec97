"""Daily cost of any usage log, without a workbook: nothing is claimed, and nothing is recorded."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from ops_model.domain.cost import HourPrice, TokenPrice
from ops_model.errors import UsageError
from ops_model.workflow.declared import OPTIONAL_USAGE_COLUMNS, USAGE_COLUMNS

if TYPE_CHECKING:
    from ops_model.analysis.cost import PriceBook, SpendResult
    from ops_model.analysis.usage import UsageUnit
    from ops_model.store.warehouse import ColumnKind

REPORTED = ("x_reported_cost_usd", "cost")
"""Columns with the cost of a row, as the log itself reports it; the first is in USD."""
_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
Prices = Mapping[str, tuple[Decimal, ...]]


def cost_in(
    usage: str,
    *,
    before: datetime,
    prices: Prices,
    currency: str = "USD",
    timestamp: str = "timestamp",
    ceiling_per_day: Decimal | None = None,
    assume_utc: bool = False,
) -> "SpendResult":
    """Daily cost of a usage log.

    Args:
        usage: path of the rows: columns of the usage contract, or a reported cost of each row.
        before: the instant that judges; later rows are not read.
        prices: per model three prices per million tokens (input, cached input, output), per
            resource one price per hour; none takes what the log reports.
        currency: that of the prices.
        timestamp: when a row was written.
        ceiling_per_day: the most that a day may cost.
        assume_utc: take naive timestamps as UTC.

    Raises:
        UsageError: there is nothing to price with.
        WarehouseError: the log cannot be read or lacks a column.
    """
    from ops_model.analysis.cost import measure_spend
    from ops_model.analysis.usage import sum_usage
    from ops_model.store.warehouse import LogRequest, kinds_of, open_logs, readable_logs

    book = _price_book(prices, currency)
    kinds = kinds_of(None, usage)
    unit, reported = _unit(usage, tuple(kinds), prices, currency)
    columns: dict[str, ColumnKind]
    optional: dict[str, ColumnKind]
    if unit == "reported":
        columns, optional = {reported: "number"}, {"service": "text"}
    else:
        columns, optional = dict(USAGE_COLUMNS[unit]), dict(OPTIONAL_USAGE_COLUMNS[unit])
    request = LogRequest(
        usage, columns, timestamp, before, optional=optional, assume_utc=assume_utc
    )
    table = open_logs(None, {"usage": request})["usage"]
    with readable_logs(usage):
        sums = sum_usage(table, unit, timestamp=timestamp, changes=book.changes, reported=reported)
    return measure_spend([sums], book, as_of=before, ceiling_per_day=ceiling_per_day)


def _price_book(prices: Prices, currency: str) -> "PriceBook":
    from ops_model.analysis.cost import PriceBook

    source = "prices given on the command line"
    tokens = [
        TokenPrice(
            model=item, valid_from=_ALWAYS, input_per_million=given[0],
            cache_read_per_million=given[1], output_per_million=given[2], source=source,
        )
        for item, given in prices.items()
        if len(given) == len(("input", "cache", "output"))
    ]  # fmt: skip
    hours = [
        HourPrice(resource=item, valid_from=_ALWAYS, per_hour=given[0], source=source)
        for item, given in prices.items()
        if len(given) == 1
    ]
    return PriceBook(currency, tuple(tokens), tuple(hours))


def _unit(
    usage: str, columns: Sequence[str], prices: Prices, currency: str
) -> "tuple[UsageUnit, str]":
    """What the rows are priced by: the given prices first, else the cost that the log reports."""
    if prices:
        return ("hours" if {"resource", "hours"} <= set(columns) else "tokens"), ""
    for name in REPORTED:
        if name in columns and (name != REPORTED[0] or currency == "USD"):
            return "reported", name
    raise UsageError(
        f"no price is given, and it has none of the columns {', '.join(REPORTED)} in {currency}",
        where=usage,
        remedy="give each model its prices per million tokens: --price MODEL=IN,CACHE,OUT",
    )
