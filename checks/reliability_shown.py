"""What was shown of the service: its error budgets, and how often its ways on were rehearsed."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from math import ceil

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
    latest_in_date,
    no_file,
    passed,
    said,
    unknown,
    valid_until,
)
from ops_model.check.bounds import above, at_most
from ops_model.check.grades import grade_of
from ops_model.check.remedies import made_later, rehearse_fallback
from ops_model.domain.detection import BurnRate, ServiceLevelMeasurement
from ops_model.domain.evidence import Grade, Measured
from ops_model.domain.fallback import FallbackDrill, FallbackPath, FallbackPlan
from ops_model.domain.service_levels import Objective, ServiceLevels
from ops_model.domain.system import Dependency
from ops_model.domain.values import zone

DAYS_PER_MONTH = 365 / 12


@check(
    "SLO-02",
    question="Is each objective measured, with some of its error budget left?",
    area="reliability",
    source=["S4.14"],
    revision=1,
)
def budgets_are_left(ctx: Context, *, max_age_days: int = 8) -> Outcome:
    """An objective that nobody measures is a wish, and a budget that is spent has no more changes.

    How long users wait for an answer is one of the objectives.
    """
    levels = ctx.system.service_levels
    if levels is None:
        return no_file(ctx, "service_levels")
    if not any(objective.indicator == "latency" for objective in levels.objectives):
        return _nobody_waits(levels)
    return all_of([_budget(ctx, objective, max_age_days) for objective in levels.objectives])


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
    window_days: int = 91,
    hours_per_outage: float = by_tier(4, 8, 24),
    most_drills: int = 13,
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


def _nobody_waits(levels: ServiceLevels) -> Outcome:
    """The answer where no objective says how long an answer may take."""
    there = ", ".join(f"{o.id} ({o.indicator})" for o in levels.objectives)
    return unknown(
        "missing",
        f"no objective is about latency; there is {there or 'none at all'}",
        looked_at=[levels.place_of("objectives")],
        remedy="the reliability owner writes an objective of the indicator latency in "
        "service_levels.yaml, with `threshold_ms`, a target below 1 and a window",
    )


def _budget(ctx: Context, objective: Objective, max_age_days: int) -> Outcome:
    """Whether one objective is measured and has some of its budget left."""
    found = latest_in_date(
        ctx,
        ServiceLevelMeasurement,
        max_age_days=max_age_days,
        missing=f"no such measurement: what is left of the budget of objective {objective.id} is "
        "on no record",
        claim=objective.where,
        remedy=made_later("service_level", "SLO-02"),
        matching=lambda level: level.objective == objective.id,
    )
    if isinstance(found, Outcome):
        return found
    level = found.record
    if level.target != float(objective.target):
        return unknown(
            "expired",
            f"objective {objective.id} was measured against {level.target:g}; it aims at "
            f"{objective.target} now",
            looked_at=[objective.place_of("target"), found.where],
            remedy=made_later("service_level", "SLO-02"),
        )
    return _left(objective, found, max_age_days)


def _left(
    objective: Objective, found: Recorded[ServiceLevelMeasurement], max_age_days: int
) -> Outcome:
    """Whether budget is left, and none of it burns faster than it may."""
    level, looked_at = found.record, [objective.where, found.where]
    burns = _burns(objective, level.burn)
    values = {objective.id: level.budget_left}
    values |= {f"{objective.id} burn over {b.hours:g} h": b.rate for b in burns}
    left, kept = above(level.budget_left, 0), [at_most(b.rate, b.limit) for b in burns]
    text = "; ".join(
        [
            f"objective {objective.id} ({objective.indicator}): {said(level.good)} were good, "
            f"{said(level.budget_left)} of the error budget is left",
            *(
                f"over {b.hours:g} h it burns {_times(b.rate)} as fast as it may, expected at "
                f"most {b.limit:g}"
                for b in burns
            ),
        ]
    )
    if left is False or False in kept:
        return failed(
            text,
            looked_at=looked_at,
            remedy="the reliability owner holds back what changes the service (change.yaml) until "
            f"the budget of objective {objective.id} is back, and finds out what spends it",
            values=values,
        )
    unseen = _unseen(objective, level.burn)
    if unseen or left is None or None in kept:
        return unknown(
            "missing" if unseen else "too_few",
            "; ".join([text, *unseen]) if unseen else f"{text}; that is too little to tell",
            looked_at=looked_at,
            remedy=made_later("service_level", "SLO-02"),
            values=values,
        )
    return passed(
        text,
        looked_at=looked_at,
        values=values,
        valid_until=valid_until(found, max_age_days=max_age_days),
    )


def _burns(objective: Objective, measured: Sequence[BurnRate]) -> list[BurnRate]:
    """The burn rates as measured, each under the limit of its alert where it has one."""
    limits = {alert.lookback_hours: alert.burn_rate for alert in objective.alerts}
    return [b.model_copy(update={"limit": limits.get(b.hours, b.limit)}) for b in measured]


def _times(rate: Measured) -> str:
    return "nobody knows how many times" if rate.value is None else f"{rate.value:.3g} times"


def _unseen(objective: Objective, measured: Sequence[BurnRate]) -> list[str]:
    """The alerts whose span nobody measured."""
    spans = {burn.hours for burn in measured}
    return [
        f"how fast it burns over {alert.lookback_hours:g} h, on which somebody is to be told, was "
        "not measured"
        for alert in objective.alerts
        if alert.lookback_hours not in spans
    ]


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
    remedy = f"{rehearse_fallback(ctx.system, paths[0])}, once in {window_days // due} days"
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

    One of an earlier text of the plan is a rehearsal too, so that the newest alone is weighed
    against the present text.
    """
    ids, since = {path.id for path in paths}, ctx.as_of - timedelta(days=window_days)
    found = ctx.evidence.all(
        FallbackDrill, matching=lambda d: d.path in ids and d.passed and d.as_of >= since
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
