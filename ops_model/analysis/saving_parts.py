"""The part of a request's cost that an action works on: what else changed is not its doing.

A shorter prompt is held at the price of a prompt's token, whatever answers did meanwhile; a cache
by its part of the prompt; a price or a model on requests as long as those of after. What else
became cheaper meanwhile is not counted, and what became dearer is, since the action may have done
that. Hours are taken whole, but for actions that work through the price: fewer hours are not
saved by a lower price.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from ops_model.analysis.cost import PricedSum
from ops_model.analysis.saving_mix import Cell, Volume

THROUGH_PRICE = frozenset({"reserve", "batch", "spot"})
"""Kinds of action that leave tokens and hours as they are, and lower what they cost."""
THROUGH_MODEL = frozenset({"right_size", "route"})
"""Kinds of action that choose which model answers."""
_OF_PROMPTS = frozenset({"trim_prompt", "cache"})
_OF_REQUESTS = frozenset({*_OF_PROMPTS, "cap_output", "batch"})
"""Kinds that work on requests, and on no machine beside them."""
_TOKENS, _OUTPUT = 4, 3
_NONE, _ALL = Decimal(0), Decimal(1)
_Key = tuple[tuple[str, ...], int]
Prices = Mapping[_Key, Decimal]


@dataclass
class _Side:
    """What a cell took on one side: requests, and by kind of token how many at what cost."""

    rows: int = 0
    amounts: list[Decimal] = field(default_factory=lambda: [_NONE] * _TOKENS)
    costs: list[Decimal] = field(default_factory=lambda: [_NONE] * _TOKENS)

    @property
    def prompt(self) -> Decimal:
        """Input tokens, cached ones included."""
        return sum(self.amounts[:_OUTPUT], _NONE)

    def price(self, place: int) -> Decimal | None:
        """What a token of a kind cost; None where there was none."""
        amount = self.amounts[place]
        return self.costs[place] / amount if amount else None


@dataclass(frozen=True)
class Parts:
    """What a sum of before, and one of after, counts for.

    Attributes:
        kind: of the action.
        cell_of: a service and model, or a service alone.
        prices: of after, at which before is taken; empty where the action works through them.
        prompts: by cell, which part of a prompt's cost before counts.
        outputs: the same of answers.
        hours: by service, which part of what its hours cost before counts.
        requests_only: whether hours beside the requests are left out.
    """

    kind: str
    cell_of: Callable[[PricedSum], Cell]
    prices: Prices
    prompts: Mapping[Cell, Decimal]
    outputs: Mapping[Cell, Decimal]
    hours: Mapping[str, Decimal]
    requests_only: bool

    def before(self, one: PricedSum) -> Decimal:
        """What of a sum of before counts, at the prices of after."""
        costs, cell = costs_at(one, self.prices), self.cell_of(one)
        if not _is_tokens(one):
            return self._of_hours(costs) * self.hours.get(one.usage.service, _ALL)
        prompt, output = self._of_tokens(costs)
        return prompt * self.prompts.get(cell, _ALL) + output * self.outputs.get(cell, _ALL)

    def after(self, one: PricedSum) -> Decimal:
        """What of a sum of after counts."""
        if not _is_tokens(one):
            return self._of_hours(one.parts)
        return sum(self._of_tokens(one.parts), _NONE)

    def _of_hours(self, costs: Sequence[Decimal]) -> Decimal:
        return _NONE if self.requests_only else sum(costs, _NONE)

    def _of_tokens(self, costs: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
        prompt, output = sum(costs[:_OUTPUT], _NONE), costs[_OUTPUT]
        if self.kind in _OF_PROMPTS:
            return prompt, _NONE
        return (_NONE, output) if self.kind == "cap_output" else (prompt, output)


def parts_of(
    kind: str,
    before: Sequence[PricedSum],
    after: Sequence[PricedSum],
    volume: Volume,
    cell_of: Callable[[PricedSum], Cell],
    *,
    requests: bool,
) -> Parts:
    """What the sums of both sides count for.

    Args:
        kind: of the action.
        before: sums of the days before it worked.
        after: those of the days since.
        volume: of both.
        cell_of: what is compared with itself: a service and model, or a service.
        requests: whether requests are what was counted, and not units of work.
    """
    prices = {} if kind in THROUGH_PRICE else mean_prices(after)
    first, later = _sides(before, cell_of, prices), _sides(after, cell_of, {})
    both = [cell for cell in first if cell in later]
    return Parts(
        kind,
        cell_of,
        prices,
        prompts={cell: _prompts(kind, first[cell], later[cell]) for cell in both},
        outputs={cell: _outputs(kind, first[cell], later[cell]) for cell in both},
        hours=_hours(before, after, volume) if kind in THROUGH_PRICE else {},
        requests_only=requests and kind in _OF_REQUESTS,
    )


def by_model(one: PricedSum) -> Cell:
    """The service and model, or resource, of a sum."""
    return one.usage.service, one.usage.item


def by_service(one: PricedSum) -> Cell:
    """The service of a sum, whichever model answered."""
    return one.usage.service, ""


def mean_prices(
    sums: Iterable[PricedSum], key: Callable[[PricedSum], tuple[str, ...]] = by_model
) -> dict[_Key, Decimal]:
    """What each amount of each key costs on average."""
    amounts: dict[_Key, Decimal] = defaultdict(Decimal)
    costs: dict[_Key, Decimal] = defaultdict(Decimal)
    for one in sums:
        for place, (amount, part) in enumerate(zip(one.usage.amounts, one.parts, strict=True)):
            amounts[key(one), place] += amount
            costs[key(one), place] += part
    return {each: costs[each] / many for each, many in amounts.items() if many}


def costs_at(one: PricedSum, prices: Prices) -> list[Decimal]:
    """What each amount of a sum costs at these prices; at its own, where there is none."""
    found = []
    for place, (amount, part) in enumerate(zip(one.usage.amounts, one.parts, strict=True)):
        price = prices.get((by_model(one), place))
        found.append(part if price is None or not amount else amount * price)
    return found


def _is_tokens(one: PricedSum) -> bool:
    return len(one.usage.amounts) == _TOKENS


def _sides(
    sums: Iterable[PricedSum], cell_of: Callable[[PricedSum], Cell], prices: Prices
) -> dict[Cell, _Side]:
    found: defaultdict[Cell, _Side] = defaultdict(_Side)
    for one in sums:
        # What used no token is no request of any length.
        if not _is_tokens(one) or not any(one.usage.amounts):
            continue
        side = found[cell_of(one)]
        side.rows += one.usage.rows - one.usage.empty
        for place, cost in enumerate(costs_at(one, prices)):
            side.amounts[place] += one.usage.amounts[place]
            side.costs[place] += cost
    return dict(found)


def _prompts(kind: str, first: _Side, later: _Side) -> Decimal:
    """Which part of what prompts cost before counts."""
    if not first.prompt or not later.prompt:
        return _ALL
    length = (later.prompt / later.rows) / (first.prompt / first.rows)
    if kind == "trim_prompt":
        return _at_most_all(sum(later.costs[:_OUTPUT], _NONE) / later.prompt, _unit(first, first))
    if kind == "cache":
        return length
    if kind in THROUGH_PRICE | THROUGH_MODEL:
        cached = [later.price(place) for place in range(_OUTPUT)]
        return length * _at_most_all(_unit(first, later, cached), _unit(first, first))
    return _ALL


def _outputs(kind: str, first: _Side, later: _Side) -> Decimal:
    """Which part of what answers cost before counts: no more than answers as long as now."""
    before, now = first.amounts[_OUTPUT], later.amounts[_OUTPUT]
    if kind not in THROUGH_PRICE | THROUGH_MODEL or not before:
        return _ALL
    return _at_most_all(now / later.rows, before / first.rows)


def _unit(prices: _Side, mix: _Side, otherwise: Sequence[Decimal | None] = ()) -> Decimal:
    """What a token of a prompt costs at the prices of one side, cached as much as on another.

    A kind of token that the side has none of costs what it does `otherwise`.
    """
    whole = _NONE
    for place in range(_OUTPUT):
        price = prices.price(place)
        if price is None and otherwise:
            price = otherwise[place]
        whole += mix.amounts[place] * (price or _NONE)
    return whole / mix.prompt


def _at_most_all(part: Decimal, whole: Decimal) -> Decimal:
    return min(part / whole, _ALL) if whole else _ALL


def _hours(
    before: Sequence[PricedSum], after: Sequence[PricedSum], volume: Volume
) -> dict[str, Decimal]:
    """Which part of what a service's hours cost before counts: no more hours than now."""
    first, later = (_hours_by_service(sums) for sums in (before, after))
    counts = [sum(side[cell] for cell in volume.both) for side in (volume.before, volume.after)]
    return {
        service: _at_most_all(later[service] / counts[1], first[service] / counts[0])
        for service in first.keys() & later.keys()
    }


def _hours_by_service(sums: Iterable[PricedSum]) -> dict[str, Decimal]:
    hours: dict[str, Decimal] = defaultdict(Decimal)
    for one in sums:
        if not _is_tokens(one):
            hours[one.usage.service] += one.usage.amounts[0]
    return hours
