"""A condition as an Ibis expression: true, false or NULL for each row, alike on every engine.

Names are looked up in the schema before anything is asked of an engine, and so are kinds: a text
that is compared with a number is an error here, and never a silent false.
"""

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from functools import reduce
from typing import TYPE_CHECKING, Any

from ops_model.domain.condition import Condition
from ops_model.domain.condition_holds import LARGEST, SMALLEST, WHOLE
from ops_model.domain.condition_tree import (
    Column,
    Constant,
    Kind,
    Node,
    Operation,
    check_kinds,
)

if TYPE_CHECKING:
    import ibis
    import ibis.expr.datatypes as dt

_SHOWN, _NAMES = 60, 20
_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def boolean(table: "ibis.Table", condition: Condition) -> Any:  # noqa: ANN401 - an Ibis boolean, which has no type
    """The condition over a table's columns; NULL where a missing value leaves it open.

    Raises:
        ValueError: the table lacks a column (with the nearest name), or holds another kind in it
            than the condition asks for.
    """
    schema = table.schema()
    for name in condition.columns:
        _require(name, list(schema.names))
    check_kinds(condition.root, lambda name: _kind(schema[name]))
    return _expression(table, condition.root)


def kinds(table: "ibis.Table", names: Sequence[str]) -> dict[str, Kind]:
    """The kind of each of these columns of a table.

    Raises:
        ValueError: the table lacks one.
    """
    schema = table.schema()
    for name in names:
        _require(name, list(schema.names))
    return {name: _kind(schema[name]) for name in names}


def _require(name: str, known: list[str]) -> None:
    if name in known:
        return
    short = [n for n in known if len(n) <= _SHOWN]
    same = [n for n in short if n.lower() == name.lower()]
    near = (same or get_close_matches(name[:_SHOWN], short, n=1, cutoff=0.5) or [""])[0]
    listed = ", ".join(map(repr, short[:_NAMES])) + (", ..." if len(known) > _NAMES else "")
    guess = f"; did you mean {near!r}?" if near else ""
    msg = f"expected a column of the log, got {name[:_SHOWN]!r}; it has {listed}{guess}"
    raise ValueError(msg)


def _kind(of: "dt.DataType") -> Kind:
    if of.is_boolean():
        return "boolean"
    if of.is_numeric():
        return "number"
    if of.is_string():
        return "text"
    # Instants of no known zone are compared with none.
    return "time" if of.is_timestamp() and of.timezone is not None else "other"


def _expression(table: "ibis.Table", node: Node) -> Any:  # noqa: ANN401 - an Ibis value, which has no type
    import ibis

    if isinstance(node, Constant):
        return ibis.literal(node.value)
    if isinstance(node, Column):
        return _column(table[node.name])
    return _EXPRESSIONS[node.operator](node, [_expression(table, part) for part in node.parts])


def _column(column: Any) -> Any:  # noqa: ANN401 - an Ibis column
    """A column as it is, but for NaN, which is missing, and decimals, which are numbers."""
    import ibis

    of = column.type()
    if of.is_decimal() or (of.is_floating() and not of.is_float64()):
        column = column.cast("float64")
    if column.type().is_floating():
        return column.isnan().ifelse(ibis.null("float64"), column)
    return column


def _missing(_: Operation, parts: list[Any]) -> Any:  # noqa: ANN401 - an Ibis boolean
    # Filled, although it never is NULL: bare, it cannot be asked whether it is, in Spark's SQL.
    return parts[0].isnull().fill_null(False)  # noqa: FBT003 - the value that stands for NULL


def _joined(combine: Callable[[Any, Any], Any]) -> Callable[[Operation, list[Any]], Any]:
    def expression(_: Operation, parts: list[Any]) -> Any:  # noqa: ANN401 - an Ibis boolean
        # In halves, so that a long list is not as deep as it is long.
        while len(parts) > 1:
            parts = [reduce(combine, parts[i : i + 2]) for i in range(0, len(parts), 2)]
        return parts[0]

    return expression


def _compared(compare: Callable[[Any, Any], Any]) -> Callable[[Operation, list[Any]], Any]:
    def expression(_: Operation, parts: list[Any]) -> Any:  # noqa: ANN401 - an Ibis boolean
        if any(part.type().is_floating() for part in parts):
            parts = [part.cast("float64") for part in parts]
        return compare(*parts)

    return expression


def _listed(_: Operation, parts: list[Any]) -> Any:  # noqa: ANN401 - an Ibis boolean
    first, *listed = parts
    # An empty answer of IN for a missing value differs between engines; this one does not.
    return _joined(lambda a, b: a | b)(_, [first == value for value in listed])


def _number(part: Any) -> Any:  # noqa: ANN401 - an Ibis number
    """A number as arithmetic takes it, the same on engines that overflow and that do not."""
    import ibis

    number = part.cast("float64")
    return ibis.cases(
        (number.abs() > LARGEST, ibis.null("float64")),
        (number.abs() < SMALLEST, ibis.literal(0.0)),
        else_=number,
    )


def _reckoned(reckon: Callable[[Any, Any], Any]) -> Callable[[Operation, list[Any]], Any]:
    def expression(_: Operation, parts: list[Any]) -> Any:  # noqa: ANN401 - an Ibis number
        return reckon(*map(_number, parts))

    return expression


def _remainder(first: Any, second: Any) -> Any:  # noqa: ANN401 - Ibis numbers
    import ibis

    dividend, divisor = _whole(first), _whole(second).nullif(ibis.literal(0, type="int64"))
    # The sign of the divisor, as Python has it; engines give that of the dividend.
    return (((dividend % divisor) + divisor) % divisor).cast("float64")


def _whole(number: Any) -> Any:  # noqa: ANN401 - an Ibis number
    import ibis

    held = (number.abs() <= WHOLE).ifelse(number, ibis.null("float64")).cast("int64")
    return (held.cast("float64") == number).ifelse(held, ibis.null("int64"))


_EXPRESSIONS: dict[str, Callable[[Operation, list[Any]], Any]] = {
    "and": _joined(lambda first, second: first & second),
    "or": _joined(lambda first, second: first | second),
    # Not `~`: `NOT x IS NULL` asks an engine whether x is not NULL. Another value than x's own.
    "not": lambda _, parts: parts[0] == False,  # noqa: E712 - of three values, not of two
    "missing": _missing,
    "==": _compared(lambda first, second: first == second),
    "!=": _compared(lambda first, second: first != second),
    "<": _compared(lambda first, second: first < second),
    "<=": _compared(lambda first, second: first <= second),
    ">": _compared(lambda first, second: first > second),
    ">=": _compared(lambda first, second: first >= second),
    "in": _listed,
    "+": _reckoned(lambda first, second: first + second),
    "-": _reckoned(lambda first, second: first - second),
    "*": _reckoned(lambda first, second: first * second),
    "/": _reckoned(lambda first, second: first / second.nullif(0.0)),
    "%": _reckoned(_remainder),
    "abs": lambda _, parts: _number(parts[0]).abs(),
    "length": lambda _, parts: parts[0].length(),
    "lower": lambda _, parts: parts[0].translate(_CAPITALS, _CAPITALS.lower()),
    "contains": lambda _, parts: parts[0].contains(parts[1]),
    "starts": lambda _, parts: parts[0].startswith(parts[1]),
}
