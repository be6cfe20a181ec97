"""What the newest measurements say of what is served: rules, contracts, guardrails, objectives."""

from collections.abc import Iterator

from ops_model.check.recorded import Evidence
from ops_model.domain.alerts import SEVERITIES, AlertSeverity, Concern
from ops_model.domain.bounds import above, at_least
from ops_model.domain.detection_served import (
    ContractMeasurement,
    GuardrailMeasurement,
    RuleMeasurement,
)
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.service_levels import (
    BurnRate,
    BurnRateAlert,
    Objective,
    ServiceLevelMeasurement,
)
from ops_model.domain.signals import BusinessRule
from ops_model.domain.signals_logged import DataContract
from ops_model.domain.signals_watched import GuardrailSuite
from ops_model.domain.wording import counted, said


def served_concerns(system: SystemClaims, evidence: Evidence) -> Iterator[Concern]:
    """Rules that are broken, contracts and guardrails that do not hold, budgets that burn."""
    signals, levels = system.signals, system.service_levels
    if signals is not None:
        route = next((m.alert_route for m in signals.of("rule_violation") if m.alert_route), None)
        for rule in signals.rules:
            yield from _rule(system, rule, evidence, route)
        for contract in signals.contracts:
            yield from _contract(system, contract, evidence)
        for suite in signals.guardrails:
            yield from _guardrail(system, suite, evidence)
    for objective in levels.objectives if levels is not None else ():
        yield from _budget(system, objective, evidence)


def _rule(
    system: SystemClaims, rule: BusinessRule, evidence: Evidence, route: str | None
) -> Iterator[Concern]:
    found = evidence.latest(
        RuleMeasurement, matching=lambda r: r.rule == rule.id and not r.retro_scan
    )
    if found is None:
        return
    record, why = found.record, ""
    if record.error is not None:
        why = f"rule {rule.id} could not be judged"
    elif above(record.violations, float(rule.limit_share)):
        limit = f"{float(rule.limit_share) * 100:.3g} %"
        why = f"rule {rule.id} is broken by {said(record.violations)} of what was served; at most "
        why += f"{limit} may"
    if why:
        yield Concern(
            system=system.id, kind="rule", about=rule.id, route=route,
            severity="page" if rule.severity == "block" else "ticket", since=record.as_of,
            why=why, remedy=f"{rule.owner} looks at the rows that break it, in N06",
            owner=rule.owner, check="RUL-01", simulated=record.simulated,
        )  # fmt: skip


def _contract(
    system: SystemClaims, contract: DataContract, evidence: Evidence
) -> Iterator[Concern]:
    found = evidence.latest(ContractMeasurement, matching=lambda r: r.contract == contract.id)
    if found is None:
        return
    record = found.record
    amiss = [r for r in record.results if r.state != "PASS" and r.severity != "info"]
    if record.error is None and not amiss:
        return
    why = (
        f"contract {contract.id} could not be judged: {record.error}"
        if record.error is not None
        else f"{counted(len(amiss), 'expectation')} of {len(record.results)} of contract "
        f"{contract.id} did not hold for log {record.log}"
    )
    yield Concern(
        system=system.id, kind="contract", about=contract.id, severity="ticket",
        since=record.as_of, why=why, owner=contract.owner, simulated=record.simulated,
        remedy=f"{contract.owner} looks at the rows that came, with whoever delivers the log",
    )  # fmt: skip


def _guardrail(
    system: SystemClaims, suite: GuardrailSuite, evidence: Evidence
) -> Iterator[Concern]:
    found = evidence.latest(GuardrailMeasurement, matching=lambda r: r.suite == suite.id)
    if found is None or at_least(found.record.passed, float(suite.floor)) is not False:
        return
    floor = f"{float(suite.floor) * 100:.3g} %"
    yield Concern(
        system=system.id, kind="guardrail", about=suite.id, severity="ticket",
        since=found.record.as_of, check="RUL-04", owner=_accountable(system),
        simulated=found.record.simulated,
        why=f"guardrail {suite.id}: {said(found.record.passed)} answered as they must be by "
        f"version {found.record.version}; the floor is {floor}",
        remedy="go back to the version before, or take what it lets through out of its reach",
    )  # fmt: skip


def _budget(system: SystemClaims, objective: Objective, evidence: Evidence) -> Iterator[Concern]:
    found = evidence.latest(
        ServiceLevelMeasurement, matching=lambda r: r.objective == objective.id
    )
    if found is None:
        return
    record = found.record
    burning = [
        (alert, rate)
        for alert in objective.alerts for rate in record.burn
        if rate.hours == alert.lookback_hours and _burns(rate)
    ]  # fmt: skip
    # The file may name the alert that can wait before the one that wakes somebody.
    gravest = sorted(burning, key=lambda one: -SEVERITIES.index(one[0].severity))
    for alert, rate in gravest[:1]:
        yield _burning(system, record, alert, rate)
    if not burning and at_least(record.budget_left, 0) is False:
        yield Concern(
            system=system.id, kind="budget", about=objective.id, severity="ticket",
            since=record.as_of, check="SLO-02", owner=_accountable(system),
            simulated=record.simulated,
            why=f"objective {objective.id} has spent more than its error budget: "
            f"{said(record.good)} good, where {record.target * 100:.4g} % is the target",
            remedy="stop what can wait until the budget is back, and find what spent it",
            route=next((a.alert_route for a in objective.alerts if a.severity == "ticket"), None),
        )  # fmt: skip


def _burning(
    system: SystemClaims, record: ServiceLevelMeasurement, alert: BurnRateAlert, rate: BurnRate
) -> Concern:
    severity: AlertSeverity = alert.severity
    return Concern(
        system=system.id, kind="budget", about=record.objective, severity=severity,
        since=record.as_of, check="SLO-02", owner=_accountable(system), route=alert.alert_route,
        simulated=record.simulated,
        why=f"the error budget of {record.objective} burns {said(rate.rate)} as fast as it may "
        f"over {rate.hours:g} h; {alert.burn_rate:g} times is the limit",
        remedy="find what fails, and go back to the version before if that came with it",
    )  # fmt: skip


def _burns(rate: BurnRate) -> bool:
    """Both windows are above: an alert that rings after the fault is over wakes for nothing."""
    rates = [rate.rate, *([rate.short] if rate.short is not None else [])]
    return all(one.value is not None and one.value > rate.limit for one in rates)


def _accountable(system: SystemClaims) -> str | None:
    return system.ownership.accountable if system.ownership is not None else None
