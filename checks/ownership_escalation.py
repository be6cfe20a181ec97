"""Whom an unanswered page reaches next, and how soon."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from pydantic import Field

from ops_model.check.api import (
    Context,
    Outcome,
    by_tier,
    check,
    earliest,
    failed,
    no_file,
    passed,
)
from ops_model.domain.on_call import (
    ROLES,
    Escalation,
    OnCallRotation,
    Role,
)


@check(
    "ONC-06",
    question="Does an unanswered page reach the last person in time?",
    area="ownership",
    source=["S0.13", "S1.20"],
    revision=2,
)
def escalation_within_limit(
    ctx: Context,
    *,
    max_minutes: int = by_tier(15, 30, 60),
    min_steps: Annotated[int, Field(ge=2)] = 2,
) -> Outcome:
    """A page that waits an hour for the first answer is an hour in which nobody does anything.

    A role reaches somebody where one of those who ever have it works here.
    """
    rota = ctx.system.on_call
    if rota is None:
        return no_file(ctx, "on_call")
    steps = rota.escalation
    total = sum(step.ack_within_minutes for step in steps)
    faults = list(_escalation_faults(ctx, rota))
    if len(steps) < min_steps:
        faults.insert(0, f"{len(steps)} of at least {min_steps} steps are written")
    if total > max_minutes:
        faults.append(f"the page waits {total} minutes in all; expected at most {max_minutes}")
    if faults:
        return failed(
            "; ".join(faults),
            looked_at=[step.where for step in steps] or [rota.place_of("escalation")],
            remedy="the reliability owner writes under `escalation` in on_call.yaml whom a page "
            "goes to next, under `layers` only people who work here, and shortens the waits",
        )
    said = ", then ".join(f"{step.target} ({step.ack_within_minutes} min)" for step in steps)
    return passed(
        f"{said}: {total} minutes in all, of {max_minutes}",
        looked_at=[step.where for step in steps],
        valid_until=earliest(*(_until_unreached(ctx, rota, step.target) for step in steps)),
    )


def _escalation_faults(ctx: Context, rota: OnCallRotation) -> Iterator[str]:
    targets = [step.target for step in rota.escalation]
    for step in rota.escalation:
        if why := _why_not_reached(ctx, rota, step):
            yield why
    for target in dict.fromkeys(targets):
        if targets.count(target) > 1:
            yield f"{target} is asked {targets.count(target)} times; expected somebody else"
    if targets and targets[0] != "primary":
        yield f"the page goes to {targets[0]} first; expected primary"
    first = {"primary", *rota.rostered("primary", ctx.as_of)}
    if len(set(targets)) > 1 and first.issuperset(targets):
        yield "nobody but those who are primary is asked; expected secondary, or somebody else"


def _why_not_reached(ctx: Context, rota: OnCallRotation, step: Escalation) -> str:
    role = _role_of(step.target)
    if role is None:
        version = ctx.system.identity.version
        if step.target in version.trained_by:
            return f"{step.target} trained {version.label}; expected somebody who did not"
        return ctx.why_not_active(step.target)
    why = [ctx.why_not_active(person) for person in rota.rostered(role, ctx.as_of)]
    if not why:
        return f"nobody is ever {role}"
    return f"nobody who is {role} works here: {', '.join(why)}" if all(why) else ""


def _until_unreached(ctx: Context, rota: OnCallRotation, target: str) -> datetime | None:
    """When nobody is left whom a step reaches; None where no last day is written."""
    role = _role_of(target)
    people = rota.rostered(role, ctx.as_of) if role is not None else (target,)
    ends = [ctx.until_gone(person) for person in people if not ctx.why_not_active(person)]
    known = [end for end in ends if end is not None]
    return max(known, default=None) if len(known) == len(ends) else None


def _role_of(target: str) -> Role | None:
    return next((role for role in ROLES if role == target), None)
