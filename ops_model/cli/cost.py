"""`ops-model cost`: daily cost of a usage log, without a workbook."""

from collections import defaultdict
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import click

from ops_model.cli.context import instant_option, json_option, now, print_json
from ops_model.cli.table import print_table

if TYPE_CHECKING:
    from ops_model.analysis.cost import SpendResult

_SHOWN_DAYS = 14
_PRICES_PER_ITEM = (1, 3)


class _Price(click.ParamType[tuple[str, tuple[Decimal, ...]]]):
    name = "MODEL=IN,CACHE,OUT"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, tuple[Decimal, ...]]:
        item, _, numbers = str(value).rpartition("=")
        try:
            prices = tuple(Decimal(number) for number in numbers.split(","))
        except InvalidOperation:
            prices = ()
        if not item or len(prices) not in _PRICES_PER_ITEM or not all(map(_is_price, prices)):
            self.fail(
                f"{value!r} is no price; expected MODEL=IN,CACHE,OUT per million tokens, such as "
                "large=5.00,1.25,20.00, or RESOURCE=PER_HOUR",
                param,
                ctx,
            )
        return item, prices


def _is_price(number: Decimal) -> bool:
    return number.is_finite() and number >= 0


class _Amount(click.ParamType[Decimal]):
    name = "AMOUNT"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        try:
            amount = Decimal(str(value))
        except InvalidOperation:
            amount = Decimal("NaN")
        if not _is_price(amount):
            self.fail(f"{value!r} is no amount, such as 20.00", param, ctx)
        return amount


@click.command()
@click.option("--usage", required=True, metavar="P", help="The usage rows (Parquet).")
@click.option("--timestamp", default="timestamp", show_default=True, metavar="C",
              help="When a row was written.")  # fmt: skip
@click.option("--price", "prices", type=_Price(), multiple=True,
              help="Prices per million tokens, or RESOURCE=PER_HOUR; repeatable.")  # fmt: skip
@click.option("--currency", default="USD", show_default=True, metavar="CUR",
              help="The currency of the prices.")  # fmt: skip
@click.option("--ceiling", type=_Amount(), default=None, help="The most that a day may cost.")
@click.option("--assume-utc", is_flag=True, help="Take timestamps without a zone as UTC.")
@click.option("--gate", is_flag=True,
              help="Exit 1 when a day is over the ceiling or a row has no price.")  # fmt: skip
@instant_option("now")
@json_option
def command(
    *,
    prices: tuple[tuple[str, tuple[Decimal, ...]], ...],
    ceiling: Decimal | None,
    gate: bool,
    as_of: datetime | None,
    as_json: bool,
    usage: str,
    timestamp: str,
    currency: str,
    assume_utc: bool,
) -> None:
    """What each service cost per UTC day; a row without a price is counted, never taken for zero.

    Prices come from --price, or else from the log's own column x_reported_cost_usd or cost.
    """
    from ops_model.workflow.any_log_cost import cost_in

    result = cost_in(
        usage, before=as_of or now(), prices=dict(prices), currency=currency, timestamp=timestamp,
        ceiling_per_day=ceiling, assume_utc=assume_utc,
    )  # fmt: skip
    if as_json:
        print_json(_as_json(result, currency))
    else:
        _print(result, currency)
    if gate and (result.unpriced_rows or result.days_over_ceiling):
        raise click.exceptions.Exit(1)


def _services(result: "SpendResult") -> list[dict[str, Any]]:
    cost: dict[str, float] = defaultdict(float)
    requests: dict[str, int] = defaultdict(int)
    for row in result.days:
        cost[row.service] += row.cost.value or 0.0
        requests[row.service] += row.requests
    dearest = sorted(cost, key=lambda service: (-cost[service], service))
    return [{"service": s, "cost": cost[s], "requests": requests[s]} for s in dearest]


def _as_json(result: "SpendResult", currency: str) -> dict[str, Any]:
    from ops_model.domain.values import iso_utc

    return {
        "currency": currency,
        "total": result.total.value,
        "unpriced_rows": result.unpriced_rows,
        "price_source": result.price_source,
        "days_over_ceiling": result.days_over_ceiling,
        "newest_row": iso_utc(result.newest_row) if result.newest_row else None,
        "days": [
            {
                "day": d.day.isoformat(), "service": d.service, "cost": d.cost.value,
                "requests": d.requests, "rests_on": d.cost.no_interval,
            }
            for d in result.days
        ],
        "services": _services(result),
    }  # fmt: skip


def _print(result: "SpendResult", currency: str) -> None:
    print_table(
        f"{result.total.value or 0:,.2f} {currency} ({result.total.no_interval}); rows without a "
        f"price: {result.unpriced_rows:,}; days over the ceiling: {result.days_over_ceiling}; "
        f"prices: {result.price_source}",
        ("service", currency, "requests"),
        [(s["service"], f"{s['cost']:,.2f}", f"{s['requests']:,}") for s in _services(result)],
    )
    recent = sorted({row.day for row in result.days})[-_SHOWN_DAYS:]
    print_table(
        f"the last {len(recent)} days",
        ("day", "service", currency, ""),
        [
            (
                row.day.isoformat(),
                row.service,
                f"{row.cost.value or 0:,.2f}",
                "" if row.cost.no_interval == "exact" else row.cost.no_interval or "",
            )
            for row in result.days
            if row.day in recent
        ],
    )
