"""The cases that matter most, each with a floor of its own."""

from typing import Annotated

from pydantic import Field

from ops_model.check.api import (
    Context,
    Outcome,
    Recorded,
    all_of,
    check,
    failed,
    no_file,
    passed,
    said,
    unknown,
    valid_until,
)
from ops_model.check.measured import FEWEST, bounds, counted_twice, counts_enough, last_of
from ops_model.domain.detection import QualityMeasurement, SegmentQuality
from ops_model.domain.evidence import Measured
from ops_model.domain.signals_watched import CriticalSegment, Monitor


@check(
    "QLT-04",
    question="Are the cases that matter most answered well enough, each by its own floor?",
    area="detection",
    source=["S2.9"],
    revision=3,
)
def critical_segments_hold(
    ctx: Context,
    *,
    min_floor_share: Annotated[float, Field(ge=0.3, le=1)] = 0.5,
    max_age_days: int = 8,
) -> Outcome:
    """An average of 92 % hides that new customers get 61 %."""
    signals = ctx.system.signals
    if signals is None:
        return no_file(ctx, "signals")
    segments = signals.critical_segments
    if not segments:
        return unknown(
            "missing",
            "signals.yaml names no critical segment, and an average hides the cases that matter",
            looked_at=[signals.place_of("critical_segments")],
            remedy="the owner writes the cases that matter most under `critical_segments` in "
            "signals.yaml: the column, its value, why, and the floor",
            owner=_owner(ctx),
        )
    monitors = {m.id: m for m in signals.of("output_quality")}
    judged = [_segment(ctx, s, monitors.get(s.monitor), min_floor_share, max_age_days)
              for s in segments]  # fmt: skip
    worst_first = sorted(judged, key=lambda one: one[0])
    return all_of([outcome for _, outcome in worst_first])


def _segment(
    ctx: Context,
    segment: CriticalSegment,
    monitor: Monitor | None,
    min_floor_share: float,
    max_age_days: int,
) -> tuple[float, Outcome]:
    """How far a segment lies above its floor, and the answer; what is not known comes first."""
    name = f"segment {segment.id} ({segment.column} {segment.value})"
    if monitor is None:
        return -2.0, unknown(
            "missing",
            f"{name}: {segment.monitor} is no monitor of output_quality",
            looked_at=[segment.where],
            remedy=f"the owner names under segment {segment.id} in signals.yaml a monitor of "
            "output_quality",
        )
    found = last_of(ctx, QualityMeasurement, monitor, max_age_days=max_age_days)
    if isinstance(found, Outcome):
        return -2.0, found
    measured = next(
        (s for s in found.record.segments
         if (s.column, s.value) == (segment.column, segment.value)), None,
    )  # fmt: skip
    if measured is None or measured.quality.value is None:
        return -2.0, _not_measured(name, segment, monitor, found)
    above = measured.quality.value - float(segment.floor)
    return above, _held(ctx, name, segment, measured, found, min_floor_share, max_age_days)


def _owner(ctx: Context) -> str | None:
    """The owner that the remedies name, and not whoever answers for the area."""
    ownership = ctx.system.ownership
    return ownership.accountable if ownership is not None else None


def _not_measured(
    name: str,
    segment: CriticalSegment,
    monitor: Monitor,
    found: Recorded[QualityMeasurement],
) -> Outcome:
    """The answer where the measurement says nothing of a segment, and what would make it."""
    looked_at = [segment.where, found.where]
    if segment.column not in monitor.segments:
        return unknown(
            "missing",
            f"{name} is not measured: monitor {monitor.id} does not split by {segment.column}",
            looked_at=looked_at,
            remedy=f"the reliability owner writes {segment.column} into `segments` of monitor "
            f"{monitor.id} in signals.yaml, then measures again",
        )
    return unknown(
        "too_few",
        f"{name} is not in the measurement: no row, or too few for monitor {monitor.id}, which "
        f"leaves out what holds fewer than {monitor.min_n:,}",
        looked_at=looked_at,
        remedy=f"the reliability owner lengthens window_days of monitor {monitor.id} in "
        f"signals.yaml, or corrects the value of segment {segment.id}; then measures again",
    )


def _floor(segment: CriticalSegment, measured: Measured) -> str:
    """The floor as text, in the unit of what was measured."""
    floor = float(segment.floor)
    return f"{floor * 100:g} %" if measured.unit == "share" else f"{floor:g}"


def _no_floor(name: str, segment: CriticalSegment, found: Recorded[QualityMeasurement]) -> Outcome:
    """The answer where less is better: a floor is then no promise to anybody."""
    return unknown(
        "missing",
        f"{name} has a floor of {_floor(segment, found.record.current)}, and of what monitor "
        f"{segment.monitor} measures less is better",
        looked_at=[segment.place_of("floor"), found.where],
        remedy=f"the owner names under segment {segment.id} in signals.yaml a monitor of which "
        "more is better",
    )


def _held(
    ctx: Context,
    name: str,
    segment: CriticalSegment,
    measured: SegmentQuality,
    found: Recorded[QualityMeasurement],
    min_floor_share: float,
    max_age_days: int,
) -> Outcome:
    """Whether one measured segment lies above its floor, by the lower end of its interval."""
    quality, floor = measured.quality, float(segment.floor)
    share = quality.unit == "share"
    says = f"{name}: {said(quality)}, floor {_floor(segment, quality)}"
    places, values = [segment.where, found.where], {segment.id: quality}
    if found.record.better == "lower":
        return _no_floor(name, segment, found)
    if share and floor < min_floor_share:
        return failed(
            f"{says}; expected a floor of at least {min_floor_share * 100:g} %",
            looked_at=[segment.place_of("floor"), found.where],
            remedy=f"the owner agrees a floor of segment {segment.id} with those who are answered "
            "by it, and writes it in signals.yaml",
            values=values,
            owner=_owner(ctx),
        )
    low, high = bounds(quality) or (None, None)
    enough = counts_enough(quality, segment.min_n)
    below = quality.value is not None and quality.value < floor
    if below and (enough or (high is not None and high < floor)):
        return failed(
            f"{says}, while the headline is {said(found.record.current)}",
            looked_at=[segment.place_of("floor"), found.where],
            remedy=f"the owner has {segment.column} {segment.value} answered another "
            "way (override, an earlier version, people) as the playbook of its monitor in "
            "signals.yaml says, "
            "until the model does it well enough",
            values=values,
            owner=_owner(ctx),
        )
    twice = counted_twice(found.record)
    if twice or not enough or low is None or low < floor:
        why = twice or ("its interval reaches below the floor" if enough else (
            f"expected at least {max(segment.min_n, FEWEST):,} rows"
        ))  # fmt: skip
        return unknown(
            "too_few",
            f"{says}; {why}",
            looked_at=places,
            remedy="the reliability owner has each row written once (`key` of its log in "
            "signals.yaml says which); then measures again"
            if twice
            else "the reliability owner lengthens window_days of monitor "
            f"{segment.monitor} in signals.yaml, or joins more labels; then measures again",
            values=values,
        )
    return passed(
        f"{says} (headline {said(found.record.current)})",
        looked_at=places,
        values=values,
        valid_until=valid_until(found, max_age_days=max_age_days),
    )
