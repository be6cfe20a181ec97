"""What happened on the days above a ceiling: who was told, what was done, who accepted it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from ops_model.check.api import (
    Context,
    Outcome,
    Recorded,
    aged,
    by_tier,
    check,
    counted,
    latest_in_date,
    no_file,
    passed,
    unknown,
)
from ops_model.check.breaches import Above, handled
from ops_model.check.remedies_cost import measure_ceilings, measure_spend
from ops_model.check.spends import (
    against_another,
    contradicted,
    cost_by_day,
    days_covered,
    days_in_doubt,
    write_ceiling,
)
from ops_model.check.watched import Seen, watched_states
from ops_model.domain.cost import CostCeiling, CostPlan
from ops_model.domain.evidence import Measured
from ops_model.domain.spend import BreachLog, SpendMeasurement


@check(
    "CST-04",
    question="Was each day above a ceiling told and acted on within minutes, or accepted?",
    area="cost",
    source=["S0.17"],
    revision=2,
)
def breaches_are_handled(
    ctx: Context,
    *,
    max_age_hours: float = 24,
    min_days: Annotated[int, Field(ge=7)] = 28,
    tell_within_minutes: Annotated[int, Field(le=240)] = 30,
    act_within_minutes: Annotated[int, Field(le=480)] = by_tier(30, 60, 120),
) -> Outcome:
    """A ceiling that is crossed without anything happening is a line in a file.

    A day is above a ceiling by the spend that was measured, or by the last watch of that day.
    """
    plan = ctx.system.cost
    if plan is None:
        return no_file(ctx, "cost")
    ceilings = plan.daily_ceilings
    if not any(ceiling.scope == "system" for ceiling in ceilings):
        return unknown(
            "missing",
            "no ceiling per day is declared for the system, so no day can be above it",
            looked_at=[plan.place_of("ceilings")],
            remedy=write_ceiling(plan),
        )
    found = _spend(ctx, plan, max_age_hours, min_days)
    if isinstance(found, Outcome):
        return found
    within = timedelta(hours=max_age_hours)
    watched = _watched(ctx, ceilings, found.record, within)
    above = Above(
        ceilings=ceilings,
        spend=found,
        crossed=[seen for seen in watched if _is_crossed(seen, ceilings)],
        tell=timedelta(minutes=tell_within_minutes),
        act=timedelta(minutes=act_within_minutes),
        ends=found.record.newest_row + within if found.record.newest_row is not None else None,
    )
    blind = next((seen for seen in watched if _is_blind(seen)), None)
    if blind is not None:
        return unknown(
            "too_few",
            f"whether {blind.state.ceiling} is crossed on {blind.day} is not known: "
            f"{blind.state.why}",
            looked_at=[*(c.where for c in ceilings), blind.where],
            remedy=measure_ceilings(ctx.system),
        )
    return _judged(ctx, above, max_age_hours)


def _judged(ctx: Context, above: Above, max_age_hours: float) -> Outcome:
    """A pass where no day can have been above a ceiling, else what the log says of those days."""
    spend = above.spend.record
    over, untold = spend.days_over_ceiling, _may_be_crossed(spend, above.ceilings)
    days = days_covered(spend)
    if not over and not untold and not above.crossed:
        return passed(
            f"no day of {counted(days, 'day')} was above a ceiling",
            looked_at=[*(c.where for c in above.ceilings), above.spend.where],
            values={"days over the ceiling": Measured(value=0.0, unit="days", n=days,
                    no_interval="exact")},
            valid_until=above.ends,
        )  # fmt: skip
    why = f"{counted(over, 'day')} of {counted(days, 'day')} above the ceiling"
    if above.crossed:
        crossed = (f"{seen.state.ceiling} is crossed on {seen.day}" for seen in above.crossed)
        why += f"; {', '.join(crossed)}"
    if untold:
        why += f"; whether {', '.join(untold)} was crossed is not counted"
    log = latest_in_date(
        ctx,
        BreachLog,
        max_age_days=max_age_hours / 24,
        missing=f"{why}, and no such measurement: no log of what was done then is on record",
        claim=above.spend.where,
        remedy=measure_ceilings(ctx.system),
    )
    return log if isinstance(log, Outcome) else handled(ctx, above, log)


def _spend(
    ctx: Context, plan: CostPlan, max_age_hours: float, min_days: int
) -> Recorded[SpendMeasurement] | Outcome:
    """The last measurement of spend, where it can tell which days were above the ceiling."""
    measure = measure_spend(ctx.system)
    found = ctx.evidence.latest(SpendMeasurement)
    if found is None:
        return unknown(
            "missing",
            "spend was never measured, so nobody knows which days were above a ceiling",
            looked_at=[plan.where],
            remedy=measure,
        )
    spend, looked_at = found.record, [plan.where, found.where]
    if why := contradicted(spend) or against_another(plan, spend):
        return unknown("too_few", why, looked_at=looked_at, remedy=measure)
    if spend.newest_row is None or spend.ceiling_per_day is None or days_covered(spend) < min_days:
        lacks = (
            "no row" if spend.newest_row is None
            else "no ceiling to hold the days against" if spend.ceiling_per_day is None
            else f"{counted(days_covered(spend), 'day')}; expected at least {min_days}"
        )  # fmt: skip
        return unknown(
            "too_few", f"the last measurement of spend has {lacks}", looked_at=looked_at,
            remedy=measure,
        )  # fmt: skip
    age = ctx.as_of - spend.newest_row
    if age > timedelta(hours=max_age_hours):
        return unknown(
            "expired",
            f"the newest row is {aged(age, timedelta(hours=1))} h old, so whether a ceiling was "
            f"crossed since is not known; expected at most {max_age_hours:g} h",
            looked_at=looked_at,
            remedy=f"the platform brings the usage log up to date; then {measure}",
        )
    if doubt := days_in_doubt(spend, timedelta(days=min_days)):
        reason, text, remedy = doubt
        return unknown(
            reason,
            f"{text}, so whether a ceiling was crossed is not known",
            looked_at=looked_at,
            remedy=f"{remedy}; then {measure}",
        )
    return found


def _watched(
    ctx: Context, ceilings: Sequence[CostCeiling], spend: SpendMeasurement, within: timedelta
) -> list[Seen]:
    """How each ceiling stood when it was last looked at, since spend was measured."""
    last = [seen[-1] for c in ceilings if (seen := watched_states(ctx, c, within=within))]
    return [seen for seen in last if seen.at >= spend.as_of]


def _is_crossed(seen: Seen, ceilings: Sequence[CostCeiling]) -> bool:
    """True where a watch saw more spent than the ceiling is now: it may have been raised since."""
    amounts = {c.id: float(c.amount.amount) for c in ceilings}
    spent = seen.state.spent.value or 0.0
    return seen.state.state == "crossed" and spent > amounts[seen.state.ceiling]


def _is_blind(seen: Seen) -> bool:
    """True where nobody knows what the system spent; what one provider got is a part of that."""
    return seen.state.scope == "system" and seen.state.state == "unknown"


def _may_be_crossed(spend: SpendMeasurement, ceilings: Sequence[CostCeiling]) -> Sequence[str]:
    """The providers' ceilings that a day's whole cost exceeds; a part is never more than it."""
    dearest = max(cost_by_day(spend).values(), default=float(spend.total.value or 0.0))
    return [c.id for c in ceilings if c.scope == "provider" and dearest > float(c.amount.amount)]
