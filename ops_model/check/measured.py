"""What checks of measurements share: who watches a signal, what was measured last, what moved."""

import math
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TypeVar

from ops_model.check.context import Context, latest_in_date, no_file
from ops_model.check.outcome import Outcome, failed, passed, unknown
from ops_model.check.recorded import Recorded, valid_until
from ops_model.check.remedies import measure_monitor
from ops_model.check.version_served import not_of_this_version
from ops_model.check.wording import aged, counted, points, said
from ops_model.domain.bounds import FEWEST, bounds, counts_enough
from ops_model.domain.detection import (
    ChangeDecomposition,
    ColumnDrift,
    DriftMeasurement,
    ImportanceMeasurement,
    QualityMeasurement,
    written_twice,
)
from ops_model.domain.evidence import Measured, Measurement
from ops_model.domain.signals_watched import Monitor, Signal
from ops_model.domain.wording import sized

M = TypeVar("M", QualityMeasurement, DriftMeasurement, ChangeDecomposition, ImportanceMeasurement)

CADENCE_DAYS: Mapping[str, int] = {"hourly": 1, "daily": 1, "weekly": 7, "monthly": 31}
"""How many days lie between two looks, at most."""
MOST_DROP = 0.2
"""The largest drop that may count as the one that matters: a fifth of all answers.

Of any other score it is a fifth of its baseline. Whoever tolerates more has switched every alarm
off.
"""


def may_have_fallen(change: Measured) -> bool:
    """True when nothing tells whether it fell: no row, or a number below 0 without an interval."""
    if not measured_at_all(change):
        return True
    return bounds(change) is None and (change.value or 0.0) < 0


def measured_at_all(measured: Measured) -> bool:
    """True when there is a number, and a row that it was counted for."""
    return measured.value is not None and bool(measured.n)


def counted_twice(quality: QualityMeasurement) -> str:
    """Why the rows of a measurement are fewer than they seem; empty when they are not.

    A log that was written twice makes every interval narrower than what is known.
    """
    if not written_twice(quality.days, quality.apart):
        return ""
    again = counted(quality.apart.served_repeated, "row")
    return f"{again} of its log repeat the key of another, and were counted again"


def largest_drop(quality: QualityMeasurement) -> float:
    """The largest drop that may count as the one that matters, in the unit of the measurement."""
    baseline = quality.baseline
    if baseline.unit == "share":
        return MOST_DROP
    # Of nothing there is no fifth.
    return MOST_DROP * abs(baseline.value) if baseline.value else math.inf


def drop_that_matters(monitor: Monitor, quality: QualityMeasurement) -> float | None:
    """The drop of quality that matters by the claim, or the largest that may."""
    if monitor.tolerable_drop is None:
        return None
    return min(float(monitor.tolerable_drop), largest_drop(quality))


def changed_by(change: Measured) -> str:
    """A change as text, one of a share in points: `-5 points (n 1,000, -7 to -3)`."""
    if change.unit != "share" or change.value is None:
        return said(change)
    rests_on = "" if change.n is None else f"n {change.n:,}, "
    span = change.no_interval or "no interval"
    if change.low is not None and change.high is not None:
        span = f"{change.low * 100:.3g} to {change.high * 100:.3g}"
    return f"{points(change.value)} ({rests_on}{span})"


def watching(ctx: Context, signal: Signal, *, so: str) -> tuple[Monitor, ...] | Outcome:
    """The monitors of a signal that run by themselves, or the answer where there is none.

    Args:
        ctx: the check's context.
        signal: what has to be watched.
        so: what follows where nobody watches it.
    """
    signals = ctx.system.signals
    if signals is None:
        return no_file(ctx, "signals")
    monitors = tuple(m for m in signals.of(signal) if m.automated)
    if monitors:
        return monitors
    return unknown(
        "missing",
        f"no automated monitor watches {signal}, so {so}",
        looked_at=[m.where for m in signals.of(signal)] or [signals.place_of("monitors")],
        remedy=f"the reliability owner writes an automated monitor of {signal} into signals.yaml",
    )


def last_of(
    ctx: Context,
    kind: type[M],
    monitor: Monitor,
    *,
    max_age_days: float,
    missing: str = "",
    remedy: str = "",
    of_any_version: bool = False,
) -> Recorded[M] | Outcome:
    """What a monitor measured last, in date and of the version that serves; or why not.

    Args:
        ctx: the check's context.
        kind: the class of the measurement.
        monitor: whose.
        max_age_days: how old it may be.
        missing: what to say where there is none; that it never measured, unless told.
        remedy: what makes a new one; running the monitor, unless told.
        of_any_version: True for what lies outside the model, as its inputs do.
    """
    again = remedy or measure_monitor(ctx.system, monitor)
    found = latest_in_date(
        ctx,
        kind,
        max_age_days=max_age_days,
        missing=missing or f"monitor {monitor.id} has never measured anything",
        claim=monitor.where,
        remedy=again,
        matching=lambda record: record.monitor == monitor.id,
    )
    if isinstance(found, Outcome):
        return found
    subject = f"monitor {monitor.id}"
    other = None if of_any_version else not_of_this_version(
        ctx, found, subject=subject, claim=monitor.where, remedy=again
    )  # fmt: skip
    if other is not None:
        return other
    signals = ctx.system.signals
    late = signals.late_days if signals is not None else 0
    why = ended_long_ago(ctx, found.record, within_days=max_age_days + late)
    if not why:
        return found
    return unknown(
        "expired",
        f"{subject}: {why}",
        looked_at=[monitor.where, found.where],
        remedy=again,
    )


def ended_long_ago(ctx: Context, record: Measurement, *, within_days: float) -> str:
    """Why what was counted is no longer what is served; empty when it is, or has no window.

    A measurement may be made today of days that are long gone.
    """
    if record.window is None or ctx.as_of - record.window.end <= timedelta(days=within_days):
        return ""
    days = aged(ctx.as_of - record.window.end, timedelta(days=1))
    return (
        f"its measurement of {record.as_of.date()} counts until {record.window.end.date()}, which "
        f"is {days} days ago; expected at most {within_days:g}"
    )


def moved(
    ctx: Context, monitor: Monitor, *, max_age_days: float, of_any_version: bool = False
) -> Outcome:
    """Whether the columns of a monitor lie where they lay in its baseline."""
    found = last_of(
        ctx, DriftMeasurement, monitor, max_age_days=max_age_days, of_any_version=of_any_version
    )
    if isinstance(found, Outcome):
        return found
    drift, looked_at = found.record, [monitor.where, found.where]
    rows = f"{drift.rows_current:,} rows against {drift.rows_reference:,}"
    fewest = max(monitor.min_n, FEWEST)
    if not drift.columns or min(drift.rows_current, drift.rows_reference) < fewest:
        return unknown(
            "too_few",
            f"monitor {monitor.id}: {rows}, {counted(len(drift.columns), 'column')}; expected at "
            f"least {fewest:,} rows and a column",
            looked_at=looked_at,
            remedy=f"the reliability owner lengthens window_days of monitor {monitor.id} in "
            "signals.yaml, then measures again",
        )
    worst = drift.drifted
    if worst:
        return failed(
            f"{len(worst)} of {counted(len(drift.columns), 'column')} moved beyond "
            f"the limit ({rows}): {farthest(worst)}",
            looked_at=looked_at,
            remedy=f"the reliability owner follows {playbook_of(monitor)} of monitor "
            f"{monitor.id}: find what changed upstream, then retrain, go back or accept a new "
            "baseline",
            values={c.name: c.effect for c in worst[:3]},
        )
    if blind := _blind(monitor, drift):
        return unknown(
            "too_few",
            f"monitor {monitor.id}: {rows}; {'; '.join(blind)}",
            looked_at=looked_at,
            remedy=f"the reliability owner gives monitor {monitor.id} in signals.yaml the columns "
            "that it is to watch, a longer window_days, or a baseline of eight weeks or more in "
            "which nothing else changed, then measures again",
        )
    return passed(
        f"none of {counted(len(drift.columns), 'column')} moved ({rows})",
        looked_at=looked_at,
        values={c.name: c.effect for c in drift.columns},
        valid_until=valid_until(found, max_age_days=max_age_days),
    )


def _blind(monitor: Monitor, drift: DriftMeasurement) -> list[str]:
    """Why nothing that moved is no sign that nothing did: what it did not look at, or could not.

    Where the baseline is too short nobody knows how far its own weeks lie apart.
    """
    watched = monitor.columns or ((monitor.prediction,) if monitor.prediction else ())
    faults = [] if watched else ["it names no column that it is to watch"]
    faults += not_said(drift.columns, watched)
    if not drift.calibrated:
        weeks = counted(drift.blocks, "block")
        faults.append(f"its baseline of {weeks} is too short to say how far is far")
    return faults


def not_said(columns: Sequence[ColumnDrift], watched: Sequence[str]) -> list[str]:
    """What of these columns nothing can be said of, as text; empty when there is none.

    One was left out, or held too few values, or lies far away where its baseline does so too.
    """
    lacking = [name for name in watched if name not in {c.name for c in columns}]
    unknown_ones = [c.name for c in columns if not measured_at_all(c.effect)]
    hidden = [c for c in columns if c.hidden and measured_at_all(c.effect)]
    return [
        *([f"left out: {', '.join(lacking)}"] if lacking else []),
        *([f"too few values to say: {', '.join(unknown_ones)}"] if unknown_ones else []),
        *(
            [f"far away, where its own baseline lies as far apart: {farthest(hidden)}"]
            if hidden
            else []
        ),
    ]


def playbook_of(monitor: Monitor) -> str:
    """What to follow when a monitor fires, as text."""
    return f"playbook {monitor.playbook}" if monitor.playbook else "a playbook (none named)"


def farthest(columns: Sequence[ColumnDrift]) -> str:
    """The first three columns as text, each with its effect and its limit."""
    return ", ".join(f"{c.name} by {said(c.effect)}, limit {c.limit:.3g}" for c in columns[:3])


__all__ = [
    "CADENCE_DAYS",
    "FEWEST",
    "MOST_DROP",
    "bounds",
    "changed_by",
    "counted_twice",
    "counts_enough",
    "drop_that_matters",
    "ended_long_ago",
    "farthest",
    "largest_drop",
    "last_of",
    "may_have_fallen",
    "measured_at_all",
    "moved",
    "not_said",
    "playbook_of",
    "sized",
    "watching",
]
