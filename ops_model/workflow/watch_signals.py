"""What the newest measurements of a system say that somebody must know of.

Nothing is measured here, and no verdict is given: the rules are those of the records themselves,
and each concern names the check that judges the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from ops_model.check.recorded import Evidence
from ops_model.check.telling import last_measured
from ops_model.domain.alerts import AlertSeverity, Concern, ConcernKind
from ops_model.domain.bounds import above, at_least
from ops_model.domain.detection import (
    DriftMeasurement,
    ImportanceMeasurement,
    OutcomeMeasurement,
    QualityMeasurement,
)
from ops_model.domain.detection_served import FreshnessMeasurement, ProviderIdentity
from ops_model.domain.evidence import Measurement
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.routes import wakes
from ops_model.domain.signals import Signals
from ops_model.domain.signals_logged import DataFeed
from ops_model.domain.signals_watched import Monitor, Signal
from ops_model.domain.values import iso_utc
from ops_model.domain.wording import counted, said
from ops_model.workflow.watch_served import served_concerns
from ops_model.workflow.watch_silent import silence

_CHECKS: dict[Signal, str] = {
    "input_distribution": "DRF-02", "confidence": "DRF-03", "importance": "DRF-04",
    "output_quality": "QLT-07", "outcome": "QLT-06", "provider_identity": "OBS-06",
}  # fmt: skip


def signal_concerns(
    system: SystemClaims, evidence: Evidence, *, as_of: datetime
) -> Iterator[Concern]:
    """What monitors, feeds, rules, contracts and objectives measured last, where it is amiss.

    Args:
        system: its claims.
        evidence: what counts of the ledger about it by `as_of`.
        as_of: the instant that judges.
    """
    signals = system.signals
    if signals is not None:
        for monitor in signals.monitors:
            yield from _Watching(system, signals, monitor, evidence).concerns(as_of)
        for feed in signals.feeds:
            yield from _feed(system, feed, evidence)
    yield from served_concerns(system, evidence)


@dataclass(frozen=True)
class _Watching:
    """One monitor, and what it measured last."""

    system: SystemClaims
    signals: Signals
    monitor: Monitor
    evidence: Evidence

    def concerns(self, as_of: datetime) -> Iterator[Concern]:
        found = last_measured(self.system, self.monitor, self.evidence)
        if found is not None and (why := _amiss(found.record, self.monitor)):
            severity, remedy = _severity(self.monitor.alert_route), self._playbook()
            concern = self._concern("monitor", severity, _since(found.record), why, remedy)
            yield concern.model_copy(update={"simulated": found.record.simulated})
        if (quiet := silence(self.system, self.monitor, found, as_of)) is not None:
            yield self._concern(
                "silent", quiet.severity, quiet.since, quiet.why, quiet.remedy
            )  # fmt: skip

    def _playbook(self) -> str:
        book = next((p for p in self.signals.playbooks if p.id == self.monitor.playbook), None)
        if book is None or not book.first_15_minutes:
            return f"look at {self.system.id}'s page; monitor {self.monitor.id} has no playbook"
        return f"{book.first_15_minutes[0]} (playbook {book.id})"

    def _concern(
        self, kind: ConcernKind, severity: AlertSeverity, since: datetime, why: str, remedy: str
    ) -> Concern:
        return Concern(
            system=self.system.id, kind=kind, about=self.monitor.id, severity=severity,
            since=since, why=why, remedy=remedy, route=self.monitor.alert_route,
            owner=self.system.ownership.accountable if self.system.ownership else None,
            check=_CHECKS.get(self.monitor.signal),
        )  # fmt: skip


def _severity(route: str | None) -> AlertSeverity:
    """As grave as the claim says: what goes to a pager is a page."""
    return "page" if route is not None and wakes(route) else "ticket"


def _amiss(record: Measurement, monitor: Monitor) -> str:
    """What is wrong by a measurement; empty where nothing is."""
    said_of = ""
    match record:
        case DriftMeasurement() if record.drifted:
            said_of = _drifted(record)
        case QualityMeasurement():
            said_of = _fallen(record) or _below_their_floor(record)
        case ImportanceMeasurement() if _leans_otherwise(record, monitor):
            by = said(record.rank_correlation)
            said_of = f"what it leans on has changed: rank correlation {by}"
        case OutcomeMeasurement() if at_least(record.change, 0) is False:
            said_of = f"outcome {record.outcome} got worse by {said(record.change)}"
        case ProviderIdentity() if record.changed:
            said_of = f"{record.dependency} does not answer as {record.pinned} did when agreed"
    return said_of


def _since(record: Measurement) -> datetime:
    alarm = record.alarm_at if isinstance(record, QualityMeasurement) else None
    begun = datetime.combine(alarm, time(), UTC) if alarm is not None else record.as_of
    return min(begun, record.as_of)


def _fallen(record: QualityMeasurement) -> str:
    if record.alarm_at is None:
        return ""
    now, before = said(record.current), said(record.baseline)
    return f"{record.metric} is {now}, against {before} before: alarm since {record.alarm_at}"


def _below_their_floor(record: QualityMeasurement) -> str:
    low = [
        f"{segment.column} {segment.value} ({said(segment.quality)}, floor {segment.floor:g})"
        for segment in record.segments
        if segment.floor is not None and at_least(segment.quality, segment.floor) is False
    ]
    return f"{record.metric} is below its floor for {', '.join(low)}" if low else ""


def _leans_otherwise(record: ImportanceMeasurement, monitor: Monitor) -> bool:
    limit = monitor.threshold
    return limit is not None and at_least(record.rank_correlation, limit) is False


def _drifted(record: DriftMeasurement) -> str:
    worst = record.drifted[0]
    moved = counted(len(record.drifted), "column")
    signal = record.signal.replace("_", " ")
    return (
        f"{moved} of {len(record.columns)} of {signal} moved beyond the limit, farthest "
        f"{worst.name}: {said(worst.effect)}, where {worst.limit:.3g} is the limit"
    )


def _feed(system: SystemClaims, feed: DataFeed, evidence: Evidence) -> Iterator[Concern]:
    found = evidence.latest(FreshnessMeasurement, matching=lambda r: r.feed == feed.id)
    if found is None:
        return
    record, most = found.record, feed.freshness_max_minutes
    age, since = record.newest_age, record.as_of
    if age.value is None:
        why = f"feed {feed.id} had no row at {iso_utc(record.as_of)}"
    elif above(age, most):
        since = record.as_of - timedelta(minutes=age.value - most)
        why = f"the newest row of feed {feed.id} was {age.value:,.0f} min old at "
        why += iso_utc(record.as_of)
    else:
        return
    yield Concern(
        system=system.id, kind="feed", about=feed.id, severity=_severity(feed.alert_route),
        since=since, why=f"{why}; expected one at most {most:,} min old",
        remedy=f"ask {feed.owner}, who owns the feed, when data comes again",
        owner=feed.owner, route=feed.alert_route, check="OBS-04", simulated=record.simulated,
    )  # fmt: skip
