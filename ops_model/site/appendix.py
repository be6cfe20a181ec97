"""The executed notebook as an appendix of its run's page: read, reduced, drawn, made inert.

A notebook is a stranger's file, whoever ran it. Its outputs are reduced before nbconvert draws
them, everything drawn is made inert afterwards, and the page shows it in a frame without rights.
"""

import hashlib
import io
import json
import logging
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from ops_model.shipped import shipped
from ops_model.site.inert import inert
from ops_model.site.markup import Html, clean, join
from ops_model.site.outputs import attached, note, shown_output, text_of
from ops_model.site.parts import on_a_page
from ops_model.site.site_input import SealedNotebook
from ops_model.site.words import plural
from ops_model.slow_imports import block_address_grammars

MAX_SOURCE_CHARS: Final = 20_000
"""The longest source that is drawn; of a longer one stands only that it is there. Words that are
written to keep a renderer busy take it a second at this length."""
MAX_SOURCES_CHARS: Final = 200_000
"""The same of all sources together."""
MAX_SHOWN_CHARS: Final = 2_000_000
"""What one page takes of a notebook; outputs beyond are left out, and said to be."""
MAX_CELLS: Final = 500
MAX_PAGE_CHARS: Final = 4_000_000

_NO_NOTEBOOK = "it is no notebook that can be drawn"


@dataclass(frozen=True)
class Appendix:
    """What a page shows of a notebook: its cells as inert HTML, or why there are none."""

    html: str = ""
    problem: str = ""


def appendix(sealed: SealedNotebook) -> Appendix:
    """The cells of a sealed notebook as HTML that does nothing, with what they put out."""
    if sealed.problem:
        return Appendix(problem=sealed.problem)
    try:
        cells = json.loads(sealed.content)["cells"]
        known = [cell for cell in cells if isinstance(cell, Mapping)]
    except (ValueError, LookupError, TypeError, RecursionError):
        return Appendix(problem=_NO_NOTEBOOK)
    html = _drawn(known, hashlib.sha256(sealed.content).hexdigest())
    if len(html) > MAX_PAGE_CHARS:
        return Appendix(problem=f"it is too large for a page: {plural(len(html), 'character')}")
    return Appendix(on_a_page(html)) if html else Appendix(problem=_NO_NOTEBOOK)


def _drawn(cells: list[Mapping[str, Any]], digest: str) -> Html:
    """The cells as nbconvert draws them, each with what `outputs` lets through of its outputs."""
    shown = dict(_outputs_of(cells[:MAX_CELLS]))
    # No notebook holds its own digest, so that none can say where an output of it goes.
    reduced = [
        _cell(cell, source, f"{digest}.{place}." if place in shown else "")
        for place, (cell, source) in enumerate(_with_source(cells[:MAX_CELLS]))
    ]
    if (more := len(cells) - MAX_CELLS) > 0:
        reduced.append(_raw(f"{plural(more, 'more cell')} not shown."))
    drawn = _converted(reduced)
    if drawn is None:
        drawn = _converted([c if _converted([c]) else _raw(c["source"]) for c in reduced])
    html = inert(drawn or "", most=sys.maxsize)  # each part of it is small by now
    for place, outputs in shown.items():
        html = Html(html.replace(f"{digest}.{place}.", outputs))
    return html


def _with_source(cells: list[Mapping[str, Any]]) -> Iterable[tuple[Mapping[str, Any], str]]:
    """Each cell and what is shown of its source."""
    left = MAX_SOURCES_CHARS
    for cell in cells:
        source = clean(text_of(cell.get("source")))
        fits = len(source) <= min(left, MAX_SOURCE_CHARS)
        left -= len(source) if fits else 0
        yield cell, source if fits else f"({plural(len(source), 'character')}, not shown)"


def _outputs_of(cells: list[Mapping[str, Any]]) -> Iterable[tuple[int, Html]]:
    """The place of each cell that put something out, and what is shown of that."""
    left = MAX_SHOWN_CHARS
    for place, cell in enumerate(cells):
        outputs = cell.get("outputs")
        if cell.get("cell_type") == "code" and isinstance(outputs, list) and outputs:
            html = _outputs(outputs, left)
            left -= len(html)
            yield place, html


def _outputs(outputs: list[object], left: int) -> Html:
    shown: list[Html] = []
    for output in outputs:
        html = shown_output(output)
        left -= len(html)
        if left < 0:
            rest = plural(len(outputs) - len(shown), "output")
            shown.append(note(f"{rest} not shown: the notebook is too large for a page"))
            break
        shown.append(html)
    return join(shown)


def _converted(cells: list[dict[str, Any]]) -> str | None:
    """The cells as HTML; None where the renderer breaks on one of them."""
    notebook = {
        "nbformat": 4, "nbformat_minor": 4, "cells": cells,
        "metadata": {"language_info": {"name": "python"}},
    }  # fmt: skip
    try:
        return str(_exporter().from_file(io.StringIO(json.dumps(notebook)))[0])
    except Exception:  # noqa: BLE001 - words may break any part of a renderer; the page goes on
        return None


def _silent() -> logging.Logger:
    """Where nbconvert tells of pictures without a description, which is no news to a builder."""
    log = logging.getLogger("ops_model.site.nbconvert")
    log.setLevel(logging.CRITICAL)
    return log


@lru_cache(maxsize=1)
def _exporter() -> Any:  # noqa: ANN401 - nbconvert ships half its types
    """One exporter for all pages: with a template of ours, none of an installation's."""
    block_address_grammars()
    from nbconvert.exporters.html import HTMLExporter

    template = shipped("templates") / "site" / "notebook.html"
    made: Any = HTMLExporter(  # type: ignore[no-untyped-call]  # nbconvert ships half its types
        raw_template=template.read_text(encoding="utf-8"),
        template_name="base",
        exclude_anchor_links=True,
        default_preprocessors=[],  # nothing is left for them to do, and each validates it all
        log=_silent(),
    )
    # Words are made inert by themselves first, so that no cell swallows the next one.
    made.register_filter("inert", inert)
    return made


def _cell(cell: Mapping[str, Any], source: str, outputs: str) -> dict[str, Any]:
    """The words or the source of a cell and nothing else; `outputs` says where its outputs go."""
    kind = cell.get("cell_type")
    if kind == "markdown":
        made = {"cell_type": "markdown", "metadata": {}, "source": source}
        pictures = attached(cell)
        return made | ({"attachments": pictures} if pictures else {})
    if kind != "code":
        return _raw(source)
    stream = {"output_type": "stream", "name": "stdout", "text": outputs}
    return {
        "cell_type": "code", "metadata": {}, "execution_count": None, "source": source,
        "outputs": [stream] if outputs else [],
    }  # fmt: skip


def _raw(source: str) -> dict[str, Any]:
    return {"cell_type": "raw", "metadata": {}, "source": source}
