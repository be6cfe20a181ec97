"""A picture of a trial: the difference with its interval against the margin, slices below."""

from typing import Any

from ops_model.domain.evidence import Measured
from ops_model.domain.trials import ChallengerResult, ChallengerVerdict
from ops_model.site import words
from ops_model.site.challenger_cards import ORDER, VERDICTS
from ops_model.site.markup import escape
from ops_model.site.plot import (
    BLUE,
    GRID,
    ORANGE,
    PALETTE,
    RED,
    TEXT,
    axis,
    cut,
    drawn,
    hover,
    level_line,
    margin,
    names_axis,
)

_COLOURS: dict[ChallengerVerdict, str] = {
    "better": PALETTE[2], "non_inferior": BLUE, "worse": RED, "undecided": ORANGE,
}  # fmt: skip
_MOST = 25
"""So many slices are drawn, the worst first; the card lists all of them."""


def challenger_figure(record: ChallengerResult) -> dict[str, Any]:
    """A point with its interval for all cases and each slice; lines at nothing and the margin."""
    slices = sorted(record.slices, key=lambda s: (ORDER.index(s.verdict), s.name))[:_MOST]
    parts = [("all cases", record.verdict, record.difference),
             *((one.name, one.verdict, one.difference) for one in slices)]  # fmt: skip
    times = 100 if record.difference.unit == "share" else 1
    names = [f"{VERDICTS[verdict].glyph} {escape(cut(name, 24))}" for name, verdict, _ in parts]
    points = {
        "type": "scatter", "mode": "markers", "y": _apart(names),
        "x": [times * (measured.value or 0.0) for _, _, measured in parts],
        "marker": {"size": 10, "color": [_COLOURS[verdict] for _, verdict, _ in parts]},
        "error_x": {
            "type": "data", "symmetric": False, "color": TEXT,
            "array": [times * _beyond(m, up=True) for _, _, m in parts],
            "arrayminus": [times * _beyond(m, up=False) for _, _, m in parts],
        },
        "text": [f"{escape(name)}: {VERDICTS[verdict].word}<br>{hover(measured)}"
                 for name, verdict, measured in parts],
        "hovertemplate": "%{text}<extra></extra>",
    }  # fmt: skip
    shapes = [level_line(0.0, along="x") | {"line": {"color": GRID, "width": 2}}]
    notes = []
    if record.margin is not None:
        shapes.append(level_line(-times * record.margin, along="x"))
        notes.append({
            "x": -times * record.margin, "xref": "x", "y": 1, "yref": "paper",
            "xanchor": "right", "yanchor": "bottom", "showarrow": False, "text": "margin ",
        })  # fmt: skip
    return drawn(
        [points],
        xaxis=axis("points better" if times == 100 else "better by"),
        yaxis=names_axis(autorange="reversed"),
        shapes=shapes,
        annotations=notes,
        showlegend=False,
        margin=margin(names),
        height=150 + 34 * len(parts),
    )


def _apart(names: list[str]) -> list[str]:
    """Names that differ, as an axis of names needs them."""
    return [
        f"{name} ({place})" if names.count(name) > 1 else name
        for place, name in enumerate(names, start=1)
    ]


def _beyond(measured: Measured, *, up: bool) -> float:
    bound, value = measured.high if up else measured.low, measured.value
    return 0.0 if bound is None or value is None else abs(bound - value)


def challenger_caption(record: ChallengerResult) -> str:
    """What the picture shows, in words."""
    worse = [one.name for one in record.slices if one.verdict == "worse"]
    against = "no margin was written"
    if record.margin is not None:
        unit = words.points(record.difference.unit)
        against = f"the dashed line is the margin, {words.amount(record.margin, unit)} worse"
    return (
        "How much better the challenger is, with its interval, over all cases and by slice; "
        f"{against}. Over all: {VERDICTS[record.verdict].word}. Slices that are worse: "
        f"{', '.join(worse) or 'none'}."
    )
