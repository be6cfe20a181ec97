"""Numbers, spans of time and counts as a finding says them, and how many words a text has."""

import re
from datetime import timedelta
from unicodedata import east_asian_width

from ops_model.domain.evidence import Measured


def said(measured: Measured) -> str:
    """A number as text with its unit, n and interval: `81.2 % (n 1,204, 78.9 to 83.4 %)`.

    One that is only known between two bounds is said as that: `between 147 and 293 decisions
    (n 293)`.
    """
    unit = measured.unit
    rests_on = [] if measured.n is None else [f"n {measured.n:,}"]
    if measured.between is not None:
        low, high = measured.between
        span = f"between {_number(low, unit)} and {_number(high, unit)} {_UNITS.get(unit, unit)}"
        return span + (f" ({rests_on[0]})" if rests_on else "")
    if measured.low is not None and measured.high is not None:
        percent = " %" if unit == "share" else ""
        rests_on.append(
            f"{_number(measured.low, unit)} to {_number(measured.high, unit)}{percent}"
        )
    elif measured.no_interval:
        rests_on.append(measured.no_interval)
    value = "not known"
    if measured.value is not None:
        value = f"{_number(measured.value, unit)} {_UNITS.get(unit, unit)}".strip()
    return value + (f" ({', '.join(rests_on)})" if rests_on else "")


def points(share: float) -> str:
    """A difference of shares as text: `7.5 points`, of a hundred."""
    said_so = _number(share, "share")
    return f"{said_so} point{'' if said_so == '1' else 's'}"


def aged(span: timedelta, unit: timedelta) -> str:
    """How many units a span has, as text: `8.4`, `4,850`."""
    return _number(span / unit, "")


def old_as(span: timedelta) -> str:
    """A span in the unit that suits it, as text: `6 s`, `12 min`, `8.4 h`, `3 days`."""
    seconds = span.total_seconds()
    for below, per, unit in ((60, 1, "s"), (3600, 60, "min"), (172_800, 3600, "h")):
        if seconds < below:
            return f"{_number(seconds / per, '')} {unit}"
    return f"{_number(seconds / 86_400, '')} days"


def counted(count: int, noun: str) -> str:
    """`1 column`, `3 columns`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def short_of_words(text: str | None, fewest: int) -> str:
    """Why a text says too little to be a sentence (`it has 1 word; ...`); empty when it is one.

    Dots and dashes are no words, one word said twice is one, and of single letters no more count
    than there are longer words; scripts that set no blanks between words count two signs for one.
    """
    found = {"".join(filter(str.isalnum, word)).casefold() for word in (text or "").split()}
    letters = sum(len(word) == 1 for word in found)
    longer = sum(len(word) > 1 for word in found)
    wide = sum(east_asian_width(c) in "WF" and c.isalpha() for c in text or "")
    words = max(longer + min(letters, longer), wide // 2)
    if words >= fewest:
        return ""
    return f"it has {counted(words, 'word')}; expected at least {fewest}"


_UNITS = {
    "share": "%", "sd": "standard deviations", "tv": "of total variation",
    # A correlation has no unit, nor has a score of the user's own; the sentence says which it is.
    "r": "", "rho": "", "score": "",
}  # fmt: skip


def _number(value: float, unit: str) -> str:
    if re.fullmatch("[A-Z]{3}", unit):  # money, to the cent; one answer costs less than that
        return f"{value:.2g}" if 0 < abs(value) < 0.1 else f"{value:,.2f}"
    value = value * 100 if unit == "share" else value
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
