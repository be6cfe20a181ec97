"""Spans of time as OpenSLO writes them: `28d`, `5m`, `1M`."""

import re
from fractions import Fraction
from typing import Literal

_MINUTES = {"m": 1, "h": 60, "d": 24 * 60, "w": 7 * 24 * 60}
_CALENDAR: dict[str, Literal["week", "month", "quarter", "year"]] = {
    "1w": "week", "7d": "week", "1M": "month", "1Q": "quarter", "1Y": "year",
}  # fmt: skip
PERIODS = {"week": "1w", "month": "1M", "quarter": "1Q", "year": "1Y"}


def minutes_of(text: str) -> int:
    """The minutes of a span.

    Raises:
        ValueError: it is none, or one of which nobody can tell how many minutes it has.
    """
    found = re.fullmatch(r"([1-9][0-9]{0,6})([mhdw])", text)
    if found is None and text in {"0m", "0h"}:
        return 0
    if found is None:
        msg = "expected a whole number and m, h, d or w"
        raise ValueError(msg)
    return int(found[1]) * _MINUTES[found[2]]


def period_of(text: str) -> Literal["week", "month", "quarter", "year"] | None:
    """The period of a calendar; None where there is no such."""
    return _CALENDAR.get(text)


def told_minutes(minutes: int) -> str:
    """So many minutes as a span."""
    return f"{minutes // 60}h" if minutes and minutes % 60 == 0 else f"{minutes}m"


def told_hours(hours: float) -> str | None:
    """So many hours as a span; None where they are no whole minutes."""
    minutes = Fraction(str(hours)) * 60
    return told_minutes(int(minutes)) if minutes.denominator == 1 else None
