"""What the log of days above a ceiling says: that it holds each, and each was dealt with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from ops_model.check.context import Context
from ops_model.check.holders import holders_of
from ops_model.check.outcome import Outcome, failed, passed, unknown
from ops_model.check.recorded import Recorded, earliest
from ops_model.check.remedies_cost import accept_day, measure_ceilings, tell_of_ceilings
from ops_model.check.spends import days_above, days_covered
from ops_model.check.watched import Seen
from ops_model.check.wording import aged, counted
from ops_model.domain.cost import CostCeiling
from ops_model.domain.decisions import DecisionRight
from ops_model.domain.spend import BreachLog, CeilingBreach, SpendMeasurement
from ops_model.domain.values import iso_utc, zone


@dataclass(frozen=True)
class Above:
    """What is above a ceiling: by the spend that was measured, and by the last watch of a day.

    `ends` is when the spend is too old to say so.
    """

    ceilings: Sequence[CostCeiling]
    spend: Recorded[SpendMeasurement]
    crossed: Sequence[Seen]
    tell: timedelta
    act: timedelta
    ends: datetime | None


def handled(ctx: Context, above: Above, log: Recorded[BreachLog]) -> Outcome:
    """Whether the log holds every day above a ceiling, and each was dealt with."""
    looked_at = [*(c.where for c in above.ceilings), above.spend.where, log.where]
    looked_at += [seen.where for seen in above.crossed]
    if why := _too_short(above, log.record):
        again = measure_ceilings(ctx.system)
        return unknown("too_few", why, looked_at=looked_at, remedy=again)
    breaches = log.record.breaches
    known = {ceiling.id: ceiling for ceiling in above.ceilings}
    by_day = [(b, list(_faults(ctx, b, known.get(b.ceiling), above))) for b in breaches]
    owing = [breach for breach, theirs in by_day if theirs]
    faults = [fault for _, theirs in by_day for fault in theirs] + [*_not_held(above, breaches)]
    if faults:
        owner = next(c.owner for c in above.ceilings if c.scope == "system")
        past = accept_day(ctx.system, owing[-1].ceiling, owing[-1].day) if owing else ""
        return failed(
            "; ".join(faults),
            looked_at=looked_at,
            remedy=f"{owner} finds out why the alert or the hard_action of cost.yaml did not "
            f"come; {tell_of_ceilings(ctx.system)}{f'; {past}' if past else ''}",
        )
    if log.record.doubts:
        return unknown(
            "too_few",
            f"{'; '.join(log.record.doubts)}: there may be days above a ceiling that nobody was "
            "told of",
            looked_at=looked_at,
            remedy="the cost owner sees to it that each row of the usage log says when it was "
            f"served and by whom; then {measure_ceilings(ctx.system)}",
        )
    # A breach of just now is no failure yet, and no pass for longer than it may take.
    pending = [
        b.crossed_at + within
        for b in breaches
        if b.accepted_by is None
        for _, at, within in _owed(b, known.get(b.ceiling), above)
        if at is None
    ]
    return passed(
        f"{counted(len(breaches), 'time')} above a ceiling in "
        f"{counted(log.record.days, 'day')}, each told and acted on in time, or accepted",
        looked_at=looked_at,
        valid_until=earliest(above.ends, *pending),
    )


def _too_short(above: Above, log: BreachLog) -> str:
    """Why the log cannot know of every day above a ceiling; empty when it can."""
    late = next((seen for seen in above.crossed if seen.at > log.as_of), None)
    if late is not None:
        return (
            f"{late.state.ceiling} is crossed on {late.day}, and the log of what was done is of "
            f"{iso_utc(log.as_of)}, before that was seen"
        )
    spend, over = above.spend.record, above.spend.record.days_over_ceiling
    if log.days < days_covered(spend) and (_untold(above, log.breaches) or not over):
        return (
            f"{counted(over, 'day')} of {counted(days_covered(spend), 'day')} above the ceiling, "
            f"and the log of what was done reaches back {counted(log.days, 'day')}"
        )
    return ""


def _not_held(above: Above, breaches: Sequence[CeilingBreach]) -> Iterator[str]:
    """The days above a ceiling of which the log says nothing, so that nobody was told."""
    if missing := _untold(above, breaches):
        over = above.spend.record.days_over_ceiling
        yield f"{missing} of {over} days above the ceiling told nobody"
        return
    held = {(breach.ceiling, breach.day) for breach in breaches}
    for seen in above.crossed:
        if (seen.state.ceiling, seen.day) not in held:
            yield (
                f"{seen.state.ceiling} is crossed on {seen.day}, and the log of what was done "
                "holds no such day"
            )


def _untold(above: Above, breaches: Sequence[CeilingBreach]) -> int:
    """How many days above the system's ceiling the log does not hold; other days do not count."""
    spend = above.spend.record
    ceilings = {c.id for c in above.ceilings if c.scope == "system"}
    days = {breach.day for breach in breaches if breach.ceiling in ceilings}
    over = days_above(spend)
    if len(over) >= spend.days_over_ceiling:
        return len(over - days)
    # Which days they were is not told, so that any day of the measurement may be one of them.
    if spend.window is not None:
        first, last = spend.window.start.date(), spend.window.end.date()
        days = {day for day in days if first <= day <= last}
    return max(spend.days_over_ceiling - len(days), 0)


def _faults(
    ctx: Context, breach: CeilingBreach, ceiling: CostCeiling | None, above: Above
) -> Iterator[str]:
    """What was not done about one day above a ceiling; nothing where somebody accepted it."""
    name = f"{breach.ceiling} on {breach.day}"
    yield from (f"{name}: {why}" for why in _untrue(breach))
    if breach.accepted_by is not None:
        if why := _may_not_accept(ctx, breach):
            yield f"{name}: accepted by {breach.accepted_by}, {why}"
        return
    for what, at, within in _owed(breach, ceiling, above):
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
    breach: CeilingBreach, ceiling: CostCeiling | None, above: Above
) -> Iterator[tuple[str, datetime | None, timedelta]]:
    """What has to happen after a ceiling is crossed, when it did, and within what time."""
    yield "told", breach.told_at, above.tell
    # Where a page is all that happens there, the page is the act.
    if ceiling is None or ceiling.hard_action != "page_only":
        yield "acted on", breach.action_at, above.act


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
    return _beyond(right, breach)


def _beyond(right: DecisionRight, breach: CeilingBreach) -> str:
    """Why a day is more than the limit of somebody's right lets them accept; empty if not."""
    limit, above = right.money_limit, breach.above
    if limit is None:
        return ""
    if above is None or above.value is None:
        return f"whose right goes up to {limit}, and by how much the day was above is not known"
    if above.unit != limit.currency:
        return f"whose right goes up to {limit}, and the day was {above.value:,.2f} {above.unit}"
    if Decimal(str(above.value)) <= limit.amount:
        return ""
    return f"whose right goes up to {limit}; the day was {above.value:,.2f} {above.unit} above"
