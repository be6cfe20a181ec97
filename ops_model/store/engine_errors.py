"""What an engine says about a log while it is read, in the words of a user.

Of text files the engine tells the line and what it could not take; its advice is about its own
settings, which nobody here can write, so ours stands in its place.
"""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from ops_model.errors import Problem, WarehouseError

_WRITE_AGAIN = (
    "write the damaged file again, or restore it from the source of the log; of a warehouse, see "
    "that it answers and that this role may read"
)
_LINE = r"CSV Error on Line: (?P<line>\d+)"
_CUT = "write the rest of the file, or restore it from the source of the log"
_KNOWN: tuple[tuple[str, str, str], ...] = (
    (
        _LINE + r"(?s:.*?)Expected Number of Columns: (?P<a>\d+) Found: (?P<b>\d+)",
        "line {line}: {b} fields; expected {a}, as the first line names",
        "write all fields of the row, in quotes where one holds the delimiter; the last row of a "
        "file that was cut off has too few",
    ),
    (
        _LINE
        + r'(?s:.*?)converting column "(?P<a>.*?)"\. Could not convert string "(?P<b>.*?)" to',
        "line {line}: column {a!r} holds {b!r}; expected {kind}, as in the rows before",
        "write {kind} there, or leave the field empty where none is known",
    ),
    (
        _LINE + r"(?s:.*?)unterminated quote",
        "line {line}: a quote opens and does not close; expected one at the end of the field",
        f"close it, and double a quote that belongs to the text; or {_CUT}",
    ),
    (
        r"CSV(?s:.*?)(?:Invalid unicode|not utf-8|state machine reached)",
        "holds bytes that are no CSV in UTF-8, or lines that end in two ways",
        "write the file in UTF-8, with one kind of line ends",
    ),
    (
        r'Malformed JSON in file "(?P<a>.*)", at byte \d+ in (?:line|record/value) (?P<line>\d+): '
        r"(?P<b>.*)",
        "near line {line}: no whole JSON ({b}); expected an object a line, or a list of them",
        _CUT,
    ),
    (
        r"json_read expected records",
        "holds JSON that is no object; expected an object a line, or a list of them",
        "write one object a row",
    ),
    (
        r'JSON transform error in file ".*", in (?:line|record/value) (?P<line>\d+): (?P<b>.*)',
        "near line {line}: {b}; expected an object with the same kinds as in the rows before",
        "write one object a row, and each of its values in one kind",
    ),
    (
        r"Malformed JSON|invalid input syntax for type json",
        "a column that is read as JSON holds text that is none",
        'write JSON there, such as {{"input": 12}}, and nothing where there is none',
    ),
    (
        r"(?P<a>column '.*': an instant without a zone): (?P<b>.*)",
        "{a}: {b}; expected one such as 2026-03-01T12:00:00Z",
        "write every instant with its zone; a Z at its end says UTC",
    ),
    (
        r"Could not set lock on file|Conflicting lock",
        "is open in a program that writes it; expected a file that is closed",
        "close that program, or copy the file when it is closed",
    ),
    (
        r"not a valid DuckDB database|Corrupt database file|"
        r"Could not read enough bytes from file \".*\.duckdb",
        "is no whole file of DuckDB",
        _WRITE_AGAIN,
    ),
)
"""What engines say, and what it means; `kind` is what a column was to hold."""
_SHOWN = 120  # characters of what was found


@contextmanager
def readable_logs(address: str = "") -> Iterator[None]:
    """Turn what an engine says about a log, while it is read, into a `WarehouseError`."""
    try:
        yield
    except _engine_errors() as error:
        raise WarehouseError(problems=[_problem(error, address)]) from error


def _problem(error: BaseException, address: str) -> Problem:
    said = str(error)
    for pattern, message, remedy in _KNOWN:
        found = re.search(pattern, said)
        if found is not None:
            words = {key: _short(value) for key, value in found.groupdict().items()}
            words["kind"] = _kind_of_type(said)
            return Problem(message.format(**words), _file(said, address), remedy.format(**words))
    first = (said.strip().splitlines() or [type(error).__name__])[0]
    return Problem(f"cannot be read: {first}", address, _WRITE_AGAIN)


def _short(value: str | None) -> str:
    """What was found, without the rest of its row: that may be what somebody asked."""
    text = re.sub(r"\{.*\}", "{...}", (value or "").strip()).removesuffix(".")
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _kind_of_type(said: str) -> str:
    """What a column was to hold, of the name of its type."""
    for type_, kind in (("DOUBLE", "a number"), ("BOOLEAN", "true or false")):
        if f"to '{type_}'" in said:
            return kind
    return "another kind"


def _file(said: str, address: str) -> str:
    """The address, and the name of the file in it where the engine tells which of a folder."""
    found = re.search(r'(?:file = |in file ")(?P<path>[^"\n]+)', said)
    name = found["path"].strip().rpartition("/")[2] if found else ""
    return address if not name or address.endswith(name) else f"{address}/{name}"


def _engine_errors() -> tuple[type[BaseException], ...]:
    """What the engines raise, of those that are in use; asking for one must not import it."""
    import duckdb
    import pyarrow as pa

    found: list[type[BaseException]] = [duckdb.Error, pa.ArrowException]
    for module, name in (
        ("psycopg", "Error"), ("pyspark.errors", "PySparkException"),
        ("py4j.protocol", "Py4JError"),
    ):  # fmt: skip
        if module in sys.modules:
            found.append(getattr(sys.modules[module], name))
    return tuple(found)
