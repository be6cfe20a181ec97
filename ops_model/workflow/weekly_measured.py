"""What the weekly report shows of numbers: quality and spend by week, and the slow signs.

Only what was recorded and observed counts; nothing is measured here.
"""

from datetime import UTC, datetime, time
from typing import TypeVar

from ops_model.check.context import Context
from ops_model.check.grades import grade_of
from ops_model.domain.detection import DriftMeasurement, QualityMeasurement
from ops_model.domain.evidence import Grade, Record
from ops_model.domain.spend import SpendMeasurement
from ops_model.domain.values import Window
from ops_model.domain.weeks import MOST_WEEKS, SlowSign, WeeklyQuality, WeekPair, week_ends

R = TypeVar("R", bound=Record)
_DRIFT_FLOOR = 0.02
"""Times its limit, per week: half a limit in half a year."""
_SHARE_FLOOR = 0.01
"""Of the usual level, per week: about a quarter in half a year."""
_AUDIT_FLOOR = 0.04
"""Open questions per week: one more in half a year."""


def quality_weeks(ctx: Context) -> tuple[WeeklyQuality, ...]:
    """Quality by week of each monitor, in the order in which they were first recorded."""
    from ops_model.analysis.quality_weeks import weekly_quality

    by_monitor: dict[str, list[QualityMeasurement]] = {}
    for record in _observed(ctx, QualityMeasurement):
        by_monitor.setdefault(record.monitor, []).append(record)
    return tuple(
        weekly_quality(records, as_of=ctx.as_of, baseline=_baseline(ctx, monitor))
        for monitor, records in by_monitor.items()
    )


def spend_of_week(ctx: Context) -> WeekPair | None:
    """What the last whole week cost; None where that is not on record."""
    from ops_model.analysis.weeks import SpendWeeks

    records = _observed(ctx, SpendMeasurement)
    if not records:
        return None
    return SpendWeeks(records, as_of=ctx.as_of).pair(records[-1].ceiling_per_day)


def signs(ctx: Context) -> tuple[SlowSign, ...]:
    """The four signs of a slow death (S2.3); drift once for each monitor that looks for it."""
    return (*_drift(ctx), _cost(ctx), _audit(ctx), _usage(ctx))


def _observed(ctx: Context, kind: type[R]) -> list[R]:
    """The records of a kind that were observed, the oldest first."""
    found = [
        e for e in ctx.evidence.all(kind) if grade_of(e.statement, ctx.evidence) >= Grade.OBSERVED
    ]
    return [e.record for e in sorted(found, key=lambda e: (e.record.as_of, e.statement.seq))]


def _baseline(ctx: Context, monitor_id: str) -> Window | None:
    """The span that a monitor compares with, as signals.yaml has it now."""
    signals = ctx.system.signals
    monitor = next((m for m in signals.monitors if m.id == monitor_id), None) if signals else None
    named = signals.baseline(monitor.baseline) if signals and monitor else None
    return Window(start=named.start, end=named.end) if named is not None else None


def _drift(ctx: Context) -> tuple[SlowSign, ...]:
    from ops_model.analysis.weeks import drift_by_week, with_slope

    by_monitor: dict[str, list[DriftMeasurement]] = {}
    for record in _observed(ctx, DriftMeasurement):
        by_monitor.setdefault(record.monitor, []).append(record)
    found = [
        with_slope(
            drift_by_week(records, as_of=ctx.as_of),
            SlowSign(
                sign="drift", unit="limits", worse="up", floor=_DRIFT_FLOOR,
                what=f"the farthest column of {records[-1].signal.replace('_', ' ')}, in times "
                f"its limit (monitor {monitor})",
            ),
            as_of=ctx.as_of,
        )
        for monitor, records in by_monitor.items()
    ]  # fmt: skip
    none = SlowSign(
        sign="drift", what="drift of inputs and score", worse="up",
        why_none="no drift is on record",
    )  # fmt: skip
    return tuple(found) or (none,)


def _cost(ctx: Context) -> SlowSign:
    from ops_model.analysis.weeks import SpendWeeks, with_slope

    records = _observed(ctx, SpendMeasurement)
    sign = SlowSign(sign="cost", what="the cost of a week, per day", worse="up")
    if not records:
        return sign.model_copy(update={"why_none": "no spend is on record"})
    weeks = SpendWeeks(records, as_of=ctx.as_of)
    costs = {back: weeks.cost(back) for back in range(MOST_WEEKS)}
    known = {
        back: cost.value / 7 for back, cost in costs.items() if cost and cost.value is not None
    }
    named = sign.model_copy(update={"unit": weeks.currency, "left_out": weeks.left_out})
    if not known:
        return named.model_copy(update={"why_none": "no week of spend is known whole"})
    return with_slope(known, named, as_of=ctx.as_of, share=_SHARE_FLOOR)


def _audit(ctx: Context) -> SlowSign:
    """Open questions of auditors, by the dates that compliance.yaml gives them."""
    from ops_model.analysis.weeks import with_slope

    sign = SlowSign(
        sign="audit_questions", what="open questions of auditors", unit="open", worse="up",
        floor=_AUDIT_FLOOR,
    )  # fmt: skip
    plan = ctx.system.compliance
    asked = [q for q in plan.audit_questions if q.asked_at <= ctx.as_of] if plan else []
    if not asked:
        why = "no auditor has asked anything" if plan else "there is no compliance.yaml"
        return sign.model_copy(update={"why_none": why})
    begun = min((c.at for c in ctx.system.identity.stage_history), default=asked[0].asked_at)
    begun = min(begun, *(q.asked_at for q in asked))
    found = {}
    for back in range(MOST_WEEKS):
        end = week_ends(back, as_of=ctx.as_of) if back else ctx.as_of
        if end < begun:
            break
        found[back] = float(sum(_is_open(q.asked_at, q.closed_at, q.answer, end) for q in asked))
    return with_slope(found, sign, as_of=ctx.as_of)


def _is_open(
    asked_at: datetime, closed_at: datetime | None, answer: str | None, at: datetime
) -> bool:
    """Whether a question was open at an instant; answered without a day, it is open no more."""
    if asked_at > at:
        return False
    return closed_at > at if closed_at is not None else answer is None


def _usage(ctx: Context) -> SlowSign:
    """How much it is used: requests by the usage log, else decisions with a label."""
    plan = ctx.system.cost
    spends = _observed(ctx, SpendMeasurement)
    if spends and plan is not None and any(log.unit == "tokens" for log in plan.logs):
        return _requests(ctx, spends)
    records = _observed(ctx, QualityMeasurement)
    return _labelled(ctx, [r for r in records if r.monitor == records[-1].monitor])


def _requests(ctx: Context, spends: list[SpendMeasurement]) -> SlowSign:
    from ops_model.analysis.weeks import SpendWeeks, with_slope

    weeks = SpendWeeks(spends, as_of=ctx.as_of)
    rows = {back: weeks.rows(back) for back in range(MOST_WEEKS)}
    found = {back: n / 7 for back, n in rows.items() if n is not None}
    sign = SlowSign(
        sign="usage", what="requests per day", unit="requests", worse="down",
        left_out=weeks.not_counted, why_none="" if found else "no use of it is on record",
    )  # fmt: skip
    return with_slope(found, sign, as_of=ctx.as_of, share=_SHARE_FLOOR) if found else sign


def _labelled(ctx: Context, records: list[QualityMeasurement]) -> SlowSign:
    from ops_model.analysis.weeks import days_of, labelled_by_week, settled_to, with_slope

    days = days_of(records)
    measured_to = records[-1].as_of.astimezone(UTC).date() if records else None
    found = labelled_by_week(days, as_of=ctx.as_of, measured_to=measured_to)
    sign = SlowSign(
        sign="usage", what="decisions with a label, per day", unit="decisions", worse="down",
        left_out=max(found, default=0) - min(found, default=0) + 1 - len(found) if found else 0,
        why_none="" if found else "no use of it is on record",
    )  # fmt: skip
    if not found:
        return sign
    until = datetime.combine(settled_to(days, as_of=ctx.as_of), time(), UTC)
    return with_slope(found, sign, as_of=ctx.as_of, share=_SHARE_FLOOR, until=until)
