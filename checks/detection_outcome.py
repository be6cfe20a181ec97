"""Whether the business outcome that was wanted still moves, and quality has to do with it."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from ops_model.check.api import (
    Context,
    Outcome,
    Recorded,
    all_of,
    check,
    counted,
    failed,
    latest_in_date,
    no_file,
    passed,
    said,
    unknown,
    valid_until,
)
from ops_model.check.measured import FEWEST, bounds, changed_by, counts_enough, ended_long_ago
from ops_model.check.remedies_outcome import measure_link, measure_outcome
from ops_model.domain.detection import OutcomeMeasurement, QualityOutcomeLink
from ops_model.domain.evidence import Measured
from ops_model.domain.signals import OutcomeMetric, Signals
from ops_model.domain.values import Where

LEAST_KNOWN = 0.9
"""How much of the share of rows with an outcome must be left, to compare with the baseline."""


@check(
    "QLT-06",
    question="Is the business outcome that was wanted still moving?",
    area="detection",
    source=["S2.8"],
    revision=1,
)
def outcome_moves(
    ctx: Context,
    *,
    max_age_days: int = 35,
    min_progress_share: Annotated[float, Field(ge=0.01, le=1)] = 0.1,
) -> Outcome:
    """A model can be as good as ever at something that no longer helps anybody."""
    signals = ctx.system.signals
    if signals is None:
        return no_file(ctx, "signals")
    if not signals.outcomes:
        return _no_outcome(signals, "so nobody knows whether what was wanted of it happens")
    return all_of(
        [_moving(ctx, outcome, max_age_days, min_progress_share) for outcome in signals.outcomes]
    )


@check(
    "QLT-08",
    question="Does the quality that is measured have to do with the outcome that was wanted?",
    area="detection",
    source=["S4.10"],
    revision=1,
)
def quality_bears_on_outcome(
    ctx: Context,
    *,
    max_age_days: int = 100,
    min_periods: Annotated[int, Field(ge=8)] = 12,
    min_correlation: Annotated[float, Field(ge=0.1, le=1)] = 0.3,
) -> Outcome:
    """A metric that rises while the outcome stands still measures something else.

    An interval that holds 0 does not show the link: with a strong one still possible, more periods
    may (unknown); with no more than a weak one possible, they do not go together (failed).
    """
    signals = ctx.system.signals
    if signals is None:
        return no_file(ctx, "signals")
    if not signals.outcomes:
        return _no_outcome(signals, "so quality can be compared with none")
    if not signals.of("output_quality"):
        return unknown(
            "missing",
            "no monitor watches output_quality, so no outcome can be compared with it",
            looked_at=[signals.place_of("monitors")],
            remedy="the reliability owner writes an automated monitor of output_quality into "
            "signals.yaml",
        )
    return all_of(
        [
            _linked(ctx, signals, outcome, max_age_days, min_periods, min_correlation)
            for outcome in signals.outcomes
        ]
    )


def _no_outcome(signals: Signals, so: str) -> Outcome:
    return unknown(
        "missing",
        f"signals.yaml names no business outcome, {so}",
        looked_at=[signals.place_of("outcomes")],
        remedy="the owner writes the outcome that was wanted under `outcomes` in signals.yaml: "
        "baseline, target, when it can be known, and its source",
    )


def _moving(
    ctx: Context, outcome: OutcomeMetric, max_age_days: int, min_progress: float
) -> Outcome:
    """Whether one outcome is at its target, or moves towards it by all of its interval."""
    found = latest_in_date(
        ctx,
        OutcomeMeasurement,
        max_age_days=max_age_days,
        missing=f"no such measurement: outcome {outcome.id} was never measured",
        claim=outcome.where,
        remedy=measure_outcome(ctx.system, outcome),
        matching=lambda record: record.outcome == outcome.id,
    )
    if isinstance(found, Outcome):
        return found
    measured, looked_at = found.record, [outcome.where, found.where]
    says = (
        f"outcome {outcome.id}: {said(measured.current)} against {said(measured.baseline)}, "
        f"target {outcome.target:g}"
    )
    if other := _measured_otherwise(ctx, outcome, measured, max_age_days):
        return unknown(
            "expired",
            f"{says}; {other}",
            looked_at=looked_at,
            remedy=f"the owner corrects the baseline of outcome {outcome.id} in signals.yaml, if "
            f"it is not what was there before; {measure_outcome(ctx.system, outcome)}",
            values={"baseline": measured.baseline},
        )
    early = _too_early(outcome, measured)
    change = bounds(measured.change)
    if early or change is None:
        return _not_shown(outcome, f"{says}; {early or 'how sure that is stands nowhere'}", found)
    by = changed_by(measured.change)
    values = {"current": measured.current, "change": measured.change}
    low, high = change
    at_target = _at_target(outcome, measured.current)
    if low > 0 or at_target:
        return passed(
            f"{says}; {'at its target' if at_target else f'moved by {by}'}",
            looked_at=looked_at,
            values=values,
            valid_until=valid_until(found, max_age_days=max_age_days),
        )
    if high < min_progress * abs(outcome.target - outcome.baseline):
        return failed(
            f"{says}; it moved by {by} in the wanted direction, at best less than "
            f"{min_progress * 100:g} % of the way from baseline to target",
            looked_at=looked_at,
            remedy=f"the owner asks in the next review whether {outcome.name} is to be reached "
            "another way, or the system to be given up, and corrects the target or its playbook "
            "in signals.yaml",
            values=values,
        )
    return _not_shown(outcome, f"{says}; whether it moves is not shown: {by}", found)


def _measured_otherwise(
    ctx: Context, outcome: OutcomeMetric, measured: OutcomeMeasurement, max_age_days: int
) -> str:
    """Why what was measured is not the outcome of the claim, now; empty when it is."""
    if old := ended_long_ago(ctx, measured, within_days=max_age_days + outcome.label_lag_days):
        return old
    between = bounds(measured.baseline)
    # A claim is rounded: a twentieth of the way that is to be gone is no other baseline.
    slack = abs(outcome.target - outcome.baseline) / 20
    if between and between[0] - slack <= outcome.baseline <= between[1] + slack:
        return ""
    return f"its progress is counted from another baseline than the claim's {outcome.baseline:g}"


def _too_early(outcome: OutcomeMetric, measured: OutcomeMeasurement) -> str:
    """Why what was counted is not whole yet; empty when it is."""
    if not (counts_enough(measured.current) and counts_enough(measured.change)):
        return f"expected at least {FEWEST} to be counted"
    if lacking := _fewer_known(measured):
        return lacking
    if measured.window is None:
        return "which days it counted stands nowhere"
    known = measured.window.end + timedelta(days=outcome.label_lag_days)
    if known <= measured.as_of:
        return ""
    return (
        f"it counts until {measured.window.end.date()}, and an outcome is known "
        f"{counted(outcome.label_lag_days, 'day')} later"
    )


def _fewer_known(measured: OutcomeMeasurement) -> str:
    """Why the window's outcomes are no fair part of its rows; empty when they are.

    Whatever stopped being written down may be just what went wrong.
    """
    now, before = measured.known_share, measured.known_share_before
    if now is None or before is None or now >= LEAST_KNOWN * before:
        return ""
    return (
        f"an outcome is written down of {now * 100:.3g} % of its rows, where it was of "
        f"{before * 100:.3g} % in the baseline"
    )


def _at_target(outcome: OutcomeMetric, current: Measured) -> bool:
    between = bounds(current)
    if between is None:
        return False
    low, high = between
    return low >= outcome.target if outcome.direction == "up" else high <= outcome.target


def _not_shown(
    outcome: OutcomeMetric, message: str, found: Recorded[OutcomeMeasurement]
) -> Outcome:
    return unknown(
        "too_few",
        message,
        looked_at=[outcome.where, found.where],
        remedy=f"the owner has outcome {outcome.id} of signals.yaml measured again over more "
        "days, all of which are known",
        values={"current": found.record.current, "change": found.record.change},
    )


def _linked(
    ctx: Context,
    signals: Signals,
    outcome: OutcomeMetric,
    max_age_days: int,
    min_periods: int,
    min_correlation: float,
) -> Outcome:
    """Whether one outcome goes with the quality of a monitor, by the bound of its interval."""
    monitors = {m.id: m for m in signals.of("output_quality")}
    found = latest_in_date(
        ctx,
        QualityOutcomeLink,
        max_age_days=max_age_days,
        missing="no such measurement: how quality and outcome "
        f"{outcome.id} move together was never measured",
        claim=outcome.where,
        remedy=measure_link(ctx.system, outcome),
        matching=lambda link: link.outcome == outcome.id and link.monitor in monitors,
    )
    if isinstance(found, Outcome):
        return found
    link = found.record
    monitor = monitors[link.monitor]
    places = [outcome.where, monitor.where, found.where]
    says = (
        f"quality of monitor {link.monitor} and outcome {outcome.id}: correlation "
        f"{said(link.correlation)}, over periods of {counted(link.period_days, 'day')}"
    )
    between = bounds(link.correlation)
    # How periods go together is drawn from periods that might have been others: never exact.
    sure = between is not None and link.correlation.low is not None
    if between is None or not sure or (link.correlation.n or 0) < min_periods:
        return _more_periods(f"{says}; expected an interval and {min_periods} periods", places,
                             outcome, link)  # fmt: skip
    # An outcome that is wanted to fall goes with quality when it falls as quality rises.
    low, high = between if outcome.direction == "up" else (-between[1], -between[0])
    if high < min_correlation:
        return failed(
            f"{says}; {_wanted(outcome, min_correlation)}",
            looked_at=places,
            remedy=f"the owner chooses a metric of monitor {link.monitor} in signals.yaml that "
            f"{outcome.name} depends on, or an outcome that the system can move",
            values={outcome.id: link.correlation},
        )
    if low <= 0:
        return _more_periods(f"{says}; the interval holds 0", places, outcome, link)
    if abs(link.correlation.value or 0.0) < min_correlation:
        return _more_periods(f"{says}; expected {min_correlation:g}, which it may reach or not",
                             places, outcome, link)  # fmt: skip
    return passed(
        says,
        looked_at=places,
        values={outcome.id: link.correlation},
        valid_until=valid_until(found, max_age_days=max_age_days),
    )


def _wanted(outcome: OutcomeMetric, least: float) -> str:
    """What a correlation should have been, where even the better end of its interval is not."""
    expected = f"at least {least:g}" if outcome.direction == "up" else f"at most -{least:g}"
    return (
        f"the outcome is wanted {outcome.direction}, so expected {expected}, and no part of the "
        "interval reaches that"
    )


def _more_periods(
    message: str, places: list[Where], outcome: OutcomeMetric, link: QualityOutcomeLink
) -> Outcome:
    return unknown(
        "too_few",
        message,
        looked_at=places,
        remedy=f"the owner has outcome {outcome.id} of signals.yaml compared with quality over "
        "more periods, shorter ones if need be",
        values={outcome.id: link.correlation},
    )
