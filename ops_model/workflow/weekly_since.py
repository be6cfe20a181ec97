"""What changed since the weekly report of about a week before."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from ops_model.check.context import Context
from ops_model.check.grades import grade_of
from ops_model.check.parts import three_parts
from ops_model.check.recorded import Evidence
from ops_model.domain.assessment import Assessment
from ops_model.domain.evidence import Grade, Statement
from ops_model.domain.incidents import Incident
from ops_model.domain.reports import is_weekly_report
from ops_model.domain.sign_off import SignOff, SignOffRevoked
from ops_model.domain.weekly import SinceReport, Summed, WeeklyReport, least
from ops_model.domain.weeks import WEEK, WeeklyQuality, is_past, week_ends


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
    return min(told, key=lambda s: (abs(as_of - s.as_of - WEEK), -s.seq), default=None)


def since_before(
    ctx: Context, now: Assessment, parts: Sequence[Summed], quality: Sequence[WeeklyQuality]
) -> SinceReport | None:
    """What changed since the report before; None where there was none.

    Args:
        ctx: claims and evidence of now.
        now: the verdict of now.
        parts: its three parts.
        quality: quality week by week, as of now.
    """
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
        opened=tuple(sorted((*changes.new, *changes.lapsed))),
        closed=changes.closed,
        accepted=tuple(sorted((*changes.waived, *changes.switched_off))),
        changed=tuple(sorted((*changes.changed, *changes.unasked))),
        worsened=(
            *_parts_that_fell(three_parts(then), parts),
            *_quality_that_fell(_report_of(ctx.evidence, before), quality, ctx.as_of),
        ),
        signed=tuple(_signed(ctx, then.as_of)),
        refused=_refused(ctx, then.as_of),
        incidents=tuple(_incidents(ctx.system.incidents, then.as_of, ctx.as_of)),
    )


def _parts_that_fell(before: Sequence[Summed], now: Sequence[Summed]) -> Iterator[str]:
    """What was passed and is unknown, or either and has failed now."""
    was = {one.name: one.status for one in before}
    for one in now:
        then = was.get(one.name, one.status)
        if then != one.status and least((then, one.status)) == one.status != "passed":
            yield f"{one.name}: {then.replace('_', ' ')} became {one.status}"


def _report_of(evidence: Evidence, before: Statement) -> WeeklyReport | None:
    """The report that the run of a verdict made; None of a run from before there were any."""
    run_id = before.origin.run_id if before.origin is not None else None
    found = evidence.all(WeeklyReport)
    same = (e.record for e in found if e.statement.origin and e.statement.origin.run_id == run_id)
    return next(same, None)


def _quality_that_fell(
    before: WeeklyReport | None, now: Sequence[WeeklyQuality], as_of: datetime
) -> Iterator[str]:
    held = {one.monitor for one in before.quality if not one.fell} if before else set()
    until = week_ends(0, as_of=as_of)
    for one in now:
        if one.monitor in held and one.fell and not is_past(one.weeks[-1].ends, until):
            yield f"{one.metric} (monitor {one.monitor}) left its limits"


def _signed(ctx: Context, since: datetime) -> Iterator[str]:
    """What was decided since, seat by seat, without names of people."""
    for found in ctx.evidence.all(SignOff):
        if since < found.record.as_of <= ctx.as_of:
            yield f"{found.record.seat}: {found.record.decision.replace('_', ' ')} ({found.where})"
    for gone in ctx.evidence.all(SignOffRevoked):
        if since < gone.record.as_of <= ctx.as_of:
            yield f"a sign-off was taken back ({gone.where})"


def _refused(ctx: Context, since: datetime) -> tuple[str, ...]:
    """The seats whose last word since then was no."""
    words = [r.record for r in ctx.evidence.all(SignOff) if since < r.record.as_of <= ctx.as_of]
    last = {word.seat: word.decision for word in sorted(words, key=lambda word: word.as_of)}
    return tuple(seat for seat, decision in last.items() if decision == "no_go")


def _incidents(incidents: tuple[Incident, ...], since: datetime, until: datetime) -> Iterator[str]:
    for incident in incidents:
        name = f"{incident.id} ({incident.severity})"
        if since < incident.detected_at <= until:
            yield f"{name} was detected on {incident.detected_at.date()}"
        if incident.closed_at is not None and since < incident.closed_at <= until:
            yield f"{name} was closed on {incident.closed_at.date()}"
