"""The weekly report of one system, from its verdict and from what was recorded week by week."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ops_model.check.care import CARES, care_owed, kept, why_overdue
from ops_model.check.context import Context
from ops_model.check.grades import grade_of
from ops_model.check.parts import four_pillars, three_parts
from ops_model.check.sign_off import counting
from ops_model.check.steps import next_steps
from ops_model.domain.assessment import Assessment
from ops_model.domain.evidence import Grade, Measured
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.operating_model import OperatingModel
from ops_model.domain.rollback import RollbackDrill
from ops_model.domain.values import digest_of
from ops_model.domain.weekly import CareDue, HypercareCount, OwedGap, OwedStep, WeeklyReport
from ops_model.workflow.weekly_measured import quality_weeks, signs, spend_of_week
from ops_model.workflow.weekly_since import since_before

if TYPE_CHECKING:
    from ops_model.workflow.open import Book

_MIN_HYPERCARE = 90
_REVIEW_EARLY = timedelta(days=7)
"""A review that was signed so long before its day is that review."""


def weekly_report(book: "Book", assessment: Assessment) -> WeeklyReport:
    """What the weekly report of a system says, as of the instant of the book.

    Args:
        book: claims and statements.
        assessment: the verdict on the same book.
    """
    ctx = _context(book)
    gaps, debt = _owed(ctx, assessment)
    parts, quality = three_parts(assessment), quality_weeks(ctx)
    return WeeklyReport(
        system=book.system.id,
        as_of=book.as_of,
        claims=assessment.claims,
        assessment=digest_of(assessment),
        verdict=assessment.verdict,
        tier=book.system.identity.tier,
        live=book.system.identity.in_production_at(book.as_of),
        parts=parts,
        since=since_before(ctx, assessment, parts, quality),
        quality=quality,
        spend=spend_of_week(ctx),
        signs=signs(ctx),
        pillars=four_pillars(assessment),
        hypercare=_hypercare(ctx),
        care=tuple(_care(ctx)),
        gaps=gaps,
        debt=debt,
        steps=tuple(
            OwedStep(what=step.remedy, owner=step.owner, checks=step.checks)
            for step in next_steps(assessment)
        ),
        asked={f.check: f.slug.replace("_", " ") for f in assessment.findings},
    )


def _context(book: "Book") -> Context:
    from ops_model.workflow.assess import catalogue_of

    catalogue = catalogue_of(Path(book.snapshot.workbook))
    return Context(book.system, book.model, book.evidence, book.as_of, register=catalogue.register)


def _hypercare(ctx: Context) -> HypercareCount | None:
    """The first weeks in production; None where it serves nobody, or they are over."""
    identity = ctx.system.identity
    live, plan = identity.went_live_at, identity.hypercare
    if live is None or not identity.in_production_at(ctx.as_of):
        return None
    days = max(plan.days, _MIN_HYPERCARE)
    if ctx.as_of >= live + timedelta(days=days):
        return None
    drill_by = live + timedelta(days=plan.drill_within_days)
    drills = [at for at in _drills(ctx) if at >= live]
    care = identity.care.monitoring
    return HypercareCount(
        live_since=live,
        days=days,
        day=(ctx.as_of - live).days,
        ends=(live + timedelta(days=days)).date(),
        drill_by=drill_by.date(),
        drilled_on=min(drills).date() if drills else None,
        review_on=plan.review_on,
        reviewed_on=_reviewed_on(ctx, plan.review_on),
        owner=plan.owner,
        monitoring_every_days=care.every_days if care is not None else None,
    )


def _drills(ctx: Context) -> Iterator[datetime]:
    """When it was rehearsed and held; whoever may write a notebook may write that it was."""
    for statement in ctx.evidence.statements:
        drill = statement.record
        if not isinstance(drill, RollbackDrill | FallbackDrill) or not drill.passed:
            continue
        if grade_of(statement, ctx.evidence) >= Grade.OBSERVED:
            yield drill.as_of


def _reviewed_on(ctx: Context, review_on: date | None) -> date | None:
    if review_on is None:
        return None
    days = (word.record.as_of.date() for word in counting(ctx))
    return min((day for day in days if day >= review_on - _REVIEW_EARLY), default=None)


def _care(ctx: Context) -> Iterator[CareDue]:
    identity = ctx.system.identity
    live = identity.went_live_at
    if live is None or not identity.in_production_at(ctx.as_of):
        return
    most = {"monitoring": 7, "evaluation": 92, "retraining": 366, "governance": 366}
    most |= {
        key: days
        for key in most
        if isinstance(days := _threshold(ctx.model, f"max_{key}_days"), int)
    }
    for key in (key for key in CARES if care_owed(ctx, key)):
        one = kept(ctx, key, most_days=most[key], live=live)
        yield CareDue(
            care=key,
            every_days=one.care.every_days if one.care is not None else None,
            owner=one.care.owner if one.care is not None else None,
            done_on=one.done_at.date() if one.done_at is not None else None,
            due_on=one.due.date(),
            overdue=ctx.as_of > one.due,
            wrong=why_overdue(ctx, one),
        )


def _threshold(model: OperatingModel, name: str) -> object:
    return model.policy.thresholds.get("OWN-06", {}).get(name)


def _owed(ctx: Context, assessment: Assessment) -> tuple[tuple[OwedGap, ...], Measured]:
    """Every open gap with its age and weight, the heaviest first, and their sum."""
    from ops_model.analysis.portfolio import Seen, aged
    from ops_model.workflow.portfolio import counted

    told = counted((s, grade_of(s, ctx.evidence)) for s in ctx.evidence.statements)
    seen = aged(Seen(ctx.system, assessment, told), ctx.as_of)
    weights = seen.debt(ctx.as_of)
    waived = {f.check for f in assessment.findings if f.accepted}
    gaps = [
        OwedGap(
            check=check, since=since, days=max(1, (ctx.as_of - since).days),
            weight=weights[check], waived=check in waived,
        )
        for check, since in seen.gaps.items()
    ]  # fmt: skip
    gaps.sort(key=lambda gap: (-gap.weight, gap.check))
    total = sum(gap.weight for gap in gaps)
    debt = Measured(
        value=total, unit="weighted gap days", n=len(gaps), no_interval="exact"
    )  # fmt: skip
    return tuple(gaps), debt
