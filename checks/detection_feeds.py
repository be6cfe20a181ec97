"""Data that arrives from elsewhere: how soon it is missed, and whether it arrives."""

from ops_model.check.api import (
    Context,
    Outcome,
    all_of,
    by_tier,
    check,
    failed,
    latest_in_date,
    no_file,
    not_applicable,
    passed,
    said,
    unknown,
    valid_until,
)
from ops_model.check.remedies_logs import measure_feeds
from ops_model.check.telling import means_nobody, told_until
from ops_model.domain.bounds import at_most
from ops_model.domain.detection_served import FreshnessMeasurement
from ops_model.domain.evidence import Measured
from ops_model.domain.signals_logged import DataFeed


@check(
    "OBS-04",
    question="How long can data be missing until somebody knows, at worst?",
    area="detection",
    source=["S0.11"],
    revision=3,
)
def feeds_are_missed_soon(
    ctx: Context, *, max_hours: int = by_tier(12, 24, 48), max_age_days: int = 8
) -> Outcome:
    """What breaks on Friday night and is looked at on weekdays is noticed on Monday.

    Where a log shows when data last arrived, that is looked at too: a feed that is down now is
    one that nobody missed.
    """
    signals, identity = ctx.system.signals, ctx.system.identity
    if signals is None:
        return no_file(ctx, "signals")
    if signals.feeds:
        answers = [
            (_noticed(ctx, feed, max_hours), *_arrives(ctx, feed, max_age_days))
            for feed in signals.feeds
        ]
        return all_of([answer for of_feed in answers for answer in of_feed])
    if identity.kind != "predictive" and not any(
        d.kind == "data_feed" for d in identity.dependencies
    ):
        return not_applicable(
            f"kind {identity.kind}, and no data feed is named that could stop arriving",
            looked_at=[signals.where],
        )
    return unknown(
        "missing",
        "signals.yaml names no feed, so nobody knows when data that stays away is missed",
        looked_at=[signals.where],
        remedy="the reliability owner writes each feed under `feeds` in signals.yaml: how fresh "
        "it has to be, and on which days that is watched",
    )


def _noticed(ctx: Context, feed: DataFeed, max_hours: int) -> Outcome:
    """Whether somebody is told in time that one feed has stopped."""
    hours = feed.worst_notice_hours
    worst = Measured(value=hours, unit="h", n=1, no_interval="exact")
    nobody = means_nobody(ctx, feed.alert_route)
    whom = "nobody" if nobody else feed.alert_route or "nobody"
    notice = f"feed {feed.id}: when it stops on a Friday night, {whom} is"
    days = "every day" if feed.watched == "all_days" else "weekdays only"
    if whom == "nobody":
        return failed(
            f"{notice} told" + (f": {nobody}" if nobody else ""),
            looked_at=[feed.where],
            remedy=f"the reliability owner writes the alert_route of feed {feed.id} in "
            "signals.yaml, to somebody who is there",
            values={feed.id: worst},
        )
    told = f"{notice} told after {hours:.3g} h at worst (watched {days})"
    if hours > max_hours:
        return failed(
            f"{told}; expected at most {max_hours} h",
            looked_at=[feed.where],
            remedy=f"the reliability owner has feed {feed.id} watched on all days, or looked at "
            "more often, and writes that in signals.yaml",
            values={feed.id: worst},
        )
    return passed(
        told,
        looked_at=[feed.where],
        values={feed.id: worst},
        valid_until=told_until(ctx, feed.alert_route),
    )


def _arrives(ctx: Context, feed: DataFeed, max_age_days: int) -> list[Outcome]:
    """Whether the newest row of a feed was young enough when looked at; none without a log."""
    if feed.log is None:
        return []
    found = latest_in_date(
        ctx,
        FreshnessMeasurement,
        max_age_days=max_age_days,
        missing=f"no such measurement: when the data of feed {feed.id} last arrived is on no "
        "record",
        claim=feed.where,
        remedy=measure_feeds(ctx.system),
        matching=lambda fresh: fresh.feed == feed.id,
    )
    if isinstance(found, Outcome):
        return [found]
    age, looked_at = found.record.newest_age, [feed.where, found.where]
    day = found.record.as_of.date()
    told = f"the newest row of feed {feed.id} was {said(age)} old on {day}"
    if age.value is None:
        told = f"feed {feed.id} had no row on {day}"
    values = {f"{feed.id} newest row": age}
    in_time = age.value is not None and at_most(age, feed.freshness_max_minutes)
    if in_time is None:
        return [
            unknown(
                "too_few",
                f"{told}; whether that is too old cannot be told",
                looked_at=looked_at,
                remedy=measure_feeds(ctx.system),
                values=values,
            )
        ]
    if not in_time:
        return [
            failed(
                f"{told}; expected one at most {feed.freshness_max_minutes:,} minutes old",
                looked_at=looked_at,
                remedy=f"{feed.owner} finds out why feed {feed.id} stopped, and the reliability "
                "owner why nobody was told; then measure again: "
                f"{measure_feeds(ctx.system)}",
                values=values,
            )
        ]
    until = valid_until(found, max_age_days=max_age_days)
    return [passed(told, looked_at=looked_at, values=values, valid_until=until)]
