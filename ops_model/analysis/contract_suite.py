"""A suite of Great Expectations as it was written, and what of it would be let pass unseen.

The library drops an expectation whose type it does not know, passes an empty suite, and passes
what no row was asked of. So a suite is read here, and each expectation that could pass without
asking anything is refused with the reason before the library sees it.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal, NamedTuple

from ops_model.domain.condition_tree import Kind
from ops_model.domain.values import digest_of

Severity = Literal["critical", "warning", "info"]
MOST_BYTES, MOST_EXPECTATIONS = 1_000_000, 100
LEAST_MOSTLY = 0.5
"""Whoever lets more than half of all rows break an expectation asks for nothing."""


class Asks(NamedTuple):
    """What a type of expectation asks of, and what it may be given.

    `whole` is true where a part of the day says nothing of the day; `values` where it judges the
    values of its columns, so that it says nothing where there is none.
    """

    given: tuple[str, ...]
    whole: bool = False
    values: bool = True
    of: tuple[Kind, ...] = ()


_BOUNDS = ("min_value", "max_value", "strict_min", "strict_max")
_NUMBER: tuple[Kind, ...] = ("number",)
_TEXT: tuple[Kind, ...] = ("text",)
TAKEN: Mapping[str, Asks] = {
    "expect_table_row_count_to_be_between": Asks(_BOUNDS, whole=True, values=False),
    "expect_table_row_count_to_equal": Asks(("value",), whole=True, values=False),
    "expect_column_to_exist": Asks(("column",), values=False),
    "expect_column_values_to_not_be_null": Asks(("column", "mostly"), values=False),
    "expect_column_values_to_be_null": Asks(("column", "mostly"), values=False),
    "expect_column_values_to_be_between": Asks(("column", "mostly", *_BOUNDS), of=_NUMBER),
    "expect_column_values_to_be_in_set": Asks(("column", "mostly", "value_set")),
    "expect_column_values_to_not_be_in_set": Asks(("column", "mostly", "value_set")),
    "expect_column_values_to_be_unique": Asks(("column", "mostly"), whole=True),
    "expect_column_values_to_match_regex": Asks(("column", "mostly", "regex"), of=_TEXT),
    "expect_column_values_to_not_match_regex": Asks(("column", "mostly", "regex"), of=_TEXT),
    "expect_column_value_lengths_to_be_between": Asks(("column", "mostly", *_BOUNDS), of=_TEXT),
    "expect_column_pair_values_a_to_be_greater_than_b": Asks(
        ("column_A", "column_B", "mostly", "or_equal"), of=_NUMBER
    ),
    "expect_column_pair_values_to_be_equal": Asks(("column_A", "column_B", "mostly")),
    "expect_compound_columns_to_be_unique": Asks(("column_list", "mostly"), whole=True),
    "expect_column_min_to_be_between": Asks(("column", *_BOUNDS), of=_NUMBER),
    "expect_column_max_to_be_between": Asks(("column", *_BOUNDS), of=_NUMBER),
    "expect_column_mean_to_be_between": Asks(("column", *_BOUNDS), of=_NUMBER),
    "expect_column_median_to_be_between": Asks(("column", *_BOUNDS), of=_NUMBER),
    "expect_column_stdev_to_be_between": Asks(("column", *_BOUNDS), of=_NUMBER),
    "expect_column_sum_to_be_between": Asks(("column", *_BOUNDS), whole=True, of=_NUMBER),
    "expect_column_unique_value_count_to_be_between": Asks(("column", *_BOUNDS), whole=True),
    "expect_column_distinct_values_to_be_in_set": Asks(("column", "value_set"), whole=True),
    "expect_column_distinct_values_to_contain_set": Asks(("column", "value_set"), whole=True),
    "expect_column_distinct_values_to_equal_set": Asks(("column", "value_set"), whole=True),
}
"""The types that are taken; each is one of the library's own."""


@dataclass(frozen=True)
class Asked:
    """One expectation as it was written; `fault` says why it is not put to the library."""

    type: str
    given: Mapping[str, Any]
    severity: Severity = "critical"
    fault: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it names."""
        named = [self.given.get(key) for key in ("column", "column_A", "column_B")]
        listed = self.given.get("column_list") or []
        return tuple(name for name in [*named, *listed] if isinstance(name, str))


@dataclass(frozen=True)
class Suite:
    """What a file asks of a log, and the digest of the file."""

    digest: str
    asked: tuple[Asked, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that it names, once."""
        return tuple(dict.fromkeys(c for asked in self.asked for c in asked.columns))


def read_suite(text: bytes) -> Suite:
    """The suite of a file, each expectation that would pass unseen marked with its fault.

    Raises:
        ValueError: it is no suite, or one without an expectation.
    """
    if len(text) > MOST_BYTES:
        msg = f"expected a suite of at most {MOST_BYTES:,} bytes, got {len(text):,}"
        raise ValueError(msg)
    listed = _listed(text)
    if not listed:
        msg = "expected an expectation at least, got none: the library passes an empty suite"
        raise ValueError(msg)
    if len(listed) > MOST_EXPECTATIONS:
        msg = f"expected at most {MOST_EXPECTATIONS} expectations, got {len(listed)}"
        raise ValueError(msg)
    return Suite(digest_of(text), tuple(_asked(item) for item in listed))


def _listed(text: bytes) -> list[Any]:
    try:
        read = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except RecursionError as error:
        msg = "expected a suite as JSON, got one that is nested too deep"
        raise ValueError(msg) from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        msg = f"expected a suite as JSON, got what is none: {error}"
        raise ValueError(msg) from error
    listed = read.get("expectations") if isinstance(read, dict) else None
    if not isinstance(listed, list):
        msg = "expected a suite: a JSON object with a list `expectations`"
        raise ValueError(msg)  # noqa: TRY004 - what a file holds, and no fault of the caller
    return listed


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        msg = f"expected each key once in a JSON object, got {twice[0][:60]!r} twice"
        raise ValueError(msg)
    return dict(pairs)


def _no_constant(name: str) -> None:
    msg = f"expected numbers, got {name}, which is none in JSON"
    raise ValueError(msg)


_KEYS = frozenset({"type", "kwargs", "severity", "meta", "id", "description", "notes"})


def _asked(item: object) -> Asked:
    written = item if isinstance(item, dict) else {}
    name, given = written.get("type"), written.get("kwargs", {})
    severity = written.get("severity", "critical")
    if not isinstance(name, str) or not name or not isinstance(given, dict):
        return Asked("(none)", {}, fault="expected an object with a `type` and `kwargs`")
    odd = sorted(set(written) - _KEYS)
    if odd:
        return Asked(name[:200], given, fault=f"has {_few(odd)}, which it may not have")
    if severity not in {"critical", "warning", "info"}:
        return Asked(name[:200], given, fault="severity: expected critical, warning or info")
    return Asked(name[:200], given, severity, _fault(name, given))


def _fault(name: str, given: Mapping[str, Any]) -> str:
    """Why an expectation could pass without asking anything; empty when it cannot."""
    if name not in TAKEN:
        near = get_close_matches(name[:100], list(TAKEN), n=1)
        guess = f"; did you mean {near[0]}?" if near else f"; taken are: {', '.join(TAKEN)}"
        return f"this type is unknown or not taken{guess}"
    asks = TAKEN[name]
    odd = sorted(set(given) - set(asks.given))
    if odd:
        return f"kwargs may not have {_few(odd)}; taken are: {', '.join(asks.given)}{_why(odd)}"
    for key, test, expected in _NEEDS:
        if key in asks.given and not test(given):
            return expected
    return ""


def _few(names: Sequence[str]) -> str:
    return ", ".join(name[:60] for name in names[:5])


def _why(odd: Sequence[str]) -> str:
    if {"row_condition", "condition_parser"} & set(odd):
        return " (where a condition fits no row everything passes: write a business rule instead)"
    return ""


def _is_number(value: object) -> bool:
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return plain and math.isfinite(value)  # type: ignore[arg-type]  # a number


def _bounded(given: Mapping[str, Any]) -> bool:
    bounds = [given.get(key) for key in ("min_value", "max_value")]
    said = [bound for bound in bounds if bound is not None]
    return bool(said) and all(map(_is_number, said))


def _some_values(given: Mapping[str, Any]) -> bool:
    values = given.get("value_set")
    if not isinstance(values, list) or not values:
        return False
    kinds = {_kind_of(value) for value in values}
    return len(kinds) == 1 and "other" not in kinds


def _mostly(given: Mapping[str, Any]) -> bool:
    mostly = given.get("mostly", 1)
    return _is_number(mostly) and LEAST_MOSTLY <= mostly <= 1


def _names(*keys: str) -> Any:  # noqa: ANN401 - a test of what was given
    return lambda given: all(isinstance(given.get(k), str) and given[k] for k in keys)


def _listed_names(given: Mapping[str, Any]) -> bool:
    names = given.get("column_list")
    return isinstance(names, list) and len(names) > 1 and all(isinstance(n, str) for n in names)


_NEEDS: tuple[tuple[str, Any, str], ...] = (
    ("column", _names("column"), "expected `column`, the name of one"),
    ("column_A", _names("column_A", "column_B"), "expected `column_A` and `column_B`"),
    ("column_list", _listed_names, "expected `column_list`, two names or more"),
    ("min_value", _bounded, "expected min_value or max_value, or both, as numbers"),
    ("value_set", _some_values, "expected `value_set`, a list of texts alone or numbers alone"),
    ("value", lambda given: _is_number(given.get("value")), "expected `value`, a number"),
    ("regex", _names("regex"), "expected `regex`, a text"),
    ("mostly", _mostly, f"expected `mostly` from {LEAST_MOSTLY} to 1"),
)


def _kind_of(value: object) -> Kind:
    if isinstance(value, bool):
        return "boolean"
    return "text" if isinstance(value, str) else "number" if _is_number(value) else "other"


def unfit(asked: Asked, kinds: Mapping[str, Kind]) -> str:
    """Why an expectation cannot be asked of columns of these kinds; empty when it can.

    The library compares a text with a number without a word, and then nothing is forbidden.
    """
    if not TAKEN[asked.type].values:
        return ""
    wanted = TAKEN[asked.type].of
    values = asked.given.get("value_set")
    if values:
        wanted = (_kind_of(values[0]),)
    for column in asked.columns:
        if wanted and kinds[column] not in wanted:
            return f"column {column[:60]!r} holds {kinds[column]}; expected {wanted[0]}"
    if len({kinds[column] for column in asked.columns}) > 1 and "column_A" in asked.given:
        return "the two columns hold different kinds of values"
    return ""
