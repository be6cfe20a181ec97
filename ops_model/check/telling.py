"""What checks of monitors share: whether one tells somebody, and what it measured last."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from ops_model.check.context import Context
from ops_model.check.recorded import Evidence, Recorded
from ops_model.domain.evidence import Measurement
from ops_model.domain.monitors_shown import kinds_of, measures
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.routes import parts_of, why_nobody
from ops_model.domain.signals_watched import Monitor


def why_nobody_is_told(ctx: Context, route: str | None) -> str:
    """Why a route of the system's claims tells nobody; empty where a part of it means somebody."""
    if route is None:
        return "tells nobody (alert_route)"
    why = means_nobody(ctx, route)
    return f"tells nobody: {why}" if why else ""


def means_nobody(ctx: Context, route: str | None) -> str:
    """Why a route is written and nobody is behind any part of it; empty of any other.

    A role that no rota gives to anybody is nobody, as for whoever answers a trial alert (CST-03).
    """
    return "" if route is None else _behind(ctx, route).why_nobody


def told_until(ctx: Context, *routes: str | None) -> datetime | None:
    """When the last of those whom these routes name is gone; None while a part has no end.

    Roles and teams stay, and so does whoever is behind a channel or an address.
    """
    return _last([_behind(ctx, route or "").until for route in routes])


class _Behind(NamedTuple):
    """Why nobody is behind a route, or until when somebody is."""

    why_nobody: str
    until: datetime | None


def _behind(ctx: Context, route: str) -> _Behind:
    known = ctx.once(_asked_for)
    if route not in known:
        known[route] = _looked_up(ctx, route)
    return known[route]


# Several checks ask of the same few routes.
def _asked_for(_: Context) -> dict[str, _Behind]:
    return {}


def _looked_up(ctx: Context, route: str) -> _Behind:
    people, routes = ctx.model.people, ctx.model.settings.alert_routes
    parts = parts_of(route)
    whys = [why_nobody(part, ctx.system, people, routes, at=ctx.as_of) for part in parts]
    if not parts or all(whys):
        return _Behind("; ".join(whys) or f"“{route}” means nobody", None)
    behind = [part.to for part, why in zip(parts, whys, strict=True) if not why]
    return _Behind("", _last([ctx.until_gone(name) for name in behind]))


def _last(ends: Sequence[datetime | None]) -> datetime | None:
    known = [end for end in ends if end is not None]
    return max(known, default=None) if len(known) == len(ends) else None


def last_measured(
    system: SystemClaims, monitor: Monitor, evidence: Evidence
) -> Recorded[Measurement] | None:
    """The newest measurement of a monitor, whatever its signal."""
    of_it = measures(system, monitor)
    found = [evidence.latest(kind, matching=of_it) for kind in kinds_of(monitor)]
    known = [one for one in found if one is not None]
    return max(known, key=lambda e: e.record.as_of) if known else None
