"""Logs as text: CSV with a first line of names, and JSON, one object a line or in one list.

A text has no types, so a column is what its first rows hold, and what is asked of it decides the
rest: a text stays one, whatever its digits look like; a column without a value so far is what is
asked for. A row further down that is something else is an error that names its line. Instants are
read in one form only, ISO 8601, and one without a zone is never guessed at.
"""

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from ops_model.errors import WarehouseError
from ops_model.store import otlp_files
from ops_model.store.file_kinds import kind_of_file
from ops_model.store.identity import state_of
from ops_model.store.log_columns import ColumnKind, kind_of, refuse_misread

if TYPE_CHECKING:
    import pyarrow as pa

SAMPLE = 20_480
"""So many rows say what a column holds."""
_DELIMITERS = ",;\t|"
_HEAD = 1_000_000  # bytes in which the first line has to end
_AT = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?"
_ZONE = r"(Z|z| ?UTC|[+-]\d{2}(:?\d{2})?)"
_READ = {"number": "DOUBLE", "boolean": "BOOLEAN", "other": "JSON"}
_WITHOUT_VALUE: Mapping[ColumnKind, str] = {
    "number": "number", "boolean": "boolean", "time": "time", "nested": "other",
}  # fmt: skip


@dataclass(frozen=True)
class TextFile:
    """One file: its columns in order, what the first rows hold, and how a line is divided.

    `kinds` has no entry for a column without a value; `delimiter` is empty for JSON. `spans` says
    that its rows are the spans which its objects nest.
    """

    path: Path
    names: tuple[str, ...]
    kinds: Mapping[str, str]
    delimiter: str = ""
    spans: bool = False


def looked_at(
    connect: Callable[[Sequence[Path]], Any], path: Path, where: str, columns: Iterable[str] | None
) -> TextFile:
    """The names of a file, and of some columns (or all) what the first rows hold.

    Args:
        connect: an Ibis backend of DuckDB that can read some files and no others.
        path: the file.
        where: it, as errors show it.
        columns: those that are asked for; None is all of them.

    Raises:
        WarehouseError: it is no such file, or has no names or two that are alike.
    """
    spans = False
    if kind_of_file(path) == "csv":
        delimiter, names = _first_line(path, where)
    else:
        delimiter, names = "", _keys(connect, path, *state_of(path))
        spans = otlp_files.is_nested(names, where)
        names = otlp_files.COLUMNS if spans else names
    refuse_misread(names, where)
    asked = [name for name in names if columns is None or name in set(columns)]
    file = TextFile(path, names, {}, delimiter, spans)
    return replace(file, kinds=_kinds_in(connect([path]), file, asked))


def schema_of(
    file: TextFile, wanted: Mapping[str, ColumnKind], known: Mapping[str, str]
) -> "pa.Schema":
    """The columns of a file as a Parquet file would have them, for what is asked of each.

    Args:
        file: what was looked at.
        wanted: what is asked of columns.
        known: what they hold in other files of the log, for one that has no value here.
    """
    import pyarrow as pa

    types = {
        "number": pa.float64(), "text": pa.string(), "boolean": pa.bool_(),
        "time": pa.timestamp("us", "UTC"), "naive time": pa.timestamp("us"),
        "other": pa.struct([("JSON", pa.null())]), "": pa.null(),
    }  # fmt: skip
    kinds = {
        name: _as_asked(file.kinds.get(name) or known.get(name, ""), wanted.get(name))
        for name in file.names
    }
    return pa.schema([(name, types[kinds[name]]) for name in file.names])


def _as_asked(kind: str, wanted: ColumnKind | None) -> str:
    if wanted is None:
        return kind
    if not kind:
        return _WITHOUT_VALUE.get(wanted, "text")
    if wanted in {"text", "label"}:
        return kind if kind == "other" else "text"
    if wanted in {"category", "scalar"} and kind in {"time", "naive time"}:
        return "text"
    return kind


def selected(
    file: TextFile, schema: "pa.Schema", columns: Sequence[str], *, utc: bool, more: str = ""
) -> str:
    """A query of these columns, each of the type that the schema says.

    Args:
        file: what was looked at.
        schema: as `schema_of` gave it.
        columns: those to read; one that the file lacks is null.
        utc: take instants without a zone as UTC.
        more: something else to select.
    """
    there = [c for c in columns if c in schema.names]
    kinds = {c: kind_of(schema.field(c).type, assume_utc=True) for c in there}
    read = dict.fromkeys(there, "") | {
        c: _instant(c, utc=utc) for c in there if kinds[c] == "time"
    }
    parts = [
        _name(c) if not (how := read.get(c, "NULL")) else f"{how} AS {_name(c)}" for c in columns
    ]
    types = {c: _READ.get(kinds[c], "VARCHAR") for c in there}
    listed = ", ".join([*parts, *([more] if more else [])])
    return f"SELECT {listed} FROM {_reader(file, types)}"  # noqa: S608 - names and paths are quoted


def _first_line(path: Path, where: str) -> tuple[str, tuple[str, ...]]:
    """What divides a line, and the names in the first one.

    The name of a column holds none of the four, so the one that stands there is meant.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        _refuse(where, "is text in UTF-16", "write the file in UTF-8")
    lines = head.decode("utf-8-sig", "replace").splitlines(keepends=True)
    if not lines or not lines[0].strip():
        _refuse(where, "begins with an empty line" if lines else "is empty", _WITH_NAMES)
    if "\ufffd" in lines[0]:
        _refuse(where, "has a first line that is no UTF-8 text", "write the file in UTF-8")
    counts = {mark: lines[0].count(mark) for mark in _DELIMITERS}
    delimiter = max(_DELIMITERS, key=lambda mark: counts[mark])
    try:
        return delimiter, tuple(next(csv.reader(lines, delimiter=delimiter)))
    except csv.Error as error:
        _refuse(where, f"has a first line that is no CSV ({error})", _WITH_NAMES)


_WITH_NAMES = "write the names of the columns as the first line"


def _refuse(where: str, problem: str, remedy: str) -> NoReturn:
    raise WarehouseError(f"{problem}; expected CSV or JSON in UTF-8", where=where, remedy=remedy)


@lru_cache(maxsize=10_000)
def _keys(connect: Callable[[Sequence[Path]], Any], path: Path, *state: int) -> tuple[str, ...]:
    """Every key of every object: one that comes late would be missed in a sample.

    It takes a pass over the file; `state` is only the key under which the answer is remembered.
    """
    del state
    connection = connect([path])
    found = connection.raw_sql(
        f"DESCRIBE SELECT * FROM read_json({_text(path)}, format = '{_form(path)}', "  # noqa: S608 - the path is quoted
        "records = true, maximum_depth = 1, sample_size = -1)"
    )
    return tuple(row[0] for row in found.fetchall())


def _kinds_in(connection: Any, file: TextFile, columns: Sequence[str]) -> dict[str, str]:  # noqa: ANN401 - an Ibis backend
    if not columns:
        return {}
    ask = _asked_of_json if not file.delimiter else _asked_of_csv
    asked = ", ".join(ask(_name(column)) for column in columns)
    type_ = "VARCHAR" if file.delimiter else "JSON"
    rows = _reader(file, dict.fromkeys(columns, type_))
    found = connection.raw_sql(
        f"SELECT {asked} FROM (SELECT * FROM {rows} LIMIT {SAMPLE})"  # noqa: S608 - names and paths are quoted
    ).fetchall()[0]
    kinds = zip(columns, map(_kind, found), strict=True)
    return {column: kind for column, kind in kinds if kind}


def _kind(found: Mapping[str, int]) -> str:
    """What all values of a column are, of the counts that a query of the sample gave."""
    if not found["all"]:
        return ""
    if found["nested"]:
        return "other"
    for kind in ("number", "boolean", "zoned", "timed"):
        if found[kind] == found["all"]:
            return {"zoned": "time", "timed": "naive time"}.get(kind, kind)
    return "text"


def _asked_of_csv(name: str) -> str:
    number = f"count(TRY_CAST({name} AS DOUBLE))"
    boolean = f"count(*) FILTER (lower({name}) IN ('true', 'false'))"
    return _counts(name, f"count({name})", number, boolean, "0")


def _asked_of_json(name: str) -> str:
    of = f"json_type({name})"
    value = f"({name} ->> '$')"
    there = f"count(*) FILTER ({of} != 'NULL')"
    number = f"count(*) FILTER ({of} IN ('BIGINT', 'UBIGINT', 'HUGEINT', 'DOUBLE'))"
    boolean = f"count(*) FILTER ({of} = 'BOOLEAN')"
    return _counts(value, there, number, boolean, f"count(*) FILTER ({of} IN ('OBJECT', 'ARRAY'))")


def _counts(value: str, there: str, number: str, boolean: str, nested: str) -> str:
    zoned, timed = (
        f"count(*) FILTER (regexp_full_match({value}, '{_AT}{zone}'))"
        for zone in (_ZONE, f"{_ZONE}?")
    )
    return (
        f"{{'all': {there}, 'number': {number}, 'boolean': {boolean}, 'nested': {nested}, "
        f"'zoned': {zoned}, 'timed': {timed}}}"
    )


def _instant(column: str, *, utc: bool) -> str:
    """A text as an instant; without a zone it is UTC where that was said, and else an error."""
    name = _name(column)
    zoned = f"length({name}) > 16 AND regexp_matches({name}, '{_ZONE}$')"
    said = _text(f"column {column!r}: an instant without a zone: ")
    other = f"CAST({name} || 'Z' AS TIMESTAMPTZ)" if utc else f"error({said} || {name})"
    return (
        f"CASE WHEN {name} IS NULL THEN NULL WHEN {zoned} THEN CAST({name} AS TIMESTAMPTZ) "
        f"ELSE {other} END"
    )


def _reader(file: TextFile, types: Mapping[str, str]) -> str:
    """The rows of a file: of CSV every column has to be named, of JSON those that are read."""
    if file.spans:
        return otlp_files.rows_of(_text(file.path), _form(file.path), types)
    if not file.delimiter:
        named = ", ".join(f"{_text(c)}: '{type_}'" for c, type_ in types.items())
        return (
            f"read_json({_text(file.path)}, format = '{_form(file.path)}', records = true, "
            f"columns = {{{named or _NO_COLUMN}}})"
        )
    named = ", ".join(f"{_text(c)}: '{types.get(c, 'VARCHAR')}'" for c in file.names)
    return (
        f"read_csv({_text(file.path)}, header = true, auto_detect = false, strict_mode = true, "
        f"delim = {_text(file.delimiter)}, quote = '\"', escape = '\"', columns = {{{named}}})"
    )


_NO_COLUMN = "'_ops_model_none': 'JSON'"


def _form(path: Path) -> str:
    return "auto" if path.suffix.lower() == ".json" else "newline_delimited"


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _text(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
