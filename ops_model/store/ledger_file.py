"""The ledger's SQLite file: how it is made, connected to, and what its errors mean."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from ops_model.errors import ChainBrokenError, LedgerError, OpsModelError
from ops_model.store.ledger_chain import GENESIS
from ops_model.store.ledger_schema import DDL, SCHEMA_VERSION

BUSY_SECONDS = 30
"""SQLite's busy handler is unfair; the worst wait seen among 8 writers was 3.2 seconds."""

OLDEST_SQLITE = (3, 37, 0)
"""The first with STRICT tables."""


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
            connection.execute("INSERT INTO head VALUES (1, 0, ?)", (GENESIS,))
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            connection.execute("COMMIT")
        with suppress(FileExistsError):
            os.link(new, path)
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
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
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA recursive_triggers = ON")
        connection.execute("PRAGMA foreign_keys = ON")
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


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite or the operating system says about `path` into what to do about it.

    Raises:
        LedgerError: the machine, or another process, stands in the way.
        ChainBrokenError: the file is damaged, or its entries and its head disagree.
    """
    try:
        yield
    except OpsModelError:
        raise
    except Exception as error:
        told = _told(error, path)
        if told is None:
            raise
        raise told from error


def of_the_machine(error: Exception) -> bool:
    """True when an error says nothing about what is stored: no rights, no space, a busy file."""
    name = _name_of(error)
    return isinstance(error, OSError) or (name.startswith(_MACHINE) and name != _CUT)


def _name_of(error: Exception) -> str:
    """SQLite's name of an error, such as SQLITE_FULL; SQLAlchemy keeps the driver's in `orig`."""
    return str(getattr(getattr(error, "orig", error), "sqlite_errorname", ""))


def _told(error: Exception, path: Path) -> OpsModelError | None:
    cause = getattr(error, "orig", error)
    if isinstance(cause, OSError):
        what = f"cannot be read or written: {cause.strerror or cause}"
        return LedgerError(what, where=str(path), remedy="see the folder's rights and free space")
    if not isinstance(cause, sqlite3.Error):
        return None
    name = _name_of(cause)
    for prefix, kind, message, remedy in _MEANING:
        if name.startswith(prefix):
            return kind(f"{message} ({cause})", where=str(path), remedy=remedy)
    return ChainBrokenError(f"cannot be used as a ledger: {cause}", where=str(path), remedy=_FIND)


# A read that ends before the page does is a file that was cut, not a disk that failed.
_CUT = "SQLITE_IOERR_SHORT_READ"
_MACHINE = (
    "SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_READONLY", "SQLITE_CANTOPEN",
    "SQLITE_PERM", "SQLITE_AUTH", "SQLITE_NOMEM", "SQLITE_PROTOCOL", "SQLITE_INTERRUPT",
    "SQLITE_NOLFS", "SQLITE_IOERR",
)  # fmt: skip
_FIND = "run `ops-model verify` on it, and restore it from a copy that verifies"
_MEANING: tuple[tuple[str, type[OpsModelError], str, str], ...] = (
    (
        "SQLITE_BUSY", LedgerError,
        f"another process held the ledger for {BUSY_SECONDS} seconds; nothing was appended",
        "try again when the other command has ended",
    ),
    (
        "SQLITE_FULL", LedgerError, "the disk is full; nothing was appended",
        "free some space and run the command again",
    ),
    (
        "SQLITE_READONLY", LedgerError, "is read-only; nothing was appended",
        "use a workbook that you may write, or copy this one",
    ),
    (
        "SQLITE_CANTOPEN", LedgerError, "cannot be opened",
        "see that it is a file, and that you may read it and write its folder",
    ),
    (
        "SQLITE_NOTADB", LedgerError, "is no ledger: not a SQLite database",
        "name the workbook's ledger; if this is it, `ops-model verify` it and restore a copy",
    ),
    # A writer holds the lock when it reads the head, so a refusal is never another writer's.
    (
        "SQLITE_CONSTRAINT", ChainBrokenError,
        "the entries and the head do not fit together; nothing was appended", _FIND,
    ),
    ("SQLITE_CORRUPT", ChainBrokenError, "the file is damaged", _FIND),
    (_CUT, ChainBrokenError, "the file was cut", _FIND),
    (
        "SQLITE_IOERR", LedgerError, "the disk could not be read or written; nothing was appended",
        "see the disk's health, quota and free space, then run the command again",
    ),
)  # fmt: skip
