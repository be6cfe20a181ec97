"""What each service costs per day, against the ceiling, and how old the numbers are.

A row without a price is counted and never taken for zero: a day that holds one is a lower bound,
and says so.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from ops_model.analysis.usage import UsageLogSums, UsageSum
from ops_model.domain.cost import DayCost, HourPrice, TokenPrice
from ops_model.domain.evidence import Measured

MILLION = Decimal(1_000_000)


@dataclass(frozen=True)
class PriceBook:
    """Dated prices; each holds from its `valid_from` until the next one of the same item."""

    currency: str
    tokens: tuple[TokenPrice, ...] = ()
    hours: tuple[HourPrice, ...] = ()

    @property
    def changes(self) -> tuple[datetime, ...]:
        """Every instant at which some price begins."""
        begins = {p.valid_from for p in self.tokens} | {p.valid_from for p in self.hours}
        return tuple(sorted(begins))

    def of_tokens(self, model: str, since: datetime | None) -> TokenPrice | None:
        """The price of a model in the regime that begins at `since`."""
        known = [p for p in self.tokens if p.model == model and since and p.valid_from <= since]
        return max(known, key=lambda p: p.valid_from, default=None)

    def of_hours(self, resource: str, since: datetime | None) -> HourPrice | None:
        """The price of an hour of a resource in the regime that begins at `since`."""
        known = [
            p for p in self.hours if p.resource == resource and since and p.valid_from <= since
        ]
        return max(known, key=lambda p: p.valid_from, default=None)


@dataclass(frozen=True)
class SpendResult:
    """The numbers of a `SpendMeasurement`, without what only the caller knows."""

    total: Measured
    today: Measured
    last_full_day: Measured
    days_over_ceiling: int
    newest_row: datetime | None
    data_age_hours: Measured
    unpriced_rows: int
    price_source: str
    days: tuple[DayCost, ...]


@dataclass
class _Sum:
    cost: Decimal = Decimal(0)
    rows: int = 0
    unpriced: int = 0

    def add(self, other: "_Sum") -> None:
        self.cost += other.cost
        self.rows += other.rows
        self.unpriced += other.unpriced

    def measured(self, currency: str) -> Measured:
        reason = "exact"
        if self.unpriced:
            reason = f"lower bound: {self.unpriced:,} of {self.rows:,} rows have no price"
        return Measured(
            value=float(self.cost), unit=currency, n=self.rows - self.unpriced, no_interval=reason
        )


@dataclass
class _Ledger:
    """Money by day and service, and which prices were used."""

    by_day: dict[date, dict[str, _Sum]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(_Sum))
    )
    sources: set[str] = field(default_factory=set)

    def of_day(self, day: date) -> _Sum:
        whole = _Sum()
        for entry in self.by_day.get(day, {}).values():
            whole.add(entry)
        return whole


def measure_spend(
    logs: Sequence[UsageLogSums],
    prices: PriceBook,
    *,
    as_of: datetime,
    ceiling_per_day: Decimal | None = None,
    days: int | None = None,
) -> SpendResult:
    """Spend per UTC day and service.

    Args:
        logs: sums of each usage log, made with `prices.changes`.
        prices: what tokens and hours cost, and the currency of everything.
        as_of: the instant that judges; its UTC day is `today`.
        ceiling_per_day: the most that all services together may cost on a day.
        days: how many days back, today included; None is everything.

    Returns:
        `today` and `last_full_day` are unknown where the data ends before that day. With several
        logs, age and newest row are those of the log that lags most.
    """
    today = as_of.astimezone(UTC).date()
    first = today - timedelta(days=days - 1) if days else date.min
    ledger = _priced(logs, prices, first)
    whole = _Sum()
    for day in ledger.by_day:
        whole.add(ledger.of_day(day))
    newest = _newest(logs)
    over = 0
    if ceiling_per_day is not None:
        over = sum(ledger.of_day(day).cost > ceiling_per_day for day in ledger.by_day)
    return SpendResult(
        total=whole.measured(prices.currency),
        today=_on(ledger, today, newest, prices.currency),
        last_full_day=_on(ledger, today - timedelta(days=1), newest, prices.currency),
        days_over_ceiling=over,
        newest_row=newest,
        data_age_hours=_age(newest, as_of),
        unpriced_rows=whole.unpriced,
        price_source="; ".join(sorted(ledger.sources)) or "no price was found",
        days=tuple(_day_costs(ledger.by_day, prices.currency)),
    )


def _priced(logs: Sequence[UsageLogSums], prices: PriceBook, first: date) -> _Ledger:
    ledger = _Ledger()
    for log in logs:
        for usage in log.sums:
            if usage.day < first:
                continue
            cost, source = _cost(log.unit, usage, prices) if usage.valid else (None, "")
            entry = ledger.by_day[usage.day][usage.service]
            entry.add(_Sum(cost or Decimal(0), usage.rows, usage.rows if cost is None else 0))
            if cost is not None:
                ledger.sources.add(source)
    return ledger


def _cost(unit: str, usage: UsageSum, prices: PriceBook) -> tuple[Decimal | None, str]:
    if unit == "reported":
        return usage.amounts[0], f"the log's own column {usage.item}"
    if unit == "hours":
        hour = prices.of_hours(usage.item, usage.since)
        return (usage.amounts[0] * hour.per_hour, hour.source) if hour else (None, "")
    price = prices.of_tokens(usage.item, usage.since)
    if price is None:
        return None, ""
    uncached, cached, output = usage.amounts
    cost = (
        uncached * price.input_per_million
        + cached * price.cache_read_per_million
        + output * price.output_per_million
    ) / MILLION
    return cost, price.source


def _newest(logs: Sequence[UsageLogSums]) -> datetime | None:
    if any(log.newest is None for log in logs):
        return None
    return min((log.newest for log in logs if log.newest is not None), default=None)


def _age(newest: datetime | None, as_of: datetime) -> Measured:
    if newest is None:
        return Measured(value=None, unit="hours", n=0, no_interval="no row")
    hours = (as_of - newest) / timedelta(hours=1)
    return Measured(value=hours, unit="hours", n=1, no_interval="exact")


def _on(ledger: _Ledger, day: date, newest: datetime | None, currency: str) -> Measured:
    if newest is None or newest.astimezone(UTC).date() < day:
        return Measured(
            value=None, unit=currency, n=0, no_interval="the data ends before this day"
        )
    return ledger.of_day(day).measured(currency)


def _day_costs(by_day: Mapping[date, Mapping[str, _Sum]], currency: str) -> Iterable[DayCost]:
    for day in sorted(by_day):
        for service, entry in sorted(by_day[day].items()):
            yield DayCost(
                day=day, service=service, cost=entry.measured(currency), requests=entry.rows
            )
