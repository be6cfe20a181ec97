"""What happened on the days above a ceiling: who was told, what was done, who accepted it."""

from collections.abc import Iterator, Sequence, Set
from datetime import UTC, datetime, timedelta
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
    failed,
    latest_in_date,
    no_file,
    passed,
    unknown,
)
from ops_model.check.holders import holders_of
from ops_model.check.remedies import made_later, measure_spend
from ops_model.check.spends import (
    against_another,
    contradicted,
    cost_by_day,
    days_above,
    write_ceiling,
)
from ops_model.domain.cost import CostCeiling, CostPlan, SpendMeasurement
from ops_model.domain.evidence import Measured
from ops_model.domain.spend import BreachLog, CeilingBreach
from ops_model.domain.values import iso_utc, zone


@check(
    "CST-04",
    question="Was each day above a ceiling told and acted on within minutes, or accepted?",
    area="cost",
    source=["S0.17"],
    revision=1,
)
def breaches_are_handled(
    ctx: Context,
    *,
    max_age_hours: float = 24,
    min_days: Annotated[int, Field(ge=7)] = 28,
    tell_within_minutes: Annotated[int, Field(le=240)] = 30,
    act_within_minutes: Annotated[int, Field(le=480)] = by_tier(30, 60, 120),
) -> Outcome:
    """A ceiling that is crossed without anything happening is a line in a file."""
    plan = ctx.system.cost
    if plan is None:
        return no_file(ctx, "cost")
    ceilings = [c for c in plan.ceilings if c.per == "day" and c.scope in {"system", "provider"}]
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
    spend, looked_at = found.record, [*(c.where for c in ceilings), found.where]
    ends = _fresh_until(spend, max_age_hours)
    over, untold = spend.days_over_ceiling, _may_be_crossed(spend, ceilings)
    if not over and not untold:
        return passed(
            f"no day of {_span(spend)} was above a ceiling",
            looked_at=looked_at,
            values={"days over the ceiling": Measured(value=0.0, unit="days", n=_days(spend),
                    no_interval="exact")},
            valid_until=ends,
        )  # fmt: skip
    why = f"{counted(over, 'day')} of {_span(spend)} above the ceiling"
    if untold:
        why += f"; whether {', '.join(untold)} was crossed is not counted"
    log = latest_in_date(
        ctx,
        BreachLog,
        max_age_days=max_age_hours / 24,
        missing=f"{why}, and no such measurement: no log of what was done then is on record",
        claim=found.where,
        remedy=made_later("ceiling_breaches", "CST-04"),
    )
    if isinstance(log, Outcome):
        return log
    return _handled(
        ctx, ceilings, found, log, timedelta(minutes=tell_within_minutes),
        timedelta(minutes=act_within_minutes), ends,
    )  # fmt: skip


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
    if spend.newest_row is None or spend.ceiling_per_day is None or _days(spend) < min_days:
        lacks = (
            "no row" if spend.newest_row is None
            else "no ceiling to hold the days against" if spend.ceiling_per_day is None
            else f"{counted(_days(spend), 'day')}; expected at least {min_days}"
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
    if spend.unpriced_rows:
        return unknown(
            "too_few",
            f"{spend.unpriced_rows:,} rows have no price, so a day may have cost more than it "
            "seems",
            looked_at=looked_at,
            remedy="the cost owner adds the missing price to cost.yaml, with its source and date; "
            f"then {measure}",
        )
    return found


def _fresh_until(spend: SpendMeasurement, max_age_hours: float) -> datetime | None:
    newest = spend.newest_row
    return newest + timedelta(hours=max_age_hours) if newest is not None else None


def _days(spend: SpendMeasurement) -> int:
    """How many days a measurement covers, the day that is not over yet included."""
    if spend.window is None:
        return len({day.day for day in spend.days})
    return -((spend.window.start - spend.window.end) // timedelta(days=1))


def _span(spend: SpendMeasurement) -> str:
    return counted(_days(spend), "day")


def _may_be_crossed(spend: SpendMeasurement, ceilings: Sequence[CostCeiling]) -> Sequence[str]:
    """The providers' ceilings that a day's whole cost exceeds; a part is never more than it."""
    dearest = max(cost_by_day(spend).values(), default=float(spend.total.value or 0.0))
    return [c.id for c in ceilings if c.scope == "provider" and dearest > float(c.amount.amount)]


def _handled(
    ctx: Context,
    ceilings: Sequence[CostCeiling],
    spend: Recorded[SpendMeasurement],
    log: Recorded[BreachLog],
    tell: timedelta,
    act: timedelta,
    ends: datetime | None,
) -> Outcome:
    """Whether the log holds every day above the ceiling, and each was dealt with."""
    known = {ceiling.id: ceiling for ceiling in ceilings}
    breaches, over = log.record.breaches, spend.record.days_over_ceiling
    looked_at = [*(c.where for c in ceilings), spend.where, log.where]
    missing = _untold(spend.record, breaches, {c.id for c in ceilings if c.scope == "system"})
    if log.record.days < _days(spend.record) and (missing or not over):
        return unknown(
            "too_few",
            f"{counted(over, 'day')} of {_span(spend.record)} above the ceiling, and the log of "
            f"what was done reaches back {counted(log.record.days, 'day')}",
            looked_at=looked_at,
            remedy=made_later("ceiling_breaches", "CST-04"),
        )
    faults = [f for b in breaches for f in _faults(ctx, b, known.get(b.ceiling), tell, act)]
    if missing:
        faults.append(f"{missing} of {over} days above the ceiling told nobody")
    if faults:
        owner = next(c.owner for c in ceilings if c.scope == "system")
        return failed(
            "; ".join(faults),
            looked_at=looked_at,
            remedy=f"{owner} finds out why the alert or the hard_action of cost.yaml did not "
            "come, and whoever holds raise_cost_ceiling in decisions.yaml accepts what is past, "
            "or does not",
        )
    # A breach of just now is no failure yet, and no pass for longer than it may take.
    pending = [
        b.crossed_at + within
        for b in breaches
        if b.accepted_by is None
        for _, at, within in _owed(b, known.get(b.ceiling), tell, act)
        if at is None
    ]
    return passed(
        f"{counted(len(breaches), 'time')} above a ceiling in "
        f"{counted(log.record.days, 'day')}, each told and acted on in time, or accepted",
        looked_at=looked_at,
        valid_until=min([at for at in (ends, *pending) if at is not None], default=None),
    )


def _untold(spend: SpendMeasurement, breaches: Sequence[CeilingBreach], ceilings: Set[str]) -> int:
    """How many days above the system's ceiling the log does not hold; other days do not count."""
    days = {breach.day for breach in breaches if breach.ceiling in ceilings}
    above = days_above(spend)
    if len(above) >= spend.days_over_ceiling:
        return len(above - days)
    # Which days they were is not told, so that any day of the measurement may be one of them.
    if spend.window is not None:
        first, last = spend.window.start.date(), spend.window.end.date()
        days = {day for day in days if first <= day <= last}
    return max(spend.days_over_ceiling - len(days), 0)


def _faults(
    ctx: Context,
    breach: CeilingBreach,
    ceiling: CostCeiling | None,
    tell: timedelta,
    act: timedelta,
) -> Iterator[str]:
    """What was not done about one day above a ceiling; nothing where somebody accepted it."""
    name = f"{breach.ceiling} on {breach.day}"
    yield from (f"{name}: {why}" for why in _untrue(breach))
    if breach.accepted_by is not None:
        if why := _may_not_accept(ctx, breach):
            yield f"{name}: accepted by {breach.accepted_by}, {why}"
        return
    for what, at, within in _owed(breach, ceiling, tell, act):
        if at is None and ctx.as_of > breach.crossed_at + within:
            yield f"{name}: was not {what}"
        elif at is not None and at - breach.crossed_at > within:
            minutes = aged(at - breach.crossed_at, timedelta(minutes=1))
            most = aged(within, timedelta(minutes=1))
            yield f"{name}: {what} after {minutes} min; expected at most {most}"
    hard = ceiling.hard_action if ceiling is not None else None
    if hard is not None and breach.action is not None and breach.action != hard:
        done, asked = breach.action.replace("_", " "), hard.replace("_", " ")
        yield f"{name}: {done} was done; the ceiling says {asked}"


def _untrue(breach: CeilingBreach) -> Iterator[str]:
    """Where the entry of a day cannot be as it is written."""
    if breach.crossed_at.astimezone(UTC).date() != breach.day:
        yield f"crossed at {iso_utc(breach.crossed_at)}, which is another day"
    for what, at in (("told", breach.told_at), ("acted on", breach.action_at)):
        if at is not None and at < breach.crossed_at:
            yield f"{what} at {iso_utc(at)}, before it was crossed"
    if breach.action is None and breach.action_at is not None:
        yield f"acted on at {iso_utc(breach.action_at)}, and by what is not written"


def _owed(
    breach: CeilingBreach, ceiling: CostCeiling | None, tell: timedelta, act: timedelta
) -> Iterator[tuple[str, datetime | None, timedelta]]:
    """What has to happen after a ceiling is crossed, when it did, and within what time."""
    yield "told", breach.told_at, tell
    # Where a page is all that happens there, the page is the act.
    if ceiling is None or ceiling.hard_action != "page_only":
        yield "acted on", breach.action_at, act


def _may_not_accept(ctx: Context, breach: CeilingBreach) -> str:
    """Why somebody could not accept a day above a ceiling; empty when they could."""
    decisions = ctx.system.decisions
    right = decisions.right("raise_cost_ceiling") if decisions is not None else None
    if right is None:
        return "and decisions.yaml gives nobody the right raise_cost_ceiling"
    if breach.accepted_by not in holders_of(ctx, right):
        return f"who does not hold raise_cost_ceiling; expected {right.holder}"
    person = ctx.model.people.person(breach.accepted_by)
    if person is None or not person.active_on(
        breach.crossed_at.astimezone(zone(person.zone)).date()
    ):
        return f"who did not work here at {iso_utc(breach.crossed_at)}"
    return ""
