"""How a change is rolled out, what a version is made of, and how test differs from production."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from ops_model.check.api import (
    Context,
    Outcome,
    all_of,
    check,
    counted,
    earliest,
    failed,
    no_file,
    not_applicable,
    passed,
    unknown,
    unsaid,
)
from ops_model.check.remedies import called
from ops_model.domain.change import (
    Difference,
    EnvironmentSnapshot,
    RolloutPlan,
    RolloutStage,
)
from ops_model.domain.system import Member, VersionTuple
from ops_model.domain.trials import EnvironmentRecord

REBUILT_FROM: dict[bool, tuple[Member, ...]] = {
    True: ("model", "data", "feature_spec", "code"),
    False: ("model", "prompt", "config", "guardrail"),
}
"""The members without which nobody can rebuild a version: of a predictive system, or another."""


COMPARED = ("packages_digest", "image_digest", "config_digest", "hardware")


@check(
    "ENV-02",
    question="Does a change reach users in stages, each with something that stops it?",
    area="change",
    source=["S4.2", "S4.6"],
    revision=3,
)
def rollouts_are_staged(
    ctx: Context,
    *,
    first_share: Annotated[float, Field(gt=0, le=0.25)] = 0.10,
    min_hours: Annotated[float, Field(ge=0.25)] = 1.0,
) -> Outcome:
    """What goes to everybody at once is found out by everybody at once."""
    change, identity = ctx.system.change, ctx.system.identity
    if change is None:
        return no_file(ctx, "change")
    unplanned = [r for r in change.requests if change.rollout(r.rollout) is None]
    if unplanned or not (change.rollouts or identity.in_production_at(ctx.as_of)):
        what = f"{unplanned[0].id} has" if unplanned else "going live has"
        return unknown(
            "missing",
            f"{what} no rollout in change.yaml",
            looked_at=[unplanned[0].where if unplanned else change.where],
            remedy="the platform writes a rollout under `rollouts` in change.yaml: stages, each "
            "with a share, min_hours and what stops it",
        )
    if not change.rollouts:
        return not_applicable(
            "no change is asked for, so that nothing is to be rolled out", looked_at=[change.where]
        )
    most = Decimal(str(first_share))
    known = frozenset(ctx.register.check_ids)
    return all_of([_staged(rollout, most, min_hours, known) for rollout in change.rollouts])


@check(
    "ENV-03",
    question="Could what serves now be rebuilt from what is written about it?",
    area="change",
    source=["S4.7"],
    revision=1,
)
def version_is_complete(ctx: Context) -> Outcome:
    """A version that is known by its name only is whatever has that name today."""
    identity, version = ctx.system.identity, ctx.system.identity.version
    own = identity.kind == "predictive"
    members = REBUILT_FROM[own]
    lacking = [m.replace("_", " ") for m in members if not _pinned(version, m, own=own)]
    if lacking:
        return failed(
            f"{called(version.label)} does not pin {', '.join(lacking)}",
            looked_at=[version.where],
            remedy=f"whoever built {called(version.label)} writes the digests of its "
            f"{', '.join(lacking)} under `version` in system.yaml",
        )
    pinned = ", ".join(member.replace("_", " ") for member in members)
    return passed(
        f"{version.label} pins {pinned}; its digest is {version.digest()[7:19]}",
        looked_at=[version.where],
    )


@check(
    "ENV-04",
    question="Is every difference from production written down, with somebody for it?",
    area="change",
    source=["S4.8"],
    revision=3,
)
def differences_are_owned(ctx: Context, *, max_age_days: int = 90) -> Outcome:
    """What worked in test and fails in production does so because of a difference."""
    change = ctx.system.change
    if change is None:
        return no_file(ctx, "change")
    taken = sorted(change.environments, key=lambda e: e.taken_at)
    newest = {e.environment: e for e in taken if e.taken_at <= ctx.as_of}
    prod = newest.pop("prod", None)
    others = list(newest.values())
    if prod is None or not others:
        lacks = "production" if prod is None else "any environment but production"
        return unknown(
            "missing",
            f"nobody wrote what {lacks} consists of, so nothing can be compared",
            looked_at=[change.where],
            remedy="the platform describes production and where changes are tried under "
            "`environments` in change.yaml",
        )
    seen = _seen_unlisted(ctx, prod, others)
    return all_of(
        [
            *([seen] if seen is not None else []),
            *(
                _too_old(ctx, environment, max_age_days)
                or _too_old(ctx, prod, max_age_days)
                or _differs(ctx, environment, prod, max_age_days)
                for environment in others
            ),
        ]
    )


def _staged(
    rollout: RolloutPlan, first_share: Decimal, min_hours: float, known: frozenset[str]
) -> Outcome:
    """Whether one rollout could be stopped before it reaches everybody."""
    stages = rollout.stages
    faults = []
    if len(stages) < 2:
        few = f"{counted(len(stages), 'stage')}; expected at least two"
        faults.append((few, rollout.place_of("stages")))
    if stages and stages[0].share > first_share:
        most = f"starts with {stages[0].share} of the traffic; expected {first_share}"
        faults.append((most, stages[0].where))
    for number, stage in enumerate(stages, start=1):
        before = stages[number - 2].share if number > 1 else Decimal(0)
        faults += [(why, stage.where) for why in _stage_faults(number, stage, before, min_hours)]
        # Without the register nobody knows which checks there are.
        gone = [name for name in stage.needs if known and name not in known]
        faults += [(f"stage {number} needs {name}, and there is no such check",
                    stage.place_of("needs")) for name in gone]  # fmt: skip
    if faults:
        return failed(
            f"rollout {rollout.id}: {'; '.join(why for why, _ in faults)}",
            looked_at=list(dict.fromkeys(where for _, where in faults)),
            remedy=f"{rollout.by}, who leads rollout {rollout.id}, corrects its stages in "
            "change.yaml",
        )
    shares = ", ".join(f"{stage.share} for {stage.min_hours:g} h" for stage in stages)
    return passed(f"rollout {rollout.id}: {shares}", looked_at=[rollout.where])


def _stage_faults(
    number: int, stage: RolloutStage, before: Decimal, min_hours: float
) -> Iterator[str]:
    """Why one stage shows nothing, or could not be stopped; `before` is the share of the last."""
    if stage.share <= before:
        yield f"stage {number} gets {stage.share} of the traffic; expected more than {before}"
    if stage.min_hours == 0:
        yield f"stage {number} stays for no time (min_hours)"
    elif stage.min_hours < min_hours:
        yield (
            f"stage {number} stays for {stage.min_hours:g} h; expected at least {min_hours:g} "
            "(min_hours)"
        )
    if not stage.abort:
        yield f"nothing stops stage {number} (abort)"
    elif why := unsaid(stage.abort):
        yield f"nothing stops stage {number} (abort {why})"


def _pinned(version: VersionTuple, member: Member, *, own: bool) -> bool:
    """True when the member is known by more than a name, a feature spec by its name at least."""
    keys = version.member(member)
    names = {"model_ref", *(["provider_model_id"] if own or version.provider_alias else [])}
    return any(value for key, value in keys.items() if key not in names)


def _differs(
    ctx: Context, environment: EnvironmentSnapshot, prod: EnvironmentSnapshot, max_age_days: int
) -> Outcome:
    """Whether the differences of one environment are listed, and each is somebody's."""
    listed = {difference.member for difference in environment.differences}
    faults = [
        f"{key.removesuffix('_digest')} is another than in production, and is not listed"
        for key in _other(environment, prod)
        if key.removesuffix("_digest") not in listed
    ]
    unowned = list(_unowned(ctx, environment))
    faults += [
        f"{d.member} ({d.here}, in production {d.in_production}): {why}" for d, why in unowned
    ]
    looked_at = [environment.where, prod.where]
    if faults:
        return failed(
            f"{environment.id}: {'; '.join(faults)}",
            looked_at=[*looked_at, *(d.where for d, _ in unowned)],
            remedy=f"the platform makes {environment.id} and {prod.id} alike, or lists each "
            f"difference of {environment.id} with an owner, and says why, in change.yaml",
        )
    if not any(_both(environment, prod)):
        names = ", ".join(key.removesuffix("_digest") for key in COMPARED)
        return unknown(
            "missing",
            f"nothing is written of both {environment.id} and {prod.id} that could be compared "
            f"({names})",
            looked_at=looked_at,
            remedy=f"the platform writes of {environment.id} and {prod.id} what each consists of, "
            "in change.yaml",
        )
    count = len(environment.differences)
    alike = f"{counted(count, 'difference')}, each owned" if count else "no difference is known"
    return passed(
        f"{environment.id} and {prod.id}: {alike}",
        looked_at=looked_at,
        valid_until=earliest(
            min(environment.taken_at, prod.taken_at) + timedelta(days=max_age_days),
            ctx.until_gone(*(difference.owner for difference in environment.differences)),
        ),
    )


def _seen_unlisted(
    ctx: Context, prod: EnvironmentSnapshot, others: Sequence[EnvironmentSnapshot]
) -> Outcome | None:
    """The answer where the last comparison saw a difference that no environment lists."""
    found = ctx.evidence.latest(
        EnvironmentRecord, matching=lambda look: look.compared_with == prod.id
    )
    if found is None or found.record.as_of < prod.taken_at:
        return None
    listed = {difference.member for other in others for difference in other.differences}
    unlisted = [seen for seen in found.record.differences if seen.member not in listed]
    if not unlisted:
        return None
    told = "; ".join(f"{d.member} was {d.here}, in {prod.id} {d.in_production}" for d in unlisted)
    return failed(
        f"seen on {found.record.as_of.date()} and listed nowhere: {told}",
        looked_at=[found.where, prod.where],
        remedy="the platform makes the two alike, or lists each difference with an owner under "
        f"the environment in change.yaml; then `ops-model observe env {ctx.system.id} --compare`",
    )


def _other(environment: EnvironmentSnapshot, prod: EnvironmentSnapshot) -> Iterator[str]:
    """What is written of both and is not the same."""
    for key in _both(environment, prod):
        if getattr(environment, key) != getattr(prod, key):
            yield key


def _both(environment: EnvironmentSnapshot, prod: EnvironmentSnapshot) -> Iterator[str]:
    """What is written of both."""
    for key in COMPARED:
        if None not in {getattr(environment, key), getattr(prod, key)}:
            yield key


def _too_old(ctx: Context, environment: EnvironmentSnapshot, max_age_days: int) -> Outcome | None:
    """The answer for an environment that was described too long ago; None when it was not."""
    age = ctx.as_of - environment.taken_at
    if age <= timedelta(days=max_age_days):
        return None
    return unknown(
        "expired",
        f"what {environment.id} consists of was written {age.days} days ago; expected at most "
        f"{max_age_days}",
        looked_at=[environment.where],
        remedy=f"the platform writes what {environment.id} consists of today under "
        "`environments` in change.yaml",
    )


def _unowned(ctx: Context, environment: EnvironmentSnapshot) -> Iterator[tuple[Difference, str]]:
    for difference in environment.differences:
        if why := ctx.why_nobody(difference.owner):
            yield difference, why
        elif why := unsaid(difference.reason):
            yield difference, f"reason {why}"
