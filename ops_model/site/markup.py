"""HTML that cannot be broken by data: text is escaped unless this module built it.

Data may hold anything: tags, control characters, marks that turn the direction of writing. `clean`
makes the invisible ones visible, so that a name cannot pretend to be another.
"""

import html
import re
from typing import Final

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
_VOID: Final = frozenset({"br", "hr", "img"})


class Html(str):
    """Text that is HTML already; templates and `tag` take it as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        """The HTML itself, for Jinja's autoescape."""
        return self


def clean(text: str) -> str:
    """The text with control, direction and zero-width characters written out, as `[U+202E]`."""
    return _HIDDEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)


def escape(content: object) -> str:
    """Content as HTML text: `Html` as it is, all else cleaned and escaped, quotes included."""
    if isinstance(content, Html):
        return str(content)
    return html.escape(clean(str(content)), quote=True)


def tag(name: str, *children: object, style: str = "", **attributes: str) -> Html:
    """An element; children and attribute values are escaped unless they are `Html`."""
    written = {"style": style, **attributes} if style else attributes
    start = name + "".join(f' {key}="{escape(value)}"' for key, value in written.items())
    if name in _VOID:
        return Html(f"<{start}>")
    return Html(f"<{start}>{''.join(escape(c) for c in children)}</{name}>")


def join(parts: list[Html], between: str = "") -> Html:
    """Pieces of HTML as one; `between` is escaped."""
    return Html(escape(between).join(parts))
