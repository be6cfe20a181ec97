"""One at a time: of several who would tell people of the same, one does and the others wait.

Beside a ledger in a file it is a lock on a file, in PostgreSQL one of the database's own. Both end
with the process that holds them, however it ends, and leave nothing behind on the ledger.
"""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from ops_model.errors import LedgerError

_LOCK = 0x6F70736D_77617463
"""Any number that nobody else of this database takes: the letters of `opsmwatc`."""
_LOOK_EVERY_SECONDS = 0.1


@contextmanager
def turn_at(address: Path | str, *, wait_seconds: float) -> Iterator[None]:
    """Be the only one at a ledger until the block is left.

    Args:
        address: the ledger's file, or the address of its database.
        wait_seconds: how long to wait for whoever is there.

    Raises:
        LedgerError: somebody else is still there, or the place cannot be reached.
    """
    if isinstance(address, str):
        with _in_database(address, wait_seconds):
            yield
    else:
        with _beside_file(address, wait_seconds):
            yield


@contextmanager
def _beside_file(ledger: Path, wait_seconds: float) -> Iterator[None]:
    # Not the ledger itself: closing any handle of it would let go of SQLite's own locks.
    path = ledger.parent / ".ops-model" / "telling.lock"
    with _opened(path) as file:
        _wait_for(lambda: _locked(file.fileno()), wait_seconds, str(path))
        yield


def _opened(path: Path) -> TextIO:
    try:
        path.parent.mkdir(exist_ok=True)
        return path.open("a", encoding="utf-8")
    except OSError as error:
        raise LedgerError(
            f"cannot be written ({error.strerror}), so nobody knows whether another watch tells",
            where=str(path),
            remedy="let this account write into the workbook's folder",
        ) from error


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _in_database(address: str, wait_seconds: float) -> Iterator[None]:
    from ops_model.store.ledger_postgres import LedgerPostgres, engine_of, url_of

    engine = engine_of(url_of(address))
    ask = f"SELECT pg_try_advisory_lock({_LOCK})"
    try:
        with LedgerPostgres(address, readonly=True).explained(), engine.connect() as plain:
            # A lock of the session, so that no transaction stands open while people are told.
            connection = plain.execution_options(isolation_level="AUTOCOMMIT")
            _wait_for(
                lambda: bool(connection.exec_driver_sql(ask).scalar_one()), wait_seconds, "ledger"
            )
            yield
    finally:
        engine.dispose()


def _wait_for(got: Callable[[], bool], seconds: float, where: str) -> None:
    until = time.monotonic() + seconds
    while not got():
        if time.monotonic() >= until:
            raise LedgerError(
                f"another watch has been telling people for more than {seconds:g} s",
                where=where,
                remedy="let it end; what it did not tell, the next one does",
            )
        time.sleep(_LOOK_EVERY_SECONDS)
