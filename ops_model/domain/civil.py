"""The next time that a civil clock shows an hour: what people mean by `Saturday at two`."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta

from ops_model.domain.values import zone

# Long enough for a weekday whose civil time a clock change skips.
_DAYS_AHEAD = 15


def next_civil(
    hour: int,
    minute: int,
    *,
    weekdays: Collection[int] = range(7),
    zone_name: str,
    as_of: datetime,
) -> datetime | None:
    """The next such civil time in a zone at or after `as_of`, in UTC; None for no time of day.

    Args:
        hour: 0 to 23.
        minute: 0 to 59.
        weekdays: the days on which it counts, Monday being 0.
        zone_name: the zone whose clocks show it.
        as_of: where the search begins.
    """
    if hour > 23 or minute > 59:
        return None
    local = zone(zone_name)
    today = as_of.astimezone(local).date()
    for day in (today + timedelta(days=n) for n in range(_DAYS_AHEAD)):
        if day.weekday() not in weekdays:
            continue
        for fold in (0, 1):
            wanted = datetime.combine(day, time(hour, minute), tzinfo=local).replace(fold=fold)
            instant = wanted.astimezone(UTC)
            # A clock change skips some civil times; those do not come that day.
            if comes(wanted) and instant >= as_of:
                return instant
    return None


def comes(civil: datetime) -> bool:
    """False for a time that no clock of its zone shows, since a clock change skips it."""
    shown = civil.astimezone(UTC).astimezone(civil.tzinfo)
    return shown.replace(tzinfo=None) == civil.replace(tzinfo=None)


def skipped_before(
    found: datetime, *, weekdays: Collection[int], zone_name: str, as_of: datetime
) -> date | None:
    """The day before `found` on which its time of day was looked for and no clock shows it.

    `found` is what `next_civil` found from `as_of` on; None where no clock change was in its way.
    """
    local = zone(zone_name)
    civil = found.astimezone(local)
    day = as_of.astimezone(local).date()
    while day < civil.date():
        wanted = datetime.combine(day, civil.time(), tzinfo=local)
        if day.weekday() in weekdays and not comes(wanted) and wanted.astimezone(UTC) >= as_of:
            return day
        day += timedelta(days=1)
    return None
