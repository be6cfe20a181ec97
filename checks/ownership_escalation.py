"""Whom an unanswered page reaches next, and how soon."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from ops_model.check.api import (
    Context,
    Outcome,
    by_tier,
    check,
    failed,
    no_file,
    passed,
)
from ops_model.domain.on_call import (
    ROLES,
    Escalation,
    OnCallRotation,
)


@check(
    "ONC-06",
    question="Does an unanswered page reach the last person in time?",
    area="ownership",
    source=["S0.13", "S1.20"],
    revision=1,
)
def escalation_within_limit(
    ctx: Context,
    *,
    max_minutes: int = by_tier(15, 30, 60),
    min_steps: Annotated[int, Field(ge=2)] = 2,
) -> Outcome:
    """A page that waits an hour for the first answer is an hour in which nobody does anything."""
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
            "goes to next, and shortens the waits",
        )
    said = ", then ".join(f"{step.target} ({step.ack_within_minutes} min)" for step in steps)
    return passed(
        f"{said}: {total} minutes in all, of {max_minutes}",
        looked_at=[step.where for step in steps],
        valid_until=ctx.until_gone(*(step.target for step in steps)),
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
    role = next((role for role in ROLES if role == step.target), None)
    if role is None:
        version = ctx.system.identity.version
        if step.target in version.trained_by:
            return f"{step.target} trained {version.label}; expected somebody who did not"
        return ctx.why_not_active(step.target)
    return "" if rota.rostered(role, ctx.as_of) else f"nobody is ever {role}"
