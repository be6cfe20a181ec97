"""An incident looked at afterwards: how long it ran, whom it reached, what was there before."""

from typing import Literal

from pydantic import AwareDatetime

from ops_model.domain.evidence import Measured, Measurement
from ops_model.domain.scalars import Digest, Slug, Text
from ops_model.domain.values import Value


class WasItThere(Value):
    """One thing that the first minutes need, and whether it stood there before the incident.

    `since` is what is on record of its beginning; without it nothing shows that it was there.
    """

    thing: Literal["owner", "runbook", "rollback_drill", "monitor", "ceiling", "fallback_drill"]
    there: bool
    since: AwareDatetime | None = None
    why: Text


class IncidentReview(Measurement):
    """One incident, measured from the logs and the ledger (S1.4, S4.25).

    `first_alert_at` is the first alarm on record of the monitor that watches this failure;
    `lead_hours` is the time from it to the first report of a customer, positive when we knew
    first. `decisions` counts the served rows between onset and containment: `low` from the latest
    onset, `high` from the earliest. What no log tells is None, and `not_counted` says why.
    """

    kind: Literal["incident_review"] = "incident_review"
    incident: Slug
    text_digest: Digest
    onset_earliest: AwareDatetime | None = None
    onset_latest: AwareDatetime | None = None
    contained_at: AwareDatetime | None = None
    first_alert_at: AwareDatetime | None = None
    customer_reported_at: AwareDatetime | None = None
    lead_hours: Measured | None = None
    detection_hours: Measured | None = None
    decisions: Measured | None = None
    customers: Measured | None = None
    money: Measured | None = None
    not_counted: str = ""
    before: tuple[WasItThere, ...] = ()
