"""The weekly report of one system, from its verdict and from what was recorded week by week."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ops_model.check.care import CARES, care_owed, kept, why_overdue
from ops_model.check.context import Context
from ops_model.check.grades import grade_of
from ops_model.check.parts import four_pillars, three_parts
from ops_model.check.recorded import Evidence
from ops_model.check.steps import next_steps
from ops_model.domain.assessment import Assessment
from ops_model.domain.evidence import Grade, Measured, Statement
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.incidents import Incident
from ops_model.domain.operating_model import OperatingModel
from ops_model.domain.reports import is_weekly_report
from ops_model.domain.rollback import RollbackDrill
from ops_model.domain.sign_off import SignOff, SignOffRevoked
from ops_model.domain.values import digest_of
from ops_model.domain.weekly import (
    CareDue,
    HypercareCount,
    OwedGap,
    OwedStep,
    SinceReport,
    WeeklyReport,
)
from ops_model.workflow.weekly_measured import quality_weeks, signs, spend_of_week

if TYPE_CHECKING:
    from ops_model.workflow.open import Book

_WEEK = timedelta(days=7)
_MIN_HYPERCARE = 90


def weekly_report(book: "Book", assessment: Assessment) -> WeeklyReport:
    """What the weekly report of a system says, as of the instant of the book.

    Args:
        book: claims and statements.
        assessment: the verdict on the same book.
    """
    ctx = _context(book)
    gaps, debt = _owed(ctx, assessment)
    return WeeklyReport(
        system=book.system.id,
        as_of=book.as_of,
        claims=assessment.claims,
        assessment=digest_of(assessment),
        verdict=assessment.verdict,
        tier=book.system.identity.tier,
        live=book.system.identity.in_production_at(book.as_of),
        parts=three_parts(assessment),
        since=_since(ctx, assessment),
        quality=quality_weeks(ctx),
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
    )


def _context(book: "Book") -> Context:
    from ops_model.workflow.assess import catalogue_of

    catalogue = catalogue_of(Path(book.snapshot.workbook))
    return Context(book.system, book.model, book.evidence, book.as_of, register=catalogue.register)


def report_before(evidence: Evidence, as_of: datetime) -> Statement | None:
    """The verdict of the weekly report that is nearest to a week before an instant.

    A report may be run more often than each week, and a week may have had none; one of the very
    instant is no earlier one, however often it was repeated.
    """
    told = [
        s
        for s in evidence.statements
        if isinstance(s.record, Assessment)
        and is_weekly_report(s)
        and s.as_of < as_of
        # Whoever writes a notebook may call it as they like.
        and grade_of(s, evidence) >= Grade.OBSERVED
    ]
    return min(told, key=lambda s: (abs(as_of - s.as_of - _WEEK), -s.seq), default=None)


def _since(ctx: Context, now: Assessment) -> SinceReport | None:
    from ops_model.site.since import changes_between

    before = report_before(ctx.evidence, ctx.as_of)
    if before is None or not isinstance(before.record, Assessment):
        return None
    then = before.record
    changes = changes_between(then, now)
    return SinceReport(
        at=then.as_of,
        days=round((ctx.as_of - then.as_of) / timedelta(days=1)),
        verdict=then.verdict,
        opened=changes.new,
        closed=changes.closed,
        changed=changes.changed,
        signed=tuple(_signed(ctx, then.as_of)),
        incidents=tuple(_incidents(ctx.system.incidents, then.as_of, ctx.as_of)),
    )


def _signed(ctx: Context, since: datetime) -> Iterator[str]:
    """What was decided since, seat by seat, without names of people."""
    for found in ctx.evidence.all(SignOff):
        if since < found.record.as_of <= ctx.as_of:
            yield f"{found.record.seat}: {found.record.decision.replace('_', ' ')} ({found.where})"
    for gone in ctx.evidence.all(SignOffRevoked):
        if since < gone.record.as_of <= ctx.as_of:
            yield f"a sign-off was taken back ({gone.where})"


def _incidents(incidents: tuple[Incident, ...], since: datetime, until: datetime) -> Iterator[str]:
    for incident in incidents:
        name = f"{incident.id} ({incident.severity})"
        if since < incident.detected_at <= until:
            yield f"{name} was detected on {incident.detected_at.date()}"
        if incident.closed_at is not None and since < incident.closed_at <= until:
            yield f"{name} was closed on {incident.closed_at.date()}"


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
    back = ctx.evidence.all(RollbackDrill, matching=lambda drill: drill.passed)
    over = ctx.evidence.all(FallbackDrill, matching=lambda drill: drill.passed)
    instants = [*(found.record.as_of for found in back), *(found.record.as_of for found in over)]
    drills = [at for at in instants if at >= live]
    care = identity.care.monitoring
    return HypercareCount(
        live_since=live,
        days=days,
        day=(ctx.as_of - live).days,
        ends=(live + timedelta(days=days)).date(),
        drill_by=drill_by.date(),
        drilled_on=min(drills).date() if drills else None,
        review_on=plan.review_on,
        owner=plan.owner,
        monitoring_every_days=care.every_days if care is not None else None,
    )


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
