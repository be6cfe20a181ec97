"""An owner who knows the system, and who is found at once."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from ops_model.check.api import (
    Attestation,
    Context,
    Outcome,
    Recorded,
    by_tier,
    check,
    counted,
    earliest,
    failed,
    latest_in_date,
    no_file,
    passed,
    short_of_words,
    unknown,
    valid_until,
)
from ops_model.domain.evidence import OwnerKnowledge
from ops_model.domain.ownership import Ownership
from ops_model.domain.phrases import empty_phrases
from ops_model.domain.values import Where


@check(
    "OWN-02",
    question="Does the owner know what it does, how it was trained, and how it fails?",
    area="ownership",
    source=["S1.21"],
    revision=1,
)
def owner_knows(
    ctx: Context, *, max_age_days: int = 180, min_words: Annotated[int, Field(ge=3)] = 4
) -> Outcome:
    """An owner who has to ask what the model does can decide nothing about it at night."""
    ownership, identity = ctx.system.ownership, ctx.system.identity
    if ownership is None:
        return no_file(ctx, "ownership")
    owner, where = ownership.accountable, identity.place_of("failure_modes")
    if nothing := _nothing_to_know(ctx, ownership):
        return nothing
    found = latest_in_date(
        ctx,
        Attestation,
        max_age_days=max_age_days,
        missing=f"{owner} never said what the system is for, how it was trained and how it fails",
        claim=where,
        remedy=_say_it(ctx, owner),
        matching=lambda word: word.topic == "knowledge" and word.person == owner,
    )
    if isinstance(found, Outcome):
        return found
    if stale := _why_no_longer(ctx, found):
        return unknown(
            "expired", stale, looked_at=[where, found.where], remedy=_say_it(ctx, owner)
        )
    faults = list(_knows_too_little(ctx, found.record.knowledge, min_words))
    if faults:
        return failed(
            f"what {owner} said: {'; '.join(faults)}",
            looked_at=[where, found.where],
            remedy=_say_it(ctx, owner),
            owner=owner,
        )
    return passed(
        f"{owner} said on {found.record.as_of.date()} what it is for, how it was trained, and all "
        f"{counted(len(identity.failure_modes), 'way')} in which it fails",
        looked_at=[where, found.where],
        valid_until=earliest(
            found.record.expires,
            valid_until(found, max_age_days=max_age_days),
            ctx.until_gone(owner),
        ),
    )


def _nothing_to_know(ctx: Context, ownership: Ownership) -> Outcome | None:
    """The answer where there is no owner who could know, or nothing that they could."""
    identity = ctx.system.identity
    if why := ctx.why_not_active(ownership.accountable):
        return failed(
            f"accountable: {why}, so that no owner knows it",
            looked_at=[ownership.place_of("accountable")],
            remedy="whoever leads the business side names a person as `accountable` in "
            "ownership.yaml",
        )
    if identity.failure_modes:
        return None
    return unknown(
        "missing",
        "system.yaml names no way in which it fails, so nobody can know them",
        looked_at=[identity.place_of("failure_modes")],
        remedy=f"{ownership.accountable} and whoever built it write `failure_modes` into "
        "system.yaml",
    )


def _say_it(ctx: Context, owner: str) -> str:
    modes = " ".join(f"--failure-mode {mode.id}" for mode in ctx.system.identity.failure_modes)
    return (
        f"{owner} says it, best after the last edit of system.yaml: `ops-model attest "
        f"{ctx.system.id} --topic knowledge --as {owner} --purpose '...' --training '...' {modes} "
        "--text '...'`"
    )


def _why_no_longer(ctx: Context, found: Recorded[Attestation]) -> str:
    said = f"what {found.record.person} said on {found.record.as_of.date()}"
    if found.record.expires <= ctx.as_of:
        return f"{said} ended on {found.record.expires.date()}"
    if ctx.texts.get("system.yaml") not in found.record.claims:
        return f"{said} was about an earlier text of system.yaml"
    return ""


def _knows_too_little(ctx: Context, known: OwnerKnowledge | None, min_words: int) -> Iterator[str]:
    if known is None:
        yield "neither purpose nor training nor failure modes are in it"
        return
    for key, text in (("purpose", known.purpose), ("training", known.training)):
        if short := short_of_words(text, min_words):
            yield f"{key} says too little: {short}"
        if empty := empty_phrases(text):
            yield f"{key} says {', '.join(map(repr, empty))}"
    silent = [m.id for m in ctx.system.identity.failure_modes if m.id not in known.failure_modes]
    if silent:
        yield f"nothing of {', '.join(silent)}"


@check(
    "OWN-07",
    question="Is the owner found at once, awake or through somebody who is, without a search?",
    area="ownership",
    source=["S1.36"],
    revision=1,
)
def owner_found_without_search(
    ctx: Context, *, max_minutes: Annotated[int, Field(le=480)] = by_tier(60, 120, 240)
) -> Outcome:
    """Whoever is paged at 2am must not look up who owns it, and then find that they have left.

    A message that comes later than `max_minutes` finds nobody at once.
    """
    ownership = ctx.system.ownership
    if ownership is None:
        return no_file(ctx, "ownership")
    named = {"accountable": ownership.accountable, "deputy": ownership.deputy}
    faults = {key: f"{key}: {why}" for key, p in named.items() if (why := ctx.why_not_active(p))}
    if ownership.deputy == ownership.accountable:
        faults["deputy"] = f"{ownership.accountable} is accountable and deputy at once"
    ways = [] if faults else list(_ways_to(ctx, ownership, max_minutes))
    if not faults and not ways:
        faults["way"] = (
            f"no page, and no message within {max_minutes} minutes, leads to "
            f"{ownership.accountable} or {ownership.deputy}"
        )
    if faults:
        return failed(
            f"{'; '.join(faults.values())}; expected an owner and a deputy whom a page reaches",
            looked_at=_looked_for(ctx, ownership),
            remedy="the owner names two people who work here as `accountable` and `deputy` in "
            "ownership.yaml, and one of them under `escalation` in on_call.yaml, or the audience "
            "`owner` under `communication` in decisions.yaml",
        )
    return passed(
        f"{ownership.accountable}, or {ownership.deputy}: {'; '.join(said for said, _ in ways)}",
        looked_at=[ownership.place_of("accountable"), *(where for _, where in ways)],
        valid_until=ctx.until_gone(*named.values()),
    )


def _ways_to(ctx: Context, ownership: Ownership, max_minutes: int) -> Iterator[tuple[str, Where]]:
    """Each way on which a page or a message gets to the owner or the deputy, with its place."""
    owners = {ownership.accountable, ownership.deputy}
    rota, decisions = ctx.system.on_call, ctx.system.decisions
    for step in rota.escalation if rota is not None else ():
        role = next((r for r in ("primary", "secondary") if r == step.target), None)
        held = rota.rostered(role, ctx.as_of) if rota is not None and role else (step.target,)
        if owners & set(held):
            yield f"the page goes to {step.target}", step.where
    for path in decisions.communication if decisions is not None else ():
        if path.audience == "owner" and path.within_minutes <= max_minutes:
            yield f"told by {path.owner} within {path.within_minutes} minutes", path.where


def _looked_for(ctx: Context, ownership: Ownership) -> list[Where]:
    rota, decisions = ctx.system.on_call, ctx.system.decisions
    return [
        ownership.place_of("accountable"),
        ownership.place_of("deputy"),
        rota.place_of("escalation") if rota else ctx.system.missing_file("on_call"),
        decisions.place_of("communication") if decisions else ctx.system.missing_file("decisions"),
    ]
