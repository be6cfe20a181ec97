"""One value out of a column that holds several: a struct, a map, or JSON as text or as itself.

Of the engines that logs lie in, each has its own function for a key of JSON, and Ibis's own reads
a key with a dot in it as two. What is JSON or text becomes a number only where it is one.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

_NUMBER = r"^-?[0-9]{1,18}(\.[0-9]{1,18})?([eE][+-]?[0-9]{1,2})?$"
"""What a cast to a number takes in every engine, and what no double is too small for."""


def value_at(column: Any, keys: Sequence[str]) -> Any | None:  # noqa: ANN401 - Ibis columns have no common type to name
    """What a column holds under some keys, one inside the other; NULL where it has none.

    Args:
        column: a struct, a map from text, JSON, or text that is JSON.
        keys: the path; without any, the column itself.

    Returns:
        A column of the type that the value has, text where it lies in JSON; None where the column
        can have no such value at all.
    """
    if not keys:
        return column
    of = column.type()
    if of.is_struct():
        return value_at(column[keys[0]], keys[1:]) if keys[0] in of.names else None
    if of.is_map():
        return value_at(column.get(keys[0]), keys[1:])
    if of.is_json() or of.is_string():
        return _OF_JSON[column.get_backend().name](column.cast("string"), tuple(keys))
    return None


def as_number(value: Any) -> Any:  # noqa: ANN401 - as above
    """The value where it is a number; text is one when all of it is, and anything else is NULL."""
    import ibis

    of = value.type()
    if of.is_numeric() and not of.is_boolean():
        return value
    if not of.is_string():
        return ibis.null("float64")
    return value.re_search(_NUMBER).ifelse(value, ibis.null("string")).cast("float64")


def _in_duckdb(text: Any, keys: tuple[str, ...]) -> Any:  # noqa: ANN401 - as above
    return _function("json_extract_string", "string", 1)(text, _path(keys, '."{}"'))


def _in_spark(text: Any, keys: tuple[str, ...]) -> Any:  # noqa: ANN401 - as above
    return _function("get_json_object", "string", 1)(text, _path(keys, "['{}']"))


def _in_postgres(text: Any, keys: tuple[str, ...]) -> Any:  # noqa: ANN401 - as above
    # Its JSON comes in two types, and the function takes one of them.
    return _function("json_extract_path_text", "json", len(keys))(text.cast("json"), *keys)


_OF_JSON: Mapping[str, Callable[[Any, tuple[str, ...]], Any]] = {
    "duckdb": _in_duckdb, "pyspark": _in_spark, "postgres": _in_postgres,
}  # fmt: skip


def _path(keys: tuple[str, ...], step: str) -> str:
    return "$" + "".join(step.format(key) for key in keys)


@cache
def _function(name: str, of: str, keys: int) -> Callable[..., Any]:
    """A function of the engine that takes a document and so many texts, and answers with text."""
    import ibis

    def declared(*_: object) -> None:
        """Only its name and signature are used."""

    wanted = ((of, *["string"] * keys), "string")
    made: Callable[..., Any] = ibis.udf.scalar.builtin(name=name, signature=wanted)(
        _with_arguments(declared, keys + 1)
    )
    return made


def _with_arguments(function: Callable[..., None], count: int) -> Callable[..., None]:
    """The function as one of so many named arguments, which Ibis asks for."""
    from inspect import Parameter, Signature

    named = [Parameter(f"a{n}", Parameter.POSITIONAL_OR_KEYWORD) for n in range(count)]
    function.__signature__ = Signature(named)  # type: ignore[attr-defined]  # every function may have one
    return function
