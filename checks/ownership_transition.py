"""How a system passes from a partner to one's own people, who bring what it takes."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Annotated, get_args

from pydantic import Field

from ops_model.check.api import (
    Context,
    Outcome,
    Recorded,
    check,
    earliest,
    failed,
    latest_in_date,
    no_file,
    not_applicable,
    passed,
    short_of_words,
    unknown,
    valid_until,
)
from ops_model.domain.on_call import ROLES
from ops_model.domain.ownership import (
    Ladder,
    Ownership,
    Phase,
    TransitionPlan,
)
from ops_model.domain.people import Skill
from ops_model.domain.transition import MonthShare, TransitionStatus
from ops_model.domain.values import Where


@check(
    "TRN-02",
    question="Do duties pass from the partner to one's own people as planned, and not back?",
    area="ownership",
    source=["S2.16", "S2.17"],
    revision=1,
)
def transition_on_track(
    ctx: Context,
    *,
    months: Annotated[int, Field(ge=1)] = 3,
    stall_months: Annotated[int, Field(ge=1)] = 6,
    min_words: Annotated[int, Field(ge=3)] = 4,
) -> Outcome:
    """Co-managed is a way and no place to stay; a step back needs a written reason."""
    ownership = ctx.system.ownership
    if ownership is None:
        return no_file(ctx, "ownership")
    plan = ownership.transition
    if plan is None:
        return _without_plan(ctx, ownership)
    faults = [*_partner_faults(ctx, plan), *_overdue(ctx, plan)]
    late = [*_steps_back(ctx, plan, months), *_stalled(ctx, plan, stall_months)]
    short = short_of_words(plan.exception, min_words)
    if plan.exception is None:
        faults += late
    elif late and short:
        faults.append((f"exception explains nothing: {short}", plan.place_of("exception")))
    if faults:
        return failed(
            "; ".join(why for why, _ in faults),
            looked_at=[where for _, where in faults],
            remedy=f"{ownership.accountable} and the partner settle what the transition waits "
            "for, or write new dates and the reason (`exception`) under `transition` in "
            "ownership.yaml",
        )
    own, of = plan.own_led(ctx.today)
    excepted = f"; a step back is explained: {plan.exception}" if plan.exception else ""
    return passed(
        f"{own} of {of} duties led by our own people{excepted}",
        looked_at=[plan.where, *(ladder.where for ladder in plan.ladders)],
    )


Faults = Iterator[tuple[str, Where]]


def _without_plan(ctx: Context, ownership: Ownership) -> Outcome:
    """The answer where no transition is written: there is none to make, or nobody planned it."""
    rota = ctx.system.on_call
    held: list[str | None] = [*_people_of(ctx), *(seam.owner for seam in ownership.seams)]
    held += [p for role in ROLES for p in rota.rostered(role, ctx.as_of)] if rota else []
    held += [step.target for step in rota.escalation] if rota else []
    care, plan = ctx.system.identity.care, ctx.system.rollback
    held += [c.owner for key in type(care).model_fields if (c := getattr(care, key)) is not None]
    held += [plan.author] if plan is not None else []
    people = (ctx.model.people.person(person_id) for person_id in dict.fromkeys(held))
    partners = [p.id for p in people if p is not None and p.employer == "partner"]
    where = ownership.place_of("transition")
    if not partners:
        return not_applicable(
            "no partner runs any of it, so nothing has to pass from one", looked_at=[where]
        )
    return unknown(
        "missing",
        f"{', '.join(partners)} of a partner hold duties or turns, or answer for parts of it, "
        "and nobody wrote how these pass to our own people",
        looked_at=[where],
        remedy=f"{ownership.accountable} and the partner write `transition` in ownership.yaml: "
        "the partner's team, and a ladder for each duty",
    )


def _stalled(ctx: Context, plan: TransitionPlan, months: int) -> Faults:
    """A plan that has not begun, or in which nothing has passed on for too long."""
    today = ctx.today
    since = today - timedelta(days=round(months * 30.5))
    for ladder in plan.ladders:
        if ladder.phase_on(today) is None:
            begins = ladder.steps[0].starts
            yield f"{ladder.duty}: the first step begins only on {begins}", ladder.where
    own, of = plan.own_led(today)
    first = min((ladder.steps[0].starts for ladder in plan.ladders), default=today)
    moved = any(_moved(ladder, since, today) for ladder in plan.ladders)
    if own < of and first <= since and not moved:
        said = f"{own} of {of} duties are led by our own people, and none has passed on since"
        yield f"{said} {since}", plan.place_of("ladders")


def _moved(ladder: Ladder, since: date, today: date) -> bool:
    """True when a duty passed on, to our own people or towards them, within a span."""
    rank = get_args(Phase).index
    return any(
        since < after.starts <= today and rank(after.phase) > rank(before.phase)
        for before, after in pairwise(ladder.steps)
    )


def _partner_faults(ctx: Context, plan: TransitionPlan) -> Faults:
    team, where = ctx.model.people.team(plan.partner_team), plan.place_of("partner_team")
    if team is None:
        yield f"partner_team: there is no team {plan.partner_team}", where
    elif team.kind != "partner":
        yield f"partner_team: {team.id} is a {team.kind} team; expected a partner", where
    if not plan.ladders:
        yield "no duty is on the way", plan.place_of("ladders")


def _steps_back(ctx: Context, plan: TransitionPlan, months: int) -> Faults:
    since = ctx.today - timedelta(days=round(months * 30.5))
    rank = get_args(Phase).index
    for ladder in plan.ladders:
        for before, after in pairwise(ladder.steps):
            recent = since < after.starts <= ctx.today
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
        if review.due < ctx.today and review.decision is None:
            yield f"the partnership's review of {review.due} has no decision", review.where


def _unmet(ctx: Context, ladder: Ladder) -> Faults:
    begun = [step for step in ladder.steps if step.starts <= ctx.today]
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
    "TRN-04",
    question="Do our own people lead no less of it than three months ago?",
    area="ownership",
    source=["S2.18"],
    revision=1,
)
def dependence_not_rising(
    ctx: Context,
    *,
    months: Annotated[int, Field(ge=1)] = 3,
    max_age_days: int = 35,
    min_words: Annotated[int, Field(ge=3)] = 4,
) -> Outcome:
    """A partner is there to become unneeded; a share that falls is competence that leaves."""
    ownership = ctx.system.ownership
    if ownership is None:
        return no_file(ctx, "ownership")
    plan = ownership.transition
    if plan is None:
        return _without_plan(ctx, ownership)
    anew = f"{ownership.accountable} runs `ops-model run 11_handoff_transition {ctx.system.id}`"
    found = latest_in_date(
        ctx,
        TransitionStatus,
        max_age_days=max_age_days,
        missing="how much our own people lead, month by month, is not on record",
        claim=plan.where,
        remedy=anew,
    )
    if isinstance(found, Outcome):
        return found
    if ctx.texts.get("ownership.yaml") not in found.record.claims:
        return unknown(
            "expired",
            f"the course of {found.record.as_of.date()} is that of an earlier text of "
            "ownership.yaml",
            looked_at=[plan.where, found.where],
            remedy=anew,
        )
    until = valid_until(found, max_age_days=max_age_days)
    return _rising(found, ownership, months, min_words, until) or unknown(
        "too_few",
        f"led by our own people: {_courses(found.record, months)}; expected two months or more "
        "to compare",
        looked_at=[plan.where, found.where],
        remedy=f"next month {anew}",
    )


def _rising(
    found: Recorded[TransitionStatus],
    ownership: Ownership,
    months: int,
    min_words: int,
    until: datetime,
) -> Outcome | None:
    """Whether the shares of the last months rise or hold; None where none can be compared."""
    exception = found.record.exception
    status = found.record
    known = {
        what: held
        for what, course in _led(status).items()
        if (held := _known(course, months, status.as_of))
    }
    falls = [f"{what} {fall}" for what, held in known.items() for fall in _falls(held)]
    short = short_of_words(exception, min_words)
    if falls and short:
        why = f"; the exception explains nothing: {short}" if exception else ""
        return failed(
            f"led by our own people: {'; '.join(falls)}{why}",
            looked_at=[ownership.place_of("transition"), found.where],
            remedy=f"{ownership.accountable} gives the next turns and drills to our own people, "
            "or writes the reason (`exception`) under `transition` in ownership.yaml",
        )
    if all(len(held) < 2 for held in known.values()):
        return None
    excepted = f"; a fall is explained: {exception}" if falls else ""
    return passed(
        f"led by our own people: {_courses(found.record, months)}{excepted}",
        looked_at=[found.where],
        values={f"{what} led by our own people": h[-1].share for what, h in known.items()},
        valid_until=until,
    )


def _led(status: TransitionStatus) -> Mapping[str, Sequence[MonthShare]]:
    return {"duties": status.own_led, "drills": status.own_drills}


def _known(course: Sequence[MonthShare], months: int, as_of: datetime) -> list[MonthShare]:
    """The shares of the last months by then, and of the one before them, that are known."""
    last = as_of.year * 12 + as_of.month
    return [
        month
        for month in course[-months - 1 :]
        if month.share.value is not None
        and 0 <= last - (month.month.year * 12 + month.month.month) <= months
    ]


def _falls(known: Sequence[MonthShare]) -> Iterator[str]:
    """Each month in which the share was less than in the one known before."""
    for before, after in pairwise(known):
        if (after.share.value or 0) < (before.share.value or 0):
            yield (
                f"from {_percent(before)} in {before.month:%Y-%m} to {_percent(after)} in "
                f"{after.month:%Y-%m}"
            )


def _courses(status: TransitionStatus, months: int) -> str:
    """The shares of the last months as text."""
    known = {what: _known(c, months, status.as_of) for what, c in _led(status).items()}
    said = {
        what: ", ".join(f"{_percent(m)} in {m.month:%Y-%m}" for m in held)
        for what, held in known.items()
    }
    return "; ".join(f"{what} {course or 'not known'}" for what, course in said.items())


def _percent(month: MonthShare) -> str:
    return f"{100 * (month.share.value or 0):.3g} %"


@check(
    "TRN-03",
    question="Do two people or more bring each of the four skills that operating it takes?",
    area="ownership",
    source=["S2.15", "S3.7", "S4.12"],
    revision=1,
)
def skills_covered(ctx: Context, *, min_people: Annotated[int, Field(ge=2)] = 2) -> Outcome:
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
    rare = [skill for skill, held in able.items() if len(held) < min_people]
    if rare:
        return failed(
            f"{said}; expected {min_people} people for each",
            looked_at=[*looked_at, ctx.model.people.where],
            remedy=f"{ownership.accountable} gives a duty or a deputy's place in ownership.yaml "
            "to "
            f"somebody who has {' or '.join(rare)}, or has somebody trained and writes it under "
            "`skills` in people.yaml",
        )
    return passed(
        said,
        looked_at=[*looked_at, ctx.model.people.where],
        valid_until=earliest(*(_short_from(ctx, held, min_people) for held in able.values())),
    )


def _short_from(ctx: Context, held: Sequence[str], min_people: int) -> datetime | None:
    """When fewer than so many of these people are left; None where enough of them stay."""
    leaving = sorted(gone for person in held if (gone := ctx.until_gone(person)) is not None)
    spare = len(held) - min_people
    return leaving[spare] if len(leaving) > spare else None


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
