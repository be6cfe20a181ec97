"""What figures have in common: colours, grounds, axes, lines of a level, inert texts."""

from collections.abc import Sequence
from typing import Any

from ops_model.domain.evidence import Measured
from ops_model.site import words
from ops_model.site.markup import clean, escape

# Text of 4.6:1 on white and 4.1:1 on JupyterLab's dark ground; the site sets its own colour.
TEXT = "#777777"
GRID = "rgba(128,128,128,0.28)"
BLUE, ORANGE, RED = "#2a86c4", "#e69f00", "#d55e00"
PALETTE = (BLUE, ORANGE, "#009e73", "#cc79a7", RED)


def drawn(traces: list[dict[str, Any]], **layout: Any) -> dict[str, Any]:  # noqa: ANN401 - plotly's own layout values
    """A figure as plotly writes it, on a transparent ground.

    That plotly takes every figure as it is, is tested for each kind and not asked for each page:
    to check one takes ten times as long as to draw it.
    """
    common = {
        # A template that says nothing, so that nobody puts one of theirs in its place.
        "template": {"data": {"scatter": [{"type": "scatter"}]}},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": TEXT, "size": 13},
        "margin": {"l": 64, "r": 20, "t": 44, "b": 60},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "hovermode": "closest",
        "height": 360,
    }
    told = {name: value for name, value in layout.items() if value not in (None, [])}
    return {"data": traces, "layout": common | told}


def axis(title: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - plotly's own axis values
    """An axis with its title and a grid that reads on light and dark."""
    return {"title": {"text": title}, "gridcolor": GRID, "zerolinecolor": GRID} | more


def hover(measured: Measured, *, provisional: bool = False) -> str:
    """A number with its interval and n, line by line; never markup."""
    late = "<br>provisional: late labels may change it" if provisional else ""
    lines = (words.value(measured), words.interval(measured), words.count(measured))
    return "<br>".join(escape(text) for text in lines) + late


def level_line(at: float, *, along: str) -> dict[str, Any]:
    """A dashed line at a value of the axis `along`, across the whole figure."""
    across = "x" if along == "y" else "y"
    return {
        "type": "line", f"{across}ref": "paper", f"{across}0": 0, f"{across}1": 1,
        f"{along}ref": along, f"{along}0": at, f"{along}1": at,
        "line": {"color": ORANGE, "width": 2, "dash": "dash"},
    }  # fmt: skip


def level_name(at: float, text: str) -> dict[str, Any]:
    """What a level on the y axis is called, at the right end of its line."""
    return {
        "x": 1, "xref": "paper", "xanchor": "right", "y": at, "yref": "y", "yanchor": "bottom",
        "showarrow": False, "text": text,
    }  # fmt: skip


def names_axis(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - plotly's own axis values
    """A y axis of names."""
    return axis("", type="category", ticksuffix="  ", ticks="", showgrid=False, **more)


def margin(names: Sequence[str]) -> dict[str, int]:
    """Room for the longest name, at about 7.5 px a letter.

    On a phone that leaves about 80 px for the bars, and a title below them stands in their middle:
    one of more than two or three short words is cut off.
    """
    # plotly's own guess redraws without end on a phone.
    return {"l": 28 + int(7.5 * max(map(len, names))), "r": 20, "t": 44, "b": 60}


def cut(text: str, longest: int = 20) -> str:
    """A name that leaves the bars their room."""
    shown = clean(text)
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"
