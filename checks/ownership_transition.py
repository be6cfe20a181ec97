"""How a system passes from hand to hand: owner to owner, partner to one's own people."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import get_args

from ops_model.check.api import (
    Attestation,
    Context,
    Outcome,
    all_of,
    check,
    failed,
    no_file,
    not_applicable,
    passed,
    unknown,
)
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.ownership import (
    Handoff,
    Ladder,
    Ownership,
    Phase,
    TransitionPlan,
    acceptances,
)
from ops_model.domain.people import Skill
from ops_model.domain.rollback import RollbackDrill
from ops_model.domain.values import Where


@check(
    "TRN-01",
    question="Is every owner who leaves followed by one who took over and led a drill?",
    area="ownership",
    source=["S1.22"],
    revision=1,
)
def handoff_accepted(
    ctx: Context, *, leaves_within_days: int = 30, max_drill_age_days: int = 180
) -> Outcome:
    """A page that nobody reads is no handoff; the drill that the newcomer led is one."""
    ownership = ctx.system.ownership
    if ownership is None:
        return no_file(ctx, "ownership")
    leaving = dict(_leaving(ctx, ownership, leaves_within_days))
    due = [h for h in ownership.handoffs if h.outgoing in leaving or h.effective <= _today(ctx)]
    answers = [
        answer
        for person, day in leaving.items()
        if (answer := _without_handoff(ctx, ownership, person, day)) is not None
    ]
    answers += [_handed_over(ctx, ownership, h, max_drill_age_days) for h in due]
    if answers:
        return all_of(answers)
    later = [h.id for h in ownership.handoffs]
    waiting = f"; {', '.join(later)} is still to come" if later else ""
    return passed(
        f"no owner leaves within {leaves_within_days} days{waiting}",
        looked_at=[ownership.where, ctx.model.people.where],
    )


def _today(ctx: Context) -> date:
    return ctx.as_of.date()


def _leaving(ctx: Context, ownership: Ownership, days: int) -> Iterator[tuple[str, date]]:
    """Each owner whose last day is near or past, with that day."""
    owners = (ownership.accountable, ownership.deputy, ownership.lifecycle_owner)
    for owner in dict.fromkeys(owners):
        person = ctx.model.people.person(owner)
        last = person.active_to if person is not None else None
        if person is not None and last is not None and last - _today(ctx) <= timedelta(days=days):
            yield person.id, last


def _without_handoff(
    ctx: Context, ownership: Ownership, person: str, last: date
) -> Outcome | None:
    """The failure of an owner who leaves with no handoff by the last day; None with one."""
    mine = [h for h in ownership.handoffs if h.outgoing == person]
    if any(h.effective <= last for h in mine):
        return None
    late = f", and {mine[0].id} takes effect only on {mine[0].effective}" if mine else ""
    gone = last < _today(ctx)
    return failed(
        f"{person}'s last day is {last}{late or ', and nobody takes over'}",
        looked_at=[h.where for h in mine] or [ownership.place_of("handoffs")],
        remedy=f"whoever becomes the owner takes the place of {person} in ownership.yaml"
        if gone
        else f"{person} and whoever follows write a handoff into ownership.yaml, effective by "
        f"{last}",
        owner=None if gone else person,
    )


def _handed_over(ctx: Context, ownership: Ownership, handoff: Handoff, max_days: int) -> Outcome:
    accepted = _accepted(ctx, handoff)
    silent = [p for p in handoff.parties(ownership.accountable) if p not in accepted]
    drill = _drill_led_by(ctx, handoff, max_days)
    steps = [
        f"{person}: `ops-model attest {ctx.system.id} --topic handoff --handoff {handoff.id} "
        f"--as {person} --text '...'`"
        if ctx.model.people.person(person)
        else f"the owner names a person in ownership.yaml in the place of {person}"
        for person in silent
    ]
    said = [f"not accepted by {', '.join(silent)}"] if silent else []
    if drill is None:
        said.append(f"no passed {handoff.drill.replace('_', ' ')} drill led by {handoff.incoming}")
        steps.append(f"{handoff.incoming} leads the {handoff.drill.replace('_', ' ')} drill")
    if drill is None or silent:
        return unknown(
            "missing",
            f"{handoff.id} ({handoff.outgoing} to {handoff.incoming}, effective "
            f"{handoff.effective}): {'; '.join(said)}",
            looked_at=[handoff.where],
            remedy="; ".join(steps),
            owner=handoff.incoming,
        )
    return passed(
        f"{handoff.id}: {handoff.incoming} follows {handoff.outgoing}, accepted by "
        f"{', '.join(accepted)}, and led the drill at {drill}",
        looked_at=[handoff.where],
    )


def _accepted(ctx: Context, handoff: Handoff) -> tuple[str, ...]:
    """Who accepted it: by a word that holds now, or that held when it took effect."""
    words = [found.record for found in ctx.evidence.all(Attestation)]
    then = datetime.combine(handoff.effective, time(), tzinfo=UTC)
    instants = (ctx.as_of, min(then, ctx.as_of))
    return tuple(dict.fromkeys(p for at in instants for p in acceptances(handoff, words, at=at)))


def _drill_led_by(ctx: Context, handoff: Handoff, max_days: int) -> Where | None:
    """Where the ledger has a passed drill that the newcomer led, not long before the day."""
    since = handoff.effective - timedelta(days=max_days)
    kind: type[RollbackDrill | FallbackDrill] = (
        RollbackDrill if handoff.drill == "rollback" else FallbackDrill
    )
    led = [
        drill.where
        for drill in ctx.evidence.all(kind)
        if drill.record.kind == f"{handoff.drill}_drill"
        and drill.record.performed_by == handoff.incoming
        and drill.record.passed
        and drill.record.done_at.date() >= since
    ]
    return led[-1] if led else None


@check(
    "TRN-02",
    question="Do duties pass from the partner to one's own people as planned, and not back?",
    area="ownership",
    source=["S2.16", "S2.17"],
    revision=1,
)
def transition_on_track(ctx: Context, *, months: int = 3) -> Outcome:
    """Co-managed is a way and no place to stay; a step back needs a written reason."""
    ownership = ctx.system.ownership
    if ownership is None:
        return no_file(ctx, "ownership")
    plan = ownership.transition
    if plan is None:
        return not_applicable(
            "no partner runs any of it, so nothing has to pass from one",
            looked_at=[ownership.place_of("transition")],
        )
    faults = [*_partner_faults(ctx, plan), *_overdue(ctx, plan)]
    if plan.exception is None:
        faults += _steps_back(ctx, plan, months)
    if faults:
        return failed(
            "; ".join(why for why, _ in faults),
            looked_at=[where for _, where in faults],
            remedy=f"{ownership.accountable} and the partner settle what the step waits for, or "
            "write new dates and the reason (`exception`) into ownership.yaml",
        )
    own, of = plan.own_led(_today(ctx))
    excepted = f"; a step back is explained: {plan.exception}" if plan.exception else ""
    return passed(
        f"{own} of {of} duties led by our own people{excepted}",
        looked_at=[plan.where, *(ladder.where for ladder in plan.ladders)],
    )


Faults = Iterator[tuple[str, Where]]


def _partner_faults(ctx: Context, plan: TransitionPlan) -> Faults:
    team, where = ctx.model.people.team(plan.partner_team), plan.place_of("partner_team")
    if team is None:
        yield f"partner_team: there is no team {plan.partner_team}", where
    elif team.kind != "partner":
        yield f"partner_team: {team.id} is a {team.kind} team; expected a partner", where
    if not plan.ladders:
        yield "no duty is on the way", plan.place_of("ladders")


def _steps_back(ctx: Context, plan: TransitionPlan, months: int) -> Faults:
    since = _today(ctx) - timedelta(days=round(months * 30.5))
    rank = get_args(Phase).index
    for ladder in plan.ladders:
        for before, after in pairwise(ladder.steps):
            recent = since < after.starts <= _today(ctx)
            if recent and rank(after.phase) < rank(before.phase):
                yield (
                    f"{ladder.duty} went back from {before.phase} to {after.phase} on "
                    f"{after.starts}, without a reason",
                    after.where,
                )


def _overdue(ctx: Context, plan: TransitionPlan) -> Faults:
    """Steps that have begun while a check that had to pass first does not, and reviews unheld."""
    for ladder in plan.ladders:
        yield from _unmet(ctx, ladder)
    for review in plan.reviews:
        if review.due < _today(ctx) and review.decision is None:
            yield f"the partnership's review of {review.due} has no decision", review.where


def _unmet(ctx: Context, ladder: Ladder) -> Faults:
    begun = [step for step in ladder.steps if step.starts <= _today(ctx)]
    for step in begun[-1:]:
        asked = {c: ctx.finding_of(c) for c in step.exit_criteria if c != "TRN-02"}
        unmet = [check_id for check_id, found in asked.items() if found is None or found.open]
        if unmet:
            yield (
                f"{ladder.duty} is {step.phase} since {step.starts}, and {', '.join(unmet)} had "
                "to pass first",
                step.where,
            )


@check(
    "TRN-03",
    question="Do two people or more bring each of the four skills that operating it takes?",
    area="ownership",
    source=["S2.15", "S3.7", "S4.12"],
    revision=1,
)
def skills_covered(ctx: Context, *, min_people: int = 2) -> Outcome:
    """Machine learning, systems, security and the business at once: one head seldom holds all."""
    ownership, rota = ctx.system.ownership, ctx.system.on_call
    if ownership is None:
        return no_file(ctx, "ownership")
    people = [ctx.model.people.person(p) for p in _people_of(ctx) if not ctx.why_not_active(p)]
    able = {
        skill: [p.id for p in people if p is not None and skill in p.skills]
        for skill in get_args(Skill)
    }
    said = "; ".join(f"{skill}: {', '.join(held) or 'nobody'}" for skill, held in able.items())
    looked_at = [ownership.where, *([rota.where] if rota is not None else [])]
    if any(len(held) < min_people for held in able.values()):
        return failed(
            f"{said}; expected {min_people} people for each",
            looked_at=[*looked_at, ctx.model.people.where],
            remedy=f"{ownership.accountable} gives a duty or a deputy's place to somebody who has "
            "it, or has somebody trained, and writes it under `skills` in people.yaml",
        )
    return passed(said, looked_at=[*looked_at, ctx.model.people.where])


def _people_of(ctx: Context) -> tuple[str, ...]:
    """Everybody who owns, does or is paged for something of this system."""
    ownership, rota = ctx.system.ownership, ctx.system.on_call
    named: list[str | None] = []
    if ownership is not None:
        domains = ownership.domains
        named += [ownership.accountable, ownership.deputy, ownership.lifecycle_owner]
        named += [domains.reliability, domains.cost, domains.compliance]
        named += [p for duty in ownership.duties.values() for p in (duty.primary, duty.deputy)]
    for layer in rota.layers if rota is not None else ():
        named += layer.participants
    return tuple(dict.fromkeys(person for person in named if person is not None))
