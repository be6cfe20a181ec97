"""What the service costs today, and the most that it may cost."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import Field

from ops_model.check.api import (
    Context,
    Outcome,
    aged,
    all_of,
    check,
    counted,
    failed,
    no_file,
    old_as,
    passed,
    said,
    short_of_words,
    unknown,
)
from ops_model.check.remedies_cost import measure_spend
from ops_model.check.spends import contradicted, days_in_doubt, fault_of, no_price, write_ceiling
from ops_model.check.thresholds import thresholds_of
from ops_model.domain.cost import CostCeiling, CostPlan
from ops_model.domain.outside import calls_nobody
from ops_model.domain.spend import SpendMeasurement
from ops_model.domain.values import Money, Where, iso_utc

_WEEK = timedelta(days=7)
"""How far back a day without any row makes what is spent now doubtful."""


@check(
    "CST-01",
    question="Is there a ceiling per day, and does something happen there?",
    area="cost",
    source=["S0.17"],
    revision=2,
)
def ceiling_per_day(ctx: Context, *, min_words: Annotated[int, Field(ge=2)] = 3) -> Outcome:
    """A project's budget is spent once; a service is billed every day until somebody stops it."""
    plan = ctx.system.cost
    if plan is None:
        return no_file(ctx, "cost")
    daily = _daily(plan, "system")
    if not daily:
        budget = plan.project_budget
        other = f"; a budget of {budget.amount} for the project is none" if budget else ""
        return failed(
            f"no ceiling per day for the system{other}",
            looked_at=[plan.place_of("ceilings")],
            remedy=write_ceiling(plan),
        )
    ceilings = [*daily, *_daily(plan, "provider")]
    faults = [f"{c.id}: {fault}" for c in ceilings if (fault := fault_of(ctx, plan, c))]
    if faults:
        return failed(
            "; ".join(faults),
            looked_at=[c.where for c in ceilings],
            remedy=f"the cost owner corrects {', '.join(f.split(':')[0] for f in faults)} under "
            "`ceilings` in cost.yaml",
        )
    asked = (_providers(ctx, plan), _within_all(ctx, plan, min_words))
    others = [answer for answer in asked if answer is not None]
    return all_of([_ceilings_hold(ctx, daily), *others])


def _ceilings_hold(ctx: Context, daily: Sequence[CostCeiling]) -> Outcome:
    """That the ceilings are set; and beside them what is known of the spend."""
    found = ctx.evidence.latest(SpendMeasurement)
    today = found.record.today if found and _is_of_today(ctx, found.record) else None
    spent = f"; today {said(today)} so far" if today else ""
    if found and today is None:
        spent = _last_known(ctx, found.record)
    return passed(
        "; ".join(
            f"{c.amount} per day, then {c.hard_action.replace('_', ' ')} ({c.owner})"
            for c in daily
        )
        + spent,
        looked_at=[*(c.where for c in daily), *([found.where] if found else [])],
        values={"today": today} if today else None,
        valid_until=ctx.until_gone(*(c.owner for c in ctx.system.cost.ceilings))
        if ctx.system.cost
        else None,
    )


def _is_of_today(ctx: Context, spend: SpendMeasurement) -> bool:
    """True of the spend of this UTC day, where CST-02 finds that it is known."""
    given = thresholds_of(spend_is_fresh, ctx.model.policy, ctx.system.identity.tier)
    same_day = spend.as_of.astimezone(UTC).date() == ctx.as_of.astimezone(UTC).date()
    return same_day and spend_is_fresh(ctx, **given).status == "passed"


def _last_known(ctx: Context, spend: SpendMeasurement) -> str:
    """How old the newest row is, where the spend of now is not known."""
    if spend.newest_row is None or contradicted(spend):
        return "; what is spent is not known (CST-02)"
    return f"; the newest row of spend is {old_as(ctx.as_of - spend.newest_row)} old"


def _providers(ctx: Context, plan: CostPlan) -> Outcome | None:
    """Whether each model that is called has a ceiling of its own; None before people are served.

    A loop that calls one model without end is stopped there, and the rest of the system goes on.
    """
    identity = ctx.system.identity
    called = [d.id for d in identity.dependencies if d.kind == "model_provider"]
    if not identity.in_production_at(ctx.as_of):
        return None
    if calls_nobody(identity):
        return unknown(
            "missing",
            f"kind {identity.kind} calls a model, and system.yaml names no model_provider that "
            "could have a ceiling",
            looked_at=[identity.place_of("dependencies")],
            remedy="the owner names whoever serves the model under `dependencies` in system.yaml, "
            "with kind model_provider",
        )
    if not called:
        return None
    ceilings = {c.provider: c for c in _daily(plan, "provider")}
    without = [provider for provider in called if provider not in ceilings]
    if without:
        return failed(
            f"no ceiling per day for {', '.join(without)}, which the system calls",
            looked_at=[plan.place_of("ceilings")],
            remedy="; ".join(write_ceiling(plan, "provider", provider) for provider in without),
        )
    return passed(
        "; ".join(f"for {provider} {ceilings[provider].amount}" for provider in called),
        looked_at=[ceilings[provider].where for provider in called],
    )


def _within_all(ctx: Context, plan: CostPlan, min_words: int) -> Outcome | None:
    """Whether the ceiling leaves something of what all systems together may cost.

    The sum over all systems is the portfolio's: a system's verdict depends on no other system, and
    a notebook, which gets its own system alone, has to judge as the command line does.
    """
    portfolio = ctx.model.portfolio
    most = portfolio.ceiling_per_day if portfolio else None
    lowest = _lowest(plan)
    if portfolio is None or most is None:
        return None
    if lowest.currency != most.currency:
        return unknown(
            "missing",
            f"{lowest} cannot be held against {most} per day for all systems, and nothing is "
            "converted",
            looked_at=[plan.place_of("currency"), portfolio.place_of("ceiling_per_day")],
            remedy="the cost owner and whoever keeps portfolio.yaml agree on one currency for "
            "ceilings, in cost.yaml and portfolio.yaml",
        )
    looked_at = [portfolio.place_of("ceiling_per_day")]
    of_all = f"alone {lowest} of {most} per day for all systems"
    if lowest.amount <= most.amount:
        return passed(f"{of_all}, whose sum is the portfolio's", looked_at=looked_at)
    short = short_of_words(portfolio.ceiling_override, min_words)
    if portfolio.ceiling_override and not short:
        return passed(f"{of_all}; accepted: {portfolio.ceiling_override}", looked_at=looked_at)
    mine = [c.place_of("amount") for c in _daily(plan, "system") if c.amount == lowest]
    why = f"; accepted: '{portfolio.ceiling_override}', but {short}"
    return failed(
        f"{of_all}{why if portfolio.ceiling_override else ''}",
        looked_at=[*mine, *looked_at],
        remedy="the cost owner lowers the ceiling in cost.yaml, or whoever keeps portfolio.yaml "
        "raises theirs or writes in a sentence why more is accepted (ceiling_override)",
    )


def _daily(plan: CostPlan, scope: str) -> list[CostCeiling]:
    return [c for c in plan.ceilings if c.scope == scope and c.per == "day"]


def _lowest(plan: CostPlan) -> Money:
    """The ceiling per day that bites first; they are in one currency by then."""
    return min((c.amount for c in _daily(plan, "system")), key=lambda money: money.amount)


@check(
    "CST-02",
    question="Is today's spend known today?",
    area="cost",
    source=["S0.17"],
    revision=2,
)
def spend_is_fresh(ctx: Context, *, max_age_hours: float = 24) -> Outcome:
    """A bill at the end of the month explains an overrun and prevents none.

    A day without any row cost nothing, or nobody knows what: where the same day of the week before
    had rows, it is not known.
    """
    plan = ctx.system.cost
    if plan is None:
        return no_file(ctx, "cost")
    measure = measure_spend(ctx.system)
    found = ctx.evidence.latest(SpendMeasurement)
    if found is None:
        return unknown(
            "missing", "spend was never measured", looked_at=[plan.where], remedy=measure
        )
    spend, looked_at = found.record, [plan.where, found.where]
    newest, why = spend.newest_row, contradicted(spend)
    if newest is None or why:
        return unknown(
            "too_few", why or "the usage logs hold no row", looked_at=looked_at, remedy=measure
        )
    # Counted to the instant that judges, so that a measurement grows old where it lies.
    age = ctx.as_of - newest
    if age > timedelta(hours=max_age_hours):
        return unknown(
            "expired",
            f"the newest row is of {iso_utc(newest)}, "
            f"{aged(age, timedelta(hours=1))} h old; expected at "
            f"most {max_age_hours:g} h",
            looked_at=looked_at,
            remedy=f"the platform brings the usage log up to date; then {measure}",
        )
    return _whole(spend, age, looked_at, measure, newest + timedelta(hours=max_age_hours))


def _whole(
    spend: SpendMeasurement,
    age: timedelta,
    looked_at: Sequence[Where],
    measure: str,
    ends: datetime,
) -> Outcome:
    """Whether what was measured is all that was spent."""
    if spend.unpriced_rows:
        text, remedy = no_price(spend)
        return failed(
            f"{text}, so the spend is more than {said(spend.today)}",
            looked_at=looked_at,
            remedy=remedy,
        )
    if lost := days_in_doubt(spend, _WEEK):
        reason, text, remedy = lost
        return unknown(
            reason,
            f"{text}, so what was spent then is not known",
            looked_at=looked_at,
            remedy=f"{remedy}; then {measure}",
        )
    doubt = f"; {'; '.join(spend.warnings)}" if spend.warnings else ""
    return passed(
        f"{counted(spend.days_over_ceiling, 'day')} over the ceiling; last full day "
        f"{said(spend.last_full_day)}; newest row {old_as(age)} old{doubt}",
        looked_at=looked_at,
        values={"today": spend.today, "last_full_day": spend.last_full_day},
        valid_until=ends,
    )
