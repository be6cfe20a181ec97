"""How rules, contracts and guardrail suites are measured: what to declare first, then the run."""

from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.signals_logged import DataContract
from ops_model.domain.signals_watched import GuardrailSuite

_RUN = "runs `ops-model run 05_drift_quality {}`"


def measure_rules(system: SystemClaims) -> str:
    """How rules are asked of what was served: each needs a log that is declared."""
    run = _RUN.format(system.id)
    signals = system.signals
    if signals is None or not signals.rules:
        return f"the owner declares a rule and its log in signals.yaml, then {run}"
    unnamed = [rule for rule in signals.rules if signals.log(rule.log) is None]
    if not unnamed:
        return f"the reliability owner {run}"
    logs = ", ".join(dict.fromkeys(rule.log for rule in unnamed))
    return f"the reliability owner declares log {logs} in signals.yaml, then {run}"


def measure_contracts(system: SystemClaims, contract: DataContract | None = None) -> str:
    """How a contract is judged: its log has to be declared, and its suite to be written."""
    run = _RUN.format(system.id)
    signals = system.signals
    if signals is None or (contract is None and not signals.contracts):
        return f"the owner declares a contract in signals.yaml, then {run}"
    one = contract or signals.contracts[0]
    if signals.log(one.log) is None:
        return f"the reliability owner declares log {one.log} in signals.yaml, then {run}"
    return f"the reliability owner {run}"


def measure_guardrails(system: SystemClaims, suite: GuardrailSuite | None = None) -> str:
    """How a suite is measured: its results have to be logged, with the version that answered."""
    run = _RUN.format(system.id)
    signals = system.signals
    if signals is None or (suite is None and not signals.guardrails):
        return f"the owner declares a guardrail suite in signals.yaml, then {run}"
    one = suite or signals.guardrails[0]
    log = signals.log(one.log)
    lacking = (
        f"a log of the results (`holds: guardrail_results`) of suite {one.id}"
        if log is None
        else f"`version` of log {log.id}"
        if log.version is None
        else ""
    )
    if lacking:
        return f"the reliability owner declares {lacking} in signals.yaml, then {run}"
    return (
        f"the reliability owner has {system.identity.version.label} tried on suite {one.id} and "
        f"the results logged, then {run}"
    )
