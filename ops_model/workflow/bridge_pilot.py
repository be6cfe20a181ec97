"""Where a bridge begins that starts at the pilot: what it assumed, at the prices of its end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from ops_model.domain.cost import CostPlan, PilotAssumption
from ops_model.workflow.declared import Opened

if TYPE_CHECKING:
    from ops_model.analysis.bridge import Bridge, Hours, Key, Side
    from ops_model.analysis.cost import PricedLogs
    from ops_model.analysis.price_book import PriceBook
    from ops_model.analysis.prices import TokenRate

_CENT = _NEARLY = Decimal("0.01")
"""A report rounds: by a cent, or a hundredth, what it says may miss what its tokens come to."""


def holds(logs: "PricedLogs", unit: str) -> bool:
    """Whether some log is of tokens, or of hours."""
    return any(log.unit == unit for log in logs.logs)


def contradicted(assumption: PilotAssumption, tokens: "Sequence[Bridge]") -> Iterator[str]:
    """What is said where the pilot's own cost per day is not what its tokens come to."""
    said = assumption.cost_per_day
    found = sum((bridge.before for bridge in tokens), Decimal(0))
    if said is not None and abs(said.amount - found) > max(_CENT, _NEARLY * found):
        yield (
            f"the pilot wrote {said} per day, and its tokens come to {found:,.2f}: the bridge "
            "begins at its tokens"
        )


def lacking(cost: CostPlan, assumption: PilotAssumption | None, logs: "PricedLogs") -> str:
    """What an assumption has to say before a bridge can begin there; empty when nothing."""
    if assumption is None:
        return "cost.yaml has no pilot_assumption"
    tokens = assumption.prompt_tokens_per_unit + assumption.output_tokens_per_unit
    if holds(logs, "tokens") and not tokens and not assumption.by_model:
        return "pilot_assumption says neither prompt_tokens_per_unit nor output_tokens_per_unit"
    per_day = assumption.cost_per_day
    if holds(logs, "hours") and per_day is None:
        return "pilot_assumption says no cost_per_day, and hours are known by that alone"
    if per_day is not None and per_day.currency != cost.currency:
        return f"the pilot assumed {per_day}; expected {cost.currency}, the currency of the prices"
    return ""


def ended(book: Opened) -> datetime:
    """When the pilot reported; before that is known, when anybody was served first, or now."""
    identity = book.system.identity
    passed = [
        c.at for c in identity.stage_history if c.stage == "pilot_passed" and c.at <= book.as_of
    ]
    return max(passed, default=identity.went_live_at or book.as_of)


@dataclass(frozen=True)
class Rates:
    """What tokens of a model cost at the pilot's end, and now, from whoever serves it now."""

    logs: "PricedLogs"
    prices: "PriceBook"
    then: datetime
    now: datetime

    def of(self, model: str, at: datetime) -> "TokenRate | None":
        """The rate of a model at an instant; None where nobody knows it."""
        served = {p.usage.provider for p in self.logs.sums if p.usage.item == model}
        for provider in (*sorted(served), ""):
            rate = self.prices.of_tokens(model, at, provider=provider)
            if rate is not None:
                return rate
        return None


def pilot_sides(
    assumption: PilotAssumption, now: "Side", rates: Rates
) -> "tuple[Side, Side, tuple[str, ...]]":
    """The pilot's day and the present one, and the models whose price then nobody knows."""
    from ops_model.analysis.bridge_sides import pilot_side, priced_cell

    models = {*assumption.model_mix, *(model for _, model in now.cells)}
    then = {m: rate for m in models if (rate := rates.of(m, rates.then)) is not None}
    before, now = pilot_side(assumption, now, then)
    today = {m: rate for m in models if (rate := rates.of(m, rates.now)) is not None}
    cells = {
        key: priced_cell(cell, today[key[1]]) if key[1] in today else cell
        for key, cell in now.cells.items()
    }
    return before, replace(now, cells=cells), tuple(sorted(models - then.keys()))


def left_for_hours(assumption: PilotAssumption, tokens: "Sequence[Bridge]") -> Decimal:
    """What the pilot's cost per day leaves for hours, once its tokens are paid."""
    whole = assumption.cost_per_day.amount if assumption.cost_per_day is not None else Decimal(0)
    return max(whole - sum((bridge.before for bridge in tokens), Decimal(0)), Decimal(0))


def hours_of_pilot(
    left: Decimal, now: "dict[Key, Hours]", prices: "PriceBook", then: datetime
) -> "dict[Key, Hours]":
    """The hours that what is left would have bought then, split over resources as now."""
    from ops_model.analysis.bridge_sides import pilot_hours

    known = {resource: prices.of_hours(resource, then) for _, resource in now}
    return pilot_hours(
        left, now, {name: price.per_hour for name, price in known.items() if price is not None}
    )
