"""What an operator is asked to run, what serves when something is down, and whom to reach."""

from collections.abc import Iterable
from typing import Any

from ops_model.domain.decisions import Decisions
from ops_model.domain.fallback import FallbackDrill, FallbackPath
from ops_model.domain.fallback_fit import not_allowed
from ops_model.domain.people import People
from ops_model.domain.proven import other_texts
from ops_model.domain.rollback import RollbackDrill
from ops_model.domain.service_levels import Objective, ServiceLevels
from ops_model.domain.system import CarePlan
from ops_model.domain.walk_scene import span
from ops_model.site import words
from ops_model.site.head import records
from ops_model.site.reach import Reach
from ops_model.site.runs import declared_only
from ops_model.site.site_input import SiteSystem
from ops_model.site.told import told


def asked_to_run(system: SiteSystem, people: People) -> list[tuple[str, str]]:
    """What is served, to whom, how well, on what, and the care that it needs (S3.35)."""
    identity = system.claims.identity
    levels = system.claims.service_levels
    needs = ", ".join(f"{d.name} ({d.id})" for d in identity.dependencies)
    return [
        ("what it does", identity.purpose),
        ("who uses it", identity.users),
        ("version", f"{identity.version.label}, {identity.version.model_ref}"),
        ("depends on", needs or "nothing outside is declared"),
        *_levels(levels),
        ("looked after", _care(identity.care, people)),
    ]


def _levels(levels: ServiceLevels | None) -> list[tuple[str, str]]:
    if levels is None:
        return [("held to", "nothing: there is no service_levels.yaml")]
    held = "; ".join(map(_objective, levels.objectives))
    promised = "; ".join(
        f"{words.amount(float(a.target), 'share')} of {a.objective} to {a.to}"
        for a in levels.agreements
    )
    said = [("held to", held or "no objective is declared")]
    said += [("promised", promised)] if promised else []
    plan = levels.capacity
    if plan is not None:
        said.append(
            ("runs on",
             f"{words.plural(plan.nodes, 'node')} of {plan.requests_per_second_per_node:g} "
             f"requests a second each; {plan.peak_requests_per_second:g} at the peak"),
        )  # fmt: skip
    return said


def _objective(objective: Objective) -> str:
    window = (
        f"{objective.window_days} days" if objective.window_days else f"a {objective.calendar}"
    )
    below = f" below {objective.threshold_ms} ms" if objective.threshold_ms else ""
    share = words.amount(float(objective.target), "share")
    return f"{objective.indicator}{below}: {share} over {window}"


def _care(care: CarePlan, people: People) -> str:
    said = [
        f"{name} every {words.plural(one.every_days, 'day')} by {people.label(one.owner)}"
        for name in CarePlan.model_fields
        if (one := getattr(care, name)) is not None
    ]
    return "; ".join(said) or "no care is planned"


def ways_on(system: SiteSystem) -> list[dict[str, Any]]:
    """What serves while a dependency is down, the words that users read, and the last drill."""
    plan = system.claims.fallback
    drills = records(system, FallbackDrill)
    return [_way(path, drills, system) for path in (plan.paths if plan is not None else ())]


def of_earlier_text(system: SiteSystem, drill: RollbackDrill | FallbackDrill) -> str:
    """`, of an earlier text of rollback.yaml` behind a drill of another plan; else nothing."""
    present = {ref.file: ref for ref in system.claims.claim_refs()}
    files = other_texts(drill, present)
    return f", of an earlier text of {files[0]}" if files else ""


def _way(
    path: FallbackPath, drills: Iterable[FallbackDrill], system: SiteSystem
) -> dict[str, Any]:
    drill = next((d for d in drills if d.path == path.id), None)
    rehearsed = ""
    if drill is not None:
        earlier = of_earlier_text(system, drill)
        rehearsed = told(drill) + declared_only(system, drill) + earlier
    limits = [f"for {path.max_hours} h at most"] if path.max_hours else []
    if path.capacity_share is not None:
        limits.append(f"carries {words.amount(float(path.capacity_share), 'share')} of the load")
    provider = system.claims.identity.dependency(path.provider)
    return {
        "banned": "; ".join(not_allowed(path, provider)),
        "replaces": path.replaces,
        "kind": path.kind.replace("_", " "),
        "trigger": path.trigger,
        "text": path.text,
        "limits": ", ".join(limits),
        "notice": path.user_notice,
        "drill": f"{rehearsed}, {words.day(drill.done_at.date())}" if drill is not None else "",
    }


def contacts(system: SiteSystem, reach: Reach) -> list[tuple[str, str, str]]:
    """Whom one reaches as what, and over which route; no address stands on a page.

    Who left, or is away at the instant of the page, is marked as one who cannot answer.
    """
    ownership, decisions = system.claims.ownership, system.claims.decisions
    rows = []
    if ownership is not None:
        rows += [("owner", reach.label(ownership.accountable), ""),
                 ("owner's deputy", reach.label(ownership.deputy), "")]  # fmt: skip
    rows += [
        (f"{d.kind.replace('_', ' ')} {d.name}", d.contract_ref or "no contract is named", "")
        for d in system.claims.identity.dependencies
    ]
    return [*rows, *_communication(decisions, reach)]


def _communication(decisions: Decisions | None, reach: Reach) -> list[tuple[str, str, str]]:
    return [
        (f"tells {path.audience}", reach.label(path.owner),
         f"{path.channel}, within {span(path.within_minutes)}")
        for path in (decisions.communication if decisions is not None else ())
    ]  # fmt: skip
