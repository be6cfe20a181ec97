"""Logs that are files: looked at by what they say of themselves, and opened by DuckDB.

Parquet says its columns in its footer; text in its first rows; a file of DuckDB holds tables.
"""

import re
import threading
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops_model.errors import Problem, WarehouseError
from ops_model.store import attached, text_files
from ops_model.store.engine_errors import readable_logs
from ops_model.store.file_kinds import kind_of_file
from ops_model.store.footers import Noted, instants
from ops_model.store.identity import log_files, refuse_damaged, state_of
from ops_model.store.log_columns import column_problems, holding, merged, schemas_of
from ops_model.store.log_request import LogRequest
from ops_model.store.text_files import TextFile
from ops_model.store.warehouse_table import as_arrow

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa


FILE = "_ops_model_file"
"""The column that says which file a row is of, where a request names files."""
MOST_KEPT_BYTES = 32 << 20
"""Of logs that are larger altogether no connection is kept."""


@dataclass(frozen=True)
class FilesFound:
    """The files of a log, the columns to take, and what each file holds.

    `texts` says more of each file of text, `root` what the address is below.
    """

    request: LogRequest
    files: tuple[Path, ...]
    columns: tuple[str, ...]
    schemas: "tuple[pa.Schema, ...]"
    texts: tuple[TextFile, ...] = ()
    root: Path | None = None


def look(root: Path | None, request: LogRequest) -> FilesFound:
    """The files of a log and the columns to take, everything about them checked.

    Raises:
        WarehouseError: with all problems of the log.
    """
    files = log_files(root, request.address)
    _refuse_patterns([path for _, path in files])
    if request.files is not None:
        files = tuple((name, path) for name, path in files if name in request.files)
    asked = {*request.columns, *request.optional, request.timestamp or ""}
    schemas, texts = _looked_at(root, files, request, asked)
    wanted = request.wanted(_names(request, schemas))
    problems = [
        problem
        for column, kind in wanted.items()
        for problem in column_problems(
            request.address, column, kind, _asked_of(request, column, schemas),
            assume_utc=request.assume_utc,
        )
    ]  # fmt: skip
    if problems:
        raise WarehouseError(problems=_of_one_column(problems, schemas))
    if root is None:
        # A workbook's logs are identified before they are read, and verified in the same pass.
        for name, path in files:
            refuse_damaged(path, f"{request.address}/{name}" if name else request.address)
    paths = tuple(path for _, path in files)
    held = tuple(schema for _, schema in schemas)
    return FilesFound(request, paths, tuple(wanted), held, texts, root)


def schema_of(root: Path | None, address: str) -> "pa.Schema":
    """All columns of all files of a log, and what the first that has a value holds in each.

    Raises:
        WarehouseError: there is no such log, or a file is none.
    """
    files = log_files(root, address)
    _refuse_patterns([path for _, path in files])
    schemas, _ = _looked_at(root, files, LogRequest(address, {}), None)
    return merged([schema for _, schema in schemas])


def _names(request: LogRequest, schemas: "Sequence[tuple[str, pa.Schema]]") -> list[str]:
    """The columns that a log has: those of its first file, or of any that holds something."""
    if not request.sparse:
        return list(schemas[0][1].names)
    names = merged([schema for _, schema in schemas]).names
    return [name for name in names if holding(name, schemas)]


def _asked_of(
    request: LogRequest, column: str, schemas: "Sequence[tuple[str, pa.Schema]]"
) -> "Sequence[tuple[str, pa.Schema]]":
    """The files that must have a column, and of one kind."""
    if request.sparse and column in request.optional:
        return holding(column, schemas)
    return schemas


def _looked_at(
    root: Path | None,
    files: Sequence[tuple[str, Path]],
    request: LogRequest,
    asked: Collection[str] | None,
) -> "tuple[Sequence[tuple[str, pa.Schema]], tuple[TextFile, ...]]":
    """The columns of each file, and more of each that is text; of text only what is asked for."""
    kind = kind_of_file(files[0][1])
    if kind in {"parquet", "eval"}:
        return schemas_of(request.address, files), ()
    if kind == "duckdb":
        connection = _connection([files[0][1]])
        table = attached.table_of(connection, request, root, files[0][1])
        return [("", as_arrow(table.schema()))], ()
    texts = []
    for name, path in files:
        where = f"{request.address}/{name}" if name else request.address
        with readable_logs(where):
            texts.append(text_files.looked_at(_connection, path, where, asked))
    known: dict[str, str] = {}
    for text in reversed(texts):
        known |= text.kinds
    wanted = request.wanted([name for text in texts for name in text.names])
    schemas = [
        (name, text_files.schema_of(text, wanted, known))
        for (name, _), text in zip(files, texts, strict=True)
    ]
    return schemas, tuple(texts)


def _of_one_column(
    problems: list[Problem], schemas: "Sequence[tuple[str, pa.Schema]]"
) -> list[Problem]:
    """Where a file has one column alone, what divides its lines is mostly what is wrong."""
    if len(schemas[0][1].names) > 1:
        return problems
    more = "the columns of a CSV are divided by comma, semicolon, tab or |"
    return [Problem(p.message, p.where, f"{p.remedy}; {more}") for p in problems]


@dataclass(frozen=True)
class Session:
    """DuckDB that can read some files and nothing else, and the tables that it read them as."""

    connection: Any
    tables: "dict[tuple[Path, ...], ibis.Table]" = field(default_factory=dict)


def connect(logs: Sequence[FilesFound]) -> Session:
    """DuckDB in memory that can read the files of these logs and nothing else.

    That of small logs is kept, and given again to the same thread until one of the files changes.

    Raises:
        WarehouseError: the name of a file is a pattern that another fits, or a file of DuckDB is
            still being written.
    """
    files = [path for log in logs for path in log.files]
    if any(kind_of_file(path) != "parquet" for path in files):
        return Session(_connection(files))
    states = tuple((path, state_of(path)) for path in sorted(set(files)))
    # The engine keeps in memory what it has read, for as long as the connection is there.
    if sum(size for _, (_, _, size, _) in states) > MOST_KEPT_BYTES:
        return Session(_connection(files))
    return _kept(threading.get_ident(), states)


@lru_cache(maxsize=4)
def _kept(thread: int, states: tuple[tuple[Path, tuple[int, ...]], ...]) -> Session:
    """A session of one thread for files in these states."""
    del thread
    return Session(_connection([path for path, _ in states]))


def instants_of(log: FilesFound) -> Noted | None:
    """What the footers of a log say of its timestamps, where its files have footers."""
    request = log.request
    if request.timestamp is None or request.epoch is not None or request.files is not None:
        return None
    if kind_of_file(log.files[0]) != "parquet":
        return None
    return instants(log.files, request.timestamp)


def _connection(files: Sequence[Path]) -> Any:  # noqa: ANN401 - an Ibis backend, which has no type
    import ibis

    _refuse_patterns(files)
    # No network and no extension either.
    connection = ibis.duckdb.connect(
        autoinstall_known_extensions=False,
        autoload_known_extensions=False,
        allow_community_extensions=False,
    )
    attached.attach(connection, [path for path in files if kind_of_file(path) == "duckdb"])
    listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in files)
    for setting in (
        # The footer of a large file is read once, and not again for each column of a profile.
        "SET parquet_metadata_cache = true",
        f"SET allowed_paths = [{listed}]",
        "SET enable_external_access = false",
        "SET lock_configuration = true",
    ):
        connection.raw_sql(setting)
    return connection


def opened(session: Session, log: FilesFound) -> "ibis.Table":
    """The wanted columns of a log; with `FILE`, where the request names files."""
    connection = session.connection
    numbered = [FILE] if log.request.files is not None else []
    if log.texts:
        return _of_texts(connection, log).select(*log.columns, *numbered)
    if kind_of_file(log.files[0]) == "duckdb":
        table = attached.table_of(connection, log.request, log.root, log.files[0])
        return table.mutate(**dict.fromkeys(numbered, 0)).select(*log.columns, *numbered)
    if numbered:
        return _numbered(connection, log)
    # A file may lack a column that nobody asked for, and a folder's name is no column.
    if log.files not in session.tables:
        session.tables[log.files] = connection.read_parquet(
            [str(path) for path in log.files], union_by_name=True, hive_partitioning=False
        )
    return session.tables[log.files].select(*log.columns)


def _of_texts(connection: Any, log: FilesFound) -> "ibis.Table":  # noqa: ANN401 - an Ibis backend, which has no type
    """The rows of all files, one after the other: each has its own order of columns."""
    queries = [
        text_files.selected(
            text, schema, log.columns, utc=log.request.assume_utc, more=f"{place} AS {FILE}"
        )
        for place, (text, schema) in enumerate(zip(log.texts, log.schemas, strict=True))
    ]
    view = f"_ops_model_files_{uuid.uuid4().hex}"
    connection.raw_sql(f"CREATE VIEW {view} AS {' UNION ALL '.join(queries)}")
    return connection.table(view)


def _numbered(connection: Any, log: FilesFound) -> "ibis.Table":  # noqa: ANN401 - an Ibis backend, which has no type
    """All rows of some files, each with the position of its file, which Ibis has no word for."""
    listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in log.files)
    view = f"_ops_model_files_{uuid.uuid4().hex}"
    connection.raw_sql(
        f"CREATE VIEW {view} AS SELECT *, file_index AS {FILE} FROM "  # noqa: S608 - a quoted list
        f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"
    )
    return connection.table(view).select(*log.columns, FILE)


def _refuse_patterns(files: Sequence[Path]) -> None:
    """Refuse a name that DuckDB would take for a pattern of another file that it may read.

    It would read that one in its place, or once more, and nobody would see it in the sums.
    """
    for file in sorted(f for f in set(files) if any(c in str(f) for c in "*?[")):
        # More than DuckDB's own patterns match: a bracket stands for anything here.
        pattern = re.compile(re.sub(r"\\\*|\\\?|\\\[.*?\\\]", ".*", re.escape(str(file))))
        # Its neighbours may be of no log, and the engine finds them all the same.
        found = Path(file.anchor).glob(str(file.relative_to(file.anchor)))
        others = {o for o in files if pattern.fullmatch(str(o))} | {*found}
        taken = min(others - {file}, default=None)
        if taken is not None:
            raise WarehouseError(
                f"{file.name!r} is a pattern that {taken.name!r} fits too",
                where=file.name,
                remedy="rename one of them; use letters, digits, dots and hyphens",
            )
