"""The first minutes of a walk: how it is noticed, whom the page reaches, and what they know."""

import math
from datetime import datetime

from ops_model.domain.evidence import Attestation
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.familiarity import PRACTISED, last_drilled
from ops_model.domain.rollback import RollbackDrill
from ops_model.domain.signals_watched import Monitor
from ops_model.domain.values import Where
from ops_model.domain.walk import WalkStep
from ops_model.domain.walk_scene import Rung, Scene, days_before, span

_SOON_HOURS = 24
"""A failure that runs for longer than a day is seen by somebody outside, before any alarm."""


def first_minutes(scene: Scene) -> tuple[WalkStep, ...]:
    """The steps from T+0 to T+10."""
    served = scene.served.id if scene.served is not None else None
    return (
        _how_we_knew(scene), scene.same(_who_rings), scene.same(_seen_it),
        scene.same(_sees_the_logs, served),
    )  # fmt: skip


def _how_we_knew(scene: Scene) -> WalkStep:
    question = "How did we know?"
    watching = sorted(
        (m for m in scene.monitors if m.automated and m.alert_route), key=_notices_within
    )
    unshown = {m.id: why for m in watching if (why := scene.why_not_shown(m))}
    shown = [m for m in watching if m.id not in unshown]
    if watching:
        # The first alarm is the one that counts, and what nothing measures raises none for sure.
        found = next(iter(shown or watching))
        soon = bool(shown) and _notices_within(found) <= _SOON_HOURS
        sooner = [m for m in watching if m.id in unshown and _is_sooner(m, found)]
        doubt = "".join(f"; {unshown[m.id]}" for m in sooner)
        return WalkStep(
            minute=0, question=question, answer=_told_by(found) + ("" if soon else doubt),
            details=tuple(unshown[m.id] for m in sooner) if soon else (), ok=soon,
            check="" if soon else "INC-01", looked_at=(found.where,),
        )  # fmt: skip
    what = f"failure mode {scene.mode.id}" if scene.mode else "the quality of its answers"
    if not scene.monitors:
        why = f"no monitor watches {what}"
    else:
        lacks = [f"{m.id} {_lack(m)}" for m in scene.monitors]
        why = f"monitor {', '.join(lacks)}"
    return WalkStep(
        minute=0, question=question, answer=f"a customer tells us: {why}", ok=False,
        check="QLT-01", looked_at=(scene.place("signals"),),
    )  # fmt: skip


def _notices_within(monitor: Monitor) -> float:
    return monitor.notices_within_hours or math.inf


def _is_sooner(monitor: Monitor, counts: Monitor) -> bool:
    """True for the monitor that counts itself, and for one that would notice before it."""
    return monitor is counts or _notices_within(monitor) < _notices_within(counts)


def _told_by(monitor: Monitor) -> str:
    hours = monitor.notices_within_hours
    within = "; how soon is not declared, so a customer may notice first"
    if hours is not None:
        within = f", within {span(hours * 60)} of its beginning"
        # An alarm after days is one, and no answer to who noticed first.
        within += "; until then a customer may notice first" if hours > _SOON_HOURS else ""
    signal = monitor.signal.replace("_", " ")
    watched = f"monitor {monitor.id} ({signal}, {monitor.cadence})"
    return f"{watched} alerts “{monitor.alert_route}”{within}"


def _lack(monitor: Monitor) -> str:
    return "alerts nobody" if monitor.automated else "is looked at by hand"


def _who_rings(scene: Scene) -> WalkStep:
    rotation = scene.system.on_call
    hole = scene.duty.hole("primary", scene.after(5))
    check, why = "", ""
    if hole:
        check, why = "ONC-03", hole
    elif next_hole := scene.duty.hole("secondary", scene.after(5)):
        check, why = "ONC-04", next_hole
    elif rotation is None or not rotation.escalation:
        check, why = "ONC-06", "no escalation is declared, so nobody knows how long a page waits"
    said = "; then ".join(_rung(rung) for rung in scene.rungs if rung.person is not None)
    return WalkStep(
        minute=5,
        question="Whose phone rings, and who next?",
        answer="; ".join(text for text in (why, said) if text),
        who=scene.responder,
        ok=not check,
        check=check,
        looked_at=(scene.place("on_call"),),
    )


def _rung(rung: Rung) -> str:
    role = f" ({rung.target})" if rung.target != rung.person else ""
    if rung.why_not:
        return f"{rung.person}{role} {rung.why_not}"
    ack = f", {rung.ack_within_minutes} min to answer" if rung.ack_within_minutes else ""
    return f"{rung.person}{role}{ack}"


def _seen_it(scene: Scene) -> WalkStep:
    person = scene.responder
    answer, ok, places = "nobody answers the page, so nobody has", False, [scene.place("on_call")]
    if person is not None:
        answer = f"declared, never rehearsed: no drill by {person} is on record"
        last = last_drilled(scene.told.of(*PRACTISED), as_of=scene.at).get(person)
        if last is not None:
            days = (scene.at - last).days
            limit = scene.max_age_days("ONC-05", (90, 180, 180))
            places = [_drill_of(scene, person, last)]
            why = scene.why_short(places[0], "ONC-05")
            ok = days <= limit and not why
            late = f", longer ago than the {limit} that are allowed" if days > limit else ""
            short = f", which shows too little: {why}" if why else ""
            answer = f"{person} last drilled it {days_before(days)}{late or short}"
    return WalkStep(
        minute=8, question="Has this person seen this model?", answer=answer, who=person, ok=ok,
        check="" if ok else "ONC-05", looked_at=tuple(places),
    )  # fmt: skip


def _drill_of(scene: Scene, person: str, last: datetime) -> Where:
    """The drill of that instant which a person performed or attended."""
    words = (s.record for s in scene.told.of(Attestation))
    there = {word.of for word in words if isinstance(word, Attestation) and word.person == person}
    drills = (*scene.told.of(RollbackDrill), *scene.told.of(FallbackDrill))
    return next(
        s.place for s in drills
        if s.as_of == last
        and (getattr(s.record, "performed_by", None) == person or s.digest in there)
    )  # fmt: skip


def _sees_the_logs(scene: Scene) -> WalkStep:
    person, policy, served = scene.responder, scene.signals.log_policy, scene.served
    kept = policy.store_ref if policy is not None else None
    places = [served.where if served is not None else scene.place("signals")]
    ok = False
    if served is None:
        answer = "no log of what was served is declared"
    elif kept is None:
        answer = "where the logs lie is not written (store_ref of log_policy)"
        places = [policy.where if policy is not None else scene.place("signals")]
    elif person is None:
        answer = "nobody answers the page, so nobody looks"
    else:
        answer, ok, shown = _has_read(scene, person, kept)
        places += shown
    return WalkStep(
        minute=10, question="Can they see the logs, with their own access, now?", answer=answer,
        who=person, ok=ok, check="" if ok else "OBS-05", looked_at=tuple(places),
    )  # fmt: skip


def _has_read(scene: Scene, person: str, kept: str) -> tuple[str, bool, list[Where]]:
    """What shows that a person can read the logs, whether it counts, and where it stands."""
    shown = scene.shown_access(person, "query_logs")
    if shown is None:
        return f"declared, never shown: no word of {person} that they can read {kept}", False, []
    place = shown.statement.place
    if not shown.ok:
        return f"{person} tried to read {kept} on {shown.on}, in vain: {shown.why}", False, [place]
    limit = scene.max_age_days("OBS-05", (90, 90, 90))
    ok = (scene.at - shown.as_of).days <= limit
    late = "" if ok else f", longer ago than the {limit} days that are allowed"
    did = "ran the query of the logs" if shown.drilled else "read them"
    return f"{person} {did}{shown.took} on {shown.on}{late}; the log is {kept}", ok, [place]
