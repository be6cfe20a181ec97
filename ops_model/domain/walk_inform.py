"""Who is told in the first hour of a walk, and how far the harm reaches."""

from ops_model.domain.decisions import CommunicationPath
from ops_model.domain.detection import QualityMeasurement
from ops_model.domain.duty import Decider
from ops_model.domain.fallback import FallbackDrill, UserNotice
from ops_model.domain.signals_logged import Log
from ops_model.domain.values import Where
from ops_model.domain.walk import WalkStep
from ops_model.domain.walk_scene import NOBODY, Scene, alone_or_with, span


def informing(scene: Scene) -> tuple[WalkStep, ...]:
    """The steps from T+30 to T+60."""
    told = scene.same(_users_are_told, scene.response)
    return (told, exposure(scene), scene.same(_insiders_are_told))


def _users_are_told(scene: Scene) -> WalkStep:
    question = "What are users told, where, in which words?"
    path, notice = scene.communication("users"), scene.notice
    # Whoever may decide it then tells them: who owns the words may be asleep.
    decider = scene.decider("notify_users", 30)
    who = decider.person or (path.owner if path is not None else None)
    by = (f"told by {decider.person}{alone_or_with(decider)}",) if _may(decider) else ()
    ok = True
    if notice is not None:
        answer, ok, places = _notice(scene, notice)
    elif path is not None and path.text is not None:
        # What is asked is the words, and there they are; no drill sends these.
        within = f"within {span(path.within_minutes)}; as declared, no drill sends them"
        answer = f"“{path.text}”, {path.channel}, {within}"
        places = (path.where,)
    else:
        return _no_words(scene, question, who, path)
    return WalkStep(
        minute=30, question=question, answer=answer, details=by, who=who, ok=ok,
        check="" if ok else "FBK-03", looked_at=places,
    )  # fmt: skip


def _may(decider: Decider) -> bool:
    return decider.person is not None and not decider.why_not


def _notice(scene: Scene, notice: UserNotice) -> tuple[str, bool, tuple[Where, ...]]:
    """What a fallback tells users, whether a drill saw it, and where both stand."""
    drill = scene.latest(FallbackDrill, lambda d: d.notice_seen and d.notice_matches_plan)
    shown, ok = "declared, never rehearsed: no drill saw it", False
    places: tuple[Where, ...] = (notice.where,)
    if drill is not None:
        shown, ok = f"seen in the drill of {drill[0].done_at.date()}", True
        places = (notice.where, drill[1])
        if why := scene.why_short(drill[1], "FBK-03"):
            shown, ok = f"{shown}, which shows too little: {why}", False
    said = f"“{notice.text}”, {notice.channel}, within {notice.within_seconds} s; {shown}"
    return said, ok, places


def _no_words(
    scene: Scene, question: str, who: str | None, path: CommunicationPath | None
) -> WalkStep:
    facing = scene.system.identity.customer_facing
    answer = "no words are written down for this"
    if path is not None:
        answer += f"; where they would stand is: {path.channel}"
    if not facing:
        answer += "; it serves no customers, so none need to be told"
    return WalkStep(
        minute=30, question=question, answer=answer, who=who, ok=not facing,
        check="FBK-03" if facing else "", looked_at=(scene.place("fallback"),),
    )  # fmt: skip


def exposure(scene: Scene) -> WalkStep:
    """How far the harm reaches: decisions, customers and money since it began."""
    served = scene.served if scene.served is not None and scene.served.key else None
    labels = next((log for log in scene.signals.logs if log.holds == "labels"), None)
    units = scene.system.cost.units if scene.system.cost is not None else ()
    worth = next(((u, u.value) for u in units if u.value is not None), None)
    outcome = _outcome(scene, labels)
    missing = [
        text
        for there, text in (
            (served, "no log of what was served has a key, so decisions cannot be counted"),
            (outcome, "no outcome is logged, so wrong ones cannot be told"),
            (worth, "what one is worth is not written down"),
        )
        if not there
    ]
    answer = "; ".join(missing)
    if served is not None and worth is not None and not missing:
        unit, value = worth
        answer = (
            f"count {served.address} from the onset on, joined by {served.key} with {outcome}; "
            f"each {unit.unit} is worth {value.told}"
        )
    places = (served.where if served else None, worth[0].where if worth else None)
    return WalkStep(
        minute=45,
        question="How many decisions, customers and how much money since it began?",
        answer=answer,
        details=(*_onset(scene), *_last_time(scene)),
        who=scene.responder,
        ok=not missing,
        check="INC-04" if missing else "",
        looked_at=tuple(place for place in places if place) or (scene.place("signals"),),
    )


def _outcome(scene: Scene, labels: Log | None) -> str:
    policy = scene.signals.log_policy
    if policy is not None and "outcome" in policy.fields:
        return policy.fields["outcome"]
    return labels.address if labels is not None and labels.key else ""


def _onset(scene: Scene) -> tuple[str, ...]:
    """What is known of when it began; a fall on record may be another than that of this night."""
    watching = {m.id for m in scene.monitors}
    found = scene.latest(QualityMeasurement, lambda q: q.monitor in watching)
    if found is None:
        return ("onset: not measured yet; quality was never measured for this system",)
    measured, on = found[0], found[0].as_of.date()
    if measured.alarm_at is None and measured.onset_estimate is None:
        return (f"onset: after {on}, when quality was last measured and held",)
    began = "on a day that is on no record"
    if measured.onset_estimate is not None:
        began = f"about {measured.onset_estimate}"
    return (
        "onset: not known before it is measured; the last fall on record, of monitor "
        f"{measured.monitor} as measured on {on}, began {began}",
    )


def _last_time(scene: Scene) -> tuple[str, ...]:
    last = scene.last_incident
    if last is None:
        return ()
    counts = [
        f"{name} {value}"
        for name, value in (
            ("decisions", last.decisions_exposed), ("customers", last.customers_affected),
            ("money", last.money_lost.told if last.money_lost is not None else None),
        )
        if value is not None
    ]  # fmt: skip
    return (f"last time ({last.id}): {', '.join(counts) or 'it was not counted'}",)


def _insiders_are_told(scene: Scene) -> WalkStep:
    decider = scene.decider("notify_users", 60)
    ownership, support = scene.system.ownership, scene.system.identity.support
    owner = ownership.accountable if ownership is not None else None
    why = []
    if decider.person is None or decider.why_not:
        why.append(f"{NOBODY} to tell them: {decider.why_not}")
    if owner is None or not scene.is_person(owner):
        why.append("no person is accountable, so nobody is told as the owner")
    if support is None and scene.communication("support") is None:
        why.append("support is not described, so nobody there is told")
    holder = decider.stands_in_for
    # To tell the owner that one stands in for the owner would be said twice.
    stands_in = f", as the stand-in of {holder}," if holder not in {None, owner} else ""
    said = f"{decider.person}{stands_in} tells {owner}, who is accountable, and support"
    paths = scene.system.decisions.communication if scene.system.decisions is not None else ()
    # Users have been told by now, and the clock of the regulator has a step of its own.
    lines = [_path(p) for p in paths if p.audience not in {"users", "regulator"}]
    if support is not None:
        lines.append(f"support: {support.channel} ({support.hours})")
    return WalkStep(
        minute=60,
        question="Who tells product and the accountable owner, and who tells support?",
        answer="; ".join(why) if why else said,
        details=tuple(lines),
        who=decider.person,
        ok=not why,
        check="DEC-01" if why else "",
        looked_at=(scene.place("decisions"), scene.place("ownership")),
    )


def _path(path: CommunicationPath) -> str:
    return f"{path.audience}: {path.owner}, {path.channel}, within {span(path.within_minutes)}"
