"""The columns of a log's files: which there are, of which kind, and what is wrong with one.

Only footers are read. A name out of a claim or a command is looked up among the names of the files
before any query is made of it; and a name in a file that DuckDB would read as another is refused.
"""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ops_model.errors import Problem, WarehouseError

if TYPE_CHECKING:
    import pyarrow as pa

ColumnKind = Literal[
    "number", "text", "boolean", "time", "category", "scalar", "value", "label", "nested"
]
"""What a column must hold; `category` is text or boolean, `scalar` a number, text or boolean.

A `value` is any of the four, as a condition may ask for it. A `label` is a scalar that is read as
text, and `nested` a struct, a map, a list, or JSON, also as text.
"""

_KINDS: Mapping[ColumnKind, tuple[str, ...]] = {
    "number": ("number",),
    "text": ("text",),
    "boolean": ("boolean",),
    "time": ("time",),
    "category": ("text", "boolean"),
    "scalar": ("number", "text", "boolean"),
    "value": ("number", "text", "boolean", "time"),
    "label": ("number", "text", "boolean"),
    "nested": ("other", "text"),
}
_SHOWN = 60  # characters of a name in a message


def schemas_of(address: str, files: Sequence[tuple[str, Path]]) -> list[tuple[str, "pa.Schema"]]:
    """Name and columns of each file of a log.

    Raises:
        WarehouseError: a file is no whole Parquet, or has columns that DuckDB knows by other names
            than the file does: an empty one, one that holds NUL, two that differ in case alone.
    """
    schemas, problems = [], []
    for name, path in files:
        schema = _schema_of(path, _file_of(address, name))
        if isinstance(schema, Problem):
            problems.append(schema)
        else:
            schemas.append((name, schema))
    if problems:
        raise WarehouseError(problems=problems)
    return schemas


def _schema_of(path: Path, where: str) -> "pa.Schema | Problem":
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        schema = pq.read_schema(path)
        said = _misread(schema.names)
    except (pa.ArrowException, OSError) as error:
        return Problem(
            f"{path.stat().st_size:,} bytes that are no whole Parquet file "
            f"({str(error).splitlines()[0]})",
            where=where,
            remedy="write the file again, or restore it from the source of the log; other formats "
            "are known by their names: .csv, .tsv, .jsonl, .ndjson, .json and .duckdb",
        )
    except UnicodeDecodeError:
        said = "has a column whose name is no UTF-8 text"
    if said:
        return Problem(said, where=where, remedy="write the file with other names of columns")
    return schema


def refuse_misread(names: Sequence[str], where: str) -> None:
    """Refuse names of columns that DuckDB would change: an empty one, or two that are alike.

    Raises:
        WarehouseError: there is one.
    """
    said = _misread(names)
    if said:
        raise WarehouseError(
            said, where=where, remedy="write the file with other names of columns"
        )


def _misread(names: Sequence[str]) -> str:
    """Why DuckDB would know a column by another name than the file does; empty when it would not.

    DuckDB gives a column without a name one of its own, and the second of two that are equal but
    for case; and a query ends where a NUL stands.
    """
    seen: dict[str, str] = {}
    for name in names:
        if not name:
            return "has a column without a name"
        if "\0" in name:
            return f"has a column {_told(name)} that holds NUL"
        if name.lower() in seen:
            both = f"{_told(seen[name.lower()])} and {_told(name)}"
            return f"has two columns that are equal, or differ in case alone: {both}"
        seen[name.lower()] = name
    return ""


def _plain(name: str) -> str:
    return name if name.isprintable() and len(name) <= _SHOWN else _told(name)


def _told(name: str) -> str:
    """A column's name in a message: on one line, and short enough for it."""
    return repr(name) if len(name) <= _SHOWN else f"{name[:_SHOWN]!r}..."


def _file_of(address: str, name: str) -> str:
    return f"{address}/{name}" if name else address


def merged(schemas: Sequence["pa.Schema"]) -> "pa.Schema":
    """Every column of some files, each of the type of the first file that has a value in it.

    One that holds lists in some files and plain values in others is told by the latter, so that
    whoever reads it asks each file for those.
    """
    import pyarrow as pa

    fields: dict[str, pa.Field] = {}
    for schema in schemas:
        for field in schema:
            if field.name not in fields or _says_less(fields[field.name].type, field.type):
                fields[field.name] = field
    return pa.schema(list(fields.values()))


def _says_less(known: "pa.DataType", other: "pa.DataType") -> bool:
    import pyarrow.types as at

    if at.is_null(known):
        return True
    return at.is_nested(known) and not (at.is_nested(other) or at.is_null(other))


def holding(
    column: str, schemas: Sequence[tuple[str, "pa.Schema"]]
) -> list[tuple[str, "pa.Schema"]]:
    """The files that have a value in a column, as far as their types say."""
    import pyarrow.types as at

    return [
        (name, s) for name, s in schemas
        if column in s.names and not at.is_null(s.field(column).type)
    ]  # fmt: skip


def column_problems(
    address: str,
    column: str,
    kind: ColumnKind,
    schemas: Sequence[tuple[str, "pa.Schema"]],
    *,
    assume_utc: bool,
) -> list[Problem]:
    """What is wrong with one column, over all files of the log: at most two problems."""
    lacking = [(name, s) for name, s in schemas if column not in s.names]
    problems = [_lacking(address, column, lacking, len(schemas))] if lacking else []
    for name, schema in schemas:
        if column not in schema.names:
            continue
        got = kind_of(schema.field(column).type, assume_utc=assume_utc)
        if got not in _KINDS[kind]:
            wrong = _wrong_kind(column, kind, got, _type_told(schema.field(column).type))
            where = _file_of(address, name)
            problems.append(Problem(wrong[0], where=where, remedy=wrong[1]))
            break
    return problems or _several_kinds(address, column, schemas, assume_utc=assume_utc)


def _several_kinds(
    address: str, column: str, schemas: Sequence[tuple[str, "pa.Schema"]], *, assume_utc: bool
) -> list[Problem]:
    """What is wrong with a column that changes its kind between files: an engine would convert it.

    True would then be the number 1, and 7 a text.
    """
    first, expected = schemas[0][0], ""
    for name, schema in schemas:
        of = schema.field(column).type
        got = kind_of(of, assume_utc=assume_utc)
        if expected and got != expected:
            return [
                Problem(
                    f"column {_told(column)} is {_type_told(of)}; expected {expected}, as in "
                    f"{first}",
                    where=_file_of(address, name),
                    remedy="write the column in one type in every file",
                )
            ]
        expected = got
    return []


def _lacking(
    address: str, column: str, lacking: Sequence[tuple[str, "pa.Schema"]], files: int
) -> Problem:
    name, schema = lacking[0]
    # Names of any length may stand in a file, and the search takes the square of it.
    near = get_close_matches(
        column[:_SHOWN], [n for n in schema.names if len(n) <= _SHOWN], n=1, cutoff=0.5
    )
    same = [n for n in schema.names if n.lower() == column.lower()]
    guess = (same or near or [""])[0]
    some = f" in {len(lacking)} of {files} files" if len(lacking) < files else ""
    listed = ", ".join(_plain(n) for n in schema.names[:20]) + (
        ", ..." if len(schema.names) > 20 else ""
    )
    return Problem(
        f"has no column {_told(column)}{some}; it has: {listed or 'none at all'}",
        where=_file_of(address, name),
        remedy=f"did you mean {_told(guess)}?" if guess else "name a column that the log has",
    )


def _wrong_kind(column: str, kind: ColumnKind, got: str, type_name: str) -> tuple[str, str]:
    expected = " or ".join(_KINDS[kind])
    if kind == "time":
        expected = "a timestamp with a zone"
        remedy = "write the column as UTC timestamps, in pandas with dt.tz_localize('UTC')"
    else:
        remedy = f"write the column as {expected}, or name another column"
    shown = "a timestamp without a zone" if got == "naive time" else type_name
    return f"column {_told(column)} is {shown}; expected {expected}", remedy


def _type_told(of: "pa.DataType") -> str:
    """A type as a person calls it: there are several of strings, and one of nothing."""
    import pyarrow.types as at

    if at.is_null(of):
        return "null in every row, so of no type"
    return "string" if kind_of(of, assume_utc=False) == "text" else str(of)


def kind_of(of: "pa.DataType", *, assume_utc: bool) -> str:
    """What a column holds: number, text, boolean, time, naive time or other."""
    import pyarrow.types as at

    if at.is_dictionary(of):
        return kind_of(of.value_type, assume_utc=assume_utc)
    if at.is_timestamp(of):
        return "time" if of.tz is not None or assume_utc else "naive time"
    for kind, tests in {
        "boolean": (at.is_boolean,),
        "number": (at.is_integer, at.is_floating, at.is_decimal),
        "text": (at.is_string, at.is_large_string, at.is_string_view),
    }.items():
        if any(test(of) for test in tests):
            return kind
    return "other"
