"""What was shown of the service: its objectives, and what is left of their error budgets."""

from collections.abc import Sequence
from datetime import date, timedelta

from ops_model.check.api import (
    Context,
    Outcome,
    Recorded,
    aged,
    all_of,
    check,
    failed,
    latest_in_date,
    no_file,
    passed,
    said,
    unknown,
    valid_until,
)
from ops_model.check.bounds import above, at_most
from ops_model.check.measured import FEWEST, counts_enough, ended_long_ago
from ops_model.check.remedies import made_later
from ops_model.domain.detection import BurnRate, ServiceLevelMeasurement
from ops_model.domain.evidence import Measured
from ops_model.domain.service_levels import Objective, ServiceLevels
from ops_model.domain.values import zone

_ROUNDED = 0.01
"""By how much two shares of a budget may differ that were rounded apart."""


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
    if other := _other_days(ctx, objective, level, max_age_days):
        return unknown(
            "expired",
            f"objective {objective.id}: {other}",
            looked_at=[objective.where, found.where],
            remedy=made_later("service_level", "SLO-02"),
        )
    return _left(objective, found, max_age_days)


def _other_days(
    ctx: Context, objective: Objective, level: ServiceLevelMeasurement, max_age_days: int
) -> str:
    """Why what was counted is not the objective's own window, as it is now; empty when it is."""
    window = level.window
    if window is None:
        return "which days were counted stands nowhere"
    if old := ended_long_ago(ctx, level, within_days=max_age_days):
        return old
    if objective.window_days is not None:
        days = objective.window_days
        enough = window.end - window.start >= timedelta(days=days)
    else:
        local = zone(ctx.model.settings.zone)
        last = (window.end - timedelta(microseconds=1)).astimezone(local).date()
        first = _began(last, objective.calendar)
        days = (last - first).days + 1
        enough = window.start.astimezone(local).date() <= first
    if enough:
        return ""
    counted_days = aged(window.end - window.start, timedelta(days=1))
    return f"{counted_days} days were counted; its own window has {days} by then"


def _began(day: date, calendar: str | None) -> date:
    """The first day of the week, month, quarter or year that a day lies in."""
    if calendar == "week":
        return day - timedelta(days=day.weekday())
    first_month = {"quarter": day.month - (day.month - 1) % 3, "year": 1}
    return day.replace(month=first_month.get(calendar or "", day.month), day=1)


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
    unseen = [*_unseen(objective, level.burn), *_odd(level)]
    few = not (counts_enough(level.good) and counts_enough(level.budget_left))
    if unseen or few or left is None or None in kept:
        return unknown(
            "missing" if unseen else "too_few",
            "; ".join([text, *unseen])
            if unseen
            else f"{text}; that is too little to tell, or rests on fewer than {FEWEST} events",
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


def _odd(level: ServiceLevelMeasurement) -> list[str]:
    """What is wrong with a budget that has more left than what was good leaves of it."""
    good, left = level.good.value, level.budget_left.value
    if good is None or left is None or level.target >= 1:
        return []
    follows = 1 - (1 - good) / (1 - level.target)
    if left <= follows + _ROUNDED:
        return []
    return [f"by what was good no more than {follows:.3g} of it can be left"]


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
