"""The care that a system needs for as long as it is in production, and when each was due."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from ops_model.check.api import (
    Context,
    Outcome,
    aged,
    check,
    counted,
    earliest,
    failed,
    not_applicable,
    passed,
    unknown,
)
from ops_model.check.grades import grade_of
from ops_model.check.sign_off import counting
from ops_model.domain.assessment import Assessment
from ops_model.domain.detection import DriftMeasurement, QualityMeasurement
from ops_model.domain.detection_served import GuardrailMeasurement
from ops_model.domain.evidence import Grade, Record
from ops_model.domain.system import Care
from ops_model.domain.trials import ChallengerResult
from ops_model.domain.values import Where


@dataclass(frozen=True)
class _Kind:
    """One kind of care: its key, how seldom it may be done, and when it was done last."""

    key: str
    care: Care | None
    most_days: int
    done_at: datetime | None
    where: Where | None


@check(
    "OWN-06",
    question="Is none of the care that it needs in production overdue?",
    area="ownership",
    source=["S1.10"],
    revision=3,
)
def care_not_overdue(
    ctx: Context,
    *,
    max_monitoring_days: int = 7,
    max_evaluation_days: int = 92,
    max_retraining_days: int = 366,
    max_governance_days: int = 366,
) -> Outcome:
    """A model ships once and drifts every day; care that nobody is late for is nobody's work.

    When each was done last is read from evidence that is more than a declaration. Monitoring: the
    last drift or quality that was measured. Evaluation: the last quality, challenger or guardrail
    that was measured. Retraining, of what is trained: the day from which the version serves, the
    last challenger, or the last decision on something new in change.yaml, since to look and leave
    it as it is counts too. Governance: the last sign-off, or the last assessment that a run
    recorded. Until it was done first, the day counts on which it went live.
    """
    identity = ctx.system.identity
    live = identity.went_live_at
    if live is None or not identity.in_production_at(ctx.as_of):
        return not_applicable(
            "it serves nobody, so nothing needs care yet",
            looked_at=[identity.place_of("stage_history")],
        )
    most = {
        "monitoring": max_monitoring_days,
        "evaluation": max_evaluation_days,
        "retraining": max_retraining_days,
        "governance": max_governance_days,
    }
    kinds = [_kind(ctx, key, days) for key, days in most.items() if _owed(ctx, key)]
    undeclared = [kind.key for kind in kinds if kind.care is None]
    if undeclared:
        return unknown(
            "missing",
            f"how often it needs {', '.join(undeclared)}, and who sees to it, is not written",
            looked_at=[identity.place_of("care")],
            remedy=f"the owner writes {', '.join(undeclared)} under `care` in system.yaml, with "
            "`every_days` and `owner` for each",
        )
    faults = {kind.key: why for kind in kinds if (why := _why_overdue(ctx, kind, live))}
    looked_at = [identity.place_of("care"), *(k.where for k in kinds if k.where is not None)]
    if faults:
        return failed(
            "; ".join(f"{key}: {why}" for key, why in faults.items()),
            looked_at=looked_at,
            remedy=_see_to(ctx, [kind for kind in kinds if kind.key in faults]),
        )
    return passed(
        "; ".join(_in_time(kind) for kind in kinds),
        looked_at=looked_at,
        valid_until=earliest(
            *(_due(kind, live) for kind in kinds),
            ctx.until_gone(*(kind.care.owner for kind in kinds if kind.care is not None)),
        ),
    )


def _owed(ctx: Context, key: str) -> bool:
    """What is prompted and not trained is trained again only where somebody plans it."""
    trained = ctx.system.identity.kind == "predictive"
    return key != "retraining" or trained or ctx.system.identity.care.retraining is not None


def _kind(ctx: Context, key: str, most_days: int) -> _Kind:
    done_at, where = max(_done(ctx, key), key=lambda done: done[0], default=(None, None))
    return _Kind(key, getattr(ctx.system.identity.care, key), most_days, done_at, where)


_SHOWN_BY: dict[str, tuple[type[Record], ...]] = {
    "monitoring": (DriftMeasurement, QualityMeasurement),
    "evaluation": (QualityMeasurement, ChallengerResult, GuardrailMeasurement),
    "retraining": (ChallengerResult,),
    "governance": (Assessment,),
}


def _done(ctx: Context, key: str) -> Iterator[tuple[datetime, Where]]:
    """Each time at which a kind of care was done, with its place."""
    for kind in _SHOWN_BY[key]:
        for found in ctx.evidence.all(kind):
            # Whoever may write the notebook may write that it was done.
            if grade_of(found.statement, ctx.evidence) > Grade.DECLARED:
                yield found.record.as_of, found.where
    if key == "governance":
        # A decision that nobody signed is no care.
        yield from ((word.record.as_of, word.where) for word in counting(ctx))
    if key == "retraining":
        yield from _trained(ctx)


def _trained(ctx: Context) -> Iterator[tuple[datetime, Where]]:
    """When a version came into service, or somebody decided on a new one."""
    version, change = ctx.system.identity.version, ctx.system.change
    since = version.in_production_since
    if since is not None and since <= ctx.as_of:
        yield since, version.where
    for candidate in change.candidates if change is not None else ():
        day = candidate.decided_on
        if candidate.decision is not None and day is not None and day <= ctx.today:
            yield datetime.combine(day, time(), tzinfo=UTC), candidate.where


def _due(kind: _Kind, live: datetime) -> datetime:
    days = kind.care.every_days if kind.care is not None else kind.most_days
    return (kind.done_at or live) + timedelta(days=days)


def _why_overdue(ctx: Context, kind: _Kind, live: datetime) -> str:
    """Why a kind of care is not as it should be; empty when it is."""
    care = kind.care
    if care is None:
        return "nobody plans it"
    if care.every_days > kind.most_days:
        return f"planned every {care.every_days} days; expected every {kind.most_days} at most"
    if why := ctx.why_nobody(care.owner):
        return why
    due = _due(kind, live)
    if ctx.as_of <= due:
        return ""
    late = aged(ctx.as_of - due, timedelta(days=1))
    last = f"last done on {kind.done_at.date()}" if kind.done_at else "never done"
    due_each = counted(care.every_days, "day")
    return f"{care.owner} is {late} days late ({last}, due each {due_each})"


def _in_time(kind: _Kind) -> str:
    last = f"done on {kind.done_at.date()}" if kind.done_at else "not due yet"
    of = f", due each {counted(kind.care.every_days, 'day')}" if kind.care else ""
    return f"{kind.key} {last}{of}"


_HOW = {
    "monitoring": "`ops-model run 05_drift_quality {system}`",
    "evaluation": "`ops-model run 05_drift_quality {system}`",
    "retraining": "a decision on a new version under `candidates` in change.yaml, or a newly "
    "trained one",
    "governance": "`ops-model run 01_readiness {system}`",
}


def _see_to(ctx: Context, kinds: list[_Kind]) -> str:
    steps = [
        f"{_HOW[kind.key].format(system=ctx.system.id)} for {kind.key} ({kind.care.owner})"
        for kind in kinds
        if kind.care is not None
    ]
    return (
        f"whoever sees to it does what is late: {'; '.join(steps)}; or the owner puts owner and "
        "`every_days` right under `care` in system.yaml"
    )
