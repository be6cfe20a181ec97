"""How cost is measured and watched, and routes are tried: what to declare, then what to run."""

from collections.abc import Iterable, Sequence

from ops_model.domain.cost import CostPlan, UnitEconomics
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.routes import named_for, parts_of
from ops_model.domain.workbook import AlertRoute

_RUN = "runs `ops-model run 06_cost {}`"
_NO_PRICES = "prices (`token_prices` or `hour_prices`)"


def measure_spend(system: SystemClaims) -> str:
    """How spend is measured: usage logs need prices."""
    return _once(system, _lacks_spend(system.cost))


def measure_bridge(system: SystemClaims) -> str:
    """How it is explained what a day costs: the pilot has to say what the bridge begins with."""
    return _once(system, [*_lacks_spend(system.cost), *_lacks_pilot(system.cost)])


def measure_ceilings(system: SystemClaims) -> str:
    """How ceilings are watched, forecast and their days logged: there has to be one per day."""
    plan = system.cost
    daily = plan is not None and any(c.per == "day" for c in plan.ceilings)
    lacking = [*_lacks_spend(plan), *([] if daily else ["a ceiling per day (`ceilings`)"])]
    return _once(system, lacking)


def measure_unit_cost(system: SystemClaims, unit: UnitEconomics | None = None) -> str:
    """How the cost of a success is counted: the unit says by what log, monitor or outcome."""
    plan = system.cost
    one = unit or next(iter(plan.units if plan is not None else ()), None)
    if one is None:
        return _once(system, [*_lacks_spend(plan), "a unit (`units`)"])
    if why := _uncounted(system, one):
        first = f"the cost owner writes {why} of unit {one.id} in cost.yaml first"
        return f"{first}; then {measure_spend(system)}"
    return measure_spend(system)


def measure_load(system: SystemClaims) -> str:
    """How the load is measured: by the log of what is served."""
    run = _RUN.format(system.id)
    signals = system.signals
    if signals is None or signals.served is None:
        return (
            "the reliability owner declares a log of what is served (`holds: predictions`) in "
            f"signals.yaml, then {run}"
        )
    return f"the reliability owner {run}"


def try_routes(system: SystemClaims, known: Sequence[AlertRoute] | None = None) -> str:
    """How it is shown that alerts arrive: a trial is sent, and whoever gets it types its code.

    Args:
        system: the system whose ceilings name the routes.
        known: `alert_routes` of ops-model.yaml, so that what they lack can be named; None where
            nobody knows them.
    """
    plan = system.cost
    routes = [c.alert_route for c in plan.ceilings if c.alert_route] if plan is not None else []
    send = (
        f"the cost owner runs `ops-model watch {system.id} --test-routes`, and whoever gets the "
        "message answers with `ops-model watch --ack CODE --as PERSON`"
    )
    if not routes:
        return f"the cost owner writes an alert_route to each ceiling in cost.yaml; then {send}"
    unnamed = _unnamed(routes, known) if known is not None else []
    if not unnamed:
        return send
    return (
        f"the platform names {' and '.join(unnamed)} under `alert_routes` in ops-model.yaml, each "
        f"with the environment variable that holds its address; then {send}"
    )


def tell_of_ceilings(system: SystemClaims) -> str:
    """How somebody is told in time, and says what they did: a schedule watches, people answer."""
    return (
        f"the platform has `ops-model watch {system.id} --tell` run every ten minutes, and "
        "whoever acts on an alert says so with "
        "`ops-model watch --ack CODE --did ACTION --as PERSON`"
    )


def accept_day(system: SystemClaims, ceiling: str, day: object) -> str:
    """How a day above a ceiling that is past is accepted, by whoever may raise the ceiling."""
    return (
        "whoever holds raise_cost_ceiling in decisions.yaml accepts what is past with `ops-model "
        f"watch {system.id} --accept {ceiling}@{day} --as PERSON`, or does not"
    )


def _once(system: SystemClaims, lacking: Sequence[str]) -> str:
    run = _RUN.format(system.id)
    if not lacking:
        return f"the cost owner {run}"
    return (
        f"the cost owner declares {' and '.join(dict.fromkeys(lacking))} in cost.yaml, then {run}"
    )


def _lacks_spend(plan: CostPlan | None) -> list[str]:
    """What cost.yaml lacks for its spend to be counted; nothing of a file that is not there."""
    if plan is None:
        return []
    listed = plan.price_list is not None
    if not plan.logs:
        any_price = listed or plan.token_prices or plan.hour_prices
        return ["`logs`"] + ([] if any_price else [_NO_PRICES])
    priced = {"tokens": listed or bool(plan.token_prices), "hours": bool(plan.hour_prices)}
    keys = {"tokens": "`token_prices`", "hours": "`hour_prices`"}
    return [
        keys[unit] for unit in dict.fromkeys(log.unit for log in plan.logs) if not priced[unit]
    ]


def _lacks_pilot(plan: CostPlan | None) -> Iterable[str]:
    """What the pilot's assumption has to say before a bridge can begin there."""
    if plan is None:
        return
    assumption = plan.pilot_assumption
    if assumption is None:
        yield "`pilot_assumption`"
        return
    if assumption.cost_per_day is None:
        yield "`cost_per_day` of `pilot_assumption`"
    tokens = assumption.prompt_tokens_per_unit or assumption.output_tokens_per_unit
    if any(log.unit == "tokens" for log in plan.logs) and not (tokens or assumption.by_model):
        yield "`prompt_tokens_per_unit` and `output_tokens_per_unit` of `pilot_assumption`"


def _uncounted(system: SystemClaims, unit: UnitEconomics) -> str:
    """What a unit has to say before its successes can be counted; empty when nothing."""
    signals = system.signals
    named = {"log": unit.log, "monitor": unit.monitor, "outcome": unit.outcome}
    way = next((kind for kind, name in named.items() if name is not None), None)
    if way is None:
        return "`log` and `good` (which of its rows succeeded), or `monitor`, or `outcome`,"
    if signals is None or named[way] not in system.names()[way]:
        return f"a `{way}` that signals.yaml declares, in place of {named[way]},"
    return ""


def _unnamed(routes: Iterable[str], known: Sequence[AlertRoute]) -> list[str]:
    """The parts of routes for which ops-model.yaml names no address, each once."""
    parts = dict.fromkeys(part for route in routes for part in parts_of(route))
    return [f"“{part}”" for part in parts if named_for(part, known) is None]
