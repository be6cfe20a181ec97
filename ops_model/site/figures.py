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
from ops_model.domain.detection import (
    ChangeDecomposition,
    ColumnDrift,
    DriftMeasurement,
    QualityMeasurement,
)
from ops_model.domain.evidence import Measured, Record
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.rollback import DrillStep, RollbackDrill
from ops_model.site import words
from ops_model.site.drift_cards import column_look
from ops_model.site.markup import clean, escape
from ops_model.site.plot import (
    BLUE,
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
from ops_model.site.quality_figure import change_figure, quality_caption, quality_figure
from ops_model.site.words import signed

_MOST_SERVICES = len(PALETTE)


def figure(record: Record) -> dict[str, Any] | None:
    """The record as a plotly figure (`data`, `layout`), or None where a picture says nothing.

    Shapes: quality per day with its interval, a change by segment, drift per column against its
    limit, spend per day and service against the ceiling, a drill step by step.
    """
    match record:
        case QualityMeasurement():
            return quality_figure(record) if record.days else None
        case ChangeDecomposition():
            return change_figure(record) if record.segments else None
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
            return quality_caption(record)
        case ChangeDecomposition():
            return (
                "What each segment adds to the change of quality, by its size and by its own "
                f"quality; together {words.full(record.change, unit=signed(record.change.unit))}."
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


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if names else "none"


def _drift(record: DriftMeasurement) -> dict[str, Any]:
    columns = sorted(record.columns, key=_times_limit)
    names = [f"{column_look(c).glyph} {escape(cut(c.name))}" for c in columns]
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
        xaxis=axis("times its limit", rangemode="tozero"),
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
        xaxis=axis("seconds", rangemode="tozero"),
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
