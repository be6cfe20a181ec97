"""What the objects answer while something outside is down: the way on, its room, its words."""

from decimal import Decimal

from ops_model.domain.fallback import FallbackDrill, FallbackPath
from ops_model.domain.fallback_fit import (
    TAKEN_OVER,
    carry_faults,
    full_traffic_hours,
    not_allowed,
    notice_fault,
    served_less,
    shared,
    unsaid,
    unsaid_apart,
)
from ops_model.domain.outside import signs_of_dependencies
from ops_model.domain.resolve import gap, in_date, limit, no_file, not_asked
from ops_model.domain.resolving import Answer
from ops_model.domain.system import Dependency
from ops_model.domain.walk_scene import Scene
from ops_model.domain.wording import said


def served_meanwhile(scene: Scene) -> Answer:
    """What is served while data stays away."""
    feeds = [d for d in scene.system.identity.dependencies if d.kind == "data_feed"]
    if not feeds and not scene.signals.feeds:
        return not_asked("no data feed is named that could stop", scene.system.identity.where)
    if not scene.system.identity.dependencies:
        return _nothing_outside(scene, "FBK-01")
    if not feeds:
        return not_asked(
            "no data feed is a dependency in system.yaml, so no way on is owed for one",
            scene.system.identity.place_of("dependencies"),
        )
    return _ways_on(scene, feeds)


def way_on(scene: Scene) -> Answer:
    """Which way on is taken for each thing outside."""
    outside = scene.system.identity.dependencies
    if not outside:
        return _nothing_outside(scene, "FBK-01")
    return _ways_on(scene, list(outside))


def _ways_on(scene: Scene, outside: list[Dependency]) -> Answer:
    plan = scene.system.fallback
    if plan is None:
        return no_file(scene, "fallback", "FBK-01")
    lines, bare = [], False
    for dependency in outside:
        paths = [p for p in plan.paths if p.replaces == dependency.id]
        bare = bare or not paths or any(p.kind == "wait" for p in paths)
        ways = [f"{p.id} ({p.kind.replace('_', ' ')}): {p.text.rstrip('.')}" for p in paths]
        lines.append(f"for {dependency.id}: {'; then '.join(ways) or 'nothing, so we wait'}")
    ids = {d.id for d in outside}
    places = [p.where for p in plan.paths if p.replaces in ids] or [plan.place_of("paths")]
    return gap(". ".join(lines), "FBK-01" if bare else "", *places)


def next_in_order(scene: Scene) -> Answer:
    """What comes after the first way on, when that is down too."""
    outside = scene.system.identity.dependencies
    if not outside:
        return _nothing_outside(scene, "FBK-01")
    plan = scene.system.fallback
    if plan is None:
        return no_file(scene, "fallback", "FBK-01")
    lines, bare, places = [], False, [plan.where]
    for path in plan.paths:
        after = [p for p in plan.paths if p.replaces == path.provider]
        known = scene.system.identity.dependency(path.provider) is not None
        if known and path.provider != path.replaces:
            bare = bare or not after or any(p.kind == "wait" for p in after)
            then = "; then ".join(f"{p.id} ({p.kind.replace('_', ' ')})" for p in after)
            lines.append(f"after {path.id} ({path.provider}): {then or 'nothing'}")
            places.append(path.where)
    if nameless := [p for p in plan.paths if _nameless(p)]:
        ids = ", ".join(p.id for p in nameless)
        whose = (
            f"{ids}: somebody else answers, and nobody is named, so what comes after is unknown"
        )
        return gap(". ".join([*lines, whose]), "FBK-04", *(p.where for p in nameless))
    if not lines:
        return gap(_own_ways(plan.paths), "" if plan.paths else "FBK-01", plan.place_of("paths"))
    return gap(". ".join(lines), "FBK-01" if bare else "", *places)


def _own_ways(paths: tuple[FallbackPath, ...]) -> str:
    if not paths:
        return "no path is written, so there is nothing after the first"
    return f"{', '.join(p.id for p in paths)} needs nobody outside, so nothing has to follow"


def _nameless(path: FallbackPath) -> bool:
    """True where somebody else answers, and nobody wrote who."""
    return path.kind in TAKEN_OVER and path.provider is None


def carries_enough(scene: Scene) -> Answer:
    """What part of the traffic the ways on carry, and for how long."""
    paths = _paths(scene, "FBK-02")
    if isinstance(paths, Answer):
        return paths
    floor = Decimal(str(limit(scene, "FBK-02", "min_share")))
    enough = Decimal(str(limit(scene, "FBK-02", "enough_share")))
    lines, short = [], False
    for dependency in dict.fromkeys(d for d, _ in paths):
        mine = [p for d, p in paths if d is dependency]
        outage = Decimal(str(dependency.expected_outage_hours_per_month))
        lacking = [f"{p.id} says no {', '.join(keys)}" for p in mine if (keys := unsaid(p))]
        lacking += ["how long it is down in a month is not written"] if not outage else []
        faults = lacking or carry_faults(mine, outage, floor=floor, enough=enough)
        faults += [fault for p in mine if (fault := _served_less(scene, p))]
        short = short or bool(faults)
        hours = full_traffic_hours(mine, outage)
        text = f"{dependency.id}: {float(hours):g} h of full traffic, of {float(outage):g} h down"
        lines.append("; ".join([text, *faults]))
    return gap(". ".join(lines), "FBK-02" if short else "", *(p.where for _, p in paths))


def _served_less(scene: Scene, path: FallbackPath) -> str:
    """What a path served in its last drill, where it states more; empty where it does not."""
    found = scene.latest(FallbackDrill, lambda d: d.path == path.id)
    worst = served_less(path, found[0]) if found is not None else None
    if worst is None:
        return ""
    fault, share = worst
    return f"{path.id} served {said(share)} under {fault.replace('_', ' ')} in its last drill"


def notice_shown(scene: Scene) -> Answer:
    """What users read, where, how soon, and whether a drill saw it."""
    paths = _paths(scene, "FBK-03")
    if isinstance(paths, Answer):
        return paths
    told = [_notice(scene, path) for _, path in paths]
    check = next((a.check for a in told if a.check), "")
    places = dict.fromkeys(p for a in told for p in a.looked_at)
    return gap(". ".join(a.text for a in told), check, *places)


def _notice(scene: Scene, path: FallbackPath) -> Answer:
    notice = path.user_notice
    if notice is None:
        facing = scene.system.identity.customer_facing
        return gap(f"{path.id}: no words are written", "FBK-03" if facing else "", path.where)
    words = f"{path.id}: “{notice.text}”, {notice.channel}, within {notice.within_seconds} s"
    found = in_date(
        scene, FallbackDrill, "FBK-03", claim=path.where,
        missing="declared, never rehearsed", matching=lambda d: d.path == path.id,
    )  # fmt: skip
    if isinstance(found, Answer):
        return gap(f"{words}; {found.text}", "FBK-03", path.where)
    drill, place = found
    fault = notice_fault(drill, notice)
    seen = fault or (
        f"seen after {said(drill.notice_seconds)}" if drill.notice_seconds else "seen"
    )
    text = f"{words}; {seen} in the drill of {drill.done_at.date()}"
    return gap(text, "FBK-03" if fault else "", path.where, place)


def fails_apart(scene: Scene) -> Answer:
    """Whether each way on fails apart from what it replaces."""
    paths = _paths(scene, "FBK-04")
    if isinstance(paths, Answer):
        return paths
    lines, common = [], False
    for dependency, path in paths:
        provider = scene.system.identity.dependency(path.provider)
        faults = [*shared(path, dependency, provider), *unsaid_apart(path, dependency, provider)]
        common = common or bool(faults)
        lines.append(f"{path.id}: {'; '.join(faults) or f'apart from {dependency.id}'}")
    return gap(". ".join(lines), "FBK-04" if common else "", *(p.where for _, p in paths))


def data_may_go(scene: Scene) -> Answer:
    """Whether each way on may have the data that it then gets."""
    paths = _paths(scene, "FBK-04")
    if isinstance(paths, Answer):
        return paths
    lines, barred = [], False
    for _, path in paths:
        provider = scene.system.identity.dependency(path.provider)
        faults = not_allowed(path, provider)
        faults += ["who gets it is not written (provider)"] if _nameless(path) else []
        barred = barred or bool(faults)
        whom = f"{path.provider} gets" if path.provider else "it stays with us:"
        sent = ", ".join(path.data_sent) or "no class of data that is written"
        lines.append(f"{path.id}: {'; '.join(faults) or f'{whom} {sent}, and may'}")
    return gap(". ".join(lines), "FBK-04" if barred else "", *(p.where for _, p in paths))


def _paths(scene: Scene, check: str) -> list[tuple[Dependency, FallbackPath]] | Answer:
    """Each way on with what it replaces, or what is said where there is none."""
    outside = {d.id: d for d in scene.system.identity.dependencies}
    if not outside:
        return _nothing_outside(scene, check)
    plan = scene.system.fallback
    if plan is None:
        return no_file(scene, "fallback", check)
    paths = [(outside[p.replaces], p) for p in plan.paths if p.replaces in outside]
    if not paths:
        return gap(f"no path replaces {', '.join(sorted(outside))}", check, plan.place_of("paths"))
    return paths


def _nothing_outside(scene: Scene, check: str) -> Answer:
    """Nothing to switch from, unless another file says that something is called."""
    place = scene.system.identity.place_of("dependencies")
    signs = signs_of_dependencies(scene.system)
    if signs:
        return gap(f"no dependency is named, but {signs[0]}", check, place)
    return not_asked("it depends on nothing outside, so there is nothing to switch from", place)
