"""What each service costs per day, against the ceiling, and how old the numbers are.

A day that holds a row without a price is a lower bound, and says so. A day without any row is
unknown: whether nothing was used, or the log was silent, no log can tell. Days are of UTC.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from ops_model.analysis.cost import PricedLogs, PricedSum
from ops_model.analysis.usage import UsageLogSums
from ops_model.analysis.usage_rows import COMES_TWICE, UNDATED
from ops_model.domain.evidence import Measured
from ops_model.domain.spend import DayCost

NO_PROVIDER = "(no provider)"
_MOST_NAMED, _LONGEST = 20, 100
K = TypeVar("K")


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
    by_purpose: Mapping[str, Measured]
    by_provider: Mapping[str, Measured]
    unpriced: Mapping[str, int]
    apart: Mapping[str, int]
    warnings: tuple[str, ...]
    silent_days: tuple[date, ...]


@dataclass
class _Sum:
    cost: Decimal = Decimal(0)
    rows: int = 0
    unpriced: int = 0

    def add(self, priced: PricedSum) -> None:
        self.cost += priced.cost or 0
        self.rows += priced.usage.rows
        self.unpriced += priced.usage.rows if priced.cost is None else 0

    def measured(self, currency: str, doubt: str = "") -> Measured:
        """The cost; `doubt` is why there may be more of it than what is counted."""
        reason = f"lower bound: {doubt}" if doubt else "exact"
        if not self.rows:
            return Measured(value=None, unit=currency, n=0, no_interval="no row")
        if self.unpriced:
            reason = f"lower bound: {self.unpriced:,} of {self.rows:,} rows have no price"
        return Measured(
            value=float(self.cost), unit=currency, n=self.rows - self.unpriced, no_interval=reason
        )


def measure_spend(
    priced: PricedLogs,
    *,
    as_of: datetime,
    ceiling_per_day: Decimal | None = None,
    days: int | None = None,
) -> SpendResult:
    """Spend per UTC day and service.

    Args:
        priced: sums of each usage log, with their cost.
        as_of: the instant that judges; its UTC day is `today`.
        ceiling_per_day: the most that all services together may cost on a day.
        days: how many days back, today included; None is everything.

    Returns:
        `today` and `last_full_day` are unknown where the data ends before that day, or holds no
        row of it. With several logs, age and newest row are those of the log that lags most.
    """
    today = as_of.astimezone(UTC).date()
    first = today - timedelta(days=days - 1) if days else date.min
    sums = [one for one in priced.sums if one.usage.day >= first]
    by_day = _by(sums, lambda one: one.usage.day)
    undated = sum(log.undated for log in priced.logs)
    whole = _by(sums, lambda _: "")[""]
    whole.rows, whole.unpriced = whole.rows + undated, whole.unpriced + undated
    dearer = sum(log.kept_long for log in priced.logs)
    kept = f"{dearer:,} rows kept a cache for an hour, at a price not known" if dearer else ""
    timeless = f"{undated:,} rows say no instant, and may be of this day" if undated else ""
    newest, currency = priced.newest, priced.currency
    over = 0
    if ceiling_per_day is not None:
        over = sum(entry.cost > ceiling_per_day for entry in by_day.values())
    sources = {one.source for one in sums if one.cost is not None}
    return SpendResult(
        total=whole.measured(currency, kept),
        today=_on(by_day, today, newest, currency, timeless),
        last_full_day=_on(by_day, today - timedelta(days=1), newest, currency, timeless),
        days_over_ceiling=over,
        newest_row=newest,
        data_age_hours=_age(newest, as_of),
        unpriced_rows=whole.unpriced,
        price_source="; ".join(sorted(sources)) or "no price was found",
        days=tuple(_day_costs(sums, currency)),
        by_purpose=_measured(_by(sums, lambda one: one.usage.purpose), currency),
        by_provider=_measured(_by(sums, lambda one: one.usage.provider or NO_PROVIDER), currency),
        unpriced=_unpriced(sums, undated),
        apart=_apart(sums, undated),
        warnings=(
            *priced.notes,
            *_doubts(sums),
            *_contradictions(priced.logs),
            *_kept_long(priced.logs),
        ),
        silent_days=tuple(_silent(by_day)),
    )


def _by(sums: Iterable[PricedSum], key: Callable[[PricedSum], K]) -> defaultdict[K, _Sum]:
    found: defaultdict[K, _Sum] = defaultdict(_Sum)
    for one in sums:
        found[key(one)].add(one)
    return found


def _measured(sums: Mapping[str, _Sum], currency: str) -> dict[str, Measured]:
    return {key: sums[key].measured(currency) for key in sorted(sums)}


def _unpriced(sums: Sequence[PricedSum], undated: int) -> dict[str, int]:
    """Rows without a price, by what they are of and why; the rarest together where many."""
    counted = Counter({f"rows of no day: {UNDATED}": undated} if undated else {})
    for one in sums:
        if one.cost is None:
            counted[f"{_named(one)}: {one.why}"] += one.usage.rows
    named = counted.most_common(_MOST_NAMED)
    rest = counted.total() - sum(rows for _, rows in named)
    if rest:
        named.append((f"{len(counted) - _MOST_NAMED} others", rest))
    return dict(named)


def _named(one: PricedSum) -> str:
    """The model or resource; whoever writes a log can put a whole page there."""
    return one.usage.item[:_LONGEST] or "(no name)"


def _apart(sums: Sequence[PricedSum], undated: int) -> dict[str, int]:
    counted = Counter({UNDATED: undated} if undated else {})
    for one in sums:
        if one.usage.wrong:
            counted[one.usage.wrong] += one.usage.rows
        if one.usage.repeated:
            counted[COMES_TWICE] += one.usage.repeated
    return dict(counted)


def _doubts(sums: Sequence[PricedSum]) -> Iterable[str]:
    counted: Counter[tuple[str, str]] = Counter()
    for one in sums:
        for doubt in one.doubts:
            counted[_named(one), doubt] += one.usage.rows
    for (item, doubt), rows in sorted(counted.items()):
        yield f"{item}: {rows:,} rows {doubt}"


def _contradictions(logs: Sequence[UsageLogSums]) -> Iterable[str]:
    for log in logs:
        if log.contradicting:
            yield (
                f"{log.name or 'the log'}: {log.contradicting:,} rows share their request_id with "
                "a row that differs from them; each is in the total"
            )


def _kept_long(logs: Sequence[UsageLogSums]) -> Iterable[str]:
    for log in logs:
        if log.kept_long:
            yield (
                f"{log.name or 'the log'}: {log.kept_long:,} rows wrote to a cache that keeps for "
                "an hour, and have the price of one that keeps for minutes: they cost more"
            )


def _silent(by_day: Mapping[date, _Sum]) -> Iterable[date]:
    """Days without any row between the first and the last that has one; what follows is old data.

    The age of the data tells of the days behind it.
    """
    day, last = min(by_day, default=date.max), max(by_day, default=date.min)
    while day < last:
        if day not in by_day:
            yield day
        day += timedelta(days=1)


def _age(newest: datetime | None, as_of: datetime) -> Measured:
    if newest is None:
        return Measured(value=None, unit="hours", n=0, no_interval="no row")
    hours = (as_of - newest) / timedelta(hours=1)
    return Measured(value=hours, unit="hours", n=1, no_interval="exact")


def _on(
    by_day: Mapping[date, _Sum],
    day: date,
    newest: datetime | None,
    currency: str,
    doubt: str,
) -> Measured:
    why = "no row of this day"
    if newest is None or newest.astimezone(UTC).date() < day:
        why = "the data ends before this day"
    elif day in by_day:
        return by_day[day].measured(currency, doubt)
    return Measured(value=None, unit=currency, n=0, no_interval=why)


def _day_costs(sums: Sequence[PricedSum], currency: str) -> Iterable[DayCost]:
    found = _by(sums, lambda one: (one.usage.day, one.usage.service))
    for day, service in sorted(found):
        entry = found[day, service]
        yield DayCost(day=day, service=service, cost=entry.measured(currency), requests=entry.rows)
