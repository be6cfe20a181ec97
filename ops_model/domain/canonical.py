"""Canonical JSON (RFC 8785): the one text of a value, and its bytes read back.

The library writes it in pure Python. What claims and records hold is nearly always plain, and for
that the encoders in C and Rust give the same bytes. `_plain` says when; all else is left to the
library, which also refuses what has no canonical form.
"""

import json
import re
from types import NoneType
from typing import Any

import rfc8785
from pydantic_core import from_json, to_json

MOST_WHOLE = 2**53 - 1
"""The largest whole number that canonical JSON holds."""

_NESTED = frozenset({dict, list, tuple})
_WRITTEN_ALIKE = frozenset({str, bool, NoneType})
# A float is written with the fewest digits that give it back; between these also in one form.
_LEAST_FLOAT, _MOST_FLOAT = 1e-4, 1e15
# Canonical JSON writes 1e16 like a whole number, so whoever reads so many digits must choose.
_MANY_DIGITS = re.compile(rb"[:,\[]-?[0-9]{16}")
# The same with every digit a 0 and no sign: plain bytes are found in a fraction of the time.
_ALL_ZERO = bytes.maketrans(b"123456789", b"000000000")
_MANY_ZEROS = tuple(before + b"0" * 16 for before in (b":", b",", b"["))
_encoded = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, sort_keys=True,
    separators=(",", ":"),
).encode  # fmt: skip


def canonical_json(plain: Any) -> bytes:  # noqa: ANN401 - any JSON value
    """The canonical bytes of a JSON value.

    Raises:
        CanonicalizationError: it has none: NaN, an integer of 2**53 or more, a lone surrogate, a
            key that is no text, a value that is not JSON.
    """
    fast = _fast(plain) if type(plain) in _NESTED else None
    return rfc8785.dumps(plain) if fast is None else fast


def read_exactly(stored: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """The object or list that stored bytes hold; None where only a closer look can tell.

    What was read gives the very bytes again, so no key stands in them twice, and no number lost a
    digit. Bytes for which None is returned may be canonical nevertheless.
    """
    try:
        content = from_json(stored, allow_inf_nan=False)
        exact = type(content) in _NESTED and to_json(content) == stored
    except (ValueError, RecursionError):
        return None
    return None if not exact or _has_many_digits(stored) else content


def _has_many_digits(stored: bytes) -> bool:
    alike = stored.translate(_ALL_ZERO, b"-")
    maybe = any(zeros in alike for zeros in _MANY_ZEROS)
    return maybe and _MANY_DIGITS.search(stored) is not None


def _fast(node: Any) -> bytes | None:  # noqa: ANN401 - a dict, list or tuple
    try:
        if _plain(node):
            return _encoded(node).encode("utf-8")
        node = _whole_as_integers(node)
        return _encoded(node).encode("utf-8") if _plain(node) else None
    except (TypeError, UnicodeEncodeError):  # a key that is no text, half of a character
        return None


def _plain(node: Any) -> bool:  # noqa: ANN401 - a dict, list or tuple
    """Whether all encoders write the same of what is inside, but for the order of keys."""
    items = node
    if type(node) is dict:
        # Beyond ASCII the RFC sorts by UTF-16 units, and Python by characters.
        if not "".join(node).isascii():
            return False
        items = node.values()
    for item in items:
        kind = type(item)
        if kind in _WRITTEN_ALIKE:
            continue
        if kind in _NESTED:
            if not _plain(item):
                return False
        elif not _plain_number(item, kind):
            return False
    return True


def _whole_as_integers(node: Any) -> Any:  # noqa: ANN401 - any JSON value
    """The same with 1.0 as 1, which is how the RFC writes it."""
    kind = type(node)
    if kind is dict:
        return {key: _whole_as_integers(item) for key, item in node.items()}
    if kind in _NESTED:
        return [_whole_as_integers(item) for item in node]
    whole = kind is float and abs(node) < _MOST_FLOAT and node.is_integer()
    return int(node) if whole else node


def _plain_number(item: Any, kind: type) -> bool:  # noqa: ANN401 - a number, or no JSON at all
    if kind is int:
        return bool(-MOST_WHOLE <= item <= MOST_WHOLE)
    return kind is float and _LEAST_FLOAT <= abs(item) < _MOST_FLOAT and not item.is_integer()
