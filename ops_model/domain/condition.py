"""Conditions over named columns, such as `delay >= -60 and carrier in ['AA', 'UA']`.

A small language that is read and never run: Python's own parser makes a tree of it, and only what
is listed here may stand in that tree.

- columns by name, or `column('odd name')` where the name is no plain word;
- numbers, texts, `True` and `False`;
- `and`, `or`, `not`; comparisons, chained ones too; `in` and `not in` a list of constants;
  `is None` and `is not None`;
- `+`, `-`, `*`, `/` and `%`;
- `missing(x)`, `length(x)`, `lower(x)` (of A to Z), `abs(x)`, `contains(x, 't')`,
  `starts(x, 't')`.

It has three values. What is asked of a missing value is neither true nor false, and stays so
through `and`, `or` and `not` unless the other side settles it; NaN is missing, and so is what
nobody can reckon: a division by zero, or a remainder of what is no whole number.
"""

import ast
import io
import math
import tokenize
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator

from ops_model.domain.condition_tree import (
    Column,
    Constant,
    Node,
    Operation,
    Operator,
    check_kinds,
    parts_of,
    short,
)
from ops_model.domain.scalars import Text

LONGEST, MOST_PARTS, DEEPEST = 4000, 400, 30
_EXACT = 2**53

_COMPARED: dict[type[ast.cmpop], Operator] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
_RECKONED: dict[type[ast.operator], Operator] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Mod: "%",
}  # fmt: skip
_OF_ONE: dict[str, Operator] = {
    "missing": "missing", "length": "length", "lower": "lower", "abs": "abs",
}  # fmt: skip
_OF_TWO: dict[str, Operator] = {"contains": "contains", "starts": "starts"}


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that was read: its text, its tree, and the columns that it names, in order."""

    text: str
    root: Node
    columns: tuple[str, ...]


@lru_cache(maxsize=4096)
def parse(text: str) -> Condition:
    """The condition that a text says.

    Raises:
        ValueError: it says none, or more than a condition may; with the character, counted from
            one, what stands there, and what was expected.
    """
    written = text.strip()
    root = _Reader(written).read(_tree(written))
    columns = tuple(sorted({part.name for part in parts_of(root) if isinstance(part, Column)}))
    if not columns:
        msg = "expected a condition that names a column at least"
        raise ValueError(msg)
    check_kinds(root, lambda _: None)
    return Condition(written, root, columns)


def _tree(text: str) -> ast.expr:
    """What Python's parser makes of it; nothing is compiled, and nothing is run."""
    if len(text) > LONGEST:
        msg = f"expected at most {LONGEST} characters, got {len(text)}"
        raise ValueError(msg)
    _refuse_comments(text)
    try:
        with warnings.catch_warnings():
            # What Python only warns of, such as an unknown escape, may be meant otherwise.
            warnings.simplefilter("error")
            return ast.parse(text.replace("\n", " "), mode="eval").body
    except SyntaxError as error:
        at = max(1, min(error.offset or len(text) + 1, len(text) + 1))
        got = short(text[at - 1 :]) if text[at - 1 :] else "its end"
        msg = (
            f"expected a condition over columns, got {got} at character {at} ({error.msg}); a "
            "column whose name is no plain word is written column('its name')"
        )
    except (ValueError, RecursionError, MemoryError, Warning) as error:
        why = type(error).__name__
        msg = f"expected a condition over columns, got what cannot be read ({why})"
    raise ValueError(msg)


def _refuse_comments(text: str) -> None:
    # On one line, a comment would silently take away all that follows it.
    if "#" not in text:
        return
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):
        return  # the parser says better what is wrong
    if any(token.type == tokenize.COMMENT for token in tokens):
        msg = "expected a condition without a comment, got #"
        raise ValueError(msg)


class _Reader:
    """Turns Python's tree into ours, and refuses all that has no place in it."""

    def __init__(self, text: str) -> None:
        self.bytes = text.replace("\n", " ").encode()
        self.parts = 0

    def read(self, node: ast.expr, depth: int = 1) -> Node:
        self.parts += 1
        if self.parts > MOST_PARTS or depth > DEEPEST:
            msg = (
                f"expected at most {MOST_PARTS} parts, {DEEPEST} deep, got more at character "
                f"{self.at(node)}"
            )
            raise ValueError(msg)
        for shape, reads in _SHAPES.items():
            if isinstance(node, shape):
                return reads(self, node, depth + 1)
        raise self.refused(node, "columns, constants, comparisons, and, or, not, + - * / %")

    def at(self, node: ast.expr) -> int:
        # Python counts bytes, a reader characters.
        return len(self.bytes[: node.col_offset].decode(errors="replace")) + 1

    def refused(self, node: ast.expr, expected: str) -> ValueError:
        got = self.bytes[node.col_offset : node.end_col_offset].decode(errors="replace")
        return ValueError(f"expected {expected} at character {self.at(node)}, got {short(got)}")

    def constant(self, node: ast.Constant, _: int) -> Node:
        value = node.value
        if isinstance(value, str) and "\0" not in value:
            return Constant(value, self.at(node))
        if isinstance(value, bool | int | float):
            # A whole number of thousands of digits is no float, and cannot be asked like one.
            if math.isfinite(value) if isinstance(value, float) else abs(value) < _EXACT:
                return Constant(value, self.at(node))
            raise self.refused(node, "a number that a column can hold exactly")
        if value is None:
            raise self.refused(node, "missing(x), x is None or x is not None")
        raise self.refused(node, "a number, a text, True or False")

    def name(self, node: ast.Name, _: int) -> Node:
        return Column(node.id, self.at(node))

    def both(self, node: ast.BoolOp, depth: int) -> Node:
        word: Operator = "and" if isinstance(node.op, ast.And) else "or"
        return Operation(word, tuple(self.read(v, depth) for v in node.values), self.at(node))

    def sign(self, node: ast.UnaryOp, depth: int) -> Node:
        part = self.read(node.operand, depth)
        if isinstance(node.op, ast.Not):
            return Operation("not", (part,), self.at(node))
        if isinstance(node.op, ast.USub):
            number = isinstance(part, Constant) and not isinstance(part.value, bool | str)
            if isinstance(part, Constant) and number:
                return Constant(-part.value, self.at(node))  # type: ignore[operator]  # a number
            return Operation("-", (Constant(0, self.at(node)), part), self.at(node))
        raise self.refused(node, "not or -")

    def reckoned(self, node: ast.BinOp, depth: int) -> Node:
        if type(node.op) not in _RECKONED:
            raise self.refused(node, "+, -, *, / or %")
        parts = (self.read(node.left, depth), self.read(node.right, depth))
        return Operation(_RECKONED[type(node.op)], parts, self.at(node))

    def compared(self, node: ast.Compare, depth: int) -> Node:
        pairs = zip([node.left, *node.comparators], node.ops, node.comparators, strict=False)
        found = [self.pair(left, op, right, depth) for left, op, right in pairs]
        return found[0] if len(found) == 1 else Operation("and", tuple(found), self.at(node))

    def pair(self, left: ast.expr, op: ast.cmpop, right: ast.expr, depth: int) -> Node:
        first, at = self.read(left, depth), self.at(left)
        if isinstance(op, ast.Is | ast.IsNot):
            if not (isinstance(right, ast.Constant) and right.value is None):
                raise self.refused(right, "None after `is`, or == before the value")
            asked = Operation("missing", (first,), at)
        elif isinstance(op, ast.In | ast.NotIn):
            asked = Operation("in", (first, *self.listed(right)), at)
        else:
            return Operation(_COMPARED[type(op)], (first, self.read(right, depth)), at)
        return Operation("not", (asked,), at) if isinstance(op, ast.IsNot | ast.NotIn) else asked

    def listed(self, node: ast.expr) -> tuple[Node, ...]:
        if not isinstance(node, ast.List | ast.Tuple | ast.Set) or not node.elts:
            raise self.refused(node, "a list of constants after `in`, such as ['AA', 'UA']")
        constants = []
        for item in node.elts:
            read = self.read(item)
            if not isinstance(read, Constant):
                raise self.refused(item, "a constant in the list")
            constants.append(read)
        return tuple(constants)

    def called(self, node: ast.Call, depth: int) -> Node:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        given = len(node.args) if not node.keywords else -1
        if name == "column" and given == 1:
            return Column(self.text(node.args[0], "the name of a column as a text"), self.at(node))
        if name in _OF_ONE and given == 1:
            return Operation(_OF_ONE[name], (self.read(node.args[0], depth),), self.at(node))
        if name in _OF_TWO and given == 2:
            text = self.text(node.args[1], "a text to look for")
            part = Constant(text, self.at(node.args[1]))
            return Operation(_OF_TWO[name], (self.read(node.args[0], depth), part), self.at(node))
        raise self.refused(
            node,
            "missing(x), length(x), lower(x), abs(x), contains(x, 't'), starts(x, 't') or "
            "column('name')",
        )

    def text(self, node: ast.expr, expected: str) -> str:
        value = node.value if isinstance(node, ast.Constant) else None
        if isinstance(value, str) and value and "\0" not in value:
            return value
        raise self.refused(node, expected)


_SHAPES: dict[type[ast.expr], Callable[..., Node]] = {
    ast.Constant: _Reader.constant,
    ast.Name: _Reader.name,
    ast.BoolOp: _Reader.both,
    ast.UnaryOp: _Reader.sign,
    ast.BinOp: _Reader.reckoned,
    ast.Compare: _Reader.compared,
    ast.Call: _Reader.called,
}


def _is_a_condition(text: str) -> str:
    parse(text)
    return text


ConditionText = Annotated[Text, AfterValidator(_is_a_condition)]
"""A text of a claim that `parse` takes."""
