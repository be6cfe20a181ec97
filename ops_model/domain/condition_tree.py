"""The tree of a condition, and which kinds of values may meet in it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["number", "text", "boolean", "time", "other"]
"""What a value is; `other`, such as a list, can only be asked whether it is missing."""
Operator = Literal[
    "and", "or", "not", "<", "<=", ">", ">=", "==", "!=", "in", "+", "-", "*", "/", "%",
    "missing", "length", "lower", "abs", "contains", "starts",
]  # fmt: skip

_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Constant:
    """A number, a text, or true or false."""

    value: float | int | str | bool
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Column:
    """The value of a named column; the name is looked up in a schema before any query."""

    name: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Operation:
    """What is asked or reckoned of its parts; `at` is the character where it begins, from one."""

    operator: Operator
    parts: "tuple[Node, ...]"
    at: int = field(default=0, compare=False)


Node = Constant | Column | Operation


def parts_of(root: Node) -> Iterator[Node]:
    """A node and all below it."""
    yield root
    if isinstance(root, Operation):
        for part in root.parts:
            yield from parts_of(part)


def truths(root: Node) -> Iterator[Column]:
    """The columns that have to be true or false, for the condition to mean anything."""
    wanted: list[Node] = [root]
    for part in parts_of(root):
        if isinstance(part, Operation) and _asks_for_truth(part):
            wanted += part.parts
    yield from (part for part in wanted if isinstance(part, Column))


def _asks_for_truth(node: Operation) -> bool:
    beside = any(isinstance(p, Constant) and isinstance(p.value, bool) for p in node.parts)
    return beside or node.operator in {"and", "or", "not"}


def check_kinds(root: Node, kind_of: Callable[[str], Kind | None]) -> None:
    """Refuse a condition that compares or reckons what cannot be, given each column's kind.

    Args:
        root: the whole condition.
        kind_of: the kind of a column, or None where it is not known.

    Raises:
        ValueError: a text is compared with a number, or the like.
    """
    _wants(root, _kind(root, kind_of), "boolean")


def _kind(node: Node, kind_of: Callable[[str], Kind | None]) -> Kind | None:
    if isinstance(node, Constant):
        return _kind_of_constant(node.value)
    if isinstance(node, Column):
        return kind_of(node.name)
    kinds = [_kind(part, kind_of) for part in node.parts]
    if node.operator in {"==", "!=", "in", "<", "<=", ">", ">="}:
        _agree(node, kinds)
        return "boolean"
    wanted, result = _SIGNATURES[node.operator]
    if wanted is not None:
        for part, kind in zip(node.parts, kinds, strict=True):
            _wants(part, kind, wanted)
    return result


_SIGNATURES: dict[Operator, tuple[Kind | None, Kind]] = {
    **dict.fromkeys(("and", "or", "not"), ("boolean", "boolean")),
    **dict.fromkeys(("+", "-", "*", "/", "%", "abs"), ("number", "number")),
    "missing": (None, "boolean"),
    "length": ("text", "number"),
    "lower": ("text", "text"),
    "contains": ("text", "boolean"),
    "starts": ("text", "boolean"),
}


def _kind_of_constant(value: object) -> Kind:
    if isinstance(value, bool):
        return "boolean"
    return "text" if isinstance(value, str) else "number"


def _wants(node: Node, kind: Kind | None, wanted: Kind) -> None:
    if kind is not None and kind != wanted:
        msg = f"expected {_A[wanted]} at character {node.at}, got {told(node)}, {_A[kind]}"
        raise ValueError(msg)


def _agree(node: Operation, kinds: list[Kind | None]) -> None:
    first, *others = node.parts
    ordered = node.operator in {"<", "<=", ">", ">="}
    for part, kind in zip(node.parts, kinds, strict=True):
        if kind == "other" or (ordered and kind in {"text", "boolean"}):
            msg = (
                f"expected {'a number' if ordered else 'a number or a text'} beside "
                f"{node.operator} at character {part.at}, got {told(part)}, {_A[kind]}"
            )
            raise ValueError(msg)
    for part, kind in zip(others, kinds[1:], strict=True):
        if kinds[0] is not None and kind is not None and kind != kinds[0]:
            msg = (
                f"expected {_A[kinds[0]]} at character {part.at}, to compare with {told(first)}, "
                f"got {told(part)}, {_A[kind]}"
            )
            raise ValueError(msg)


_A: dict[Kind, str] = {
    "number": "a number", "text": "a text", "boolean": "true or false", "time": "a time",
    "other": "of a type that cannot be compared",
}  # fmt: skip


def told(node: Node) -> str:
    """A part of a condition in a message: a column by its name, a constant as written."""
    if isinstance(node, Column):
        return f"column {short(node.name)}"
    if isinstance(node, Constant):
        return short(node.value)
    return f"what {node.operator} gives"


def short(value: object) -> str:
    """A value in a message, cut where it is long."""
    shown = repr(value)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
