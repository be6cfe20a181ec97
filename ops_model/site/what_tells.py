"""What tells somebody that a system is broken: monitors, alerts and ceilings by their route."""

from dataclasses import dataclass

from ops_model.domain.by_kind import ByKind
from ops_model.domain.cost import CostCeiling
from ops_model.domain.monitors_shown import Lately
from ops_model.domain.routes import PAGE, parts_of, why_no_address, why_nobody
from ops_model.domain.service_levels import BurnRateAlert, Objective
from ops_model.domain.signals_watched import Monitor
from ops_model.domain.walk_scene import span
from ops_model.site import words
from ops_model.site.site_input import SiteInput, SiteSystem
from ops_model.site.words import Look

_PAGES = Look("✓", "pages", words.GREEN, "good")
_UNSHOWN = Look("▲", "not known", words.AMBER, "warn")
_UNADDRESSED = Look("▲", "no address", words.AMBER, "warn")
_TELLS = Look("○", "tells", words.GREY, "quiet")
_SILENT = Look("✖", "tells nobody", words.RED, "bad")


@dataclass(frozen=True)
class Told:
    """What tells somebody over one route that something is wrong, and what is done then."""

    look: Look
    what: tuple[str, ...]
    route: str
    playbook: str


def tells(pages: SiteInput, system: SiteSystem) -> list[Told]:
    """What pages, what only tells, and what tells nobody, by route and what is done then."""
    signals, levels, cost = (
        system.claims.signals, system.claims.service_levels, system.claims.cost,
    )  # fmt: skip
    shown = ByKind([s.statement for s in system.statements])
    lately = Lately(system.claims, shown, pages.as_of, pages.policy)
    found: list[tuple[str, str, str, str]] = [
        (_watches(m), m.alert_route or "", m.playbook or "", lately.why_not(m))
        for m in (signals.monitors if signals is not None else ())
        if m.automated
    ]
    found += [
        (
            _burns(objective, alert),
            alert.alert_route or "",
            "",
            lately.why_not_objective(objective),
        )
        for objective in (levels.objectives if levels is not None else ())
        for alert in objective.alerts
    ]
    found += [
        (_costs(ceiling), ceiling.alert_route or "", "", lately.why_not_spend())
        for ceiling in (cost.ceilings if cost is not None else ())
    ]
    grouped: dict[tuple[Look, str, str], list[str]] = {}
    for what, route, playbook, unshown in found:
        look, why = _reached(pages, system, route)
        if look is not _SILENT and unshown:
            # What is only declared is no pass: nobody knows whether this one would tell.
            look, why = _UNSHOWN, unshown
        said = f"{what}: {why}" if why else what
        grouped.setdefault((look, route, playbook), []).append(said)
    for monitor in signals.monitors if signals is not None else ():
        if not monitor.automated:
            key = (_SILENT, monitor.alert_route or "", monitor.playbook or "")
            grouped.setdefault(key, []).append(_watches(monitor))
    rows = [Told(look, tuple(what), route, book) for (look, route, book), what in grouped.items()]
    return sorted(rows, key=lambda told: _ORDER.index(told.look))


_ORDER = (_PAGES, _UNSHOWN, _UNADDRESSED, _TELLS, _SILENT)


def _watches(monitor: Monitor) -> str:
    """What a monitor watches, how often, and how soon it knows."""
    signal = monitor.signal.replace("_", " ")
    name = signal if monitor.id in {signal, monitor.signal} else f"{monitor.id} ({signal})"
    when: str = monitor.cadence if monitor.automated else "by hand"
    if monitor.detect_within_hours is not None:
        when += f", known within {span(monitor.detect_within_hours * 60)}"
    return f"{name}, {when}"


def _burns(objective: Objective, alert: BurnRateAlert) -> str:
    return (
        f"{objective.indicator} budget, when it burns {alert.burn_rate:g} times as fast as it "
        f"may, over {alert.lookback_hours:g} h"
    )


def _costs(ceiling: CostCeiling) -> str:
    at = ", ".join(f"{share * 100:.0f} %" for share in ceiling.warn_at)
    return f"cost, at {at or 'all'} of {words.money(ceiling.amount)} per {ceiling.per}"


def _reached(pages: SiteInput, system: SiteSystem, route: str) -> tuple[Look, str]:
    """What a route does, and why it does less than page somebody.

    Of its parts only those count behind which somebody is, and that have an address.
    """
    asked = (system.claims, pages.people, pages.settings.alert_routes)
    parts, at = parts_of(route), pages.as_of
    nobody = [why for part in parts if (why := why_nobody(part, *asked, at=at))]
    there = [part for part in parts if not why_nobody(part, *asked, at=at)]
    if not there:
        return _SILENT, "; ".join(nobody)
    sent = [part for part in there if not why_no_address(part, *asked, at=at)]
    if not sent:
        return _UNADDRESSED, why_no_address(there[0], *asked, at=at)
    return (_PAGES if any(part.channel == PAGE for part in sent) else _TELLS), ""
