"""What the ledger asks of a database.

`Ledger` speaks plain SQL through SQLAlchemy. What each database does its own way stands behind
`Backend`: how a writer keeps others out, what its errors mean, its tables and triggers and whether
they are still as shipped, and how words are forgotten so that no copy stays behind.

`ledger_file` with `ledger_schema` is the half for SQLite, `ledger_postgres` that for PostgreSQL,
and `ledger_address` says which of them an address means. Each has the tables `event`, `head` and
`payload` with the same columns.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from sqlalchemy import Connection, CursorResult, TextClause

PAGE_ROWS = 500


class Backend(Protocol):
    """One database that holds a ledger."""

    rows: str
    """The query of all entries without its conditions, names and bodies as bytes, since the
    stored bytes are what is hashed: `SELECT seq, event_id, prev, hash, body FROM event`."""
    bodies: str
    """The same of nothing but the bodies."""
    clocks: str
    """The same of nothing but `recorded_at`, null where an entry is damaged."""

    @property
    def place(self) -> str:
        """How messages name it; never with a password."""

    def prepare(self, *, create: bool) -> None:
        """See that a ledger of this version is there; `create` makes one where there is none.

        Raises:
            LedgerError: there is none, or it cannot be reached, or is of another version.
        """

    def transaction(self, *, write: bool) -> "AbstractContextManager[Connection]":
        """One transaction that sees one state, and whose commit is on the disk when it returns.

        A writer keeps all other writers out from its beginning, before it reads the head.
        """

    def explained(self) -> AbstractContextManager[None]:
        """Turns what the database or the operating system says into what to do about it.

        Raises:
            LedgerError: the machine, or another process, stands in the way.
            ChainBrokenError: what is stored is damaged, or does not fit together.
        """

    def of_the_machine(self, error: Exception) -> bool:
        """True when an error says nothing about what is stored: no rights, no space, no answer."""

    def storage_problems(self, connection: "Connection") -> Iterator[tuple[str, str]]:
        """What is wrong with the storage itself, as (part, problem): pages, tables, triggers."""

    def forget(self, connection: "Connection", commitment: bytes) -> bool:
        """Delete the words of a commitment with their salt; False when there are none."""

    def leave_no_copy(self) -> None:
        """After a commit that forgot words: see that the storage keeps no older copy of them.

        Raises:
            LedgerError: it still does, because somebody else reads; says so.
        """

    def close(self) -> None:
        """Let go of it."""


@lru_cache(maxsize=64)
def _prepared(query: str) -> "TextClause":
    from sqlalchemy import text

    return text(query)


def ask(
    connection: "Connection", query: str, **values: object
) -> "CursorResult[*tuple[Any, ...]]":
    """Ask the database; `:name` in the query stands for a value, which is never read as SQL."""
    return connection.execute(_prepared(query), values)


def ask_in_pages(connection: "Connection", query: str) -> "CursorResult[*tuple[Any, ...]]":
    """Ask for very many rows, of which only some are held in memory at a time."""
    return connection.execute(_prepared(query), execution_options={"yield_per": PAGE_ROWS})
