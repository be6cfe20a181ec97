"""Whether the model behind the curtain is still the one that was agreed."""

from typing import Annotated

from pydantic import Field

from ops_model.check.api import (
    Context,
    Outcome,
    Recorded,
    all_of,
    check,
    failed,
    latest_in_date,
    not_applicable,
    passed,
    said,
    unknown,
    valid_until,
)
from ops_model.check.measured import FEWEST, bounds, counts_enough
from ops_model.check.remedies_outcome import measure_provider
from ops_model.domain.bounds import at_most
from ops_model.domain.detection_served import ProviderIdentity
from ops_model.domain.outside import calls_nobody
from ops_model.domain.system import AISystem, Dependency, is_alias

MOST_NOISE = 0.25
"""How many of the fixed questions may be answered otherwise by chance, at most.

Questions to which most answers differ anyway would not show another model.
"""


@check(
    "OBS-06",
    question="Is the provider's model still the one that was agreed?",
    area="detection",
    source=["S3.13", "S3.25"],
    revision=2,
)
def provider_unchanged(
    ctx: Context,
    *,
    max_share_above_noise: Annotated[float, Field(le=0.2)] = 0.05,
    max_age_days: int = 8,
) -> Outcome:
    """A provider may serve another model under the same name, and tell nobody.

    By its own account is not enough: fixed questions (canaries) are asked again, and differ from
    the agreed answers by no more than they did while nothing had changed.
    """
    identity = ctx.system.identity
    providers = [d for d in identity.dependencies if d.kind == "model_provider"]
    if not providers:
        return _no_provider(identity)
    return all_of([_unchanged(ctx, d, max_share_above_noise, max_age_days) for d in providers])


def _no_provider(identity: AISystem) -> Outcome:
    """The answer where no provider is named: a model that is called is somebody's."""
    version, where = identity.version, identity.place_of("dependencies")
    signs = []
    if version.provider_model_id is not None:
        signs = [f"version {version.label} is the provider's model {version.provider_model_id}"]
    elif calls_nobody(identity) and version.model_digest is None:
        signs = [f"kind {identity.kind} calls a model, and no digest says that it is our own"]
    if signs:
        return unknown(
            "missing",
            f"system.yaml names no model_provider, but {signs[0]}",
            looked_at=[where, version.where],
            remedy="the owner names whoever serves the model under `dependencies` in system.yaml, "
            "with its `pinned_id`; or, of a model of our own, its `version.model_digest`",
        )
    return not_applicable(
        f"no provider serves a model: {version.label} ({version.model_ref}) is our own",
        looked_at=[where],
    )


def _unchanged(
    ctx: Context, provider: Dependency, max_share_above_noise: float, max_age_days: int
) -> Outcome:
    """Whether one provider serves what was agreed, by its word and by its answers."""
    if why := _not_pinned(provider):
        return failed(
            f"provider {provider.id}: {why}; expected the exact name of one model",
            looked_at=[provider.place_of("pinned_id")],
            remedy=f"the owner agrees with {provider.id} on an exact model, with its number or "
            "day, and writes it as `pinned_id` in system.yaml",
        )
    found = latest_in_date(
        ctx,
        ProviderIdentity,
        max_age_days=max_age_days,
        missing="no such measurement: which model answers at provider "
        f"{provider.id} is on no record",
        claim=provider.where,
        remedy=_measure(ctx, provider),
        matching=lambda seen: seen.dependency == provider.id,
    )
    if isinstance(found, Outcome):
        return found
    if found.record.pinned != provider.pinned_id:
        return unknown(
            "expired",
            f"provider {provider.id} was compared with {found.record.pinned}; agreed is "
            f"{provider.pinned_id} now",
            looked_at=[provider.place_of("pinned_id"), found.where],
            remedy=_measure(ctx, provider),
        )
    return _seen(ctx, provider, found, max_share_above_noise, max_age_days)


def _measure(ctx: Context, provider: Dependency) -> str:
    """How it is shown: a monitor first, where there is none."""
    signals = ctx.system.signals
    how = measure_provider(ctx.system, provider)
    if signals is not None and signals.of("provider_identity"):
        return how
    return (
        "the reliability owner writes a monitor of provider_identity into signals.yaml, which "
        f"tells who is on call; {how}"
    )


def _seen(
    ctx: Context,
    provider: Dependency,
    found: Recorded[ProviderIdentity],
    max_share_above_noise: float,
    max_age_days: int,
) -> Outcome:
    """What was seen of the model, by its word and by its answers."""
    record, looked_at = found.record, [provider.where, found.where]
    measured = {"canary": record.canary, "noise_floor": record.noise_floor}
    values = {name: share for name, share in measured.items() if share is not None}
    told = f"provider {provider.id}: {_by_name(record)}; {_by_answers(record)}"
    others = [m.model for m in record.seen if m.requests and m.model != record.pinned]
    differ = _differ(record, max_share_above_noise)
    if others or differ or record.changed:
        return failed(
            f"{told}; agreed is {record.pinned}",
            looked_at=looked_at,
            remedy=f"the owner asks {provider.id} what it serves, and has it compared as a change "
            "(change.yaml) before it counts as agreed; until then the primary on call may take "
            "the way on of fallback.yaml",
            values=values,
        )
    if differ is None or sum(m.requests for m in record.seen) < FEWEST:
        return unknown(
            "too_few" if len(values) == len(measured) else "missing",
            f"{told}; whether more differ than by chance cannot be told from that: expected at "
            f"least {FEWEST} requests and fixed questions, of which at most {MOST_NOISE * 100:g} "
            "% differ by chance",
            looked_at=looked_at,
            remedy=_measure(ctx, provider),
            values=values,
        )
    if silent := _silent(record):
        return unknown(
            "too_few",
            f"{told}; {silent}",
            looked_at=looked_at,
            remedy="the reliability owner has every fixed question asked once each day, and the "
            "model of each answer logged as the provider names it",
            values=values,
        )
    return passed(
        told,
        looked_at=looked_at,
        values=values,
        valid_until=valid_until(found, max_age_days=max_age_days),
    )


def _not_pinned(provider: Dependency) -> str:
    """Why the agreed model is no exact one; empty when it is."""
    if provider.pinned_id is None:
        return "no model is agreed (pinned_id)"
    if is_alias(provider.pinned_id):
        return f"{provider.pinned_id} is a name for whatever is newest"
    return ""


def _by_name(record: ProviderIdentity) -> str:
    """Which models answered by their own account."""
    asked = sum(model.requests for model in record.seen)
    named = [f"{m.model} in {m.requests:,} of {asked:,} requests" for m in record.seen]
    return ", ".join(named) or "no request was looked at"


def _silent(record: ProviderIdentity) -> str:
    """Why what was asked and answered says too little; empty when it does not."""
    named = sum(model.requests for model in record.seen)
    if record.unsaid_requests > named:
        return (
            f"{record.unsaid_requests:,} requests do not say which model answered; expected most "
            "to say so"
        )
    asked = record.questions
    if asked is not None and 2 * (asked.missing + asked.unanswered) > asked.pinned:
        return (
            f"of {asked.pinned} questions with an agreed answer {asked.missing} were not asked, "
            f"and {asked.unanswered} of those that were got none; expected most to be answered"
        )
    if (
        asked is not None
        and record.alarm_above is not None
        and asked.repeated > record.alarm_above
    ):
        return (
            f"{asked.repeated} questions were asked again that day, and only the last answers "
            f"count: that could hide more than the {record.alarm_above} that may differ"
        )
    return ""


def _by_answers(record: ProviderIdentity) -> str:
    """How many of the fixed questions are answered otherwise, against chance."""
    if record.canary is None:
        return "no fixed question was asked"
    noise = record.noise_floor
    chance = f"{said(noise)} do by chance" if noise else "how many do by chance is not known"
    since = f", too many since {record.since}" if record.since else ""
    return f"of the answers to fixed questions {said(record.canary)} differ{since}, and {chance}"


def _differ(record: ProviderIdentity, max_share_above_noise: float) -> bool | None:
    """True when more answers differ than by chance, False when none do; None: cannot be told."""
    canary, noise = record.canary, record.noise_floor
    by_chance = bounds(noise) if noise is not None and counts_enough(noise) else None
    if canary is None or by_chance is None or by_chance[1] > MOST_NOISE:
        return None
    if at_most(canary, by_chance[1]) is False:
        return True
    enough = counts_enough(canary)
    return False if enough and at_most(canary, by_chance[1] + max_share_above_noise) else None
