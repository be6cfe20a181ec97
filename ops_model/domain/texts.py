"""Which words may stand in a claim or a record: visible ones that say something, and no secrets.

What is written once stands in the ledger, in sealed bundles and on pages for ever, so addresses of
people, phone numbers and passwords are refused before they get there. A refusal never repeats a
password: it says how long the text was.
"""

import re
import unicodedata
from functools import lru_cache

from pydantic_core import PydanticCustomError

SECRET = "secret"  # noqa: S105 - the name of a kind of error, no password
"""The kind of error whose message must not show what was written."""
MASKED = "not shown here"
MAX_ROUTE = 200

# Control characters; the separators that YAML counts as line ends and editors do not; the marks
# that turn the direction of text, with which a line can be shown as another than it is.
_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069"
# What nobody sees and no script needs: spaces of no width, word joiners, marks of byte order, soft
# hyphens, fillers, notes to interlinear text, tags. Emoji and Persian need the joiners U+200C and
# U+200D, and Hebrew and Arabic their marks of direction: these stay.
_UNSEEN = (
    "\u00ad\u115f\u1160\u180e\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"
    "\U000e0000-\U000e007f"
)
HIDDEN = re.compile(f"[{_CONTROLS}{_UNSEEN}]")
"""A character that no text may hold, because nobody would see it or see what it does."""
HIDDEN_LETTERS = ("\u115f", "\u1160", "\u3164", "\uffa0")
"""Those among them that Unicode counts as letters, and Python as printable."""
_UNSEEN_ONE = re.compile(f"[{_UNSEEN}]")

# A password before the `@` of an address, or something before it that is too long for a name. A
# colon with a port behind it is none: https://registry:5000/image@sha256.
CREDENTIALS = re.compile(r"://(?:[^\s/?#@:]*:(?!\d{1,5}[/?#])[^\s@]*|[^\s/?#@]{20,})@")
"""What stands before the `@` of an address and may open a door."""
_EMAIL = re.compile(
    r"[^\s@]{1,64}(?:@|\s?[(\[]at[)\]]\s?)[^\s@]{1,190}?(?:\.|\s?[(\[]dot[)\]]\s?)[^\s@.]+",
    re.IGNORECASE,
)
# A number with a country code or grouped as phone numbers are, or a short one that is said to be
# one. Dates, times and counts are no such thing.
PHONE = re.compile(
    r"(?<![\w.:-])(?:\+\d[\d ()./-]{6,}\d|\(?0\d{1,4}\)?[ ./-]?\d[\d ./-]{4,}\d"
    r"|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4})(?!\w)"
    r"|(?i:\b(?:call|dial|fax|mobile|phone|ring|tel|telephone)\b)[^\w\n]{1,4}\d{3}[ .-]\d{4}(?!\w)"
)
"""A text that looks like a phone number."""
# A route is a name, so what would be a range of numbers or a commit elsewhere is none here.
_NO_ROUTE = re.compile(
    r"://|\S@\S|\S\s?[(\[]at[)\]]\s?\S|(?<![\w.-])\d{3}[ .-]\d{4}(?!\w)|\d[ /.-]?(?:\d[ /.-]?){8,}"
    r"|(?<![\w-])(?=\w*\d)(?=\w*[A-Za-z])\w{24,}(?![\w-])",
    re.IGNORECASE,
)


def words(text: str) -> str:
    """A text that says something, and holds no password.

    Raises:
        ValueError: it holds no letter, digit or symbol, or an address with a password in it.
    """
    # Every text of every claim comes by here, so the common case is two questions.
    if not text[0].isalnum() and not says_something(text):
        msg = "expected words"
        raise ValueError(msg)
    return without_password(text) if "://" in text else text


def without_password(text: str) -> str:
    """A text that may hold an address, as long as that holds no password.

    Raises:
        PydanticCustomError: it does.
    """
    if "://" in text and CREDENTIALS.search(text):
        raise PydanticCustomError(
            SECRET, "expected no password in an address; secrets stand in the environment"
        )
    return text


def route(text: str) -> str:
    """The name of a route, such as `page: flight-delay primary`.

    Raises:
        ValueError: it is an address, a phone number or a token, or too long for a name.
    """
    if not _is_a_name(text):
        raise PydanticCustomError(
            SECRET,
            "expected the name of a route, such as page: flight-delay primary; addresses and "
            "tokens stand in the environment",
        )
    return text


@lru_cache(maxsize=4096)
def _is_a_name(text: str) -> bool:
    # A system has few routes and names each of them many times.
    return len(text) <= MAX_ROUTE and not _NO_ROUTE.search(text) and not contact_in(text)


def says_something(text: str) -> bool:
    """True when at least one character is a letter, a digit or a symbol."""
    return any(unicodedata.category(character)[0] in "LNS" for character in text)


def visible_length(text: str) -> int:
    """How many characters a reader sees; a run of blanks counts once."""
    seen = " ".join(text.split())
    return sum(unicodedata.category(character)[0] not in "CM" for character in seen)


def hidden_in(text: str) -> str:
    """What a text holds that nobody sees, such as `the control character U+0007`, or nothing."""
    found = HIDDEN.search(text)
    if found is None:
        return ""
    kind = "invisible" if _UNSEEN_ONE.match(found[0]) else "control"
    return f"the {kind} character U+{ord(found[0]):04X}"


def contact_in(text: str) -> str:
    """The first e-mail address or phone number in a text, or nothing."""
    found = _EMAIL.search(text) or PHONE.search(text)
    return found[0] if found is not None else ""


def without_credentials(text: str) -> str:
    """The text to show: what stands before the `@` of an address is not shown."""
    return CREDENTIALS.sub("://***@", text) if "://" in text else text


def masked(value: object) -> str:
    """What is said in the place of a value that must not be shown."""
    return f"a text of {len(str(value))} characters, {MASKED}"


def as_read(text: str) -> str:
    """The text as its reader understands it: look-alike letters made one, nothing unseen in it."""
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFKC", text)
    return "".join(c for c in plain if unicodedata.category(c) != "Cf")
