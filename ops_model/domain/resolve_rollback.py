"""What the objects answer about going back: rehearsed, whole, and until when one may stop."""

from datetime import timedelta

from ops_model.domain.proven import of_present_versions
from ops_model.domain.resolve import answered, gap, in_date, limit, no_file
from ops_model.domain.resolving import Answer
from ops_model.domain.rollback import RollbackDrill, RollbackPlan, StepKind
from ops_model.domain.system import VersionTuple
from ops_model.domain.walk_scene import Scene, days_before
from ops_model.domain.wording import said

_CHANGES: frozenset[StepKind] = frozenset(
    {"switch_alias", "redeploy", "flag_off", "restore_data", "retrain"}
)
"""The steps after which something is another than before; to drain or to look changes nothing."""


def going_back_rehearsed(scene: Scene) -> Answer:
    """When going back was rehearsed, by whom, and how long it took."""
    plan = scene.system.rollback
    if plan is None:
        return no_file(scene, "rollback", "RBK-02")
    missing = "declared, never rehearsed: no drill of going back is on record"
    found = in_date(scene, RollbackDrill, "RBK-02", claim=plan.where, missing=missing)
    if isinstance(found, Answer):
        return found
    drill, place = found
    ago = days_before((scene.at - drill.done_at) // timedelta(days=1))
    by = f" by {drill.performed_by}" if drill.performed_by else ""
    text = f"{said(drill.seconds)} in the drill{by}, {ago}, to {drill.to_version}"
    if (drill.from_version, drill.to_version) != (plan.from_version, plan.to_version):
        text += f"; the plan goes from {plan.from_version} to {plan.to_version}"
    elif not of_present_versions(drill, plan, scene.system.identity):
        text += "; since then one of the versions was made of something else"
    elif fault := _fault(drill, limit(scene, "RBK-02", "under_seconds")):
        text += f"; {fault}"
    else:
        return answered(text, plan.where, place, who=drill.performed_by)
    return gap(text, "RBK-02", plan.where, place)


def _fault(drill: RollbackDrill, under: float) -> str:
    if not drill.healthy:
        return f"{drill.to_version} was not healthy afterwards"
    if drill.seconds.value is None or drill.seconds.value >= under:
        return f"expected under {under:g} s"
    if drill.rests_on == "word":
        return f"that {drill.to_version} answered is the server's own word"
    return "" if drill.passed else f"it did not pass: {'; '.join(drill.problems) or 'no reason'}"


def half_gone_back(scene: Scene) -> Answer:
    """What changes with the model when one goes back, and whether the features fit it."""
    plan, identity = scene.system.rollback, scene.system.identity
    if plan is None:
        return no_file(scene, "rollback", "RBK-06")
    target = next((v for v in identity.other_versions if v.label == plan.to_version), None)
    place = plan.place_of("feature_spec_compatible")
    if target is None:
        return gap(f"{plan.to_version} is not described, so what goes back with it is not known",
                   "RBK-06", place)  # fmt: skip
    members = [c.member.replace("_", " ") for c in identity.version.changes_to(target)]
    fits, why = _features(scene, plan, target)
    text = f"what is another in {target.label}: {', '.join(members) or 'nothing'}; {why}"
    return gap(text, "" if fits else "RBK-06", place, target.where)


def _features(scene: Scene, plan: RollbackPlan, target: VersionTuple) -> tuple[bool, str]:
    """Whether the target reads the features of today, and what says so."""
    serving = scene.system.identity.version
    if not plan.feature_spec_compatible:
        return False, f"it does not take the features of {serving.label}"
    found = scene.latest(
        RollbackDrill, lambda d: of_present_versions(d, plan, scene.system.identity)
    )
    spec = found[0].feature_spec if found is not None else "unknown"
    on = f"in the drill of {found[0].done_at.date()}" if found is not None else ""
    if spec == "differs":
        return False, f"{on} it was served with other features than its own"
    specs = {v.feature_spec_digest or v.feature_spec for v in (serving, target)}
    if len(specs) == 1 and None not in specs:
        return True, f"both read the features of {target.feature_spec or 'one spec'}"
    if found is not None and spec == "changes_with_it":
        why = scene.why_short(found[1], "RBK-06")
        return not why, f"{on} the features changed with it{f', but: {why}' if why else ''}"
    evidence = plan.feature_spec_evidence
    if evidence is None:
        return False, "that it reads today's features is said, and shown by nothing"
    return True, f"it reads today's features: {evidence}"


def seen_to_work(scene: Scene) -> Answer:
    """By which step one sees that all of it went back, and not half."""
    plan = scene.system.rollback
    if plan is None:
        return no_file(scene, "rollback", "RBK-01")
    verify = [step for step in plan.steps if step.kind == "verify"]
    if not verify:
        return gap("no step looks whether it worked", "RBK-01", plan.place_of("steps"))
    lines = [f"{s.text.rstrip('.')}{f' ({s.seen_by})' if s.seen_by else ''}" for s in verify]
    return answered("; ".join(lines), *(s.where for s in verify))


def abort_point(scene: Scene) -> Answer:
    """Until when one may stop and nothing has changed."""
    plan = scene.system.rollback
    if plan is None:
        return no_file(scene, "rollback", "RBK-01")
    if not plan.steps:
        return gap("no steps are written, so nobody knows after which there is no stopping",
                   "RBK-01", plan.place_of("steps"))  # fmt: skip
    drill = scene.latest(RollbackDrill, lambda d: d.abort_point is not None)
    text, places = _by_the_plan(plan), [plan.where]
    if drill is not None and scene.why_short(drill[1], "RBK-01"):
        # Until when one could stop by an earlier plan says nothing of this one.
        drill = None
    if drill is not None and (point := drill[0].abort_point) is not None:
        places.append(drill[1])
        text += f"; in the drill of {drill[0].done_at.date()} {point.step} began after "
        text += said(point.seconds)
    return answered(text, *places)


def _by_the_plan(plan: RollbackPlan) -> str:
    before = 0
    for number, step in enumerate(plan.steps, start=1):
        if step.kind in _CHANGES:
            return (
                f"until step {number} begins ({step.text.rstrip('.')}), {before} s after the "
                "decision by the plan; from there on only forward, or all the way back"
            )
        before += step.expected_seconds
    return "no step of the plan changes what serves"
