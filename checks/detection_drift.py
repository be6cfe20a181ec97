"""Whether the model is as sure as it was, leans on the same inputs, and serves what it learned."""

from typing import Annotated

from pydantic import Field

from ops_model.check.answers import no_served_log
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
    not_applicable,
    passed,
    said,
    unknown,
    valid_until,
)
from ops_model.check.measured import (
    FEWEST,
    bounds,
    ended_long_ago,
    farthest,
    last_of,
    moved,
    not_said,
    playbook_of,
)
from ops_model.check.remedies import measure_importances, measure_skew
from ops_model.check.version_served import not_of_this_version, of_another_model
from ops_model.domain.detection import (
    FeatureImportance,
    ImportanceMeasurement,
    SkewMeasurement,
)
from ops_model.domain.signals import Signals
from ops_model.domain.signals_logged import Log
from ops_model.domain.signals_watched import Monitor


@check(
    "DRF-03",
    question="Is the model as sure of its answers as it was?",
    area="detection",
    source=["S1.30", "S4.3"],
    revision=3,
)
def confidence_has_not_moved(ctx: Context, *, max_age_days: int = 8) -> Outcome:
    """How sure a model is moves weeks before a label says that it is wrong."""
    signals, kind = ctx.system.signals, ctx.system.identity.kind
    if signals is None:
        return no_file(ctx, "signals")
    monitors = signals.of("confidence")
    canaries = [m for m in signals.of("provider_identity") if m.automated]
    if not monitors and kind != "predictive" and canaries:
        return not_applicable(
            f"kind {kind}, and no monitor of confidence: canary answers stand in for it "
            f"({', '.join(m.id for m in canaries)})",
            looked_at=[m.where for m in canaries],
        )
    if not monitors:
        instead = "" if kind == "predictive" else ", or one of provider_identity (canary answers)"
        return unknown(
            "missing",
            "no monitor watches confidence, so nobody knows whether the model is as sure as it "
            "was",
            looked_at=[signals.place_of("monitors")],
            remedy="the reliability owner writes a monitor of confidence into signals.yaml, with "
            f"the score as its column and a baseline{instead}",
        )
    return all_of([moved(ctx, monitor, max_age_days=max_age_days) for monitor in monitors])


@check(
    "DRF-04",
    question="Does the model still lean on the same inputs?",
    area="detection",
    source=["S1.30", "S4.3"],
    revision=2,
)
def importances_have_not_moved(
    ctx: Context,
    *,
    min_rank_correlation: Annotated[float, Field(ge=0.5, le=1)] = 0.8,
    min_features: Annotated[int, Field(ge=2)] = 3,
    max_age_days: int = 35,
) -> Outcome:
    """The same accuracy for other reasons is another model, and it fails in other places."""
    signals, kind = ctx.system.signals, ctx.system.identity.kind
    if signals is None:
        return no_file(ctx, "signals")
    monitors = signals.of("importance")
    if not monitors and kind != "predictive":
        return not_applicable(
            f"kind {kind}: nobody can take the importances of a model that is called; input "
            "topics, refusals and canary answers are watched instead (DRF-01)",
            looked_at=[signals.where],
        )
    if not monitors:
        return unknown(
            "missing",
            "no monitor watches importance, so nobody knows what the model leans on",
            looked_at=[signals.place_of("monitors")],
            remedy="the reliability owner writes a monitor of importance into signals.yaml, with "
            "the inputs as columns and a baseline",
        )
    return all_of(
        [_ranked(ctx, m, min_rank_correlation, min_features, max_age_days) for m in monitors]
    )


@check(
    "DRF-06",
    question="Is what the model is given in production what it was trained on?",
    area="detection",
    source=["S1.11", "S4.3"],
    revision=2,
)
def served_as_trained(
    ctx: Context, *, min_rows: Annotated[int, Field(ge=30)] = 100, max_age_days: int = 35
) -> Outcome:
    """It behaves differently in production because it is asked differently there."""
    signals, identity = ctx.system.signals, ctx.system.identity
    if signals is None:
        return no_file(ctx, "signals")
    training = {log.id: log for log in signals.logs if log.holds == "training"}
    own = identity.kind == "predictive" or bool(identity.version.trained_by)
    if not training and not own:
        return not_applicable(
            f"kind {identity.kind}, and nobody of ours trained its version: what it was trained "
            "on is known to others only",
            looked_at=[signals.where],
        )
    if not training:
        return unknown(
            "missing",
            "signals.yaml names no log that holds what the model was trained on",
            looked_at=[signals.place_of("logs")],
            remedy="the reliability owner writes the training data as a log in signals.yaml "
            "(`holds: training`)",
        )
    served = signals.served
    if served is None:
        return no_served_log(signals)
    label = identity.version.label
    found = latest_in_date(
        ctx,
        SkewMeasurement,
        max_age_days=max_age_days,
        missing="no such measurement: what is served was never compared with what "
        f"{label} was trained on",
        claim=next(iter(training.values())).where,
        remedy=measure_skew(ctx.system),
        matching=lambda skew: (
            (skew.version, skew.log) == (label, served.id) and skew.training_log in training
        ),
    )
    if isinstance(found, Outcome):
        return found
    return _skewed(ctx, found, training[found.record.training_log], min_rows, max_age_days)


def _ranked(
    ctx: Context,
    monitor: Monitor,
    min_correlation: float,
    min_features: int,
    max_age_days: int,
) -> Outcome:
    """Whether one monitor found the inputs in the order that they had, by the lower bound."""
    found = last_of(
        ctx,
        ImportanceMeasurement,
        monitor,
        max_age_days=max_age_days,
        missing="no such measurement: how much each input weighs for the model is on no record "
        f"(monitor {monitor.id})",
        remedy=measure_importances(ctx.system, monitor),
    )
    if isinstance(found, Outcome):
        return found
    if (other := of_another_model(ctx, found, monitor)) is not None:
        return other
    measured, looked_at = found.record, [monitor.where, found.where]
    rank = measured.rank_correlation
    between = bounds(rank)
    # An order of inputs is drawn from rows that might have been others: it is never exact.
    sure = between is not None and rank.low is not None
    lacking = {*monitor.columns} - {feature.name for feature in measured.features}
    says = (
        f"monitor {monitor.id}: {counted(len(measured.features), 'input')} in the order of before "
        f"by a rank correlation of {said(rank)}"
    )
    values = {"rank_correlation": rank}
    if rank.value is not None and rank.value < min_correlation:
        return failed(
            f"{says}; expected at least {min_correlation:g}; {_farthest_rank(measured.features)}",
            looked_at=looked_at,
            remedy=f"the reliability owner follows {playbook_of(monitor)} of monitor "
            f"{monitor.id} in signals.yaml: find why the model leans on other inputs, "
            "then retrain, go back or accept a new baseline",
            values=values,
        )
    few = [
        why
        for holds, why in (
            (len(measured.features) < min_features, f"expected at least {min_features}"),
            (bool(lacking), f"left out: {', '.join(sorted(lacking))}"),
            (not sure, "how sure that is stands nowhere"),
            (
                between is not None and between[0] < min_correlation,
                f"expected {min_correlation:g} with the lower end of its interval",
            ),
        )
        if holds
    ]
    if few:
        return unknown(
            "too_few",
            f"{says}; {'; '.join(few)}",
            looked_at=looked_at,
            remedy=f"the reliability owner lengthens window_days of monitor {monitor.id} in "
            "signals.yaml, or gives it all inputs as columns; then measures again",
            values=values,
        )
    return passed(
        says,
        looked_at=looked_at,
        values=values,
        valid_until=valid_until(found, max_age_days=max_age_days),
    )


def _farthest_rank(features: tuple[FeatureImportance, ...]) -> str:
    """The input whose place in the order moved most, as text."""
    before = [f.name for f in sorted(features, key=lambda f: (-f.reference, f.name))]
    now = [f.name for f in sorted(features, key=lambda f: (-f.current, f.name))]
    if not before:
        return "no input is named"
    name = max(before, key=lambda n: (abs(before.index(n) - now.index(n)), n))
    return f"{name} went from place {before.index(name) + 1} to {now.index(name) + 1}"


def _inputs(signals: Signals | None) -> tuple[str, ...]:
    """What the model is given, by what is watched of it."""
    monitors = signals.of("input_distribution") if signals is not None else ()
    return tuple(dict.fromkeys(name for monitor in monitors for name in monitor.columns))


def _skewed(
    ctx: Context,
    found: Recorded[SkewMeasurement],
    training: Log,
    min_rows: int,
    max_age_days: int,
) -> Outcome:
    """Whether what is served lies where it lay in training, column by column."""
    skew, looked_at = found.record, [training.where, found.where]
    rows = f"{skew.rows_serving:,} rows served against {skew.rows_training:,} of training"
    subject, again = f"what was compared with {skew.training_log}", measure_skew(ctx.system)
    served = ctx.system.signals.served if ctx.system.signals is not None else None
    other = not_of_this_version(
        ctx,
        found,
        subject=subject,
        claim=training.where,
        remedy=again,
        rows_by_label=served is not None and served.version is not None,
    )
    if other is not None:
        return other
    if early := ended_long_ago(ctx, skew, within_days=max_age_days):
        return unknown("expired", f"{subject}: {early}", looked_at=looked_at, remedy=again)
    fewest = max(min_rows, FEWEST)
    if not skew.columns or min(skew.rows_serving, skew.rows_training) < fewest:
        return unknown(
            "too_few",
            f"{skew.version}: {rows}, {counted(len(skew.columns), 'column')}; expected at least "
            f"{fewest:,} rows and a column",
            looked_at=looked_at,
            remedy="the reliability owner has more rows served, or the logs of signals.yaml "
            "corrected; then measures again",
        )
    worst = sorted(
        (c for c in skew.columns if c.drifted), key=lambda c: (-(c.effect.value or 0.0), c.name)
    )
    if worst:
        return failed(
            f"{skew.version}: {len(worst)} of {counted(len(skew.columns), 'column')} lie "
            f"elsewhere than in training ({rows}): {farthest(worst)}",
            looked_at=looked_at,
            remedy="the reliability owner finds with the builders where the way from the feeds of "
            "signals.yaml to the model differs from that of training; then it is mended, or the "
            "model trained anew on what is served",
            values={c.name: c.effect for c in worst[:3]},
        )
    if blind := not_said(skew.columns, _inputs(ctx.system.signals)):
        return unknown(
            "too_few",
            f"{skew.version}: {rows}; {'; '.join(blind)}",
            looked_at=looked_at,
            remedy="the reliability owner has the training log of signals.yaml hold every input "
            "that a monitor of input_distribution watches, and enough values of each; then "
            "measures again",
        )
    return passed(
        f"{skew.version}: none of {counted(len(skew.columns), 'column')} lies elsewhere than in "
        f"training ({rows})",
        looked_at=looked_at,
        values={c.name: c.effect for c in skew.columns},
        valid_until=valid_until(found, max_age_days=max_age_days),
    )
