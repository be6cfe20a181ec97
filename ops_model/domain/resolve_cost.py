"""What the objects answer about a ceiling: who hears of it on the way, and what stops the rest."""

from collections.abc import Sequence

from ops_model.domain.cost import CostCeiling
from ops_model.domain.resolve import gap, in_date, no_file
from ops_model.domain.resolving import Answer
from ops_model.domain.spend import RouteTest
from ops_model.domain.walk_scene import Scene


def told_on_the_way(scene: Scene) -> Answer:
    """Who is told at which part of each ceiling per day, and whether the alert was ever tried."""
    plan = scene.system.cost
    if plan is None:
        return no_file(scene, "cost", "CST-03")
    if not plan.ceilings:
        return gap("no ceiling is written, so nobody is told before the bill comes", "CST-03",
                   plan.place_of("ceilings"))  # fmt: skip
    routes = dict.fromkeys(c.alert_route for c in plan.ceilings)
    told = [_tried(scene, route, [c for c in plan.ceilings if c.alert_route == route])
            for route in routes]  # fmt: skip
    silent = [c.id for c in plan.daily_ceilings if not c.warn_at]
    late = f"; nobody is told on the way to {', '.join(silent)}" if silent else ""
    check = next((a.check for a in told if a.check), "CST-01" if silent else "")
    places = dict.fromkeys(p for a in told for p in a.looked_at)
    return gap("; ".join(a.text for a in told) + late, check, *places,
               details=tuple(_warns(ceiling) for ceiling in plan.ceilings))  # fmt: skip


def _warns(ceiling: CostCeiling) -> str:
    at = ", ".join(f"{float(share) * 100:g}" for share in ceiling.warn_at)
    when = f"told at {at} %" if at else "told at no part of it"
    return f"{ceiling.id}: {ceiling.amount.told} per {ceiling.per}, {when}"


def _tried(scene: Scene, route: str | None, ceilings: Sequence[CostCeiling]) -> Answer:
    """Whether the alert of these ceilings was tried lately, and who answered it."""
    ids, places = ", ".join(c.id for c in ceilings), [c.where for c in ceilings]
    if route is None:
        return gap(f"{ids}: nobody is told", "CST-03", *places)
    found = in_date(
        scene, RouteTest, "CST-03", claim=places[0], missing="never tried",
        matching=lambda trial: trial.route == route,
    )  # fmt: skip
    to = f"{ids}: “{route}”"
    if isinstance(found, Answer):
        return gap(f"{to}, {found.text}", "CST-03", *places)
    trial, place = found
    if not trial.delivered or trial.acknowledged_by is None:
        how = "nobody answered it" if trial.delivered else "it did not arrive"
        return gap(f"{to}, tried on {trial.as_of.date()}, and {how}", "CST-03", *places, place)
    by = f"answered by {trial.acknowledged_by} on {trial.as_of.date()}"
    return gap(f"{to}, {by}", "", *places, place)


def stops_at_ceiling(scene: Scene) -> Answer:
    """What happens at each ceiling per day by itself; that somebody is paged stops nothing."""
    plan = scene.system.cost
    if plan is None:
        return no_file(scene, "cost", "CST-01")
    own = [c for c in plan.daily_ceilings if c.scope == "system"]
    if not own:
        budget = plan.project_budget
        other = f"; {budget.amount.told} for the project is no ceiling" if budget else ""
        return gap(f"nothing: the system has no ceiling per day{other}", "CST-01",
                   plan.place_of("ceilings"))  # fmt: skip
    lines = [f"{c.id}: at {c.amount.told} {_DOES[c.hard_action]}" for c in plan.daily_ceilings]
    paged = all(c.hard_action == "page_only" for c in plan.daily_ceilings)
    return gap("; ".join(lines), "CST-01" if paged else "",
               *(c.where for c in plan.daily_ceilings))  # fmt: skip


_DOES = {
    "throttle": "it is throttled",
    "cheaper_model": "a cheaper model takes over",
    "stop": "it stops",
    "page_only": "somebody is paged, and nothing stops by itself",
}
