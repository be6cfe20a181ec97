"""The care that a system needs for as long as it is in production, and when each was due."""

from ops_model.check.api import (
    Context,
    Outcome,
    check,
    counted,
    earliest,
    failed,
    not_applicable,
    passed,
    unknown,
)
from ops_model.check.care import CareName, Kept, care_owed, kept, why_overdue


@check(
    "OWN-06",
    question="Is none of the care that it needs in production overdue?",
    area="ownership",
    source=["S1.10"],
    revision=4,
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
    that was measured. Retraining, of what is trained: the day from which the version serves, or
    the last decision on something new in change.yaml, since to decide and leave it as it is counts
    too; a challenger that was only measured does not. Governance: the last sign-off, or the last
    assessment that a run recorded. Until it was done first, the day counts on which it went live.
    """
    identity = ctx.system.identity
    live = identity.went_live_at
    if live is None or not identity.in_production_at(ctx.as_of):
        return not_applicable(
            "it serves nobody, so nothing needs care yet",
            looked_at=[identity.place_of("stage_history")],
        )
    most: dict[CareName, int] = {
        "monitoring": max_monitoring_days,
        "evaluation": max_evaluation_days,
        "retraining": max_retraining_days,
        "governance": max_governance_days,
    }
    kinds = [
        kept(ctx, key, most_days=days, live=live)
        for key, days in most.items()
        if care_owed(ctx, key)
    ]
    undeclared = [kind.key for kind in kinds if kind.care is None]
    if undeclared:
        return unknown(
            "missing",
            f"how often it needs {', '.join(undeclared)}, and who sees to it, is not written",
            looked_at=[identity.place_of("care")],
            remedy=f"the owner writes {', '.join(undeclared)} under `care` in system.yaml, with "
            "`every_days` and `owner` for each",
        )
    faults = {kind.key: why for kind in kinds if (why := why_overdue(ctx, kind))}
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
            *(kind.due for kind in kinds),
            ctx.until_gone(*(kind.care.owner for kind in kinds if kind.care is not None)),
        ),
    )


def _in_time(kind: Kept) -> str:
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


def _see_to(ctx: Context, kinds: list[Kept]) -> str:
    steps = [
        f"{_HOW[kind.key].format(system=ctx.system.id)} for {kind.key} ({kind.care.owner})"
        for kind in kinds
        if kind.care is not None
    ]
    return (
        f"whoever sees to it does what is late: {'; '.join(steps)}; or the owner puts owner and "
        "`every_days` right under `care` in system.yaml"
    )
