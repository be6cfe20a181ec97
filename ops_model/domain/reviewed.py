"""What the claims of a system say of its deploy review: who sits, on what terms, what voids it."""

from collections.abc import Iterator
from datetime import date, datetime

from ops_model.domain.decisions import SEATS, Condition, Seat
from ops_model.domain.incidents import Incident
from ops_model.domain.operating_model import SystemClaims


def seated(system: SystemClaims) -> dict[Seat, frozenset[str]]:
    """Who has each of the three seats now."""
    seats = system.decisions.review.seats if system.decisions is not None else ()
    return {seat: frozenset(s.person for s in seats if s.seat == seat) for seat in SEATS}


def conditions_of(system: SystemClaims) -> tuple[Condition, ...]:
    """The conditions of the review that stand in decisions.yaml."""
    return system.decisions.review.conditions if system.decisions is not None else ()


def voids(system: SystemClaims, *, at: datetime, today: date) -> Iterator[str]:
    """What voids the sign-offs of all seats together: an open incident, an overdue condition."""
    for incident in _open_sev1(system, at):
        yield f"incident {incident.id} (sev1) is open"
    for condition in _overdue(system, today):
        yield f"condition {condition.id} was due on {condition.due} and still stands"


def voids_ended(system: SystemClaims, *, at: datetime, today: date) -> Iterator[str]:
    """Who does what in which file, so that none of `voids` stands any more."""
    for incident in _open_sev1(system, at):
        file = incident.where.path
        yield f"the owner closes incident {incident.id} with `closed_at` in {file}"
    for condition in _overdue(system, today):
        yield (
            f"{condition.owner}, who owns condition {condition.id}, has it met and taken out of "
            "decisions.yaml, or prolonged by a later `due` there"
        )


def _open_sev1(system: SystemClaims, at: datetime) -> Iterator[Incident]:
    for incident in system.incidents:
        open_now = incident.closed_at is None or incident.closed_at > at
        if incident.severity == "sev1" and incident.detected_at <= at and open_now:
            yield incident


def _overdue(system: SystemClaims, today: date) -> Iterator[Condition]:
    return (condition for condition in conditions_of(system) if condition.due < today)
