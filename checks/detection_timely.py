"""Whether a fall of quality is noticed within the time that was promised."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from ops_model.check.api import (
    Context,
    Outcome,
    Recorded,
    all_of,
    by_tier,
    check,
    counted,
    failed,
    passed,
    said,
    unknown,
    valid_until,
)
from ops_model.check.measured import CADENCE_DAYS, drop_that_matters, last_of, sized, watching
from ops_model.check.remedies import review_incident
from ops_model.check.reviews import ends_of, of_the_output, review_of
from ops_model.domain.detection import QualityMeasurement
from ops_model.domain.evidence import Measured
from ops_model.domain.exposure import IncidentReview
from ops_model.domain.incidents import Incident
from ops_model.domain.signals_watched import Monitor


@check(
    "QLT-09",
    question="Is a fall of quality noticed within the time that was promised?",
    area="detection",
    source=["S4.11"],
    revision=3,
)
def falls_are_noticed_in_time(
    ctx: Context,
    *,
    max_hours: int = by_tier(336, 1008, 2208),
    max_age_days: int = 8,
    within_days: Annotated[int, Field(ge=30)] = 180,
) -> Outcome:
    """AI systems degrade silently for weeks or months; somebody has to say how long is too long.

    A fall on record is timed. Without one, the longest that a fall of the size that matters can
    go on is what the monitor's window, its labels and its cadence add up to.
    """
    monitors = watching(ctx, "output_quality", so="no fall would ever be noticed")
    if isinstance(monitors, Outcome):
        return monitors
    return all_of(
        [
            *(_in_time(ctx, monitor, max_hours, max_age_days) for monitor in monitors),
            *_incidents_in_time(ctx, monitors, within_days),
        ]
    )


def _in_time(ctx: Context, monitor: Monitor, max_hours: int, max_age_days: int) -> Outcome:
    """Whether one monitor notices a fall within its own limit, and that is short enough."""
    limit = monitor.detect_within_hours
    if limit is None:
        return unknown(
            "missing",
            f"monitor {monitor.id}: how long a fall may go on unnoticed is not written",
            looked_at=[monitor.where],
            remedy=f"the owner writes detect_within_hours of monitor {monitor.id} in signals.yaml",
        )
    if limit > max_hours:
        return failed(
            f"monitor {monitor.id} is allowed {limit:,} h to notice a fall; expected at most "
            f"{max_hours:,} h",
            looked_at=[monitor.place_of("detect_within_hours")],
            remedy=f"the owner agrees a shorter detect_within_hours of monitor {monitor.id} with "
            "those who are answered by the system, and writes it in signals.yaml",
        )
    found = last_of(ctx, QualityMeasurement, monitor, max_age_days=max_age_days)
    if isinstance(found, Outcome):
        return found
    signals = ctx.system.signals
    late = signals.late_days if signals is not None else 0
    why = _untimed(found.record)
    noticed = _timed(found.record, late) or _at_worst(monitor, found.record, late)
    if why or noticed is None:
        return _unbounded(monitor, found, why)
    hours, how = noticed
    took = Measured(value=hours, unit="h", n=1, no_interval="exact")
    says = f"monitor {monitor.id}: {how}"
    if hours > limit:
        return failed(
            f"{says}; expected within {limit:,} h",
            looked_at=[monitor.place_of("detect_within_hours"), found.where],
            remedy=f"the reliability owner shortens window_days or the cadence of monitor "
            f"{monitor.id} in signals.yaml or has labels arrive sooner; or the owner agrees to a "
            "longer detect_within_hours",
            values={"hours": took},
        )
    return passed(
        f"{says}; promised within {limit:,} h",
        looked_at=[monitor.where, found.where],
        values={"hours": took},
        valid_until=valid_until(found, max_age_days=max_age_days),
    )


def _unbounded(monitor: Monitor, found: Recorded[QualityMeasurement], why: str) -> Outcome:
    """The answer where nothing says how long a fall went on, or would."""
    if why:
        return unknown(
            "too_few",
            f"monitor {monitor.id}: {why}, so nobody knows how long it went on unnoticed",
            looked_at=[monitor.where, found.where],
            remedy=f"the reliability owner gives monitor {monitor.id} in signals.yaml a baseline "
            "of more days, by which its alarm over weeks can date the fall; then measures again",
        )
    return unknown(
        "too_few",
        f"monitor {monitor.id}: no alarm is on record, and a window does not show one that "
        "matters (QLT-03), so nothing bounds how long it goes on unnoticed",
        looked_at=[monitor.where, found.where],
        remedy=f"the owner writes tolerable_drop of monitor {monitor.id} in signals.yaml; the "
        "reliability owner lengthens its window_days until a window shows that drop, then "
        "measures again",
    )


def _untimed(quality: QualityMeasurement) -> str:
    """Why the fall on record cannot be timed; empty when it can, or when there is none."""
    alarm, onset = quality.alarm_at, quality.onset_estimate
    if alarm is None:
        return ""
    if onset is None:
        return f"when the fall began that raised the alarm of {alarm} is on no record"
    return f"its fall of {onset} began after its alarm of {alarm}" if onset > alarm else ""


def _timed(quality: QualityMeasurement, late_days: int) -> tuple[float, str] | None:
    """How long the fall on record went on before its alarm, and how that was counted.

    The day of the alarm has to be over, and its labels to be there, before anybody can know.
    """
    alarm, onset = quality.alarm_at, quality.onset_estimate
    if alarm is None or onset is None:
        return None
    hours = ((alarm - onset).days + 1 + late_days) * 24.0
    return hours, (
        f"the fall that began on {onset} raised the alarm of {alarm}, known "
        f"{counted(round(hours / 24), 'day')} after it began ({hours:,.0f} h)"
    )


def _at_worst(
    monitor: Monitor, quality: QualityMeasurement, late_days: int
) -> tuple[float, str] | None:
    """How long a fall that matters can go on, where none was; None when nothing bounds it."""
    drop, tolerable = quality.min_detectable_drop.value, drop_that_matters(monitor, quality)
    if drop is None or tolerable is None or drop > tolerable:
        return None
    look = CADENCE_DAYS[monitor.cadence]
    days = monitor.window_days + late_days + look
    return days * 24.0, (
        f"no alarm is on record; a fall of {sized(tolerable, quality.change.unit)} fills its "
        f"window of {counted(monitor.window_days, 'day')} and is known after {days * 24:,} h at "
        f"worst, with {counted(late_days, 'day')} for labels and {counted(look, 'day')} until the "
        "next look"
    )


def _incidents_in_time(
    ctx: Context, monitors: tuple[Monitor, ...], within_days: int
) -> Iterator[Outcome]:
    """An answer for each measured incident; one that was not measured is asked for by QLT-02."""
    for incident in of_the_output(ctx, within_days):
        found, limit = review_of(ctx, incident), _limit(ctx, incident, monitors)
        if found is None or limit is None:
            continue
        hours = found.record.detection_hours
        if hours is None or hours.value is None or hours.value < 0:
            yield _not_known(ctx, incident, found)
            continue
        yield _noticed(ctx, incident, found, hours, ends_of(hours, hours.value), limit,
                       incident.detected_at + timedelta(days=within_days))  # fmt: skip


def _limit(ctx: Context, incident: Incident, monitors: tuple[Monitor, ...]) -> int | None:
    """Within how many hours an incident was to be noticed, by what was promised of its monitors.

    The monitors of quality that are to see it come first, then the one that it names; where
    neither promised anything, whichever of quality promised least: an incident that names no
    monitor may not be noticed later for that. A faster monitor that came after it sets no limit.
    """
    modes = {mode.id: mode.detect_by for mode in ctx.system.identity.failure_modes}
    seen_by = {incident.monitor, *modes.get(incident.failure_mode or "", ())}
    signals = ctx.system.signals
    every = signals.monitors if signals is not None else ()
    promised = [
        [m.detect_within_hours for m in some if m.detect_within_hours is not None]
        for some in (
            [m for m in monitors if m.id in seen_by],
            [m for m in every if m.id == incident.monitor],
        )
    ]
    of_quality = [m.detect_within_hours for m in monitors if m.detect_within_hours is not None]
    soonest = next((min(hours) for hours in promised if hours), None)
    return soonest if soonest is not None else max(of_quality, default=None)


def _not_known(ctx: Context, incident: Incident, found: Recorded[IncidentReview]) -> Outcome:
    return unknown(
        "missing",
        f"incident {incident.id}: how long it went on before it was noticed is not known",
        looked_at=[incident.where, found.where],
        remedy=f"the owner writes into {incident.where.path} when it began (onset_earliest, "
        f"onset_latest); then {review_incident(ctx.system, incident.id)}",
    )


def _noticed(
    ctx: Context,
    incident: Incident,
    found: Recorded[IncidentReview],
    hours: Measured,
    ends: tuple[float, float],
    limit: int,
    until: datetime,
) -> Outcome:
    """Whether one incident was noticed within the limit of the monitor that is to see it."""
    says = f"incident {incident.id} was noticed {said(hours)} after it began"
    low, high = ends
    if high <= limit:
        return passed(f"{says}; promised within {limit:,} h", looked_at=[found.where],
                      values={incident.id: hours})  # fmt: skip
    if low <= limit:
        return unknown(
            "too_few",
            f"{says}, which may be within {limit:,} h or not",
            looked_at=[incident.where, found.where],
            remedy=f"the owner writes into {incident.where.path} more exactly when it began "
            f"(onset_earliest, onset_latest); then {review_incident(ctx.system, incident.id)}",
            values={incident.id: hours},
        )
    return failed(
        f"{says}; expected within {limit:,} h",
        looked_at=[incident.where, found.where],
        remedy="the owner has what went wrong watched by a monitor in signals.yaml that sees it "
        f"sooner; the incident counts until {until.date()}",
        values={incident.id: hours},
    )
