"""When somebody may answer for a gap: who accepts it, from when to when, and how often again."""

from datetime import date, timedelta

from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.policy import Waiver

LONGEST_WAIVER = timedelta(days=90)
MOST_RENEWALS = 1


def why_not_accepted(
    waiver: Waiver, model: OperatingModel, system: SystemClaims, today: date
) -> str:
    """Why nobody answers for a gap by this waiver on a day; empty when somebody does.

    Whether the gap may be waived at all is another question.
    """
    accepter = model.people.person(waiver.accepted_by)
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
