"""Words that promise nothing: free text that holds one of them says what nobody can check."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import groupby
from typing import Annotated, Any, NamedTuple, get_args, get_origin, get_type_hints

from pydantic import StringConstraints

from ops_model.domain.compliance import AuditQuestion
from ops_model.domain.decisions import ReviewQuestion
from ops_model.domain.incidents import TimelineEntry
from ops_model.domain.references import nodes
from ops_model.domain.scalars import Text
from ops_model.domain.system import StrategyClaim
from ops_model.domain.texts import as_read
from ops_model.domain.values import Claim, Value, Where

EMPTY_PHRASES: tuple[str, ...] = (
    "as appropriate", "as needed", "as required", "as soon as possible", "asap", "best effort",
    "best-effort", "etc", "fixme", "if possible", "in due course", "lorem ipsum", "n/a",
    "no later than necessary", "on a best efforts basis", "tba", "tbc", "tbd", "to be announced",
    "to be confirmed", "to be decided", "to be defined", "to be determined", "todo", "we wait",
    "when possible", "when time permits", "where feasible", "world-class",
)  # fmt: skip
"""Whole words, whatever their case (S1.38)."""

_NOTHING = frozenset({"never", "no", "none", "nil", "nothing"})
_WORDS = re.compile(r"[^\W_]+")
_OF_NOTHING = _NOTHING.union(*(_WORDS.findall(phrase) for phrase in EMPTY_PHRASES))

WORDS_OF_OTHERS: frozenset[tuple[type[Value], str]] = frozenset({
    (StrategyClaim, "text"),
    (AuditQuestion, "question"),
    (ReviewQuestion, "question"),
    (TimelineEntry, "text"),
})  # fmt: skip
"""What somebody else said or asked stands as it was said."""

_BY_LETTER = groupby(sorted(EMPTY_PHRASES), key=lambda phrase: phrase[0])
# Told apart by their first letter: at most letters of a text no phrase begins, and trying all of
# them there took more than twice as long.
_ANY = "|".join(
    f"{letter}(?:{'|'.join(re.escape(phrase[1:]) for phrase in phrases)})"
    for letter, phrases in _BY_LETTER
)
_WHOLE = rf"(?<![\w/-])(?:{_ANY})(?![\w/-])"
_EMPTY = re.compile(_WHOLE, re.IGNORECASE)
# Hardly a text holds one, and to find none takes half the time where no case is told apart.
_EMPTY_IN_LOWER = re.compile(_WHOLE)
_TEXT = next(c for c in get_args(Text) if isinstance(c, StringConstraints))


def empty_phrases(text: str) -> tuple[str, ...]:
    """The empty phrases in a text, as they are read."""
    read = " ".join(as_read(text).split())
    if read.isascii() and _EMPTY_IN_LOWER.search(read.lower()) is None:
        return ()
    return tuple(match[0] for match in _EMPTY.finditer(read))


class FreeText(NamedTuple):
    """A free text, and the claim and key under which it stands."""

    text: str
    node: Claim
    key: str
    below: object

    @property
    def where(self) -> Where:
        """Its place; hardly any is asked for it."""
        return self.node.places.get(f"{self.key}.{self.below}", self.node.place_of(self.key))


def free_texts(value: object) -> Iterator[FreeText]:
    """Every free text of one's own in a claim, with its place; words of others are left out."""
    for node in nodes(value):
        for key in _text_keys(type(node)):
            for below, text in _each(getattr(node, key)):
                yield FreeText(text, node, key, below)


def has_a_word_of_its_own(text: str) -> bool:
    """True where a plain word of the text stands in no empty phrase; most texts begin with one."""
    return any(
        len(word) > 1 and word.isascii() and word.isalnum() and word.lower() not in _OF_NOTHING
        for word in text.split()
    )


def says_nothing(text: str) -> bool:
    """True for a text that holds no word but empty phrases, `none` or the like; a dash is one."""
    if has_a_word_of_its_own(text):
        return False
    rest = _EMPTY.sub(" ", " ".join(as_read(text).split()))
    return _NOTHING.issuperset(_WORDS.findall(rest.casefold()))


def _each(written: object) -> tuple[tuple[object, str], ...]:
    """The texts under one key, each with its place there: none, one, several, or a mapping's."""
    if isinstance(written, str):
        return (("", written),)
    if written is None:
        return ()
    if isinstance(written, Mapping):
        return tuple(written.items())
    return tuple(enumerate(written)) if isinstance(written, Iterable) else ()


@cache
def _text_keys(cls: type[Value]) -> tuple[str, ...]:
    hints = get_type_hints(cls, include_extras=True)
    mine = [key for key in cls.model_fields if _holds_text(hints[key])]
    return tuple(key for key in mine if (cls, key) not in WORDS_OF_OTHERS)


def _holds_text(hint: Any) -> bool:  # noqa: ANN401 - a type hint may be anything
    if get_origin(hint) is Annotated:
        return _TEXT in get_args(hint) or _holds_text(get_args(hint)[0])
    return any(_holds_text(part) for part in get_args(hint))
