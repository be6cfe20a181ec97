"""Records that a system in order has, for the checks of quality and of drift; see `builders`.

Each is about what the system's own claims name: a monitor, an outcome, a log.
"""

from datetime import timedelta

from ops_model.domain.detection import (
    CauseBranch,
    ChangeDecomposition,
    ColumnDrift,
    FeatureImportance,
    ImportanceMeasurement,
    OutcomeMeasurement,
    QualityOutcomeLink,
    SegmentEffect,
    SkewMeasurement,
)
from ops_model.domain.evidence import InputIdentity, Measured, Record
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.signals import OutcomeMetric, Signals
from ops_model.domain.values import Window
from tests.builders import AS_OF, a_column, a_drift, exact, refs_of

FEATURES = ("wind", "temp", "hour")


def records(system: SystemClaims) -> tuple[Record, ...]:
    """What those checks ask to be shown."""
    signals = system.signals
    if signals is None:
        return ()
    watched = signals.of("output_quality")
    return (
        *(a_split(system, monitor=m.id) for m in watched),
        *(an_outcome(system, o) for o in signals.outcomes),
        *(a_link(system, monitor=m.id, outcome=o.id)
          for m in watched[:1] for o in signals.outcomes),
        *(a_drift(system, monitor=m.id, signal="confidence", columns=(a_column("probability"),))
          for m in signals.of("confidence")),
        *(an_importance(system, monitor=m.id, features=features(*m.columns or FEATURES))
          for m in signals.of("importance")),
        *(a_skew(system, training_log=log.id, log=served(signals), columns=columns_of(signals))
          for log in signals.logs if log.holds == "training"),
    )  # fmt: skip


def served(signals: Signals) -> str:
    """The log of what was served, by its id."""
    return signals.served.id if signals.served is not None else "served"


def columns_of(signals: Signals) -> tuple[ColumnDrift, ...]:
    """Every column whose inputs are watched, none of which moved."""
    watched = (name for m in signals.of("input_distribution") for name in m.columns)
    return tuple(a_column(name) for name in dict.fromkeys(watched)) or (a_column(),)


def _of(system: SystemClaims, values: dict, changes: dict) -> dict:
    common = {"system": system.id, "as_of": AS_OF, "claims": refs_of(system, "signals")}
    return {**common, **values, **changes}


def a_split(system: SystemClaims, **changes) -> ChangeDecomposition:
    """A fall of 5 points: 1 by more cases of JFK, 3.5 by worse ones, and half a point left."""
    values = {
        "monitor": "quality",
        "metric": "accuracy",
        "change": exact(-0.05, "share", 1000),
        "segments": (
            an_effect("JFK", mix=-0.01, quality=-0.035),
            an_effect("EWR", mix=0.0, quality=0.0),
        ),
        "rest": exact(-0.005, "share", 1000),
        "causes": (
            CauseBranch(branch="data_source", changed=False, why="no column moved"),
            CauseBranch(branch="provider", changed=None, why="nobody is asked"),
        ),
    }
    return ChangeDecomposition(**_of(system, values, changes))


def an_effect(value: str, *, mix: float, quality: float) -> SegmentEffect:
    return SegmentEffect(
        column="origin",
        value=value,
        mix=exact(mix, "share", 1000),
        quality=exact(quality, "share", 1000),
    )


def an_outcome(system: SystemClaims, outcome: OutcomeMetric, **changes) -> OutcomeMeasurement:
    """Four tenths of the way to the target, give or take a tenth."""
    way = outcome.target - outcome.baseline
    known = AS_OF - timedelta(days=outcome.label_lag_days)
    values = {
        "outcome": outcome.id,
        "window": Window(start=known - timedelta(days=28), end=known),
        "current": between(outcome.baseline + 0.4 * way, 0.1 * abs(way)),
        "baseline": exact(outcome.baseline, "share", 5000),
        "change": between(0.4 * abs(way), 0.1 * abs(way)),
    }
    return OutcomeMeasurement(**_of(system, values, changes))


def between(value: float, half: float, unit: str = "share", n: int = 5000) -> Measured:
    return Measured(value=value, unit=unit, n=n, low=value - half, high=value + half)


def a_link(system: SystemClaims, **changes) -> QualityOutcomeLink:
    values = {
        "monitor": "quality",
        "outcome": "gates-kept",
        "correlation": between(0.6, 0.3, "r", 16),
        "period_days": 7,
    }
    return QualityOutcomeLink(**_of(system, values, changes))


def features(*names: str) -> tuple[FeatureImportance, ...]:
    """Each weighs half of the one before, then and now."""
    return tuple(
        FeatureImportance(name=name, reference=0.5**place, current=0.5**place)
        for place, name in enumerate(names)
    )


def the_model_file(system: SystemClaims) -> tuple[InputIdentity, ...]:
    """What identifies the model file of the version that serves, where its digest is written."""
    version = system.identity.version
    if version.model_digest is None:
        return ()
    return (
        InputIdentity(
            address=version.model_ref, kind="file", files=1, bytes=900, digest=version.model_digest
        ),
    )


def an_importance(system: SystemClaims, **changes) -> ImportanceMeasurement:
    """The model file that serves was asked, and leans on what it leaned on."""
    values = {
        "monitor": "importance",
        "inputs": the_model_file(system),
        "method": "permutation",
        "rank_correlation": Measured(value=0.95, unit="rho", n=3, low=0.9, high=1.0),
        "features": features(*FEATURES),
    }
    return ImportanceMeasurement(**_of(system, values, changes))


def a_skew(system: SystemClaims, **changes) -> SkewMeasurement:
    values = {
        "log": "served",
        "training_log": "training",
        "version": system.identity.version.label,
        "rows_training": 9000,
        "rows_serving": 2000,
        "columns": (a_column(),),
    }
    return SkewMeasurement(**_of(system, values, changes))
