"""The version to go back to: another one, kept, and fit for the inputs of today."""

from typing import Annotated

from pydantic import Field

from ops_model.check.api import (
    Context,
    Outcome,
    Recorded,
    check,
    failed,
    no_file,
    passed,
    short_of_words,
    unknown,
)
from ops_model.check.remedies import rehearse_rollback
from ops_model.domain.proven import of_present_versions
from ops_model.domain.rollback import RollbackDrill, RollbackPlan
from ops_model.domain.rollback_plan import UNWRITTEN
from ops_model.domain.system import MEMBERS, VersionTuple

PINNED = tuple(
    key for keys in MEMBERS.values() for key in keys if key not in {"model_ref", "feature_spec"}
)
"""The keys of a version that pin what they name; the other two are names."""


@check(
    "RBK-06",
    question="Does the version to go back to exist, and fit today's inputs?",
    area="rollback",
    source=["S1.28", "S4.7", "S4.4"],
    revision=2,
)
def target_fits(ctx: Context, *, min_words: Annotated[int, Field(ge=2)] = 3) -> Outcome:
    """A version that nobody kept, or that cannot read today's features, is no way back."""
    plan, identity = ctx.system.rollback, ctx.system.identity
    if plan is None:
        return no_file(ctx, "rollback")
    if (waived := _waived(ctx)) is not None:
        return waived
    target = next((v for v in identity.other_versions if v.label == plan.to_version), None)
    if plan.to_version == UNWRITTEN:
        return unknown(
            "missing",
            "to which version one goes back is not written",
            looked_at=[plan.place_of("to_version")],
            remedy=f"{plan.author} writes `to_version` in rollback.yaml, and the owner describes "
            "that version under `other_versions` in system.yaml, with the digest of its model or "
            "prompt",
        )
    if target is None or not (target.model_digest or target.prompt_digest):
        lacks = "is not described" if target is None else "has no model_digest or prompt_digest"
        return unknown(
            "missing",
            f"the plan goes back to {plan.to_version}, which {lacks} in system.yaml",
            looked_at=[plan.place_of("to_version"), target.where if target else identity.where],
            remedy=f"the owner describes {plan.to_version} under `other_versions` in system.yaml, "
            "with the digest of its model or prompt",
        )
    if same := _same_in(identity.version, target):
        return failed(
            f"{target.label} is {identity.version.label} under another name: both have the same "
            f"{', '.join(same)}",
            looked_at=[plan.place_of("to_version"), identity.version.where, target.where],
            remedy=f"{plan.author} keeps the version before {identity.version.label} deployable, "
            "and the owner writes its own digests under `other_versions` in system.yaml",
        )
    return _fits(ctx, plan, target, min_words)


def _waived(ctx: Context) -> Outcome | None:
    """The answer where somebody waived the drill at tier A, which nobody may."""
    day = ctx.today
    waivers = [
        w
        for w in ctx.model.policy.waivers
        if (w.check_id, w.system) == ("RBK-02", ctx.system.id) and w.starts <= day < w.expires
    ]
    if ctx.system.identity.tier != "A" or not waivers:
        return None
    return failed(
        f"{waivers[0].accepted_by} waived RBK-02; at tier A nobody may",
        looked_at=[w.where for w in waivers],
        remedy=f"{waivers[0].accepted_by} takes the waiver out of policy.yaml; then "
        + rehearse_rollback(ctx.system),
    )


def _same_in(serving: VersionTuple, target: VersionTuple) -> list[str]:
    """The keys that pin both versions, where each holds the same in both; else nothing."""
    both = [key for key in PINNED if getattr(serving, key) and getattr(target, key)]
    differs = any(getattr(serving, key) != getattr(target, key) for key in both)
    return [] if differs else both


def _fits(ctx: Context, plan: RollbackPlan, target: VersionTuple, min_words: int) -> Outcome:
    """Whether the target takes the features that the serving version takes."""
    serving = ctx.system.identity.version
    looked_at = [plan.place_of("feature_spec_compatible"), serving.where, target.where]
    drill = _last_drill(ctx, plan)
    if drill is not None and drill.record.feature_spec == "differs":
        return failed(
            f"in the drill of {drill.record.as_of.date()} {target.label} was served with other "
            "features than its own",
            looked_at=[*looked_at, drill.where],
            remedy=f"{plan.author} has the server switch the features with the model, or keeps a "
            f"version that takes today's; then {rehearse_rollback(ctx.system)}",
        )
    if not plan.feature_spec_compatible:
        return failed(
            f"the plan says that {target.label} does not take the features of {serving.label}",
            looked_at=looked_at,
            remedy=f"{plan.author} keeps a version deployable that takes today's features, or "
            "serves the old ones beside them, and plans in rollback.yaml to go back to that",
        )
    same, evidence = _same_features(serving, target), plan.feature_spec_evidence
    if not same and drill is not None and drill.record.feature_spec == "changes_with_it":
        return passed(
            f"{target.label} is known by its digest, and in the drill of "
            f"{drill.record.as_of.date()} the features changed with it to its own",
            looked_at=[*looked_at, drill.where],
        )
    if not same and (short := short_of_words(evidence, min_words)):
        shown = f"; feature_spec_evidence is '{evidence}': {short}" if evidence else ""
        return unknown(
            "missing",
            f"that {target.label} takes the features of {serving.label} is said, and not shown"
            f"{shown}",
            looked_at=looked_at,
            remedy=f"{plan.author} writes feature_spec_evidence in {plan.where.path}: what shows "
            "it, in a sentence; or the "
            "owner the feature_spec of both versions in system.yaml",
        )
    why = "the same feature spec" if same else plan.feature_spec_evidence
    return passed(
        f"{target.label} is known by its digest and takes the features of {serving.label} ({why})",
        looked_at=looked_at,
    )


def _last_drill(ctx: Context, plan: RollbackPlan) -> Recorded[RollbackDrill] | None:
    """The last drill between the versions as they are now; another tells nothing of them."""
    return ctx.evidence.latest(
        RollbackDrill, matching=lambda d: of_present_versions(d, plan, ctx.system.identity)
    )


def _same_features(one: VersionTuple, other: VersionTuple) -> bool:
    """True when both name one feature spec; by digest where both have one, else by name."""
    if one.feature_spec_digest and other.feature_spec_digest:
        return one.feature_spec_digest == other.feature_spec_digest
    return one.feature_spec is not None and one.feature_spec == other.feature_spec
