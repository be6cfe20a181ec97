"""What an action that lowers the cost did save per day: before less after, at the same volume.

What a request cost before, less what one costs after, times the requests of a day after. But for
actions that work through the price, tokens and hours of before are taken at the prices of after: a
vendor who lowers a price while a prompt is trimmed has not trimmed it. And services and models are
taken in the mix of after, see `saving_mix`; but for actions that choose the model, services alone.
A request that failed is paid for, and is no volume.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import hypot

from ops_model.analysis.bridge_sides import rows_of, serves
from ops_model.analysis.cost import PricedSum
from ops_model.analysis.cost_per import DayOf, Ratio, ratio_of
from ops_model.analysis.repeatable import repeatable
from ops_model.analysis.saving_mix import WHOLE, Cell, Volume, answered, volume_of
from ops_model.domain.cost import CostAction
from ops_model.domain.evidence import Measured

MOST_DAYS, WEEK = 28, 7
THROUGH_PRICE = frozenset({"reserve", "batch", "spot"})
"""Kinds of action that leave tokens and hours as they are, and lower what they cost."""
THROUGH_MODEL = frozenset({"right_size", "route"})
"""Kinds of action that choose which model answers."""
_ROUNDING = Decimal("1E-9")
_Key = tuple[tuple[str, ...], int]
_Prices = Mapping[_Key, Decimal]


@dataclass(frozen=True)
class Spans:
    """Whole days before an action worked, and from then on; without them, why there are none."""

    before: tuple[date, ...] = ()
    after: tuple[date, ...] = ()
    why_not: str = ""


def spans_of(
    action: CostAction, others: Iterable[CostAction], whole: Collection[date], today: date
) -> Spans:
    """The whole weeks to compare, at most four on each side, in which no other action began.

    Args:
        action: what was done.
        others: all other actions; those on other services do not matter.
        whole: days of which the cost is known.
        today: the day of the instant that judges, which is not over.
    """
    done = action.done
    if done is None:
        return Spans(why_not="not done yet")
    if done > today:
        return Spans(why_not=f"is to work from {done} on")
    rivals = [o for o in others if o.done is not None and o.id != action.id and _meet(action, o)]
    same = next((other.id for other in rivals if other.done == done), None)
    if same is not None:
        return Spans(
            why_not=f"{same} began on the same day, so nobody can tell which of them saved what"
        )
    days = [other.done for other in rivals if other.done is not None]
    first = max((day for day in days if day < done), default=date.min)
    end = min((day for day in days if day > done), default=today)
    most = timedelta(days=MOST_DAYS)
    before = sorted(d for d in whole if first <= d < done and done - d <= most)
    after = sorted(d for d in whole if done <= d < min(end, today) and d - done < most)
    near = f" and {min(days, key=lambda d: abs(d - done))}, when another began" if days else ""
    for held, where in ((before, f"before {done}"), (after, f"since {done}")):
        if len(held) < WEEK:
            return Spans(why_not=f"too few: {len(held)} whole days {where}{near}; expected {WEEK}")
    weeks_before, weeks_after = (len(held) // WEEK * WEEK for held in (before, after))
    return Spans(tuple(before[-weeks_before:]), tuple(after[:weeks_after]))


def measure_saving(
    sums: Sequence[PricedSum],
    spans: Spans,
    currency: str,
    *,
    kind: str,
    units: Mapping[date, int] | None = None,
) -> tuple[Measured | None, str]:
    """What was saved per day, and why that is not known.

    Args:
        sums: of the services on which the action works.
        spans: of `spans_of`.
        currency: of the costs.
        kind: of the action, which tells what may change without being saved by it.
        units: the volume of a day; without it, the requests that were answered.
    """
    if spans.why_not:
        return None, spans.why_not
    held = [s for s in sums if s.usage.day in {*spans.before, *spans.after} and serves(s)]
    rows, unpriced = rows_of(held)
    if unpriced:
        return None, f"{unpriced:,} of {rows:,} rows of then and now have no price"
    cell_of = _by_service if kind in THROUGH_MODEL else _by_model
    by_day = {("", ""): units} if units is not None else answered(held, cell_of)
    volume = volume_of(by_day, spans.before, spans.after)
    if volume.why_not:
        return None, volume.why_not
    prices = {} if kind in THROUGH_PRICE else _prices(_on(held, spans.after))
    before = _ratio(
        held, spans.before, _Terms(cell_of, volume.by_day, volume.weights_before(), prices)
    )
    after = _ratio(held, spans.after, _Terms(cell_of, volume.by_day, volume.weights_after(), {}))
    return _measured(volume, before, after, len(spans.after), currency, _doubt(held, spans, kind))


def _measured(
    volume: Volume, before: Ratio, after: Ratio, days: int, currency: str, doubt: str
) -> tuple[Measured | None, str]:
    if before.value is None or after.value is None:
        return None, "no volume is the same"
    counts = [(volume.before[cell], volume.after[cell]) for cell in volume.both]
    per_day = sum(later for _, later in counts) / days
    saved = Measured(
        value=repeatable((before.value - after.value) * per_day),
        unit=currency,
        n=sum(first + later for first, later in counts),
    )
    if doubt:
        return saved.model_copy(update={"no_interval": doubt}), ""
    if before.error is None or after.error is None:
        few = f"too few: {before.days} whole days before and {after.days} after"
        return saved.model_copy(update={"no_interval": few}), ""
    half = hypot(before.reach, after.reach)
    middle = before.value - after.value
    low, high = (repeatable((middle + reach) * per_day) for reach in (-half, half))
    return saved.model_copy(update={"low": low, "high": high}), ""


def of_services(sums: Iterable[PricedSum], services: Collection[str]) -> list[PricedSum]:
    """The sums of these services; all, where none is named."""
    return [one for one in sums if not services or one.usage.service in services]


def _meet(one: CostAction, other: CostAction) -> bool:
    """True where two actions work on some service together."""
    return not one.services or not other.services or bool({*one.services} & {*other.services})


def _by_model(one: PricedSum) -> Cell:
    return one.usage.service, one.usage.item


def _by_service(one: PricedSum) -> Cell:
    return one.usage.service, ""


def _in_a_tier(one: PricedSum) -> tuple[str, ...]:
    """What has one price until somebody changes it."""
    usage = one.usage
    return (
        usage.item, usage.answered, usage.provider, usage.service_tier, str(usage.minute),
        str(usage.longer_than),
    )  # fmt: skip


def _on(sums: Iterable[PricedSum], days: Collection[date]) -> list[PricedSum]:
    return [one for one in sums if one.usage.day in days]


def _doubt(sums: Sequence[PricedSum], spans: Spans, kind: str) -> str:
    """What of a saving by batching may be a vendor's doing; '' for nothing.

    Requests that wait have a service tier, and a price, of their own. A price that changed within
    one tier may be agreed for batching, or be lower for everybody.
    """
    if kind != "batch":
        return ""
    first, later = (_prices(_on(sums, days), _in_a_tier) for days in (spans.before, spans.after))
    changed = sorted({k[0][0] for k in first.keys() & later if not _alike(first[k], later[k])})
    if not changed:
        return ""
    return f"at most: the price of {' and '.join(changed)} also changed within one service tier"


def _alike(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= abs(one) * _ROUNDING


def _prices(
    sums: Iterable[PricedSum], by: Callable[[PricedSum], tuple[str, ...]] = _by_model
) -> _Prices:
    """What one of each amount costs, by service and item or as asked."""
    amounts: dict[_Key, Decimal] = defaultdict(Decimal)
    costs: dict[_Key, Decimal] = defaultdict(Decimal)
    for one in sums:
        for place, (amount, part) in enumerate(zip(one.usage.amounts, one.parts, strict=True)):
            key = (by(one), place)
            amounts[key] += amount
            costs[key] += part
    return {key: costs[key] / amount for key, amount in amounts.items() if amount}


@dataclass(frozen=True)
class _Terms:
    """How a side is taken: its volume, what each cell counts for, and at which prices."""

    cell_of: Callable[[PricedSum], Cell]
    by_day: Mapping[Cell, Mapping[date, int]]
    weights: Mapping[Cell, int]
    prices: _Prices

    def weight(self, cell: Cell) -> int:
        """That of what has no volume of its own, such as hours, is the whole."""
        return self.weights.get(cell, WHOLE)


def _ratio(sums: Iterable[PricedSum], days: Sequence[date], terms: _Terms) -> Ratio:
    costs: dict[date, Decimal] = dict.fromkeys(days, Decimal(0))
    for one in sums:
        if one.usage.day in costs:
            costs[one.usage.day] += _cost(one, terms.prices) * terms.weight(terms.cell_of(one))
    counts = {
        day: sum(terms.weight(cell) * held.get(day, 0) for cell, held in terms.by_day.items())
        for day in days
    }
    return ratio_of([DayOf(costs[day], counts[day]) for day in days])


def _cost(one: PricedSum, prices: _Prices) -> Decimal:
    """What a sum costs at these prices; at its own, where there is none."""
    found = Decimal(0)
    for place, (amount, part) in enumerate(zip(one.usage.amounts, one.parts, strict=True)):
        price = prices.get((_by_model(one), place))
        found += part if price is None or not amount else amount * price
    return found
