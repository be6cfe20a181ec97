"""Whether a condition holds of one row, reckoned without any engine.

The same answer as the query gives for that row: what the examples of a rule are tried against when
no log is at hand.
"""

import math
from collections.abc import Callable, Mapping
from datetime import datetime

from ops_model.domain.condition import Condition
from ops_model.domain.condition_tree import (
    Column,
    Constant,
    Kind,
    Node,
    Operation,
    check_kinds,
    truths,
)

LARGEST, SMALLEST = 1e100, 1e-100
"""Beyond these no arithmetic is done, so that no engine runs over where another does not.

A larger number is missing in a sum or a product, a smaller one is zero there; to compare them is
another matter, and goes.
"""
WHOLE = 2**53
"""Up to here a number with a fraction part of zero is a whole one, for a remainder."""

Scalar = float | int | str | bool | datetime | None


def holds(condition: Condition, row: Mapping[str, Scalar]) -> bool | None:
    """True or false of a row, or None where nobody can tell; what a row leaves out is missing.

    Raises:
        ValueError: a value is of another kind than the condition asks for, such as a text that is
            compared with a number.
    """
    check_kinds(condition.root, lambda name: kind_of_value(row.get(name)))
    answer = _value(condition.root, row)
    return answer if isinstance(answer, bool) else None


def as_written(condition: Condition, row: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """An example out of a claim, in which `true` and `false` are texts, with their truth values.

    Only where the condition asks for one: a text that reads `true` stays a text elsewhere.
    """
    asked = {c.name for c in truths(condition.root) if row.get(c.name) in _WRITTEN}
    return {name: _WRITTEN[v] if name in asked else v for name, v in row.items()}


_WRITTEN: Mapping[object, bool] = {"true": True, "false": False}


def kind_of_value(value: Scalar) -> Kind | None:
    """The kind of a value; None of a missing one."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, datetime):
        return "time"
    return "text" if isinstance(value, str) else "number"


def _value(node: Node, row: Mapping[str, Scalar]) -> Scalar:
    if isinstance(node, Constant):
        return node.value
    if isinstance(node, Column):
        value = row.get(node.name)
        return None if kind_of_value(value) is None else value
    values = [_value(part, row) for part in node.parts]
    return _ANSWERS[node.operator](node, values)


def _every(_: Operation, values: list[Scalar]) -> bool | None:
    return False if False in values else None if None in values else True


def _any(_: Operation, values: list[Scalar]) -> bool | None:
    return True if True in values else None if None in values else False


def _not(_: Operation, values: list[Scalar]) -> bool | None:
    return None if values[0] is None else not values[0]


def _missing(_: Operation, values: list[Scalar]) -> bool:
    return values[0] is None


def _equal(_: Operation, values: list[Scalar]) -> bool | None:
    first, second = _alike(values)
    return None if first is None or second is None else first == second


def _unequal(node: Operation, values: list[Scalar]) -> bool | None:
    equal = _equal(node, values)
    return None if equal is None else not equal


def _alike(values: list[Scalar]) -> list[Scalar]:
    # An engine compares a whole number with a broken one as two broken ones.
    if any(isinstance(value, float) for value in values):
        return [v if v is None else float(v) for v in values]  # type: ignore[arg-type]  # numbers
    return values


def _listed(_: Operation, values: list[Scalar]) -> bool | None:
    first, *listed = values
    return None if first is None else any(first == value for value in listed)


def _ordered(node: Operation, values: list[Scalar]) -> bool | None:
    first, second = _alike(values)
    if first is None or second is None:
        return None
    below = {"<": first < second, ">": first > second}  # type: ignore[operator]  # of one kind
    if node.operator in below:
        return below[node.operator]
    return first == second or below[node.operator[0]]


def _number(value: Scalar) -> float | None:
    """A number as arithmetic takes it: missing where too large, zero where too small."""
    if not isinstance(value, int | float) or abs(value) > LARGEST:
        return None
    return 0.0 if abs(value) < SMALLEST else float(value)


def _reckoned(reckon: Callable[[float, float], float | None]) -> Callable[..., Scalar]:
    def answer(_: Operation, values: list[Scalar]) -> float | None:
        first, second = map(_number, values)
        return None if first is None or second is None else reckon(first, second)

    return answer


def _remainder(first: float, second: float) -> float | None:
    whole = all(abs(n) <= WHOLE and n.is_integer() for n in (first, second))
    return first % second if whole and second else None


def _size(_: Operation, values: list[Scalar]) -> float | None:
    number = _number(values[0])
    return None if number is None else abs(number)


def _text(ask: Callable[[str, str], Scalar]) -> Callable[..., Scalar]:
    def answer(_: Operation, values: list[Scalar]) -> Scalar:
        text = values[0]
        return ask(text, str(values[-1])) if isinstance(text, str) else None

    return answer


_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SMALL = str.maketrans(_CAPITALS, _CAPITALS.lower())

_ANSWERS: dict[str, Callable[[Operation, list[Scalar]], Scalar]] = {
    "and": _every,
    "or": _any,
    "not": _not,
    "missing": _missing,
    "==": _equal,
    "!=": _unequal,
    "in": _listed,
    **dict.fromkeys(("<", "<=", ">", ">="), _ordered),
    "+": _reckoned(lambda first, second: first + second),
    "-": _reckoned(lambda first, second: first - second),
    "*": _reckoned(lambda first, second: first * second),
    "/": _reckoned(lambda first, second: first / second if second else None),
    "%": _reckoned(_remainder),
    "abs": _size,
    "length": _text(lambda text, _: len(text)),
    "lower": _text(lambda text, _: text.translate(_SMALL)),
    "contains": _text(lambda text, part: part in text),
    "starts": _text(lambda text, part: text.startswith(part)),
}
