"""The ledger: an append-only list of events, each chained to the one before it.

When `append` returns, the entry is on the disk. The stored bytes of an entry are the truth; a
hash chain shows at once that two writers did not fork, and the root of a Merkle tree over all
entries is what a checkpoint signs. SQLite is built in; what each database does its own way stands
behind `ledger_backend.Backend`.
"""

from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Self

from ops_model.domain.evidence import LedgerEvent
from ops_model.domain.words import Words
from ops_model.errors import LedgerError
from ops_model.store.ledger_append import Appending, claim_id, read_head
from ops_model.store.ledger_chain import StoredEvent, body_of
from ops_model.store.ledger_check import LedgerVerification
from ops_model.store.ledger_read import NO_ROOTS, Head, LedgerReader, require_commitment
from ops_model.store.ledger_words import carry_words, hash_of

__all__ = ["Head", "Ledger", "LedgerVerification", "StoredEvent", "verify_ledger"]

_RUNNER = "runner:ops-model"


class Ledger(LedgerReader):
    """One open ledger. Use it as a context manager, or close it.

    Args:
        address: the database file; `Ledger.open` also says so when it is something else.
        readonly: refuse to append.
    """

    @classmethod
    def open(cls, address: Path | str, *, create: bool = False, readonly: bool = False) -> Self:
        """Open the ledger at `address`; one on a read-only disk can still be read.

        Args:
            address: the database file.
            create: make an empty ledger when there is none; never touches a file that is there.
            readonly: refuse to append.

        Raises:
            LedgerError: there is none, or it cannot be read, or the file is something else.
        """
        ledger = cls(address, readonly=readonly)
        try:
            ledger._backend.prepare(create=create)
        except BaseException:
            ledger.close()
            raise
        return ledger

    def append(self, event: LedgerEvent, words: Words | None = None) -> int:
        """Append one event; on return it is on the disk.

        Args:
            event: what happened.
            words: what a person said, whose commitment stands in the event's record; they are
                kept beside the entry, where they can be erased.

        Returns:
            Its number. An id that is there already gives the number that it has and changes
            nothing, so a writer that does not know whether it succeeded may simply try again,
            with the same words.

        Raises:
            LedgerError: the event cannot be stored, or its id is there with other content, or the
                disk is full, read-only or held by somebody else; nothing was appended.
            ChainBrokenError: the ledger does not hold together; nothing was appended.
        """
        body_of(event, 0)  # what cannot be stored is refused before the database is asked
        with self._transaction(write=True) as connection:
            return Appending(connection, self._backend.rows).append(event, words)

    def append_all(self, events: Sequence[LedgerEvent]) -> tuple[int, ...]:
        """Append events in one transaction, all or none; their numbers, in their order.

        Raises:
            LedgerError, ChainBrokenError: as `append`; none of them was appended.
        """
        for event in events:
            body_of(event, 0)
        with self._transaction(write=True) as connection:
            appending = Appending(connection, self._backend.rows)
            return tuple(appending.append(event) for event in events)

    def claim(
        self, slot: str, run_id: str, *, subject: str, as_of: datetime, recorded_at: datetime
    ) -> bool:
        """Take a slot for a run: of all who try, one gets it.

        A slot whose last holder was marked as failed or abandoned can be taken once more.

        Args:
            slot: what is to be done once, `<system>/<notebook>@<as_of>`.
            run_id: who wants it; the winner may ask again and has won again.
            subject: the system.
            as_of: the instant of the slot.
            recorded_at: the wall clock.

        Returns:
            True when the slot is this run's.
        """

        def event_of(attempt: int) -> LedgerEvent:
            return LedgerEvent(
                id=claim_id(slot, attempt), type="run.claimed", subject=subject, as_of=as_of,
                recorded_at=recorded_at, actor=_RUNNER,
                data={"run_id": run_id, "slot": slot, "attempt": attempt},
            )  # fmt: skip

        body_of(event_of(1), 0)
        with self._transaction(write=True) as connection:
            return Appending(connection, self._backend.rows).claim(slot, run_id, event_of)

    def take_over(self, source: LedgerReader) -> int:
        """Append all entries of another ledger to this empty one, byte by byte, with their words.

        Hashes and root stay what they were, so every signed checkpoint holds on.

        Returns:
            How many entries there are now.

        Raises:
            LedgerError: this one is not empty.
            ChainBrokenError: an entry of the other is damaged; nothing was appended.
        """
        with source.reading() as there, self._transaction(write=True) as here:
            appending = Appending(here, self._backend.rows)
            if read_head(here).size:
                raise LedgerError(
                    "holds entries already; expected an empty ledger",
                    where=self.place,
                    remedy="name a ledger that nothing was recorded in",
                )
            for row in there.rows():
                appending.carry(row)
            carry_words(there.connection, here)
        return self.size()

    def erase(self, commitment: str, event: LedgerEvent) -> bool:
        """Forget the words of a commitment, with their salt, and append the event that says so.

        A retry is harmless, and makes good what an interrupted one left undone.

        Args:
            commitment: what stands in the entry in their place; it stays there.
            event: `payload.erased`, with the commitment as `words` in its data.

        Returns:
            True when there were words to forget.

        Raises:
            LedgerError: as `append`; or a copy stays in a log that another process uses.
        """
        require_commitment(commitment)
        with self._transaction(write=True) as connection:
            there = self._backend.forget(connection, hash_of(commitment))
            if there:
                Appending(connection, self._backend.rows).append(event)
        self._backend.leave_no_copy()
        return there


def verify_ledger(
    address: Path | str, *, roots: Mapping[int, str] = NO_ROOTS
) -> LedgerVerification:
    """Verify the ledger at an address, even one that is too damaged to be opened for use.

    Raises:
        LedgerError: there is no such file, or the machine cannot read it.
    """
    if isinstance(address, Path) and not address.is_file():
        raise LedgerError("there is no such file", where=str(address), remedy="name a ledger file")
    with closing(Ledger(address, readonly=True)) as ledger:
        return ledger.verify(roots=roots)
