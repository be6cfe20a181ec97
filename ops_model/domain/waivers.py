"""When somebody may answer for a gap: who accepts it, from when to when, and how often again.

And who may decide that a check is not asked at all.
"""

from datetime import date, timedelta

from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.policy import SwitchOff, Waiver

LONGEST_WAIVER = timedelta(days=90)
MOST_RENEWALS = 1


def why_not_accepted(
    waiver: Waiver, model: OperatingModel, system: SystemClaims, today: date
) -> str:
    """Why nobody answers for a gap by this waiver on a day; empty when somebody does.

    Whether the gap may be waived at all is another question.
    """
    length = waiver.expires - waiver.starts
    rules = (
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
    )
    broken = next((why for holds, why in rules if holds), "")
    return broken or _why_cannot_accept(waiver.accepted_by, model, system, today)


def why_not_switched_off(
    switch: SwitchOff, model: OperatingModel, system: SystemClaims, today: date
) -> str:
    """Why a check is asked of a system on a day though it was switched off; empty when it is not.

    It accepts every risk that the check would find, so that nobody may who may not waive it.
    """
    if today < switch.since:
        return f"it starts on {switch.since}"
    return _why_cannot_accept(switch.decided_by, model, system, today)


def _why_cannot_accept(
    person_id: str, model: OperatingModel, system: SystemClaims, today: date
) -> str:
    """Why a person cannot accept a risk of a system on a day; empty when they can."""
    accepter = model.people.person(person_id)
    if accepter is None or not accepter.active_on(today):
        return f"{person_id} is no active person"
    if person_id in model.builders(system):
        return f"{person_id} built the system"
    if accepter.function != "executive":
        return f"{person_id} is no executive, who alone can accept a risk"
    return ""
