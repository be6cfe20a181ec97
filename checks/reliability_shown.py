"""How often the ways on of the service were rehearsed."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from math import ceil
from typing import Annotated

from pydantic import Field

from ops_model.check.answers import depends_on_nothing
from ops_model.check.api import (
    Context,
    Outcome,
    Recorded,
    all_of,
    by_tier,
    check,
    counted,
    failed,
    no_file,
    passed,
    unknown,
)
from ops_model.check.grades import grade_of
from ops_model.check.remedies import rehearse_fallback
from ops_model.domain.evidence import Grade, Measured
from ops_model.domain.fallback import FallbackDrill, FallbackPath, FallbackPlan
from ops_model.domain.system import Dependency
from ops_model.domain.values import zone

DAYS_PER_MONTH = 365 / 12


@check(
    "FBK-05",
    question="Is each way on rehearsed as often as an outage is expected?",
    area="reliability",
    source=["S3.17"],
    revision=1,
)
def rehearsed_as_often_as_needed(
    ctx: Context,
    *,
    window_days: Annotated[int, Field(ge=1)] = 91,
    hours_per_outage: Annotated[float, Field(ge=0.25)] = by_tier(4, 8, 24),
    most_drills: Annotated[int, Field(ge=1)] = 13,
) -> Outcome:
    """Whoever meets an outage more often than a rehearsal rehearses it on the users.

    The claims say how many hours a month a dependency is down; an outage is taken to last
    `hours_per_outage`. One day of rehearsal in `window_days` is the least, `most_drills` the most
    that is asked for. Rehearsals in `test` count, and several on one day are one.
    """
    dependencies, plan = ctx.system.identity.dependencies, ctx.system.fallback
    if not dependencies:
        return depends_on_nothing(ctx)
    if plan is None:
        return no_file(ctx, "fallback")
    per_hour = window_days / DAYS_PER_MONTH / hours_per_outage
    answers = []
    for dependency in dependencies:
        expected = ceil(dependency.expected_outage_hours_per_month * per_hour)
        due = min(max(expected, 1), most_drills)
        answers.append(_rehearsed(ctx, plan, dependency, due, window_days))
    return all_of(answers)


def _rehearsed(
    ctx: Context, plan: FallbackPlan, dependency: Dependency, due: int, window_days: int
) -> Outcome:
    """Whether the ways on of one dependency were rehearsed on enough days."""
    paths = [path for path in plan.paths if path.replaces == dependency.id]
    if not paths or not dependency.expected_outage_hours_per_month:
        return _not_said(plan, dependency, paths)
    drills = _drills(ctx, paths, window_days)
    days = _days(ctx, drills)
    hours = dependency.expected_outage_hours_per_month
    text = (
        f"{dependency.id} is expected to be down for {hours:g} h in a month; "
        f"{' or '.join(path.id for path in paths)} was rehearsed on {counted(len(days), 'day')} "
        f"of the last {window_days}"
    )
    looked_at = [*(path.where for path in paths), *(drill.where for drill in drills[:1])]
    able = next((path for path in paths if path.rehearsable), paths[0])
    remedy = f"{rehearse_fallback(ctx.system, able)}, once in {window_days // due} days"
    if not days:
        ever = ctx.evidence.latest(
            FallbackDrill, matching=lambda d: d.path in {p.id for p in paths}
        )
        return unknown(
            "expired" if ever else "missing",
            f"{text}; expected {due}",
            looked_at=looked_at,
            remedy=remedy,
        )
    values = {f"{dependency.id} days": _count(len(days)), f"{dependency.id} due": _count(due)}
    if len(days) < due:
        return failed(f"{text}; expected {due}", looked_at=looked_at, remedy=remedy, values=values)
    return passed(
        f"{text}; expected {due}",
        looked_at=looked_at,
        values=values,
        valid_until=days[due - 1] + timedelta(days=window_days),
    )


def _not_said(
    plan: FallbackPlan, dependency: Dependency, paths: Sequence[FallbackPath]
) -> Outcome:
    """The answer where nothing can be rehearsed, or nobody said how often it is needed."""
    if not paths:
        return unknown(
            "missing",
            f"no path replaces {dependency.id}, so none can be rehearsed",
            looked_at=[plan.place_of("paths"), dependency.where],
            remedy=f"the reliability owner writes a path that replaces {dependency.id} in "
            "fallback.yaml",
        )
    return unknown(
        "missing",
        f"{dependency.id} has no expected_outage_hours_per_month above 0",
        looked_at=[dependency.where],
        remedy=f"the reliability owner writes how many hours {dependency.id} is down in a month "
        "in system.yaml; what was never down yet is going to be",
    )


def _drills(
    ctx: Context, paths: Sequence[FallbackPath], window_days: int
) -> list[Recorded[FallbackDrill]]:
    """The drills of these paths that passed and that the tool saw, the newest first.

    One in which nobody asked anything rehearsed nothing.
    One of an earlier text of the plan is a rehearsal too, so that the newest alone is weighed
    against the present text.
    """
    ids, since = {path.id for path in paths}, ctx.as_of - timedelta(days=window_days)
    found = ctx.evidence.all(
        FallbackDrill,
        matching=lambda d: d.path in ids and d.passed and d.requests > 0 and d.as_of >= since,
    )
    seen = [f for f in found if grade_of(f.statement, ctx.evidence) >= Grade.OBSERVED]
    return sorted(seen, key=lambda f: (f.record.as_of, f.statement.seq), reverse=True)


def _days(ctx: Context, drills: Sequence[Recorded[FallbackDrill]]) -> list[datetime]:
    """The last rehearsal of each day on which there was one, the newest first."""
    local = zone(ctx.model.settings.zone)
    last: dict[date, datetime] = {}
    for drill in drills:
        last.setdefault(drill.record.as_of.astimezone(local).date(), drill.record.as_of)
    return list(last.values())


def _count(days: int) -> Measured:
    return Measured(value=days, unit="days", n=1, no_interval="exact")
