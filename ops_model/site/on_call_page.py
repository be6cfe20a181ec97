"""The page of whoever runs a system: what tells that it is broken, what they may do, how.

It holds for every night; the 2am card walks through one of them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ops_model.domain.decisions import URGENT, DecisionRight, Decisions
from ops_model.domain.on_call import ROLES, CoverageMeasurement
from ops_model.domain.proven import bound, other_texts, shows_going_back
from ops_model.domain.rollback import RollbackDrill, RollbackPlan
from ops_model.domain.signals import Signals
from ops_model.domain.signals_logged import Log
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
from ops_model.site.operator import asked_to_run, contacts, of_earlier_text, ways_on
from ops_model.site.reach import Reach
from ops_model.site.runs import declared_only, weak
from ops_model.site.seats import seat_view
from ops_model.site.site_input import SiteInput, SiteSystem
from ops_model.site.told import told
from ops_model.site.what_tells import tells
from ops_model.site.words import Look

PATH = "on-call"
_ALONE = Look("✓", "alone", words.GREEN, "good")
_ASK = Look("▲", "ask first", words.AMBER, "warn")
_NOBODY = Look("✖", "nobody", words.RED, "bad")
_FORBIDDEN = Look("✖", "forbidden", words.RED, "bad")
_FALLBACK = ("FBK-01", "FBK-02", "FBK-03", "FBK-04", "FBK-05", "SEC-02")
"""The checks of the ways on, and of what may be sent to whoever takes over."""
_AUTONOMY = {
    "alone": "",
    "tell_after": "and tell afterwards",
    "consult_one": "after asking one of",
    "needs_approval": "only with the approval of",
}


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
        "told": tells(pages, system),
        "alerts": alert_rows(system, people),
        "playbooks": signals.playbooks if signals is not None else (),
        "rights": rights,
        "alone": _alone(rights),
        "plan": claims.rollback,
        "plan_seconds": _seconds(claims.rollback),
        "drill": _drill(system, drill) if drill is not None else "",
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
        "forbidden": _FORBIDDEN,
        "fallback_answers": answers(system, _FALLBACK, people, path),
        "contacts": contacts(system, reach),
        "runbook": system.walk.runbook if system.walk is not None else "",
        "seat": seat_view(pages, system, "reliability"),
    }


def _drill(system: SiteSystem, drill: RollbackDrill) -> str:
    """What the last drill of going back showed, and that it was of another plan where it was."""
    return told(drill) + declared_only(system, drill) + of_earlier_text(system, drill)


def _drills_show(system: SiteSystem) -> str:
    """What all observed drills of the plan as it is now show; empty without one."""
    plan, identity = system.claims.rollback, system.claims.identity
    present = {ref.file: ref for ref in system.claims.claim_refs()}
    seen = [
        s.statement.record
        for s in system.statements
        if isinstance(s.statement.record, RollbackDrill)
        and not weak(s)
        and not other_texts(s.statement.record, present)
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
            "look": _may(right, reach),
            "mine": _on_call(right.holder, reach),
            "ours": _on_call(right.backup, reach),
            "action": ACTION_WORDS.get(right.action, right.action.replace("_", " ")),
            "who": reach.role(right.holder),
            "holder": reach.people.label(right.holder),
            "stand_in": reach.role(right.backup) if right.backup is not None else "",
            "how": _why_none(right, reach) or _how(right.autonomy, right.approvers, reach),
            "within": span(right.max_minutes_to_decide),
            "limit": right.money_limit.told if right.money_limit else "",
        }
        for right in mine
    ]
    return sorted(rows, key=lambda row: (_ALONE, _ASK, _NOBODY).index(row["look"]))


def _on_call(name: str | None, reach: Reach) -> bool:
    """True for a role that somebody has, and for no person or team."""
    return name in ROLES and not reach.nobody(name)


def _may(right: DecisionRight, reach: Reach) -> Look:
    if _why_none(right, reach):
        return _NOBODY
    return _ALONE if right.needs_nobody_else else _ASK


def _why_none(right: DecisionRight, reach: Reach) -> str:
    """Why neither holder nor stand-in of a right is anybody; empty where one of them is."""
    names = [name for name in (right.holder, right.backup) if name is not None]
    whys = [reach.nobody(name) for name in names]
    return "; ".join(whys) if all(whys) else ""


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
