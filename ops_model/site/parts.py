"""The few shapes that cards are made of, in inline styles that JupyterLab's sanitiser keeps.

An output opens untrusted: `<style>`, inline `<svg>`, scripts and `var()` are removed. So text
takes the colour of its surroundings, colour stands only on glyph, word and border, and a small
chart is an `<img>` with its picture inside the address.
"""

from collections.abc import Sequence
from urllib.parse import quote

from ops_model.domain.evidence import Measured, Record
from ops_model.site import words
from ops_model.site.markup import Html, join, tag
from ops_model.site.words import Look

_CARD = "border:1px solid #8a8a8a;border-left:5px solid {};padding:10px 14px;margin:8px 0;max-width:920px;overflow-x:auto"  # noqa: E501 - one style, one line
_CELL = "text-align:left;vertical-align:top;padding:3px 14px 3px 0;overflow-wrap:break-word"
_QUIET = "opacity:.75"
SVG_SAFE = "/:=,.-()'"
"""What may stand unquoted in the address of a picture."""
Row = Sequence[object]


def frame(title: str, look: Look, record: Record, *body: object, simulated: bool = False) -> Html:
    """A card: glyph and word, title, the body, and what the record rests on."""
    noted = [simulated_note()] if simulated else []
    return bare(title, look, *noted, *body, _foot(record))


def bare(title: str, look: Look, *body: object) -> Html:
    """A card that rests on no record."""
    head = tag("div", chip(look), " ", tag("strong", title), style="font-size:1.1em")
    return tag("div", head, *body, style=_CARD.format(look.colour))


def chip(look: Look) -> Html:
    """Glyph and word in their colour."""
    return tag("span", look.text, style=f"color:{look.colour};font-weight:700;white-space:nowrap")


def simulated_note() -> Html:
    """What every page says that shows a simulated system."""
    return tag(
        "div", tag("strong", "simulated"), ": the rows behind these numbers are made up",
        style="margin:2px 0",
    )  # fmt: skip


def line(*content: object) -> Html:
    """A paragraph."""
    return tag("div", *content, style="margin:4px 0;overflow-wrap:anywhere")


def quiet(*content: object) -> Html:
    """Text that stands back."""
    return tag("span", *content, style=_QUIET)


def table(head: Row, rows: Sequence[Row]) -> Html:
    """A table, left-aligned; no header row where `head` is empty."""
    cell = [_heading(str(title)) for title in head]
    top = [tag("thead", tag("tr", *cell))] if head else []
    body = [tag("tr", *_cells(head, row)) for row in rows]
    return tag(
        "table", *top, tag("tbody", *body),
        style="border-collapse:collapse;margin:6px 0;text-align:left",
    )  # fmt: skip


def _heading(title: str) -> Html:
    """A column's title; where it has none, a cell that no reader takes for a header."""
    if not title:
        return tag("td", style=_CELL)
    return tag("th", title, style=f"{_CELL};font-weight:600", scope="col")


def _cells(head: Row, row: Row) -> list[Html]:
    """The cells of a row; each knows its column's title, for screens too narrow for a header."""
    titles = [str(title) for title in head] + [""] * (len(row) - len(head))
    return [
        tag("td", item, style=_CELL, **({"data-label": title} if title else {}))
        for title, item in zip(titles, row, strict=True)
    ]


def fact(name: str, measured: Measured | None, *, unit: str | None = None) -> Row:
    """A table row of one number: name, value, and what it rests on."""
    if measured is None:
        return (name, tag("strong", "not set"), "")
    shown = tag("strong", words.value(measured, unit=unit))
    basis = f"{words.interval(measured, unit=unit)}, {words.held(words.count(measured))}"
    return (name, shown, quiet(basis))


def on_a_page(html: str) -> Html:
    """The same where a page's style sheet says it for every cell, a third shorter.

    JupyterLab aligns cells to the right and drops style sheets, so a card says it in each cell.
    """
    return Html(html.replace(f' style="{_CELL}"', ""))


def with_level(name: str, measured: Measured) -> str:
    """The head of a column of `words.brief`: what it holds, and of which level its intervals."""
    if measured.low is None or measured.level >= 1:
        return name
    return f"{name} ({words.held(f'{measured.level * 100:.0f} % interval')})"


def sentences(title: str, items: Sequence[object]) -> list[Html]:
    """A short list under a title, or nothing when there is nothing to say."""
    if not items:
        return []
    entries = [tag("li", item, style="overflow-wrap:anywhere") for item in items]
    return [line(tag("strong", title)), tag("ul", *entries, style="margin:2px 0 6px 0")]


def picture(svg: str, label: str) -> Html:
    """A small chart as an image; empty where there is no chart."""
    if not svg:
        return Html("")
    address = f"data:image/svg+xml,{quote(svg, safe=SVG_SAFE)}"
    return tag("img", src=address, alt=label, style="max-width:100%;margin:4px 0")


def _foot(record: Record) -> Html:
    read = [words.plural(len(record.inputs), "input")] if record.inputs else []
    claims = [ref.file for ref in record.claims]
    parts = [f"as of {words.instant(record.as_of)}", *read, *claims]
    return tag("div", join([quiet(part) for part in parts], " · "), style="font-size:.9em")
