"""A bill in the columns of FOCUS, written as CSV or Parquet by the ending of its name.

Names come from a log, and a spreadsheet takes a text of CSV that begins like a formula for one. So
such a text begins with an apostrophe there, which says that it is text.
"""

import csv
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops_model.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

ENDINGS = (".csv", ".parquet")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""With these a spreadsheet begins to reckon."""


def refuse_other_form(path: Path) -> None:
    """Refuse a name that says neither form.

    Raises:
        UsageError: it does.
    """
    if path.suffix not in ENDINGS:
        raise UsageError(
            f"{path.name} ends in {path.suffix or 'nothing'!r}; expected {' or '.join(ENDINGS)}",
            remedy="choose the form by the name, such as --into spend.csv",
        )


def write_focus(path: Path, columns: Mapping[str, str], rows: Iterable[Mapping[str, Any]]) -> int:
    """Write the rows and say how many they are.

    Args:
        path: ends in .csv or .parquet.
        columns: every column in order, and what it holds: text, number, time, count or boolean.
        rows: values by column; numbers are Decimals of at most 12 places.

    Raises:
        UsageError: the name ends in something else, or the file cannot be written.
    """
    refuse_other_form(path)
    held = list(rows)
    try:
        if path.suffix == ".csv":
            _write_csv(path, columns, held)
        else:
            _write_parquet(path, columns, held)
    except OSError as error:
        raise UsageError(
            f"cannot be written: {error.strerror or error}", where=str(path),
            remedy="name a file in a folder that is there and may be written",
        ) from error  # fmt: skip
    return len(held)


def as_text(said: str) -> str:
    """A text as CSV has to hold it, so that a spreadsheet takes it for one."""
    # Blanks before a formula are passed over.
    return f"'{said}" if said.startswith(_FORMULA) or said.strip().startswith(_FORMULA) else said


def _write_csv(path: Path, columns: Mapping[str, str], rows: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(columns)
        out.writerows([_told(row[name]) for name in columns] for row in rows)


def _told(value: object) -> str:
    """A value as FOCUS writes it: ISO 8601 in UTC with a Z, numbers without an exponent."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, Decimal):
        plain = f"{value:f}"
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    if isinstance(value, bool):
        return str(value).lower()
    return as_text(value) if isinstance(value, str) else str(value)


def _write_parquet(path: Path, columns: Mapping[str, str], rows: list[Mapping[str, Any]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(name, _type(kind)) for name, kind in columns.items()])
    arrays = [pa.array([row[f.name] for row in rows], f.type) for f in schema]
    pq.write_table(pa.table(arrays, schema=schema), path)


def _type(kind: str) -> "pa.DataType":
    import pyarrow as pa

    types: dict[str, pa.DataType] = {
        "text": pa.string(), "number": pa.decimal128(38, 12), "count": pa.int64(),
        "time": pa.timestamp("us", "UTC"), "boolean": pa.bool_(),
    }  # fmt: skip
    return types[kind]
