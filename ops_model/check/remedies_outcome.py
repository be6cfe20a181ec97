"""How provider, outcome and the two together are measured: what to declare first, then the run."""

from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.signals import OutcomeMetric
from ops_model.domain.system import Dependency

_RUN = "runs `ops-model run 05_drift_quality {}`"


def measure_provider(system: SystemClaims, provider: Dependency | None = None) -> str:
    """How it is shown which model answers: fixed questions are asked each day, and logged."""
    run = _RUN.format(system.id)
    providers = [d for d in system.identity.dependencies if d.kind == "model_provider"]
    one = provider or next(iter(providers), None)
    if one is None:
        return f"the owner names whoever serves the model in system.yaml, then {run}"
    signals = system.signals
    asked = [c for c in signals.canaries if c.dependency == one.id] if signals is not None else []
    if signals is None or not asked:
        return (
            f"the reliability owner has provider {one.id} asked the same questions each day, logs "
            "the answers, and declares the log, a baseline and `canaries` in signals.yaml, then "
            f"{run}"
        )
    needs = {
        "the log": signals.log(asked[0].log) is not None,
        "the baseline": signals.baseline(asked[0].baseline) is not None,
    }
    lacking = [what for what, there in needs.items() if not there]
    if lacking:
        return (
            f"the reliability owner declares {' and '.join(lacking)} of canaries {asked[0].id} in "
            f"signals.yaml, then {run}"
        )
    return f"the reliability owner {run}"


def measure_outcome(system: SystemClaims, outcome: OutcomeMetric | None = None) -> str:
    """How an outcome is measured: it needs a log, a column, and the span of its baseline."""
    run = _RUN.format(system.id)
    signals = system.signals
    one = outcome or (next(iter(signals.outcomes), None) if signals is not None else None)
    if signals is None or one is None:
        return f"the owner declares an outcome and its log in signals.yaml, then {run}"
    needs = {
        "`log`": signals.log(one.log) is not None,
        "`value`": one.value is not None,
        "`baseline_span`": signals.baseline(one.baseline_span) is not None,
    }
    return _once(one, needs, run)


def measure_link(system: SystemClaims, outcome: OutcomeMetric | None = None) -> str:
    """How quality and outcome are compared: over the log of each."""
    run = _RUN.format(system.id)
    signals = system.signals
    one = outcome or (next(iter(signals.outcomes), None) if signals is not None else None)
    if signals is None or one is None:
        return f"the owner declares an outcome and its log in signals.yaml, then {run}"
    if not signals.of("output_quality"):
        return (
            "the reliability owner writes a monitor of output_quality into signals.yaml, then "
            f"{run}"
        )
    needs = {"`log`": signals.log(one.log) is not None, "`value`": one.value is not None}
    return _once(one, needs, run)


def _once(outcome: OutcomeMetric, needs: dict[str, bool], run: str) -> str:
    lacking = [what for what, there in needs.items() if not there]
    if not lacking:
        return f"the reliability owner {run}"
    named = " and ".join(lacking)
    return f"the owner declares {named} of outcome {outcome.id} in signals.yaml, then {run}"
