"""What a system costs, in a few words: for pages that are about more than cost.

Each answer rests on the latest record of its kind; where there is none, that is said. Whether it
still counts is what the checks found: what grew too old is unknown, and says when it was known.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime

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
from ops_model.site.in_date import (
    NOT_MEASURED,
    last_measured,
    look_now,
    not_known,
    too_old,
    unknown_since,
)
from ops_model.site.site_input import SiteSystem
from ops_model.site.words import UNKNOWN, Look

_NO_CEILING = "none is set"


def measured(system: SiteSystem) -> bool:
    """True when anything about what it spends, or may spend, was ever measured."""
    kinds = (SpendMeasurement, CeilingWatch, CostForecast, UnitCost)
    return any(isinstance(s.statement.record, kinds) for s in system.statements)


def today(system: SiteSystem) -> str:
    """`6.48 USD of 30.00 USD, by data less than a minute old`; or until when it was known."""
    spent = next(iter(records(system, SpendMeasurement)), None)
    if spent is None:
        return NOT_MEASURED
    if not_known(system, "CST-02", spent):
        newest = spent.newest_row
        until = f"up to {words.instant(newest)}" if newest is not None else "without any row"
        return f"{UNKNOWN.text}, last measured {until}"
    return f"{_spent(system, spent)}, by data {_age(system, spent)} old"


def _spent(system: SiteSystem, spent: SpendMeasurement) -> str:
    """The spend against its ceiling; with its day, where that is another than the day that judges.

    Rows without a price make it more than what was counted.
    """
    ceiling = spent.ceiling_per_day
    of = f" of {words.value(ceiling)}" if ceiling is not None else ", and no ceiling is set"
    said = f"{'more than ' if spent.unpriced_rows else ''}{words.value(spent.today)}{of}"
    day = _day(spent.as_of)
    if day == _day(system.assessment.as_of):
        return said
    return f"{UNKNOWN.text}, on {words.day(day)} {said}"


def _age(system: SiteSystem, spent: SpendMeasurement) -> str:
    """How old the newest row is at the instant that judges, not at that of the measurement."""
    age = spent.data_age_hours
    if spent.newest_row is None:
        return old(age)
    hours = (system.assessment.as_of - spent.newest_row).total_seconds() / 3600
    return old(age.model_copy(update={"value": hours, "unit": "hours"}))


def simulated(system: SiteSystem) -> bool:
    """True when the spend rests on rows that are made up, though the system may not be."""
    return any(spent.simulated for spent in records(system, SpendMeasurement)[:1])


def state(system: SiteSystem) -> Look | None:
    """How the ceilings stand, the gravest of them; None where nobody looked."""
    watched = next(iter(records(system, CeilingWatch)), None)
    if watched is None:
        return None
    return UNKNOWN if _is_over(system, watched) else LEVELS[gravest(watched)]


def _is_over(system: SiteSystem, watched: CeilingWatch) -> bool:
    """True when a look at the ceilings says nothing of now: its day is over, or its rows are old.

    Every ceiling per day begins anew at midnight UTC. A look by rows no newer than those of a
    spend that CST-02 finds too old is as old as that.
    """
    if _day(watched.as_of) != _day(system.assessment.as_of):
        return True
    spent = next(iter(records(system, SpendMeasurement)), None)
    if spent is None or not too_old(system, "CST-02", spent):
        return False
    newest = (watched.newest_row, spent.newest_row)
    return newest[0] is None or newest[1] is None or newest[0] <= newest[1]


def _ceilings(system: SiteSystem) -> str:
    """How the ceilings stand in words; or when somebody looked last, or that there is none."""
    look = state(system)
    if look is None:
        plan = system.claims.cost
        return NOT_MEASURED if plan is not None and plan.ceilings else _NO_CEILING
    watched = records(system, CeilingWatch)[0]
    return f"{look.text}, {last_measured(watched)}" if _is_over(system, watched) else look.text


def next_ceiling(system: SiteSystem) -> str:
    """The first ceiling that is reached if it goes on like this, and when."""
    latest, plan = _latest(records(system, CostForecast)), system.claims.cost
    if not latest:
        return NOT_MEASURED if plan is not None and plan.daily_ceilings else _NO_CEILING
    reached = [(f.crosses_on, f.ceiling) for f in latest if f.crosses_on is not None]
    day, ceiling = min(reached, default=(None, ""))
    # A day that is past was forecast from before it: what came of it, the forecast cannot say.
    past = day is not None and day < _day(system.assessment.as_of)
    if past or any(too_old(system, "CST-06", one) for one in latest):
        return unknown_since(latest[0])
    if day is not None:
        return f"{ceiling.replace('-', ' ')} on {words.day(day)}"
    unsure = any(not_known(system, "CST-06", one) for one in latest)
    if unsure or any(one.growth_per_day.value is None for one in latest):
        return UNKNOWN.text
    return f"none within {words.plural(min(f.horizon_days for f in latest), 'day')}"


def units(system: SiteSystem) -> list[UnitCost]:
    """The latest measurement of each unit of work."""
    found: dict[str, UnitCost] = {}
    for record in records(system, UnitCost):
        found.setdefault(record.unit, record)
    return list(found.values())


def success_look(system: SiteSystem, one: UnitCost) -> Look:
    """How what a success costs stands against its target and its worth, where it still counts."""
    return look_now(unit_look(one), system, "CST-08", one)


def successes(system: SiteSystem) -> list[tuple[Look, str]]:
    """What one success of each unit costs, held against its target and its worth."""
    return [(look, f"{name}: {said}") for name, look, said in _successes(system)]


def _successes(system: SiteSystem) -> Iterator[tuple[str, Look, str]]:
    for one in units(system):
        look = success_look(system, one)
        said = last_measured(one) if look is UNKNOWN else unit_in_short(one)
        yield one.unit.replace("-", " "), look, said


def grew(system: SiteSystem) -> str:
    """From what the pilot assumed to now, and what made most of it; with its day, once old."""
    record = next(iter(records(system, CostBridge)), None)
    if record is None:
        return ""
    said = bridge_in_short(record)
    if not too_old(system, "CST-05", record):
        return said
    return f"{unknown_since(record)}: {said}"


def spend_facts(system: SiteSystem) -> list[tuple[str, str]]:
    """What is spent and what the ceilings leave, as rows of a name and an answer.

    None of them is left out: a row that is not there would be read as nothing to fear.
    """
    named = [("spent today", today(system)), ("ceilings now", _ceilings(system))]
    ahead = next_ceiling(system)
    return named if ahead == _NO_CEILING else [*named, ("next ceiling", ahead)]


def facts(system: SiteSystem) -> list[tuple[str, str]]:
    """The same, and what a success costs where that was measured or is asked for."""
    plan = system.claims.cost
    told = [
        f"{name}: {look.text}, {said}" if look is UNKNOWN else f"{name}: {said}"
        for name, look, said in _successes(system)
    ]
    asked = bool(told) or (plan is not None and bool(plan.units))
    cost = [("a success costs", "; ".join(told) or NOT_MEASURED)] if asked else []
    return [*spend_facts(system), *cost]


def _latest(found: list[CostForecast]) -> list[CostForecast]:
    """Those of the latest instant: what one run measured."""
    return [one for one in found if one.as_of == found[0].as_of]


def _day(instant: datetime) -> date:
    """The UTC day, by which spend is counted."""
    return instant.astimezone(UTC).date()
