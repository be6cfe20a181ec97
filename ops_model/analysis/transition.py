"""Handoffs, the ladder of a co-managed operation, and how much depends on a partner."""

import calendar
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import get_args
from zoneinfo import ZoneInfo

from ops_model.domain.evidence import Attestation, Measured, Record
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.ownership import (
    Handoff,
    Ladder,
    Ownership,
    Phase,
    Topic,
    TransitionPlan,
    acceptances,
)
from ops_model.domain.people import People, Person, Skill
from ops_model.domain.rollback import RollbackDrill
from ops_model.domain.transition import (
    DutyPhase,
    HandoffState,
    Leaver,
    MonthShare,
    Skills,
    TransitionStatus,
)  # fmt: skip

Drill = RollbackDrill | FallbackDrill
DRILL_COUNTS = timedelta(days=180)
"""How long before a handoff takes effect the incoming owner may have led the drill."""
MONTHS = 6


def handoff_state(
    handoff: Handoff,
    ownership: Ownership,
    records: Sequence[Record],
    *,
    as_of: datetime,
    tz: ZoneInfo,
) -> HandoffState:
    """What of a handoff is done by `as_of`, as the ledger shows it.

    Args:
        handoff: one of `ownership.handoffs`.
        ownership: says who is accountable.
        records: what is on record about the system.
        as_of: the instant that judges. A word counts that holds now, or held when the handoff took
            effect; a drill, when it was led no longer than half a year before that.
        tz: the zone in which the days of the workbook begin.
    """
    words = [r for r in records if isinstance(r, Attestation)]
    took_effect = datetime.combine(handoff.effective, time(), tzinfo=tz)
    accepted = acceptances(handoff, words, at=as_of)
    if took_effect < as_of:
        accepted = {**acceptances(handoff, words, at=took_effect), **accepted}
    led = [
        r.as_of
        for r in records
        if isinstance(r, Drill)
        and r.kind == f"{handoff.drill}_drill"
        and r.passed
        and r.performed_by == handoff.incoming
        and took_effect - DRILL_COUNTS <= r.as_of <= as_of
    ]
    covered = {item.topic for item in handoff.items}
    return HandoffState(
        handoff=handoff,
        missing=tuple(topic for topic in get_args(Topic) if topic not in covered),
        accepted={person: word.as_of for person, word in accepted.items()},
        to_accept=tuple(p for p in handoff.parties(ownership.accountable) if p not in accepted),
        drilled_at=max(led, default=None),
    )


def leavers(
    ownership: Ownership, people: People, *, day: date, within_days: int = 90
) -> list[Leaver]:
    """Who answers for something here and leaves within so many days, the first to leave first."""
    last = day + timedelta(days=within_days)
    going = [
        (person, person.active_to)
        for person in _named(ownership, people)
        if person.active_to is not None and day <= person.active_to <= last
    ]
    of = {handoff.outgoing: handoff.id for handoff in ownership.handoffs}
    found = [Leaver(person.id, leaves, of.get(person.id)) for person, leaves in going]
    return sorted(found, key=lambda leaver: (leaver.leaves, leaver.person))


def _named(ownership: Ownership, people: People) -> list[Person]:
    """The people whom the ownership file names, each once."""
    domains = ownership.domains
    ids = [ownership.accountable, ownership.deputy, ownership.lifecycle_owner]
    ids += [getattr(domains, name) for name in type(domains).model_fields]
    for duty in ownership.duties.values():
        ids += [duty.primary, duty.deputy]
    found = (people.person(person_id) for person_id in dict.fromkeys(ids))
    return [person for person in found if person is not None]


def measure_transition(
    system: SystemClaims,
    plan: TransitionPlan,
    people: People,
    records: Iterable[Record],
    *,
    as_of: datetime,
    tz: ZoneInfo,
) -> TransitionStatus:
    """Where the transition stands at `as_of`, by what is planned and what is on record.

    Args:
        system: the system that passes over.
        plan: its transition plan.
        people: says who is a partner's.
        records: what is on record about the system.
        as_of: the instant that judges.
        tz: the zone in which the days of the workbook begin.
    """
    day = as_of.astimezone(tz).date()
    return TransitionStatus(
        system=system.id,
        as_of=as_of,
        claims=system.claim_refs("ownership"),
        partner_team=plan.partner_team,
        duties=tuple(_duty(ladder, day) for ladder in plan.ladders),
        own_led=tuple(_led(plan, first, last) for first, last in last_months(day)),
        own_drills=own_drills(people, records, as_of=as_of, tz=tz),
        exception=plan.exception,
    )


def _duty(ladder: Ladder, day: date) -> DutyPhase:
    begun = [step for step in ladder.steps if step.starts <= day]
    coming = [step for step in ladder.steps if step.starts > day]
    now, then = begun[-1] if begun else None, coming[0] if coming else None
    back = [
        after.starts
        for before, after in pairwise(begun)
        if get_args(Phase).index(after.phase) < get_args(Phase).index(before.phase)
    ]
    return DutyPhase(
        duty=ladder.duty,
        phase=now.phase if now else None,
        passed_for_it=now.exit_criteria if now else (),
        next_phase=then.phase if then else None,
        next_from=then.starts if then else None,
        passed_for_next=then.exit_criteria if then else (),
        stepped_back_on=tuple(back),
    )


def _led(plan: TransitionPlan, first: date, last: date) -> MonthShare:
    own, of = plan.own_led(last)
    begun = any(ladder.phase_on(last) is not None for ladder in plan.ladders)
    return MonthShare(month=first, share=_share(own, of if begun else 0))


def own_drills(
    people: People, records: Iterable[Record], *, as_of: datetime, tz: ZoneInfo
) -> tuple[MonthShare, ...]:
    """Which share of the drills of each of the last months one's own people performed.

    A drill that nobody is named for shows nobody's competence, so it counts for nobody, and `n` is
    the number of those that somebody performed.
    """
    drills = [r for r in records if isinstance(r, Drill) and r.as_of <= as_of]
    performed = [
        (drill.as_of.astimezone(tz).date(), person.employer == "internal")
        for drill in drills
        if (person := people.person(drill.performed_by)) is not None
    ]
    months = []
    for first, last in last_months(as_of.astimezone(tz).date()):
        own = [internal for at, internal in performed if first <= at <= last]
        months.append(MonthShare(month=first, share=_share(sum(own), len(own))))
    return tuple(months)


def last_months(day: date, count: int = MONTHS) -> list[tuple[date, date]]:
    """The last months as first and last day, oldest first; the one of `day` ends with it."""
    found = []
    for back in reversed(range(count)):
        year, month = divmod(day.year * 12 + day.month - 1 - back, 12)
        last = date(year, month + 1, calendar.monthrange(year, month + 1)[1])
        found.append((date(year, month + 1, 1), min(last, day)))
    return found


def _share(part: int, of: int) -> Measured:
    if not of:
        return Measured(value=None, unit="share", n=0, no_interval="too few")
    return Measured(value=round(part / of, 6), unit="share", n=of, no_interval="exact")


def skills_of(system: SystemClaims, people: People, *, day: date) -> Skills:
    """Who has which discipline among those who answer for the system or are paged for it."""
    named = _named(system.ownership, people) if system.ownership else []
    layers = system.on_call.layers if system.on_call else ()
    rota = [people.person(p) for layer in layers for p in layer.participants]
    here = {p.id: p for p in [*named, *rota] if p is not None and p.active_on(day)}

    def having(skill: Skill, employer: str) -> tuple[str, ...]:
        return tuple(p.id for p in here.values() if skill in p.skills and p.employer == employer)

    every = get_args(Skill)
    return Skills(
        own={skill: having(skill, "internal") for skill in every},
        partner={skill: having(skill, "partner") for skill in every},
    )
