"""Which monitors have stopped, never began, or are seen by nothing that is recorded."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ops_model.check.recorded import Evidence, Recorded
from ops_model.domain.alerts import AlertSeverity
from ops_model.domain.detection import (
    DriftMeasurement,
    ImportanceMeasurement,
    OutcomeMeasurement,
    QualityMeasurement,
)
from ops_model.domain.detection_served import (
    FreshnessMeasurement,
    ProviderIdentity,
    RuleMeasurement,
)
from ops_model.domain.evidence import Measurement
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.service_levels import ServiceLevelMeasurement
from ops_model.domain.signals_watched import Monitor, Signal
from ops_model.domain.values import iso_utc

_CADENCE_HOURS = {"hourly": 1, "daily": 24, "weekly": 7 * 24, "monthly": 31 * 24}
_LATE_AFTER = 2
"""A monitor that has not measured for twice its cadence has stopped."""
_BY_OBJECTIVES: dict[Signal, str] = {
    "uptime": "availability", "latency": "latency", "errors": "errors",
}  # fmt: skip
_LOOKED_AT_EACH_TIME: frozenset[Signal] = frozenset({"cost"})
"""The watch itself reads these in the logs."""


@dataclass(frozen=True)
class Silence:
    """Why nobody knows what a monitor sees, since when, and what to do."""

    severity: AlertSeverity
    since: datetime
    why: str
    remedy: str


def last_of(
    system: SystemClaims, monitor: Monitor, evidence: Evidence
) -> Recorded[Measurement] | None:
    """The newest measurement of a monitor, whatever its signal."""
    m, objectives = monitor, _objectives(system, monitor)
    found: list[Recorded[Any] | None] = [
        evidence.latest(DriftMeasurement, matching=lambda r: r.monitor == m.id),
        evidence.latest(QualityMeasurement, matching=lambda r: r.monitor == m.id),
        evidence.latest(ImportanceMeasurement, matching=lambda r: r.monitor == m.id),
        evidence.latest(ServiceLevelMeasurement, matching=lambda r: r.objective in objectives),
    ]
    match m.signal:
        case "outcome":
            found.append(
                evidence.latest(OutcomeMeasurement, matching=lambda r: r.outcome == m.outcome)
            )
        case "provider_identity":
            found.append(
                evidence.latest(ProviderIdentity, matching=lambda r: r.canaries == m.canaries)
            )
        case "freshness":
            found.append(
                evidence.latest(FreshnessMeasurement, matching=lambda r: r.feed == m.feed)
            )
        case "rule_violation":
            found.append(evidence.latest(RuleMeasurement, matching=lambda r: not r.retro_scan))
        case _:
            pass
    known = [one for one in found if one is not None]
    return max(known, key=lambda e: e.record.as_of) if known else None


def silence(
    system: SystemClaims, monitor: Monitor, last: Recorded[Measurement] | None, as_of: datetime
) -> Silence | None:
    """Whether a monitor that is said to run by itself has not measured for twice its cadence.

    One that never measured counts from when the system began to serve people. Where nothing that
    is recorded could show that it runs, that is said for reading.

    Args:
        system: whose monitor it is.
        monitor: what is said of it.
        last: its newest measurement.
        as_of: the instant that judges.
    """
    identity = system.identity
    if not monitor.automated or monitor.signal in _LOOKED_AT_EACH_TIME:
        return None
    if identity.stage_at(as_of) == "retired":
        return None
    begun = identity.went_live_at if identity.in_production_at(as_of) else None
    measured = last.record.as_of if last is not None else begun
    if measured is None:
        return None
    if last is None and not _can_be_measured(system, monitor):
        return Silence(
            "info", measured,
            f"nothing measures monitor {monitor.id}: no measurement that is recorded here is of "
            f"its signal, {monitor.signal.replace('_', ' ')}, so whether it runs is not known",
            "name what shows it: an objective with a log, the log of its feed or outcome, a rule",
        )  # fmt: skip
    due = measured + timedelta(hours=_CADENCE_HOURS[monitor.cadence] * _LATE_AFTER)
    if due >= as_of:
        return None
    never = f"monitor {monitor.id} has never measured, and people are served since "
    before = f"monitor {monitor.id} measured last as of "
    return Silence(
        "ticket", due,
        f"{never if last is None else before}{iso_utc(measured)}; it is to measure "
        f"{monitor.cadence}",
        "look at what calls `ops-model run --due`, then run what is due; or write the cadence at "
        "which it does measure",
    )  # fmt: skip


def _objectives(system: SystemClaims, monitor: Monitor) -> frozenset[str]:
    """The objectives that measure what a monitor watches."""
    levels, by = system.service_levels, _BY_OBJECTIVES.get(monitor.signal)
    found = levels.objectives if levels is not None else ()
    return frozenset(
        o.id
        for o in found
        if o.monitor == monitor.id or (by is not None and o.indicator == by and o.log is not None)
    )


def _can_be_measured(system: SystemClaims, monitor: Monitor) -> bool:
    """True where some measurement that the notebooks record is of its signal."""
    signals = system.signals
    if signals is None:
        return False
    match monitor.signal:
        case "uptime" | "latency" | "errors":
            return bool(_objectives(system, monitor))
        case "freshness":
            return any(f.id == monitor.feed and f.log is not None for f in signals.feeds)
        case "rule_violation":
            return bool(signals.rules)
        case "outcome":
            return any(o.id == monitor.outcome and o.log is not None for o in signals.outcomes)
        case _:
            return True
