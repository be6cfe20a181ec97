"""A record's course in one small line: its values, what they are called, and the picture."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from ops_model.domain.detection import QualityMeasurement
from ops_model.domain.evidence import Record
from ops_model.domain.spend import SpendMeasurement
from ops_model.domain.transition import TransitionStatus
from ops_model.site import words
from ops_model.site.markup import escape


def trend(record: Record) -> tuple[Sequence[float | None], str]:
    """The values of a record's course and their label; no values where it has none."""
    match record:
        case QualityMeasurement():
            values = weekly(record)
            label = _label(f"7-day mean of {record.metric}", values, record.baseline.unit)
            return values, label + _held(record, values)
        case SpendMeasurement():
            costs = cost_per_day(record)
            return costs, _label("spend per full day", costs, record.currency)
        case TransitionStatus():
            led = [month.share.value for month in record.own_led]
            return led, _label("duties led by our own people", led, "share", "month")
        case _:
            return (), ""


def _held(record: QualityMeasurement, values: Sequence[float | None]) -> str:
    """The day and the n of the last value; its seven days give no interval that would hold."""
    known = [d for d, value in zip(record.days, values, strict=True) if value is not None]
    if not known:
        return ""
    last = known[-1].day
    rows = sum(
        d.quality.n or 0
        for d in record.days
        if timedelta(0) <= last - d.day < timedelta(7) and not d.provisional
    )
    return f" (to {words.day(last)}, n = {rows:,}; no interval, as days hang together)"


def _label(name: str, values: Sequence[float | None], unit: str, per: str = "day") -> str:
    known = [v for v in values if v is not None]
    if not known:
        return name
    low, high, last = (words.amount(v, unit) for v in (min(known), max(known), known[-1]))
    return f"{name}, {words.plural(len(values), per)}: {low} to {high}, last {last}"


def weekly(record: QualityMeasurement) -> list[float | None]:
    """The mean of each day and the six days before it, weighted by n; provisional days left out.

    None where no day of the seven has a settled value.
    """
    settled = {
        d.day: (d.quality.value, d.quality.n)
        for d in record.days
        if d.quality.value is not None and d.quality.n and not d.provisional
    }
    means: list[float | None] = []
    for last in record.days:
        week = [settled[at] for back in range(7) if (at := last.day - timedelta(back)) in settled]
        rows = sum(n for _, n in week)
        known = rows and last.day in settled
        means.append(sum(value * n for value, n in week) / rows if known else None)
    return means


def cost_per_day(record: SpendMeasurement) -> list[float]:
    """What all services cost together on each full day; the day of `as_of` has only begun."""
    total: dict[date, float] = defaultdict(float)
    for row in record.days:
        if row.day < record.as_of.date():
            total[row.day] += row.cost.value or 0.0
    return [total[day] for day in sorted(total)]


def sparkline_svg(values: Sequence[float | None], label: str) -> str:
    """A line of 160 x 28 pixels as SVG text of about 0.4 kB; empty below two values.

    A gap in the values is a gap in the line. The last value has a dot.
    """
    known = [v for v in values if v is not None]
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
    span = (high - low) or 1.0
    step = 156 / (len(values) - 1)
    path, pen = [], "M"
    last = (0.0, 0.0)
    for position, v in enumerate(values):
        if v is None:
            pen = "M"
            continue
        last = (2 + position * step, 25 - (v - low) / span * 22)
        path.append(f"{pen}{last[0]:.0f},{last[1]:.0f}")
        pen = "L"
    name = escape(label)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="160" height="28" role="img" '
        f'aria-label="{name}"><path d="{"".join(path)}" fill="none" stroke="#4a83c4" '
        f'stroke-width="1.5"/><circle cx="{last[0]:.0f}" cy="{last[1]:.0f}" r="2.5" '
        'fill="#4a83c4"/></svg>'
    )
