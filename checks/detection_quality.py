"""Where a fall of quality came from: which cases, and whether there are more of them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from ops_model.check.api import (
    Context,
    Outcome,
    Recorded,
    all_of,
    check,
    failed,
    passed,
    said,
    unknown,
    valid_until,
)
from ops_model.check.measured import (
    FEWEST,
    bounds,
    changed_by,
    counts_enough,
    last_of,
    may_have_fallen,
    sized,
    watching,
)
from ops_model.check.remedies import split_change
from ops_model.domain.detection import ChangeDecomposition, QualityMeasurement, SegmentQuality
from ops_model.domain.signals_watched import Monitor

_ROUNDING = 1e-9


@check(
    "QLT-05",
    question="Is it known which cases a fall of quality came from?",
    area="detection",
    source=["S1.12", "S3.8"],
    revision=3,
)
def falls_are_taken_apart(
    ctx: Context,
    *,
    max_age_days: int = 8,
    max_rest_share: Annotated[float, Field(le=0.5)] = 0.2,
    tolerance_share: Annotated[float, Field(le=0.01)] = 0.0005,
) -> Outcome:
    """Quality falls because other cases come, or because the same ones go wrong; cures differ."""
    monitors = watching(ctx, "output_quality", so="no fall would be seen that could be explained")
    if isinstance(monitors, Outcome):
        return monitors
    return all_of(
        [_explained(ctx, m, max_age_days, max_rest_share, tolerance_share) for m in monitors]
    )


def _explained(
    ctx: Context,
    monitor: Monitor,
    max_age_days: int,
    max_rest_share: float,
    tolerance_share: float,
) -> Outcome:
    """Whether the fall that a monitor has on record was taken apart; or could be, without one."""
    found = last_of(ctx, QualityMeasurement, monitor, max_age_days=max_age_days)
    if isinstance(found, Outcome):
        return found
    quality = found.record
    change = f"monitor {monitor.id}: quality changed by {changed_by(quality.change)}"
    if quality.alarm_at is None and may_have_fallen(quality.change):
        return unknown(
            "too_few",
            f"{change}, so that nobody knows whether it fell",
            looked_at=[monitor.where, found.where],
            remedy=f"the reliability owner lengthens window_days of monitor {monitor.id} in "
            "signals.yaml, or joins more labels; then measures again",
        )
    if not _fell(quality):
        return _could_be(monitor, found, change, max_age_days)
    split = _split(ctx, monitor, found, change, max_age_days)
    if isinstance(split, Outcome):
        return split
    ends = min(found.record.as_of, split.record.as_of) + timedelta(days=max_age_days)
    return _adds_up(monitor, found, split, max_rest_share, tolerance_share, ends)


def _split(
    ctx: Context,
    monitor: Monitor,
    found: Recorded[QualityMeasurement],
    change: str,
    max_age_days: int,
) -> Recorded[ChangeDecomposition] | Outcome:
    """What the fall on record was split into, or the answer where it was not."""
    quality = found.record
    split = last_of(
        ctx,
        ChangeDecomposition,
        monitor,
        max_age_days=max_age_days,
        missing=f"no such measurement: {change}, and a decomposition whose parts add up to that "
        f"is missing{_worst(found)}",
        remedy=split_change(ctx.system, monitor),
    )
    if isinstance(split, Outcome):
        return replace(split, looked_at=(*split.looked_at, found.where))
    if other := _other_fall(quality, split.record):
        return unknown(
            "expired",
            f"monitor {monitor.id}: {other}",
            looked_at=[monitor.where, found.where, split.where],
            remedy=split_change(ctx.system, monitor),
        )
    if quality.alarm_at is None or split.record.as_of.date() >= quality.alarm_at:
        return split
    return unknown(
        "expired",
        f"monitor {monitor.id}: what was split on {split.record.as_of.date()} is no part of the "
        f"fall of {quality.alarm_at}",
        looked_at=[monitor.where, split.where],
        remedy=split_change(ctx.system, monitor),
    )


def _worst(found: Recorded[QualityMeasurement]) -> str:
    """Where to look meanwhile: how the measurement says that each segment did."""
    known = [s for s in found.record.segments if _fall(s) is not None]
    if not known:
        return ""
    turned = -1.0 if found.record.better == "lower" else 1.0
    worst = min(known, key=lambda s: (turned * (_fall(s) or 0.0), s.column, s.value))
    return (
        f"; until then the segments of the measurement at {found.where} say how the cases did, "
        f"{worst.column} {worst.value} worst: {said(worst.quality)} against {said(worst.baseline)}"
    )


def _fall(segment: SegmentQuality) -> float | None:
    now, before = segment.quality.value, segment.baseline.value
    return None if now is None or before is None else now - before


def _other_fall(quality: QualityMeasurement, split: ChangeDecomposition) -> str:
    """Why what was split is another change than the one on record; empty when it is that one."""
    whole, between = split.change.value, bounds(quality.change)
    if whole is None or whole >= 0:
        return ""
    if between is None or not between[0] - _ROUNDING <= whole <= between[1] + _ROUNDING:
        return (
            f"what was split is a change of {changed_by(split.change)}, where quality changed by "
            f"{changed_by(quality.change)}"
        )
    return ""


def _fell(quality: QualityMeasurement) -> bool:
    """True when the alarm stands, or all of the change's interval lies below 0."""
    between = bounds(quality.change)
    return quality.alarm_at is not None or (between is not None and between[1] < 0)


def _could_be(
    monitor: Monitor, found: Recorded[QualityMeasurement], change: str, max_age_days: int
) -> Outcome:
    """The answer where nothing fell: what a fall would be split by."""
    if not monitor.segments:
        return unknown(
            "missing",
            f"{change}; a fall could not be taken apart, as the monitor names no segments",
            looked_at=[monitor.where, found.where],
            remedy=f"the reliability owner writes under `segments` of monitor {monitor.id} in "
            "signals.yaml the columns that a fall is to be split by",
        )
    return passed(
        f"{change}, which is no fall to explain; one would be split by "
        f"{', '.join(monitor.segments)}",
        looked_at=[monitor.where, found.where],
        values={"change": found.record.change},
        valid_until=valid_until(found, max_age_days=max_age_days),
    )


def _adds_up(
    monitor: Monitor,
    found: Recorded[QualityMeasurement],
    split: Recorded[ChangeDecomposition],
    max_rest_share: float,
    tolerance_share: float,
    ends: datetime,
) -> Outcome:
    """Whether the parts of a fall add up to it, and leave little of it unexplained."""
    parts, looked_at = split.record, [found.where, split.where]
    whole, unit, sums = parts.change.value, parts.change.unit, _sums(parts)
    if whole is None or sums is None or not counts_enough(parts.change):
        return unknown(
            "too_few",
            f"monitor {monitor.id}: the fall of {split.record.as_of.date()} was split and a part "
            f"of it is not known, or it rests on fewer than {FEWEST} rows",
            looked_at=looked_at,
            remedy=f"the reliability owner lengthens window_days of monitor {monitor.id} in "
            "signals.yaml, or splits by columns of fewer values; then measures again",
        )
    rest = parts.rest.value or 0.0
    off = max(abs(added - whole) for added in sums.values())
    # The sum of a score is as exact as its size allows.
    tolerance = tolerance_share * (1.0 if unit == "share" else max(abs(whole), 1.0))
    faults = [
        fault
        for holds, fault in (
            (whole >= 0, f"what was split is a change of {changed_by(parts.change)}, and no fall"),
            (off > tolerance, f"its parts are off by {sized(off, unit)}"),
            (
                abs(rest) > max_rest_share * abs(whole),
                f"{sized(abs(rest), unit)} of {sized(abs(whole), unit)} left unexplained; "
                f"expected at most {max_rest_share * 100:g} %",
            ),
        )
        if holds
    ]
    if faults:
        return failed(
            f"monitor {monitor.id}: quality changed by {changed_by(found.record.change)}, and "
            f"{'; '.join(faults)}",
            looked_at=looked_at,
            remedy=f"the reliability owner adds to `segments` of monitor {monitor.id} in "
            "signals.yaml a column that tells the cases apart, and splits the fall again",
            values={"change": parts.change, "rest": parts.rest},
        )
    return passed(
        f"monitor {monitor.id}: quality changed by {changed_by(parts.change)}: "
        f"{_largest(parts)}; {sized(abs(rest), unit)} left{_causes(parts)}",
        looked_at=looked_at,
        values={"change": parts.change, "rest": parts.rest},
        valid_until=ends,
    )


def _sums(parts: ChangeDecomposition) -> dict[str, float] | None:
    """What the parts of each column add up to, its rest included; None where one is not known.

    Each column splits the whole change by itself.
    """
    rests = {r.column: r.rest.value for r in parts.rests}
    sums: dict[str, float] = {}
    for column in dict.fromkeys(s.column for s in parts.segments):
        own = [m.value for s in parts.segments if s.column == column for m in (s.mix, s.quality)]
        numbers = [*own, rests.get(column, parts.rest.value)]
        known = [number for number in numbers if number is not None]
        if len(known) < len(numbers) or parts.rest.value is None:
            return None
        sums[column] = sum(known)
    return sums or None


def _largest(parts: ChangeDecomposition) -> str:
    """The three parts that took most, each by what it is."""
    each: Sequence[tuple[float, str]] = [
        (measured.value or 0.0, f"{segment.column} {segment.value} ({what})")
        for segment in parts.segments
        for what, measured in (("more or fewer of them", segment.mix), ("its own quality",
                               segment.quality))
    ]  # fmt: skip
    downward = sorted(one for one in each if one[0] < 0)[:3]
    return ", ".join(f"{name} {sized(value, parts.change.unit)}" for value, name in downward)


def _causes(parts: ChangeDecomposition) -> str:
    words = {True: "changed", False: "did not change", None: "is not known"}
    return "".join(f"; {c.branch.replace('_', ' ')} {words[c.changed]}: {c.why}"
                   for c in parts.causes)  # fmt: skip
