"""The steps of a drill as bars, one after the other, with what counts marked in between."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from ops_model.domain.rollback import DrillStep
from ops_model.site.markup import escape
from ops_model.site.plot import BLUE, RED, axis, cut, drawn, hover, level_line, margin, names_axis

_ROW = 16


def steps_figure(
    steps: Sequence[DrillStep], marks: Sequence[tuple[str, float]] = ()
) -> dict[str, Any]:
    """Each step with how long it took; `marks` are names and seconds, as dashed lines."""
    seconds = [step.seconds.value or 0.0 for step in steps]
    names = _names(steps)
    room = margin(names)
    bars = {
        "type": "bar", "orientation": "h", "y": names, "x": seconds,
        "base": [0.0, *accumulate(seconds)][:-1],
        "marker": {"color": [BLUE if step.ok else RED for step in steps]},
        "text": [hover(step.seconds) for step in steps], "textposition": "none",
        "hovertemplate": "%{y}<br>%{text}<extra></extra>",
    }  # fmt: skip
    marked = {
        "shapes": [level_line(at, along="x") for _, at in marks],
        "annotations": [_name(row, *mark) for row, mark in enumerate(reversed(marks))],
    }
    return drawn(
        [bars],
        xaxis=axis("seconds", rangemode="tozero"),
        yaxis=names_axis(autorange="reversed"),
        showlegend=False,
        margin=room | {"t": room["t"] + _ROW * len(marks)},
        height=130 + _ROW * len(marks) + 34 * len(names),
        **(marked if marks else {}),
    )


def _names(steps: Sequence[DrillStep]) -> list[str]:
    """Names that differ, as an axis of names needs them: a number where two would be the same."""
    names = [f"{_mark(step)} {escape(cut(step.name, 24))}" for step in steps]
    return [
        f"{name} ({place})" if names.count(name) > 1 else name
        for place, name in enumerate(names, start=1)
    ]


def _mark(step: DrillStep) -> str:
    if not step.ok:
        return "✖"
    return "○" if step.only_noted else "✓"


def _name(row: int, text: str, at: float) -> dict[str, Any]:
    """A mark by its name, left of its line, each in a row of its own above the bars.

    Right of it a phone would cut it off; to the left there is the room of the names.
    """
    return {
        "x": at, "xref": "x", "y": 1, "yref": "paper", "yshift": 2 + _ROW * row,
        "yanchor": "bottom", "xanchor": "right", "showarrow": False, "text": text,
    }  # fmt: skip
