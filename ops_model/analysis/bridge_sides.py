"""A day as a bridge sees it: from priced sums of usage, or from what a pilot assumed."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import islice

from ops_model.analysis.bridge import Cell, Hours, Key, Side
from ops_model.analysis.cost import PricedLogs, PricedSum
from ops_model.analysis.prices import MILLION, TokenRate
from ops_model.analysis.usage import UsageUnit
from ops_model.domain.cost import PilotAssumption

SERVES_NOBODY = ("shadow", "challenger", "eval")
"""Purposes of requests whose answer nobody gets; what they cost bears no unit of work."""
RETRY = "retry"
_NONE = Decimal(0)


@dataclass
class _Added:
    """Requests of one cell over some days."""

    rows: int
    amounts: list[Decimal]
    parts: list[Decimal]


def sums_of(
    priced: PricedLogs, unit: UsageUnit, days: Collection[date] | None = None
) -> list[PricedSum]:
    """The sums of all logs of a unit, on these days; on all of them where none are named."""
    rest = iter(priced.sums)
    found = []
    for log in priced.logs:
        own = list(islice(rest, len(log.sums)))
        if log.unit == unit:
            found += [one for one in own if days is None or one.usage.day in days]
    return found


def serves(one: PricedSum) -> bool:
    """True of requests whose answer somebody gets."""
    return one.usage.purpose not in SERVES_NOBODY


def side_of(sums: Iterable[PricedSum], days: int, *, by_service: bool = True) -> Side:
    """A mean day of those requests that serve somebody and have a price.

    Args:
        sums: of logs of tokens, over so many days.
        days: how many.
        by_service: whether a model is told apart by the service that asks it.
    """
    cells: dict[Key, _Added] = {}
    first_tries = requests = 0
    for one in sums:
        if one.cost is None or not serves(one):
            continue
        usage = one.usage
        key = (usage.service if by_service else "", usage.item)
        added = cells.setdefault(key, _Added(0, [_NONE] * 4, [_NONE] * 4))
        added.rows += usage.rows
        requests += usage.rows
        first_tries += usage.rows if usage.purpose != RETRY else 0
        for place in range(4):
            added.amounts[place] += usage.amounts[place]
            added.parts[place] += one.parts[place]
    # A log of retries alone does not say how often the same work was tried.
    units = Decimal(first_tries or requests)
    return Side(
        units=units / days,
        per_unit=requests / units if requests else None,
        cells={key: _cell(added, requests) for key, added in cells.items()},
    )


def _cell(added: _Added, requests: int) -> Cell:
    given, read, written, output = added.amounts
    prompt = given + read + written
    prices = [
        part / amount if amount else None
        for part, amount in zip(added.parts, added.amounts, strict=True)
    ]
    return Cell(
        share=Decimal(added.rows) / requests,
        prompt=prompt / added.rows,
        output=output / added.rows,
        read=read / prompt if prompt else None,
        written=written / prompt if prompt else None,
        given_price=prices[0],
        read_price=prices[1],
        written_price=prices[2],
        output_price=prices[3],
        # A price per request is in the first part, and has no token to be on where all are cached.
        fee=_NONE if given else added.parts[0] / added.rows,
    )


def hours_of(sums: Iterable[PricedSum], days: int) -> dict[Key, Hours]:
    """A mean day of the hours that have a price, by service and resource."""
    hours: dict[Key, Decimal] = defaultdict(Decimal)
    costs: dict[Key, Decimal] = defaultdict(Decimal)
    for one in sums:
        if one.cost is not None and serves(one):
            key = (one.usage.service, one.usage.item)
            hours[key] += one.usage.amounts[0]
            costs[key] += one.cost
    return {k: Hours(hours[k] / days, costs[k] / hours[k] if hours[k] else None) for k in hours}


def left_out(sums: Iterable[PricedSum]) -> dict[str, tuple[Decimal, int]]:
    """What requests that serve nobody cost, and how many they were, by purpose."""
    costs: dict[str, Decimal] = defaultdict(Decimal)
    rows: dict[str, int] = defaultdict(int)
    for one in sums:
        if one.cost is not None and not serves(one):
            costs[one.usage.purpose] += one.cost
            rows[one.usage.purpose] += one.usage.rows
    return {purpose: (costs[purpose], rows[purpose]) for purpose in sorted(costs)}


def rows_of(sums: Iterable[PricedSum]) -> tuple[int, int]:
    """How many rows serve somebody, and how many of those have no price."""
    rows = [(one.usage.rows, one.cost is None) for one in sums if serves(one)]
    return sum(n for n, _ in rows), sum(n for n, unpriced in rows if unpriced)


def pilot_side(
    assumption: PilotAssumption, now: Side, rates: Mapping[str, TokenRate]
) -> tuple[Side, Side]:
    """The day that a pilot assumed, and the present one with a cell for each of its models.

    The pilot's tokens are those of a unit, whichever model answers it, unless it tells models
    apart. So a model that only one of the two knows has the tokens of a unit then, and now.

    Args:
        assumption: what the pilot wrote down; without a mix it is that of now.
        now: the present day, of which models are told apart and services are not.
        rates: what tokens of a model cost then, where that is known.
    """
    mix = dict(assumption.model_mix) or {model: c.share for (_, model), c in now.cells.items()}
    models = sorted({*mix, *(model for _, model in now.cells)})
    cells = {
        ("", model): _assumed(assumption, model, mix.get(model, _NONE), rates.get(model))
        for model in models
    }
    before = Side(assumption.units_per_day, 1 + assumption.retry_share, cells)
    unit = _mean_request(now.cells.values())
    held = {key: now.cells.get(key, replace(unit, share=_NONE)) for key in cells}
    return before, replace(now, cells=held)


def _assumed(
    assumption: PilotAssumption, model: str, share: Decimal, rate: TokenRate | None
) -> Cell:
    own = assumption.by_model.get(model)
    told = own if own is not None else assumption
    cell = Cell(
        share=share,
        prompt=told.prompt_tokens_per_unit,
        output=told.output_tokens_per_unit,
        read=told.cache_hit_share,
        written=_NONE,
    )
    return cell if rate is None else priced_cell(cell, rate)


def priced_cell(cell: Cell, rate: TokenRate) -> Cell:
    """The cell with the prices of a rate, where it has none of its own."""
    given = rate.input_per_million
    each = {
        "given_price": given,
        "read_price": given
        if rate.cache_read_per_million is None
        else rate.cache_read_per_million,
        "written_price": (
            given if rate.cache_write_per_million is None else rate.cache_write_per_million
        ),
        "output_price": rate.output_per_million,
    }
    found = {
        name: price / MILLION
        for name, price in each.items()
        if price is not None and getattr(cell, name) is None
    }
    fee = rate.per_request if cell.fee is None else cell.fee
    return replace(cell, **found, fee=fee)


def _mean_request(cells: Iterable[Cell]) -> Cell:
    """The tokens of a mean request over all models; no price, since that is the model's."""
    known = [cell for cell in cells if cell.prompt is not None]
    prompt = _mean(known, "prompt", known)
    if not prompt:
        return Cell(prompt=prompt, output=_mean(known, "output", known))
    tokens = [replace(cell, share=cell.share * (cell.prompt or _NONE)) for cell in known]
    return Cell(
        prompt=prompt,
        output=_mean(known, "output", known),
        read=_mean(tokens, "read", tokens),
        written=_mean(tokens, "written", tokens),
    )


def _mean(cells: Sequence[Cell], name: str, weighed: Sequence[Cell]) -> Decimal | None:
    whole = sum((cell.share for cell in weighed), _NONE)
    if not whole:
        return None
    return sum((cell.share * (getattr(cell, name) or _NONE) for cell in cells), _NONE) / whole


def pilot_hours(
    cost_per_day: Decimal, now: Mapping[Key, Hours], prices: Mapping[str, Decimal]
) -> dict[Key, Hours]:
    """The hours that a pilot's cost per day buys at the prices of then, split as those of now.

    Args:
        cost_per_day: what the pilot assumed that they cost.
        now: the present day.
        prices: what an hour of a resource cost then, where that is known.
    """
    then = {key: prices.get(key[1], held.price) for key, held in now.items()}
    whole = sum((held.hours * (then[key] or _NONE) for key, held in now.items()), _NONE)
    scale = cost_per_day / whole if whole else _NONE
    return {key: Hours(held.hours * scale, then[key]) for key, held in now.items()}
