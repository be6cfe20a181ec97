"""When somebody may answer for a gap: who accepts it, from when to when, and how often again.

And who may decide that a check is not asked at all.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.phrases import says_nothing
from ops_model.domain.policy import SwitchOff, Waiver

LONGEST_WAIVER = timedelta(days=90)
MOST_RENEWALS = 1
ANEW_AFTER = timedelta(days=30)
"""How long a gap must be in nobody's waiver for the next one to be no renewal."""


def renewals_of(waiver: Waiver, waivers: Iterable[Waiver]) -> int:
    """How often a waiver prolongs others of the same check and system, as it says or more.

    One prolongs another that began before it and ended no longer than `ANEW_AFTER` before: however
    many entries it is cut into, a gap is answered for twice ninety days at most.
    """
    same = [w for w in waivers if (w.check_id, w.system) == (waiver.check_id, waiver.system)]
    same += [] if waiver in same else [waiver]
    counts: dict[int, int] = {}
    for place, one in sorted(enumerate(same), key=lambda w: (w[1].starts, w[1].expires, w[0])):
        before = [n for i, n in counts.items() if one.starts - same[i].expires < ANEW_AFTER]
        counts[place] = max([one.renewals, *(n + 1 for n in before)])
    return max(n for i, n in counts.items() if same[i] == waiver)


def prolonged(waiver: Waiver, waivers: Iterable[Waiver]) -> bool:
    """True when another waiver of the same check and system took over from one that ended."""
    return any(
        (w.check_id, w.system) == (waiver.check_id, waiver.system)
        and waiver.expires < w.expires
        and w.starts - waiver.expires < ANEW_AFTER
        for w in waivers
    )


def why_not_accepted(
    waiver: Waiver, model: OperatingModel, system: SystemClaims, today: date
) -> str:
    """Why nobody answers for a gap by this waiver on a day; empty when somebody does.

    Whether the gap may be waived at all is another question.
    """
    length = waiver.expires - waiver.starts
    renewals = renewals_of(waiver, model.policy.waivers)
    rules = (
        (today < waiver.starts, f"it starts on {waiver.starts}"),
        (today >= waiver.expires, f"it expired on {waiver.expires}"),
        (
            length > LONGEST_WAIVER,
            f"it runs {length.days} days; expected at most {LONGEST_WAIVER.days}",
        ),
        (
            renewals > MOST_RENEWALS,
            f"it was renewed {renewals} times; expected at most {MOST_RENEWALS}",
        ),
    )
    broken = next((why for holds, why in rules if holds), "")
    unsaid = _unsaid(reason=waiver.reason, compensating_control=waiver.compensating_control)
    return broken or unsaid or _why_cannot_accept(waiver.accepted_by, model, system, today)


def why_not_switched_off(
    switch: SwitchOff, model: OperatingModel, system: SystemClaims, today: date
) -> str:
    """Why a check is asked of a system on a day though it was switched off; empty when it is not.

    It accepts every risk that the check would find, so that nobody may who may not waive it.
    """
    if today < switch.since:
        return f"it starts on {switch.since}"
    return _unsaid(reason=switch.reason) or _why_cannot_accept(
        switch.decided_by, model, system, today
    )


def _unsaid(**said: str) -> str:
    """Which of these texts says nothing, so that nobody answers for anything by it."""
    empty = ((key.replace("_", " "), text) for key, text in said.items() if says_nothing(text))
    return next((f"its {name} {text!r} says nothing" for name, text in empty), "")


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
