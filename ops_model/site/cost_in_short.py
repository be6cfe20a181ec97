"""What a system costs, in a few words: for pages that are about more than cost.

Each answer rests on the latest record of its kind; where there is none, it is empty.
"""

from ops_model.domain.spend import (
    CeilingWatch,
    CostBridge,
    CostForecast,
    SpendMeasurement,
    UnitCost,
)
from ops_model.site import words
from ops_model.site.ceiling_cards import LEVELS, gravest
from ops_model.site.cost_cards import old
from ops_model.site.growth_cards import bridge_in_short, unit_in_short, unit_look
from ops_model.site.head import records
from ops_model.site.site_input import SiteSystem
from ops_model.site.words import Look


def today(system: SiteSystem) -> str:
    """`6.48 USD of 30.00 USD, by data less than a minute old`."""
    spent = next(iter(records(system, SpendMeasurement)), None)
    if spent is None:
        return ""
    ceiling = spent.ceiling_per_day
    of = f" of {words.value(ceiling)}" if ceiling is not None else ", and no ceiling is set"
    return f"{words.value(spent.today)}{of}, by data {old(spent.data_age_hours)} old"


def simulated(system: SiteSystem) -> bool:
    """True when the spend rests on rows that are made up, though the system may not be."""
    return any(spent.simulated for spent in records(system, SpendMeasurement)[:1])


def state(system: SiteSystem) -> Look | None:
    """How the ceilings stand, the gravest of them; None where nobody looked."""
    watched = next(iter(records(system, CeilingWatch)), None)
    return LEVELS[gravest(watched)] if watched is not None else None


def next_ceiling(system: SiteSystem) -> str:
    """The first ceiling that is reached if it goes on like this, and when."""
    latest = _latest(records(system, CostForecast))
    reached = [(f.crosses_on, f.ceiling) for f in latest if f.crosses_on is not None]
    if reached:
        day, ceiling = min(reached)
        return f"{ceiling.replace('-', ' ')} on {words.day(day)}"
    known = [f for f in latest if f.growth_per_day.value is not None]
    if known and len(known) == len(latest):
        return f"none within {words.plural(min(f.horizon_days for f in known), 'day')}"
    return "not known" if latest else ""


def units(system: SiteSystem) -> list[UnitCost]:
    """The latest measurement of each unit of work."""
    found: dict[str, UnitCost] = {}
    for record in records(system, UnitCost):
        found.setdefault(record.unit, record)
    return list(found.values())


def successes(system: SiteSystem) -> list[tuple[Look, str]]:
    """What one success of each unit costs, held against its target and its worth."""
    return [
        (unit_look(one), f"{one.unit.replace('-', ' ')}: {unit_in_short(one)}")
        for one in units(system)
    ]


def grew(system: SiteSystem) -> str:
    """From what the pilot assumed to now, and what made most of it."""
    record = next(iter(records(system, CostBridge)), None)
    return bridge_in_short(record) if record is not None else ""


def facts(system: SiteSystem) -> list[tuple[str, str]]:
    """The same as rows of a name and an answer, those that are on record."""
    look = state(system)
    named = [
        ("spent today", today(system)),
        ("ceilings now", look.text if look is not None else ""),
        ("next ceiling", next_ceiling(system)),
        ("a success costs", "; ".join(said for _, said in successes(system))),
    ]
    return [(name, said) for name, said in named if said]


def _latest(found: list[CostForecast]) -> list[CostForecast]:
    """Those of the latest instant: what one run measured."""
    return [one for one in found if one.as_of == found[0].as_of]
