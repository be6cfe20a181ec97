"""Incidents that customers could see in an answer, and the measurement of each as it stands."""

from datetime import timedelta

from ops_model.check.context import Context
from ops_model.check.outcome import Outcome, unknown
from ops_model.check.recorded import Recorded
from ops_model.check.remedies import review_incident
from ops_model.domain.evidence import Measured
from ops_model.domain.exposure import IncidentReview
from ops_model.domain.incidents import Incident
from ops_model.domain.operating_model import INCIDENTS_FOLDER

OF_THE_OUTPUT = frozenset(
    {"wrong_output", "unsafe_output", "stale_data", "drift", "provider_change"}
)
"""The ways of failing that customers see in an answer."""
OF_THE_SERVICE = frozenset({"unavailable", "slow"})
"""The ways of failing that customers see because no answer comes, or late."""


def seen_by_customers(ctx: Context, within_days: int) -> list[Incident]:
    """The incidents that were noticed in these days of which customers could see anything."""
    return of_the_output(ctx, within_days, kinds=OF_THE_OUTPUT | OF_THE_SERVICE)


def of_the_output(
    ctx: Context, within_days: int, *, kinds: frozenset[str] = OF_THE_OUTPUT
) -> list[Incident]:
    """The incidents of wrong output that were noticed in these days.

    One that names no known way of failing may have been of the output, and counts; so does one
    whose output was right by the model and wrong for the business.
    """
    kind_of = {mode.id: mode.kind for mode in ctx.system.identity.failure_modes}
    since = ctx.as_of - timedelta(days=within_days)
    return [
        incident
        for incident in ctx.system.incidents
        if since < incident.detected_at <= ctx.as_of
        and (
            incident.technically_correct
            or kind_of.get(incident.failure_mode or "", "wrong_output") in kinds
        )
    ]


def review_of(ctx: Context, incident: Incident) -> Recorded[IncidentReview] | None:
    """The review of an incident as its file stands now; None where there is none."""
    digest = ctx.texts[f"{INCIDENTS_FOLDER}/{incident.id}.yaml"].digest
    return ctx.evidence.latest(
        IncidentReview,
        matching=lambda review: (review.incident, review.text_digest) == (incident.id, digest),
    )


def reviewed(ctx: Context, incident: Incident) -> Recorded[IncidentReview] | Outcome:
    """The review of an incident as its file stands now, or the answer where there is none."""
    found = review_of(ctx, incident)
    if found is not None:
        return found
    earlier = ctx.evidence.latest(
        IncidentReview, matching=lambda review: review.incident == incident.id
    )
    message = f"incident {incident.id} was never looked back at from the logs"
    if earlier is not None:
        message = (
            f"incident {incident.id} was looked back at on {earlier.record.as_of.date()}, and is "
            "written otherwise now"
        )
    return unknown(
        "missing" if earlier is None else "expired",
        message,
        looked_at=[incident.where, *([] if earlier is None else [earlier.where])],
        remedy=review_incident(ctx.system, incident.id),
    )


def ends_of(measured: Measured, value: float) -> tuple[float, float]:
    """The two ends of an interval; a time between two stamps has none and is both."""
    low = value if measured.low is None else measured.low
    return low, value if measured.high is None else measured.high
