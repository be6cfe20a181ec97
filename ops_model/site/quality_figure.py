"""Pictures of quality: the control chart of a monitor, and a change taken apart by segment."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from ops_model.domain.detection import ChangeDecomposition, QualityMeasurement, SegmentEffect
from ops_model.site import words
from ops_model.site.markup import clean, escape
from ops_model.site.plot import (
    BLUE,
    ORANGE,
    RED,
    TEXT,
    axis,
    cut,
    drawn,
    hover,
    margin,
    names_axis,
)  # fmt: skip
from ops_model.site.trends import weekly

_MOST_SEGMENTS = 12
_STRIP = (0.25, 0.2)
"""Where the names of two moments stand: below the days' plot, above the bars of rows."""


def quality_caption(record: QualityMeasurement) -> str:
    """What the control chart shows, in words."""
    beyond = sum(d.beyond for d in record.days)
    limits = any(d.low_limit is not None for d in record.days)
    outside = f" {words.plural(beyond, 'day')} beyond the control limits." if limits else ""
    return (
        f"{record.metric.capitalize()} per day with its {level(record)} interval, the mean of 7 "
        f"days, and the rows of each day. Baseline {words.full(record.baseline)}; current window "
        f"{words.full(record.current)}.{outside}"
    )


def level(record: QualityMeasurement) -> str:
    """`95 %`."""
    return f"{record.baseline.level * 100:.0f} %"


def quality_figure(record: QualityMeasurement) -> dict[str, Any]:
    """Quality per day with its interval, control limits and rows; baseline, window and alarm."""
    days = [d.day.isoformat() for d in record.days]
    share = record.baseline.unit == "share"
    format_of_ticks = {"tickformat": ".0%"} if share else {}
    band = [d for d in record.days if d.quality.low is not None and d.quality.high is not None]
    outline = [d.day.isoformat() for d in band]
    around = {
        "x": outline + outline[::-1],
        "y": _near([d.quality.high for d in band] + [d.quality.low for d in reversed(band)]),
        "type": "scatter", "mode": "lines", "fill": "toself", "hoverinfo": "skip",
        "fillcolor": "rgba(42,134,196,0.22)", "line": {"width": 0},
        "name": f"{level(record)} interval",
    }  # fmt: skip
    daily = {
        "x": days, "y": _near([d.quality.value for d in record.days]),
        "type": "scatter", "mode": "markers", "name": f"{escape(record.metric)} per day",
        "marker": {
            "size": 5, "color": BLUE,
            "symbol": ["circle-open" if d.provisional else "circle" for d in record.days],
        },
        "text": [hover(d.quality, provisional=d.provisional) for d in record.days],
        "hovertemplate": "%{x}<br>%{text}<extra></extra>",
    }  # fmt: skip
    mean = {
        "x": days, "y": _near(weekly(record)), "type": "scatter", "mode": "lines",
        "name": "mean of 7 days", "line": {"color": BLUE, "width": 3}, "hoverinfo": "skip",
    }  # fmt: skip
    late = {
        "x": [None], "y": [None], "type": "scatter", "mode": "markers", "name": "provisional",
        "marker": {"size": 6, "color": BLUE, "symbol": "circle-open"},
    }  # fmt: skip
    name = record.metric if share else f"{record.metric} ({record.baseline.unit})"
    return drawn(
        [
            around,
            daily,
            mean,
            *_levels(record),
            *_limits(record),
            _rows(record),
            *([late] if any(d.provisional for d in record.days) else []),
        ],
        xaxis=axis("day (UTC)", type="date", anchor="y2", range=_span(record)),
        yaxis=axis(escape(name), domain=[0.3, 1], **format_of_ticks),
        yaxis2=axis("rows", domain=[0, 0.16], rangemode="tozero", nticks=3),
        shapes=_marks(record),
        annotations=_mark_names(record),
        height=480,
    )


def _near(values: Sequence[float | None]) -> list[float | None]:
    """To four digits, finer than a screen draws; the record holds them all."""
    return [None if value is None else float(f"{value:.4g}") for value in values]


def _moments(record: QualityMeasurement) -> list[tuple[date, str, str]]:
    moments = ((record.onset_estimate, "onset", "dot"), (record.alarm_at, "alarm", "solid"))
    return [(at, name, dash) for at, name, dash in moments if at is not None]


def _marks(record: QualityMeasurement) -> list[dict[str, Any]]:
    return [
        {
            "type": "line", "xref": "x", "yref": "paper", "y0": 0, "y1": 1,
            "x0": at.isoformat(), "x1": at.isoformat(),
            "line": {"color": RED, "width": 1.5, "dash": dash},
        }
        for at, _, dash in _moments(record)
    ]  # fmt: skip


def _levels(record: QualityMeasurement) -> list[dict[str, Any]]:
    """Baseline and current window as level lines, named in the legend, clear of the data."""
    span = [record.days[0].day.isoformat(), record.days[-1].day.isoformat()]
    levels = (
        ("baseline", record.baseline, ORANGE, "dash"),
        ("current window", record.current, RED, "dot"),
    )
    return [
        {
            "x": span, "y": [level.value] * 2, "type": "scatter", "mode": "lines",
            "name": f"{name} {words.value(level)}", "hoverinfo": "skip",
            "line": {"color": colour, "width": 2, "dash": dash},
        }
        for name, level, colour, dash in levels
        if level.value is not None
    ]  # fmt: skip


def _limits(record: QualityMeasurement) -> list[dict[str, Any]]:
    """Where a day of the baseline with as many rows lies, but for three in a thousand."""
    known = [d for d in record.days if d.low_limit is not None and d.high_limit is not None]
    line = {"color": TEXT, "width": 1, "dash": "dot", "shape": "hvh"}
    traces = [
        {
            "x": [d.day.isoformat() for d in known], "y": _near([getattr(d, at) for d in known]),
            "type": "scatter", "mode": "lines", "line": line, "hoverinfo": "skip",
            "name": "control limits (3 days in 1,000 beyond)", "legendgroup": "limits",
            "showlegend": at == "low_limit",
        }
        for at in ("low_limit", "high_limit")
    ]  # fmt: skip
    return traces if known else []


def _rows(record: QualityMeasurement) -> dict[str, Any]:
    """How many rows each day rests on."""
    return {
        "x": [d.day.isoformat() for d in record.days],
        "y": [d.quality.n or 0 for d in record.days],
        "type": "bar", "yaxis": "y2", "name": "rows with a label", "showlegend": False,
        "marker": {"color": TEXT}, "hovertemplate": "%{x}<br>n = %{y:,}<extra></extra>",
    }  # fmt: skip


def _mark_names(record: QualityMeasurement) -> list[dict[str, Any]]:
    """The names of the moments, in the strip between the days and the bars of their rows.

    Each on the side of its line where there is room; the onset before it, so that the line of the
    alarm, which comes later, does not cross it.
    """
    names = []
    for position, (at, name, _) in enumerate(_moments(record)):
        past = sum(d.day < at for d in record.days) / len(record.days)
        before = past > (0.25 if name == "onset" else 0.6)
        names.append({
            "x": at.isoformat(), "xref": "x", "y": _STRIP[position], "yref": "paper",
            "yanchor": "middle", "xanchor": "right" if before else "left", "showarrow": False,
            "text": f" {name} {words.day(at).rsplit(' ', 1)[0]} ",
        })  # fmt: skip
    return names


def _span(record: QualityMeasurement) -> list[str]:
    """The days of the figure; for the names plotly would take room from them, on a phone half."""
    first, last = record.days[0].day, record.days[-1].day
    return [(first - timedelta(1)).isoformat(), (last + timedelta(1)).isoformat()]


def change_figure(record: ChangeDecomposition) -> dict[str, Any]:
    """The segments that add most to a change, each by its size and by its own quality."""
    largest = sorted(record.segments, key=lambda s: (-_size(s), s.column, s.value))
    shown = sorted(largest[:_MOST_SEGMENTS], key=_added, reverse=True)
    names = [escape(cut(f"{s.column} = {clean(s.value)}", 24)) for s in shown]
    # Two segments whose names are cut to the same text would be one bar.
    names = [f"{n} ({i})" if names.count(n) > 1 else n for i, n in enumerate(names, start=1)]
    scale = 100.0 if record.change.unit == "share" else 1.0
    parts = (
        ("more or fewer of them", ORANGE, [s.mix for s in shown]),
        ("their own quality", BLUE, [s.quality for s in shown]),
    )
    bars = [
        {
            "type": "bar", "orientation": "h", "y": names, "name": name,
            "x": [(m.value or 0.0) * scale for m in measured],
            "marker": {"color": colour}, "text": [hover(m) for m in measured],
            "textposition": "none", "hovertemplate": "%{y}<br>%{text}<extra></extra>",
        }
        for name, colour, measured in parts
    ]  # fmt: skip
    unit = "points" if record.change.unit == "share" else record.change.unit
    return drawn(
        bars,
        barmode="relative",
        xaxis=axis(unit, zeroline=True),
        yaxis=names_axis(),
        margin=margin(names),
        height=130 + 34 * len(names),
    )


def _added(segment: SegmentEffect) -> float:
    return (segment.mix.value or 0.0) + (segment.quality.value or 0.0)


def _size(segment: SegmentEffect) -> float:
    return abs(segment.mix.value or 0.0) + abs(segment.quality.value or 0.0)
