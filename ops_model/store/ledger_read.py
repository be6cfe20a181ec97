"""Reading a ledger: where it stands, what it holds, what proves a part of it, what is wrong."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ops_model.domain.evidence import Statement
from ops_model.errors import LedgerError, Problem
from ops_model.store import merkle
from ops_model.store.ledger_address import backend_of
from ops_model.store.ledger_append import read_head
from ops_model.store.ledger_backend import PAGE_ROWS, ask, ask_in_pages
from ops_model.store.ledger_chain import GENESIS, Row, StoredEvent, read_row
from ops_model.store.ledger_check import LedgerCheck, LedgerVerification, reason_of
from ops_model.store.ledger_clocks import Clocks
from ops_model.store.ledger_evidence import evidence_among
from ops_model.store.ledger_words import is_commitment, with_words, words_at

if TYPE_CHECKING:
    from sqlalchemy import Connection

NO_ROOTS: Mapping[int, str] = {}
"""When no signed checkpoint is known."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where the ledger stands: how many entries, the last one's chain hash, the Merkle root.

    Both hashes are 64 hex digits.
    """

    size: int
    hash: str
    root: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A read transaction at work."""

    connection: "Connection"
    query: str

    def rows(self) -> Iterator[Row]:
        """All entries in order as they are stored, not checked."""
        for row in ask_in_pages(self.connection, f"{self.query} ORDER BY seq"):
            yield Row(*row)


class LedgerReader:
    """What anybody may ask of a ledger, with no way to change it.

    Args:
        address: the database file, or the address of a database.
        readonly: the connections refuse to write.
    """

    def __init__(self, address: Path | str, *, readonly: bool = False) -> None:
        self._backend = backend_of(address, readonly=readonly)
        self._readonly = readonly
        self._clocks = Clocks()
        self._at_hand: tuple[str, list[StoredEvent]] | None = None

    @property
    def place(self) -> str:
        """How messages name this ledger."""
        return self._backend.place

    def close(self) -> None:
        """Let go of the database."""
        self._backend.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def size(self) -> int:
        """How many events there are."""
        return self.head().size

    def head(self) -> Head:
        """The number of events, the last one's chain hash and the root over all of them."""
        with self._transaction() as connection:
            head = read_head(connection)
        return Head(head.size, head.hash.hex(), head.frontier.root().hex())

    def latest_recorded(self) -> datetime | None:
        """The latest wall clock that any entry was ever recorded at; None when there is none."""
        with self._transaction() as connection:
            return read_head(connection).latest

    def root_at(self, size: int) -> str:
        """The root that the first `size` entries give; all of them are read.

        Raises:
            LedgerError: there are fewer.
        """
        with self._leaves(size) as leaves:
            return merkle.root_of(leaves).hex()

    def inclusion(self, seq: int, size: int) -> list[bytes]:
        """What shows that entry `seq` is one of the first `size`; see `merkle`."""
        with self._leaves(size) as leaves:
            return merkle.inclusion_proof(leaves, seq, size)

    def consistency(self, first: int, size: int) -> list[bytes]:
        """What shows that the first `size` entries begin with the `first` ones; see `merkle`."""
        with self._leaves(size) as leaves:
            return merkle.consistency_proof(leaves, first, size)

    @contextmanager
    def _leaves(self, size: int) -> Iterator[Iterator[bytes]]:
        with self._transaction() as connection:
            there = read_head(connection).size
            if not 0 <= size <= there:
                raise LedgerError(
                    f"there are {there} entries; asked for the first {size}",
                    where="ledger",
                    remedy="ask for no more than there are",
                )
            query = f"{self._backend.bodies} WHERE seq < {int(size)} ORDER BY seq"
            yield (merkle.leaf_hash(body) for (body,) in ask_in_pages(connection, query))

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
        if self._at_hand is None or self._at_hand[0] != subject:
            yield from (read_row(row) for row in self.rows(subject=subject, until=until))
            return
        known = self._at_hand[1]
        start = known[-1].seq + 1 if known else 0
        known += map(read_row, self.rows(subject=subject, start=start))
        yield from [stored for stored in known if until is None or stored.seq < until]

    @contextmanager
    def at_hand(self, subject: str) -> Iterator[None]:
        """Read each entry about a system once while the block lasts, and what is added then."""
        before = self._at_hand
        if before is None or before[0] != subject:
            self._at_hand = (subject, [])
        try:
            yield
        finally:
            self._at_hand = before

    def entry(self, seq: int) -> StoredEvent:
        """One entry by its number.

        Raises:
            ChainBrokenError: it was changed.
            LedgerError: there is no such entry, or the ledger cannot be read.
        """
        for row in self._page(None, seq, seq + 1):
            return read_row(row)
        raise LedgerError("there is no such entry", where=f"ledger:{seq}")

    def find(self, event_id: str) -> StoredEvent | None:
        """The entry with an id, however many others there are; None when there is none.

        Raises:
            ChainBrokenError: it was changed.
            LedgerError: the ledger cannot be read.
        """
        with self._transaction() as connection:
            query = f"{self._backend.rows} WHERE event_id = :event_id"
            found = ask(connection, query, event_id=event_id).one_or_none()
        return None if found is None else read_row(Row(*found))

    def rows(
        self, *, subject: str | None = None, start: int = 0, until: int | None = None
    ) -> Iterator[Row]:
        """The entries from `start` in order as they are stored, not checked."""
        until = self.size() if until is None else until
        full = True
        while full:
            page = self._page(subject, start, until)
            yield from page
            full = len(page) == PAGE_ROWS
            start = page[-1].seq + 1 if page else until

    def _page(self, subject: str | None, start: int, until: int) -> list[Row]:
        """The next rows; no cursor stays open, so whoever reads may append meanwhile."""
        about = "" if subject is None else "subject = :subject AND "
        query = (
            f"{self._backend.rows} WHERE {about}seq >= :start AND seq < :until "
            f"ORDER BY seq LIMIT {PAGE_ROWS}"
        )
        named = {} if subject is None else {"subject": subject}
        with self._transaction() as connection:
            return [Row(*row) for row in ask(connection, query, start=start, until=until, **named)]

    @contextmanager
    def reading(self) -> "Iterator[Reading]":
        """One state of the ledger, for whoever reads all of it as it is stored."""
        with self._transaction() as connection:
            yield Reading(connection, self._backend.rows)

    def statements(
        self, subject: str, *, until: int | None = None, words: bool = True
    ) -> tuple[Statement, ...]:
        """What has been shown about one system, in the order of the ledger.

        That is: the records of runs that finished, what the tool itself observed, and what people
        said. A record of a run without `run.finished` is no evidence.

        Args:
            subject: the system's id.
            until: as if the ledger held its first `until` events and no more.
            words: put people's words back into their records, where they are still kept; without
                them the records hold commitments, as the digests say.

        Raises:
            ChainBrokenError: an entry was changed, or a record is not what its digest says.
            IntegrityError: a record of a kind that this version does not know.
        """
        events = list(self.events(subject=subject, until=until))
        told = evidence_among(events, self._set_back(events))
        return self.with_words(told) if words else told

    def with_words(self, told: Sequence[Statement]) -> tuple[Statement, ...]:
        """The same statements with people's words put back, where they are still kept."""
        with self._transaction() as connection:
            return tuple(with_words(s, lambda said: words_at(connection, said)) for s in told)

    def _set_back(self, events: Sequence[StoredEvent]) -> Mapping[int, datetime]:
        """The latest clock by each entry whose own was set back, as far as a proof hangs on it.

        The entries of all systems are read for that, by this reader once.
        """
        clocks, proven = self._clocks, [s.seq for s in events if s.event.data.get("proof")]
        if proven and clocks.size <= proven[-1]:
            query = f"{self._backend.clocks} WHERE seq >= {clocks.size} AND seq <= {proven[-1]}"
            with self._transaction() as connection:
                for (recorded_at,) in ask_in_pages(connection, f"{query} ORDER BY seq"):
                    clocks.see(recorded_at)
        return clocks.behind

    def words_of(self, commitment: str) -> str | None:
        """The words that a commitment stands for; None when they were erased."""
        require_commitment(commitment)
        with self._transaction() as connection:
            return words_at(connection, commitment)

    def verify(self, *, roots: Mapping[int, str] = NO_ROOTS) -> LedgerVerification:
        """Everything that is wrong with what is stored, and the head and root that it gives.

        Without `roots` it cannot show that the owner of the database rewrote the ledger whole from
        some entry on, or put back an older copy.

        Args:
            roots: for sizes, the root that a signed checkpoint says that the ledger had then.

        Raises:
            LedgerError: the machine could not read it, which is not the same as a change.
        """
        backend = self._backend
        with backend.explained():
            try:
                with backend.transaction(write=False) as connection:
                    return LedgerCheck(backend, connection, roots).run()
            except Exception as error:
                if backend.of_the_machine(error):
                    raise
                what = f"the file is no ledger any more: {reason_of(error)}"
                root = merkle.EMPTY_ROOT.hex()
                return LedgerVerification(0, GENESIS.hex(), root, (Problem(what, "ledger"),))

    @contextmanager
    def _transaction(self, *, write: bool = False) -> "Iterator[Connection]":
        with self._backend.explained(), self._backend.transaction(write=write) as connection:
            yield connection


def require_commitment(commitment: str) -> None:
    """Refuse what cannot stand for words.

    Raises:
        LedgerError: it is no `sha256:` and 64 hex digits.
    """
    if not is_commitment(commitment):
        raise LedgerError(
            f"{commitment!r} is no commitment; expected sha256: and 64 hex digits",
            where="ledger",
            remedy="see `ops-model erase --list SYSTEM` for those that there are",
        )
