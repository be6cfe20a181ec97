"""Plain values to YAML text that reads back as the very same text, here and in other tools.

Our reader leaves every scalar a text, other tools do not: for YAML 1.1 `NO` is false, `12:30:45` a
number and `1.10` is 1.1. So a text that somebody else could take for something is quoted.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from ops_model.domain.scalars import AwareTime, CivilTime, Day, Days, Flag, SampleValue, Share
from ops_model.domain.values import ClaimFile, Money, Value, iso_utc
from ops_model.store.expectation import alternatives, below, plain
from ops_model.store.yaml_nodes import MAX_DEPTH

Tree = Any
"""What a reader sees: texts, None, lists and dicts of these."""

_WIDTH = 96
_STARTS_PLAIN = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`=]|-[0-9]")
_TAKEN_FOR_ELSE = re.compile(
    r"(?i:y|n|yes|no|on|off|true|false|null|~|<<)|"
    r"[-+]?[\d._][\d_.,:eExXoO+\-a-fA-F]*|[-+]?\.(?i:inf|nan)|\d{4}-\d\d?-\d\d?([Tt ].*)?"
)
_ESCAPED = re.compile('[\x00-\x1f"\\\\\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]')
_NO_TEXT = (AwareTime, CivilTime, Day, Days, Flag, SampleValue, Share)
"""Kinds that are written bare although their text could be taken for something else: it is."""


def tree_of(value: object) -> Tree:
    """A Python value as the tree that reading its YAML gives.

    Raises:
        TypeError: it holds something that no YAML of ours can say, holds itself, or is nested
            more deeply than a file may be.
    """
    return _tree(value, ())


def _tree(value: object, above: tuple[int, ...]) -> Tree:
    if value is None or isinstance(value, str):
        return None if value is None else str(value)
    if isinstance(value, Value):
        return _tree_of_model(value, _deeper(value, above))
    if isinstance(value, Mapping):
        inside = _deeper(value, above)
        return {str(key): _tree(item, inside) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        inside = _deeper(value, above)
        return [_tree(item, inside) for item in value]
    return _text_of(value)


def _deeper(value: object, above: tuple[int, ...]) -> tuple[int, ...]:
    """The identities of what `value` stands in, and its own."""
    if id(value) in above:
        msg = f"holds a {type(value).__name__} that holds itself; expected values that end"
        raise TypeError(msg)
    if len(above) >= MAX_DEPTH:
        msg = f"is nested more than {MAX_DEPTH} levels deep; expected at most {MAX_DEPTH}"
        raise TypeError(msg)
    return (*above, id(value))


def texts_in(tree: Tree) -> Iterator[str]:
    """Every text of a tree, names of keys included."""
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, dict):
        for key, item in tree.items():
            yield key
            yield from texts_in(item)
    elif isinstance(tree, list):
        for item in tree:
            yield from texts_in(item)


def _text_of(value: object) -> str:
    for kind, write in _WRITTEN:
        if isinstance(value, kind):
            return write(value)
    msg = f"is a {type(value).__name__}; expected text, a number, True, False, None, [] or {{}}"
    raise TypeError(msg)


def _float(value: float) -> str:
    text = repr(value)
    return f"{Decimal(text):f}" if "e" in text else text


def _instant(value: datetime) -> str:
    return iso_utc(value) if value.tzinfo else value.isoformat()


# In this order: True is an int to Python, and an instant is a date.
_WRITTEN: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (bool, lambda value: "true" if value else "false"),
    (int, str),
    (float, _float),
    (Decimal, "{:f}".format),
    (datetime, _instant),
    (date, date.isoformat),
)


def _tree_of_model(value: Value, above: tuple[int, ...]) -> Tree:
    if isinstance(value, Money):
        return f"{value.amount:f} {value.currency}"
    said = {}
    for name, info in type(value).model_fields.items():
        item = getattr(value, name)
        if info.is_required() or item != info.get_default(call_default_factory=True):
            said[name] = _tree(item, above)
    return said


def to_yaml(value: ClaimFile) -> str:
    """A claim file as YAML; what is at its default is left out."""
    lines = block(tree_of(value), type(value), 0)
    return "".join(f"{line}\n" for line in lines)


def scalar(text: str | None, annotation: object, *, style: str = "") -> str:
    """A scalar on one line; `style` is the quote that it had before, kept where it can be."""
    if text is None:
        return "null"
    if _ESCAPED.search(text.replace('"', "").replace("\\", "")) or style == '"':
        return f'"{_ESCAPED.sub(_escape, text)}"'
    if style == "'" or not _may_be_plain(text, annotation):
        return "'" + text.replace("'", "''") + "'"
    return text


def _escape(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]


def _may_be_plain(text: str, annotation: object) -> bool:
    if not text or text != text.strip() or not _STARTS_PLAIN.match(text):
        return False
    # Commas and brackets would end it inside of [] and {}; one rule for all places is enough.
    if ": " in text or " #" in text or text.endswith(":") or re.search(r"[,\[\]{}]", text):
        return False
    if text in {"null", "~"} or text.startswith(("---", "...")):
        return False
    return _TAKEN_FOR_ELSE.fullmatch(text) is None or not _is_text(annotation)


def _is_text(annotation: object) -> bool:
    for option in alternatives(annotation):
        inner, _ = plain(option)
        if option in _NO_TEXT or inner in {None, Any, int, float, bool, Decimal, date, datetime}:
            return False
    return True


def flow(tree: Tree, annotation: object) -> str:
    """A tree on one line."""
    if isinstance(tree, dict):
        items = (
            f"{scalar(key, str)}: {flow(item, below(annotation, key))}"
            for key, item in tree.items()
        )
        return "{" + ", ".join(items) + "}"
    if isinstance(tree, list):
        return "[" + ", ".join(flow(item, below(annotation, 0)) for item in tree) + "]"
    return scalar(cast("str | None", tree), annotation)


def fits_inline(tree: Tree, annotation: object, column: int) -> bool:
    """True when a value reads best behind its key: scalars, and short lists of scalars."""
    if isinstance(tree, dict | list):
        items = [] if isinstance(tree, dict) else tree
        nested = any(isinstance(item, dict | list) for item in items)
        empty = not tree
        short = column + len(flow(tree, annotation)) <= _WIDTH
        return empty or (isinstance(tree, list) and not nested and short)
    return True


def block(tree: Tree, annotation: object, column: int) -> list[str]:
    """The lines of a mapping or a list in block style, indented by `column`."""
    indent = " " * column
    lines: list[str] = []
    if isinstance(tree, dict):
        for key, item in tree.items():
            lines += entry(key, item, below(annotation, key), column)
        return lines
    for item in tree:
        inner = below(annotation, 0)
        if fits_inline(item, inner, column + 2):
            lines.append(f"{indent}- {flow(item, inner)}")
        else:
            first, *rest = block(item, inner, column + 2)
            lines += [f"{indent}- {first.lstrip()}", *rest]
    return lines


def entry(key: str, item: Tree, annotation: object, column: int) -> list[str]:
    """The lines of one key and its value in a block mapping."""
    name = f"{' ' * column}{scalar(key, str)}:"
    if fits_inline(item, annotation, len(name) + 1):
        return [f"{name} {flow(item, annotation)}"]
    return [name, *block(item, annotation, column + 2)]
