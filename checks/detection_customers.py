"""Whether we knew of a wrong output, or an outage, before a customer had to say so."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from ops_model.check.api import (
    Context,
    Outcome,
    Recorded,
    all_of,
    check,
    failed,
    not_applicable,
    passed,
    said,
    unknown,
)
from ops_model.check.remedies import review_incident
from ops_model.check.reviews import ends_of, reviewed, seen_by_customers
from ops_model.domain.evidence import Measured
from ops_model.domain.exposure import IncidentReview
from ops_model.domain.incidents import Incident

BY_OTHERS = frozenset({"customer", "public"})


@check(
    "QLT-02",
    question="Did we know of each wrong output, and each outage, before a customer told us?",
    area="detection",
    source=["S0.16"],
    revision=2,
)
def known_before_customers(
    ctx: Context, *, within_days: Annotated[int, Field(ge=30)] = 180
) -> Outcome:
    """A monitor that alerts after the first complaint has watched nothing."""
    recent = seen_by_customers(ctx, within_days)
    if not recent:
        return not_applicable(
            f"no incident of wrong output, and no outage, was noticed in the last {within_days} "
            "days",
            looked_at=[ctx.system.where],
        )
    return all_of([_lead(ctx, incident, within_days) for incident in recent])


def _lead(ctx: Context, incident: Incident, within_days: int) -> Outcome:
    """Whether an alarm of ours came before the first customer of one incident."""
    found = reviewed(ctx, incident)
    if isinstance(found, Outcome):
        return found
    lead = found.record.lead_hours
    if lead is None or lead.value is None:
        return _without_lead(ctx, incident, found, within_days)
    says = f"incident {incident.id}: the first alarm came {said(lead)} before the first report"
    low, high = ends_of(lead, lead.value)
    if low >= 0:
        return passed(says, looked_at=[found.where], values={incident.id: lead})
    if high >= 0:
        return unknown(
            "too_few",
            f"{says}, which may be before or after it",
            looked_at=[incident.where, found.where],
            remedy=f"the owner writes into {incident.where.path} more exactly when the first "
            f"customer told us; then {review_incident(ctx.system, incident.id)}",
            values={incident.id: lead},
        )
    return failed(
        f"incident {incident.id}: the first alarm came {said(_turned(lead))} after the first "
        "customer had told us",
        looked_at=[incident.where, found.where],
        remedy=_sooner(incident, within_days),
        values={incident.id: lead},
    )


def _without_lead(
    ctx: Context, incident: Incident, found: Recorded[IncidentReview], within_days: int
) -> Outcome:
    """The answer where an alarm, a report of a customer, or both are not on record."""
    reported = found.record.customer_reported_at or incident.customer_reported_at
    noticed_first = incident.detected_by not in BY_OTHERS and (
        reported is None or incident.detected_at <= reported
    )
    if not noticed_first:
        whom = f"the {incident.detected_by}" if incident.detected_by in BY_OTHERS else "a customer"
        return failed(
            f"incident {incident.id}: {whom} told us first, and no alarm is on record before",
            looked_at=[incident.place_of("detected_by"), found.where],
            remedy=_sooner(incident, within_days),
        )
    if incident.detected_by == "monitor" and found.record.first_alert_at is None:
        missing = _no_such_monitor(ctx, incident, found)
        if missing is not None:
            return missing
    if reported is None:
        return passed(
            f"incident {incident.id}: noticed by {incident.detected_by}; no customer had to tell "
            "us",
            looked_at=[found.where],
        )
    hours = (reported - incident.detected_at) / timedelta(hours=1)
    return passed(
        f"incident {incident.id}: noticed by {incident.detected_by} {hours:.3g} h before the "
        "first report",
        looked_at=[found.where],
    )


def _no_such_monitor(
    ctx: Context, incident: Incident, found: Recorded[IncidentReview]
) -> Outcome | None:
    """The answer where a monitor is said to have noticed, and none is named that could have."""
    signals = ctx.system.signals
    known = {monitor.id for monitor in (signals.monitors if signals is not None else ())}
    if incident.monitor in known:
        return None
    what = "none is named" if incident.monitor is None else f"{incident.monitor} is none"
    return unknown(
        "missing",
        f"incident {incident.id}: noticed by a monitor, it is said, but {what}, and no alarm is "
        "on record",
        looked_at=[incident.place_of("monitor"), incident.place_of("detected_by"), found.where],
        remedy=f"the owner writes into {incident.where.path} which `monitor` of signals.yaml "
        "noticed it, or who did (`detected_by: staff`); then "
        f"{review_incident(ctx.system, incident.id)}",
    )


def _sooner(incident: Incident, within_days: int) -> str:
    until = (incident.detected_at + timedelta(days=within_days)).date()
    mode = f"failure mode {incident.failure_mode}" if incident.failure_mode else "this failure"
    return (
        f"the owner has {mode} watched by a monitor that alerts sooner (`detect_by` in "
        f"system.yaml, the monitor in signals.yaml); the incident counts until {until}, and an "
        "executive may answer for it by a waiver in policy.yaml until then"
    )


def _turned(lead: Measured) -> Measured:
    """A lead as the delay that it is when it is below 0."""
    value = None if lead.value is None else -lead.value
    low = None if lead.high is None else -lead.high
    return lead.model_copy(
        update={"value": value, "low": low, "high": None if lead.low is None else -lead.low}
    )
