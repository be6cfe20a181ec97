"""HTML that others wrote, made inert: a list of what may stay, and all else is taken out.

What stays: text, headings, lists, tables, the plain styles that our own cards are made of, and
pictures that lie within the page. What goes: scripts, forms, frames, links, drawings in the text,
style sheets, and every address; a link leaves its text behind.
"""

import base64
import binascii
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from ops_model.site.markup import Html, clean

if TYPE_CHECKING:
    from nh3 import Cleaner

MAX_PIXELS: Final = 40_000_000
"""The largest picture: a few bytes may say that they are a wall of pixels."""

MAX_ELEMENTS: Final = 8_000
"""The most elements of one output: what reads HTML takes quadratic time where they are nested."""

_TAGS: Final = frozenset({
    "abbr", "b", "blockquote", "br", "caption", "code", "col", "colgroup", "dd", "del", "div",
    "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i",
    "img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "s", "samp", "section", "small",
    "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u",
    "ul", "var",
})  # fmt: skip
# Their content is no text for a reader, or is read by other rules than those of HTML.
_WITH_CONTENT: Final = frozenset({
    "applet", "audio", "button", "canvas", "embed", "frame", "frameset", "head", "iframe",
    "math", "noembed", "noframes", "noscript", "object", "plaintext", "script", "select",
    "style", "svg", "template", "textarea", "title", "video", "xmp",
})  # fmt: skip
_ATTRIBUTES: Final = {
    "*": {"style", "class"},
    "img": {"src", "alt"},
    "ol": {"start"},
    "td": {"colspan", "rowspan", "data-label"},
    "th": {"colspan", "rowspan", "scope"},
}
_STYLES: Final = frozenset({
    "border", "border-bottom", "border-collapse", "border-left", "border-right", "border-top",
    "color", "font-size", "font-style", "font-weight", "margin", "max-width", "opacity",
    "overflow-wrap", "overflow-x", "padding", "text-align", "text-decoration", "vertical-align",
    "white-space",
})  # fmt: skip
# What a style may not say, whatever the property: an address, a function, an escape, a step
# outside its own box.
_ODD_STYLE: Final = re.compile(r"[\\@{}<>\"'(]|[:\s,]-[\d.]")
# Of the appendix's own template, and pygments' short names.
_CLASSES: Final = frozenset({"cell", "code", "number", "output", "record", "words", "highlight"})
_TOKEN: Final = re.compile(r"[a-z][a-z0-9]{0,2}")
_ELEMENT: Final = re.compile("<[A-Za-z]")
_PNG: Final = re.compile(r"data:image/png;base64,([A-Za-z0-9+/]+={0,2})")
# As the cleaner writes it: quotes in a value are escaped there, so none of these ends one.
_NO_PICTURE: Final = re.compile(r'<img(?: (?!src=)[a-z-]+="[^"]*")*>')
_SVG: Final = re.compile(r"data:image/svg\+xml(?:;base64)?,[A-Za-z0-9+/=%._~!$&'()*,;:@?-]+")


def inert(html: str, *, most: int = MAX_ELEMENTS) -> Html:
    """The part of some HTML that shows and does nothing, well formed and without an address.

    Where it has more than `most` elements, a word on that stands in its place.
    """
    if (count := len(_ELEMENT.findall(html))) > most:
        return Html(f"[{count:,} elements, not shown]")
    kept = _NO_PICTURE.sub("[a picture that is not shown]", _cleaner().clean(html))
    return Html(clean(kept))


def is_png(text: str) -> bool:
    """Whether base64 text is a PNG by its first bytes, and of a size that a page can show."""
    try:
        start = base64.b64decode(text, validate=True)[:24]
    except (binascii.Error, ValueError):
        return False
    if not start.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR") or len(start) < 24:
        return False
    wide, high = int.from_bytes(start[16:20], "big"), int.from_bytes(start[20:24], "big")
    return 0 < wide * high <= MAX_PIXELS


@lru_cache(maxsize=1)
def _cleaner() -> "Cleaner":
    from nh3 import Cleaner

    return Cleaner(
        tags=set(_TAGS),
        clean_content_tags=set(_WITH_CONTENT),
        attributes={name: set(allowed) for name, allowed in _ATTRIBUTES.items()},
        attribute_filter=_attribute,
        filter_style_properties=set(_STYLES),
        url_schemes={"data"},
        url_relative="deny",
        link_rel=None,
        strip_comments=True,
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    """The value that an attribute keeps, or None where it goes."""
    if name == "style":
        return None if _ODD_STYLE.search(value) else value
    if name == "class":
        return _classes(tag, value)
    if name == "src":
        return value if _is_picture(value) else None
    return value


def _classes(tag: str, value: str) -> str | None:
    kept = [
        word
        for word in value.split()
        if (_TOKEN.fullmatch(word) if tag == "span" else word in _CLASSES)
    ]
    return " ".join(kept) or None


def _is_picture(address: str) -> bool:
    """Whether an address is a picture by itself; a browser loads nothing for one of an `img`."""
    if found := _PNG.fullmatch(address):
        return is_png(found[1])
    return _SVG.fullmatch(address) is not None
