"""What the errors of SQLite and of the operating system mean for a ledger's file."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ops_model.errors import ChainBrokenError, LedgerError, OpsModelError

BUSY_SECONDS = 30
"""SQLite's busy handler is unfair; the worst wait seen among 8 writers was 3.2 seconds."""


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
    return isinstance(error, OSError | LedgerError) or (name.startswith(_MACHINE) and name != _CUT)


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
