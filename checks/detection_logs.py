"""What is kept of each request: whether it is really there, and what came of it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from ops_model.check.answers import no_served_log, of_this_version
from ops_model.check.api import (
    Context,
    Outcome,
    Recorded,
    all_of,
    by_tier,
    check,
    counted,
    failed,
    no_file,
    passed,
    said,
    unknown,
    valid_until,
)
from ops_model.check.measured import FEWEST, counts_enough, last_of
from ops_model.check.remedies import measure_monitor
from ops_model.check.remedies_logs import look_into_logs
from ops_model.domain.bounds import at_least
from ops_model.domain.detection import QualityMeasurement
from ops_model.domain.detection_served import CaptureMeasurement
from ops_model.domain.evidence import Measured
from ops_model.domain.signals import Signals
from ops_model.domain.signals_logged import CaptureField, LogPolicy
from ops_model.domain.signals_watched import Monitor

FOUR: tuple[CaptureField, ...] = ("input", "output", "intent", "outcome")
"""What is kept of each request, at the least (S3.24)."""
NOT_JOINED = (
    "the reliability owner finds out why outcomes do not arrive or do not match (the key, the "
    "time zone, a source that stopped), or raises `late_days` in signals.yaml if they only take "
    "longer"
)


@check(
    "OBS-01",
    question="Is each of the four fields written down of nearly every request?",
    area="detection",
    source=["S3.14", "S3.24"],
    revision=2,
)
def four_fields_captured(
    ctx: Context,
    *,
    min_floor_share: Annotated[float, Field(ge=0.8, le=1)] = by_tier(0.99, 0.95, 0.9),
    max_age_days: int = 8,
) -> Outcome:
    """What was not written down when it happened can be asked of nobody afterwards."""
    signals = ctx.system.signals
    if signals is None:
        return no_file(ctx, "signals")
    policy = signals.log_policy
    if policy is None:
        return _no_policy(signals)
    if faults := _declared_faults(signals, policy, min_floor_share):
        return failed(
            "; ".join(faults),
            looked_at=[policy.place_of("fields"), policy.place_of("coverage_floor")],
            remedy="the reliability owner has all four fields of each request kept, and names "
            f"their columns and the floor under `log_policy` in signals.yaml; {_again(ctx)}",
        )
    found = _capture(ctx, signals, max_age_days)
    if isinstance(found, Outcome):
        return found
    return _captured(ctx, policy, found, max_age_days)


@check(
    "OBS-02",
    question="Is it known of nearly every output what came of it?",
    area="detection",
    source=["S3.24"],
    revision=2,
)
def outcomes_are_joined(
    ctx: Context,
    *,
    min_share: Annotated[float, Field(ge=0.7, le=1)] = by_tier(0.95, 0.9, 0.8),
    max_age_days: int = 8,
) -> Outcome:
    """An answer whose outcome nobody joins to it is a guess that was never looked at.

    Rows younger than `late_days` owe no outcome yet. Where a quality monitor joins the very
    column, the labels that it found are an answer.
    """
    signals = ctx.system.signals
    if signals is None:
        return no_file(ctx, "signals")
    policy = signals.log_policy
    if policy is None:
        return _no_policy(signals)
    column = policy.fields.get("outcome")
    if column is None or column == policy.fields.get("output"):
        says = "no column of the outcome" if column is None else "the output as its own outcome"
        return unknown(
            "missing",
            f"log_policy names {says}, so nothing says what came of an output",
            looked_at=[policy.place_of("fields")],
            remedy="the owner says where it is kept what came of an output, and writes that "
            "column as `outcome` under `fields` of log_policy in signals.yaml",
        )
    found = _capture(ctx, signals, max_age_days)
    if not isinstance(found, Outcome):
        return _joined(ctx, column, found, min_share, max_age_days)
    monitors = [m for m in signals.of("output_quality") if _counts(m, column)]
    if not monitors:
        return found
    return all_of([_labelled(ctx, m, column, min_share, max_age_days) for m in monitors])


def _no_policy(signals: Signals) -> Outcome:
    return unknown(
        "missing",
        "signals.yaml does not say what is written down of each request",
        looked_at=[signals.where],
        remedy="the reliability owner writes `log_policy` in signals.yaml: the column of each of "
        f"{', '.join(FOUR)}, how long it is kept and what is taken out",
    )


def _again(ctx: Context) -> str:
    """What has to be done anew when signals.yaml says something else, and what cannot be yet."""
    system = ctx.system.id
    return (
        "all that was said and measured of its earlier text is void then, so the owner attests to "
        f"it again (`ops-model attest {system} --topic claims --file signals.yaml --as ID --text "
        "'...'`) and the reliability owner runs "
        f"`ops-model run 05_drift_quality {system}` again"
    )


def _log_of(column: str | None) -> str:
    """The log in which a column of the policy stands: `labels` of `labels.late`."""
    return (column or "").partition(".")[0]


def _declared_faults(signals: Signals, policy: LogPolicy, min_floor_share: float) -> list[str]:
    """What the policy lacks before anything is counted."""
    lacking = [field for field in FOUR if field not in policy.fields]
    faults = [f"no column is named for {', '.join(lacking)}"] if lacking else []
    faults += [
        f"{field} stands in {policy.fields[field]}, and signals.yaml has no log "
        f"{_log_of(policy.fields[field])}"
        for field in FOUR
        if field in policy.fields and signals.log(_log_of(policy.fields[field])) is None
    ]
    columns = [policy.fields[field] for field in FOUR if field in policy.fields]
    shared = sorted({column for column in columns if columns.count(column) > 1})
    faults += [
        f"{' and '.join(f for f in FOUR if policy.fields.get(f) == column)} stand in one column, "
        f"{column}"
        for column in shared
    ]
    output = signals.log(_log_of(policy.fields.get("output")))
    if output is not None and not output.served:
        faults.append(
            f"output stands in log {output.id}, which holds {output.holds} and not what was served"
        )
    if policy.coverage_floor < Decimal(str(min_floor_share)):
        faults.append(
            f"the coverage_floor is {policy.coverage_floor}; expected at least {min_floor_share:g}"
        )
    return faults


def _capture(
    ctx: Context, signals: Signals, max_age_days: int
) -> Recorded[CaptureMeasurement] | Outcome:
    """What was counted last of the log of what was served, or why nothing was."""
    log = signals.served
    if log is None:
        return no_served_log(signals)
    return of_this_version(
        ctx,
        CaptureMeasurement,
        subject=f"log {log.id}",
        max_age_days=max_age_days,
        missing=f"no such measurement: how much of each field log {log.id} holds is on no record",
        claim=log.where,
        remedy=look_into_logs(ctx.system),
        matching=lambda capture: capture.log == log.id,
        ended_within_days=max_age_days + signals.late_days,
    )


def _captured(
    ctx: Context, policy: LogPolicy, found: Recorded[CaptureMeasurement], max_age_days: int
) -> Outcome:
    """Whether each of the four fields reaches the floor of the policy."""
    capture, floor = found.record, float(policy.coverage_floor)
    looked_at = [policy.where, found.where]
    shares: Mapping[CaptureField, Measured] = {
        field: capture.fields[field] for field in FOUR if field in capture.fields
    }
    values = {str(field): share for field, share in shares.items()}
    told = {field: _reaches(found.record, share, floor) for field, share in shares.items()}
    listed = ", ".join(f"{field} {said(share)}" for field, share in shares.items())
    counts = f"of {counted(capture.rows, 'row')} of log {capture.log}: {listed or 'no field'}"
    below = [field for field, reached in told.items() if reached is False]
    if below:
        return failed(
            f"{counts}; expected at least {floor:g}, and {' and '.join(below)} is below",
            looked_at=looked_at,
            remedy=f"the reliability owner finds what does not write {' and '.join(below)}, and "
            "has it mended; the columns stand under `log_policy` in signals.yaml",
            values=values,
        )
    open_ones = [field for field in FOUR if told.get(field) is None]
    if open_ones:
        return unknown(
            "too_few" if shares.keys() >= {*open_ones} else "missing",
            f"{counts}; whether {' and '.join(open_ones)} reaches {floor:g} cannot be told from "
            f"that, or from fewer than {FEWEST} rows",
            looked_at=looked_at,
            remedy=look_into_logs(ctx.system),
            values=values,
        )
    return passed(
        f"{counts}; expected at least {floor:g}",
        looked_at=looked_at,
        values=values,
        valid_until=valid_until(found, max_age_days=max_age_days),
    )


def _reaches(capture: CaptureMeasurement, share: Measured, floor: float) -> bool | None:
    """True when enough rows show that a share reaches the floor; None: it cannot be told."""
    reached = at_least(share, floor)
    enough = capture.rows >= FEWEST and counts_enough(share)
    return reached if enough or reached is False else None


def _joined(
    ctx: Context,
    column: str,
    found: Recorded[CaptureMeasurement],
    min_share: float,
    max_age_days: int,
) -> Outcome:
    """Whether the outcome of nearly every output is there, by a count of the log."""
    signals = ctx.system.signals
    policy = signals.log_policy if signals is not None else None
    looked_at = [*([policy.where] if policy is not None else []), found.where]
    share = found.record.outcome_join
    there = f"{column} is there of {said(share)} of the outputs; expected at least {min_share:g}"
    reached = _reaches(found.record, share, min_share)
    if reached is None:
        return unknown(
            "too_few",
            f"{there}, which cannot be told from that, or from fewer than {FEWEST} rows",
            looked_at=looked_at,
            remedy=look_into_logs(ctx.system),
            values={"outcome_join": share},
        )
    if not reached:
        return failed(
            there, looked_at=looked_at, remedy=NOT_JOINED, values={"outcome_join": share}
        )
    return passed(
        there,
        looked_at=looked_at,
        values={"outcome_join": share},
        valid_until=valid_until(found, max_age_days=max_age_days),
    )


def _counts(monitor: Monitor, column: str) -> bool:
    """True when a monitor of quality joins the column that holds the outcome."""
    log, _, name = column.partition(".")
    return (monitor.labels or monitor.log) == log and monitor.label in {None, name}


def _labelled(
    ctx: Context, monitor: Monitor, column: str, min_share: float, max_age_days: int
) -> Outcome:
    """Whether a monitor of quality found the outcome of nearly every output of its window."""
    found = last_of(ctx, QualityMeasurement, monitor, max_age_days=max_age_days)
    if isinstance(found, Outcome):
        return found
    quality, looked_at = found.record, [monitor.where, found.where]
    if (quality.current.n or 0) < FEWEST:
        return unknown(
            "too_few",
            f"monitor {monitor.id} found {counted(quality.current.n or 0, 'row')} with an outcome "
            f"in its window; expected at least {FEWEST}",
            looked_at=looked_at,
            remedy=measure_monitor(ctx.system, monitor),
        )
    labelled = quality.current.n or 0
    rows = round(labelled / quality.labelled_share) if quality.labelled_share else 0
    share = Measured(value=quality.labelled_share, unit="share", n=rows, no_interval="exact")
    there = (
        f"monitor {monitor.id} found {column} of {said(share)} of the rows of its window; "
        f"expected at least {min_share:g}"
    )
    values = {"labelled_share": share}
    if quality.labelled_share < min_share:
        return failed(there, looked_at=looked_at, remedy=NOT_JOINED, values=values)
    return passed(
        there,
        looked_at=looked_at,
        values=values,
        valid_until=valid_until(found, max_age_days=max_age_days),
    )
