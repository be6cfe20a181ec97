"""What the objects answer when a model is exchanged: rehearsed, costed, and by what margin."""

from ops_model.domain.change import ChallengerPlan, ChangeRequest
from ops_model.domain.outside import calls_a_model
from ops_model.domain.resolve import gap, in_date, no_file, not_asked
from ops_model.domain.resolving import Answer
from ops_model.domain.system import Dependency
from ops_model.domain.trials import ChallengerResult, SwapDrill
from ops_model.domain.values import Where
from ops_model.domain.walk_scene import Scene
from ops_model.domain.wording import counted, said


def swap_rehearsed(scene: Scene) -> Answer:
    """Whether the exchange of each provider's model was rehearsed, and how long it took."""
    identity = scene.system.identity
    providers = _providers(scene)
    place = identity.place_of("dependencies")
    if not providers and (calls_a_model(identity) or identity.version.provider_model_id):
        return gap("it calls a model, and nobody is named who serves it", "CCH-05", place)
    if not providers:
        return not_asked(f"{identity.version.label} is a model of our own, which nobody retires",
                         place)  # fmt: skip
    told = [_swapped(scene, d) for d in providers]
    check = next((a.check for a in told if a.check), "")
    places = dict.fromkeys(p for a in told for p in a.looked_at)
    return gap("; ".join(a.text for a in told), check, *places)


def _providers(scene: Scene) -> list[Dependency]:
    return [d for d in scene.system.identity.dependencies if d.kind == "model_provider"]


def _swapped(scene: Scene, provider: Dependency) -> Answer:
    days = provider.deprecation_notice_days
    notice = f"{days} days' notice by contract" if days is not None else "no notice by contract"
    name = f"{provider.id} ({notice})"
    found = in_date(
        scene, SwapDrill, "CCH-05", claim=provider.where, missing="no exchange was rehearsed",
        matching=lambda drill: drill.dependency == provider.id,
    )  # fmt: skip
    if isinstance(found, Answer):
        return gap(f"{name}: {found.text}", "CCH-05", provider.where)
    drill, place = found
    pinned = provider.pinned_id or drill.from_model
    text = f"{name}: {drill.from_model} for {drill.to_model} in {said(drill.seconds)}"
    text += f" on {drill.done_at.date()}"
    if drill.from_model != pinned:
        return gap(f"{text}; {pinned} is agreed now", "CCH-05", provider.where, place)
    text += "" if drill.passed else f", and it failed: {'; '.join(drill.problems) or 'no reason'}"
    return gap(text, "" if drill.passed else "CCH-05", provider.where, place)


def trial_costed(scene: Scene) -> Answer:
    """What a comparison of old and new costs, by what was planned or measured."""
    plans = _plans(scene, "CCH-02")
    if isinstance(plans, Answer):
        return plans
    told = [_costs(scene, request, plan) for request, plan in plans]
    check = next((a.check for a in told if a.check), "")
    places = dict.fromkeys(p for a in told for p in a.looked_at)
    return gap("; ".join(a.text for a in told), check, *places)


def _costs(scene: Scene, request: ChangeRequest, plan: ChallengerPlan) -> Answer:
    measured = _result(scene, request)
    places: list[Where] = [plan.where]
    multiplier = f"{plan.cost_multiplier:g}" if plan.cost_multiplier is not None else ""
    cost = plan.estimated_cost.told if plan.estimated_cost is not None else ""
    if measured is not None:
        places.append(measured[1])
        multiplier = said(m) if (m := measured[0].cost_multiplier) is not None else multiplier
        cost = said(c) if (c := measured[0].cost) is not None else cost
    if not multiplier or not cost:
        return gap(f"{request.id}: what it costs is not written", "CCH-02", *places)
    return gap(f"{request.id}: {cost}, one request becomes {multiplier}", "", *places)


def _result(scene: Scene, request: ChangeRequest) -> tuple[ChallengerResult, Where] | None:
    target = scene.system.identity.known_version(request.to_version)
    digest = target.digest() if target is not None else None
    return scene.latest(
        ChallengerResult, lambda one: (one.request, one.to_digest) == (request.id, digest)
    )


def margin_written(scene: Scene) -> Answer:
    """By how much worse a new model may be, and on how many cases, as written before."""
    plans = _plans(scene, "CCH-04")
    if isinstance(plans, Answer):
        return plans
    lacking = [r.id for r, plan in plans if plan.margin is None]
    lines = [
        f"{r.id}: {plan.metric} on {counted(plan.cases, 'case')}, "
        f"{'once' if plan.repeats == 1 else f'{plan.repeats} times'} each, "
        f"{f'no worse by more than {plan.margin:g}' if plan.margin is not None else 'no margin'}"
        for r, plan in plans
    ]
    results = [f for r, _ in plans if (f := _result(scene, r)) is not None]
    details = tuple(
        f"{one.request} on {one.as_of.date()}: {one.verdict.replace('_', ' ')}, "
        f"{said(one.difference)}"
        for one, _ in results
    )
    return gap("; ".join(lines), "CCH-04" if lacking else "", *(plan.where for _, plan in plans),
               *(place for _, place in results), details=details)  # fmt: skip


def _plans(scene: Scene, check: str) -> list[tuple[ChangeRequest, ChallengerPlan]] | Answer:
    """The challengers that are planned by then, or what is said where there is none."""
    change = scene.system.change
    if change is None:
        return no_file(scene, "change", check)
    plans = [(r, r.challenger) for r in change.requests if r.challenger is not None]
    if plans:
        return plans
    identity, place = scene.system.identity, change.place_of("requests")
    if not (calls_a_model(identity) or _providers(scene) or identity.version.provider_model_id):
        return not_asked("no comparison is planned; change.yaml, `requests`, takes one", place)
    return gap("no comparison is planned, so it is not written by how much worse a new model may "
               "be, nor what finding that out costs", check, place)  # fmt: skip
