"""What the objects answer about who may decide at that instant, and who speaks."""

from ops_model.domain.decisions import Action, DecisionRight
from ops_model.domain.resolve import answered, decides, gap, limit, no_file, not_asked
from ops_model.domain.resolving import Answer
from ops_model.domain.walk_scene import NOBODY, Scene, span
from ops_model.domain.walk_settle import promise_right

_DECIDE = 12
"""The minute at which a decision is due."""


def rolls_back_alone(scene: Scene) -> Answer:
    """Who goes back at that instant without asking anybody."""
    decisions = scene.system.decisions
    if decisions is None:
        return no_file(scene, "decisions", "DEC-02")
    right, decider = decisions.right("rollback"), scene.decider("rollback", _DECIDE)
    place = right.where if right is not None else decisions.place_of("rights")
    text = decides(decider, "roll back")
    if decider.why_not or right is None:
        return gap(text, "DEC-02", place, who=decider.person)
    free = right.needs_nobody_else or (
        scene.system.identity.tier == "C" and right.autonomy == "consult_one"
    )
    limit_said = f"; {right.max_minutes_to_decide} min to decide"
    return gap(f"{text}{limit_said}", "" if free else "DEC-02", place, who=decider.person)


def refunds(scene: Scene) -> Answer:
    """Who may promise a customer money, and up to how much."""
    if scene.system.decisions is None:
        return no_file(scene, "decisions", "DEC-01")
    right = promise_right(scene)
    if right is None or right.money_limit is None:
        return gap(f"{NOBODY}: no right to answer customers has a money limit", "DEC-01",
                   scene.system.decisions.place_of("rights"))  # fmt: skip
    decider = scene.decider(right.action, 120)
    text = f"{decides(decider, 'promise money')}, up to {right.money_limit.told} of one incident"
    nobody = decider.person is None or bool(decider.why_not)
    return gap(text, "DEC-01" if nobody else "", right.where, who=decider.person)


def may_override(scene: Scene) -> Answer:
    """Whether whoever is paged may put an answer of their own in the place of the model's."""
    right = _given(scene, "override_output")
    if isinstance(right, Answer):
        return right
    powerless = _powerless(scene, right)
    if powerless:
        return gap(f"{powerless}, so nobody may at night", "DEC-04", right.where)
    decider = scene.decider("override_output", _DECIDE)
    text = decides(decider, "override an output")
    paged = scene.responder
    if decider.person is not None and paged not in {None, decider.person}:
        text += f"; {paged}, who is paged, asks {decider.person} to"
    nobody = decider.person is None or bool(decider.why_not)
    return gap(text, "DEC-01" if nobody else "", right.where, who=decider.person)


def _given(scene: Scene, action: Action) -> DecisionRight | Answer:
    """The right to an action, or the gap where nobody was given it."""
    decisions = scene.system.decisions
    if decisions is None:
        return no_file(scene, "decisions", "DEC-01")
    right = decisions.right(action)
    if right is None:
        place = decisions.place_of("rights")
        return gap(f"nobody was given the right {action}", "DEC-01", place)
    return right


def _powerless(scene: Scene, right: DecisionRight) -> str:
    """Why a right is held by nobody who may act, such as a team; empty when it is not."""
    names = [n for n in (right.holder, right.backup) if n not in {None, "primary", "secondary"}]
    found = (scene.model.people.why_powerless(str(name)) for name in names)
    return next((why for why in found if why), "")


def raise_ceiling(scene: Scene) -> Answer:
    """Who may raise the ceiling then, up to how much, and what holds until somebody can."""
    right = _given(scene, "raise_cost_ceiling")
    if isinstance(right, Answer):
        return right
    decider = scene.decider("raise_cost_ceiling", _DECIDE)
    up_to = f", up to {right.money_limit.told}" if right.money_limit is not None else ""
    if decider.person is not None and not decider.why_not:
        return answered(f"{decides(decider, 'raise it')}{up_to}", right.where, who=decider.person)
    known = [n for n in (right.holder, right.backup) if scene.is_person(n)]
    if not known:
        return gap(f"{NOBODY} who works here may raise it: {decider.why_not}", "DEC-01",
                   right.where)  # fmt: skip
    return answered(
        f"nobody who is on call then; {' or '.join(map(str, known))} by day{up_to}; until then "
        "the ceiling holds",
        right.where,
    )


def speaks_publicly(scene: Scene) -> Answer:
    """Who speaks for us where everybody reads, in which words, and how soon."""
    if scene.system.decisions is None:
        return no_file(scene, "decisions", "INC-05")
    path, facing = scene.communication("public"), scene.system.identity.customer_facing
    place = scene.system.decisions.place_of("communication")
    if path is None and not facing:
        return not_asked("it faces no customers, so nobody owes the public a word", place)
    if path is None:
        return gap(f"{NOBODY} to speak to the public", "INC-05", place)
    known = path.owner in {"primary", "secondary"} or scene.is_person(path.owner) or (
        scene.model.people.team(path.owner) is not None
    )  # fmt: skip
    late = facing and path.within_minutes > limit(scene, "INC-05", "public_minutes")
    words = f", “{path.text}”" if path.text else ", in words that nobody has written yet"
    text = f"{path.owner}, {path.channel}, within {span(path.within_minutes)}{words}"
    text += "" if known else f"; {path.owner} is nobody who works here"
    text += "; that is too late" if late else ""
    return gap(text, "INC-05" if late or (facing and not known) else "", path.where,
               who=path.owner if scene.is_person(path.owner) else None)  # fmt: skip


def adopts(scene: Scene) -> Answer:
    """Who decides what takes the place of the old model, alone or with whose approval."""
    decisions = scene.system.decisions
    if decisions is None:
        return no_file(scene, "decisions", "CCH-06")
    right = decisions.right("adopt_change")
    if right is None:
        return gap("nobody was given the right adopt_change", "CCH-06",
                   decisions.place_of("rights"))  # fmt: skip
    asked = f" of {' and '.join(right.approvers)}" if right.approvers else ""
    how = {
        "alone": "alone", "tell_after": "and tells after", "consult_one": f"after advice{asked}",
        "needs_approval": f"with the approval{asked}",
    }[right.autonomy]  # fmt: skip
    role = right.holder in {"primary", "secondary"}
    known = role or scene.is_person(right.holder)
    text = f"{right.holder} decides {how}, within {span(right.max_minutes_to_decide)}"
    text += "" if known else f"; {right.holder} is no person who works here"
    lost = not known and scene.model.people.team(right.holder) is None
    return gap(text, "CCH-06" if lost else "", right.where,
               who=right.holder if not role and known else None)  # fmt: skip


def stop_or_adopt(scene: Scene) -> Answer:
    """Who may switch it off today, and who may let it go live."""
    decisions = scene.system.decisions
    if decisions is None:
        return no_file(scene, "decisions", "DEC-02")
    off, live = decisions.right("disable"), decisions.right("go_live")
    decider = scene.decider("disable", _DECIDE)
    held = f"{_held(live)} may let it go live" if live is not None else (
        f"{NOBODY} who may let it go live (go_live)"
    )  # fmt: skip
    text = f"{decides(decider, 'switch it off')}; {held}"
    places = [r.where if r is not None else decisions.place_of("rights") for r in (off, live)]
    stuck = off is None or bool(decider.why_not)
    check = "DEC-02" if stuck else "" if live is not None else "DEC-01"
    return gap(text, check, *dict.fromkeys(places), who=decider.person)


def _held(right: DecisionRight) -> str:
    if right.needs_nobody_else:
        return right.holder
    return f"{right.holder}, with {' and '.join(right.approvers) or 'somebody'},"
