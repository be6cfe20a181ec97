"""One incident looked at afterwards: who knew first, whom it reached, what was there before.

Only what a log or the ledger shows is counted. What the incident's file states is passed on as
stated, and what nothing tells is left out with the reason.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from ops_model.analysis.exposure_before import monitors_of, stood_before
from ops_model.domain.detection import DriftMeasurement, QualityMeasurement
from ops_model.domain.evidence import InputIdentity, Measured, Statement
from ops_model.domain.exposure import IncidentReview
from ops_model.domain.incidents import Incident
from ops_model.domain.operating_model import INCIDENTS_FOLDER, SystemClaims
from ops_model.domain.values import Window, claim_digest, iso_utc

if TYPE_CHECKING:
    import ibis

_HOUR = timedelta(hours=1)
_STATED = "stated in the incident's file, not measured"


@dataclass(frozen=True)
class Served:
    """How many rows a log holds between an onset and the end; `begins` is its oldest row."""

    log: str
    since_earliest: int
    since_latest: int
    begins: datetime | None


def count_served(
    table: "ibis.Table", *, log: str, timestamp: str, span: tuple[datetime, datetime, datetime]
) -> Served:
    """Count the rows of a served log from each onset until the end.

    Args:
        table: one row a decision, bounded by the instant that judges; needs `timestamp`.
        log: the log's id, for what is said about it.
        timestamp: the column that says when a row was served.
        span: the earliest onset, the latest onset, and the end, which is not included.
    """
    import ibis

    earliest, latest, end = span
    at = table[timestamp]
    before_end = at < ibis.literal(end)
    row = table.aggregate(
        early=(before_end & (at >= ibis.literal(earliest))).sum(),
        late=(before_end & (at >= ibis.literal(latest))).sum(),
        begins=at.min(),
    ).to_pyarrow()
    found = row.to_pylist()[0]
    begins = found["begins"]
    return Served(
        log=log,
        since_earliest=int(found["early"] or 0),
        since_latest=int(found["late"] or 0),
        begins=begins.astimezone(UTC) if begins is not None else None,
    )


def span_of(incident: Incident, *, as_of: datetime) -> tuple[datetime, datetime, datetime] | None:
    """The earliest and the latest onset, and the end; None where no onset is estimated.

    An incident that is not contained by `as_of` goes on until then.
    """
    onsets = [at for at in (incident.onset_earliest, incident.onset_latest) if at is not None]
    if not onsets:
        return None
    return min(onsets), max(onsets), _contained(incident, as_of) or as_of


def _contained(incident: Incident, as_of: datetime) -> datetime | None:
    at = incident.contained_at
    return at if at is not None and at <= as_of else None


def measure_incident(
    system: SystemClaims,
    incident: Incident,
    statements: Sequence[Statement],
    served: Sequence[Served],
    *,
    as_of: datetime,
    inputs: tuple[InputIdentity, ...] = (),
    simulated: bool = False,
) -> IncidentReview:
    """Who knew first, how long it ran, whom it reached, and what stood there before.

    Args:
        system: the claims of the system.
        incident: one of its incidents.
        statements: what is on record about the system.
        served: the rows of each log of what was served, as `count_served` counts them.
        as_of: the instant that judges; what was recorded later does not count.
        inputs: the identities of those logs.
        simulated: true when those rows are made up.
    """
    told = [s for s in statements if s.as_of <= as_of]
    span = span_of(incident, as_of=as_of)
    too_early = _before_its_life(system, span)
    span = None if too_early else span
    alert = _first_alert(system, incident, told)
    reported = incident.customer_reported_at
    decisions, why_not = _decisions(span, served, goes_on=_contained(incident, as_of) is None)
    why_not = [too_early] if too_early else why_not
    files = {f"{INCIDENTS_FOLDER}/{incident.id}.yaml", "signals.yaml"}
    return IncidentReview(
        system=system.id,
        as_of=as_of,
        claims=tuple(ref for ref in system.claim_refs() if ref.file in files),
        inputs=inputs,
        window=Window(start=span[0], end=span[2]) if span is not None else None,
        simulated=simulated,
        incident=incident.id,
        text_digest=claim_digest(incident),
        onset_earliest=incident.onset_earliest,
        onset_latest=incident.onset_latest,
        contained_at=_contained(incident, as_of),
        first_alert_at=alert,
        customer_reported_at=reported,
        lead_hours=_timed(alert, reported) if alert and reported else None,
        detection_hours=_detection(span, incident.detected_at),
        decisions=decisions,
        customers=_customers(incident),
        money=_money(incident),
        not_counted="; ".join([*why_not, *_unstated(incident)]),
        before=tuple(
            stood_before(
                system, incident, told, as_of=as_of, alarmed=_in_time(alert, incident, as_of)
            )
        ),
    )


def _before_its_life(
    system: SystemClaims, span: tuple[datetime, datetime, datetime] | None
) -> str:
    """Why nothing is counted from an onset that lies before the system's first stage, or ''."""
    first = min((change.at for change in system.identity.stage_history), default=None)
    if span is None or first is None or span[0] >= first:
        return ""
    return (
        f"detection and decisions: the onset {iso_utc(span[0])} lies before the system's first "
        f"stage, {iso_utc(first)} by stage_history"
    )


def _in_time(alert: datetime | None, incident: Incident, as_of: datetime) -> bool:
    """True when an alarm came before it was contained."""
    return alert is not None and alert <= (_contained(incident, as_of) or as_of)


def _timed(since: datetime, until: datetime) -> Measured:
    return Measured(value=(until - since) / _HOUR, unit="hours", n=1, no_interval="single timing")


def _detection(
    span: tuple[datetime, datetime, datetime] | None, detected: datetime
) -> Measured | None:
    """Hours from onset to detection; the onset is an estimate, so they are bounded by it."""
    if span is None:
        return None
    high, low = (detected - span[0]) / _HOUR, (detected - span[1]) / _HOUR
    if high == low:
        return Measured(value=high, unit="hours", n=1, no_interval="single timing")
    middle = (low + high) / 2
    return Measured(value=middle, unit="hours", n=1, low=low, high=high, level=1.0)


def _decisions(
    span: tuple[datetime, datetime, datetime] | None, served: Sequence[Served], *, goes_on: bool
) -> tuple[Measured | None, list[str]]:
    """Decisions between onset and containment, counted from the earliest onset; and what is not.

    The value is the most that the estimate of the onset allows, so that nobody is left out.
    """
    if span is None:
        return None, ["decisions: the incident's file estimates no onset"]
    if not served:
        return None, ["decisions: signals.yaml declares no log of predictions"]
    high = sum(s.since_earliest for s in served)
    low = sum(s.since_latest for s in served)
    notes = [
        f"decisions: log {s.log} begins on {iso_utc(s.begins)}, after the onset"
        if s.begins is not None
        else f"decisions: log {s.log} holds no row"
        for s in served
        if s.begins is None or s.begins > span[0]
    ]
    if goes_on:
        notes.append("decisions: it is not contained, so they are counted up to this instant")
    if high == 0 and notes:
        return None, notes
    bounds = {"no_interval": "exact"} if low == high else {"low": low, "high": high, "level": 1.0}
    return Measured.model_validate(
        {"value": high, "unit": "decisions", "n": high, **bounds}
    ), notes


def _customers(incident: Incident) -> Measured | None:
    count = incident.customers_affected
    if count is None:
        return None
    return Measured(value=count, unit="customers", n=count, no_interval=_STATED)


def _money(incident: Incident) -> Measured | None:
    lost = incident.money_lost
    if lost is None:
        return None
    return Measured(
        value=float(lost.amount), unit=lost.currency, n=incident.customers_affected or 1,
        no_interval=_STATED,
    )  # fmt: skip


def _unstated(incident: Incident) -> Iterator[str]:
    if incident.customers_affected is None:
        yield "customers: no log tells them apart, and the incident's file states no number"
    if incident.money_lost is None:
        yield "money: no log tells it, and the incident's file states no amount"


def _first_alert(
    system: SystemClaims, incident: Incident, told: Iterable[Statement]
) -> datetime | None:
    """When the first measurement with an alarm of the incident's own days was made.

    An alarm counts from when it was measured: nobody was told before.
    """
    watching = {m.id for m in monitors_of(system, incident)}
    begins = (incident.onset_earliest or incident.detected_at).date()
    over = incident.restored_at or incident.contained_at or incident.closed_at
    last = over.date() if over is not None else date.max
    alarms = [s.as_of for s in told if _alarmed(s, watching, begins, last)]
    return min(alarms, default=None)


def _alarmed(statement: Statement, watching: set[str], first: date, last: date) -> bool:
    record = statement.record
    if isinstance(record, QualityMeasurement) and record.monitor in watching:
        return record.alarm_at is not None and first <= record.alarm_at <= last
    if isinstance(record, DriftMeasurement) and record.monitor in watching:
        return bool(record.drifted) and first <= record.as_of.date() <= last
    return False
