"""Every route that anything of a system names, so that each can be tried before it is needed."""

from collections.abc import Iterator

from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.errors import UsageError
from ops_model.workflow.slots import systems_of


def routes_of(model: OperatingModel, system: SystemClaims) -> tuple[str, ...]:
    """The routes of a system, each once; those of its ceilings last."""
    ceilings = system.cost.ceilings if system.cost is not None else ()
    last = tuple(dict.fromkeys(c.alert_route for c in ceilings if c.alert_route is not None))
    others = dict.fromkeys(route for route in _others(model, system) if route not in last)
    return (*others, *last)


def no_route(system: SystemClaims) -> UsageError:
    """What is said of a system of which nothing names a route."""
    return UsageError(
        f"nothing of {system.id} names an alert_route, so there is none to try",
        where=str(system.where),
        remedy="write an alert_route to each monitor, feed, objective and ceiling",
    )


def _others(model: OperatingModel, system: SystemClaims) -> Iterator[str]:
    signals, levels = system.signals, system.service_levels
    if signals is not None:
        yield from (f.alert_route for f in signals.feeds if f.alert_route)
        yield from (m.alert_route for m in signals.monitors if m.alert_route)
    for objective in levels.objectives if levels is not None else ():
        yield from (a.alert_route for a in objective.alerts if a.alert_route)
    for line in model.settings.schedules:
        if line.alert_route and system.id in systems_of(model, line):
            yield line.alert_route
