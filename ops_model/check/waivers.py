"""When a waiver counts: who may accept what, from when to when, and how often again."""

from datetime import date, timedelta

from ops_model.check.api import FIVE_QUESTIONS
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.policy import Waiver

LONGEST_WAIVER = timedelta(days=90)
MOST_RENEWALS = 1
FIVE_QUESTION_CHECKS = frozenset(check for _, checks in FIVE_QUESTIONS for check in checks)
# EVD-01 too: nobody can answer for a verdict whose evidence was changed. And RDY-08: a waiver of
# the check that finds expired waivers would hide itself.
NEVER_WAIVED = FIVE_QUESTION_CHECKS | {"OWN-01", "RDY-01", "RDY-08", "REV-01", "REV-02", "EVD-01"}


def waivers_of(
    model: OperatingModel, system: SystemClaims, check_id: str | None = None
) -> tuple[Waiver, ...]:
    """The waivers that policy.yaml holds for a system, or for one check of it."""
    mine = (w for w in model.policy.waivers if w.system == system.id)
    return tuple(w for w in mine if check_id is None or w.check_id == check_id)


def why_not(waiver: Waiver, model: OperatingModel, system: SystemClaims, today: date) -> str:
    """Why a waiver does not count on a day, or an empty text when it does."""
    accepter = model.people.person(waiver.accepted_by)
    length = waiver.expires - waiver.starts
    rules = (
        (waiver.check_id in NEVER_WAIVED, f"{waiver.check_id} cannot be waived"),
        (today < waiver.starts, f"it starts on {waiver.starts}"),
        (today >= waiver.expires, f"it expired on {waiver.expires}"),
        (
            length > LONGEST_WAIVER,
            f"it runs {length.days} days; expected at most {LONGEST_WAIVER.days}",
        ),
        (
            waiver.renewals > MOST_RENEWALS,
            f"it was renewed {waiver.renewals} times; expected at most {MOST_RENEWALS}",
        ),
        (
            accepter is None or not accepter.active_on(today),
            f"{waiver.accepted_by} is no active person",
        ),
        (
            waiver.accepted_by in model.builders(system),
            f"{waiver.accepted_by} built the system",
        ),
        (
            accepter is not None and accepter.function != "executive",
            f"{waiver.accepted_by} is no executive, who alone can accept a risk",
        ),
    )
    return next((why for holds, why in rules if holds), "")
