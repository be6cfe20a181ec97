"""Which monitors have stopped, never began, or are seen by nothing that is recorded."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ops_model.check.recorded import Recorded
from ops_model.domain.alerts import AlertSeverity
from ops_model.domain.evidence import Measurement
from ops_model.domain.monitors_shown import can_be_measured, nothing_measures
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.signals_watched import Monitor, Signal
from ops_model.domain.values import iso_utc

_CADENCE_HOURS = {"hourly": 1, "daily": 24, "weekly": 7 * 24, "monthly": 31 * 24}
_LATE_AFTER = 2
"""A monitor that has not measured for twice its cadence has stopped."""
_LOOKED_AT_EACH_TIME: frozenset[Signal] = frozenset({"cost"})
"""The watch itself reads these in the logs."""


@dataclass(frozen=True)
class Silence:
    """Why nobody knows what a monitor sees, since when, and what to do."""

    severity: AlertSeverity
    since: datetime
    why: str
    remedy: str


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
    if last is None and not can_be_measured(system, monitor):
        return Silence(
            "info", measured, nothing_measures(monitor),
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
