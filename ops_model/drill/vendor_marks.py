"""How the drill knows its own answers again: who answered, which request, by which model.

The stand-in writes a mark into each good answer and another into each body of a fault. What a user
got is told by those marks alone, so no client has to say truly where its answer came from.
"""

import re
from typing import Literal, NamedTuple

Who = Literal["primary", "backup"]

FAULT_MARK = "stand-in-fault"
"""Stands in everything that the stand-in sends as a fault: whoever passes it on gave no answer."""
UNKNOWN = "-"
_REFERENCE = re.compile(r"(?:\(reference |\[(?:primary|backup) )([0-9a-f]{8})\b")
_MARK = re.compile(r"\[(primary|backup) ([0-9a-f]{8}|-) (\S{1,200}?)\]")


class Mark(NamedTuple):
    """Who wrote an answer, to which request (`-` where it was not passed on), by which model."""

    who: str
    nonce: str
    model: str


def with_reference(question: str, nonce: str) -> str:
    """The question with a reference that the stand-in repeats in its answer."""
    return f"{question} (reference {nonce})"


def reference_in(text: str) -> str:
    """The last reference in a prompt; earlier ones belong to the conversation before.

    A client may ask twice, the second time with the first answer alone: its mark holds it too.
    """
    found = _REFERENCE.findall(text)
    return found[-1] if found else UNKNOWN


def marked(text: str, mark: Mark) -> str:
    """An answer that can be known again."""
    return f"{text} [{mark.who} {mark.nonce} {mark.model}]"


def mark_in(text: str) -> Mark | None:
    """The mark that an answer carries, None where the stand-in did not write it."""
    found = _MARK.search(text)
    return Mark(found[1], found[2], found[3]) if found else None
