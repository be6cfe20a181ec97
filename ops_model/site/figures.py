"""Pictures of records: plotly figures as plain values.

Colours follow Okabe and Ito (the blue a little lighter, for dark grounds), told apart with any
colour vision; what matters is also written in words. Backgrounds are transparent, so a figure
reads on light and on dark.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ops_model.domain.detection import (
    ChangeDecomposition,
    ColumnDrift,
    DriftMeasurement,
    QualityMeasurement,
)
from ops_model.domain.evidence import Record
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.rollback import RollbackDrill
from ops_model.domain.savings import BillComparison
from ops_model.domain.spend import CostBridge, SpendMeasurement
from ops_model.domain.trials import ChallengerResult, GameDayResult, SwapDrill
from ops_model.domain.weekly import WeeklyReport
from ops_model.site import words
from ops_model.site.challenger_figure import challenger_caption, challenger_figure
from ops_model.site.cost_figure import (
    bill_caption,
    bill_figure,
    bridge_caption,
    bridge_figure,
    spend_caption,
    spend_figure,
)
from ops_model.site.drift_cards import column_look
from ops_model.site.fallback_cards import several_faults
from ops_model.site.fallback_figure import faults_caption, faults_figure
from ops_model.site.game_day_figure import game_day_caption, game_day_figure
from ops_model.site.markup import clean, escape
from ops_model.site.plot import (
    BLUE,
    RED,
    TEXT,
    axis,
    cut,
    drawn,
    hover,
    level_line,
    margin,
    names_axis,
)  # fmt: skip
from ops_model.site.quality_figure import change_figure, quality_caption, quality_figure
from ops_model.site.rollback_figure import rollback_caption, rollback_figure
from ops_model.site.steps_figure import steps_figure
from ops_model.site.weekly_figure import weekly_caption, weekly_figure
from ops_model.site.words import signed


def figure(record: Record) -> dict[str, Any] | None:
    """The record as a plotly figure (`data`, `layout`), or None where a picture says nothing.

    Shapes: quality per day with its interval, a change by segment, drift per column against its
    limit, spend per day and service against the ceiling, a bridge from one cost to another, a bill
    beside the log by month, a drill step by step, what users got under each fault of a vendor.
    """
    picture = _PICTURES.get(type(record))
    if picture is None or not getattr(record, picture.needs):
        return None
    return picture.draw(record)


def caption(record: Record) -> str:
    """What the figure of a record shows, in one sentence, for those who cannot see it."""
    picture = _PICTURES.get(type(record))
    return picture.caption(record) if picture is not None else ""


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


def _fallback(record: FallbackDrill) -> dict[str, Any]:
    """The scorecard where a vendor failed in several ways, else the steps."""
    return faults_figure(record) if several_faults(record) else _steps(record)


def _fallback_caption(record: FallbackDrill) -> str:
    return faults_caption(record) if several_faults(record) else _steps_caption(record)


def _steps(record: FallbackDrill | SwapDrill) -> dict[str, Any]:
    return steps_figure(record.steps)


def _steps_caption(record: FallbackDrill | SwapDrill) -> str:
    del record
    return "The steps of the drill, one after the other, in seconds."


def _change_caption(record: ChangeDecomposition) -> str:
    return (
        "What each segment adds to the change of quality, by its size and by its own "
        f"quality; together {words.full(record.change, unit=signed(record.change.unit))}."
    )


def _drift_caption(record: DriftMeasurement) -> str:
    moved = [column.name for column in record.drifted]
    return (
        "How far each column moved, in multiples of its own limit, with its interval. "
        f"Beyond the limit: {_listed(moved)}."
    )


class _Picture(NamedTuple):
    """How a kind is drawn, what that says in words, and the list that must not be empty."""

    needs: str
    draw: Callable[..., dict[str, Any] | None]
    caption: Callable[..., str]


_PICTURES: Mapping[type[Record], _Picture] = {
    BillComparison: _Picture("months", bill_figure, bill_caption),
    ChallengerResult: _Picture("cases", challenger_figure, challenger_caption),
    ChangeDecomposition: _Picture("segments", change_figure, _change_caption),
    CostBridge: _Picture("bars", bridge_figure, bridge_caption),
    DriftMeasurement: _Picture("columns", _drift, _drift_caption),
    FallbackDrill: _Picture("steps", _fallback, _fallback_caption),
    GameDayResult: _Picture("answers", game_day_figure, game_day_caption),
    QualityMeasurement: _Picture("days", quality_figure, quality_caption),
    RollbackDrill: _Picture("steps", rollback_figure, rollback_caption),
    SpendMeasurement: _Picture("days", spend_figure, spend_caption),
    SwapDrill: _Picture("steps", _steps, _steps_caption),
    WeeklyReport: _Picture("signs", weekly_figure, weekly_caption),
}
