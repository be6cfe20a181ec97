"""Which texts are random enough to be a key, and which random ones belong to every report.

Digests, ids of runs, UUIDs and pictures are as random as a key is; they are known by their form.
A name of a column may be long and have numbers in it, so what is asked is whether a text has
anything like words.
"""

import math
import re
from collections import Counter

LEAST_BITS = 4.0
LEAST_LENGTH = 24
RANDOM = re.compile(
    # Pictures, and the fingerprints of keys: passed over as a whole.
    r"(?P<known>data:image/(?:png|jpeg|gif|webp);base64,(?:iVBORw0KGgo|/9j/|R0lGOD|UklGR)"
    r"[A-Za-z0-9+/]*+={0,2}|(?<![A-Za-z0-9+/])iVBORw0KGgo[A-Za-z0-9+/]*+={0,2}"
    r"|\b(?i:sha(?:256|384|512))[:-][A-Za-z0-9+/]{43,88}+={0,2})"
    rf"|(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{{{LEAST_LENGTH},}}+={{0,2}}"
)
_OURS = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|[0-9a-f]{128}|[0-9a-f]{96}|[0-9a-f]{64}|[0-9a-f]{56}|[0-9a-f]{40}|[0-9a-f]{32}|[0-9a-f]{16}"
    r"|\d{8}T\d{6}(?:\d{3,6})?Z?(?:-[0-9a-f]{8})?"
    r")(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")
_PARTS = re.compile(r"[A-Za-z0-9]+")
_LEAST_PART = 12
_WORD_LENGTH = 3.5
_LOOKED_AT = 4096


def is_random(text: str) -> bool:
    """True when a text of at least 24 characters has the randomness of a key, and no words.

    A key has no words: cut where letters, capitals and digits meet, its longest part falls into
    pieces of fewer than three and a half characters on average. Names, paths and digests do not.
    """
    rest = _OURS.sub("", text[:_LOOKED_AT])
    if len(rest) < LEAST_LENGTH or entropy(rest) < LEAST_BITS:
        return False
    longest = max(_PARTS.findall(rest), key=len, default="")
    if len(longest) < _LEAST_PART:
        return False
    return len(longest) / len(_WORDS.findall(longest)) < _WORD_LENGTH


def entropy(text: str) -> float:
    """Bits for each character, after Shannon, by how often each occurs in this very text."""
    length = len(text)
    return -sum(n / length * math.log2(n / length) for n in Counter(text).values())
