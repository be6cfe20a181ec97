"""What was shown of the service: its objectives, and what is left of their error budgets."""

from collections.abc import Sequence
from datetime import timedelta

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
from ops_model.check.measured import FEWEST, counts_enough, ended_long_ago
from ops_model.check.remedies_logs import measure_level
from ops_model.domain.bounds import above, at_most
from ops_model.domain.evidence import Measured
from ops_model.domain.service_levels import (
    BurnRate,
    Objective,
    ServiceLevelMeasurement,
    ServiceLevels,
)
from ops_model.domain.values import zone

NO_EVENT = "too few"
"""Why a rate has no value where nothing happened in its window that counts."""
DAY_HOURS = 24
_ROUNDED = 0.01
"""By how much two shares of a budget may differ that were rounded apart."""


@check(
    "SLO-02",
    question="Is each objective measured, with some of its error budget left?",
    area="reliability",
    source=["S4.14"],
    revision=2,
)
def budgets_are_left(ctx: Context, *, max_age_days: int = 8) -> Outcome:
    """An objective that nobody measures is a wish, and a budget that is spent has no more changes.

    How long users wait for an answer is one of the objectives. A budget burns too fast when it
    does over the window of its alert and over the twelfth of it that ended last.
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
        remedy=measure_level(ctx.system, objective),
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
            remedy=measure_level(ctx.system, objective),
        )
    if other := _other_days(ctx, objective, level, max_age_days):
        return unknown(
            "expired",
            f"objective {objective.id}: {other}",
            looked_at=[objective.where, found.where],
            remedy=measure_level(ctx.system, objective),
        )
    return _left(ctx, objective, found, max_age_days)


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
        first = objective.first_day(last)
        days = (last - first).days + 1
        enough = window.start.astimezone(local).date() <= first
    if enough:
        return ""
    counted_days = aged(window.end - window.start, timedelta(days=1))
    return f"{counted_days} days were counted; its own window has {days} by then"


def _left(
    ctx: Context, objective: Objective, found: Recorded[ServiceLevelMeasurement], max_age_days: int
) -> Outcome:
    """Whether budget is left, and none of it burns faster than it may."""
    level, looked_at = found.record, [objective.where, found.where]
    burns = _burns(objective, level.burn)
    values = {objective.id: level.budget_left}
    values |= {f"{objective.id} burn over {b.hours:g} h": b.rate for b in burns}
    left, kept = above(level.budget_left, 0), [_kept(level, burn) for burn in burns]
    text = "; ".join(
        [
            f"objective {objective.id} ({objective.indicator}): {said(level.good)} were good, "
            f"{said(level.budget_left)} of the error budget is left",
            *(_burning(b) for b in burns),
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
    unseen = [*_unseen(objective, level.burn), *_odd(level), *_silent(objective, level)]
    few = not (counts_enough(level.good) and counts_enough(level.budget_left))
    if unseen or few or left is None or None in kept:
        return unknown(
            "missing" if unseen else "too_few",
            "; ".join([text, *unseen])
            if unseen
            else f"{text}; that is too little to tell, or rests on fewer than {FEWEST} events",
            looked_at=looked_at,
            remedy=measure_level(ctx.system, objective),
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


def _silent(objective: Objective, level: ServiceLevelMeasurement) -> list[str]:
    """That the log stopped, so that nobody knows how the service does; empty while it is written.

    A log may come by the day. Of a feed silence is what is measured.
    """
    silence = level.silence.value if level.silence is not None else None
    if objective.feed is not None or silence is None or silence <= DAY_HOURS:
        return []
    if not _gone_silent(level):
        return []
    return [f"its log is silent for {silence:,.3g} h, longer than it ever was in that window"]


def _burns(objective: Objective, measured: Sequence[BurnRate]) -> list[BurnRate]:
    """The burn rates as measured, each under the limit of its alert where it has one."""
    limits = {alert.lookback_hours: alert.burn_rate for alert in objective.alerts}
    return [b.model_copy(update={"limit": limits.get(b.hours, b.limit)}) for b in measured]


def _burning(burn: BurnRate) -> str:
    """One alert as text: both windows, and the limit."""
    text = f"over {burn.hours:g} h it burns {_times(burn.rate)} as fast as it may"
    if burn.short is not None and burn.short_hours is not None:
        text += f" and over the last {burn.short_hours:.3g} h {_times(burn.short)}"
    return f"{text}, expected at most {burn.limit:g}"


def _kept(level: ServiceLevelMeasurement, burn: BurnRate) -> bool | None:
    """Whether an alert stays silent: one window that keeps the limit is enough for that.

    Without an event nothing burns, unless the log has been silent for longer than it ever was.
    """
    rates = [rate for rate in (burn.rate, burn.short) if rate is not None]
    kept = [_below(level, rate, burn.limit) for rate in rates]
    if True in kept:
        return True
    if None in kept or not _enough(level, burn):
        return None
    return False


def _below(level: ServiceLevelMeasurement, rate: Measured, limit: float) -> bool | None:
    """Whether one window keeps the limit."""
    if rate.value is None and rate.no_interval == NO_EVENT:
        return None if _gone_silent(level) else True
    return at_most(rate, limit)


def _enough(level: ServiceLevelMeasurement, burn: BurnRate) -> bool:
    """False where a handful of events burns: one in three that failed is no outage."""
    return level.rows is None or counts_enough(burn.rate)


def _gone_silent(level: ServiceLevelMeasurement) -> bool:
    silence, longest = level.silence, level.longest_silence
    if silence is None or longest is None or silence.value is None or longest.value is None:
        return True
    return silence.value > longest.value


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
