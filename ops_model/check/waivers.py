"""Which findings a waiver may cover, and whether it does on a day."""

from datetime import date, datetime, time

from ops_model.check.question import FIVE_QUESTIONS
from ops_model.domain.assessment import Finding
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.policy import Waiver
from ops_model.domain.values import zone
from ops_model.domain.waivers import why_not_accepted

FIVE_QUESTION_CHECKS = frozenset(check for _, checks in FIVE_QUESTIONS for check in checks)
# EVD-01 too: nobody can answer for a verdict whose evidence was changed. And RDY-08: a waiver of
# the check that finds expired waivers would hide itself.
NEVER_WAIVED = FIVE_QUESTION_CHECKS | {"OWN-01", "RDY-01", "RDY-08", "REV-01", "REV-02", "EVD-01"}
NEVER_SWITCHED_OFF = NEVER_WAIVED | {"REV-05", "EVD-02", "EVD-03", "INC-01"}
"""Nor who signed, whether evidence was observed and is in date, and the walk through a night.

Somebody may answer for these for a while; a company that never asks them asks for nothing.
"""


def waivers_of(
    model: OperatingModel, system: SystemClaims, check_id: str | None = None
) -> tuple[Waiver, ...]:
    """The waivers that policy.yaml holds for a system, or for one check of it."""
    mine = (w for w in model.policy.waivers if w.system == system.id)
    return tuple(w for w in mine if check_id is None or w.check_id == check_id)


def why_not(waiver: Waiver, model: OperatingModel, system: SystemClaims, today: date) -> str:
    """Why a waiver does not count on a day, or an empty text when it does."""
    if waiver.check_id in NEVER_WAIVED:
        return f"{waiver.check_id} cannot be waived"
    return why_not_accepted(waiver, model, system, today)


def why_not_covering(
    waiver: Waiver, finding: Finding, model: OperatingModel, system: SystemClaims, today: date
) -> str:
    """Why a waiver does not cover an open finding on a day, or an empty text when it does."""
    if finding.status == "errored":
        return "nobody can answer for a check that crashed"
    return why_not(waiver, model, system, today)


def ends_of(waiver: Waiver, model: OperatingModel) -> datetime:
    """When a waiver ends: on its day, or with whoever accepted it."""
    ends = datetime.combine(waiver.expires, time(), zone(model.settings.zone))
    accepter = model.people.person(waiver.accepted_by)
    return min(ends, accepter.gone_at) if accepter is not None and accepter.gone_at else ends
