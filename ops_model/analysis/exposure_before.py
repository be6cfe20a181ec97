"""What stood there before an incident began: owner, runbook, monitor, ceiling, drills."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from ops_model.domain.condition import parse
from ops_model.domain.evidence import Statement
from ops_model.domain.exposure import WasItThere
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.incidents import Incident
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.rollback import RollbackDrill
from ops_model.domain.signals_watched import Monitor
from ops_model.domain.values import ClaimFile

_HOUR = timedelta(hours=1)


def monitors_of(system: SystemClaims, incident: Incident) -> tuple[Monitor, ...]:
    """The monitors that watch this failure: the incident's own, and those of its failure mode."""
    modes = {mode.id: mode.detect_by for mode in system.identity.failure_modes}
    watching = {incident.monitor, *modes.get(incident.failure_mode or "", ())}
    monitors = system.signals.monitors if system.signals is not None else ()
    return tuple(m for m in monitors if m.id in watching)


def stood_before(
    system: SystemClaims,
    incident: Incident,
    told: Sequence[Statement],
    *,
    as_of: datetime,
    alarmed: bool = False,
) -> Iterator[WasItThere]:
    """Each thing that the first minutes need, and since when something shows that it stood.

    What people declared counts from the day that they declared it, a drill from the day on record.
    A monitor that alarms only after such an incident is over was there, and of no use. One goes on
    until `as_of` where it is not over; `alarmed` is that an alarm on record came in its time.
    """
    began = incident.onset_earliest or incident.detected_at
    drills: Mapping[str, list[datetime]] = {
        "rollback_drill": [
            s.record.done_at
            for s in told
            if isinstance(s.record, RollbackDrill) and s.record.passed
        ],
        "fallback_drill": [
            s.record.done_at
            for s in told
            if isinstance(s.record, FallbackDrill) and s.record.passed
        ],
    }
    for thing, since, what in (
        ("owner", _declared(system.ownership), "ownership.yaml"),
        ("runbook", _runbook(system), "the runbook in rollback.yaml"),
        ("ceiling", _ceiling(system), "a ceiling per day in cost.yaml"),
        ("rollback_drill", min(drills["rollback_drill"], default=None), "a rollback drill"),
        ("fallback_drill", min(drills["fallback_drill"], default=None), "a fallback drill"),
    ):
        yield WasItThere.model_validate(_stood(thing, since, what, began))
    yield _watched(system, incident, as_of=as_of, alarmed=alarmed)


def _stood(thing: str, since: datetime | None, what: str, began: datetime) -> dict[str, object]:
    if since is None:
        said = f"{what}: nothing on record shows since when, or that it is there at all"
        return {"thing": thing, "there": False, "why": said}
    there = since <= began
    said = f"{what}, since {since.date()}" if there else f"{what} only since {since.date()}"
    return {"thing": thing, "there": there, "since": since, "why": said}


def _declared(file: ClaimFile | None) -> datetime | None:
    return file.declared.at if file is not None and file.declared is not None else None


def _runbook(system: SystemClaims) -> datetime | None:
    there = system.rollback is not None and system.rollback.runbook is not None
    return _declared(system.rollback) if there else None


def _ceiling(system: SystemClaims) -> datetime | None:
    ceilings = system.cost.ceilings if system.cost is not None else ()
    there = any(c.scope == "system" and c.per == "day" for c in ceilings)
    return _declared(system.cost) if there else None


def _watched(
    system: SystemClaims, incident: Incident, *, as_of: datetime, alarmed: bool
) -> WasItThere:
    """Whether a monitor of this failure stood before it, and could alarm before it was over.

    One that counts a rule broken cannot have stood before its rule.
    """
    began = incident.onset_earliest or incident.detected_at
    since = {m: at for m in monitors_of(system, incident) if (at := _since(system, m))}
    if not since:
        return WasItThere.model_validate(
            _stood("monitor", None, "a monitor of this failure", began)
        )
    lasted = (incident.contained_at or incident.restored_at or as_of) - began
    before = [m for m in since if since[m] <= began]
    quick = [m for m in before if alarmed or _alarms_within(m) <= lasted]
    first = min(quick or before or since, key=lambda monitor: since[monitor])
    stood = _stood("monitor", since[first], f"monitor {first.id}", began)
    if before and not quick:
        needs, ran = _alarms_within(first) / _HOUR, lasted / _HOUR
        slow = (
            f"there, but too slow: it alarms within {needs:,.0f} h, and this ran for {ran:.3g} h"
        )
        stood |= {"there": False, "why": f"{stood['why']}; {slow}"}
    return WasItThere.model_validate(stood)


def _alarms_within(monitor: Monitor) -> timedelta:
    """How soon it alarms: as declared or by its cadence, else once its window has filled."""
    hours = monitor.notices_within_hours
    return timedelta(hours=hours) if hours is not None else timedelta(days=monitor.window_days)


def _since(system: SystemClaims, monitor: Monitor) -> datetime | None:
    declared = _declared(system.signals)
    rules = system.signals.rules if system.signals is not None else ()
    taught = [
        datetime.combine(rule.active_from, datetime.min.time(), UTC)
        for rule in rules
        if monitor.signal == "rule_violation"
        and rule.log == monitor.log
        and set(monitor.columns) <= set(parse(rule.expr).columns)
    ]
    return max([declared, min(taught)]) if declared is not None and taught else declared
