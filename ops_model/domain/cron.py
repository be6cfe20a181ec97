"""Cron lines: when one is next due, by civil time, clock changes included.

Read as Debian's cron reads them: a fixed time in the hour that spring skips comes right after it,
and one in the hour that autumn repeats comes once. What repeats within the hour follows the clock.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Annotated
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator

_FIELDS = 5
_LONGEST = 120
_EXAMPLE = "`0 6 * * 1`, Mondays at 06:00"
# The last day of a month or its third Monday are known to some schedulers only, and to no crontab.
_PLAIN = re.compile(r"[0-9A-Za-z*,/\- ]+")
_ONLY_SOME_KNOW = re.compile(r"(?:^|[ ,0-9])(?:L|LW|W)(?=$|[ ,/])", re.IGNORECASE)
_FROM = datetime(2024, 1, 1, tzinfo=UTC)
_FIRST_YEAR, _LAST_YEAR = 1900, 9998
_MINUTE = timedelta(minutes=1)
_WEEK = 7


def _cron_line(text: str) -> str:
    fields = text.split()
    if len(text) > _LONGEST or len(fields) != _FIELDS:
        shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
        msg = f"{shown!r} has {len(fields)} fields; expected minute, hour, day, month and weekday"
        raise ValueError(msg)
    plain = " ".join(fields)
    if not _PLAIN.fullmatch(plain) or _ONLY_SOME_KNOW.search(plain):
        msg = f"{text!r} holds what only some schedulers know; expected such as {_EXAMPLE}"
        raise ValueError(msg)
    try:
        next(CronSim(plain, _FROM))
    except CronSimError as error:
        msg = f"{text!r} is no cron line ({error}); expected such as {_EXAMPLE}"
        raise ValueError(msg) from None
    except StopIteration:
        msg = f"{text!r} never comes, such as 30 February; expected a line that does"
        raise ValueError(msg) from None
    return plain


CRON_PATTERN = r"^\s*[0-9A-Za-z*,/\-]+(\s+[0-9A-Za-z*,/\-]+){4}\s*$"
"""What an editor sees of a cron line: five fields of plain signs."""
CronLine = Annotated[str, AfterValidator(_cron_line)]
"""Minute, hour, day of month, month, weekday: `0 6 * * 1` is each Monday at 06:00."""


@dataclass(frozen=True)
class CronFields:
    """What a cron line names, number by number; Sunday is 0.

    `both` is true where day and weekday must both be met, as where one of them is `*`; otherwise
    either is enough.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    both: bool


def fields_of(line: str) -> CronFields:
    """The numbers that a cron line names."""
    read = CronSim(line, _FROM)
    return CronFields(
        minutes=frozenset(read.minutes),
        hours=frozenset(read.hours),
        days=frozenset(read.days),
        months=frozenset(read.months),
        weekdays=frozenset(day % _WEEK for day in read.weekdays if isinstance(day, int)),
        both=read.day_and,
    )


def instants(line: str, zone: str, *, after: datetime) -> Iterator[datetime]:
    """The instants of a cron line after `after`, in UTC."""
    latest, reader = after, _Reader(line, zone)
    for day in _days(reader.day_of(after), 1):
        for found in reader.of(day):
            if found > latest:
                latest = found
                yield found


def instants_back(line: str, zone: str, *, until: datetime) -> Iterator[datetime]:
    """The instants of a cron line up to and including `until`, in UTC, the latest first."""
    earliest, reader = until + timedelta(microseconds=1), _Reader(line, zone)
    for day in _days(reader.day_of(until), -1):
        for found in reversed(reader.of(day)):
            if found < earliest:
                earliest = found
                yield found


def _days(start: date, step: int) -> Iterator[date]:
    """Day after day, from the one before `start` (what was skipped comes later) to the end."""
    day, step_of = start - step * timedelta(days=1), timedelta(days=step)
    while _FIRST_YEAR < day.year < _LAST_YEAR:
        yield day
        day += step_of


class _Reader:
    """A cron line in a zone, day by day, so that it says the same from wherever one looks."""

    def __init__(self, line: str, zone: str) -> None:
        self._zone = ZoneInfo(zone)
        self._read = CronSim(line, _FROM)
        self._times = sorted(product(self._read.hours, self._read.minutes))
        minute, hour, *_ = line.split()
        self._follows_the_clock = minute.startswith("*") or hour.startswith("*")

    def day_of(self, instant: datetime) -> date:
        """The civil day of an instant."""
        return instant.astimezone(self._zone).date()

    def of(self, day: date) -> list[datetime]:
        """The instants of a civil day, in order."""
        if day.month not in self._read.months or not self._read.match_day(day):
            return []
        found: set[datetime] = set()
        for hour, minute in self._times:
            civil = datetime(day.year, day.month, day.day, hour, minute, tzinfo=self._zone)
            found |= self._each(civil) if self._follows_the_clock else {self._once(civil)}
        return sorted(found)

    def _each(self, civil: datetime) -> set[datetime]:
        """Every instant at which clocks show this time: none, one or two."""
        twice = (civil, civil.replace(fold=1))
        return {one.astimezone(UTC) for one in twice if self._is_real(one)}

    def _once(self, civil: datetime) -> datetime:
        """The first instant at which clocks show this time, or skip it."""
        while not self._is_real(civil):
            civil += _MINUTE
        return civil.astimezone(UTC)

    def _is_real(self, civil: datetime) -> bool:
        shown = civil.astimezone(UTC).astimezone(self._zone)
        return shown.replace(tzinfo=None) == civil.replace(tzinfo=None)
