"""What an action that lowers the cost did save per day: before less after, at the same volume.

What a request cost before, less what one costs after, times the requests of a day after. Of that
only the part counts on which such an action works, see `saving_parts`. But for actions that work
through the price, tokens and hours of before are taken at the prices of after: a vendor who lowers
a price while a prompt is trimmed has not trimmed it. And services and models are taken in the mix
of after, see `saving_mix`; but for actions that choose the model, services alone. A request that
failed is paid for, and is no volume.
"""

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
from ops_model.analysis.saving_parts import (
    THROUGH_MODEL,
    THROUGH_PRICE,
    by_model,
    by_service,
    mean_prices,
    parts_of,
)
from ops_model.domain.evidence import Measured
from ops_model.domain.saving_claims import CostAction

MOST_DAYS, WEEK = 28, 7
MANY_TIMES = 2
"""So many times the requests of before may be of another kind."""
_ROUNDING = Decimal("1E-9")


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
    undated: int = 0,
) -> tuple[Measured | None, str]:
    """What was saved per day, and why that is not known.

    Args:
        sums: of the services on which the action works.
        spans: of `spans_of`.
        currency: of the costs.
        kind: of the action, which tells what may change without being saved by it.
        units: the volume of a day; without it, the requests that were answered.
        undated: rows of the logs that say no instant, and may be of either side.
    """
    if spans.why_not:
        return None, spans.why_not
    held = [s for s in sums if s.usage.day in {*spans.before, *spans.after} and serves(s)]
    rows, unpriced = rows_of(held)
    if unpriced:
        return None, f"{unpriced:,} of {rows:,} rows of then and now have no price"
    cell_of = by_service if kind in THROUGH_MODEL else by_model
    by_day = {("", ""): units} if units is not None else answered(held, cell_of)
    volume = volume_of(by_day, spans.before, spans.after)
    if volume.why_not:
        return None, volume.why_not
    first, later = _on(held, spans.before), _on(held, spans.after)
    parts = parts_of(kind, first, later, volume, cell_of, requests=units is None)
    terms = _Terms(cell_of, volume.by_day, volume.weights_before(), parts.before)
    before = _ratio(first, spans.before, terms)
    terms = _Terms(cell_of, volume.by_day, volume.weights_after(), parts.after)
    after = _ratio(later, spans.after, terms)
    doubts = [_doubt(first, later, kind)]
    if units is None:
        doubts.append(_of_another_kind(volume, spans))
    if undated:
        doubts.append(f"{undated:,} rows say no instant, and may be of these days")
    doubt = "; ".join(each for each in doubts if each)
    return _measured(volume, before, after, len(spans.after), currency, doubt)


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


def _in_a_tier(one: PricedSum) -> tuple[str, ...]:
    """What has one price until somebody changes it."""
    usage = one.usage
    return (
        usage.item, usage.answered, usage.provider, usage.service_tier, str(usage.minute),
        str(usage.longer_than),
    )  # fmt: skip


def _on(sums: Iterable[PricedSum], days: Collection[date]) -> list[PricedSum]:
    return [one for one in sums if one.usage.day in days]


def _doubt(first: Sequence[PricedSum], later: Sequence[PricedSum], kind: str) -> str:
    """What of a saving through the price may be a vendor's doing; '' for nothing.

    Requests that wait have a service tier, and a price, of their own; so has a machine that may be
    taken away. A price that changed within one may be agreed for this, or be lower for everybody.
    """
    if kind not in THROUGH_PRICE:
        return ""
    before, after = (mean_prices(sums, _in_a_tier) for sums in (first, later))
    changed = sorted({k[0][0] for k in before.keys() & after if not _alike(before[k], after[k])})
    if not changed:
        return ""
    within = " within one service tier" if kind == "batch" else ", maybe for everybody"
    return f"at most: the price of {' and '.join(changed)} also changed{within}"


def _of_another_kind(volume: Volume, spans: Spans) -> str:
    """Why the mean request may not be comparable: far more of them; '' where it is."""
    first, later = (sum(side[c] for c in volume.both) for side in (volume.before, volume.after))
    times = later * len(spans.before) / (first * len(spans.after))
    if times <= MANY_TIMES:
        return ""
    return (
        f"at most: {times:,.1f} times as many requests a day as before, and nobody can tell "
        "whether they are of the same kind"
    )


def _alike(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= _ROUNDING * max(one, other)


@dataclass(frozen=True)
class _Terms:
    """How a side is taken: its volume, what each cell counts for, and what of its cost does."""

    cell_of: Callable[[PricedSum], Cell]
    by_day: Mapping[Cell, Mapping[date, int]]
    weights: Mapping[Cell, int]
    cost_of: Callable[[PricedSum], Decimal]

    def weight(self, cell: Cell) -> int:
        """That of what has no volume of its own, such as hours, is the whole."""
        return self.weights.get(cell, WHOLE)


def _ratio(sums: Iterable[PricedSum], days: Sequence[date], terms: _Terms) -> Ratio:
    costs: dict[date, Decimal] = dict.fromkeys(days, Decimal(0))
    for one in sums:
        if one.usage.day in costs:
            costs[one.usage.day] += terms.cost_of(one) * terms.weight(terms.cell_of(one))
    counts = {
        day: sum(terms.weight(cell) * held.get(day, 0) for cell, held in terms.by_day.items())
        for day in days
    }
    return ratio_of([DayOf(costs[day], counts[day]) for day in days])
