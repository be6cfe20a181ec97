"""Which drill of going back counts: in date, of the versions of now, not by a word alone."""

from datetime import datetime, timedelta

from ops_model.check.context import Context, latest_in_date
from ops_model.check.outcome import Outcome, unknown
from ops_model.check.recorded import Recorded, valid_until
from ops_model.check.remedies import called, rehearse_rollback
from ops_model.domain.change import ChangeKind, RolloutPlan
from ops_model.domain.proven import exchanged
from ops_model.domain.rollback import RollbackDrill, RollbackPlan
from ops_model.domain.rollback_plan import UNWRITTEN

REHEARSED_ANEW: frozenset[ChangeKind] = frozenset({"model_swap", "infra"})
"""The kinds of change after which going back is rehearsed again."""


def counting_drill(
    ctx: Context, plan: RollbackPlan, max_age_days: int, after_change_days: int
) -> tuple[Recorded[RollbackDrill], datetime] | Outcome:
    """The drill that counts and until when it does, or the answer where none does.

    Args:
        ctx: the check's context.
        plan: the plan that the drill has to have rehearsed, between its versions of now.
        max_age_days: how old the drill may be.
        after_change_days: within how many days of a change of the model or its machines another
            one is due.
    """
    found = latest_in_date(
        ctx,
        RollbackDrill,
        max_age_days=max_age_days,
        missing=f"going back {_way(plan)}was never rehearsed",
        claim=plan.where,
        remedy=rehearse_rollback(ctx.system),
    )
    if isinstance(found, Outcome):
        return found
    if (other := _of_another_version(ctx, plan, found)) is not None:
        return other
    if (unseen := _by_word_alone(ctx, plan, found)) is not None:
        return unseen
    ends = _ends(ctx, found, max_age_days, after_change_days)
    return ends if isinstance(ends, Outcome) else (found, ends)


def _way(plan: RollbackPlan) -> str:
    """From which version to which, as far as both are written."""
    if UNWRITTEN in {plan.from_version, plan.to_version}:
        return ""
    return f"from {plan.from_version} to {plan.to_version} "


def _of_another_version(
    ctx: Context, plan: RollbackPlan, found: Recorded[RollbackDrill]
) -> Outcome | None:
    """The answer where the drill was about other versions than those that serve or are planned."""
    drill, version = found.record, ctx.system.identity.version
    since = version.in_production_since
    if since is None and ctx.system.identity.in_production_at(ctx.as_of):
        return unknown(
            "missing",
            f"nobody wrote since when {called(version.label)} serves, so the drill may be older "
            "than it",
            looked_at=[version.where, found.where],
            remedy="the owner writes `version.in_production_since` in system.yaml",
        )
    if since is not None and since > drill.as_of:
        return unknown(
            "expired",
            f"{version.label} serves since {since.date()}, after the drill of "
            f"{drill.as_of.date()}",
            looked_at=[version.where, found.where],
            remedy=rehearse_rollback(ctx.system),
        )
    drilled = (drill.from_version, drill.to_version)
    if drilled != (plan.from_version, plan.to_version):
        return unknown(
            "missing",
            f"the drill went from {drilled[0]} to {drilled[1]}; the plan goes from "
            f"{plan.from_version} to {plan.to_version}",
            looked_at=[
                plan.place_of("from_version"),
                plan.place_of("to_version"),
                found.where,
            ],
            remedy=rehearse_rollback(ctx.system),
        )
    return _of_changed_versions(ctx, found)


def _by_word_alone(
    ctx: Context, plan: RollbackPlan, found: Recorded[RollbackDrill]
) -> Outcome | None:
    """The answer where nothing but the server's own word showed that it went back."""
    drill = found.record
    if drill.rests_on != "word":
        return None
    return unknown(
        "missing",
        f"that {drill.to_version} answered in the drill of {drill.as_of.date()} is the server's "
        "own word; expected answers that its own file gives, or its digest in each answer",
        looked_at=[plan.where, found.where],
        remedy=f"{plan.author} writes `target.reference` in rollback.yaml, or in system.yaml the "
        "`model_digest` of both versions, which the server then names in each answer; then "
        + rehearse_rollback(ctx.system),
    )


def _of_changed_versions(ctx: Context, found: Recorded[RollbackDrill]) -> Outcome | None:
    """The answer where a version is made of something else now than when it was drilled.

    A label stays when its model is exchanged; records of before this was kept say nothing of it.
    """
    drill = found.record
    for label, drilled in (
        (drill.from_version, drill.from_digest),
        (drill.to_version, drill.to_digest),
    ):
        present = ctx.system.identity.known_version(label)
        if present is not None and exchanged(drilled, label, ctx.system.identity):
            return unknown(
                "expired",
                f"{label} is made of something else in system.yaml than at the drill of "
                f"{drill.as_of.date()}",
                looked_at=[present.where, found.where],
                remedy=rehearse_rollback(ctx.system),
            )
    return None


def _rehearsed_anew(ctx: Context) -> list[RolloutPlan]:
    """The rollouts of changes after which going back is rehearsed again."""
    change = ctx.system.change
    asked = [r for r in change.requests if r.kind in REHEARSED_ANEW] if change else []
    planned = [change.rollout(request.rollout) for request in asked] if change else []
    return [rollout for rollout in planned if rollout is not None]


def _ends(
    ctx: Context, found: Recorded[RollbackDrill], max_age_days: int, after_change_days: int
) -> datetime | Outcome:
    """Until when a drill counts, or the answer where a change came after it, too long ago."""
    drill, ends = found.record, valid_until(found, max_age_days=max_age_days)
    later = [rollout for rollout in _rehearsed_anew(ctx) if rollout.starts_at > drill.as_of]
    if not later:
        return ends
    # The first that comes after the drill: a second change is no respite for the first.
    first = min(later, key=lambda rollout: rollout.starts_at)
    due = first.starts_at + timedelta(days=after_change_days)
    if due > ctx.as_of:
        return min(ends, due)
    return unknown(
        "expired",
        f"rollout {first.id} of {first.starts_at.date()} came after the drill of "
        f"{drill.as_of.date()}; expected another within {after_change_days} days of it",
        looked_at=[first.where, found.where],
        remedy=rehearse_rollback(ctx.system),
    )
