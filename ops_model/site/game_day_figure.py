"""The picture of a game day: what was asked and known minute by minute, and how long each part is.

The first hour holds most of what happens, so that minutes are drawn by their square root.
"""

from math import sqrt
from typing import Any

from ops_model.domain.trials import GameDayResult
from ops_model.site import words
from ops_model.site.markup import clean, escape
from ops_model.site.plot import BLUE, ORANGE, RED, TEXT, axis, drawn, margin, names_axis

_TICKS = (0, 5, 15, 30, 60, 120, 240)
_KNOWN, _ASKED = "known", "asked"
_LONGEST_HOVER = 90


def game_day_figure(record: GameDayResult) -> dict[str, Any]:
    """Lanes over the four hours: what becomes known, what is asked, and the spans as promised."""
    spans = _spans(record)
    lanes = [
        *([_KNOWN] if record.injects else []), _ASKED, *dict.fromkeys(name for name, *_ in spans)
    ]  # fmt: skip
    traces = [*_bars(spans), *_answers(record), *_injects(record)]
    return drawn(
        traces,
        xaxis=axis(
            "minutes", tickvals=[sqrt(tick) for tick in _TICKS],
            ticktext=[str(tick) for tick in _TICKS], range=[-0.6, sqrt(240) + 0.6],
        ),
        yaxis=names_axis(autorange="reversed", categoryorder="array", categoryarray=lanes),
        margin=margin(lanes),
        height=150 + 34 * len(lanes),
    )  # fmt: skip


def game_day_caption(record: GameDayResult) -> str:
    """What the picture shows, in words."""
    asked = [answer for answer in record.answers if answer.asked]
    told = "; ".join(f"{name} {_told(begins, ends)}" for name, begins, ends, _ in _spans(record))
    gaps = ", ".join(dict.fromkeys(f"T+{gap.minute}" for gap in record.gaps))
    return (
        f"{words.plural(len(asked), 'question')} over four hours, the first of them drawn wider; "
        f"without an answer: {gaps or 'none'}. {told[:1].upper() + told[1:] or 'No span is set'}."
    )


def _told(begins: float, ends: float) -> str:
    return f"from {words.number(begins)} to {words.number(ends)} min"


def _spans(record: GameDayResult) -> list[tuple[str, float, float, str]]:
    """Each part that has a limit: name, first and last minute, colour. They follow one another."""
    minutes = record.minutes
    found: list[tuple[str, float, float, str]] = []
    at: float | None = 0.0
    for name, length in (
        ("page", minutes.page), ("decide", minutes.decide), ("contain", minutes.contain),
    ):  # fmt: skip
        if length is None or at is None:
            at = None
            continue
        found.append((name, at, at + length, BLUE))
        if name == "contain" and record.drilled is not None and record.drilled.value is not None:
            found.append(("drilled", at, at + record.drilled.value / 60, ORANGE))
        at += length
    if minutes.inform is not None:
        found.append(("tell users", 0.0, minutes.inform, BLUE))
    return found


def _bars(spans: list[tuple[str, float, float, str]]) -> list[dict[str, Any]]:
    return [
        {
            "type": "bar", "orientation": "h", "y": [name for name, *_ in spans],
            "base": [sqrt(begins) for _, begins, _, _ in spans],
            # A drill of seconds would be no bar at all.
            "x": [max(sqrt(ends) - sqrt(begins), 0.12) for _, begins, ends, _ in spans],
            "marker": {"color": [colour for *_, colour in spans]},
            "text": [_told(begins, ends) for _, begins, ends, _ in spans],
            "textposition": "none", "hovertemplate": "%{y}<br>%{text}<extra></extra>",
            "showlegend": False,
        }
    ] if spans else []  # fmt: skip


def _answers(record: GameDayResult) -> list[dict[str, Any]]:
    groups = (
        ("✓ answered", BLUE, "circle", [a for a in record.answers if a.asked and a.ok]),
        ("✖ gap", RED, "x", [a for a in record.answers if not a.ok]),
    )
    return [
        _marks(name, _ASKED, colour, symbol, [(a.minute, a.question) for a in found])
        for name, colour, symbol, found in groups
        if found
    ]


def _injects(record: GameDayResult) -> list[dict[str, Any]]:
    known = [(inject.minute, inject.text) for inject in record.injects]
    return [_marks("▲ becomes known", _KNOWN, ORANGE, "triangle-up", known)] if known else []


def _marks(
    name: str, lane: str, colour: str, symbol: str, found: list[tuple[int, str]]
) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "markers", "name": name,
        "x": [sqrt(minute) for minute, _ in found], "y": [lane] * len(found),
        "marker": {"color": colour, "symbol": symbol, "size": 11,
                   "line": {"color": TEXT, "width": 1}},
        "text": [f"T+{minute} {escape(words.shortened(clean(text), _LONGEST_HOVER))}"
                 for minute, text in found],
        "hovertemplate": "%{text}<extra></extra>",
    }  # fmt: skip
