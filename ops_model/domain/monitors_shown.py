"""Which monitors are shown to run: by a measurement of what they watch that is not too old."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

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
from ops_model.domain.limits import ByTier, limit_of
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.policy import Policy
from ops_model.domain.service_levels import Objective, ServiceLevelMeasurement
from ops_model.domain.signals_watched import Monitor, Signal
from ops_model.domain.spend import CeilingWatch, SpendMeasurement

_OF_ANY_SIGNAL: tuple[type[Measurement], ...] = (
    DriftMeasurement, QualityMeasurement, ImportanceMeasurement, ServiceLevelMeasurement,
)  # fmt: skip
_BY_SIGNAL: dict[Signal, type[Measurement]] = {
    "outcome": OutcomeMeasurement,
    "provider_identity": ProviderIdentity,
    "freshness": FreshnessMeasurement,
    "rule_violation": RuleMeasurement,
}
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


def kinds_of(monitor: Monitor) -> tuple[type[Measurement], ...]:
    """The kinds of measurement of which a monitor can have left one."""
    one = _BY_SIGNAL.get(monitor.signal)
    return _OF_ANY_SIGNAL if one is None else (*_OF_ANY_SIGNAL, one)


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


@dataclass(frozen=True)
class Lately:
    """What was measured of a system, and whether that still counts at an instant.

    `policy` may allow another age than the checks do by default.
    """

    system: SystemClaims
    told: ByKind
    at: datetime
    policy: Policy | None = None

    def why_not(self, monitor: Monitor) -> str:
        """Why nothing on record shows that a monitor runs; empty where something does."""
        if monitor.signal == "cost":
            return self._why_not(self._spend, _never(monitor), AGES["cost"])
        of_it = measures(self.system, monitor)
        records = [s.record for s in self.told.of(*kinds_of(monitor)) if of_it(s.record)]
        return self.why_not_by(monitor, records)

    def why_not_by(self, monitor: Monitor, records: Sequence[Record]) -> str:
        """The same, of a monitor's own records; the last of them is enough."""
        if not records and not can_be_measured(self.system, monitor):
            return nothing_measures(monitor)
        return self._why_not(records, _never(monitor), AGES[monitor.signal])

    def why_not_objective(self, objective: Objective) -> str:
        """Why no measurement shows how an objective stands; empty where one does."""
        records = [s.record for s in self.told.of(ServiceLevelMeasurement)]
        of_it = [r for r in records if getattr(r, "objective", None) == objective.id]
        never = f"no measurement of objective {objective.id} is on record"
        return self._why_not(of_it, never, AGES["uptime"])

    def why_not_spend(self) -> str:
        """Why nothing shows that what is spent is looked at; empty where something does."""
        never = "no measurement of what is spent is on record"
        return self._why_not(self._spend, never, AGES["cost"])

    @property
    def _spend(self) -> list[Record]:
        """What watches a cost: the spend that is measured, and the watch of its ceilings."""
        return [s.record for s in self.told.of(SpendMeasurement, CeilingWatch)]

    def counts_for(self, monitor: Monitor) -> timedelta:
        """How old the last measurement of a monitor may be."""
        age = AGES[monitor.signal]
        return timedelta(**{age.unit: self._most(age)})

    def _most(self, age: "Age") -> float:
        policy, tier = self.policy, self.system.identity.tier
        if policy is None:
            return age.default["ABC".index(tier)]
        return limit_of(policy, tier, age.check, age.threshold, age.default)

    def _why_not(self, records: Sequence[Record], never: str, age: "Age") -> str:
        last = max((record.as_of for record in records), default=None)
        if last is None:
            return never
        most, unit = self._most(age), age.unit
        old = (self.at - last) / timedelta(**{unit: 1})
        if old <= most:
            return ""
        return (
            f"last measured {int(old):,} {unit} ago; {age.check} counts none older than {most:g}"
        )


class Age(NamedTuple):
    """The check that says how old a measurement may be, its threshold, and the default of that."""

    check: str
    default: ByTier
    threshold: str = "max_age_days"

    @property
    def unit(self) -> str:
        """In what the threshold counts."""
        return "hours" if self.threshold == "max_age_hours" else "days"


_A_WEEK = (8, 8, 8)
_A_MONTH = (35, 35, 35)
AGES: Mapping[Signal, Age] = {
    "input_distribution": Age("DRF-02", _A_WEEK),
    "confidence": Age("DRF-03", _A_WEEK),
    "importance": Age("DRF-04", _A_MONTH),
    "output_quality": Age("QLT-03", _A_WEEK),
    "outcome": Age("QLT-06", _A_MONTH),
    "latency": Age("SLO-02", _A_WEEK),
    "errors": Age("SLO-02", _A_WEEK),
    "uptime": Age("SLO-02", _A_WEEK),
    "cost": Age("CST-02", (24, 24, 24), "max_age_hours"),
    "freshness": Age("OBS-04", _A_WEEK),
    "provider_identity": Age("OBS-06", _A_WEEK),
    "rule_violation": Age("RUL-01", _A_WEEK),
}
"""By signal, how old the last measurement may be: as old as the check that judges it allows."""


def _never(monitor: Monitor) -> str:
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
