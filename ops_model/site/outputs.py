"""What a cell put out, as HTML that does nothing: four kinds of content, and a word on all else.

Shown are sanitised HTML, a drawing or a picture as an image, and text. Of an output that comes in
several kinds the richest of these is shown; what cannot be shown is named, never passed on.
"""

import base64
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from ops_model.domain.evidence import RECORD_MIME
from ops_model.site.inert import inert, is_png
from ops_model.site.markup import Html, join, tag
from ops_model.site.words import plural, shortened

PLOTLY_MIME: Final = "application/vnd.plotly.v1+json"
MAX_OUTPUT_CHARS: Final = 400_000
"""The longest output that a page takes; text is cut there, all else is left out whole."""

# What a terminal reads as a command: colours, moves, titles of windows.
_ANSI: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")


def shown_output(output: object) -> Html:
    """One output of a cell; a note where there is nothing that a page may show of it."""
    if not isinstance(output, Mapping):
        return note("an output of no known form is not shown")
    kind = output.get("output_type")
    if kind == "stream":
        return _text(text_of(output.get("text")))
    if kind == "error":
        return _error(output)
    data = output.get("data")
    return _data(data) if isinstance(data, Mapping) else note("an output without content")


def note(what: str) -> Html:
    """A line in place of what is not shown."""
    return tag("p", what, **{"class": "number"})


def text_of(value: object) -> str:
    """The text of a notebook's field, which may be kept in lines; empty where it is no text."""
    if isinstance(value, str):
        return value
    lines = value if isinstance(value, list | tuple) else ()
    return "".join(line for line in lines if isinstance(line, str))


def attached(cell: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The pictures that are attached to a cell, by name; one that is no PNG is left blank."""
    found = cell.get("attachments")
    named = found.items() if isinstance(found, Mapping) else ()
    return {
        str(name): {"image/png": _png_of(held) if isinstance(held, Mapping) else ""}
        for name, held in named
    }


def _png_of(data: Mapping[str, Any]) -> str:
    text = "".join(text_of(data.get("image/png")).split())
    return text if len(text) <= MAX_OUTPUT_CHARS and is_png(text) else ""


def _error(output: Mapping[str, Any]) -> Html:
    said = text_of([f"{line}\n" for line in _lines(output.get("traceback"))])
    head = f"{text_of(output.get('ename'))}: {text_of(output.get('evalue'))}"
    return _text(said if said.strip() else head)


def _lines(value: object) -> Iterable[str]:
    return [line for line in value if isinstance(line, str)] if isinstance(value, list) else ()


def _text(text: str) -> Html:
    """Text as it is, but for what only a terminal understands."""
    plain = _ANSI.sub("", text)
    more = len(plain) - MAX_OUTPUT_CHARS
    if more <= 0:
        return tag("pre", plain)
    rest = note(f"{plural(more, 'more character')} not shown")
    return join([tag("pre", plain[:MAX_OUTPUT_CHARS]), rest])


def _html(text: str) -> Html:
    return inert(text) if len(text) <= MAX_OUTPUT_CHARS else _too_long("text/html", len(text))


def _svg(text: str) -> Html:
    """A drawing as an image: a browser runs nothing in it, and loads nothing for it."""
    if len(text) > MAX_OUTPUT_CHARS:
        return _too_long("image/svg+xml", len(text))
    packed = base64.b64encode(text.encode("utf-8", "replace")).decode()
    return tag("img", src=f"data:image/svg+xml;base64,{packed}", alt="a drawing of the notebook")


def _png(text: str) -> Html:
    packed = "".join(text.split())
    if len(packed) > MAX_OUTPUT_CHARS:
        return _too_long("image/png", len(packed))
    if not is_png(packed):
        return note("an output of type image/png is not shown: it is no PNG that a page can show")
    return tag("img", src=f"data:image/png;base64,{packed}", alt="a picture of the notebook")


def _too_long(kind: str, size: int) -> Html:
    return note(f"an output of type {kind} is not shown: it has {plural(size, 'character')}")


_DRAWN: Final[Mapping[str, Callable[[str], Html]]] = {
    "text/html": _html,
    "image/svg+xml": _svg,
    "image/png": _png,
    "text/plain": _text,
}
"""The kinds that are shown, the richest first."""


def _data(data: Mapping[str, Any]) -> Html:
    best = next((kind for kind in _DRAWN if text_of(data.get(kind))), "")
    drawn = [_DRAWN[best](text_of(data[best]))] if best else []
    notes = [_left_out(str(kind), data) for kind in sorted(map(str, data)) if kind not in _DRAWN]
    return join(drawn + [said for said in notes if said])


def _left_out(kind: str, data: Mapping[str, Any]) -> Html:
    """What is said of content that is not shown; nothing of a record, whose card stands there."""
    if kind == RECORD_MIME and text_of(data.get("text/html")):
        return Html("")
    if kind == PLOTLY_MIME and RECORD_MIME in data:
        return note("The figure of this record is drawn on the run's page, above the notebook.")
    if kind == PLOTLY_MIME:
        return note(
            "A figure is not shown: a script would draw it, as JupyterLab does. That of a record "
            "is drawn on the run's page, above the notebook."
        )
    return note(f"an output of type {shortened(kind, 80)} is not shown")
