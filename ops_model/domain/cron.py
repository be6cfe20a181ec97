"""Cron lines: when one is next due, by civil time, clock changes included.

Read as Debian's cron reads them: what falls into the hour that spring skips runs right after it,
and what autumn repeats runs once.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator

_FIELDS = 5
_FROM = datetime(2024, 1, 1)  # noqa: DTZ001 - a civil time; any will do to try a line


def _cron_line(text: str) -> str:
    fields = text.split()
    if len(fields) != _FIELDS:
        msg = f"{text!r} has {len(fields)} fields; expected minute, hour, day, month and weekday"
        raise ValueError(msg)
    plain = " ".join(fields)
    try:
        next(CronSim(plain, _FROM))
    except CronSimError as error:
        msg = f"{text!r} is no cron line ({error}); expected such as `0 6 * * 1`, Mondays at 06:00"
        raise ValueError(msg) from None
    except StopIteration:
        msg = f"{text!r} never comes, such as 30 February; expected a line that does"
        raise ValueError(msg) from None
    return plain


CronLine = Annotated[str, AfterValidator(_cron_line)]
"""Minute, hour, day of month, month, weekday: `0 6 * * 1` is each Monday at 06:00."""


def instants(line: str, zone: str, *, after: datetime) -> Iterator[datetime]:
    """The instants of a cron line after `after`, in the zone's civil time, without end."""
    yield from CronSim(line, after.astimezone(ZoneInfo(zone)))


def instants_back(line: str, zone: str, *, until: datetime) -> Iterator[datetime]:
    """The instants of a cron line up to and including `until`, the latest first."""
    local = until.astimezone(ZoneInfo(zone))
    if local.second == 0 and local.microsecond == 0 and _is_due(line, local):
        yield local
    yield from CronSim(line, local, reverse=True)


def _is_due(line: str, local: datetime) -> bool:
    before = CronSim(line, local - timedelta(minutes=1))
    return next(before) == local
