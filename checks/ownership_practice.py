"""Whether those who are paged have ever practised on this system."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from ops_model.check.api import (
    Context,
    Outcome,
    Recorded,
    by_tier,
    check,
    failed,
    latest_in_date,
    no_file,
    passed,
    unknown,
    valid_until,
)
from ops_model.check.remedies import rehearse_rollback, resolve_rota
from ops_model.domain.evidence import Attestation, Statement
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.familiarity import last_drilled
from ops_model.domain.on_call import CoverageMeasurement
from ops_model.domain.rollback import RollbackDrill
from ops_model.domain.values import Where

Drill = Recorded[RollbackDrill] | Recorded[FallbackDrill]


@check(
    "ONC-05",
    question="Has everybody who is primary in the next weeks drilled this very system lately?",
    area="ownership",
    source=["S1.6"],
    revision=1,
)
def drilled_this_system(
    ctx: Context,
    *,
    days: Annotated[int, Field(ge=28)] = 91,
    max_age_days: int = by_tier(90, 180, 180),
    max_rota_age_days: int = 7,
) -> Outcome:
    """At 2am nobody learns a system; whoever never saw it fail watches it fail.

    Who is primary is read from the resolved rota. A drill counts for whoever performed it, and for
    whoever attests to have been there.
    """
    rota = ctx.system.on_call
    if rota is None:
        return no_file(ctx, "on_call")
    found = latest_in_date(
        ctx,
        CoverageMeasurement,
        max_age_days=max_rota_age_days,
        missing="the rota was never resolved, so nobody knows who is going to be paged",
        claim=rota.where,
        remedy=resolve_rota(ctx.system),
    )
    if isinstance(found, Outcome):
        return found
    primaries = _primaries(found.record)
    if found.record.days < days or not primaries:
        return unknown(
            "too_few",
            f"who is primary was worked out for {found.record.days} days, and is "
            f"{', '.join(primaries) or 'nobody'}; expected {days} days",
            looked_at=[rota.where, found.where],
            remedy=resolve_rota(ctx.system),
        )
    drilled = last_drilled(ctx.evidence.statements, as_of=ctx.as_of)
    limit = ctx.as_of - timedelta(days=max_age_days)
    never = [p for p in primaries if p not in drilled]
    stale = [p for p in primaries if p in drilled and drilled[p] < limit]
    layers = [layer.where for layer in rota.layers if layer.role == "primary"] or [rota.where]
    looked_at = [*layers, found.where, *_drills(ctx, primaries)]
    if never or stale:
        said = [f"{p} has never drilled it" for p in never]
        said += [f"{p} drilled it last on {drilled[p].date()}" for p in stale]
        return failed(
            f"{'; '.join(said)}; expected a drill within {max_age_days} days from each primary",
            looked_at=looked_at,
            remedy=f"{', '.join([*never, *stale])}, before their next turn: "
            f"{rehearse_rollback(ctx.system, 'each')} with their own id as `--as`",
        )
    said_of = [f"{p} on {drilled[p].date()}" for p in primaries]
    first = min(drilled[p] for p in primaries) + timedelta(days=max_age_days)
    return passed(
        f"each primary of {found.record.days} days drilled it: {', '.join(said_of)}",
        looked_at=looked_at,
        valid_until=min(first, valid_until(found, max_age_days=max_rota_age_days)),
    )


def _primaries(covered: CoverageMeasurement) -> tuple[str, ...]:
    """Who is primary in the window, those included who hold it for some hours only."""
    held = covered.people_by_role.get("primary", ())
    weak = [spot.person for spot in covered.weak if spot.role == "primary" and spot.person]
    now = [covered.primary_now] if covered.primary_now else []
    return tuple(dict.fromkeys([*held, *weak, *now]))


def _drills(ctx: Context, people: Sequence[str]) -> list[Where]:
    """The last drill that each performed or attended: what happened in it was observed."""
    last: dict[str, Drill] = {}
    drills: list[Drill] = [*ctx.evidence.all(RollbackDrill), *ctx.evidence.all(FallbackDrill)]
    for drill in drills:
        for person in _who_was_there(ctx, drill.statement):
            if person not in last or drill.record.as_of > last[person].record.as_of:
                last[person] = drill
    return list(dict.fromkeys(last[person].where for person in people if person in last))


def _who_was_there(ctx: Context, drill: Statement) -> list[str]:
    words = ctx.evidence.all(
        Attestation, matching=lambda word: word.topic == "attendance" and word.of == drill.digest
    )
    performed = getattr(drill.record, "performed_by", None)
    return [*([performed] if performed else []), *(word.record.person for word in words)]
