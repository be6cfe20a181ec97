"""That the reports keep coming, and come out the same when they are run again."""

from datetime import timedelta

from ops_model.check.api import (
    Context,
    Outcome,
    by_tier,
    check,
    counted,
    failed,
    latest_in_date,
    not_applicable,
    passed,
    unknown,
    valid_until,
)
from ops_model.check.grades import grade_of
from ops_model.check.remedies import made_later
from ops_model.domain.evidence import Grade
from ops_model.domain.trials import Reproduction

WEEKLY_REPORT = "07_weekly_ops_report"


@check(
    "EVD-04",
    question="Did the weekly report arrive when it was due?",
    area="compliance",
    source=["S1.34"],
    revision=1,
)
def report_arrived(ctx: Context, *, every_days: int = 7, grace_days: int = 1) -> Outcome:
    """A report that stops arriving looks like a week without news; somebody has to miss it."""
    identity = ctx.system.identity
    live = identity.went_live_at
    history = identity.place_of("stage_history")
    if live is None or not identity.in_production_at(ctx.as_of):
        return not_applicable("it serves nobody, so no report is due", looked_at=[history])
    most = timedelta(days=every_days + grace_days)
    # Whoever writes a notebook may call it as they like.
    reports = [
        s
        for s in ctx.evidence.statements
        if s.origin is not None
        and s.origin.notebook == WEEKLY_REPORT
        and grade_of(s, ctx.evidence) >= Grade.OBSERVED
    ]
    last = max(reports, key=lambda s: (s.as_of, s.seq), default=None)
    due = (last.as_of if last is not None else live) + most
    owner = _owner(ctx)
    if due < ctx.as_of:
        days = (ctx.as_of - due).days
        was = f"the last is of {last.as_of.date()}" if last is not None else "none ever arrived"
        return failed(
            f"{was}, and the next was due by {due.date()}, {counted(days, 'day')} ago; "
            f"{owner or 'the owner'} had to miss it",
            looked_at=[last.place if last is not None else history],
            remedy=f"{owner or 'the owner'} runs `ops-model run {WEEKLY_REPORT} {ctx.system.id}`, "
            "and has it run each week",
            owner=owner,
        )
    if last is None:
        return not_applicable(
            f"live since {live.date()}; the first report is due by {due.date()}",
            looked_at=[history],
        )
    return passed(
        f"the weekly report of {last.as_of.date()} is there; the next is due by {due.date()}",
        looked_at=[last.place],
        valid_until=due,
    )


def _owner(ctx: Context) -> str | None:
    """Who had to miss it: the accountable owner, or the deputy where the owner has left."""
    ownership = ctx.system.ownership
    named = (ownership.accountable, ownership.deputy) if ownership is not None else ()
    return next((p for p in named if not ctx.why_not_active(p)), None)


@check(
    "EVD-05",
    question="Did a sealed run come out the same when it was executed again?",
    area="compliance",
    source=["S1.9"],
    revision=1,
)
def reproducible(ctx: Context, *, max_age_days: int = by_tier(92, 366, 366)) -> Outcome:
    """Repeatedly and reliably: a number that comes out once is an anecdote with a digest.

    Each quarter at tier A, each year at the others.
    """
    runs = {s.origin.run_id: s.place for s in ctx.evidence.statements if s.origin is not None}
    remedy = made_later("reproduction", "EVD-05")
    found = latest_in_date(
        ctx,
        Reproduction,
        max_age_days=max_age_days,
        missing="no such record: no run that was executed again is on record",
        claim=next(reversed(runs.values()), ctx.system.where),
        remedy=remedy,
        matching=lambda again: again.run_id in runs and again.again != again.run_id,
    )
    if isinstance(found, Outcome):
        return found
    again = found.record
    if not again.records:
        return unknown(
            "too_few",
            f"run {again.run_id} holds no record that could be compared",
            looked_at=[found.where],
            remedy=f"the owner has a run executed again that recorded something; {remedy}",
        )
    if not again.equal:
        return failed(
            f"run {again.run_id} ({again.notebook}) executed again: {len(again.differing)} of "
            f"{counted(again.records, 'record')} differ: {', '.join(again.differing)}",
            looked_at=[found.where, runs[again.run_id]],
            remedy="whoever wrote the notebook finds what it does not hold fast (an input, an "
            f"order, a seed); then {remedy}",
        )
    return passed(
        f"run {again.run_id} ({again.notebook}) came out the same: "
        f"{counted(again.records, 'record')}",
        looked_at=[found.where, runs[again.run_id]],
        valid_until=valid_until(found, max_age_days=max_age_days),
    )
