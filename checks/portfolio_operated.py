"""What became of systems that serve people: planned or not, owned or orphaned, signed or reckless.

These findings inform; none of them blocks a system.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, TypeVar

from pydantic import Field

from ops_model.check.api import (
    FIVE_QUESTIONS,
    Context,
    Outcome,
    Recorded,
    check,
    counted,
    failed,
    not_applicable,
    passed,
    unknown,
)
from ops_model.check.current import in_time
from ops_model.check.remedies_cost import measure_spend
from ops_model.check.summing import answers, places_of, refuse_if_only_crashed, yes_or_no
from ops_model.domain.detection import DriftMeasurement
from ops_model.domain.evidence import Measured, Measurement
from ops_model.domain.ownership import Ownership
from ops_model.domain.spend import SpendMeasurement

M = TypeVar("M", bound=Measurement)
REVIEW_AFTER_DAYS = 180
"""When a system that nobody killed is weak or abandoned (S2.3)."""
SLOPE_DAYS = 28
"""Over how many days a slope is told."""


@check(
    "PRT-01",
    question="Does it have an operations plan, and not a strategy alone?",
    area="portfolio",
    source=["S0.3"],
    revision=1,
)
def strategy_vs_operations(ctx: Context) -> Outcome:
    """Of fourteen that had a strategy none had an operations plan; count both, side by side."""
    identity = ctx.system.identity
    asked = {
        c: ctx.finding_of(c) for c in ("OM-01", *(c for _, ids in FIVE_QUESTIONS for c in ids))
    }
    open_ones = [c for c, found in asked.items() if not answers(found)]
    strategy = bool(identity.strategy)
    said = (
        f"a strategy ({counted(len(identity.strategy), 'promise')})"
        if strategy
        else "no strategy paper on record"
    )
    values = {"strategy": yes_or_no(strategy), "operations plan": yes_or_no(not open_ones)}
    if open_ones:
        refuse_if_only_crashed([asked[c] for c in open_ones])
        first = next((f for c in open_ones if (f := asked[c]) is not None and f.remedy), None)
        return failed(
            f"{said}, and no operations plan; open: {', '.join(open_ones)}",
            looked_at=places_of([asked[c] for c in open_ones]) or [ctx.system.where],
            remedy=f"first {first.check}: {first.remedy}"
            if first
            else f"the owner settles what `ops-model check {ctx.system.id}` lists",
            values=values,
        )
    ends = [f.valid_until for f in asked.values() if f is not None and f.valid_until]
    return passed(
        f"{said}, and an operations plan: its files are written, the five questions answered",
        looked_at=[identity.place_of("strategy"), *places_of(list(asked.values()))],
        values=values,
        valid_until=min(ends, default=None),
    )


@check(
    "PRT-05",
    question="Does somebody own it who is here to stay, or has handed it over?",
    area="portfolio",
    source=["S2.20"],
    revision=1,
)
def orphans(ctx: Context, *, leaves_within_days: Annotated[int, Field(ge=1)] = 30) -> Outcome:
    """A system outlives the people who wanted it; without an owner nobody ends it either."""
    ownership, identity = ctx.system.ownership, ctx.system.identity
    if identity.stage_at(ctx.as_of) == "retired":
        return not_applicable(
            "it is retired, and nobody needs to own it",
            looked_at=[identity.place_of("stage_history")],
        )
    if ownership is None:
        where = ctx.system.missing_file("ownership")
        return failed(
            f"ORPHAN: there is no {where}, so nobody owns it",
            looked_at=[where],
            remedy="whoever leads the business side writes who is accountable into ownership.yaml",
        )
    owner, where = ownership.accountable, ownership.place_of("accountable")
    if why := ctx.why_not_active(owner):
        return failed(
            f"ORPHAN: accountable: {why}",
            looked_at=[where],
            remedy="whoever leads the business side names a person who works here as "
            "`accountable` in ownership.yaml, or retires the system",
        )
    person = ctx.model.people.person(owner)
    last = person.active_to if person is not None else None
    near = timedelta(days=leaves_within_days)
    if last is None or last - ctx.today > near:
        return passed(
            f"{owner} owns it",
            looked_at=[where, ctx.model.people.where],
            valid_until=ctx.end_of(last - near - timedelta(days=1)) if last else None,
        )
    return _leaving(ctx, ownership, last)


def _leaving(ctx: Context, ownership: Ownership, last: date) -> Outcome:
    """The answer where the owner leaves soon: whether the handoff is done is TRN-01's to say."""
    owner, handed = ownership.accountable, ctx.finding_of("TRN-01")
    looked_at = [ownership.place_of("accountable"), *places_of([handed])]
    if handed is not None and answers(handed):
        return passed(
            f"{owner} leaves on {last}, and the handoff is done: {handed.message}",
            looked_at=looked_at,
            valid_until=ctx.end_of(last),
        )
    refuse_if_only_crashed([handed])
    return failed(
        f"ORPHAN from {last} on: {owner} leaves, and "
        f"{handed.message if handed is not None else 'no handoff is known'}",
        looked_at=looked_at,
        remedy=handed.remedy
        if handed is not None and handed.remedy
        else f"{owner} and whoever follows write a handoff into ownership.yaml",
        owner=owner,
    )


@check(
    "PRT-06",
    question="Half a year after it went live, is it on record how drift, cost and use went?",
    area="portfolio",
    source=["S2.3"],
    revision=1,
)
def six_month_review(
    ctx: Context, *, after_days: int = REVIEW_AFTER_DAYS, max_age_days: int = 30
) -> Outcome:
    """It dies slowly: some drift, a creeping bill, an auditor without an answer, fewer who ask."""
    identity = ctx.system.identity
    live = identity.went_live_at
    history = identity.place_of("stage_history")
    if live is None or not identity.in_production_at(ctx.as_of):
        return not_applicable("it serves nobody", looked_at=[history])
    day = live + timedelta(days=after_days)
    if ctx.as_of < day:
        return not_applicable(f"day {after_days} is {day.date()}", looked_at=[history])
    since = ctx.as_of - timedelta(days=max_age_days)
    drift, spend = _in_order(ctx, DriftMeasurement), _in_order(ctx, SpendMeasurement)
    asked = ctx.finding_of("CMP-05")
    lacking = dict(_lacking(ctx, drift, spend, since))
    if asked is None or asked.status in {"unknown", "errored"}:
        refuse_if_only_crashed([asked])
        lacking["audit questions"] = (
            "the compliance owner writes the auditor's questions into compliance.yaml"
        )
    looked_at = [
        history,
        *(found[-1].where for found in (drift, spend) if found),
        *places_of([asked]),
    ]
    if lacking:
        return unknown(
            "missing",
            f"in production for {(ctx.as_of - live).days} days, and of the last "
            f"{max_age_days} days nothing is on record of {', '.join(lacking)}",
            looked_at=looked_at,
            remedy="; ".join(dict.fromkeys(lacking.values())),
        )
    slopes, values = _spend_slopes(spend[-1].record)
    questions = asked.message if asked is not None else ""
    return passed(
        f"in production for {(ctx.as_of - live).days} days: {_drift_slope(drift)}; {slopes}; "
        f"audit: {questions}",
        looked_at=looked_at,
        values=values,
        valid_until=min(f[-1].record.as_of for f in (drift, spend)) + timedelta(days=max_age_days),
    )


def _in_order(ctx: Context, kind: type[M]) -> list[Recorded[M]]:
    return sorted(ctx.evidence.all(kind), key=in_time)


def _lacking(
    ctx: Context,
    drift: Sequence[Recorded[DriftMeasurement]],
    spend: Sequence[Recorded[SpendMeasurement]],
    since: datetime,
) -> Iterator[tuple[str, str]]:
    """What is not on record lately, and how it is measured."""
    if not drift or drift[-1].record.as_of < since:
        yield (
            "drift",
            f"the reliability owner runs `ops-model run 05_drift_quality {ctx.system.id}`",
        )
    if not spend or spend[-1].record.as_of < since:
        yield "cost", measure_spend(ctx.system)
        yield "use", measure_spend(ctx.system)
    elif not spend[-1].record.days:
        yield "use", measure_spend(ctx.system)


def _drift_slope(drift: Sequence[Recorded[DriftMeasurement]]) -> str:
    """How many columns of the last monitor moved, now and when it was measured first."""
    last = drift[-1].record
    same = [found.record for found in drift if found.record.monitor == last.monitor]
    now = f"drift: {len(last.drifted)} of {counted(len(last.columns), 'column')} moved"
    if len(same) == 1:
        return f"{now} (measured once, so no slope)"
    first = same[0]
    return f"{now}, {len(first.drifted)} of {len(first.columns)} on {first.as_of.date()}"


def _per_day(spend: SpendMeasurement, days: Collection[date]) -> tuple[float, float]:
    """Cost and requests of these days, each per day."""
    of = [day for day in spend.days if day.day in days]
    return sum(d.cost.value or 0 for d in of) / len(days), sum(d.requests for d in of) / len(days)


def _spend_slopes(spend: SpendMeasurement) -> tuple[str, dict[str, Measured]]:
    """Cost and requests per day, of the last weeks and of those before them."""
    days = sorted({day.day for day in spend.days})
    late = [d for d in days if days[-1] - d < timedelta(days=SLOPE_DAYS)]
    early = [d for d in days if d not in late]
    if not early:
        return f"cost and use: {counted(len(days), 'day')} on record, so no slope", {}
    cost, use = zip(_per_day(spend, late), _per_day(spend, early), strict=True)
    said = (
        f"cost: {cost[0]:,.2f} {spend.currency} a day, {cost[1]:,.2f} before; use: "
        f"{use[0]:,.0f} requests a day, {use[1]:,.0f} before"
    )
    return said, {
        "cost per day": _exact(cost[0], spend.currency, len(late)),
        "cost per day before": _exact(cost[1], spend.currency, len(early)),
        "requests per day": _exact(use[0], "requests", len(late)),
        "requests per day before": _exact(use[1], "requests", len(early)),
    }


def _exact(value: float, unit: str, days: int) -> Measured:
    return Measured(value=value, unit=unit, n=days, no_interval="exact")


@check(
    "PRT-07",
    question="Does nothing serve people that the three seats did not sign?",
    area="portfolio",
    source=["S3.21"],
    revision=1,
)
def reckless(ctx: Context) -> Outcome:
    """Not to ship is a loss; to ship what nobody answers for is the worse version of it."""
    identity, portfolio = ctx.system.identity, ctx.model.portfolio
    pilot = portfolio.pilot(ctx.system.id) if portfolio is not None else None
    looked_at = [identity.place_of("stage_history")]
    serves = identity.in_production_at(ctx.as_of)
    said = f"in production ({identity.stage_at(ctx.as_of)})"
    if not serves and pilot is not None and pilot.location == "production":
        looked_at.append(pilot.place_of("location"))
        serves, said = True, "a pilot by its stages, and in production by portfolio.yaml"
    if not serves:
        return not_applicable("it serves nobody", looked_at=looked_at)
    signed = ctx.finding_of("REV-05")
    if signed is not None and signed.status == "passed":
        return passed(
            f"{said}, and signed: {signed.message}",
            looked_at=[*looked_at, *signed.looked_at],
            valid_until=signed.valid_until,
        )
    refuse_if_only_crashed([signed])
    why = signed.message if signed is not None else "REV-05 is not loaded"
    return failed(
        f"RECKLESS: {said} without a sign-off that holds: {why}",
        looked_at=[*looked_at, *(signed.looked_at if signed is not None else ())],
        remedy="whoever holds the right to disable in decisions.yaml stops it, or "
        f"{signed.remedy if signed is not None else 'has REV-05 loaded'}",
    )
