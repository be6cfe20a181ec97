"""How a system passes from owner to owner."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Annotated

from pydantic import Field

from ops_model.check.api import (
    Attestation,
    Context,
    Outcome,
    all_of,
    check,
    earliest,
    failed,
    no_file,
    passed,
    unknown,
)
from ops_model.check.remedies import rehearse_fallback, rehearse_rollback
from ops_model.domain.handed_over import accepted_by, drill_led
from ops_model.domain.ownership import Handoff, Ownership


@check(
    "TRN-01",
    question="Is every owner who leaves followed by one who took over and led a drill?",
    area="ownership",
    source=["S1.22"],
    revision=1,
)
def handoff_accepted(
    ctx: Context,
    *,
    leaves_within_days: Annotated[int, Field(ge=1)] = 30,
    max_drill_age_days: int = 180,
) -> Outcome:
    """A page that nobody reads is no handoff; the drill that the newcomer led is one."""
    ownership = ctx.system.ownership
    if ownership is None:
        return no_file(ctx, "ownership")
    leaving = dict(_leaving(ctx, ownership, leaves_within_days))
    due = [h for h in ownership.handoffs if h.outgoing in leaving or h.effective <= ctx.today]
    answers = [
        answer
        for person, day in leaving.items()
        if (answer := _without_handoff(ctx, ownership, person, day)) is not None
    ]
    answers += [_handed_over(ctx, ownership, h, max_drill_age_days) for h in due]
    if not answers:
        later = [h.id for h in ownership.handoffs]
        waiting = f"; {', '.join(later)} is still to come" if later else ""
        said = f"no owner leaves within {leaves_within_days} days{waiting}"
        answers = [passed(said, looked_at=[ownership.where, ctx.model.people.where])]
    answer = all_of(answers)
    if answer.status != "passed":
        return answer
    ends = (answer.valid_until, _next(ctx, ownership, leaves_within_days))
    return replace(answer, valid_until=earliest(*ends))


def _next(ctx: Context, ownership: Ownership, days: int) -> datetime | None:
    """When the next owner begins to leave, or the next handoff takes effect."""
    begins = [h.effective for h in ownership.handoffs]
    begins += [
        person.active_to - timedelta(days=days)
        for name in (ownership.accountable, ownership.deputy, ownership.lifecycle_owner)
        if (person := ctx.model.people.person(name)) is not None and person.active_to is not None
    ]
    return earliest(*(ctx.end_of(d - timedelta(days=1)) for d in begins if d > ctx.today))


def _leaving(ctx: Context, ownership: Ownership, days: int) -> Iterator[tuple[str, date]]:
    """Each owner whose last day is near or past, with that day."""
    owners = (ownership.accountable, ownership.deputy, ownership.lifecycle_owner)
    for owner in dict.fromkeys(owners):
        person = ctx.model.people.person(owner)
        last = person.active_to if person is not None else None
        if person is not None and last is not None and last - ctx.today <= timedelta(days=days):
            yield person.id, last


def _without_handoff(
    ctx: Context, ownership: Ownership, person: str, last: date
) -> Outcome | None:
    """The failure of an owner who leaves with no handoff by the last day; None with one."""
    mine = [h for h in ownership.handoffs if h.outgoing == person]
    if any(h.effective <= last for h in mine):
        return None
    late = f", and {mine[0].id} takes effect only on {mine[0].effective}" if mine else ""
    gone = last < ctx.today
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
    accepted = accepted_by(handoff, ctx.evidence.statements, at=ctx.as_of)
    silent = [p for p in handoff.parties(ownership.accountable) if p not in accepted]
    drill = drill_led(handoff, ctx.evidence.statements, max_days=max_days)
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
        steps.append(_lead(ctx, handoff))
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
        valid_until=None
        if handoff.effective <= ctx.today
        else earliest(*(w.expires for w in _words(ctx, handoff) if w.expires > ctx.as_of)),
    )


def _words(ctx: Context, handoff: Handoff) -> list[Attestation]:
    """What was said of a handoff; a word has to hold until it takes effect."""
    words = ctx.evidence.all(Attestation, matching=lambda word: word.handoff == handoff.id)
    return [found.record for found in words]


def _lead(ctx: Context, handoff: Handoff) -> str:
    """How the newcomer leads the drill that the handoff asks for."""
    if handoff.drill == "rollback":
        return rehearse_rollback(ctx.system, handoff.incoming)
    return rehearse_fallback(ctx.system, who=handoff.incoming)
