"""Seeing that quality fell before customers do: monitors that run, and what they can see."""

from typing import Annotated

from pydantic import Field

from ops_model.check.api import (
    Context,
    Outcome,
    all_of,
    check,
    earliest,
    failed,
    latest_in_date,
    no_file,
    passed,
    said,
    unknown,
    valid_until,
)
from ops_model.check.measured import (
    counted_twice,
    counts_enough,
    largest_drop,
    last_of,
    moved,
    sized,
    watching,
)
from ops_model.check.remedies import measure_monitor
from ops_model.check.telling import means_nobody, told_until, why_nobody_is_told
from ops_model.domain.detection import QualityMeasurement
from ops_model.domain.evidence import Measured
from ops_model.domain.signals_watched import Monitor


@check(
    "QLT-01",
    question="Is the quality of the output watched by a monitor that alerts by itself?",
    area="detection",
    source=["S0.16"],
    revision=3,
)
def quality_is_monitored(ctx: Context, *, max_age_days: int = 8) -> Outcome:
    """Uptime stays green while a model returns garbage; only its output shows that it does."""
    signals = ctx.system.signals
    if signals is None:
        return no_file(ctx, "signals")
    monitors = signals.of("output_quality")
    if not monitors:
        others = sorted({m.signal for m in signals.monitors})
        return failed(
            f"no monitor watches output_quality; watched: {', '.join(others) or 'nothing'}",
            looked_at=[signals.place_of("monitors")],
            remedy="the reliability owner writes a monitor of output_quality into signals.yaml, "
            "with its log and alert_route",
        )
    alerting = [m for m in monitors if m.automated and not why_nobody_is_told(ctx, m.alert_route)]
    if not alerting:
        silent = [why for m in monitors if (why := means_nobody(ctx, m.alert_route))]
        return failed(
            f"{', '.join(m.id for m in monitors)}: not automated, or alerts nobody; expected both"
            + "".join(f"; {why}" for why in dict.fromkeys(silent)),
            looked_at=[m.where for m in monitors],
            remedy=f"the reliability owner schedules {' or '.join(m.id for m in monitors)} "
            "(`automated: true`) and writes its alert_route in signals.yaml, to somebody who is "
            "there",
        )
    return all_of([_watched(ctx, monitor, max_age_days) for monitor in alerting])


@check(
    "QLT-03",
    question="Would the monitor see a drop as small as the one that matters?",
    area="detection",
    source=["S1.12", "S3.8"],
    revision=3,
)
def small_drops_are_seen(
    ctx: Context,
    *,
    min_windows_share: Annotated[float, Field(ge=0.5, le=1)] = 0.9,
    max_age_days: int = 8,
) -> Outcome:
    """From 83 % to 81 % overnight is noise at 500 rows; a monitor owes the drop it can see."""
    monitors = watching(ctx, "output_quality", so="no drop would be seen")
    if isinstance(monitors, Outcome):
        return monitors
    return all_of([_power(ctx, m, min_windows_share, max_age_days) for m in monitors])


def _drop(drop: Measured) -> str:
    if drop.value is None:
        return "not known size"
    return f"{sized(drop.value, drop.unit)} ({drop.no_interval}, n {drop.n or 0:,})"


@check(
    "DRF-02",
    question="Are the inputs still those that the model was built for?",
    area="detection",
    source=["S1.30", "S4.3"],
    revision=2,
)
def inputs_have_not_moved(ctx: Context, *, max_age_days: int = 8) -> Outcome:
    """A model answers as confidently outside the world it learned as inside it."""
    signals = ctx.system.signals
    if signals is None:
        return no_file(ctx, "signals")
    monitors = signals.of("input_distribution")
    if not monitors:
        return unknown(
            "missing",
            "no monitor watches input_distribution, so nobody knows whether inputs moved",
            looked_at=[signals.where],
            remedy="the reliability owner writes a monitor of input_distribution into "
            "signals.yaml, with columns and a baseline",
        )
    return all_of(
        [moved(ctx, m, max_age_days=max_age_days, of_any_version=True) for m in monitors]
    )


def _watched(ctx: Context, monitor: Monitor, max_age_days: int) -> Outcome:
    found = last_of(ctx, QualityMeasurement, monitor, max_age_days=max_age_days)
    if isinstance(found, Outcome):
        return found
    quality = found.record
    if not counts_enough(quality.current):
        return unknown(
            "too_few",
            f"monitor {monitor.id} measured, and nobody can say how good it is: "
            f"{quality.metric} {said(quality.current)} against {said(quality.baseline)}",
            looked_at=[monitor.where, found.where],
            remedy=f"the reliability owner lengthens window_days of monitor {monitor.id} in "
            "signals.yaml, or joins more labels; then measures again",
            values={"current": quality.current},
        )
    alarm = f", alarm on {quality.alarm_at}" if quality.alarm_at else ""
    return passed(
        f"{quality.metric} {said(quality.current)} against {said(quality.baseline)}{alarm}; "
        f"monitor {monitor.id} ({monitor.cadence}, alerts {monitor.alert_route})",
        looked_at=[monitor.where, found.where],
        values={"current": quality.current, "baseline": quality.baseline},
        valid_until=earliest(
            valid_until(found, max_age_days=max_age_days), told_until(ctx, monitor.alert_route)
        ),
    )


def _power(ctx: Context, monitor: Monitor, min_windows_share: float, max_age_days: int) -> Outcome:
    found = latest_in_date(
        ctx,
        QualityMeasurement,
        max_age_days=max_age_days,
        missing=f"monitor {monitor.id} has never measured anything",
        claim=monitor.where,
        remedy=measure_monitor(ctx.system, monitor),
        matching=lambda quality: quality.monitor == monitor.id,
    )
    if isinstance(found, Outcome):
        return found
    quality, looked_at = found.record, [monitor.where, found.where]
    drop = quality.min_detectable_drop
    if monitor.tolerable_drop is None:
        return unknown(
            "missing",
            f"monitor {monitor.id} would see a drop of {_drop(drop)}; which one matters is not "
            "written",
            looked_at=looked_at,
            remedy=f"the owner writes tolerable_drop of monitor {monitor.id} in signals.yaml",
        )
    few = _too_few_for(monitor, quality, min_windows_share)
    if few or drop.value is None:
        return unknown(
            "too_few",
            f"monitor {monitor.id}: {few}",
            looked_at=looked_at,
            remedy=f"the reliability owner lengthens window_days of monitor {monitor.id} in "
            "signals.yaml, joins more labels, or has each row written once; then measures again",
            values={"min_detectable_drop": drop},
        )
    tolerable = float(monitor.tolerable_drop)
    seen = f"monitor {monitor.id} would see a drop of {_drop(drop)}"
    most = largest_drop(quality)
    if tolerable > most:
        return failed(
            f"{seen}; one of {sized(tolerable, drop.unit)} is said to matter, where none of more "
            f"than {sized(most, drop.unit)} may go by",
            looked_at=[monitor.place_of("tolerable_drop"), found.where],
            remedy=f"the owner agrees a smaller tolerable_drop of monitor {monitor.id} with those "
            "who are answered by the system, and writes it in signals.yaml",
            values={"min_detectable_drop": drop},
        )
    if drop.value > tolerable:
        return failed(
            f"{seen}; one of {sized(tolerable, drop.unit)} matters",
            looked_at=[monitor.place_of("tolerable_drop"), found.where],
            remedy=f"the reliability owner lengthens window_days of monitor {monitor.id} in "
            "signals.yaml, or joins more labels, until the smaller drop is seen",
            values={"min_detectable_drop": drop},
        )
    return passed(
        f"{seen}, and one of {sized(tolerable, drop.unit)} matters",
        looked_at=looked_at,
        values={"min_detectable_drop": drop},
        valid_until=valid_until(found, max_age_days=max_age_days),
    )


def _too_few_for(monitor: Monitor, quality: QualityMeasurement, min_windows_share: float) -> str:
    """Why nobody knows how small a drop would be seen; empty when that is known."""
    drop = quality.min_detectable_drop
    if twice := counted_twice(quality):
        return f"{twice}, so that it would see less than it seems"
    if quality.windows_with_min_n_share >= min_windows_share and drop.value is not None:
        return ""
    if drop.value is None and drop.no_interval and quality.baseline.value in {0.0, 1.0}:
        return drop.no_interval
    return (
        f"{quality.windows_with_min_n_share:.3g} of windows hold {monitor.min_n:,} rows; expected "
        f"{min_windows_share:g}"
    )
