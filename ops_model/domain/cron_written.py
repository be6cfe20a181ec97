"""A cron line in the words of others: systemd's calendar, and cron lines in UTC.

Either may come more often than the line itself, never less: whoever is called asks what is due.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ops_model.domain.cron import CronFields, fields_of

_WEEKDAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
_DAY_MINUTES = 24 * 60
_MINUTES, _HOURS, _DAYS = frozenset(range(60)), frozenset(range(24)), frozenset(range(1, 32))
_MONTHS, _WEEK = frozenset(range(1, 13)), frozenset(range(7))
_YEAR = timedelta(days=366)


def on_calendar(line: str, zone: str) -> tuple[str, ...]:
    """The line as systemd's calendar writes it, such as `Mon *-*-* 06:00:00 Europe/Berlin`.

    Two where either day or weekday is enough, since in one of systemd's both have to be met.
    """
    named = fields_of(line)
    time = f"{_listed(named.hours, _HOURS)}:{_listed(named.minutes, _MINUTES)}:00"
    month, day = _listed(named.months, _MONTHS), _listed(named.days, _DAYS)
    weekdays = ",".join(_WEEKDAYS[n] for n in sorted(named.weekdays))
    of_week = f"{weekdays} " if named.weekdays != _WEEK else ""
    if named.both:
        return (f"{of_week}*-{month}-{day} {time} {zone}",)
    return (f"*-{month}-{day} {time} {zone}", f"{of_week}*-{month}-* {time} {zone}")


def offsets_of(zone: str, *, at: datetime) -> tuple[timedelta, ...]:
    """How far the zone is from UTC in the year that begins at an instant, the largest first."""
    there = ZoneInfo(zone)
    days = (at + timedelta(days=n) for n in range(_YEAR.days))
    found = {day.astimezone(there).utcoffset() or timedelta() for day in days}
    return tuple(sorted(found, reverse=True))


def in_utc(line: str, offsets: Iterable[timedelta]) -> tuple[str, ...]:
    """Cron lines in UTC that come at least whenever the line comes at one of these offsets."""
    named = fields_of(line)
    return tuple(dict.fromkeys(one for offset in offsets for one in _shifted(named, offset)))


def _shifted(named: CronFields, offset: timedelta) -> Iterator[str]:
    away = int(offset.total_seconds()) // 60
    each_day = (named.days, named.months, named.weekdays) == (_DAYS, _MONTHS, _WEEK)
    hours: dict[tuple[int, int], set[int]] = defaultdict(set)
    for hour in named.hours:
        for minute in named.minutes:
            days, left = divmod(hour * 60 + minute - away, _DAY_MINUTES)
            hours[0 if each_day else days, left % 60].add(left // 60)
    minutes: dict[tuple[int, frozenset[int]], set[int]] = defaultdict(set)
    for (days, minute), found in hours.items():
        minutes[days, frozenset(found)].add(minute)
    for days, together in sorted(minutes, key=lambda key: (key[0], sorted(key[1]))):
        yield _line(named, days, minutes[days, together], together)


def _line(named: CronFields, days: int, minutes: AbstractSet[int], hours: AbstractSet[int]) -> str:
    """One line, whose days lie so many later than those that are named."""
    month, day = named.months, named.days
    weekdays = frozenset((n + days) % 7 for n in named.weekdays)
    if days and day != _DAYS:
        # The day before the first is the last, which is another one in each month.
        day, month = _DAYS, _MONTHS
        weekdays = _WEEK if not named.both else weekdays
    elif days:
        # The day before the first of a month is one of the month before.
        month = frozenset((n + step - 1) % 12 + 1 for n in month for step in (0, days))
    return " ".join(
        (
            _ranged(minutes, _MINUTES), _ranged(hours, _HOURS), _ranged(day, _DAYS),
            _ranged(month, _MONTHS), _ranged(weekdays, _WEEK),
        )
    )  # fmt: skip


def _runs(numbers: AbstractSet[int]) -> Iterator[tuple[int, int]]:
    """The numbers as spans without a gap."""
    ordered = sorted(numbers)
    start = ordered[0]
    for one, following in zip(ordered, [*ordered[1:], None], strict=True):
        if following != one + 1:
            yield start, one
            start = following if following is not None else one


def _ranged(numbers: AbstractSet[int], full: AbstractSet[int]) -> str:
    if numbers == full:
        return "*"
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in _runs(numbers))


def _listed(numbers: AbstractSet[int], full: AbstractSet[int]) -> str:
    if numbers == full:
        return "*"
    return ",".join(f"{a:02d}" if a == b else f"{a:02d}..{b:02d}" for a, b in _runs(numbers))
