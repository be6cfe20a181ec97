"""Pictures of the weekly report: quality by week with its limits, and signs of a slow death."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from ops_model.domain.weekly import WeeklyReport
from ops_model.domain.weeks import SlowSign, WeeklyQuality, WeekValue
from ops_model.site import words
from ops_model.site.markup import escape
from ops_model.site.plot import BLUE, ORANGE, RED, TEXT, axis, drawn, hover
from ops_model.site.weekly_words import SIGNS

_FEWEST = 2
_HEIGHT, _GAP = 170, 0.07
Rows = Sequence[WeeklyQuality | SlowSign]


def weekly_figure(record: WeeklyReport) -> dict[str, Any] | None:
    """Everything that has a course of two weeks or more, one picture below the other."""
    return _stacked([*record.quality, *record.signs])


def slow_figure(record: WeeklyReport) -> dict[str, Any] | None:
    """The signs of a slow death, week by week, each on its own scale."""
    return _stacked(record.signs)


def quality_weeks_figure(record: WeeklyReport) -> dict[str, Any] | None:
    """Quality of each week with its interval, n on hover, and its control limits."""
    return _stacked(record.quality)


def weekly_caption(record: WeeklyReport) -> str:
    """What the figure shows, in words."""
    drawn_ones = _drawable([*record.quality, *record.signs])
    names = [_name(row) for row in drawn_ones]
    beyond = sum(week.beyond for quality in record.quality for week in quality.weeks)
    return (
        f"Week by week: {', '.join(names)}. {words.plural(beyond, 'week')} of quality beyond the "
        "control limits; "
        f"{words.plural(len(record.worse), 'sign')} of a slow death worsening."
    )


def _name(row: WeeklyQuality | SlowSign) -> str:
    return row.metric if isinstance(row, WeeklyQuality) else SIGNS[row.sign].lower()


def _drawable(rows: Rows) -> list[WeeklyQuality | SlowSign]:
    return [row for row in rows if len(row.weeks) >= _FEWEST]


def _stacked(rows: Rows) -> dict[str, Any] | None:
    """The rows one below the other over the same weeks; None where none has two of them."""
    shown = _drawable(rows)
    if not shown:
        return None
    high = (1 - _GAP * (len(shown) - 1)) / len(shown)
    traces: list[dict[str, Any]] = []
    axes: dict[str, Any] = {}
    for place, row in enumerate(shown):
        top = 1 - place * (high + _GAP)
        number = "" if place == 0 else str(place + 1)
        lines = _quality(row) if isinstance(row, WeeklyQuality) else _sign(row)
        traces += [trace | {"yaxis": f"y{number}", "xaxis": "x"} for trace in lines]
        share = isinstance(row, WeeklyQuality) and row.baseline.unit == "share"
        more = {"tickformat": ".0%"} if share else {}
        axes[f"yaxis{number}"] = axis(
            escape(_title(row)), domain=[max(top - high, 0.0), top], nticks=4, **more
        )
    return drawn(
        traces, **axes,
        xaxis=axis("the week ends on", type="date", anchor=f"y{len(shown)}"
                   if len(shown) > 1 else "y"),
        height=110 + _HEIGHT * len(shown), showlegend=False,
    )  # fmt: skip


def _title(row: WeeklyQuality | SlowSign) -> str:
    """What stands beside the axis, short enough for a picture of this height."""
    if isinstance(row, WeeklyQuality):
        return row.metric
    return SIGNS[row.sign] if row.sign != "audit_questions" else "Audit"


def _last_day(week: Any) -> str:  # noqa: ANN401 - a week of quality or of a sign; both have `ends`
    ends: str = (week.ends - timedelta(days=1)).date().isoformat()
    return ends


def _quality(quality: WeeklyQuality) -> list[dict[str, Any]]:
    weeks = quality.weeks
    days = [_last_day(week) for week in weeks]
    known = [week for week in weeks if week.low_limit is not None and week.high_limit is not None]
    limits = [
        {
            "x": [_last_day(week) for week in known],
            "y": [getattr(week, side) for week in known],
            "type": "scatter", "mode": "lines", "hoverinfo": "skip", "name": "control limit",
            "line": {"color": TEXT, "width": 1, "dash": "dot", "shape": "hvh"},
        }
        for side in ("low_limit", "high_limit")
    ]  # fmt: skip
    level = {
        "x": [days[0], days[-1]], "y": [quality.baseline.value] * 2, "type": "scatter",
        "mode": "lines", "hoverinfo": "skip", "name": "baseline",
        "line": {"color": ORANGE, "width": 2, "dash": "dash"},
    }  # fmt: skip
    values = {
        "x": days, "y": [week.quality.value for week in weeks], "type": "scatter",
        "mode": "lines+markers", "name": escape(quality.metric),
        "line": {"color": BLUE, "width": 2},
        "marker": {
            "size": 8, "color": [RED if week.beyond else BLUE for week in weeks],
            "symbol": ["circle-open" if week.provisional else "circle" for week in weeks],
        },
        "error_y": {
            "type": "data", "symmetric": False, "color": TEXT, "thickness": 1,
            "array": [_away(w.quality.high, w.quality.value) for w in weeks],
            "arrayminus": [_away(w.quality.value, w.quality.low) for w in weeks],
        },
        "text": [hover(week.quality, provisional=week.provisional) for week in weeks],
        "hovertemplate": "week to %{x}<br>%{text}<extra></extra>",
    }  # fmt: skip
    return [*(limits if known else []), level, values]


def _away(far: float | None, near: float | None) -> float:
    return max(far - near, 0.0) if far is not None and near is not None else 0.0


def _sign(sign: SlowSign) -> list[dict[str, Any]]:
    """The weeks, and the slope through their middle where there is one."""
    days = [_last_day(week) for week in sign.weeks]
    colour = RED if sign.state == "worse" else BLUE
    values = {
        "x": days, "y": [week.value for week in sign.weeks], "type": "scatter",
        "mode": "lines+markers", "name": SIGNS[sign.sign],
        "line": {"color": colour, "width": 1}, "marker": {"size": 6, "color": colour},
        "hovertemplate": f"week to %{{x}}<br>%{{y:.4g}} {escape(sign.unit)}<extra></extra>",
    }  # fmt: skip
    slope = sign.per_week.value if sign.per_week is not None else None
    return [values] if slope is None else [values, _line(sign.weeks, days, slope)]


def _line(weeks: Sequence[WeekValue], days: Sequence[str], slope: float) -> dict[str, Any]:
    at = [(week.ends - weeks[0].ends) / timedelta(days=7) for week in weeks]
    rests = sorted(w.value - slope * x for w, x in zip(weeks, at, strict=True))
    level = rests[len(rests) // 2]
    return {
        "x": [days[0], days[-1]], "y": [level, level + slope * at[-1]], "type": "scatter",
        "mode": "lines", "hoverinfo": "skip", "name": "slope",
        "line": {"color": ORANGE, "width": 2, "dash": "dash"},
    }  # fmt: skip
