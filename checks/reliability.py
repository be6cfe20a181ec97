"""When something that the system depends on is down: a way on, and users who are told."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from ops_model.check.answers import depends_on_nothing
from ops_model.check.api import (
    Context,
    Outcome,
    all_of,
    check,
    failed,
    latest_in_date,
    no_file,
    not_applicable,
    passed,
    said,
    unknown,
    valid_until,
)
from ops_model.check.remedies import rehearse_fallback
from ops_model.domain.fallback import FallbackDrill, FallbackPath, FallbackPlan
from ops_model.domain.fallback_fit import (
    carry_faults,
    full_traffic_hours,
    not_allowed,
    notice_fault,
    served_less,
    shared,
    unsaid,
    unsaid_apart,
)
from ops_model.domain.system import Dependency


@check(
    "FBK-01",
    question="Is there a way on when a dependency is down, other than waiting?",
    area="reliability",
    source=["S0.18"],
    revision=2,
)
def path_is_not_wait(ctx: Context) -> Outcome:
    """'We wait' means that users find out first, and that nobody can do anything about it."""
    dependencies, plan = ctx.system.identity.dependencies, ctx.system.fallback
    if not dependencies:
        return depends_on_nothing(ctx)
    if plan is None:
        return no_file(ctx, "fallback")
    return all_of([_way_on(plan, dependency) for dependency in dependencies])


@check(
    "FBK-03",
    question="Are users told what is happening, as seen in a drill?",
    area="reliability",
    source=["S0.18"],
    revision=2,
)
def users_are_told(ctx: Context, *, max_age_days: int = 92) -> Outcome:
    """A text that nobody ever saw served is not a notice; the drill says whether it appeared."""
    paths = _paths(ctx)
    if isinstance(paths, Outcome):
        return paths
    return all_of([_told(ctx, path, max_age_days) for _, path in paths])


@check(
    "FBK-02",
    question="Can the way on carry enough, for as long as an outage lasts?",
    area="reliability",
    source=["S0.18"],
    revision=2,
)
def degrades_within_capacity(
    ctx: Context,
    *,
    min_share: Annotated[float, Field(ge=0.05, le=1)] = 0.1,
    enough_share: Annotated[float, Field(ge=0.2, le=1)] = 0.5,
) -> Outcome:
    """A path that carries a tenth of the traffic for an hour is no answer to a day's outage.

    A path has to carry `min_share` of the traffic to be one, and all of them together
    `enough_share` over a whole outage; what a path could do after its end carries nobody. A path
    that was drilled has to have served what it states, under the worst fault of its last drill.
    """
    paths = _paths(ctx)
    if isinstance(paths, Outcome):
        return paths
    dependencies = {dependency.id: dependency for dependency, _ in paths}
    stated = [
        _carried(
            dependency, [path for d, path in paths if d == dependency], min_share, enough_share
        )
        for dependency in dependencies.values()
    ]
    shown = [_served(ctx, path) for _, path in paths]
    return all_of([*stated, *(outcome for outcome in shown if outcome is not None)])


@check(
    "FBK-04",
    question="Does the way on fail apart from what it replaces, with data it may have?",
    area="reliability",
    source=["S3.17", "S4.19"],
    revision=1,
)
def fails_apart(ctx: Context) -> Outcome:
    """A second provider in the same region goes down in the same minute as the first."""
    paths = _paths(ctx)
    if isinstance(paths, Outcome):
        return paths
    return all_of([_apart(ctx, dependency, path) for dependency, path in paths])


def _paths(ctx: Context) -> list[tuple[Dependency, FallbackPath]] | Outcome:
    """Each way on with what it replaces, or the answer where there is none."""
    dependencies, plan = ctx.system.identity.dependencies, ctx.system.fallback
    if not dependencies:
        return depends_on_nothing(ctx)
    if plan is None:
        return no_file(ctx, "fallback")
    outside = {d.id: d for d in dependencies}
    paths = [(outside[p.replaces], p) for p in plan.paths if p.replaces in outside]
    if not paths:
        return unknown(
            "missing",
            f"no path replaces {', '.join(sorted(outside))}",
            looked_at=[plan.place_of("paths")],
            remedy=f"the reliability owner writes a path that replaces "
            f"{', '.join(sorted(outside))} in fallback.yaml",
        )
    return paths


def _way_on(plan: FallbackPlan, dependency: Dependency) -> Outcome:
    kind = dependency.kind.replace("_", " ")
    down = f"when {dependency.id} ({kind}) is down"
    paths = [p for p in plan.paths if p.replaces == dependency.id]
    if not paths:
        return failed(
            f"{down}: no path replaces it",
            looked_at=[plan.place_of("paths"), dependency.where],
            remedy=f"the reliability owner writes a path that replaces {dependency.id} in "
            "fallback.yaml",
        )
    waiting = [p for p in paths if p.kind == "wait"]
    if waiting:
        return failed(
            f"{down}: path {waiting[0].id} is to wait; expected another way on",
            looked_at=[p.where for p in waiting],
            remedy=f"the reliability owner plans something else than to wait for {dependency.id} "
            "in fallback.yaml: rules, a cache or people, or to switch the feature off gracefully",
        )
    texts = [_first_sentence(p.text) for p in paths]
    ways = [f"{p.kind.replace('_', ' ')}, {text}" for p, text in zip(paths, texts, strict=True)]
    return passed(f"{down}: {'; then '.join(ways)}", looked_at=[p.where for p in paths])


def _first_sentence(text: str) -> str:
    """The first sentence of a text, whole: the rest of it stands in the file."""
    return re.split(r"(?<=[.!?])\s", text.strip(), maxsplit=1)[0].rstrip(".")


def _told(ctx: Context, path: FallbackPath, max_age_days: int) -> Outcome:
    notice = path.user_notice
    if notice is None:
        return _no_notice(ctx, path)
    rehearse = rehearse_fallback(ctx.system, path)
    found = latest_in_date(
        ctx,
        FallbackDrill,
        max_age_days=max_age_days,
        missing=f"path {path.id} was never rehearsed, so nobody saw its notice",
        claim=path.where,
        remedy=rehearse,
        matching=lambda drill: drill.path == path.id,
    )
    if isinstance(found, Outcome):
        return found
    drill = found.record
    looked_at = [path.where, found.where]
    if fault := notice_fault(drill, notice):
        return failed(
            f"path {path.id}: {fault}",
            looked_at=looked_at,
            remedy=f"the reliability owner mends path {path.id} of fallback.yaml; then {rehearse}",
        )
    after = said(drill.notice_seconds) if drill.notice_seconds else "an unknown time"
    return passed(
        f"drilled on {drill.as_of.date()}, path {path.id}: users saw the planned notice after "
        f"{after}, expected within {notice.within_seconds} s; "
        f"of the requests, {said(drill.served_share)} were served",
        looked_at=looked_at,
        values={"served_share": drill.served_share},
        valid_until=valid_until(found, max_age_days=max_age_days),
    )


def _no_notice(ctx: Context, path: FallbackPath) -> Outcome:
    if ctx.system.identity.customer_facing:
        return failed(
            f"path {path.id} tells users nothing, and customers use this system",
            looked_at=[path.where],
            remedy=f"the reliability owner writes the user_notice of path {path.id} in "
            "fallback.yaml",
        )
    return not_applicable(
        f"path {path.id} has no notice, and no customer uses this system", looked_at=[path.where]
    )


def _carried(
    dependency: Dependency, paths: Sequence[FallbackPath], min_share: float, enough_share: float
) -> Outcome:
    """Whether the ways on of one dependency carry its expected outages."""
    expected = dependency.expected_outage_hours_per_month
    looked_at = [dependency.where, *(p.where for p in paths)]
    lacking = [f"path {p.id} has no {', '.join(keys)}" for p in paths if (keys := unsaid(p))]
    if expected == 0:
        lacking.append(f"{dependency.id} has no expected_outage_hours_per_month above 0")
    if lacking:
        return unknown(
            "missing",
            "; ".join(lacking),
            looked_at=looked_at,
            remedy=f"the reliability owner writes how long {dependency.id} is down in a month "
            "(system.yaml), and what part of the traffic each path carries, how much worse, for "
            "how long (fallback.yaml)",
        )
    # Exact: 0.29 of a hundred hours is 29, which it is not as a float.
    outage, floor = Decimal(str(expected)), Decimal(str(min_share))
    hours = full_traffic_hours(paths, outage)
    carry = (
        f"{float(hours):g} h of full traffic by {', '.join(p.id for p in paths)}; "
        f"{dependency.id} is expected to be down for {expected:g} h in a month"
    )
    enough = Decimal(str(enough_share))
    faults = carry_faults(paths, outage, floor=floor, enough=enough)
    if faults:
        return failed(
            "; ".join([carry, *faults]),
            looked_at=looked_at,
            remedy=f"the reliability owner gives the paths for {dependency.id} more capacity or "
            "hours in fallback.yaml, or adds another one",
        )
    return passed(carry, looked_at=looked_at)


def _served(ctx: Context, path: FallbackPath) -> Outcome | None:
    """The failure of a path that served less in its last drill than it states, else None."""
    found = ctx.evidence.latest(FallbackDrill, matching=lambda drill: drill.path == path.id)
    worst = served_less(path, found.record) if found is not None else None
    if found is None or worst is None:
        return None
    fault, served = worst
    return failed(
        f"path {path.id} states that it carries {path.capacity_share} of the traffic; in the "
        f"drill of {found.record.as_of.date()} {said(served)} was served under "
        f"{fault.replace('_', ' ')}",
        looked_at=[path.where, found.where],
        values={f"{path.id} served_share": served},
        remedy=f"the reliability owner mends what serves on path {path.id}, or writes what it "
        f"carries in fallback.yaml; then {rehearse_fallback(ctx.system, path)}",
    )


def _apart(ctx: Context, dependency: Dependency, path: FallbackPath) -> Outcome:
    """Whether one path fails apart from what it replaces, and may have the data it gets."""
    provider = ctx.system.identity.dependency(path.provider)
    looked_at = [path.where, dependency.where, *([provider.where] if provider else [])]
    faults = [*shared(path, dependency, provider), *not_allowed(path, provider)]
    if faults:
        return failed(
            f"path {path.id}: {'; '.join(faults)}",
            looked_at=looked_at,
            remedy=f"the reliability owner chooses another way on than path {path.id} in "
            "fallback.yaml, or has the contract changed and writes that in system.yaml",
        )
    lacking = unsaid_apart(path, dependency, provider)
    if lacking:
        return unknown(
            "missing",
            f"path {path.id}: {'; '.join(lacking)}",
            looked_at=looked_at,
            remedy="the reliability owner writes the provider, failure_domains and data_sent that "
            f"path {path.id} lacks, in system.yaml and fallback.yaml",
        )
    by = f"{provider.id} takes over" if provider else f"{path.kind.replace('_', ' ')}, our own"
    return passed(
        f"path {path.id} ({by}) shares no failure domain with {dependency.id}, and gets only "
        "data that it may have",
        looked_at=looked_at,
    )
