"""`ops-model cost`: daily cost of a usage log, without a workbook."""

import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Literal, get_args

import click

from ops_model.cli.context import instant_option, json_option, now, print_json
from ops_model.cli.table import print_table
from ops_model.domain.cost import UsageFormat
from ops_model.errors import UsageError

if TYPE_CHECKING:
    from ops_model.analysis.spend import SpendResult
    from ops_model.domain.evidence import Measured

_SHOWN_DAYS = 14
_PRICES_PER_ITEM = (1, 3, 4)
_OLD_HOURS = 48
"""So old data says nothing of today."""
_FORMATS = get_args(UsageFormat)


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
                "large=5.00,1.25,20.00, with a fourth for tokens written to a cache where they "
                "cost more than input, or RESOURCE=PER_HOUR",
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


class _Currency(click.ParamType[str]):
    name = "CUR"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        said = str(value).strip()
        if not re.fullmatch(r"[A-Z]{3}", said):
            self.fail(f"{said[:20]!r} is no currency; expected three capitals, such as EUR",
                      param, ctx)  # fmt: skip
        return said


@click.command()
@click.option("--usage", required=True, metavar="P",
              help="The usage rows: a file or a folder of files.")  # fmt: skip
@click.option("--format", "written", type=click.Choice(_FORMATS), default="contract",
              show_default=True, help="Who wrote them.")  # fmt: skip
@click.option("--timestamp", default="timestamp", show_default=True, metavar="C",
              help="When a row was written.")  # fmt: skip
@click.option("--service", default="", metavar="S", help="The service of rows that name none.")
@click.option("--provider", default="", metavar="ID",
              help="The provider of rows that name none, such as openai.")  # fmt: skip
@click.option("--input-includes-cache/--input-without-cache", "includes_cache", default=None,
              help="Whether input holds cached tokens; else as the format has it.")  # fmt: skip
@click.option("--price", "given", type=_Price(), multiple=True,
              help="Prices per million tokens, or RESOURCE=PER_HOUR; repeatable.")  # fmt: skip
@click.option("--prices", "listed", type=click.Choice(["genai-prices", "none"]), default=None,
              help="List prices, in USD, for what no price is given of.")  # fmt: skip
@click.option("--currency", type=_Currency(), default="USD", show_default=True, metavar="CUR",
              help="The currency of the prices.")  # fmt: skip
@click.option("--ceiling", type=_Amount(), default=None, help="The most that a day may cost.")
@click.option("--assume-utc", is_flag=True, help="Take timestamps without a zone as UTC.")
@click.option("--gate", is_flag=True,
              help="Exit 1 when a day is over the ceiling, a row has no price, or the newest "
              f"row is over {_OLD_HOURS} hours old.")  # fmt: skip
@instant_option("now")
@json_option
def command(
    *,
    given: tuple[tuple[str, tuple[Decimal, ...]], ...],
    listed: Literal["genai-prices", "none"] | None,
    currency: str,
    ceiling: Decimal | None,
    gate: bool,
    as_of: datetime | None,
    as_json: bool,
    usage: str,
    written: UsageFormat,
    timestamp: str,
    service: str,
    provider: str,
    includes_cache: bool | None,
    assume_utc: bool,
) -> None:
    """What each service cost per UTC day; a row without a price is counted, never taken for zero.

    Prices come from --price; without any, from what the log itself reports in x_reported_cost_usd
    or cost; without that, from the list prices of genai-prices, dated, and read offline.
    """
    from ops_model.workflow.any_log_cost import Prices, cost_in
    from ops_model.workflow.usage_logs import UsageSource

    _refuse_two_prices(given)
    source = UsageSource(
        usage, timestamp=timestamp, written=written, service=service, provider=provider,
        includes_cache=includes_cache, assume_utc=assume_utc,
    )  # fmt: skip
    result = cost_in(
        source, before=as_of or now(), prices=Prices(dict(given), currency, listed),
        ceiling_per_day=ceiling,
    )  # fmt: skip
    for warning in result.warnings:
        click.echo(f"warning: {warning}", err=True)
    if as_json:
        print_json(_as_json(result, currency))
    else:
        _print(result, currency)
    if gate and (result.unpriced_rows or result.days_over_ceiling or _is_old(result)):
        raise click.exceptions.Exit(1)


def _refuse_two_prices(given: tuple[tuple[str, tuple[Decimal, ...]], ...]) -> None:
    items = [item for item, _ in given]
    twice = sorted({item for item in items if items.count(item) > 1})
    if twice:
        raise UsageError(
            f"--price: {twice[0]!r} has {items.count(twice[0])} prices; expected one",
            remedy="give the price of each model or resource once",
        )


def _is_old(result: "SpendResult") -> bool:
    age = result.data_age_hours.value
    return age is None or age > _OLD_HOURS


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
        "data_age_hours": result.data_age_hours.value,
        "newest_row": iso_utc(result.newest_row) if result.newest_row else None,
        "days": [
            {
                "day": d.day.isoformat(), "service": d.service, "cost": d.cost.value,
                "requests": d.requests, "rests_on": d.cost.no_interval,
            }
            for d in result.days
        ],
        "services": _services(result),
        "by_purpose": _values(result.by_purpose),
        "by_provider": _values(result.by_provider),
        "unpriced": dict(result.unpriced),
        "apart": dict(result.apart),
        "silent_days": [day.isoformat() for day in result.silent_days],
        "warnings": list(result.warnings),
    }  # fmt: skip


def _print_age(result: "SpendResult") -> None:
    from ops_model.domain.values import iso_utc

    age = result.data_age_hours.value
    if result.newest_row is None or age is None:
        return
    told = f"{age / 24:,.0f} days" if _is_old(result) else f"{age:,.1f} hours"
    old = "; it says nothing of today" if _is_old(result) else ""
    click.echo(f"newest row: {iso_utc(result.newest_row)}, {told} old{old}")


def _values(parts: "Mapping[str, Measured]") -> dict[str, float | None]:
    return {name: one.value for name, one in parts.items()}


def _total(result: "SpendResult", currency: str) -> str:
    value = result.total.value
    return "an unknown cost" if value is None else f"{value:,.2f} {currency}"


def _print(result: "SpendResult", currency: str) -> None:
    print_table(
        f"{_total(result, currency)} ({result.total.no_interval}); rows without a "
        f"price: {result.unpriced_rows:,}; days over the ceiling: {result.days_over_ceiling}; "
        f"prices: {result.price_source}",
        ("service", currency, "requests"),
        [(s["service"], f"{s['cost']:,.2f}", f"{s['requests']:,}") for s in _services(result)],
    )
    _print_age(result)
    if set(result.by_purpose) != {"prod"}:
        print_table(
            "by purpose",
            ("purpose", currency),
            [(name, f"{one.value or 0:,.2f}") for name, one in result.by_purpose.items()],
        )
    for title, rows in (("rows without a price", result.unpriced), ("rows apart", result.apart)):
        if rows:
            print_table(title, ("what", "rows"), [(w, f"{n:,}") for w, n in rows.items()])
    if result.silent_days:
        days = ", ".join(day.isoformat() for day in result.silent_days[-_SHOWN_DAYS:])
        print_table(
            f"{len(result.silent_days)} days without any row, unknown", ("the last",), [(days,)]
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
