"""What one training run may cost, and whether one was seen that cost more."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from ops_model.check.api import (
    Context,
    Outcome,
    all_of,
    check,
    failed,
    no_file,
    not_applicable,
    passed,
    said,
    unknown,
)
from ops_model.check.remedies import called
from ops_model.check.remedies_cost import measure_ceilings
from ops_model.check.spends import fault_of, write_ceiling
from ops_model.check.watched import watched_states
from ops_model.domain.cost import CostCeiling


@check(
    "CST-07",
    question="Is there a cap on what one training run may cost, and was none seen above it?",
    area="cost",
    source=["S4.16"],
    revision=2,
)
def training_is_capped(ctx: Context, *, max_age_days: Annotated[int, Field(ge=7)] = 35) -> Outcome:
    """A search over settings left running for a weekend costs what the service costs in a year.

    A run that went above the cap of today counts for `max_age_days`; that none is seen in the logs
    does not say that there was none.
    """
    identity, plan = ctx.system.identity, ctx.system.cost
    if identity.kind != "predictive":
        return not_applicable(
            f"kind {identity.kind} calls a model that others train",
            looked_at=[identity.place_of("kind")],
        )
    if plan is None:
        return no_file(ctx, "cost")
    if not identity.version.trained_by:
        return unknown(
            "missing",
            f"nobody is written down as having trained {called(identity.version.label)}, so "
            "whether it is trained here is not known",
            looked_at=[identity.version.where],
            remedy="the owner names the builders under `version.trained_by` in system.yaml",
        )
    caps = [c for c in plan.ceilings if c.scope == "training_run"]
    if not caps:
        return failed(
            f"{', '.join(identity.version.trained_by)} trained it here, and nothing caps what a "
            "run may cost",
            looked_at=[plan.place_of("ceilings")],
            remedy=write_ceiling(plan, "training_run"),
        )
    faults = [f"{c.id}: {fault}" for c in caps if (fault := fault_of(ctx, plan, c))]
    if faults:
        return failed(
            "; ".join(faults),
            looked_at=[c.where for c in caps],
            remedy=f"the cost owner corrects {', '.join(f.split(':')[0] for f in faults)} under "
            "`ceilings` in cost.yaml",
        )
    return all_of([_kept_to(ctx, cap, max_age_days) for cap in caps])


def _kept_to(ctx: Context, cap: CostCeiling, max_age_days: int) -> Outcome:
    """Whether a run was seen above a cap lately; what the last watch could not see is said."""
    capped = f"a training run may cost {cap.amount}, then {cap.hard_action.replace('_', ' ')}"
    seen = watched_states(ctx, cap, within=timedelta(days=max_age_days))
    above = [s for s in seen if (s.state.spent.value or 0.0) > float(cap.amount.amount)]
    if above:
        dearest = max(above, key=lambda s: s.state.spent.value or 0.0)
        return failed(
            f"run {dearest.state.of} cost {said(dearest.state.spent)}; {capped}",
            looked_at=[cap.where, dearest.where],
            remedy=f"{cap.owner} finds out why {cap.hard_action.replace('_', ' ')} did not come "
            f"at {cap.amount}, and has it come; or whoever holds raise_cost_ceiling in "
            "decisions.yaml decides that a run may cost more",
            values={f"{cap.id} dearest run": dearest.state.spent},
        )
    latest = seen[-1] if seen else None
    if latest is not None and latest.state.of and latest.state.state == "unknown":
        return unknown(
            "too_few",
            f"{capped}; whether run {latest.state.of} kept to it is not known: {latest.state.why}",
            looked_at=[cap.where, latest.where],
            remedy=measure_ceilings(ctx.system),
        )
    if latest is None:
        return passed(capped, looked_at=[cap.where], valid_until=ctx.until_gone(cap.owner))
    dearest_now = f"run {latest.state.of} cost {said(latest.state.spent)}"
    return passed(
        f"{capped}; {dearest_now if latest.state.of else latest.state.why}",
        looked_at=[cap.where, latest.where],
        values={f"{cap.id} dearest run": latest.state.spent} if latest.state.of else None,
        valid_until=ctx.until_gone(cap.owner),
    )
