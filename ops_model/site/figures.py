"""Pictures of records: plotly figures as plain values.

Colours follow Okabe and Ito (the blue a little lighter, for dark grounds), told apart with any
colour vision; what matters is also written in words. Backgrounds are transparent, so a figure
reads on light and on dark.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from ops_model.domain.cost import SpendMeasurement
from ops_model.domain.evidence import Measured, Record
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.rollback import DrillStep, RollbackDrill
from ops_model.domain.signals import ColumnDrift, DriftMeasurement, QualityMeasurement
from ops_model.site import words
from ops_model.site.markup import clean, escape
from ops_model.site.plot import (
    BLUE,
    ORANGE,
    PALETTE,
    RED,
    TEXT,
    axis,
    cut,
    drawn,
    hover,
    level_line,
    level_name,
    margin,
    names_axis,
)  # fmt: skip
from ops_model.site.trends import weekly

_MOST_SERVICES = len(PALETTE)


def figure(record: Record) -> dict[str, Any] | None:
    """The record as a plotly figure (`data`, `layout`), or None where a picture says nothing.

    Shapes: quality per day with its interval, drift per column against its limit, spend per day
    and service against the ceiling, a drill step by step.
    """
    match record:
        case QualityMeasurement():
            return _quality(record) if record.days else None
        case DriftMeasurement():
            return _drift(record) if record.columns else None
        case SpendMeasurement():
            return _spend(record) if record.days else None
        case RollbackDrill() | FallbackDrill():
            return _drill(record) if record.steps else None
        case _:
            return None


def caption(record: Record) -> str:
    """What the figure of a record shows, in one sentence, for those who cannot see it."""
    match record:
        case QualityMeasurement():
            return (
                f"{record.metric.capitalize()} per day with its {_level(record)} interval, and "
                f"the mean of 7 days. Baseline {words.full(record.baseline)}; current window "
                f"{words.full(record.current)}."
            )
        case DriftMeasurement():
            moved = [column.name for column in record.drifted]
            return (
                "How far each column moved, in multiples of its own limit, with its interval. "
                f"Beyond the limit: {_listed(moved)}."
            )
        case SpendMeasurement():
            return f"Spend per day and service against the ceiling, {record.currency} per day."
        case _:
            return "The steps of the drill, one after the other, in seconds."


def _level(record: QualityMeasurement) -> str:
    return f"{record.baseline.level * 100:.0f} %"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if names else "none"


def _quality(record: QualityMeasurement) -> dict[str, Any]:
    days = [d.day.isoformat() for d in record.days]
    share = record.baseline.unit == "share"
    format_of_ticks = {"tickformat": ".0%"} if share else {}
    band = [d for d in record.days if d.quality.low is not None and d.quality.high is not None]
    outline = [d.day.isoformat() for d in band]
    around = {
        "x": outline + outline[::-1],
        "y": [d.quality.high for d in band] + [d.quality.low for d in reversed(band)],
        "type": "scatter", "mode": "lines", "fill": "toself", "hoverinfo": "skip",
        "fillcolor": "rgba(42,134,196,0.22)", "line": {"width": 0},
        "name": f"{_level(record)} interval",
    }  # fmt: skip
    daily = {
        "x": days, "y": [d.quality.value for d in record.days],
        "type": "scatter", "mode": "markers", "name": f"{escape(record.metric)} per day",
        "marker": {
            "size": 5, "color": BLUE,
            "symbol": ["circle-open" if d.provisional else "circle" for d in record.days],
        },
        "text": [hover(d.quality, provisional=d.provisional) for d in record.days],
        "hovertemplate": "%{x}<br>%{text}<extra></extra>",
    }  # fmt: skip
    mean = {
        "x": days, "y": weekly(record), "type": "scatter", "mode": "lines",
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
            *([late] if any(d.provisional for d in record.days) else []),
        ],
        xaxis=axis("day (UTC)", type="date"),
        yaxis=axis(escape(name), **format_of_ticks),
        shapes=_marks(record),
        annotations=_mark_names(record),
        height=420,
    )


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


def _mark_names(record: QualityMeasurement) -> list[dict[str, Any]]:
    return [
        {
            "x": at.isoformat(), "xref": "x", "y": 0.02 + 0.09 * position, "yref": "paper",
            "yanchor": "bottom", "xanchor": "left", "showarrow": False,
            "text": f" {name} {words.day(at)}",
        }
        for position, (at, name, _) in enumerate(_moments(record))
    ]  # fmt: skip


def _drift(record: DriftMeasurement) -> dict[str, Any]:
    columns = sorted(record.columns, key=_times_limit)
    names = [f"{'✖' if c.drifted else '✓'} {escape(cut(c.name))}" for c in columns]
    bars = {
        "type": "bar", "orientation": "h", "y": names, "x": [_times_limit(c) for c in columns],
        "marker": {"color": [RED if c.drifted else BLUE for c in columns]},
        "error_x": {
            "type": "data", "symmetric": False, "color": TEXT,
            "array": [_beyond(c.effect.high, c.effect.value, c.limit) for c in columns],
            "arrayminus": [_beyond(c.effect.value, c.effect.low, c.limit) for c in columns],
        },
        "text": [f"{escape(clean(c.name))}<br>{hover(c.effect)}<br>limit {words.number(c.limit)}"
                 for c in columns],
        "textposition": "none", "hovertemplate": "%{text}<extra></extra>",
    }  # fmt: skip
    return drawn(
        [bars],
        xaxis=axis("how far it moved, in multiples of its limit", rangemode="tozero"),
        yaxis=names_axis(),
        shapes=[level_line(1.0, along="x")],
        annotations=[_limit_name()],
        showlegend=False,
        margin=margin(names),
        height=130 + 34 * len(columns),
    )


def _times_limit(column: ColumnDrift) -> float:
    # A limit of 0 means that any effect is too much; the effect itself then stands for it.
    return (column.effect.value or 0.0) / (column.limit or 1.0)


def _limit_name() -> dict[str, Any]:
    return {
        "x": 1, "xref": "x", "y": 1, "yref": "paper", "xanchor": "left", "yanchor": "bottom",
        "showarrow": False, "text": " limit",
    }  # fmt: skip


def _beyond(far: float | None, near: float | None, limit: float) -> float:
    return max(far - near, 0.0) / (limit or 1.0) if far is not None and near is not None else 0.0


def _spend(record: SpendMeasurement) -> dict[str, Any]:
    by_service: dict[str, dict[date, Measured]] = defaultdict(dict)
    total: dict[str, float] = defaultdict(float)
    for row in record.days:
        by_service[row.service][row.day] = row.cost
        total[row.service] += row.cost.value or 0.0
    order = sorted(by_service, key=lambda s: (-total[s], s))
    bars = [
        _service_bars(service, by_service[service], PALETTE[place])
        for place, service in enumerate(order[:_MOST_SERVICES])
    ]
    if rest := order[_MOST_SERVICES:]:
        bars.append(_service_bars(f"{len(rest)} more services", _summed(by_service, rest), TEXT))
    ceiling = record.ceiling_per_day
    known = ceiling is not None and ceiling.value is not None
    at = ceiling.value if ceiling is not None and ceiling.value is not None else 0.0
    name = f"ceiling {words.amount(at, record.currency)} per day"
    return drawn(
        bars,
        barmode="stack",
        xaxis=axis("day (UTC)", type="date"),
        yaxis=axis(f"{record.currency} per day", rangemode="tozero"),
        shapes=[level_line(at, along="y")] if known else [],
        annotations=[level_name(at, name)] if known else [],
    )


def _summed(
    by_service: dict[str, dict[date, Measured]], services: Sequence[str]
) -> dict[date, Measured]:
    days = sorted({d for service in services for d in by_service[service]})
    rows = {d: [by_service[s][d] for s in services if d in by_service[s]] for d in days}
    return {
        d: Measured(
            value=sum(m.value or 0.0 for m in costs), unit=costs[0].unit,
            n=sum(m.n or 0 for m in costs), no_interval="sum",
        )
        for d, costs in rows.items()
    }  # fmt: skip


def _service_bars(name: str, days: dict[date, Measured], colour: str) -> dict[str, Any]:
    return {
        "type": "bar", "name": escape(cut(name)), "marker": {"color": colour},
        "x": [d.isoformat() for d in days], "y": [m.value for m in days.values()],
        "text": [hover(m) for m in days.values()], "textposition": "none",
        "hovertemplate": "%{x}<br>%{fullData.name}: %{text}<extra></extra>",
    }  # fmt: skip


def _drill(record: RollbackDrill | FallbackDrill) -> dict[str, Any]:
    starts, at = [], 0.0
    for step in record.steps:
        starts.append(at)
        at += step.seconds.value or 0.0
    names = _step_names(record.steps)
    bars = {
        "type": "bar", "orientation": "h", "y": names, "base": starts,
        "x": [step.seconds.value or 0.0 for step in record.steps],
        "marker": {"color": [BLUE if step.ok else RED for step in record.steps]},
        "text": [hover(step.seconds) for step in record.steps], "textposition": "none",
        "hovertemplate": "%{y}<br>%{text}<extra></extra>",
    }  # fmt: skip
    return drawn(
        [bars],
        xaxis=axis("seconds since the start", rangemode="tozero"),
        yaxis=names_axis(autorange="reversed"),
        showlegend=False,
        margin=margin(names),
        height=130 + 34 * len(record.steps),
    )


def _step_names(steps: Sequence[DrillStep]) -> list[str]:
    """Names that differ, as an axis of names needs them: a number where two would be the same."""
    names = [f"{'✓' if step.ok else '✖'} {escape(cut(step.name, 24))}" for step in steps]
    return [
        f"{name} ({place})" if names.count(name) > 1 else name
        for place, name in enumerate(names, start=1)
    ]
