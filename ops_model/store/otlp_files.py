"""Spans as OTLP nests them in JSON, which a collector's file exporter writes: one row a span.

A line holds resources, each its scopes, each their spans; attributes are lists of keys with typed
values, and become one object of plain texts. Metrics and log records of the same file are no
spans, and give no row.
"""

from collections.abc import Iterable, Mapping

from ops_model.errors import WarehouseError

SPANS = "resourceSpans"
_OTHERS = ("resourceMetrics", "resourceLogs", "resourceProfiles")
_PLAIN = ("traceId", "spanId", "parentSpanId", "name")
_NUMBERS = ("startTimeUnixNano", "endTimeUnixNano")
COLUMNS = (*_PLAIN, *_NUMBERS, "status", "attributes", "resource_attributes")
"""What a span is told by, under OTLP's own names but for the attributes of its resource."""
_VALUES = ("stringValue", "intValue", "doubleValue", "boolValue")
_ATTRIBUTES = f"STRUCT(key VARCHAR, value STRUCT({', '.join(f'{v} VARCHAR' for v in _VALUES)}))[]"
_SPAN = ", ".join(f"{name} VARCHAR" for name in (*_PLAIN, *_NUMBERS))
_LINES = (
    f"STRUCT(resource STRUCT(attributes {_ATTRIBUTES}), scopeSpans STRUCT("
    f"spans STRUCT({_SPAN}, attributes {_ATTRIBUTES}, status JSON)[])[])[]"
)


def is_nested(names: Iterable[str], where: str) -> bool:
    """True for a file with these keys that is OTLP, be there spans in it or none.

    Raises:
        WarehouseError: it holds rows of another form too, which would be left out.
    """
    found = set(names)
    others = sorted(found.difference([SPANS, *_OTHERS]))
    if len(others) == len(found):
        return False
    if others:
        raise WarehouseError(
            f"holds what OTLP nests, and rows with {others[0]!r} beside it; expected one form",
            where=where,
            remedy="keep what was written in two forms in two files, and declare a log for each",
        )
    return True


def rows_of(path: str, form: str, types: Mapping[str, str]) -> str:
    """The spans of a file, as what a query reads from.

    Args:
        path: the file, quoted.
        form: how its objects are divided.
        types: those of `COLUMNS` that are asked for, and the type of each.
    """
    asked = ", ".join(f'{_as(type_, name)} AS "{name}"' for name, type_ in types.items()) or "1"
    return (
        f"(SELECT {asked} FROM (SELECT of_resource, unnest(scope.spans) AS span FROM "  # noqa: S608 - names of our own, a quoted path
        "(SELECT of_resource, unnest(scopes) AS scope FROM "
        f"(SELECT {_object('found.resource.attributes')} AS of_resource, "
        "found.scopeSpans AS scopes FROM "
        f"(SELECT unnest({SPANS}) AS found FROM read_json({path}, format = '{form}', "
        f"records = true, columns = {{'{SPANS}': '{_LINES}'}}))))))"
    )


def _as(type_: str, name: str) -> str:
    value = {
        "attributes": _object("span.attributes"), "resource_attributes": "of_resource",
    }.get(name, f"span.{name}")  # fmt: skip
    if name in _NUMBERS:
        # OTLP writes numbers of eight bytes as texts.
        value = f"TRY_CAST({value} AS DOUBLE)"
    return f"to_json({value})" if type_ == "JSON" else f"CAST({value} AS {type_})"


def _object(attributes: str) -> str:
    """A list of keys and values as one object; of a key that comes again, the first counts."""
    keys = f"list_transform({attributes}, lambda one: one.key)"
    first = f"lambda one, place: list_position({keys}, one.key) = place"
    value = f"coalesce({', '.join(f'one.value.{name}' for name in _VALUES)})"
    return (
        f"to_json(map_from_entries(list_transform(list_filter({attributes}, {first}), "
        f"lambda one: {{'k': one.key, 'v': {value}}})))"
    )
