"""What figures have in common: colours, grounds, axes, lines of a level, texts that are no markup."""

from collections.abc import Sequence
from typing import Any

from ops_model.domain.evidence import Measured
from ops_model.site import words
from ops_model.site.markup import clean, escape

# Text of 4.6:1 on white and 4.1:1 on JupyterLab's dark ground; the site sets its own colour.
TEXT = "#757575"
GRID = "rgba(128,128,128,0.28)"
BLUE, ORANGE, RED = "#2a86c4", "#e69f00", "#d55e00"
PALETTE = (BLUE, ORANGE, "#009e73", "#cc79a7", "#56b4e9", RED)


def drawn(traces: list[dict[str, Any]], **layout: Any) -> dict[str, Any]:  # noqa: ANN401 - plotly's own layout values
    import plotly.graph_objects as go

    common = {
        "template": "none",
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": TEXT, "size": 13},
        "margin": {"l": 64, "r": 20, "t": 44, "b": 60},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "hovermode": "closest",
        "height": 360,
    }
    drawn: dict[str, Any] = go.Figure(data=traces, layout=common | layout).to_plotly_json()
    return drawn


def axis(title: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - plotly's own axis values
    axis = {"title": {"text": title}, "gridcolor": GRID, "zerolinecolor": GRID}
    return axis | more


def hover(measured: Measured, *, provisional: bool = False) -> str:
    late = "<br>provisional: late labels may change it" if provisional else ""
    lines = (words.value(measured), words.interval(measured), words.count(measured))
    return "<br>".join(escape(text) for text in lines) + late


def level_line(at: float, *, along: str) -> dict[str, Any]:
    across = "x" if along == "y" else "y"
    return {
        "type": "line", f"{across}ref": "paper", f"{across}0": 0, f"{across}1": 1,
        f"{along}ref": along, f"{along}0": at, f"{along}1": at,
        "line": {"color": ORANGE, "width": 2, "dash": "dash"},
    }  # fmt: skip


def level_name(at: float, text: str) -> dict[str, Any]:
    return {
        "x": 1, "xref": "paper", "xanchor": "right", "y": at, "yref": "y", "yanchor": "bottom",
        "showarrow": False, "text": text,
    }  # fmt: skip


def names_axis(names: Sequence[str], **more: Any) -> dict[str, Any]:  # noqa: ANN401 - plotly's own axis values
    return axis("", type="category", ticksuffix="  ", ticks="", showgrid=False, **more)


def margin(names: Sequence[str]) -> dict[str, int]:
    # Room for the longest name, at about 7.5 px a letter; plotly's own guess fails on a phone.
    return {"l": 28 + int(7.5 * max(map(len, names))), "r": 20, "t": 44, "b": 60}


def cut(text: str, longest: int = 20) -> str:
    shown = clean(text)
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"
