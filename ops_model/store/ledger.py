"""The ledger: an append-only list of events, each chained to the one before it.

SQLite in WAL mode with `synchronous=FULL`: when `append` returns, the entry is on the disk. The
statements are plain SQL through SQLAlchemy, and what only SQLite knows stands in `ledger_file` and
`ledger_schema`, so that PostgreSQL can follow.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ops_model.domain.evidence import LedgerEvent, Statement
from ops_model.errors import ChainBrokenError, LedgerError, Problem
from ops_model.store.ledger_chain import (
    GENESIS,
    Row,
    StoredEvent,
    body_of,
    chain_hash,
    read_row,
    same_content,
)
from ops_model.store.ledger_check import LedgerCheck, LedgerVerification, reason_of
from ops_model.store.ledger_evidence import evidence_among
from ops_model.store.ledger_file import (
    OLDEST_SQLITE,
    connect,
    create_ledger,
    explained,
    of_the_machine,
)
from ops_model.store.ledger_schema import SCHEMA_VERSION

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

__all__ = ["Ledger", "LedgerVerification", "StoredEvent", "verify_ledger"]

# Names and bodies are read as bytes: the stored bytes are what is hashed.
_ROW = "SELECT seq, CAST(event_id AS BLOB), prev, hash, CAST(body AS BLOB) FROM event"
_BY_ID = f"{_ROW} WHERE event_id = :event_id"
_PAGE = f"{_ROW} WHERE seq >= :start AND seq < :until ORDER BY seq LIMIT 500"
_PAGE_OF_SUBJECT = (
    f"{_ROW} WHERE subject = :subject AND seq >= :start AND seq < :until ORDER BY seq LIMIT 500"
)
_HEAD = "SELECT size, hash FROM head"
_INSERT = (
    "INSERT INTO event (seq, event_id, prev, hash, body) "
    "VALUES (:seq, :event_id, :prev, :hash, :body)"
)
_ADVANCE = "UPDATE head SET size = :size, hash = :hash"


class Ledger:
    """One open ledger. Use it as a context manager, or close it.

    Args:
        path: the database file; `Ledger.open` also says so when it is something else.
        readonly: refuse to append.
    """

    def __init__(self, path: Path, *, readonly: bool = False) -> None:
        self.path = path
        self._engine = _engine(path, readonly=readonly)

    @classmethod
    def open(cls, path: Path, *, create: bool = False, readonly: bool = False) -> Self:
        """Open the ledger in file `path`; one on a read-only disk can still be read.

        Args:
            path: the database file.
            create: make an empty ledger when there is none; never touches a file that is there.
            readonly: refuse to append.

        Raises:
            LedgerError: there is none, or it cannot be read, or the file is something else.
        """
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise LedgerError(
                f"this Python has SQLite {sqlite3.sqlite_version}; expected 3.37 or newer",
                remedy="use a newer Python",
            )
        if not path.exists():
            if not create:
                raise LedgerError(
                    "there is no ledger",
                    where=str(path),
                    remedy="`ops-model check` or `ops-model run` starts one",
                )
            create_ledger(path)
        ledger = cls(path, readonly=readonly)
        try:
            ledger._require_ours()
        except BaseException:
            ledger.close()
            raise
        return ledger

    def close(self) -> None:
        """Let go of the file; the last one to do so folds the write-ahead log into it."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def append(self, event: LedgerEvent) -> int:
        """Append one event; on return it is on the disk.

        Returns:
            Its number. An id that is there already gives the number that it has and changes
            nothing, so a writer that does not know whether it succeeded may simply try again.

        Raises:
            LedgerError: the event cannot be stored, or its id is there with other content, or the
                disk is full, read-only or held by somebody else; nothing was appended.
            ChainBrokenError: the ledger does not hold together; nothing was appended.
        """
        from sqlalchemy import text

        body_of(event, 0)  # what cannot be stored is refused before the database is asked
        with self._transaction(begin="IMMEDIATE") as connection:
            known = connection.execute(text(_BY_ID), {"event_id": event.id}).one_or_none()
            if known is not None:
                return _same_or_refused(Row(*known), event)
            size, head = _read_head(connection)
            body = body_of(event, size)
            link = chain_hash(head, body)
            row = {"seq": size, "event_id": event.id, "prev": head, "hash": link}
            connection.execute(text(_INSERT), {**row, "body": body.decode("utf-8")})
            connection.execute(text(_ADVANCE), {"size": size + 1, "hash": link})
        return size

    def size(self) -> int:
        """How many events there are."""
        return self.head()[0]

    def head(self) -> tuple[int, str]:
        """The number of events, and the chain hash of the last one (64 hex digits)."""
        with self._transaction() as connection:
            size, head = _read_head(connection)
        return size, head.hex()

    def events(
        self, *, subject: str | None = None, until: int | None = None
    ) -> Iterator[StoredEvent]:
        """The events in order, each one checked against its own hash.

        Args:
            subject: only those about this system.
            until: only from among the first `until` events; default is all that there are now.

        Raises:
            ChainBrokenError: an entry was changed.
            LedgerError: the ledger cannot be read.
        """
        start, until = 0, self.size() if until is None else until
        while page := self._page(subject, start, until):
            for row in page:
                yield read_row(row)
            start = page[-1].seq + 1

    def _page(self, subject: str | None, start: int, until: int) -> list[Row]:
        """The next rows; no cursor stays open, so whoever reads may append meanwhile."""
        from sqlalchemy import text

        query = text(_PAGE if subject is None else _PAGE_OF_SUBJECT)
        values = {"start": start, "until": until}
        named = {} if subject is None else {"subject": subject}
        with self._transaction() as connection:
            return [Row(*row) for row in connection.execute(query, {**values, **named})]

    def statements(self, subject: str, *, until: int | None = None) -> tuple[Statement, ...]:
        """What has been shown about one system, in the order of the ledger.

        That is: the records of runs that finished, what the tool itself observed, and
        attestations. A record of a run without `run.finished` is no evidence.

        Args:
            subject: the system's id.
            until: as if the ledger held its first `until` events and no more.

        Raises:
            ChainBrokenError: an entry was changed, or a record is not what its digest says.
            IntegrityError: a record of a kind that this version does not know.
        """
        return evidence_among(list(self.events(subject=subject, until=until)))

    def verify(self) -> LedgerVerification:
        """Everything that is wrong with the stored bytes, and the head that they give.

        It cannot show that the owner of the file rewrote the ledger whole from some entry on, or
        put back an older copy: compare the head with one that was noted elsewhere.

        Raises:
            LedgerError: the machine could not read them, which is not the same as a change.
        """
        with explained(self.path):
            try:
                with self._engine.connect() as connection, connection.begin():
                    return LedgerCheck(connection, of_the_machine).run()
            except Exception as error:
                if of_the_machine(error):
                    raise
                what = f"the file is no ledger any more: {reason_of(error)}"
                return LedgerVerification(0, GENESIS.hex(), (Problem(what, "ledger"),))

    @contextmanager
    def _transaction(self, begin: str = "DEFERRED") -> "Iterator[Connection]":
        with explained(self.path), self._engine.connect() as connection:
            connection.execution_options(ops_model_begin=begin)
            with connection.begin():
                yield connection

    def _require_ours(self) -> None:
        with self._transaction() as connection:
            version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        if version != SCHEMA_VERSION:
            raise LedgerError(
                f"has schema version {version}; expected {SCHEMA_VERSION}",
                where=str(self.path),
                remedy="name the workbook's ledger; if this is it, upgrade ops-model",
            )


def verify_ledger(path: Path) -> LedgerVerification:
    """Verify the ledger in a file, even one that is too damaged to be opened for use.

    Raises:
        LedgerError: there is no such file, or the machine cannot read it.
    """
    if not path.is_file():
        raise LedgerError("there is no such file", where=str(path), remedy="name a ledger file")
    with closing(Ledger(path, readonly=True)) as ledger:
        return ledger.verify()


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


def _read_head(connection: "Connection") -> tuple[int, bytes]:
    found = connection.exec_driver_sql(_HEAD).one_or_none()
    if found is None:
        raise ChainBrokenError(
            "the ledger has lost its head", where="ledger", remedy="restore it from a copy"
        )
    return int(found[0]), bytes(found[1])


def _same_or_refused(row: Row, event: LedgerEvent) -> int:
    if same_content(row.body, body_of(event, row.seq)):
        return row.seq
    raise LedgerError(
        f"the id {event.id} is there already with other content; nothing was appended",
        where=row.place,
        remedy="give the new event an id of its own; an entry is never replaced",
    )
