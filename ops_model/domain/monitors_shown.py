"""Which monitors are shown to run: by a measurement of what they watch, and by nothing else."""

from collections.abc import Callable

from ops_model.domain.by_kind import ByKind
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
from ops_model.domain.evidence import Measurement, Record
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.service_levels import ServiceLevelMeasurement
from ops_model.domain.signals_watched import Monitor, Signal
from ops_model.domain.spend import CeilingWatch, SpendMeasurement

MEASURING: tuple[type[Measurement], ...] = (
    DriftMeasurement, QualityMeasurement, ImportanceMeasurement, ServiceLevelMeasurement,
    OutcomeMeasurement, ProviderIdentity, FreshnessMeasurement, RuleMeasurement,
)  # fmt: skip
"""The kinds of measurement that a monitor may leave."""
_BY_OBJECTIVES: dict[Signal, str] = {
    "uptime": "availability", "latency": "latency", "errors": "errors",
}  # fmt: skip


def measures(system: SystemClaims, monitor: Monitor) -> Callable[[Record], bool]:
    """Which records are a measurement of a monitor, whatever its signal."""
    objectives = _objectives(system, monitor)

    def is_of_it(record: Record) -> bool:
        match record:
            case DriftMeasurement() | QualityMeasurement() | ImportanceMeasurement():
                return record.monitor == monitor.id
            case ServiceLevelMeasurement():
                return record.objective in objectives
            case _:
                return _of_its_signal(monitor, record)

    return is_of_it


def _of_its_signal(monitor: Monitor, record: Record) -> bool:
    """True for a record of the one kind that the monitor's signal leaves, about the same thing."""
    match record:
        case OutcomeMeasurement():
            return monitor.signal == "outcome" and record.outcome == monitor.outcome
        case ProviderIdentity():
            return monitor.signal == "provider_identity" and record.canaries == monitor.canaries
        case FreshnessMeasurement():
            return monitor.signal == "freshness" and record.feed == monitor.feed
        case RuleMeasurement():
            return monitor.signal == "rule_violation" and not record.retro_scan
        case _:
            return False


def can_be_measured(system: SystemClaims, monitor: Monitor) -> bool:
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


def nothing_measures(monitor: Monitor) -> str:
    """Why nobody knows whether a monitor runs, of which no measurement can be recorded."""
    return (
        f"nothing measures monitor {monitor.id}: no measurement that is recorded here is of "
        f"its signal, {monitor.signal.replace('_', ' ')}, so whether it runs is not known"
    )


def why_not_shown(system: SystemClaims, monitor: Monitor, told: ByKind) -> str:
    """Why nothing on record shows that a monitor ever ran; empty where something does.

    Args:
        system: whose monitor it is.
        monitor: what is said of it.
        told: what has been shown about the system.
    """
    if monitor.signal == "cost":
        # What watches a cost is the spend that is measured, and the watch of its ceilings.
        shown = bool(told.of(SpendMeasurement, CeilingWatch))
    else:
        is_of_it = measures(system, monitor)
        shown = any(is_of_it(statement.record) for statement in told.of(*MEASURING))
    if shown:
        return ""
    if not can_be_measured(system, monitor):
        return nothing_measures(monitor)
    return f"declared, never measured: no measurement of monitor {monitor.id} is on record"


def _objectives(system: SystemClaims, monitor: Monitor) -> frozenset[str]:
    """The objectives that measure what a monitor watches."""
    levels, by = system.service_levels, _BY_OBJECTIVES.get(monitor.signal)
    found = levels.objectives if levels is not None else ()
    return frozenset(
        o.id
        for o in found
        if o.monitor == monitor.id or (by is not None and o.indicator == by and o.log is not None)
    )
