"""What the objects answer about owners who left, partners who are silent, and standing duties."""

from ops_model.domain.decisions import URGENT, Action
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.familiarity import last_drilled
from ops_model.domain.handed_over import accepted_by, drill_led
from ops_model.domain.on_call import ROLES
from ops_model.domain.ownership import DutyName, Handoff, Ownership
from ops_model.domain.people import Person
from ops_model.domain.resolve import answered, day, gap, limit, no_file, not_asked
from ops_model.domain.resolving import Answer
from ops_model.domain.rollback import RollbackDrill
from ops_model.domain.walk_scene import NOBODY, Scene, days_before

_SHOWN = ("rollback", "failover", "disable")
"""What whoever may decide it has to have done themselves; an output is overridden in many ways."""


def handoff_accepted(scene: Scene) -> Answer:
    """Who accepted each handoff that is due, or who left without one."""
    ownership = scene.system.ownership
    if ownership is None:
        return no_file(scene, "ownership", "TRN-01")
    due = _due(scene, ownership)
    lines = [_left(scene, ownership)] if _left(scene, ownership) else []
    open_one = bool(lines)
    for handoff in due:
        accepted = accepted_by(handoff, scene.statements, at=scene.at)
        silent = [p for p in handoff.parties(ownership.accountable) if p not in accepted]
        open_one = open_one or bool(silent)
        by = f"accepted by {', '.join(accepted)}" if accepted else "accepted by nobody"
        not_by = f", not by {', '.join(silent)}" if silent and accepted else ""
        lines.append(f"{handoff.id} ({handoff.outgoing} to {handoff.incoming}): {by}{not_by}")
    if not lines:
        return not_asked(f"{ownership.accountable} owns it, and no owner has left or handed it on",
                         ownership.place_of("accountable"))  # fmt: skip
    places = [h.where for h in due] or [ownership.place_of("handoffs")]
    return gap("; ".join(lines), "TRN-01" if open_one else "", *places)


def newcomer_drilled(scene: Scene) -> Answer:
    """Whether whoever took over has led the drill, so that the page was practised."""
    ownership = scene.system.ownership
    if ownership is None:
        return no_file(scene, "ownership", "TRN-01")
    due = _due(scene, ownership)
    if not due:
        gone = _left(scene, ownership)
        if gone:
            return gap(f"nobody: {gone}", "TRN-01", ownership.place_of("handoffs"))
        return not_asked("nobody took over, so nobody had to practise it",
                         ownership.place_of("handoffs"))  # fmt: skip
    most = limit(scene, "TRN-01", "max_drill_age_days")
    led = {h: drill_led(h, scene.statements, max_days=most) for h in due}
    lines = [
        f"{h.incoming} {f'led the {h.drill} drill' if place else f'never led a {h.drill} drill'}"
        for h, place in led.items()
    ]
    places = [place for place in led.values() if place is not None]
    open_one = any(place is None for place in led.values())
    return gap("; ".join(lines).replace("_", " "), "TRN-01" if open_one else "",
               *(h.where for h in due), *places)  # fmt: skip


def _due(scene: Scene, ownership: Ownership) -> list[Handoff]:
    """The handoffs that have taken effect."""
    today = day(scene)
    return [h for h in ownership.handoffs if h.effective <= today]


def _left(scene: Scene, ownership: Ownership) -> str:
    """Which owner has left with no handoff by their last day; empty where none has."""
    for name in dict.fromkeys(
        (ownership.accountable, ownership.deputy, ownership.lifecycle_owner)
    ):
        person = scene.model.people.person(name)
        last = person.active_to if person is not None else None
        if last is None or last >= day(scene):
            continue
        if not any(h.outgoing == name and h.effective <= last for h in ownership.handoffs):
            return f"{name} left on {last}, and handed it to nobody"
    return ""


def own_people_tonight(scene: Scene) -> Answer:
    """Which of our own people answer at that instant, and when each last drilled it."""
    if not _partners(scene):
        return not_asked("no partner runs any of it", scene.place("ownership"))
    able = _own(scene)
    if not able:
        return _partner_alone(scene)
    drilled = last_drilled(scene.statements, as_of=scene.at)
    ages = {p: (scene.at - drilled[p]).days for p in able if p in drilled}
    lines = [f"{p}, drilled {days_before(ages[p])}" if p in ages else f"{p}, never drilled"
             for p in able]  # fmt: skip
    most = limit(scene, "ONC-05", "max_age_days")
    practised = any(age <= most for age in ages.values())
    return gap("; ".join(lines), "" if practised else "ONC-05", scene.place("on_call"),
               who=able[0])  # fmt: skip


def own_access(scene: Scene) -> Answer:
    """What of the urgent steps our own people on call have done with their own access."""
    if not _partners(scene):
        return not_asked("no partner runs any of it, so all access is our own",
                         scene.place("ownership"))  # fmt: skip
    decisions, able = scene.system.decisions, _own(scene)
    if decisions is None:
        return no_file(scene, "decisions", "DEC-04")
    if not able:
        return _partner_alone(scene)
    held = [a for a in URGENT if a in _SHOWN and a in scene.needed and decisions.right(a)]
    lines, silent = [], False
    for action in held:
        right = decisions.right(action)
        names = (right.holder, right.backup) if right is not None else ()
        may = [p for p in able if p in {scene.duty.answering(n, scene.at) for n in names if n}]
        did = {p: _did(scene, p, action) for p in may}
        said = (f"{p} {when}" for p, (when, _) in did.items())
        lines.append(f"{action}: {', '.join(said) or 'nobody of our own may'}")
        silent = silent or any(not ok for _, ok in did.values())
    return gap("; ".join(lines), "DEC-04" if silent else "", scene.place("decisions"))


def _did(scene: Scene, person: str, action: Action) -> tuple[str, bool]:
    """When a person last did an urgent step, or tried to in vain, and whether it counts.

    By their word, by a drill of access, or as the one who led a drill that passed.
    """
    shown = scene.shown_access(person, action)
    drills: dict[Action, type[RollbackDrill] | type[FallbackDrill]] = {
        "rollback": RollbackDrill, "failover": FallbackDrill,
    }  # fmt: skip
    kind = drills.get(action)
    led = scene.all(kind, lambda d: d.passed and d.performed_by == person) if kind else []
    last = max((record.as_of for record, _ in led), default=None)
    if shown is None or (last is not None and last > shown.as_of):
        return ("never", False) if last is None else (f"on {last.date()}", True)
    return (
        (f"on {shown.on}", True) if shown.ok else (f"on {shown.on}, in vain: {shown.why}", False)
    )


def _own(scene: Scene) -> list[str]:
    """Our own people whom the page reaches at that instant, in order."""
    people = scene.model.people
    found = (people.person(r.person) for r in scene.rungs if r.person and not r.why_not)
    return list(dict.fromkeys(p.id for p in found if p is not None and not _is_partner(p)))


def _partner_alone(scene: Scene) -> Answer:
    """All who answer are the partner's, or nobody does: that is planned, or nobody planned it."""
    ownership, place = scene.system.ownership, scene.place("on_call")
    plan = ownership.transition if ownership is not None else None
    if plan is None:
        return gap("none of our own people answers, and no plan says since when they should",
                   "TRN-02", place)  # fmt: skip
    answering = any(r.person and not r.why_not for r in scene.rungs)
    if not answering:
        return gap("nobody answers, neither the partner nor our own people", "ONC-03", place)
    own, of = plan.own_led(day(scene))
    return answered(f"none of our own people answers; by the plan we lead {own} of {of} duties",
                    place)  # fmt: skip


def leads_by_phase(scene: Scene) -> Answer:
    """Which duties we lead by the plan on that day, and which the partner still does."""
    ownership = scene.system.ownership
    partners = _partners(scene)
    if not partners:
        return not_asked("no partner runs any of it", scene.place("ownership"))
    plan = ownership.transition if ownership is not None else None
    if plan is None:
        return gap(f"{', '.join(partners)} hold parts of it, and no plan says who leads what",
                   "TRN-02", scene.place("ownership"))  # fmt: skip
    today = day(scene)
    phases = {
        ladder.duty: (ladder.phase_on(today) or "nobody").replace("_", " ")
        for ladder in plan.ladders
    }
    own, of = plan.own_led(today)
    lines = tuple(f"{duty.replace('_', ' ')}: {phase}" for duty, phase in phases.items())
    return answered(f"{own} of {of} duties are led by our own people ({plan.partner_team} beside)",
                    plan.where, details=lines)  # fmt: skip


def _partners(scene: Scene) -> tuple[str, ...]:
    """The partner's people who hold a duty or a turn of the rota, or the partner by the plan."""
    ownership, rota = scene.system.ownership, scene.system.on_call
    held: list[str | None] = [r.person for r in scene.rungs]
    held += [p for role in ROLES for p in rota.rostered(role, scene.at)] if rota else []
    if ownership is not None:
        held += [p for d in ownership.duties.values() for p in (d.primary, d.deputy)]
    people = (scene.model.people.person(name) for name in dict.fromkeys(held))
    found = [p.id for p in people if p is not None and _is_partner(p)]
    if not found and ownership is not None and ownership.transition is not None:
        found = [ownership.transition.partner_team]
    return tuple(found)


def _is_partner(person: Person) -> bool:
    return person.employer == "partner"


def watches_the_watcher(scene: Scene) -> Answer:
    """Whose duty it is to look, so that somebody misses what stops coming."""
    return _duty(scene, "monitoring")


def follows_the_rules(scene: Scene) -> Answer:
    """Whose duty it is to follow the rules that bind it."""
    return _duty(scene, "policy_updates")


def _duty(scene: Scene, name: DutyName) -> Answer:
    ownership = scene.system.ownership
    if ownership is None:
        return no_file(scene, "ownership", "OWN-08")
    duty, what = ownership.duties.get(name), name.replace("_", " ")
    if duty is None:
        return gap(f"{NOBODY} for {what}", "OWN-08", ownership.place_of("duties"))
    lost = [p for p in (duty.primary, duty.deputy) if not scene.is_person(p)]
    text = f"{what}: {duty.primary}, deputy {duty.deputy or 'nobody'}"
    text += f"; {', '.join(p for p in lost if p)} is nobody who works here" if any(lost) else ""
    return gap(text, "OWN-08" if lost else "", duty.where,
               who=None if duty.primary in lost else duty.primary)  # fmt: skip
