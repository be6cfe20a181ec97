"""What the drill of going back did to the records: nothing lost, doubled or changed."""

from ops_model.check.api import (
    Context,
    Outcome,
    by_tier,
    check,
    failed,
    no_file,
    passed,
    unknown,
)
from ops_model.check.rehearsed import counting_drill
from ops_model.check.remedies import rehearse_rollback


@check(
    "RBK-05",
    question="Does going back lose, double or change a record?",
    area="rollback",
    source=["S1.27", "S4.4"],
    revision=2,
)
def nothing_lost(
    ctx: Context, *, max_age_days: int = by_tier(30, 90, 180), after_change_days: int = 30
) -> Outcome:
    """Fast and lossy is a second incident; every request of the drill is reconciled.

    The drill counts for as long as for the stopwatch (RBK-02).
    """
    plan = ctx.system.rollback
    if plan is None:
        return no_file(ctx, "rollback")
    shown = counting_drill(ctx, plan, max_age_days, after_change_days)
    if isinstance(shown, Outcome):
        return shown
    found, ends = shown
    drill, looked_at = found.record, [plan.where, found.where]
    if drill.requests == 0:
        return unknown(
            "too_few",
            "no request ran during the drill, so nothing could be lost; expected traffic",
            looked_at=looked_at,
            remedy=rehearse_rollback(ctx.system),
        )
    counts = f"{drill.lost} lost, {drill.duplicated} duplicated, {drill.changed} changed"
    of = f"{drill.requests:,} requests and {drill.records_before:,} records from before"
    if drill.lost or drill.duplicated or drill.changed:
        return failed(
            f"{counts} of {of}; expected 0, 0, 0",
            looked_at=looked_at,
            remedy="the reliability owner drains requests before the switch; then "
            + rehearse_rollback(ctx.system),
        )
    return passed(f"{counts} of {of}", looked_at=looked_at, valid_until=ends)
