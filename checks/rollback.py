"""Going back to the previous version: specific, rehearsed, fast, and nothing lost."""

from ops_model.check.api import (
    Context,
    Outcome,
    Recorded,
    by_tier,
    check,
    counted,
    failed,
    latest_in_date,
    no_file,
    passed,
    said,
    unknown,
    valid_until,
)
from ops_model.domain.rollback import RollbackDrill, RollbackPlan
from ops_model.domain.system import VersionTuple
from ops_model.domain.values import zone


@check(
    "RBK-01",
    question="Is there a specific way back to the previous version?",
    area="rollback",
    source=["S0.14", "S1.27"],
    revision=1,
)
def plan_specific(ctx: Context, *, max_seconds: int = 600) -> Outcome:
    """At 2am nobody designs a procedure: the steps, their times and the versions stand there."""
    plan = ctx.system.rollback
    if plan is None:
        return no_file(ctx, "rollback")
    version = ctx.system.identity.version
    expected = sum(step.expected_seconds for step in plan.steps)
    faults = [
        (key, said_so)
        for holds, key, said_so in (
            (not plan.steps, "steps", "it has no steps"),
            (
                plan.from_version != version.label,
                "from_version",
                f"it goes back from {plan.from_version}, but {version.label} serves",
            ),
            (
                plan.to_version == plan.from_version,
                "to_version",
                "it goes back to the version it comes from",
            ),
            (
                not any(s.kind == "verify" for s in plan.steps),
                "steps",
                "no step verifies the result",
            ),
            (
                expected > plan.max_seconds,
                "max_seconds",
                f"steps take {expected} s of {plan.max_seconds} s",
            ),
            (
                plan.max_seconds > max_seconds,
                "max_seconds",
                f"it may take {plan.max_seconds} s; expected at most {max_seconds} s",
            ),
        )
        if holds
    ]
    if faults:
        places = [plan.place_of(key) for key, _ in faults]
        return failed(
            f"the rollback plan: {'; '.join(said_so for _, said_so in faults)}",
            looked_at=[*dict.fromkeys(places), version.where],
            remedy=f"{plan.author}, who wrote {plan.where.path}, corrects it",
        )
    return passed(
        f"from {plan.from_version} back to {plan.to_version} in "
        f"{counted(len(plan.steps), 'step')}, planned for {expected} s of at most "
        f"{plan.max_seconds} s",
        looked_at=[plan.where],
    )


@check(
    "RBK-02",
    question="Was going back rehearsed lately, in under ten minutes?",
    area="rollback",
    source=["S0.14", "S1.27"],
    revision=1,
)
def drilled_recently(
    ctx: Context, *, under_seconds: int = 600, max_age_days: int = by_tier(30, 90, 180)
) -> Outcome:
    """A plan nobody has run is a hope; the stopwatch of the last drill is the answer."""
    plan = ctx.system.rollback
    if plan is None:
        return no_file(ctx, "rollback")
    rehearse = _rehearse(ctx)
    found = latest_in_date(
        ctx,
        RollbackDrill,
        max_age_days=max_age_days,
        missing=f"going back from {plan.from_version} to {plan.to_version} was never rehearsed",
        claim=plan.where,
        remedy=rehearse,
    )
    if isinstance(found, Outcome):
        return found
    if (other := _of_another_version(ctx, plan, found)) is not None:
        return other
    drill = found.record
    took = f"going back from {drill.from_version} to {drill.to_version} took {said(drill.seconds)}"
    if fault := _fault(ctx, drill, under_seconds):
        return failed(
            f"{took}; {fault}",
            looked_at=[plan.where, found.where],
            remedy=f"{plan.author} mends the step that is at fault; then {rehearse}",
            values={"seconds": drill.seconds},
        )
    return passed(
        f"{took} on {drill.as_of.date()} in {drill.environment}; expected under {under_seconds} s",
        looked_at=[plan.where, found.where],
        values={"seconds": drill.seconds},
        valid_until=valid_until(found, max_age_days=max_age_days),
    )


@check(
    "RBK-03",
    question="Does going back avoid training a model first?",
    area="rollback",
    source=["S0.15"],
    revision=1,
)
def no_retraining(ctx: Context) -> Outcome:
    """Training takes hours and ends in a model that nobody has seen serve; it is no way back."""
    plan = ctx.system.rollback
    if plan is None:
        return no_file(ctx, "rollback")
    if not plan.steps:
        return unknown(
            "missing",
            "the rollback plan has no steps",
            looked_at=[plan.where],
            remedy=f"{plan.author} writes the steps in {plan.where}",
        )
    training = [step for step in plan.steps if step.kind == "retrain"]
    if training:
        return failed(
            f"{len(training)} of {counted(len(plan.steps), 'step')} retrains; expected none",
            looked_at=[step.where for step in training],
            remedy=f"{plan.author} keeps the previous version deployable and switches to it",
        )
    return passed(
        f"none of {counted(len(plan.steps), 'step')} retrains",
        looked_at=[s.where for s in plan.steps],
    )


@check(
    "RBK-05",
    question="Does going back lose, double or change a record?",
    area="rollback",
    source=["S1.27"],
    revision=1,
)
def nothing_lost(ctx: Context) -> Outcome:
    """Fast and lossy is a second incident; every request of the drill is reconciled."""
    plan = ctx.system.rollback
    if plan is None:
        return no_file(ctx, "rollback")
    found = ctx.evidence.latest(RollbackDrill)
    if found is None:
        return unknown(
            "missing",
            "no drill has reconciled the records",
            looked_at=[plan.where],
            remedy=_rehearse(ctx),
        )
    drill, looked_at = found.record, [plan.where, found.where]
    if drill.requests == 0:
        return unknown(
            "too_few",
            "no request ran during the drill, so nothing could be lost; expected traffic",
            looked_at=looked_at,
            remedy=_rehearse(ctx),
        )
    counts = f"{drill.lost} lost, {drill.duplicated} duplicated, {drill.changed} changed"
    of = f"{drill.requests:,} requests and {drill.records_before:,} records from before"
    if drill.lost or drill.duplicated or drill.changed:
        return failed(
            f"{counts} of {of}; expected 0, 0, 0",
            looked_at=looked_at,
            remedy="the reliability owner drains requests before the switch; then "
            + _rehearse(ctx),
        )
    return passed(f"{counts} of {of}", looked_at=looked_at)


@check(
    "RBK-06",
    question="Does the version to go back to exist, and fit today's inputs?",
    area="rollback",
    source=["S1.28", "S4.7"],
    revision=1,
)
def target_fits(ctx: Context) -> Outcome:
    """A version that nobody kept, or that cannot read today's features, is no way back."""
    plan, identity = ctx.system.rollback, ctx.system.identity
    if plan is None:
        return no_file(ctx, "rollback")
    if (waived := _waived(ctx)) is not None:
        return waived
    target = next((v for v in identity.other_versions if v.label == plan.to_version), None)
    if target is None or not (target.model_digest or target.prompt_digest):
        lacks = "is not described" if target is None else "has no model_digest or prompt_digest"
        return unknown(
            "missing",
            f"the plan goes back to {plan.to_version}, which {lacks} in system.yaml",
            looked_at=[plan.place_of("to_version"), target.where if target else identity.where],
            remedy=f"the owner describes {plan.to_version} under `other_versions` in system.yaml, "
            "with the digest of its model or prompt",
        )
    return _fits(plan, identity.version, target)


def _waived(ctx: Context) -> Outcome | None:
    """The answer where somebody waived the drill at tier A, which nobody may."""
    day = ctx.as_of.astimezone(zone(ctx.model.settings.zone)).date()
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
        + _rehearse(ctx),
    )


def _fits(plan: RollbackPlan, serving: VersionTuple, target: VersionTuple) -> Outcome:
    """Whether the target takes the features that the serving version takes."""
    looked_at = [plan.place_of("feature_spec_compatible"), serving.where, target.where]
    if not plan.feature_spec_compatible:
        return failed(
            f"the plan says that {target.label} does not take the features of {serving.label}",
            looked_at=looked_at,
            remedy=f"{plan.author} keeps a version deployable that takes today's features, or "
            "serves the old ones beside them, and plans to go back to that",
        )
    same = _same_features(serving, target)
    if not same and not plan.feature_spec_evidence:
        return unknown(
            "missing",
            f"that {target.label} takes the features of {serving.label} is said, and not shown",
            looked_at=looked_at,
            remedy=f"{plan.author} writes feature_spec_evidence in {plan.where}, or the owner the "
            "feature_spec of both versions in system.yaml",
        )
    why = "the same feature spec" if same else plan.feature_spec_evidence
    return passed(
        f"{target.label} is known by its digest and takes the features of {serving.label} ({why})",
        looked_at=looked_at,
    )


def _same_features(one: VersionTuple, other: VersionTuple) -> bool:
    """True when both name one feature spec; by digest where both have one, else by name."""
    if one.feature_spec_digest and other.feature_spec_digest:
        return one.feature_spec_digest == other.feature_spec_digest
    return one.feature_spec is not None and one.feature_spec == other.feature_spec


def _rehearse(ctx: Context) -> str:
    return f"the primary on call runs `ops-model drill rollback {ctx.system.id}`"


def _of_another_version(
    ctx: Context, plan: RollbackPlan, found: Recorded[RollbackDrill]
) -> Outcome | None:
    """The answer where the drill was about other versions than those that serve or are planned."""
    drill, version = found.record, ctx.system.identity.version
    since = version.in_production_since
    if since is None and ctx.system.identity.in_production_at(ctx.as_of):
        return unknown(
            "missing",
            f"nobody wrote since when {version.label} serves, so the drill may be older than it",
            looked_at=[version.where, found.where],
            remedy="the owner writes `version.in_production_since` in system.yaml",
        )
    if since is not None and since > drill.as_of:
        return unknown(
            "expired",
            f"{version.label} serves since {since.date()}, after the drill of "
            f"{drill.as_of.date()}",
            looked_at=[version.where, found.where],
            remedy=_rehearse(ctx),
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
            remedy=_rehearse(ctx),
        )
    return None


def _fault(ctx: Context, drill: RollbackDrill, under_seconds: int) -> str:
    """What was wrong with the drill, or an empty text."""
    tier = ctx.system.identity.tier
    if not drill.healthy:
        return f"{drill.to_version} was not healthy afterwards"
    if drill.seconds.value is None or drill.seconds.value >= under_seconds:
        return f"expected under {under_seconds} s"
    if not drill.passed:
        return f"the drill did not pass: {'; '.join(drill.problems) or 'no reason given'}"
    if tier == "A" and drill.environment == "test":
        return "rehearsed in test; tier A asks for prod or prod_like"
    return ""
