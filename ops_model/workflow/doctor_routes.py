"""What `ops-model doctor` says of routes: whether an alert would find its way out of here.

Nothing is sent: `ops-model watch --test-routes` does that. No address is ever repeated.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from difflib import get_close_matches
from functools import partial
from urllib.parse import urlsplit

from ops_model.domain.operating_model import OperatingModel
from ops_model.domain.routes import Part, means_somebody, named_for, parts_of, roles_of
from ops_model.domain.workbook import AlertRoute, WorkbookSettings
from ops_model.workflow.doctor_lines import Line, looked, some


def route_lines(
    settings: WorkbookSettings,
    model: OperatingModel | None,
    *,
    variables: Mapping[str, str],
    as_of: datetime,
) -> Iterator[Line]:
    """Each address that the workbook asks for, each route that its claims name, and the ping."""
    for route in settings.alert_routes:
        yield from looked("routes", named(route), partial(_address, route, variables))
    if model is not None:
        yield from looked("routes", "claims", lambda: _claims(model, as_of))
    yield from looked("routes", "ping", lambda: [ping_line(settings, variables)])


def named(route: AlertRoute) -> str:
    """How a line calls a route: `mail: ana-ruiz`, or the channel alone."""
    return route.channel if route.to is None else f"{route.channel}: {route.to}"


def _address(route: AlertRoute, variables: Mapping[str, str]) -> Iterator[Line]:
    from ops_model.alert import known

    variable, name = route.address_in, named(route)
    address = variables.get(variable, "").strip()
    if not address:
        yield Line("routes", name, "warning", f"{variable} is not set here",
                   f"set {variable} where `ops-model watch` runs")  # fmt: skip
    elif why := known(address):
        yield Line("routes", name, "problem", f"what {variable} holds is of no use: {why}",
                   "write it as apprise does, such as mailto://, slack:// or json://")  # fmt: skip
    else:
        yield Line("routes", name, "ok", f"{variable} holds an address")


def _claims(model: OperatingModel, as_of: datetime) -> Iterator[Line]:
    """The routes of claims that no address belongs to, with the systems that name them."""
    from ops_model.workflow.watch_routes import routes_of
    from ops_model.workflow.watch_who import OnDuty

    whom: dict[str, list[str]] = {}
    whose: dict[str, list[str]] = {}
    known = 0
    for system in model.systems:
        roles = OnDuty.of(model, system.id, at=as_of).roles
        parts = [part for route in routes_of(model, system) for part in parts_of(route)]
        for part in dict.fromkeys(parts):
            if named_for(part, model.settings.alert_routes, roles) is None:
                whom.setdefault(part.channel, []).append(part.to or "everybody")
                whose.setdefault(part.channel, []).append(system.id)
            else:
                known += 1
    for channel, names in whom.items():
        yield Line(
            "routes", channel, "warning",
            f"no address for {some(tuple(dict.fromkeys(names)))}; named by claims of "
            f"{some(tuple(dict.fromkeys(whose[channel])))}",
            f"add one to alert_routes in ops-model.yaml, with channel: {channel}",
        )  # fmt: skip
    if not whom and known:
        yield Line("routes", "claims", "ok", f"each of the {known} that they name has an address")
    elif not whom:
        yield Line("routes", "claims", "absent", "they name none, so no alert of theirs has a way",
                   "write `alert_route` where a monitor or a ceiling is declared")  # fmt: skip
    yield from strangers(model)


def strangers(model: OperatingModel) -> Iterator[Line]:
    """The parts of routes that mean nobody: neither a person, nor a team, nor a role."""
    from ops_model.workflow.watch_routes import routes_of

    people = model.people
    known = {*(p.id for p in people.people), *(t.id for t in people.teams)}
    whose: dict[Part, list[str]] = {}
    near: dict[Part, str] = {}
    for system in model.systems:
        roles = roles_of(system.id)
        for part in (part for route in routes_of(model, system) for part in parts_of(route)):
            if part.to is None or means_somebody(
                part, system.id, people, model.settings.alert_routes
            ):
                continue
            whose.setdefault(part, []).append(system.id)
            near[part] = next(iter(get_close_matches(part.to, sorted(known | roles), n=1)), "")
    for part, systems in whose.items():
        yield Line(
            "routes", part.channel, "warning",
            f"“{part}” means nobody; named by claims of {some(tuple(dict.fromkeys(systems)))}",
            f"did you mean {near[part]}?" if near[part]
            else "write an id of people.yaml, or a role such as primary",
        )  # fmt: skip


def ping_line(settings: WorkbookSettings, variables: Mapping[str, str]) -> Line:
    """Whether somebody outside notices when nothing runs here any more."""
    name = settings.watch.ping_in
    if name is None:
        asked = bool(settings.schedules) and settings.as_of is None
        return Line(
            "routes", "ping", "warning" if asked else "absent",
            "none: nobody outside notices when this machine runs nothing any more",
            "name a variable with an outside address in watch.ping_in",
        )  # fmt: skip
    address = variables.get(name, "").strip()
    if not address:
        return Line("routes", "ping", "warning", f"{name} is not set here",
                    f"set {name} where `ops-model watch` runs")  # fmt: skip
    split = urlsplit(address)
    if split.scheme in {"http", "https"} and split.netloc:
        return Line("routes", "ping", "ok", f"{name} holds an address")
    return Line("routes", "ping", "problem", f"what {name} holds begins with no http:// or https://",
                "write the address that your outside watch gave you")  # fmt: skip
