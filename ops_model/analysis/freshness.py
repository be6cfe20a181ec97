"""How old the newest row of a feed is, the longest gap in it, and when a break would be known."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from ops_model.analysis.profile import Counts
from ops_model.analysis.repeatable import repeatable
from ops_model.analysis.slots import minute_of
from ops_model.domain.evidence import Measured
from ops_model.domain.signals_logged import DataFeed
from ops_model.domain.values import Window

if TYPE_CHECKING:
    import ibis

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FRIDAY, _SATURDAY, _EVENING = 4, 5, time(22)


@dataclass(frozen=True)
class FreshnessResult:
    """The numbers of a `FreshnessMeasurement`, without what only the caller knows; in minutes."""

    newest_age: Measured
    longest_gap: Measured


def minutes_with_rows(table: "ibis.Table", timestamp: str, *, since: datetime) -> Counts:
    """The minutes from an instant on, counted from 1970, in which a row was written; in order."""
    import ibis

    rows = table.filter(table[timestamp] >= ibis.literal(since))
    found = rows.select(minute=minute_of(rows, timestamp)).distinct().to_pyarrow()
    return np.sort(np.array(found.column("minute"), np.int64))


def newest(table: "ibis.Table", timestamp: str) -> tuple[datetime | None, int]:
    """When the newest row was written, None where there is none, and how many rows there are."""
    found = table.aggregate(at=table[timestamp].max(), rows=table.count()).to_pyarrow().to_pylist()
    return found[0]["at"], int(found[0]["rows"])


def measure_freshness(
    arrived: Counts, last: datetime | None, *, window: Window, rows: int
) -> FreshnessResult:
    """The age of the newest row at the end of the window, and the longest gap within it.

    A gap reaches from one row to the next; that before the first row of the window counts from
    its start, and that after the last one to its end. Where no row ever came there is no age.

    Args:
        arrived: of `minutes_with_rows`, from the start of the window on.
        last: when the newest row was written; None where there is none.
        window: its end is the instant that judges.
        rows: how many rows the log has, at that instant.
    """
    first, end = ((at - _EPOCH) // timedelta(minutes=1) for at in (window.start, window.end))
    inside = arrived[(arrived >= first) & (arrived < end)]
    edges = np.concatenate([[first], inside, [end]])
    gap = float(np.diff(edges).max())
    return FreshnessResult(
        _age(last, rows, window.end),
        Measured(value=gap, unit="minutes", n=len(inside), no_interval="exact"),
    )


def _age(last: datetime | None, rows: int, at: datetime) -> Measured:
    if last is None:
        return Measured(value=None, unit="minutes", n=0, no_interval="no row")
    age = repeatable((at - last) / timedelta(minutes=1))
    return Measured(value=age, unit="minutes", n=rows, no_interval="exact")


def friday_break(as_of: datetime, zone: ZoneInfo) -> datetime:
    """The last Friday at ten in the evening, local time, before an instant."""
    local = as_of.astimezone(zone)
    day = local.date() - timedelta(days=(local.weekday() - _FRIDAY) % 7)
    broke = datetime.combine(day, _EVENING, zone)
    if broke >= local:
        broke = datetime.combine(day - timedelta(days=7), _EVENING, zone)
    return broke.astimezone(UTC)


def known_at(feed: DataFeed, broke: datetime, zone: ZoneInfo) -> datetime:
    """When somebody knows, at worst, that a feed broke: pure arithmetic, nothing was broken.

    The data has to get too old, and then to be looked at; on a weekend nobody does where the feed
    is watched on weekdays only.
    """
    look = timedelta(minutes=feed.check_every_minutes)
    # Spans are reckoned in UTC: local arithmetic would gain or lose an hour when clocks change.
    at = broke.astimezone(UTC) + timedelta(minutes=feed.freshness_max_minutes) + look
    local = at.astimezone(zone)
    if feed.watched == "all_days" or local.weekday() < _SATURDAY:
        return at
    monday = local.date() + timedelta(days=7 - local.weekday())
    return datetime.combine(monday, time(), zone).astimezone(UTC) + look
