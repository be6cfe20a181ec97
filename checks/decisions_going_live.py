"""The days around going live: who was there before, what was built in time, what is watched."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from ops_model.check.api import (
    Context,
    Outcome,
    Recorded,
    check,
    counted,
    failed,
    no_file,
    not_applicable,
    passed,
    unknown,
)
from ops_model.check.remedies import rehearse_rollback
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.operating_model import AREA_FILES
from ops_model.domain.rollback import RollbackDrill
from ops_model.domain.system import Hypercare, StageChange
from ops_model.domain.values import ClaimFile

BUILT_ALONGSIDE = ("on_call", "signals", "rollback", "cost")
"""Runbook and rota, monitoring, going back, and cost control (S0.20)."""


@check(
    "RDY-02",
    question="Was a platform team at work on it well before it went live?",
    area="decisions",
    source=["S0.19"],
    revision=1,
)
def platform_engaged_before(
    ctx: Context, *, min_lead_days: Annotated[int, Field(ge=5)] = 14
) -> Outcome:
    """Whoever has to run it learns of it before its users do, or runs what they never saw."""
    identity = ctx.system.identity
    engaged = [c for c in identity.stage_history if c.at <= ctx.as_of and _platform(ctx, c)]
    first = min(engaged, key=lambda change: change.at, default=None)
    live = identity.went_live_at if identity.in_production_at(ctx.as_of) else None
    looked_at = [first.where if first else identity.place_of("stage_history")]
    remedy = (
        "the owner invites the platform team, and writes it under `teams` of the stage that "
        "begins with that in system.yaml"
    )
    if first is None:
        return failed(
            "no platform team with people in it is written down as at work on it at any stage",
            looked_at=looked_at,
            remedy=remedy,
        )
    team = ", ".join(_platform(ctx, first))
    if live is None:
        return passed(
            f"{team} is at work on it since {first.at.date()}; it serves nobody yet",
            looked_at=looked_at,
        )
    if live - first.at < timedelta(days=min_lead_days):
        return failed(
            f"{team} came in on {first.at.date()}, and it went live on {live.date()}; expected "
            f"{min_lead_days} days between",
            looked_at=looked_at,
            remedy="that day does not come back: the platform lead says what they would have "
            "asked for, and an executive waives RDY-02 in policy.yaml until it is done; or "
            "the owner corrects the date under `stage_history` in system.yaml",
        )
    return passed(
        f"{team} was at work on it from {first.at.date()}, {(live - first.at).days} days before "
        "it went live",
        looked_at=looked_at,
    )


def _platform(ctx: Context, change: StageChange) -> tuple[str, ...]:
    teams = (ctx.model.people.team(team) for team in change.teams)
    return tuple(
        team.id
        for team in teams
        if team is not None
        and team.kind == "platform"
        and any(p.active_on(change.at.date()) for p in ctx.model.people.members(team.id))
    )


@check(
    "RDY-03",
    question="Were rota, monitoring, rollback and cost control built alongside, not after?",
    area="decisions",
    source=["S0.20"],
    revision=1,
)
def built_alongside(ctx: Context) -> Outcome:
    """What is written after the launch is written after the first incident."""
    identity = ctx.system.identity
    live = identity.went_live_at
    if live is None or not identity.in_production_at(ctx.as_of):
        return not_applicable(
            "it serves nobody, so nothing can have come too late",
            looked_at=[identity.place_of("stage_history")],
        )
    for attribute in BUILT_ALONGSIDE:
        if getattr(ctx.system, attribute) is None:
            return no_file(ctx, attribute)
    files: dict[str, ClaimFile] = {
        AREA_FILES[attribute][0]: getattr(ctx.system, attribute) for attribute in BUILT_ALONGSIDE
    }
    undated = [name for name, file in files.items() if file.declared is None]
    if undated:
        return unknown(
            "missing",
            f"when it was written does not stand in {', '.join(undated)}",
            looked_at=[files[name].where for name in undated],
            remedy=f"the owner adds `declared: {{by: ID, at: TIME}}` to {', '.join(undated)}, "
            "with the day on which each was written first",
        )
    dates = {name: file.declared.at for name, file in files.items() if file.declared is not None}
    late = [f"{name} on {at.date()}" for name, at in dates.items() if at > live]
    if late:
        return failed(
            f"it went live on {live.date()}, and this was written after: {', '.join(late)}",
            looked_at=[
                files[name].place_of("declared") for name, at in dates.items() if at > live
            ],
            remedy="that day does not come back: an executive waives RDY-03 in policy.yaml, with "
            "a review of what ran unwatched since; or the owner corrects `declared` in "
            f"{', '.join(n for n, at in dates.items() if at > live)}",
        )
    return passed(
        f"{', '.join(dates)}: all written by {max(dates.values()).date()}, live since "
        f"{live.date()}",
        looked_at=[file.place_of("declared") for file in files.values()],
    )


@check(
    "RDY-09",
    question="Are the first ninety days watched more closely, with a drill and a review?",
    area="decisions",
    source=["S0.12", "S0.21"],
    revision=1,
)
def hypercare(
    ctx: Context,
    *,
    min_days: Annotated[int, Field(ge=30)] = 90,
    max_drill_days: int = 30,
    max_review_days: int = 14,
) -> Outcome:
    """Normal operation brings at least one failure in the first ninety days; be there for it."""
    identity = ctx.system.identity
    care, live = identity.hypercare, identity.went_live_at
    if live is None or not identity.in_production_at(ctx.as_of):
        return not_applicable(
            "it serves nobody yet, and hypercare begins when it does",
            looked_at=[identity.place_of("stage_history")],
        )
    days = max(care.days, min_days)
    ends, drill_by = (
        live + timedelta(days=days),
        live + timedelta(days=min(care.drill_within_days, max_drill_days)),
    )
    if ctx.as_of >= ends:
        return not_applicable(
            f"the first {days} days ended on {ends.date()}",
            looked_at=[identity.place_of("hypercare")],
        )
    drill = next((d for d in _drills(ctx) if live <= d.record.as_of <= drill_by), None)
    faults = _too_lax(care, live, min_days, max_drill_days, max_review_days)
    if drill is None and ctx.as_of > drill_by:
        # A drill today comes after that day, so that only a waiver closes the finding.
        faults[f"no drill between {live.date()} and {drill_by.date()}"] = (
            f"{rehearse_rollback(ctx.system)}, and an executive waives RDY-09 in policy.yaml "
            f"until {ends.date()}, when it no longer arises"
        )
    if care.review_on is None:
        faults["no day is set for the review"] = (
            "the owner sets `hypercare.review_on` in system.yaml"
        )
    if faults:
        return failed(
            f"live since {live.date()}: {'; '.join(faults)}",
            looked_at=[identity.place_of("hypercare")],
            remedy="; ".join(faults.values()),
        )
    done = f"drilled on {drill.record.as_of.date()}" if drill else f"a drill by {drill_by.date()}"
    until = [ends] if drill else [ends, drill_by]
    return passed(
        f"{counted((ctx.as_of - live).days, 'day')} of {days}: {done}, review on {care.review_on}",
        looked_at=[identity.place_of("hypercare"), *([drill.where] if drill else [])],
        valid_until=min(until),
    )


def _too_lax(
    care: Hypercare, live: datetime, min_days: int, max_drill_days: int, max_review_days: int
) -> dict[str, str]:
    """What of the plan leaves the first weeks unwatched, each with what puts it right."""
    faults = {}
    if care.days < min_days:
        faults[f"it is planned for {counted(care.days, 'day')}; expected at least {min_days}"] = (
            f"the owner sets `hypercare.days` in system.yaml to {min_days} or more"
        )
    if care.drill_within_days > max_drill_days:
        said = (
            f"a drill is planned within {care.drill_within_days} days; expected {max_drill_days}"
        )
        faults[said] = (
            f"the owner sets `hypercare.drill_within_days` in system.yaml to {max_drill_days}"
        )
    last = (live + timedelta(days=max(care.days, min_days) + max_review_days)).date()
    if care.review_on is not None and not live.date() <= care.review_on <= last:
        faults[f"the review is set for {care.review_on}; expected by {last}"] = (
            f"the owner sets `hypercare.review_on` in system.yaml to a day from {live.date()} to "
            f"{last}"
        )
    return faults


def _drills(ctx: Context) -> Iterator[Recorded[RollbackDrill] | Recorded[FallbackDrill]]:
    """The drills that passed: one that failed has shown that something is to be done."""
    yield from ctx.evidence.all(RollbackDrill, matching=lambda drill: drill.passed)
    yield from ctx.evidence.all(FallbackDrill, matching=lambda drill: drill.passed)
