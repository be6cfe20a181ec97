"""Numbers and counts as a sentence says them."""

import re

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
        span = f"between {number(low, unit)} and {number(high, unit)} {_UNITS.get(unit, unit)}"
        return span + (f" ({rests_on[0]})" if rests_on else "")
    if measured.low is not None and measured.high is not None:
        percent = " %" if unit == "share" else ""
        rests_on.append(f"{number(measured.low, unit)} to {number(measured.high, unit)}{percent}")
    elif measured.no_interval:
        rests_on.append(measured.no_interval)
    value = "not known"
    if measured.value is not None:
        value = f"{number(measured.value, unit)} {_UNITS.get(unit, unit)}".strip()
    return value + (f" ({', '.join(rests_on)})" if rests_on else "")


def points(share: float) -> str:
    """A difference of shares as text: `7.5 points`, of a hundred."""
    said_so = number(share, "share")
    return f"{said_so} point{'' if said_so == '1' else 's'}"


def sized(value: float, unit: str) -> str:
    """How large a difference is, as text: of shares in points, else as the number that it is."""
    return points(value) if unit == "share" else f"{value:.3g}"


def counted(count: int, noun: str) -> str:
    """`1 column`, `3 columns`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


_UNITS = {
    "share": "%", "sd": "standard deviations", "tv": "of total variation",
    # A correlation has no unit, nor has a score of the user's own; the sentence says which it is.
    "r": "", "rho": "", "score": "",
}  # fmt: skip


def number(value: float, unit: str) -> str:
    """A value as text, a share as a part of a hundred and money to the cent."""
    if re.fullmatch("[A-Z]{3}", unit):  # money, to the cent; one answer costs less than that
        return f"{value:.2g}" if 0 < abs(value) < 0.1 else f"{value:,.2f}"
    value = value * 100 if unit == "share" else value
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
