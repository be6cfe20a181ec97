"""The course of each incident: contained, told, learned from, and mended by what proves it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated

from pydantic import Field

from ops_model.check.api import (
    Context,
    Outcome,
    all_of,
    by_tier,
    check,
    counted,
    earliest,
    failed,
    not_applicable,
    passed,
    unknown,
)
from ops_model.domain.assessment import Finding
from ops_model.domain.incidents import (
    DAYS_BY_LAW,
    ClockRun,
    FollowUp,
    Incident,
    IncidentState,
    PostMortem,
)
from ops_model.domain.values import Where, iso_utc, zone

INSTANT_OF: Mapping[IncidentState, str] = {
    "acknowledged": "acknowledged_at",
    "contained": "contained_at",
    "fixed": "restored_at",
    "closed": "closed_at",
}
"""The instant that a state leaves behind; the other states leave words only."""
LEARNED_FROM = frozenset({"sev1", "sev2"})
"""The severities that owe a post-mortem."""


@check(
    "INC-03",
    question="Did each incident run its course, and was it learned from in time?",
    area="incidents",
    source=["S3.36"],
    revision=2,
)
def incidents_run_their_course(
    ctx: Context,
    *,
    working_days: int = 5,
    contain_within_days: int = by_tier(1, 3, 7),
    contain_minor_within_days: Annotated[int, Field(le=90)] = by_tier(7, 14, 28),
    settle_within_days: Annotated[int, Field(le=366)] = by_tier(180, 270, 365),
) -> Outcome:
    """Diagnose, fix, document and move on; what is never documented comes back.

    A minor incident (sev3) may go on for longer than a grave one, and not for ever. Neither may
    what it asks for: a deadline by law holds whatever day is written, and every other one is to be
    over `settle_within_days` after the incident was detected; of an action, after the review.
    """
    to_come = [i for i in ctx.system.incidents if i.detected_at > ctx.known_until]
    incidents = [i for i in ctx.system.incidents if i.detected_at <= ctx.as_of]
    if not incidents and not to_come:
        return not_applicable("no incident is on record", looked_at=[ctx.system.where])
    return all_of(
        [
            *(_not_yet(incident) for incident in to_come),
            *(
                _course(
                    ctx,
                    incident,
                    working_days,
                    contain_within_days
                    if incident.severity in LEARNED_FROM
                    else contain_minor_within_days,
                    settle_within_days,
                )
                for incident in incidents
            ),
            *(answer for incident in incidents for answer in _proofs(ctx, incident)),
        ]
    )


def _not_yet(incident: Incident) -> Outcome:
    return failed(
        f"incident {incident.id}: detected_at {iso_utc(incident.detected_at)} is still to come",
        looked_at=[incident.place_of("detected_at")],
        remedy=f"the owner writes into {incident.where.path} when it was detected",
    )


def _proofs(ctx: Context, incident: Incident) -> Iterator[Outcome]:
    """An answer for each action that is said to be done while the check that proves it is open."""
    for action in incident.post_mortem.actions if incident.post_mortem else ():
        found = _proof(ctx, action) if action.done_on is not None else None
        if found is None or not found.open:
            continue
        fails = found.status == "failed"
        message = (
            f"incident {incident.id}: action '{action.text}' is said to be done, and "
            f"{found.check}, which would prove it, {'fails' if fails else 'is not answered'}"
        )
        places, remedy = [action.place_of("proven_by")], f"{found.check}: {found.remedy}"
        yield (
            failed(message, looked_at=places, remedy=remedy)
            if fails
            else unknown("missing", message, looked_at=places, remedy=remedy)
        )


def _proof(ctx: Context, action: FollowUp) -> Finding | None:
    """The finding of the check that is to prove an action; None when no check of that id can."""
    check_id = action.proven_by
    return ctx.finding_of(check_id) if check_id is not None and check_id != "INC-03" else None


def _course(
    ctx: Context, incident: Incident, working_days: int, contain_days: int, settle_days: int
) -> Outcome:
    """Whether one incident passed through its states, and was learned from."""
    today = ctx.today
    deadline = _deadline(ctx, incident, working_days)
    review = incident.post_mortem
    faults = [*_states(incident, ctx.known_until), *_learned(incident, deadline, today)]
    contain_by = _contain_by(incident, contain_days)
    if contain_by is not None and contain_by < ctx.as_of:
        faults.append(
            f"detected at {iso_utc(incident.detected_at)} and not contained; expected within "
            f"{counted(contain_days, 'day')}"
        )
    faults += [f for clock in incident.clocks for f in _clock_faults(ctx, clock)]
    if review is not None:
        faults += _review_faults(ctx, review, deadline, today)
    too_late = dict(_due_too_late(ctx, incident, settle_days))
    faults += too_late.values()
    looked_at = [incident.where, *([review.where] if review else [])]
    actions = review.actions if review else ()
    if faults:
        looked_at += [incident.place_of("state")] if _states(incident, ctx.known_until) else []
        looked_at += [clock.where for clock in incident.clocks if _clock_faults(ctx, clock)]
        looked_at += [action.where for action in actions if _action_faults(ctx, action, today)]
        looked_at += [where for where in too_late if where not in looked_at]
        return failed(
            f"incident {incident.id} ({incident.severity}, {incident.state}): {'; '.join(faults)}",
            looked_at=looked_at,
            remedy=f"{review.owner if review else 'the owner'} puts incident {incident.id} right "
            "in "
            f"{incident.where.path}: the review held, every action with an owner, a day and the "
            "check that proves it",
        )
    undone = [action.due for action in actions if action.done_on is None]
    if deadline and (review is None or review.held_on is None):
        undone.append(review.due if review else deadline)
    ends = [clock.due for clock in incident.clocks if clock.met_at is None]
    ends += [contain_by] if contain_by is not None else []
    if undone:
        ends.append(ctx.end_of(min(undone)))
    waited_for = [clock.owner for clock in incident.clocks if clock.met_at is None]
    waited_for += [action.owner for action in actions if action.done_on is None]
    waited_for += [review.owner] if review is not None and review.held_on is None else []
    return passed(
        f"incident {incident.id} ({incident.severity}) is {incident.state}, "
        f"{counted(len(actions), 'action')}, {len(actions) - _open(actions)} done",
        looked_at=looked_at,
        valid_until=earliest(*ends, ctx.until_gone(*waited_for)),
    )


def _contain_by(incident: Incident, days: int) -> datetime | None:
    """By when an incident is to be contained; None when it is."""
    if incident.contained_at is not None:
        return None
    return incident.detected_at + timedelta(days=days)


def _clock_faults(ctx: Context, clock: ClockRun) -> list[str]:
    """What is wrong with a deadline: met in time or late, it is over."""
    if clock.met_at is not None and clock.met_at > ctx.known_until:
        return [f"clock {clock.clock}: met_at {iso_utc(clock.met_at)} is still to come"]
    if clock.met_at is None and clock.due < ctx.as_of:
        return [f"clock {clock.clock}: was due at {iso_utc(clock.due)} and is not met"]
    why = ctx.why_nobody(clock.owner) if clock.met_at is None else ""
    return [f"clock {clock.clock}: {why}"] if why else []


def _due_too_late(
    ctx: Context, incident: Incident, settle_days: int
) -> Iterator[tuple[Where, str]]:
    """What is still to be done and due later than it may be, and where each is written."""
    here, most = zone(ctx.model.settings.zone), timedelta(days=settle_days)
    detected = incident.detected_at.astimezone(here).date()
    for clock in incident.clocks:
        days = DAYS_BY_LAW.get(clock.clock, settle_days)
        due, latest = clock.due.astimezone(here).date(), detected + timedelta(days=days)
        if clock.met_at is None and due > latest:
            yield (
                clock.where,
                (
                    f"clock {clock.clock}: is due on {due}; expected by {latest}, "
                    f"{counted(days, 'day')} after it was detected"
                ),
            )
    review = incident.post_mortem
    if review is None:
        return
    # What is to be held in working days has a deadline of its own.
    free = incident.severity not in LEARNED_FROM or incident.contained_at is None
    if free and review.held_on is None and review.due > detected + most:
        yield (
            review.where,
            f"the post-mortem is due on {review.due}; expected by {detected + most}",
        )
    since = min(review.held_on or detected, ctx.last_day)
    for action in review.actions:
        if action.done_on is None and action.due > since + most:
            yield (
                action.where,
                (f"action '{action.text}': is due on {action.due}; expected by {since + most}"),
            )


def _states(incident: Incident, latest: datetime) -> list[str]:
    """Where the state of an incident and its instants contradict each other."""
    faults = []
    for state, name in INSTANT_OF.items():
        at: datetime | None = getattr(incident, name)
        if at is not None and at > latest:
            faults.append(f"{name} {iso_utc(at)} is still to come")
        if incident.has_reached(state) and at is None:
            faults.append(f"it has been {state}, and {name} is not written")
        if at is not None and not incident.has_reached(state):
            faults.append(f"{name} is written, and it is not {state}")
    return faults


def _deadline(ctx: Context, incident: Incident, working_days: int) -> date | None:
    """The day by which an incident has to be learned from; None when it owes nothing yet."""
    if incident.severity not in LEARNED_FROM or incident.contained_at is None:
        return None
    day = incident.contained_at.astimezone(zone(ctx.model.settings.zone)).date()
    left = working_days
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return day


def _learned(incident: Incident, deadline: date | None, today: date) -> list[str]:
    """Whether an incident that owes a post-mortem has one by the time it does."""
    review = incident.post_mortem
    if incident.severity not in LEARNED_FROM:
        return []
    if incident.state == "closed" and (review is None or review.held_on is None):
        return ["it was closed before anything was learned from it"]
    if review is None and deadline is not None and deadline < today:
        return [f"no post-mortem; it was due on {deadline}"]
    return []


def _review_faults(
    ctx: Context, review: PostMortem, deadline: date | None, today: date
) -> list[str]:
    """What is wrong with a post-mortem. One that was held late cannot be held in time any more."""
    faults = []
    # Whoever held it and left since has done what was theirs to do.
    owner, held = ctx.model.people.person(review.owner), review.held_on
    was_there = owner is not None and held is not None and owner.active_on(held)
    if not was_there and (why := ctx.why_not_active(review.owner)):
        faults.append(f"post-mortem: {why}")
    if review.held_on is None:
        if review.due < today:
            faults.append(f"the post-mortem was due on {review.due}")
        elif deadline is not None and review.due > deadline:
            faults.append(f"the post-mortem is due on {review.due}; expected by {deadline}")
    elif review.held_on > ctx.last_day:
        faults.append(f"the post-mortem: held_on {review.held_on} is still to come")
    elif not review.actions:
        faults.append("the post-mortem led to no action")
    return faults + [f for action in review.actions for f in _action_faults(ctx, action, today)]


def _action_faults(ctx: Context, action: FollowUp, today: date) -> list[str]:
    name = f"action '{action.text}'"
    why = ctx.why_nobody(action.owner)
    faults = [f"{name}: {why}"] if why and action.done_on is None else []
    if action.proven_by is None:
        faults.append(f"{name}: no check would prove it (proven_by)")
    elif _proof(ctx, action) is None:
        faults.append(f"{name}: {action.proven_by} is no check that could prove it (proven_by)")
    if action.done_on is not None and action.done_on > ctx.last_day:
        faults.append(f"{name}: done_on {action.done_on} is still to come")
    if action.done_on is None and action.due < today:
        faults.append(f"{name}: was due on {action.due}")
    return faults


def _open(actions: Sequence[FollowUp]) -> int:
    return sum(action.done_on is None for action in actions)
