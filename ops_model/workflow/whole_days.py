"""Which days of the usage logs are whole: only those can be compared with one another."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from ops_model.domain.values import Window

if TYPE_CHECKING:
    from ops_model.analysis.cost import PricedLogs

_NEARLY_A_DAY = timedelta(hours=23)


def whole_days(logs: "PricedLogs") -> frozenset[date]:
    """The days with rows of every log; what a day without any cost is unknown.

    The day on which a log begins may not be whole, and neither is that on which it ends.
    """
    held = []
    for log in logs.logs:
        days = {usage.day for usage in log.sums}
        held.append({d for d in days if d > min(days) and _is_over(d, log.newest)})
    return frozenset(set.intersection(*held)) if held else frozenset()


def last_of(days: Iterable[date], before: date, most: int) -> tuple[date, ...]:
    """The days among the last so many before one, in order."""
    first = before - timedelta(days=most)
    return tuple(sorted(day for day in days if first <= day < before))


def window_of(days: Sequence[date]) -> Window | None:
    """From the first of some days, in order, to the end of the last; None where there is none."""
    from ops_model.analysis.spend_slots import DAY, at_midnight

    return Window(start=at_midnight(days[0]), end=at_midnight(days[-1]) + DAY) if days else None


def _is_over(day: date, newest: datetime | None) -> bool:
    from ops_model.analysis.spend_slots import at_midnight

    return newest is not None and newest - at_midnight(day) >= _NEARLY_A_DAY
