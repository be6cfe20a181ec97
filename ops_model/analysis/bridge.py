"""Why a day costs other than it did: one amount for each driver, which add up to the difference.

Each driver gets its Shapley value: what it changes, averaged over every order in which the drivers
could have changed. So no driver is favoured by being looked at first, and nothing is left over.
Tokens are told apart by cells, a service and a model; a cell that only one side knows has the
lengths, the cache and the prices of that side on both, so that its coming or going counts as mix.

Source: Shapley, A value for n-person games (1953); `facts/cost.md` 1.8 says why no other way.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Context, Decimal, localcontext
from functools import cache
from itertools import combinations
from math import factorial
from typing import TypeVar

from ops_model.domain.spend import BridgeDriver

T = TypeVar("T", bound=Hashable)
Key = tuple[str, str]
"""A service and a model, or a service and a resource."""

OF_TOKENS: tuple[BridgeDriver, ...] = (
    "volume", "prompt_length", "output_length", "model_mix", "cache", "retries", "price",
)  # fmt: skip
OF_HOURS: tuple[BridgeDriver, ...] = ("volume", "price")
_IN_A_CELL = frozenset(OF_TOKENS) - {"volume", "retries"}
_DIGITS = Context(prec=50)
_NONE = Decimal(0)


@dataclass(frozen=True)
class Cell:
    """One request of a cell, and how many of all requests are of it; None where nobody knows.

    Attributes:
        share: the part of all requests.
        prompt: input tokens of one, cached ones included.
        output: output tokens of one.
        read: the part of the input that was read from a cache.
        written: the part of the input that was written to one.
        given_price, read_price, written_price, output_price: per token.
        fee: per request.
    """

    share: Decimal = _NONE
    prompt: Decimal | None = None
    output: Decimal | None = None
    read: Decimal | None = None
    written: Decimal | None = None
    given_price: Decimal | None = None
    read_price: Decimal | None = None
    written_price: Decimal | None = None
    output_price: Decimal | None = None
    fee: Decimal | None = None


@dataclass(frozen=True)
class Side:
    """A day of tokens: units of work, requests for each of them, and what a request takes."""

    units: Decimal
    per_unit: Decimal | None
    cells: Mapping[Key, Cell]


@dataclass(frozen=True)
class Hours:
    """A day of one resource: hours, and what one costs; None where nobody knows."""

    hours: Decimal
    price: Decimal | None = None


@dataclass(frozen=True)
class Bridge:
    """What a day cost, what it costs, and what each driver added; the last cent is explained."""

    before: Decimal
    now: Decimal
    effects: Mapping[BridgeDriver, Decimal]

    def plus(self, other: "Bridge") -> "Bridge":
        """Both together: what is paid for tokens, and what is paid for hours."""
        names = dict.fromkeys([*self.effects, *other.effects])
        return Bridge(
            self.before + other.before,
            self.now + other.now,
            {n: self.effects.get(n, _NONE) + other.effects.get(n, _NONE) for n in names},
        )


def shapley(players: Sequence[T], worth: Callable[[frozenset[T]], Decimal]) -> dict[T, Decimal]:
    """What each player adds, averaged over every order in which they could come.

    Args:
        players: who; their order does not matter.
        worth: what those who came are worth together.
    """
    known, everybody = cache(worth), frozenset(players)
    many = len(everybody)
    found = {}
    for player in players:
        others = sorted(everybody - {player}, key=str)
        added = _NONE
        for size in range(many):
            orders = Decimal(factorial(size) * factorial(many - size - 1))
            came = map(frozenset, combinations(others, size))
            added += orders * sum((known(c | {player}) - known(c) for c in came), _NONE)
        found[player] = added / factorial(many)
    return found


def bridge_of_tokens(before: Side, now: Side) -> Bridge:
    """From one day of tokens to another, over seven drivers.

    Retries are requests for one unit beyond the first; the cache is what part of a prompt was read
    from it or written to it.
    """
    with localcontext(_DIGITS):
        worth = _worth(*_completed(before, now))
        effects = shapley(OF_TOKENS, worth)
        return Bridge(worth(frozenset()), worth(frozenset(OF_TOKENS)), effects)


def unpriced_models(before: Side, now: Side) -> tuple[str, ...]:
    """The models of which one of two days has tokens, and neither knows what they cost."""
    found = {
        model
        for side, other in ((before, now), (now, before))
        for (service, model), cell in side.cells.items()
        if _lacks_price(cell, other.cells.get((service, model), Cell()))
    }
    return tuple(sorted(found))


def _lacks_price(cell: Cell, other: Cell) -> bool:
    read, written = _known(cell.read), _known(cell.written)
    prompt = _known(cell.prompt)
    charged = {
        "given_price": prompt * (1 - read - written),
        "read_price": prompt * read,
        "written_price": prompt * written,
        "output_price": _known(cell.output),
    }
    return cell.share > 0 and any(
        amount and getattr(cell, name) is None and getattr(other, name) is None
        for name, amount in charged.items()
    )


def bridge_of_hours(before: Mapping[Key, Hours], now: Mapping[Key, Hours]) -> Bridge:
    """From one day of hours to another, over volume and price; which resource is part of volume.

    With two drivers, what either changes is taken half way between the two sides of the other.
    """
    with localcontext(_DIGITS):
        ends, effects = [_NONE, _NONE], dict.fromkeys(OF_HOURS, _NONE)
        for key in _all_of(before, now):
            one, other = before.get(key, Hours(_NONE)), now.get(key, Hours(_NONE))
            first, second = _carried(one.price, other.price), _carried(other.price, one.price)
            ends[0] += one.hours * first
            ends[1] += other.hours * second
            effects["volume"] += (other.hours - one.hours) * (first + second) / 2
            effects["price"] += (second - first) * (one.hours + other.hours) / 2
        return Bridge(ends[0], ends[1], effects)


def _worth(before: Side, now: Side) -> Callable[[frozenset[BridgeDriver]], Decimal]:
    """What a day costs in which these drivers are as now, and all others as before."""
    pairs = [(before.cells[key], now.cells[key]) for key in before.cells]

    @cache
    def of_request(changed: frozenset[BridgeDriver]) -> Decimal:
        return sum((_cost(one, other, changed) for one, other in pairs), _NONE)

    def of_day(changed: frozenset[BridgeDriver]) -> Decimal:
        units = now.units if "volume" in changed else before.units
        per_unit = now.per_unit if "retries" in changed else before.per_unit
        return units * _known(per_unit) * of_request(changed & _IN_A_CELL)

    return of_day


def _cost(before: Cell, now: Cell, changed: frozenset[BridgeDriver]) -> Decimal:
    def as_of(driver: BridgeDriver) -> Cell:
        return now if driver in changed else before

    cached, price = as_of("cache"), as_of("price")
    read, written = _known(cached.read), _known(cached.written)
    of_token = (
        (1 - read - written) * _known(price.given_price)
        + read * _known(price.read_price)
        + written * _known(price.written_price)
    )
    prompt = _known(as_of("prompt_length").prompt) * of_token
    output = _known(as_of("output_length").output) * _known(price.output_price)
    return as_of("model_mix").share * (prompt + output + _known(price.fee))


def _completed(before: Side, now: Side) -> tuple[Side, Side]:
    """Both sides with the same cells; what one of them does not know is as on the other."""
    keys = _all_of(before.cells, now.cells)
    return _filled(before, now, keys), _filled(now, before, keys)


def _filled(side: Side, other: Side, keys: Iterable[Key]) -> Side:
    cells = {}
    for key in keys:
        mine, theirs = side.cells.get(key, Cell()), other.cells.get(key, Cell())
        # A day without any request has no mix of its own.
        whole = replace(mine, share=theirs.share) if side.per_unit is None else mine
        unknown = [f.name for f in fields(Cell) if getattr(mine, f.name) is None]
        cells[key] = replace(whole, **{name: getattr(theirs, name) for name in unknown})
    return Side(side.units, _carried(side.per_unit, other.per_unit), cells)


def _all_of(*cells: Mapping[Key, object]) -> list[Key]:
    return sorted(set().union(*cells))


def _carried(mine: Decimal | None, theirs: Decimal | None) -> Decimal:
    return mine if mine is not None else _known(theirs)


def _known(value: Decimal | None) -> Decimal:
    """What neither side knows is of no consequence: nothing was ever charged for it."""
    return value if value is not None else _NONE
