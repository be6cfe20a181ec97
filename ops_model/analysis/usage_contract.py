"""A usage log of any format as rows of the usage contract.

Ibis expressions only, so that every engine answers alike. Nothing is judged here: negative tokens,
more cached than input and rows without a number pass on as they are, and are counted where the
rows are summed.
"""

from collections.abc import Callable, Sequence
from functools import reduce
from hashlib import sha256
from operator import or_
from typing import TYPE_CHECKING, Any

from ops_model.analysis.nested import as_number, value_at
from ops_model.analysis.providers import with_known_provider
from ops_model.analysis.usage_adapters import (
    FORMATS,
    LABELS,
    PREFIX,
    PROVIDER,
    REPORTED,
    TOKENS,
)
from ops_model.analysis.usage_places import Found, UsageRows
from ops_model.analysis.usage_rows import (
    CACHE_READ,
    CACHE_WRITE,
    INPUT,
    KEPT_LONG,
    MODEL,
    OUTPUT,
    PROD,
    PURPOSES,
    REUSED,
    STATUS,
)

if TYPE_CHECKING:
    import ibis

REQUIRED: tuple[str, ...] = (MODEL, INPUT, OUTPUT)
"""Without these a log of tokens cannot be priced."""
_FAILED = ("error", "failure", "failed", "cancelled", "status_code_error", "2")
_LONGEST_NAME = 60
_YES = ("true", "1")


def contract_of(log: "ibis.Table", rows: UsageRows, *, timestamp: str) -> "ibis.Table":
    """The rows of a log of tokens under the names of the usage contract.

    Args:
        log: the columns of `rows.columns()` and the timestamp, bounded by it.
        rows: where the log has what.
        timestamp: when a row was written; it becomes `timestamp`.

    Returns:
        Columns of the contract that the log has something of; input tokens hold the cached ones,
        status is ok or error (but in a log of the contract, which keeps its own words).
    """
    kept = {"timestamp": log[timestamp]}
    if rows.prefix is not None:
        kept[PREFIX] = _listed(log[rows.prefix])
    if rows.adapter is FORMATS["contract"]:
        return log.select(**kept, **_as_they_are(log, rows), **_tokens(log, rows, str))
    # Each step is a query of its own: Ibis would write out an expression wherever it is used, and
    # an engine read the same JSON again for each.
    read = log.select(**kept, **_values(log, rows)).view()
    calls = _calls_only(read, rows)
    told = calls.select(
        *kept, **_labels(calls, rows), **_status(calls, rows), **_purpose(calls, rows),
        **_tokens(calls, rows, _number), **_reused(calls, rows), **_reported(calls, rows),
        **_kept_long(calls, rows),
    ).view()  # fmt: skip
    named = with_known_provider(told, PROVIDER, MODEL) if MODEL in told.columns else told
    return _without_reused(named).view()


def label_or(log: "ibis.Table", name: str, said: str) -> Any:  # noqa: ANN401 - Ibis columns have no common type to name
    """A column of text, with what is said in the rows that hold none; or that alone."""
    return _or(log[name] if name in log.columns else None, said)


def _number(place: Found) -> str:
    return _named(f"number {place}")


def _text(place: Found) -> str:
    return _named(f"label {place}")


def _named(name: str) -> str:
    """A column's name that no engine cuts off: PostgreSQL does after 63 bytes, and two are one."""
    if len(name) <= _LONGEST_NAME:
        return name
    return f"{name[: _LONGEST_NAME - 9]} {sha256(name.encode()).hexdigest()[:8]}"


def _values(log: "ibis.Table", rows: UsageRows) -> dict[str, Any]:
    """What each place holds, as a number or as text; a list stays one."""
    values: dict[str, Any] = {}
    for kind, place in rows.all_places():
        value = value_at(log[place.column], place.keys)
        if value is None:
            continue
        if kind == "number":
            values[_number(place)] = as_number(value)
        else:
            values[_text(place)] = value if value.type().is_array() else _said(value)
    return values


def _said(value: Any) -> Any:  # noqa: ANN401 - as above
    # JSON's own null, where a column of it holds nothing but that.
    return value.cast("string").nullif("").nullif("null")


def _calls_only(read: "ibis.Table", rows: UsageRows) -> "ibis.Table":
    """Without the rows that are no call of a model, and would count its tokens once more."""
    if rows.adapter.no_calls is None:
        return read
    places, words = rows.adapter.no_calls
    said = _first(read, rows.found(places), _text)
    if said is None:
        return read
    named = _first(read, rows.places(MODEL), _text), _first(read, rows.places(INPUT), _number)
    used = reduce(or_, (value.notnull() for value in named if value is not None))
    # What nobody says the kind of is a call when it names a model, or tokens.
    return read.filter((~said.lower().isin(words)).fill_null(used))


def _first(
    read: "ibis.Table", places: Sequence[Found], name: Callable[[Found], str]
) -> Any | None:  # noqa: ANN401 - as above
    """The first of some places that holds something; None where the log has none of them.

    Of numbers, the first that is not 0, which writers put where they know none.
    """
    import ibis

    held = [read[name(place)] for place in places if name(place) in read.columns]
    if len(held) < 2:
        return held[0] if held else None
    if name is _number:
        return ibis.coalesce(*(number.nullif(0) for number in held), *held)
    return ibis.coalesce(*held)


def _as_they_are(log: "ibis.Table", rows: UsageRows) -> dict[str, Any]:
    """The labels of a log that has the contract's own names, untouched."""
    places = {name: rows.places(name) for name in (*LABELS, REPORTED)}
    own = {name: log[found[0].column] for name, found in places.items() if found}
    given = {"service": rows.service, PROVIDER: rows.provider}
    return own | {name: _or(own.get(name), said) for name, said in given.items() if said}


def _labels(read: "ibis.Table", rows: UsageRows) -> dict[str, Any]:
    found = {name: _first(read, rows.places(name), _text) for name in LABELS}
    labels = {name: label for name, label in found.items() if label is not None}
    labels[PROVIDER] = _or(labels.get(PROVIDER), rows.provider or rows.adapter.provider)
    if rows.service:
        labels["service"] = _or(labels.get("service"), rows.service)
    return {name: label for name, label in labels.items() if name not in {STATUS, "purpose"}}


def _status(read: "ibis.Table", rows: UsageRows) -> dict[str, Any]:
    failed = [read[_text(place)].notnull() for place in rows.found(rows.adapter.error, whole=True)
              if _text(place) in read.columns]  # fmt: skip
    said = _first(read, rows.places(STATUS), _text)
    if said is not None:
        failed.append(said.lower().isin(_FAILED).fill_null(False))  # noqa: FBT003 - what says nothing did not fail
    return {STATUS: reduce(or_, failed).ifelse("error", "ok")} if failed else {}


def _purpose(read: "ibis.Table", rows: UsageRows) -> dict[str, Any]:
    """What a call was for: as its writer said, else by a tag, `shadow` or `purpose:shadow`."""
    import ibis

    said = [_first(read, rows.places("purpose"), _text)]
    for place in rows.found(rows.adapter.tags, whole=True):
        if _text(place) in read.columns:
            tags = read[_text(place)]
            said.append(ibis.cases(*((_tagged(tags, p), p) for p in PURPOSES), else_=None))
    known = [purpose for purpose in said if purpose is not None]
    return {"purpose": ibis.coalesce(*known, PROD)} if known else {}


def _tagged(tags: Any, purpose: str) -> Any:  # noqa: ANN401 - as above
    if tags.type().is_array():
        return tags.contains(purpose) | tags.contains(f"purpose:{purpose}")
    return tags.contains(f'"{purpose}"') | tags.contains(f'"purpose:{purpose}"')


def _tokens(read: "ibis.Table", rows: UsageRows, name: Callable[[Found], str]) -> dict[str, Any]:
    """The tokens of the contract; input with the cached ones, however they were counted."""
    found = {column: _first(read, rows.places(column), name) for column in TOKENS}
    tokens = {column: number for column, number in found.items() if number is not None}
    adapter = rows.adapter
    includes = adapter.input_includes_cache if rows.includes_cache is None else rows.includes_cache
    if includes:
        return tokens
    beside = {INPUT: adapter.input_too, OUTPUT: adapter.output_too}
    cached = [tokens[column] for column in (CACHE_READ, CACHE_WRITE) if column in tokens]
    for column, places in beside.items():
        parts = [_first(read, (place,), name) for place in rows.found(places)]
        added = [part for part in parts if part is not None]
        tokens[column] = _sum(tokens[column], [*added, *(cached if column == INPUT else [])])
    return tokens


def _sum(first: Any, others: Sequence[Any]) -> Any:  # noqa: ANN401 - as above
    """The sum; what is missing of the others is none, and without the first there is no sum."""
    for other in others:
        first = first + other.fill_null(0)
    return first


def _reported(read: "ibis.Table", rows: UsageRows) -> dict[str, Any]:
    cost = _first(read, rows.places(REPORTED), _number)
    return {} if cost is None else {REPORTED: cost}


def _kept_long(read: "ibis.Table", rows: UsageRows) -> dict[str, Any]:
    tokens = _first(read, rows.found(rows.adapter.kept_long), _number)
    return {} if tokens is None else {KEPT_LONG: tokens}


def _reused(read: "ibis.Table", rows: UsageRows) -> dict[str, Any]:
    said = _first(read, rows.found(rows.adapter.reused), _text)
    return {} if said is None else {REUSED: said.lower().isin(_YES)}


def _without_reused(told: "ibis.Table") -> "ibis.Table":
    """Without the tokens of answers that were kept: nobody served them once more."""
    if REUSED not in told.columns:
        return told
    used = {name: told[REUSED].ifelse(0, told[name]) for name in TOKENS if name in told.columns}
    return told.mutate(**used)


def _listed(column: Any) -> Any:  # noqa: ANN401 - as above
    """A list of texts, also where it is kept as JSON."""
    if column.type().is_array():
        return column
    return column.cast("string").cast("json").cast("array<string>")


def _or(label: Any | None, default: str) -> Any:  # noqa: ANN401 - as above
    import ibis

    if label is None:
        return ibis.literal(default)
    return label.cast("string").nullif("").fill_null(default)
