"""What a trial of something new costs, and whether an exchange of the model was rehearsed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from ops_model.check.api import (
    Context,
    Outcome,
    Recorded,
    aged,
    all_of,
    by_tier,
    check,
    failed,
    latest_in_date,
    no_file,
    not_applicable,
    passed,
    said,
    unknown,
    valid_until,
)
from ops_model.check.compared import result_of
from ops_model.check.remedies_cost import measure_spend
from ops_model.check.remedies_drills import rehearse_swap
from ops_model.domain.change import ChallengerPlan, ChangeRequest
from ops_model.domain.outside import calls_a_model, pinned_model
from ops_model.domain.spend import SpendMeasurement
from ops_model.domain.system import AISystem, Dependency
from ops_model.domain.trials import ChallengerResult, SwapDrill
from ops_model.domain.values import Money


@check(
    "CCH-02",
    question="Is it known what each comparison costs, and is there room for it?",
    area="change",
    source=["S3.28"],
    revision=1,
)
def comparisons_are_costed(ctx: Context, *, max_age_days: int = 8) -> Outcome:
    """A request that becomes three to five requests is paid three to five times."""
    change = ctx.system.change
    if change is None:
        return no_file(ctx, "change")
    planned = [(r, r.challenger) for r in change.requests if r.challenger is not None]
    if not planned:
        return not_applicable("no challenger is planned", looked_at=[change.where])
    return all_of([_costed(ctx, request, plan, max_age_days) for request, plan in planned])


@check(
    "CCH-05",
    question="Was the exchange of each provider's model rehearsed within half a year?",
    area="change",
    source=["S3.33"],
    revision=1,
)
def exchange_is_rehearsed(
    ctx: Context,
    *,
    max_age_days: int = 180,
    within_hours: Annotated[float, Field(le=168)] = by_tier(4, 8, 24),
) -> Outcome:
    """A provider retires its models at a date of its own choosing, and says so in a letter."""
    identity = ctx.system.identity
    providers = [d for d in identity.dependencies if d.kind == "model_provider"]
    if not providers:
        return _no_provider(ctx)
    within = timedelta(hours=within_hours)
    return all_of([_exchanged(ctx, one, max_age_days, within) for one in providers])


def _costed(
    ctx: Context, request: ChangeRequest, plan: ChallengerPlan, max_age_days: int
) -> Outcome:
    """Whether one comparison is costed, and fits the ceiling where it runs on real traffic."""
    result = result_of(ctx, request)
    multiplier, cost = _multiplier(plan, result), _cost(plan, result)
    lacking = {
        "cost_multiplier": multiplier is None,
        "estimated_cost": cost is None,
    }
    if any(lacking.values()):
        keys = " and ".join(key for key, missing in lacking.items() if missing)
        return failed(
            f"{request.id}: nobody wrote {keys} of its challenger",
            looked_at=[plan.where],
            remedy=f"{request.requested_by} writes {keys} of the challenger of {request.id} in "
            "change.yaml: into how many requests one becomes, and what all of it costs",
        )
    if plan.estimated_cost is not None and plan.estimated_cost.amount <= 0:
        return failed(
            f"{request.id}: {plan.estimated_cost} is no estimate; expected more than nothing",
            looked_at=[plan.place_of("estimated_cost")],
            remedy=f"{request.requested_by} writes in change.yaml what the comparison of "
            f"{request.id} costs",
        )
    known = passed(
        f"{request.id}: one request becomes {multiplier:g}, and it costs {cost}",
        looked_at=[plan.where, *([result.where] if result is not None else [])],
    )
    if plan.environment != "production" or multiplier is None:
        return known
    return all_of([known, _has_room(ctx, request, plan, multiplier, max_age_days)])


def _multiplier(plan: ChallengerPlan, result: Recorded[ChallengerResult] | None) -> float | None:
    """Into how many requests one becomes: measured, at its upper end; else as planned."""
    measured = result.record.cost_multiplier if result is not None else None
    if measured is None or measured.value is None:
        return plan.cost_multiplier
    return measured.high if measured.high is not None else measured.value


def _cost(plan: ChallengerPlan, result: Recorded[ChallengerResult] | None) -> str | None:
    measured = result.record.cost if result is not None else None
    if measured is not None and measured.value is not None:
        return f"{said(measured)}, as measured"
    return str(plan.estimated_cost) if plan.estimated_cost is not None else None


def _has_room(
    ctx: Context,
    request: ChangeRequest,
    plan: ChallengerPlan,
    multiplier: float,
    max_age_days: int,
) -> Outcome:
    """Whether a day on which every request is paid several times still keeps the ceiling."""
    lowest = _lowest_ceiling(ctx)
    if lowest is None:
        return unknown(
            "missing",
            f"{request.id} is to run beside real traffic, and no ceiling per day says how much "
            "that may cost",
            looked_at=[plan.place_of("environment")],
            remedy="the cost owner writes a ceiling per day for the system under `ceilings` in "
            "cost.yaml",
        )
    found = latest_in_date(
        ctx,
        SpendMeasurement,
        max_age_days=max_age_days,
        missing=f"{request.id} is to run beside real traffic, and what a day costs was never "
        "measured",
        claim=plan.place_of("environment"),
        remedy=measure_spend(ctx.system),
    )
    if isinstance(found, Outcome):
        return found
    day, looked_at = found.record.last_full_day, [plan.where, found.where]
    if day.value is None or day.unit != lowest.currency:
        return unknown(
            "too_few",
            f"{request.id}: a full day of {said(day)} cannot be held against {lowest}",
            looked_at=looked_at,
            remedy=measure_spend(ctx.system),
        )
    then = day.value * multiplier
    text = f"{request.id}: {multiplier:g} times {said(day)} are {then:,.2f} {day.unit} a day"
    if then > float(lowest.amount):
        return failed(
            f"{text}; the ceiling is {lowest}",
            looked_at=looked_at,
            remedy=f"{request.requested_by} plans the challenger of {request.id} on recorded "
            "cases in test, or on a part of the traffic, in change.yaml",
        )
    return passed(
        f"{text}, within {lowest}",
        looked_at=looked_at,
        values={"last full day": day},
        valid_until=valid_until(found, max_age_days=max_age_days),
    )


def _lowest_ceiling(ctx: Context) -> Money | None:
    plan = ctx.system.cost
    daily = [
        c.amount for c in (plan.ceilings if plan is not None else ())
        if c.scope == "system" and c.per == "day"
    ]  # fmt: skip
    return min(daily, key=lambda money: money.amount, default=None)


def _no_provider(ctx: Context) -> Outcome:
    """The answer where no provider is named: own models are exchanged by going back and forth."""
    identity, cost = ctx.system.identity, ctx.system.cost
    where = identity.place_of("dependencies")
    signs = list(_signs_of_a_provider(identity))
    if cost is not None and any(c.scope == "provider" for c in cost.ceilings):
        signs.append("cost.yaml has a ceiling for a provider")
    if signs:
        return unknown(
            "missing",
            f"system.yaml names no model_provider, but {' and '.join(signs)}",
            looked_at=[where],
            remedy="the owner names whoever serves the model under `dependencies` in system.yaml, "
            "with kind model_provider and its `pinned_id`",
        )
    return not_applicable(
        f"{identity.version.label} is a model of our own, which no provider can retire; to "
        "exchange it is to go back, which is rehearsed (RBK-02)",
        looked_at=[where],
    )


def _signs_of_a_provider(identity: AISystem) -> Iterator[str]:
    if calls_a_model(identity):
        yield f"kind {identity.kind} calls a model"
    if identity.version.provider_model_id is not None:
        yield f"{identity.version.label} names the provider's {identity.version.provider_model_id}"


def _exchanged(
    ctx: Context,
    provider: Dependency,
    max_age_days: int,
    within: timedelta,
) -> Outcome:
    """Whether the exchange of one provider's model was rehearsed, from the one pinned now."""
    pinned = pinned_model(ctx.system.identity, provider.id)
    if pinned is None:
        return unknown(
            "missing",
            f"nobody wrote which model of {provider.id} is agreed, so none can be exchanged",
            looked_at=[provider.where],
            remedy=f"the owner writes `pinned_id` of {provider.id} in system.yaml",
        )
    again = rehearse_swap(ctx.system, provider.id)
    found = latest_in_date(
        ctx,
        SwapDrill,
        max_age_days=max_age_days,
        missing=f"no such measurement: no exchange of {pinned} ({provider.id}) was rehearsed",
        claim=provider.where,
        remedy=again,
        matching=lambda drill: drill.dependency == provider.id,
    )
    if isinstance(found, Outcome):
        return found
    drill, looked_at = found.record, [provider.where, found.where]
    if drill.from_model != pinned:
        return unknown(
            "expired",
            f"{provider.id}: the rehearsal of {drill.as_of.date()} went from {drill.from_model}; "
            f"{pinned} is agreed now",
            looked_at=looked_at,
            remedy=again,
        )
    if why := _not_shown(ctx, drill, max_age_days):
        return unknown(
            "missing",
            f"{provider.id}: the rehearsal of {drill.as_of.date()} {why}",
            looked_at=looked_at,
            remedy=again,
        )
    if why := _not_exchanged(drill, within):
        return failed(
            f"{provider.id}: the rehearsal of {drill.as_of.date()} {why}",
            looked_at=looked_at,
            remedy=f"the reliability owner mends what kept {drill.to_model} from serving (prompt, "
            f"format or limits), puts the version of system.yaml right, and {again}",
        )
    return passed(
        f"{provider.id}: {drill.from_model} was exchanged for {drill.to_model} in "
        f"{said(drill.seconds)} on {drill.as_of.date()}",
        looked_at=looked_at,
        values={f"{provider.id} exchanged": drill.seconds},
        valid_until=min(drill.as_of, drill.done_at) + timedelta(days=max_age_days),
    )


def _not_shown(ctx: Context, drill: SwapDrill, max_age_days: int) -> str:
    """What a rehearsal leaves open of who exchanged what, when; empty when it leaves nothing."""
    if not timedelta(0) <= ctx.as_of - drill.done_at <= timedelta(days=max_age_days):
        return f"was done on {drill.done_at.date()}; expected within {max_age_days} days"
    if ctx.model.people.person(drill.performed_by) is None:
        return "names nobody of people.yaml who performed it"
    if not drill.to_model.strip():
        return "does not say for which model"
    if drill.seconds.value is None:
        return "does not say how long it took"
    return ""


def _not_exchanged(drill: SwapDrill, within: timedelta) -> str:
    """Why a rehearsal shows no exchange; empty when it does."""
    if drill.to_model == drill.from_model:
        return f"exchanged {drill.from_model} for itself"
    if not drill.passed:
        return f"did not pass: {'; '.join(drill.problems) or 'no reason given'}"
    if not 0 <= (drill.seconds.value or 0.0) <= within.total_seconds():
        most = aged(within, timedelta(hours=1))
        return f"took {said(drill.seconds)}; expected at most {most} h"
    return ""
