"""Whether a ledger is what was appended to it: every byte that is stored, hashed again.

What a chain of hashes cannot show: that whoever can write the file rewrote it whole from some
entry on, or put an older copy back. Only a head noted elsewhere shows that. So the result carries
size and head.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ops_model.errors import Problem
from ops_model.store.ledger_chain import GENESIS, Row, row_problems
from ops_model.store.ledger_schema import DDL, SCHEMA_VERSION

if TYPE_CHECKING:
    from sqlalchemy import Connection

MAX_PROBLEMS = 100
_PAGE = 500

# As bytes, so that text which is no UTF-8 any more is a finding and not a crash.
_ROWS = (
    "SELECT seq, CAST(event_id AS BLOB), prev, hash, CAST(body AS BLOB) FROM event ORDER BY seq"
)
_SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_master"


@dataclass(frozen=True, slots=True)
class LedgerVerification:
    """What the stored rows give: how many there are, the hash of the last, what is wrong."""

    size: int
    head: str
    problems: tuple[Problem, ...] = ()


class LedgerCheck:
    """One verification, in one read transaction, so that a writer meanwhile is no alarm.

    Args:
        connection: to the ledger, in a transaction.
        could_not_read: tells an error of the machine from an error in what is stored.
    """

    def __init__(
        self, connection: "Connection", could_not_read: Callable[[Exception], bool]
    ) -> None:
        self._connection = connection
        self._could_not_read = could_not_read
        self._problems: list[Problem] = []
        self._size = 0
        self._head = GENESIS

    def run(self) -> LedgerVerification:
        """All problems with their places, at most 100.

        Raises:
            Exception: `could_not_read` said so; any other counts as a change.
        """
        self._part("the database file", self._check_pages)
        self._part("the schema", self._check_schema)
        self._part("the entries", self._check_rows)
        self._part("the head", self._check_head)
        return LedgerVerification(self._size, self._head.hex(), tuple(self._problems))

    def _part(self, name: str, check: Callable[[], None]) -> None:
        try:
            check()
        except Exception as error:
            if self._could_not_read(error):
                raise
            self._note(f"{name} cannot be read: {reason_of(error)}")

    def _note(self, message: str, where: str = "ledger") -> None:
        if len(self._problems) < MAX_PROBLEMS:
            self._problems.append(Problem(message, where))

    def _check_pages(self) -> None:
        for (said,) in self._connection.exec_driver_sql("PRAGMA integrity_check(20)"):
            if said != "ok":
                self._note(f"the database file is damaged: {said}")

    def _check_schema(self) -> None:
        version = self._connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        if version != SCHEMA_VERSION:
            self._note(f"the schema's version is {version}; expected {SCHEMA_VERSION}")
        found = {tuple(row) for row in self._connection.exec_driver_sql(_SCHEMA)}
        expected = shipped_schema()
        for _, name, table, _ in sorted(expected - found, key=str):
            self._note(f"{name} (on {table}) is not as shipped: missing or changed")
        for kind, name, table, _ in sorted(found - expected, key=str):
            if (kind, name) not in {(k, n) for k, n, _, _ in expected}:
                self._note(f"holds a {kind} that is not ours: {name} (on {table})")

    def _check_rows(self) -> None:
        options = {"yield_per": _PAGE}
        for stored in self._connection.exec_driver_sql(_ROWS, execution_options=options):
            row = Row(*stored)
            if row.seq != self._size:
                self._note(f"the entry before it is not number {row.seq - 1}", row.place)
            if row.prev != self._head:
                self._note("the entry is not chained to the one before it", row.place)
            for problem in row_problems(row):
                self._note(problem, row.place)
            # The stored values go on, so that one changed entry is one problem.
            self._size, self._head = row.seq + 1, row.hash

    def _check_head(self) -> None:
        heads = [tuple(row) for row in self._connection.exec_driver_sql("SELECT * FROM head")]
        if heads != [(1, self._size, self._head)]:
            told = ", ".join(f"{size} entries, {_hex(digest)}" for _, size, digest in heads)
            self._note(
                f"the head says {told or 'nothing'}; the entries give {self._size} entries, "
                f"{self._head.hex()}"
            )


def _hex(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else repr(value)


def shipped_schema() -> set[tuple[object, ...]]:
    """Every object of a new ledger with its text, as this machine's SQLite lists it."""
    memory = sqlite3.connect(":memory:")
    try:
        for statement in DDL:
            memory.execute(statement)
        return set(memory.execute(_SCHEMA))
    finally:
        memory.close()


def reason_of(error: Exception) -> str:
    """An error in one line, without the statement that met it."""
    return str(getattr(error, "orig", None) or error).partition("\n")[0] or type(error).__name__
