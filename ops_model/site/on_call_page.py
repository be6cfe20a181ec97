"""The page of whoever runs a system: what tells that it is broken, what they may do, how.

It holds for every night; the 2am card walks through one of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ops_model.domain.by_kind import ByKind
from ops_model.domain.decisions import URGENT, Decisions
from ops_model.domain.monitors_shown import why_not_shown
from ops_model.domain.on_call import ROLES, CoverageMeasurement
from ops_model.domain.proven import bound, shows_going_back
from ops_model.domain.rollback import RollbackDrill, RollbackPlan
from ops_model.domain.routes import PAGE, means_somebody, parts_of
from ops_model.domain.service_levels import BurnRateAlert, Objective, ServiceLevelMeasurement
from ops_model.domain.signals import Signals
from ops_model.domain.signals_logged import Log
from ops_model.domain.signals_watched import Monitor
from ops_model.domain.walk import machine_part
from ops_model.domain.walk_contain import ACTION_WORDS
from ops_model.domain.walk_scene import span
from ops_model.site import words
from ops_model.site.access_told import deploying, log_access
from ops_model.site.alert_cards import alert_rows
from ops_model.site.four_hours_card import local_instant
from ops_model.site.game_days import game_days
from ops_model.site.head import answers, entry_href, head, records
from ops_model.site.links import system_page
from ops_model.site.operator import asked_to_run, contacts, ways_on
from ops_model.site.reach import Reach
from ops_model.site.runs import declared_only, weak
from ops_model.site.seats import seat_view
from ops_model.site.site_input import SiteInput, SiteSystem
from ops_model.site.told import told
from ops_model.site.words import Look

PATH = "on-call"
_ALONE = Look("✓", "alone", words.GREEN, "good")
_ASK = Look("▲", "ask first", words.AMBER, "warn")
_PAGES = Look("✓", "pages", words.GREEN, "good")
_UNSHOWN = Look("▲", "not known", words.AMBER, "warn")
_TELLS = Look("○", "tells", words.GREY, "quiet")
_SILENT = Look("✖", "tells nobody", words.RED, "bad")
_AUTONOMY = {
    "alone": "",
    "tell_after": "and tell afterwards",
    "consult_one": "after asking one of",
    "needs_approval": "only with the approval of",
}


@dataclass(frozen=True)
class Told:
    """What tells somebody over one route that something is wrong, and what is done then."""

    look: Look
    what: tuple[str, ...]
    route: str
    playbook: str


def on_call(pages: SiteInput, system: SiteSystem) -> dict[str, Any]:
    """All that the template of the on-call page needs."""
    path, people = system_page(system, PATH), pages.people
    claims = system.claims
    coverage = next(iter(records(system, CoverageMeasurement)), None)
    drill = next(iter(records(system, RollbackDrill)), None)
    signals = claims.signals
    reach = Reach.of(pages, system)
    rights = _rights(claims.decisions, reach)
    return {
        **head(system, path),
        "paged": _paged(system, reach),
        "paged_at": local_instant(reach.at, pages.settings.zone),
        "rota_gap": answers(system, ["ONC-03"], people, path) if coverage is None else [],
        "told": _told(pages, system),
        "alerts": alert_rows(system, people),
        "playbooks": signals.playbooks if signals is not None else (),
        "rights": rights,
        "alone": _alone(rights),
        "plan": claims.rollback,
        "plan_seconds": _seconds(claims.rollback),
        "drill": told(drill) + declared_only(system, drill) if drill is not None else "",
        "drill_means": machine_part(drill.environment, drill.seconds) if drill is not None else "",
        "drill_shows": _drills_show(system),
        "drill_at": drill.done_at if drill is not None else None,
        "drill_by": people.label(drill.performed_by) if drill and drill.performed_by else "",
        "drill_href": entry_href(system, drill, path) if drill is not None else "",
        "drill_answers": answers(system, ["RBK-02", "RBK-05"], people, path),
        "game_days": game_days(system, people, path),
        "game_day_answers": answers(system, ["INC-01", "INC-07"], people, path),
        "asked": asked_to_run(system, people),
        "logs": _logs(signals) if signals is not None else [],
        "log_access": log_access(system, people, pages.as_of),
        "deploying": deploying(system),
        "log_answers": answers(system, ["OBS-05"], people, path),
        "ways_on": ways_on(system),
        "fallback_answers": answers(system, ["FBK-01", "FBK-03"], people, path),
        "contacts": contacts(system, reach),
        "runbook": system.walk.runbook if system.walk is not None else "",
        "seat": seat_view(pages, system, "reliability"),
    }


def _drills_show(system: SiteSystem) -> str:
    """What all observed drills between the versions as they are now show; empty without one."""
    plan, identity = system.claims.rollback, system.claims.identity
    seen = [
        s.statement.record
        for s in system.statements
        if isinstance(s.statement.record, RollbackDrill) and not weak(s)
    ]
    results = [d.passed for d in seen if plan and shows_going_back(d, plan, identity)]
    return bound(results).told if results else ""


def _paged(system: SiteSystem, reach: Reach) -> list[tuple[str, str, str]]:
    """Who is paged first, and who after them: target, person, how long they have to answer."""
    rotation = system.claims.on_call
    return [
        (
            step.target if step.target in ROLES else "then",
            reach.paged(step.target),
            f"{step.ack_within_minutes} min",
        )
        for step in (rotation.escalation if rotation is not None else ())
    ]


def _told(pages: SiteInput, system: SiteSystem) -> list[Told]:
    """What pages, what only tells, and what tells nobody, by route and what is done then."""
    signals, levels, cost = (
        system.claims.signals, system.claims.service_levels, system.claims.cost,
    )  # fmt: skip
    shown = ByKind([s.statement for s in system.statements])
    by_route = partial(_by_route, pages, system)
    found = [
        _monitor(m, by_route(m.alert_route), why_not_shown(system.claims, m, shown))
        for m in (signals.monitors if signals is not None else ())
    ]
    found += [
        _alert(objective, alert, by_route(alert.alert_route), measured=_measured(objective, shown))
        for objective in (levels.objectives if levels is not None else ())
        for alert in objective.alerts
    ]
    for ceiling in cost.ceilings if cost is not None else ():
        at = ", ".join(f"{share * 100:.0f} %" for share in ceiling.warn_at)
        said = f"cost, at {at or 'all'} of {words.money(ceiling.amount)} per {ceiling.per}"
        found.append((by_route(ceiling.alert_route), ceiling.alert_route or "", "", said))
    grouped: dict[tuple[Look, str, str], list[str]] = {}
    for look, route, playbook, what in found:
        grouped.setdefault((look, route, playbook), []).append(what)
    rows = [Told(look, tuple(what), route, book) for (look, route, book), what in grouped.items()]
    return sorted(rows, key=lambda told: _ORDER.index(told.look))


_ORDER = (_PAGES, _UNSHOWN, _TELLS, _SILENT)


def _monitor(monitor: Monitor, look: Look, unshown: str) -> tuple[Look, str, str, str]:
    look = look if monitor.automated else _SILENT
    signal = monitor.signal.replace("_", " ")
    name = signal if monitor.id in {signal, monitor.signal} else f"{monitor.id} ({signal})"
    when: str = monitor.cadence if monitor.automated else "by hand"
    if monitor.detect_within_hours is not None:
        when += f", known within {span(monitor.detect_within_hours * 60)}"
    if look is not _SILENT and unshown:
        # What is only declared is no pass: nobody knows whether this one would tell.
        look, when = _UNSHOWN, f"{when}: {unshown}"
    return look, monitor.alert_route or "", monitor.playbook or "", f"{name}, {when}"


def _measured(objective: Objective, shown: ByKind) -> bool:
    """True where a measurement of an objective is on record, which its alerts rest on."""
    levels = [s.record for s in shown.of(ServiceLevelMeasurement)]
    return any(
        isinstance(level, ServiceLevelMeasurement) and level.objective == objective.id
        for level in levels
    )


def _alert(
    objective: Objective, alert: BurnRateAlert, look: Look, *, measured: bool
) -> tuple[Look, str, str, str]:
    said = (
        f"{objective.indicator} budget, when it burns {alert.burn_rate:g} times as fast as it "
        f"may, over {alert.lookback_hours:g} h"
    )
    if look is not _SILENT and not measured:
        look = _UNSHOWN
        said += f": no measurement of objective {objective.id} is on record"
    return look, alert.alert_route or "", "", said


def _by_route(pages: SiteInput, system: SiteSystem, route: str | None) -> Look:
    """What a route does, of whose parts only those count that mean somebody."""
    routes = pages.settings.alert_routes
    means = [
        part for part in parts_of(route or "")
        if means_somebody(part, system.claims.id, pages.people, routes)
    ]  # fmt: skip
    if not means:
        return _SILENT
    return _PAGES if any(part.channel == PAGE for part in means) else _TELLS


def _rights(decisions: Decisions | None, reach: Reach) -> list[dict[str, Any]]:
    """What the person on call may decide, what they may do alone first."""
    if decisions is None:
        return []
    mine = [
        r for r in decisions.rights
        if {r.holder, r.backup} & set(ROLES) or r.action in URGENT
    ]  # fmt: skip
    rows = [
        {
            "look": _ALONE if right.needs_nobody_else else _ASK,
            "mine": right.holder in ROLES,
            "ours": right.backup in ROLES,
            "action": ACTION_WORDS.get(right.action, right.action.replace("_", " ")),
            "who": reach.role(right.holder),
            "holder": reach.people.label(right.holder),
            "stand_in": reach.role(right.backup) if right.backup is not None else "",
            "how": _how(right.autonomy, right.approvers, reach),
            "within": span(right.max_minutes_to_decide),
            "limit": right.money_limit.told if right.money_limit else "",
        }
        for right in mine
    ]
    return sorted(rows, key=lambda row: row["look"] is _ASK)


def _alone(rights: Sequence[Mapping[str, Any]]) -> list[str]:
    """What whoever is on call may do alone: by their own right first, then as a stand-in."""
    free = [row for row in rights if row["look"] is _ALONE]
    stands_in = [row for row in free if row["ours"] and not row["mine"]]
    return [
        *(row["action"] for row in free if row["mine"]),
        *(f"{row['action']} as the stand-in of {row['holder']}" for row in stands_in),
    ]


def _how(autonomy: str, approvers: Sequence[str], reach: Reach) -> str:
    if autonomy not in {"consult_one", "needs_approval"}:
        return _AUTONOMY[autonomy]
    named = " or ".join(reach.role(one) for one in approvers)
    return f"{_AUTONOMY[autonomy]} {named}".strip()


def _seconds(plan: RollbackPlan | None) -> str:
    if plan is None:
        return ""
    total = sum(step.expected_seconds for step in plan.steps)
    return f"{total:,} s planned, {plan.max_seconds:,} s at most"


def _logs(signals: Signals) -> list[dict[str, str]]:
    """The logs that one looks into at night, each with a query that runs as it is."""
    return [
        {"id": log.id, "holds": log.holds.replace("_", " "), "query": query(log)}
        for log in signals.logs
        if log.holds != "training"
    ]


def query(log: Log) -> str:
    """SQL that shows the newest rows of a log in DuckDB, from the workbook's folder."""
    place = log.address if log.address.endswith(".parquet") else f"{log.address}/**/*.parquet"
    quoted = place.replace("'", "''")
    column = log.timestamp.replace('"', '""')
    newest = f'ORDER BY "{column}" DESC LIMIT 20;'
    return f"SELECT * FROM read_parquet('{quoted}')\n{newest}"  # noqa: S608 - shown, never run
