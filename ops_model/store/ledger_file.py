"""The SQLite half of the ledger: how its file is made and connected to, and what errors mean.

WAL with `synchronous=FULL`: when a commit returns, it is on the disk. What was deleted is
overwritten with zeros, so that words which were erased are nowhere in the file.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import quote

from ops_model.errors import LedgerError
from ops_model.store.ledger_backend import ask
from ops_model.store.ledger_chain import GENESIS
from ops_model.store.ledger_file_errors import BUSY_SECONDS, explained, of_the_machine
from ops_model.store.ledger_schema import DDL, SCHEMA_VERSION

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

OLDEST_SQLITE = (3, 37, 0)
"""The first with STRICT tables."""

PRAGMAS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA recursive_triggers = ON",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
)
"""What every connection needs: durable commits, triggers that fire, nothing left when deleted."""

OLDER_VERSION = 1
"""The one that can be migrated; it has no tree, no latest clock and no words."""

_READERS_MILLISECONDS = 2_000
_SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_master"


class LedgerFile:
    """A ledger in one SQLite file.

    Args:
        path: the database file.
        readonly: refuse to append.
    """

    rows = "SELECT seq, CAST(event_id AS BLOB), prev, hash, CAST(body AS BLOB) FROM event"
    bodies = "SELECT CAST(body AS BLOB) FROM event"
    clocks = (
        "SELECT CASE WHEN json_valid(body) THEN json_extract(body, '$.recorded_at') END FROM event"
    )

    def __init__(self, path: Path, *, readonly: bool) -> None:
        self.path = path
        self._engine = _engine(path, readonly=readonly)

    @property
    def place(self) -> str:
        """The path."""
        return str(self.path)

    def prepare(self, *, create: bool) -> None:
        """See that the file is a ledger of this version; never touches one that is there.

        Raises:
            LedgerError: there is none, or it cannot be read, or the file is something else.
        """
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise LedgerError(
                f"this Python has SQLite {sqlite3.sqlite_version}; expected 3.37 or newer",
                remedy="use a newer Python",
            )
        if not self.path.exists():
            if not create:
                raise LedgerError(
                    "there is no ledger",
                    where=self.place,
                    remedy="`ops-model check` or `ops-model run` starts one",
                )
            create_ledger(self.path)
        with self.explained(), self.transaction(write=False) as connection:
            version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        if version != SCHEMA_VERSION:
            raise of_another_version(version, self.path)

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator["Connection"]:
        """One transaction; a writer holds the lock before it reads the head."""
        with self._engine.connect() as connection:
            connection.execution_options(ops_model_begin="IMMEDIATE" if write else "DEFERRED")
            with connection.begin():
                yield connection

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turn errors into what to do about them; see `explained`."""
        with explained(self.path):
            yield

    def of_the_machine(self, error: Exception) -> bool:
        """True when an error says nothing about what is stored."""
        return of_the_machine(error)

    def storage_problems(self, connection: "Connection") -> Iterator[tuple[str, str]]:
        """Damaged pages; tables and triggers that are not as shipped."""
        for (said,) in connection.exec_driver_sql("PRAGMA integrity_check(20)"):
            if said != "ok":
                yield "the database file", f"is damaged: {said}"
        version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        if version == OLDER_VERSION:
            raise of_another_version(version, self.path)
        if version != SCHEMA_VERSION:
            yield "the schema", f"has version {version}; expected {SCHEMA_VERSION}"
        found = {tuple(row) for row in connection.exec_driver_sql(_SCHEMA)}
        expected = shipped_schema()
        for _, name, table, _ in sorted(expected - found, key=str):
            yield "the schema", f"{name} (on {table}) is not as shipped: missing or changed"
        ours = {(kind, name) for kind, name, _, _ in expected}
        for kind, name, table, _ in sorted(found - expected, key=str):
            if (kind, name) not in ours:
                yield "the schema", f"holds a {kind} that is not ours: {name} (on {table})"

    def forget(self, connection: "Connection", commitment: bytes) -> bool:
        """Delete words and salt, and write the pages of all other words anew.

        A page may hold an older copy of a row that SQLite once moved. So all pages of the table
        are given back, which overwrites each with zeros (`secure_delete`), and filled again.
        """
        kept = ask(connection, "SELECT commit_hash, salt, bytes FROM payload").all()
        others = [tuple(row) for row in kept if row[0] != commitment]
        if len(others) == len(kept):
            return False
        ask(connection, "DELETE FROM payload")
        if others:
            connection.exec_driver_sql("INSERT INTO payload VALUES (?, ?, ?)", others)
        return True

    def leave_no_copy(self) -> None:
        """Fold the write-ahead log, which holds older pages, into the file, and cut it to nothing.

        Raises:
            LedgerError: somebody reads an older page still.
        """
        with self.explained(), closing(connect(self.path, readonly=False)) as connection:
            connection.execute(f"PRAGMA busy_timeout = {_READERS_MILLISECONDS}")
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise LedgerError(
                "the words are erased, but the log beside the file still holds a copy, because "
                "another process uses the ledger",
                where=self.place,
                remedy="end the other command, then give the same command again",
            )

    def close(self) -> None:
        """Let go of the file; the last one to do so folds the write-ahead log into it."""
        self._engine.dispose()


def of_another_version(version: object, path: Path) -> LedgerError:
    """What to do with a database of another schema, such as an older ledger."""
    if version == OLDER_VERSION:
        return LedgerError(
            f"is a ledger of schema version {OLDER_VERSION}; expected {SCHEMA_VERSION}",
            where=str(path),
            remedy="give `ops-model ledger migrate`; every entry is kept byte by byte, and the "
            "file as it is too",
        )
    return LedgerError(
        f"has schema version {version}; expected {SCHEMA_VERSION}",
        where=str(path),
        remedy="name the workbook's ledger; if this is it, upgrade ops-model",
    )


def shipped_schema() -> set[tuple[object, ...]]:
    """Every object of a new ledger with its text, as this machine's SQLite lists it."""
    with closing(sqlite3.connect(":memory:")) as memory:
        for statement in DDL:
            memory.execute(statement)
        return set(memory.execute(_SCHEMA))


def _engine(path: Path, *, readonly: bool) -> "Engine":
    import sqlalchemy as sa

    engine = sa.create_engine(
        "sqlite+pysqlite://",
        creator=lambda: connect(path, readonly=readonly),
        poolclass=sa.QueuePool,
    )

    def begin(connection: "Connection") -> None:
        # The driver would begin later and weaker. A writer must hold the lock before it reads the
        # head, or two of them chain to the same one.
        mode = connection.get_execution_options().get("ops_model_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")

    sa.event.listen(engine, "begin", begin)
    return engine


def create_ledger(path: Path) -> None:
    """Make an empty ledger beside, then give it its name: nobody ever sees half a ledger.

    When another process was first, its ledger stands.

    Raises:
        LedgerError: the folder cannot be written, or the disk is full.
    """
    with explained(path), TemporaryDirectory(prefix=".new-ledger-", dir=path.parent) as folder:
        new = Path(folder) / path.name
        with closing(sqlite3.connect(new, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("BEGIN")
            for statement in DDL:
                connection.execute(statement)
            connection.execute("INSERT INTO head VALUES (1, 0, ?, x'', NULL)", (GENESIS,))
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            connection.execute("COMMIT")
        with suppress(FileExistsError):
            os.link(new, path)
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Put on the disk which names a folder holds."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def connect(path: Path, *, readonly: bool) -> sqlite3.Connection:
    """A connection that makes every commit durable and never creates the file."""
    connection = sqlite3.connect(
        _address(path),
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,  # we say BEGIN ourselves
        check_same_thread=False,  # the pool gives a connection to one thread at a time
    )
    try:
        for pragma in PRAGMAS:
            connection.execute(pragma)
        if readonly:
            connection.execute("PRAGMA query_only = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _address(path: Path) -> str:
    """The file as a URI.

    Where nothing can be written, SQLite cannot make the files that its readers share; a ledger
    without a pending log is then read as the unchanging file that it is.
    """
    file = f"file:{quote(str(path.absolute()))}"
    if os.access(path.parent, os.W_OK):
        return f"{file}?mode=rw"
    pending = path.with_name(f"{path.name}-wal")
    return f"{file}?mode=ro" if pending.exists() else f"{file}?mode=ro&immutable=1"
