"""The last hours of a walk: what is owed and by when, when to restore it, and what is learned."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from ops_model.domain.compliance import LegalRole
from ops_model.domain.decisions import Action, DecisionRight
from ops_model.domain.service_levels import ServiceLevelAgreement
from ops_model.domain.values import Where, zone
from ops_model.domain.walk import WalkStep
from ops_model.domain.walk_contain import ACTION_WORDS
from ops_model.domain.walk_scene import NOBODY, Scene, alone_or_with

POST_MORTEM_WORKING_DAYS = 5
"""Our own clock: a post-mortem is held so many working days after it is contained."""


def settling(scene: Scene, *, contained_after: float | None) -> tuple[WalkStep, ...]:
    """The steps from T+90 to T+240; the clock of the post-mortem starts when it is contained."""
    return (
        scene.same(_clocks), scene.same(_made_whole), scene.same(_restored),
        _learned(scene, contained_after),
    )  # fmt: skip


def _clocks(scene: Scene) -> WalkStep:
    compliance, levels = scene.system.compliance, scene.system.service_levels
    legal = compliance.legal if compliance is not None else LegalRole()
    missing = not_said(legal)
    known = not missing
    local = zone(scene.model.settings.zone)
    by_contract = [_owed(a, scene.at, local) for a in (levels.agreements if levels else ())]
    lines = [*_by_law(legal, scene.at.date(), known=known), *by_contract]
    path = scene.communication("regulator")
    ownership = scene.system.ownership
    who = path.owner if path else ownership.domains.compliance if ownership else None
    role = "provider and deployer" if legal.role == "both" else legal.role
    declared = f"compliance.yaml declares that we are the {role}, and its risk class"
    answer = f"{declared} {legal.risk_class}" if known else (
        f"nobody has said which law binds it ({' and '.join(missing)} unknown); ask counsel"
    )  # fmt: skip
    return WalkStep(
        minute=90,
        question="Which legal or contract clocks started, and when do they end?",
        answer=answer,
        details=tuple(lines),
        who=who,
        ok=known,
        check="" if known else "INC-01",
        looked_at=(scene.place("compliance"), scene.place("service_levels")),
    )


def _owed(agreement: ServiceLevelAgreement, at: datetime, local: ZoneInfo) -> str:
    hours = agreement.notice_hours
    if hours is None:
        return f"contract with {agreement.to}: no notice by the hour is declared"
    ends = (at + timedelta(hours=hours)).astimezone(local)
    return f"contract with {agreement.to}: notice within {hours} h, by {ends:%a %Y-%m-%d %H:%M %Z}"


def not_said(legal: LegalRole) -> list[str]:
    """What nobody has said and a clock of the law depends on."""
    unknown = {"role": legal.role == "unknown", "risk class": legal.risk_class == "unknown"}
    # Where a high risk is at work decides whether a clock runs; for a limited one none does.
    unknown["jurisdictions"] = legal.in_europe is None and legal.high_risk_in_europe is not False
    return [name for name, is_so in unknown.items() if is_so]


def _by_law(legal: LegalRole, day: date, *, known: bool) -> tuple[str, ...]:
    """Clocks to check with counsel, where role, risk class and place say that they may run."""
    bound = legal.high_risk_in_europe
    if bound is False:
        no = "no clock of the EU AI Act runs by role, risk class and place (check with counsel)"
        return (no,) if known else ()
    may = "" if known else "may run: "
    lines = []
    if legal.role != "deployer":
        for days, what in ((15, "serious incident"), (10, "death"), (2, "widespread or critical")):
            lines.append(
                f"{may}EU, {what}: at once, {days} days after awareness at the latest, "
                f"{day + timedelta(days=days)} (Art. 73; check with counsel)"
            )
    if legal.role != "provider":
        lines.append(
            f"{may}EU: tell the provider without undue delay (Art. 26(5); check with counsel)"
        )
    return tuple(lines)


def _made_whole(scene: Scene) -> WalkStep:
    right = promise_right(scene)
    question = "How is the customer made whole, who may promise it, up to how much?"
    if right is None or right.money_limit is None:
        return WalkStep(
            minute=120, question=question, ok=False, check="DEC-01",
            answer=f"{NOBODY}: no right to answer customers has a money limit",
            details=_credits(scene), looked_at=(scene.place("decisions"),),
        )  # fmt: skip
    decider = scene.decider(right.action, 120)
    ok = decider.person is not None and not decider.why_not
    limit = right.money_limit.told
    said = f"{decider.person} may promise up to {limit}{alone_or_with(decider)}"
    asleep = f"{NOBODY} who is awake: {decider.why_not}"
    return WalkStep(
        minute=120, question=question, answer=said if ok else asleep, details=_credits(scene),
        who=decider.person, ok=ok, check="" if ok else "DEC-01", looked_at=(right.where,),
    )  # fmt: skip


def promise_right(scene: Scene) -> DecisionRight | None:
    """The right under which a customer may be promised money, or None.

    A ceiling of our own spend is money too, but none that a customer gets.
    """
    decisions = scene.system.decisions
    rights = [decisions.right(a) for a in _PROMISES] if decisions is not None else []
    return next((r for r in rights if r is not None and r.money_limit is not None), None)


_PROMISES: tuple[Action, ...] = ("edge_case", "override_output", "notify_users")


def _credits(scene: Scene) -> tuple[str, ...]:
    levels = scene.system.service_levels
    agreements = levels.agreements if levels is not None else ()
    owed = ((a.to, a.credit) for a in agreements if a.credit is not None)
    return tuple(f"credit owed to {to}: {credit.told}" for to, credit in owed)


def _restored(scene: Scene) -> WalkStep:
    decider = scene.decider("restore", 180)
    decisions = scene.system.decisions
    right = decisions.right("restore") if decisions is not None else None
    conditions = _conditions(scene)
    may = decider.person is not None and not decider.why_not
    check = "" if may and conditions else "CCH-03" if may else "DEC-01"
    if may:
        answer = f"{decider.person} may {ACTION_WORDS['restore']}{alone_or_with(decider)}"
    else:
        answer = f"{NOBODY} who may: {decider.why_not}"
    if not conditions:
        answer += "; what must be true by then is not written down"
    return WalkStep(
        minute=180, question="What must be true to restore, and who says so?", answer=answer,
        details=conditions, who=decider.person, ok=not check, check=check,
        looked_at=(right.where if right is not None else scene.place("decisions"),),
    )  # fmt: skip


def _conditions(scene: Scene) -> tuple[str, ...]:
    signals, levels, change = scene.signals, scene.system.service_levels, scene.system.change
    plans = [r.challenger for r in change.requests if r.challenger] if change is not None else []
    objectives = levels.objectives if levels is not None else ()
    must_pass = signals.retraining.must_pass if signals.retraining is not None else None
    return (
        *(f"{o.indicator} at {o.target} or more" for o in objectives if o.indicator == "quality"),
        *(f"segment {s.id} at {s.floor} or more" for s in signals.critical_segments),
        *([must_pass.rstrip(".")] if must_pass else []),
        *(f"challenger: {p.metric} on {p.cases} cases in {p.environment}" for p in plans[-1:]),
    )  # fmt: skip


def _learned(scene: Scene, contained_after: float | None) -> WalkStep:
    owner, place = _post_mortem_owner(scene)
    named = owner is not None and scene.is_person(owner)
    local = zone(scene.model.settings.zone)
    contained = (scene.at + timedelta(minutes=contained_after or 0)).astimezone(local).date()
    due = working_days_after(contained, POST_MORTEM_WORKING_DAYS)
    who = f"{owner} holds the post-mortem" if named else (
        f"{NOBODY} who holds the post-mortem" if owner is None
        else f"{owner}, who should hold the post-mortem, is nobody who works here"
    )  # fmt: skip
    return WalkStep(
        minute=240,
        question="Is the record complete; who holds the post-mortem, and when?",
        answer=f"{who} by {due} ({POST_MORTEM_WORKING_DAYS} working days)",
        details=(
            f"the record: systems/{scene.system.id}/incidents/<id>.yaml",
            "the missing rule: signals.yaml, `rules`, origin incident, with a bad example",
        ),
        who=owner,
        ok=named,
        check="" if named else "INC-03",
        looked_at=(place,),
    )


def _post_mortem_owner(scene: Scene) -> tuple[str | None, Where]:
    """Who held the last one, else who has the duty to improve the system."""
    last = scene.last_incident
    if last is not None and last.post_mortem is not None:
        return last.post_mortem.owner, last.post_mortem.where
    ownership = scene.system.ownership
    duty = ownership.duties.get("improvement") if ownership is not None else None
    return (duty.primary if duty is not None else None), scene.place("ownership")


def working_days_after(day: date, days: int) -> date:
    """The day so many working days after a day; Saturdays and Sundays do not count."""
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day
