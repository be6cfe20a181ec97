"""When it goes wrong: each way of failing has an answer, and each incident taught something."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta

from ops_model.check.api import (
    Context,
    Outcome,
    all_of,
    check,
    counted,
    failed,
    no_file,
    not_applicable,
    passed,
    unknown,
)
from ops_model.domain.decisions import Action
from ops_model.domain.incidents import FollowUp, Incident, IncidentState, PostMortem
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.system import FailureMode, Response
from ops_model.domain.values import zone

RIGHT_FOR: Mapping[Response, Action] = {
    "rollback": "rollback",
    "fallback": "failover",
    "override_output": "override_output",
    "disable": "disable",
    "rule": "edge_case",
    "retrain": "retrain",
}
"""The decision that each response to a failure takes."""
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
    "INC-02",
    question="Is each way of failing noticed, answered, and the answer somebody's to give?",
    area="incidents",
    source=["S1.37"],
    revision=1,
)
def failure_modes_are_covered(ctx: Context) -> Outcome:
    """'We know what to do' holds for the failures that somebody thought of, with names beside."""
    identity = ctx.system.identity
    if not identity.failure_modes:
        return unknown(
            "missing",
            "system.yaml names no way in which the system fails, and every system has one",
            looked_at=[identity.where],
            remedy="the owner writes `failure_modes` there: what happens, which monitor sees it, "
            "what is done",
        )
    return all_of([_covered(ctx.system, mode) for mode in identity.failure_modes])


@check(
    "INC-03",
    question="Did each incident run its course, and was it learned from in time?",
    area="incidents",
    source=["S3.36"],
    revision=1,
)
def incidents_run_their_course(ctx: Context, *, working_days: int = 5) -> Outcome:
    """Diagnose, fix, document and move on; what is never documented comes back."""
    incidents = [i for i in ctx.system.incidents if i.detected_at <= ctx.as_of]
    if not incidents:
        return not_applicable("no incident is on record", looked_at=[ctx.system.where])
    return all_of([_course(ctx, incident, working_days) for incident in incidents])


@check(
    "INC-05",
    question="Is it settled who tells users, support and the public, and how soon?",
    area="incidents",
    source=["S3.20"],
    revision=1,
)
def telling_is_settled(ctx: Context) -> Outcome:
    """When the screenshot is public, whoever has to ask who speaks has lost the first hour."""
    decisions, identity = ctx.system.decisions, ctx.system.identity
    if decisions is None:
        return no_file(ctx, "decisions")
    owed = ["users", "support", "owner", *(["public"] if identity.customer_facing else [])]
    paths = {path.audience: path for path in decisions.communication}
    problems = [f"nobody tells {audience}" for audience in owed if audience not in paths]
    lacking = [decisions.place_of("communication")] if problems else []
    told = [paths[audience] for audience in owed if audience in paths]
    problems += [
        f"who tells {path.audience}: {why}" for path in told if (why := ctx.why_nobody(path.owner))
    ]
    if problems:
        return failed(
            "; ".join(problems),
            looked_at=[*lacking, *(path.where for path in told)],
            remedy="the owner writes each under `communication` in decisions.yaml, with an owner, "
            "a channel and within_minutes",
        )
    return passed(
        "; ".join(
            f"{p.audience}: {p.owner}, {p.channel}, within {p.within_minutes} min" for p in told
        ),
        looked_at=[path.where for path in told],
    )


def _covered(system: SystemClaims, mode: FailureMode) -> Outcome:
    """Whether one way of failing is seen and has an answer."""
    monitors = {m.id: m for m in system.signals.monitors} if system.signals else {}
    seen = [monitors[m] for m in mode.detect_by if m in monitors]
    faults = [] if mode.detect_by else ["no monitor sees it"]
    faults += [f"{m} is no monitor" for m in mode.detect_by if m not in monitors]
    faults += [] if mode.respond_by else ["nothing is done about it"]
    faults += [f for response in mode.respond_by for f in _unanswered(system, response)]
    looked_at = [mode.where, *(m.where for m in seen)]
    if faults:
        return failed(
            f"{mode.id}: {'; '.join(faults)}",
            looked_at=looked_at,
            remedy="the owner gives it a monitor (detect_by) and a response (respond_by) in "
            "system.yaml, and whatever a response lacks: a right in decisions.yaml, a plan",
        )
    answers = ", then ".join(r.replace("_", " ") for r in mode.respond_by)
    return passed(
        f"{mode.id}: seen by {', '.join(mode.detect_by)}; then {answers}", looked_at=looked_at
    )


def _unanswered(system: SystemClaims, response: Response) -> Iterator[str]:
    """What one response lacks to be given at night: somebody who may, and a plan."""
    right = RIGHT_FOR[response]
    if system.decisions is None or system.decisions.right(right) is None:
        yield f"nobody holds the right to {right.replace('_', ' ')}"
    signals = system.signals
    plans: Mapping[Response, tuple[bool, str]] = {
        "rollback": (system.rollback is not None, "there is no rollback.yaml"),
        "fallback": (system.fallback is not None, "there is no fallback.yaml"),
        "rule": (bool(signals and signals.rules), "signals.yaml has no rule"),
        "retrain": (
            bool(signals and signals.retraining),
            "signals.yaml does not say how one retrains",
        ),
    }
    there, lacking = plans.get(response, (True, ""))
    if not there:
        yield lacking


def _course(ctx: Context, incident: Incident, working_days: int) -> Outcome:
    """Whether one incident passed through its states, and was learned from."""
    today = ctx.as_of.astimezone(zone(ctx.model.settings.zone)).date()
    deadline = _deadline(ctx, incident, working_days)
    review = incident.post_mortem
    faults = [*_states(incident), *_learned(incident, deadline, today)]
    if review is not None:
        faults += _review_faults(ctx, review, deadline, today)
    looked_at = [incident.where, *([review.where] if review else [])]
    actions = review.actions if review else ()
    if faults:
        looked_at += [incident.place_of("state")] if _states(incident) else []
        looked_at += [action.where for action in actions if _action_faults(ctx, action, today)]
        return failed(
            f"incident {incident.id} ({incident.severity}, {incident.state}): {'; '.join(faults)}",
            looked_at=looked_at,
            remedy=f"{review.owner if review else 'the owner'} puts it right in "
            f"{incident.where.path}: the review held, every action with an owner, a day and the "
            "check that proves it",
        )
    undone = [action.due for action in actions if action.done_on is None]
    if deadline and (review is None or review.held_on is None):
        undone.append(review.due if review else deadline)
    return passed(
        f"incident {incident.id} ({incident.severity}) is {incident.state}, "
        f"{counted(len(actions), 'action')}, {len(actions) - _open(actions)} done",
        looked_at=looked_at,
        valid_until=_end_of(min(undone, default=None), ctx.model.settings.zone),
    )


def _states(incident: Incident) -> list[str]:
    """Where the state of an incident and its instants contradict each other."""
    faults = []
    for state, name in INSTANT_OF.items():
        at: datetime | None = getattr(incident, name)
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
    elif not review.actions:
        faults.append("the post-mortem led to no action")
    return faults + [f for action in review.actions for f in _action_faults(ctx, action, today)]


def _action_faults(ctx: Context, action: FollowUp, today: date) -> list[str]:
    name = f"action '{action.text}'"
    why = ctx.why_nobody(action.owner)
    faults = [f"{name}: {why}"] if why and action.done_on is None else []
    if action.proven_by is None:
        faults.append(f"{name}: no check would prove it (proven_by)")
    if action.done_on is None and action.due < today:
        faults.append(f"{name}: was due on {action.due}")
    return faults


def _open(actions: Sequence[FollowUp]) -> int:
    return sum(action.done_on is None for action in actions)


def _end_of(day: date | None, zone_name: str) -> datetime | None:
    """The instant at which a day is over, where the organisation is."""
    if day is None:
        return None
    return datetime.combine(day + timedelta(days=1), time(), zone(zone_name))
