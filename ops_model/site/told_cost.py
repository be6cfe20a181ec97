"""Half a sentence for each kind of record about cost, beyond spend and what was alerted."""

from collections.abc import Callable, Mapping

from ops_model.domain.evidence import Record
from ops_model.domain.savings import (
    BillComparison,
    CacheOpportunity,
    ComputeCost,
    LoadMeasurement,
    RightSizing,
    SavingsMeasurement,
)
from ops_model.domain.spend import BreachLog, CeilingWatch, CostBridge, CostForecast, UnitCost
from ops_model.site import words
from ops_model.site.bill_cards import bill_in_short
from ops_model.site.ceiling_cards import LEVELS
from ops_model.site.cost_cards import reached
from ops_model.site.growth_cards import bridge_in_short, unit_in_short


def _watch(record: CeilingWatch) -> str:
    by_level = {
        level: [c.ceiling for c in record.ceilings if c.state == level] for level in LEVELS
    }
    return "Ceilings: " + "; ".join(
        f"{LEVELS[level].word} {', '.join(names)}" for level, names in by_level.items() if names
    )


def _breaches(record: BreachLog) -> str:
    days = len({breach.day for breach in record.breaches})
    told = sum(breach.told_at is not None for breach in record.breaches)
    times = words.plural(len(record.breaches), "crossing")
    said = f"{words.plural(days, 'day')} of {record.days} above a ceiling"
    return f"{said}, somebody was told of {told} of {times}" if days else said


def _compute(record: ComputeCost) -> str:
    cost = words.value(record.cost_per_thousand)
    busy = f"busy for {words.value(record.busy)}, " if record.busy.value is not None else ""
    return f"Machine {record.resource}: {busy}{cost}"


def _right_sizing(record: RightSizing) -> str:
    shown = sum(one.verdict == "non_inferior" for one in record.slices)
    slices = words.plural(len(record.slices), "slice")
    return (
        f"{record.cheap_model} shown to do in {shown} of {slices}, "
        f"{words.value(record.movable)} of the traffic"
    )


def _savings(record: SavingsMeasurement) -> str:
    measured = sum(action.measured is not None for action in record.actions)
    actions = words.plural(len(record.actions), "action")
    return f"{actions} that lower the cost, the saving of {measured} measured"


TELL_COST: Mapping[type[Record], Callable[..., str]] = {
    BillComparison: lambda r: f"Bill of {r.vendor}: {bill_in_short(r).rstrip('.')}",
    BreachLog: _breaches,
    CacheOpportunity: lambda r: (
        f"Cache of prompts: {words.value(r.hit_tokens)} of the input could be read from one, "
        f"{words.value(r.cached_now)} is"
    ),
    CeilingWatch: _watch,
    ComputeCost: _compute,
    CostBridge: lambda r: f"Why it grew: {bridge_in_short(r).rstrip('.')}",
    CostForecast: lambda r: f"Ceiling {r.ceiling}: {reached(r).split('; no interval')[0]}",
    LoadMeasurement: lambda r: f"At most {words.value(r.peak_per_second)} at once",
    RightSizing: _right_sizing,
    SavingsMeasurement: _savings,
    UnitCost: lambda r: f"One {r.unit.replace('-', ' ')}: {unit_in_short(r)}",
}
"""How each of these is told."""
