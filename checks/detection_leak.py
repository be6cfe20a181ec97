"""Whether quality leaks away over weeks, too slowly for any one of them to show it."""

from ops_model.check.api import (
    Context,
    Outcome,
    all_of,
    check,
    failed,
    passed,
    said,
    unknown,
    valid_until,
)
from ops_model.check.measured import (
    bounds,
    changed_by,
    counts_enough,
    drop_that_matters,
    last_of,
    may_have_fallen,
    playbook_of,
    sized,
    watching,
)
from ops_model.domain.detection import QualityMeasurement
from ops_model.domain.evidence import Measured
from ops_model.domain.signals_watched import Monitor


@check(
    "QLT-07",
    question="Would a slow leak of quality raise an alarm, and is none standing?",
    area="detection",
    source=["S3.11"],
    revision=4,
)
def no_slow_leak(
    ctx: Context, *, max_age_days: int = 8, max_false_alarms_per_year: float = 1.0
) -> Outcome:
    """Half a point a week crosses no limit of any week; only a sum over weeks shows it."""
    monitors = watching(ctx, "output_quality", so="quality could leak away unseen")
    if isinstance(monitors, Outcome):
        return monitors
    return all_of([_leak(ctx, m, max_age_days, max_false_alarms_per_year) for m in monitors])


def _leak(ctx: Context, monitor: Monitor, max_age_days: int, most_false: float) -> Outcome:
    """Whether the alarm over weeks is calibrated, and silent."""
    found = last_of(ctx, QualityMeasurement, monitor, max_age_days=max_age_days)
    if isinstance(found, Outcome):
        return found
    quality, looked_at = found.record, [monitor.where, found.where]
    now = f"{quality.metric} {said(quality.current)} against {said(quality.baseline)}"
    if fallen := _fallen(monitor, quality):
        return failed(
            f"monitor {monitor.id}: {fallen}: {now}",
            looked_at=looked_at,
            remedy=f"the reliability owner follows {playbook_of(monitor)} of monitor {monitor.id} "
            "in signals.yaml; when quality is back, or the owner accepts it as it is, somebody "
            "who did not build the version approves a new baseline",
            values={"current": quality.current, "baseline": quality.baseline},
        )
    if not counts_enough(quality.current) or may_have_fallen(quality.change):
        return unknown(
            "too_few",
            f"monitor {monitor.id}: {now}, a change of {changed_by(quality.change)}: too little "
            "to say that none fell",
            looked_at=looked_at,
            remedy=f"the reliability owner lengthens window_days of monitor {monitor.id} in "
            "signals.yaml, or joins more labels; then measures again",
        )
    rate = quality.false_alarms_per_year
    bottom = _at_the_bottom(quality)
    if rate is None or bottom:
        return unknown(
            "too_few",
            f"monitor {monitor.id}: {now}: not one row of its baseline was right, so that nothing "
            "could leak away"
            if bottom
            else f"monitor {monitor.id}: how often its alarm over weeks would be false is not "
            "known",
            looked_at=looked_at,
            remedy="the reliability owner sees whether prediction and label of monitor "
            f"{monitor.id} in signals.yaml can be equal at all, as the logs write them; then "
            "measures again"
            if bottom
            else f"the reliability owner gives monitor {monitor.id} in signals.yaml a baseline "
            "of more days, then measures again",
        )
    false = Measured(value=rate, unit="false alarms a year", n=1, no_interval="simulated")
    if rate > most_false:
        return failed(
            f"monitor {monitor.id}: {rate:.2g} false alarms a year; expected at most "
            f"{most_false:g}",
            looked_at=looked_at,
            remedy=f"the reliability owner gives monitor {monitor.id} in signals.yaml a longer "
            "baseline or a larger tolerable_drop, then measures again",
            values={"false_alarms_per_year": false},
        )
    return passed(
        f"monitor {monitor.id}: no alarm ({rate:.2g} false ones a year): {now}",
        looked_at=looked_at,
        values={"false_alarms_per_year": false},
        valid_until=valid_until(found, max_age_days=max_age_days),
    )


def _at_the_bottom(quality: QualityMeasurement) -> bool:
    """True where a share was as bad as can be already in the baseline, so that it cannot fall."""
    baseline = quality.baseline
    worst = 1.0 if quality.better == "lower" else 0.0
    return quality.metric == "accuracy" and baseline.value == worst


def _fallen(monitor: Monitor, quality: QualityMeasurement) -> str:
    """Why quality counts as fallen: an alarm stands, or the whole interval lies beyond the drop.

    Empty where neither does.
    """
    if quality.alarm_at is not None:
        since = f" since {quality.onset_estimate}" if quality.onset_estimate else ""
        return f"quality falls{since}, alarm on {quality.alarm_at}"
    between, drop = bounds(quality.change), drop_that_matters(monitor, quality)
    if between is None or drop is None or between[1] >= -drop:
        return ""
    return (
        f"no alarm, and quality changed by {changed_by(quality.change)}, where a drop of "
        f"{sized(drop, quality.change.unit)} matters"
    )
