"""That the reports keep coming, and come out the same when they are run again."""

from collections.abc import Mapping
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
from ops_model.check.remedies import SHOWN_BY, reproduce
from ops_model.domain.evidence import Grade, Measurement, Statement
from ops_model.domain.reports import WEEKLY_REPORT, is_weekly_report, report_due
from ops_model.domain.trials import DRILLS, Reproduction


@check(
    "EVD-04",
    question="Did the weekly report arrive when it was due?",
    area="compliance",
    source=["S1.34"],
    revision=2,
)
def report_arrived(ctx: Context, *, every_days: int = 7, grace_days: int = 1) -> Outcome:
    """A report that stops arriving looks like a week without news; somebody has to miss it.

    When it is due stands in the schedule of `ops-model.yaml`, with its own grace. Where that has
    no line for the report, or one that comes less often than `every_days`, it is due so many days
    after the last, and `grace_days` more.
    """
    identity = ctx.system.identity
    live = identity.went_live_at
    history = identity.place_of("stage_history")
    if live is None or not identity.in_production_at(ctx.as_of):
        return not_applicable("it serves nobody, so no report is due", looked_at=[history])
    # Whoever writes a notebook may call it as they like.
    reports = [
        s
        for s in ctx.evidence.statements
        if is_weekly_report(s) and grade_of(s, ctx.evidence) >= Grade.OBSERVED
    ]
    last = max(reports, key=lambda s: (s.as_of, s.seq), default=None)
    due = report_due(
        ctx.model.settings,
        ctx.system.id,
        last=last.as_of if last is not None else None,
        live=live,
        every=timedelta(days=every_days),
        grace=timedelta(days=grace_days),
        as_of=ctx.as_of,
    )
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
    revision=2,
)
def reproducible(ctx: Context, *, max_age_days: int = by_tier(92, 366, 366)) -> Outcome:
    """Repeatedly and reliably: a number that comes out once is an anecdote with a digest.

    Each quarter at tier A, each year at the others. A notebook that prints a constant comes out
    the same each time, so that only runs of known notebooks over known inputs count.
    """
    runs = _observed_runs(ctx)
    remedy = _again(ctx, runs)
    found = latest_in_date(
        ctx,
        Reproduction,
        max_age_days=max_age_days,
        missing="no such record: no run of a shipped or approved notebook that was executed again "
        "is on record",
        claim=next((s.place for s in reversed(runs.values())), ctx.system.where),
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
            remedy=remedy,
        )
    if not again.equal:
        anew = reproduce(ctx.system, notebook=again.notebook)
        return failed(
            f"run {again.run_id} ({again.notebook}) executed again: {len(again.differing)} of "
            f"{counted(again.records, 'record')} differ: {', '.join(again.differing)}",
            looked_at=[found.where, runs[again.run_id].place],
            remedy="whoever wrote the notebook finds what it does not hold fast (an input, an "
            f"order, a seed) and runs it anew; then {anew}",
        )
    return passed(
        f"run {again.run_id} ({again.notebook}) came out the same: "
        f"{counted(again.records, 'record')}",
        looked_at=[found.where, runs[again.run_id].place],
        valid_until=valid_until(found, max_age_days=max_age_days),
    )


def _again(ctx: Context, observed: Mapping[str, Statement]) -> str:
    """How the last measurement is executed again, or the last run where nothing was measured.

    A drill is not: each is another one.
    """
    told = [
        s
        for s in ctx.evidence.statements
        if s.origin is not None and s.origin.run_id in observed and s.record.kind not in DRILLS
    ]
    measured = [s.origin for s in told if isinstance(s.record, Measurement)]
    for origin in reversed([*(s.origin for s in told), *measured]):
        if origin is not None:
            return reproduce(ctx.system, origin.run_id, origin.notebook)
    return f"{SHOWN_BY['signals.yaml'](ctx.system)}; then {reproduce(ctx.system)}"


def _observed_runs(ctx: Context) -> dict[str, Statement]:
    """The runs whose every record is observed, each with its last entry."""
    told = [(s, s.origin.run_id) for s in ctx.evidence.statements if s.origin is not None]
    weak = {run for s, run in told if grade_of(s, ctx.evidence) < Grade.OBSERVED}
    return {run: s for s, run in told if run not in weak}
