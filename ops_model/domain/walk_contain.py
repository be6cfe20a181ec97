"""How a walk contains the harm: who decides, what exactly they do, whether it is back."""

from collections.abc import Sequence
from functools import partial

from ops_model.domain.decisions import Action
from ops_model.domain.evidence import Measured
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.limits import limit_of
from ops_model.domain.proven import bound, of_present_versions, shows_going_back
from ops_model.domain.rollback import RollbackDrill, RollbackPlan
from ops_model.domain.rollback_plan import plan_faults
from ops_model.domain.values import Where
from ops_model.domain.walk import WalkStep, machine_part
from ops_model.domain.walk_scene import ACTIONS, Scene, alone_or_with, days_before

Drill = RollbackDrill | FallbackDrill

ACTION_WORDS: dict[Action, str] = {
    "rollback": "roll back",
    "failover": "fail over",
    "override_output": "override an output",
    "disable": "switch it off",
    "edge_case": "decide an edge case",
    "retrain": "retrain",
    "notify_users": "tell users",
    "restore": "restore it",
}
"""What a right allows, as a verb."""
_URGENT: tuple[Action, ...] = ("rollback", "failover", "override_output", "disable")


def containing(scene: Scene) -> tuple[WalkStep, ...]:
    """The steps from T+12 to T+25."""
    response = scene.response
    return (scene.same(_decides, response), _does(scene), scene.same(_is_back, response))


def _decides(scene: Scene) -> WalkStep:
    question = "Who decides, alone or with whom, and is that person awake?"
    action, decisions = scene.action, scene.system.decisions
    if action is None:
        return WalkStep(
            minute=12, question=question, answer="nobody is named: no response is written down",
            ok=False, check="OM-04", looked_at=(scene.system.identity.where,),
        )  # fmt: skip
    decider = scene.decider(action, 12)
    right = decisions.right(action) if decisions is not None else None
    # At tiers A and B nobody may have to be asked before the harm is stopped.
    free = decider.consult is None or scene.system.identity.tier == "C"
    stuck = [a for a in scene.needed if a != action and scene.decider(a, 12).why_not]
    able = not decider.why_not and free
    ok = able and not stuck
    limit = f"; {right.max_minutes_to_decide} min to decide" if right and able else ""
    said = f"{_may(scene, action, 12)}{limit}"
    others = [a for a in _URGENT if a != action and a not in stuck]
    check = "DEC-02" if right or able else "DEC-01"
    return WalkStep(
        minute=12,
        question=question,
        answer="; ".join((said, *(_may(scene, a, 12) for a in stuck))),
        details=tuple(_may(scene, a, 12) for a in others),
        who=decider.person,
        ok=ok,
        check="" if ok else check,
        looked_at=_places(scene, (action, *stuck)),
    )


def _places(scene: Scene, actions: Sequence[Action]) -> tuple[Where, ...]:
    """Where each right stands, or the file where one is missing."""
    decisions = scene.system.decisions
    rights = (decisions.right(a) if decisions is not None else None for a in actions)
    found = (r.where if r is not None else scene.place("decisions") for r in rights)
    return tuple(dict.fromkeys(found))


def _may(scene: Scene, action: Action, minutes: int) -> str:
    decider, verb = scene.decider(action, minutes), ACTION_WORDS.get(action, action)
    if decider.person is None or decider.why_not:
        return f"{verb}: nobody can decide; {decider.why_not}"
    return f"{verb}: {decider.person}{alone_or_with(decider)}"


def _does(scene: Scene) -> WalkStep:
    answer, check, steps, place = _response(scene)
    playbook = scene.playbook
    first = playbook.first_15_minutes if playbook is not None else ()
    if not first:
        answer += "; no playbook says what to look at first"
    return WalkStep(
        minute=15,
        question="What exactly do they do?",
        answer=answer,
        details=(*(f"look: {text}" for text in first), *steps),
        who=scene.responder,
        ok=not check,
        check=check,
        looked_at=(place, *((playbook.where,) if playbook is not None else ())),
    )


def _response(scene: Scene) -> tuple[str, str, tuple[str, ...], Where]:
    """What is done, the check that it fails, its steps, and where that is written."""
    response = scene.response
    if response == "rollback":
        return _rollback(scene)
    if response == "fallback":
        path, place = scene.way_on, scene.place("fallback")
        if path is None:
            return "nothing is written down but to wait", "FBK-01", (), place
        kind = path.kind.replace("_", " ")
        return f"go on by {kind} ({path.id}): {path.text}", "", (), path.where
    if response in {"override_output", "disable"}:
        # No plan holds steps for these; a playbook has to say what is done.
        check = "" if scene.playbook is not None else "DRF-07"
        return f"{ACTION_WORDS[ACTIONS[response]]}, by hand", check, (), scene.place("decisions")
    place = scene.system.identity.where
    if response is None:
        return "nothing is written down", "OM-04", (), place
    named = "a new training" if response == "retrain" else "a rule"
    return f"{named} is all that is written down, and stops nothing tonight", "RBK-03", (), place


def _what_changes(scene: Scene, plan: RollbackPlan) -> str:
    """Which members of the version become others, where both versions are described."""
    known = scene.system.identity.known_version
    before, after = known(plan.from_version), known(plan.to_version)
    if before is None or after is None:
        return ""
    changes = [c.member.replace("_", " ") for c in before.changes_to(after)]
    return f"; {', '.join(changes)} change with it" if changes else "; both are the same version"


def _rollback(scene: Scene) -> tuple[str, str, tuple[str, ...], Where]:
    plan, place = scene.system.rollback, scene.place("rollback")
    if plan is None or not plan.steps:
        return "no steps back to an earlier version are written down", "RBK-01", (), place
    steps = tuple(
        f"{number}. {step.text} ({step.expected_seconds} s)"
        for number, step in enumerate(plan.steps, start=1)
    )
    answer = (
        f"go back from {plan.from_version} to {plan.to_version}, in {plan.max_seconds} s at most"
        f"{_what_changes(scene, plan)}"
    )
    if any(step.kind == "retrain" for step in plan.steps):
        return f"{answer}, by a new training: that is no way back", "RBK-03", steps, place
    identity, policy = scene.system.identity, scene.model.policy
    most = limit_of(policy, identity.tier, "RBK-01", "max_seconds", (600, 600, 600))
    if faults := plan_faults(plan, identity.version, max_seconds=most):
        said = "; ".join(fault for _, fault in faults)
        return f"{answer}; that is no specific way back: {said}", "RBK-01", steps, place
    return answer, "", steps, place


def _is_back(scene: Scene) -> WalkStep:
    answer, check, place = _back(scene)
    return WalkStep(
        minute=25, question="Is it back, healthy, and nothing lost?", answer=answer,
        who=scene.responder, ok=not check, check=check, looked_at=(place,),
    )  # fmt: skip


def _back(scene: Scene) -> tuple[str, str, Where]:
    if scene.action in {"override_output", "disable"}:
        return _done_by_hand(scene, scene.action)
    found = last_drill(scene)
    on = scene.response == "fallback"
    check = "FBK-03" if on else "RBK-02"
    if found is None:
        area = "fallback" if on else "rollback"
        return f"declared, never rehearsed: no {area} drill is on record", check, scene.place(area)
    drill, place = found
    limit = scene.max_age_days(check, (92, 92, 92) if on else (30, 90, 180))
    days = (scene.at - drill.done_at).days
    took = f"took {_seconds(drill.seconds)} in the drill {days_before(days)}"
    if isinstance(drill, RollbackDrill) and (other := _of_another(scene, drill)):
        return f"{took}, {other}", check, place
    if not drill.passed:
        return f"{took}, and failed: {_fault(drill)}", _failed_check(drill), place
    late = f"longer ago than the {limit} days that are allowed" if days > limit else ""
    if short := late or scene.why_short(place, check):
        return f"{took}, {short}", check, place
    only = machine_part(drill.environment, drill.seconds)
    return f"{took} ({only}), nothing lost; {_record(scene, drill)}", "", place


def _done_by_hand(scene: Scene, action: Action) -> tuple[str, str, Where]:
    """What shows that a person can do by hand what no drill rehearses."""
    verb, person = ACTION_WORDS[action], scene.decider(action, 25).person
    shown = scene.shown_access(person, action) if person is not None else None
    # DEC-04 asks it of the other urgent steps alone: an output is overridden in many ways.
    check = "INC-01" if action == "override_output" else "DEC-04"
    if shown is None:
        who = person or "whoever may do it"
        answer = f"declared, never rehearsed: no word of {who} that they tried to {verb}"
        return answer, check, scene.place("decisions")
    place = shown.statement.place
    if not shown.ok:
        return f"{person} tried to {verb} on {shown.on}, in vain: {shown.why}", check, place
    if shown.drilled:
        return f"{person} could {verb}: the no-op ran{shown.took} on {shown.on}", "", place
    return f"{person} could {verb}{shown.took}, tried on {shown.on}", "", place


def _of_another(scene: Scene, drill: RollbackDrill) -> str:
    """Why a drill shows nothing of the versions of today, or an empty text."""
    plan = scene.system.rollback
    if plan is None or plan.to_version != drill.to_version:
        return f"but went to {drill.to_version}"
    if plan.from_version != drill.from_version:
        return f"but went back from {drill.from_version}"
    if not of_present_versions(drill, plan, scene.system.identity):
        return "but since then one of the versions was made of something else"
    if drill.rests_on == "word":
        return f"but that {drill.to_version} answered is the server's own word"
    return ""


def last_drill(scene: Scene) -> tuple[Drill, Where] | None:
    """The newest drill of the response that is taken first."""
    if scene.response == "fallback":
        path = scene.way_on.id if scene.way_on is not None else None
        return scene.latest(FallbackDrill, lambda d: d.path == path)
    return scene.latest(RollbackDrill) if scene.response == "rollback" else None


def _record(scene: Scene, drill: Drill) -> str:
    """How many drills passed, and what so many show at 95 %."""
    return bound([d.passed for d in alike(scene, drill)]).told


def counting_drill(scene: Scene) -> Drill | None:
    """That drill, where it shows something of the plan as it stands today."""
    found = last_drill(scene)
    if found is None or found[0] not in alike(scene, found[0]):
        return None
    return found[0]


def alike(scene: Scene, drill: Drill) -> list[Drill]:
    """All drills of the way on that is taken, or of the versions and plan of today."""
    check = "FBK-03" if isinstance(drill, FallbackDrill) else "RBK-02"
    found = scene.all(type(drill), partial(_of_the_same, scene))
    return [d for d, place in found if not scene.why_short(place, check)]


def _of_the_same(scene: Scene, drill: Drill) -> bool:
    """True for a drill of the way on that is taken, or of the versions that are planned today."""
    if isinstance(drill, FallbackDrill):
        return scene.way_on is not None and drill.path == scene.way_on.id
    plan = scene.system.rollback
    return plan is not None and shows_going_back(drill, plan, scene.system.identity)


def _fault(drill: Drill) -> str:
    if drill.problems:
        return drill.problems[0]
    if drill.lost:
        return f"{drill.lost} lost"
    if isinstance(drill, RollbackDrill) and drill.healthy:
        return "no reason given" if drill.restored else "what served before was not put back"
    return "it was not healthy afterwards"


def _failed_check(drill: Drill) -> str:
    if isinstance(drill, FallbackDrill):
        return "FBK-03"
    if drill.lost or drill.duplicated or drill.changed:
        return "RBK-05"
    return "RBK-02" if drill.healthy and drill.restored else "RBK-04"


def _seconds(measured: Measured) -> str:
    return "an unknown time" if measured.value is None else f"{measured.value:.3g} s"
