"""Appending: one transaction that knows the head and moves it, an entry at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ops_model.domain.evidence import LedgerEvent
from ops_model.domain.values import digest_of, iso_utc
from ops_model.domain.words import Words
from ops_model.errors import ChainBrokenError, LedgerError
from ops_model.store.ledger_backend import ask
from ops_model.store.ledger_chain import (
    Row,
    body_of,
    chain_of,
    examined,
    read_row,
    same_content,
)
from ops_model.store.ledger_evidence import TOOL_ACTOR
from ops_model.store.ledger_words import as_kept, keep_words
from ops_model.store.merkle import Frontier, leaf_hash

if TYPE_CHECKING:
    from sqlalchemy import Connection

CLOCK_SLACK = timedelta(minutes=1)
"""How far a command that began earlier may lie behind one that began later."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HEAD = "SELECT size, hash, frontier, latest FROM head"
_INSERT = (
    "INSERT INTO event (seq, event_id, prev, hash, body) "
    "VALUES (:seq, :event_id, :prev, :hash, :body)"
)
_ADVANCE = "UPDATE head SET size = :size, hash = :hash, frontier = :frontier, latest = :latest"


@dataclass(slots=True)
class StoredHead:
    """The one row of the table `head`: where the next entry goes."""

    size: int
    hash: bytes
    frontier: Frontier
    latest: datetime | None


def microseconds(instant: datetime) -> int:
    """An instant as the head stores it: microseconds since 1970."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


def read_head(connection: "Connection") -> StoredHead:
    """The head, as it is stored.

    Raises:
        ChainBrokenError: there is none, or its parts do not fit together.
    """
    found = ask(connection, _HEAD).one_or_none()
    if found is None:
        raise _broken("the ledger has lost its head")
    size, digest, peaks, latest = found
    try:
        frontier = Frontier.from_bytes(bytes(peaks))
    except ValueError as error:
        raise _broken(f"the head's part of the tree cannot be read: {error}") from error
    if frontier.size != size:
        raise _broken(f"the head says {size} entries, and its tree has {frontier.size}")
    instant = None if latest is None else _EPOCH + timedelta(microseconds=int(latest))
    return StoredHead(int(size), bytes(digest), frontier, instant)


def _broken(message: str) -> ChainBrokenError:
    return ChainBrokenError(
        message, where="ledger", remedy="run `ops-model verify` on it, and restore it from a copy"
    )


class Appending:
    """A write transaction at work; what it appended counts once that is committed.

    Args:
        connection: in a transaction that keeps other writers out.
        rows: the backend's query of entries.
    """

    def __init__(self, connection: "Connection", rows: str) -> None:
        self._connection = connection
        self._rows = rows
        self._head: StoredHead | None = None

    def append(self, event: LedgerEvent, words: Words | None = None) -> int:
        """Append one event behind the head, or find the number that it has already.

        Raises:
            LedgerError: its id is there with other content, or the words are not its own.
            ChainBrokenError: the ledger does not hold together.
        """
        known = self._row("event_id = :event_id", event_id=event.id)
        if known is not None:
            if words is not None:
                event = as_kept(self._connection, event, words, read_row(known).told())
            return _same_or_refused(known, event)
        head = self._head = self._head or read_head(self._connection)
        self._note_regression(event, head)
        self._put(event, head)
        if words is not None:
            keep_words(self._connection, event, words)
        return head.size - 1

    def claim(self, slot: str, run_id: str, event_of: Callable[[int], LedgerEvent]) -> bool:
        """Take the next attempt of a slot; `event_of` makes its event. See `Ledger.claim`."""
        attempt = 1
        while (known := self._row("event_id = :id", id=claim_id(slot, attempt))) is not None:
            holder = read_row(known).event.data.get("run_id")
            if holder == run_id:
                return True
            if not self._has_ended(str(holder)):
                return False
            attempt += 1
        self.append(event_of(attempt))
        return True

    def _has_ended(self, run_id: str) -> bool:
        """True when a run was marked as failed or abandoned, so that another may try."""
        ends = (f"{run_id}/failed", f"{run_id}/abandoned")
        return any(self._row("event_id = :id", id=end) is not None for end in ends)

    def _row(self, condition: str, **values: object) -> Row | None:
        found = ask(self._connection, f"{self._rows} WHERE {condition}", **values).one_or_none()
        return None if found is None else Row(*found)

    def carry(self, row: Row) -> None:
        """Append an entry of another ledger as it is stored there.

        Raises:
            ChainBrokenError: it is damaged, or is not the next one.
        """
        head = self._head = self._head or read_head(self._connection)
        leaf = leaf_hash(row.body)
        problems, body = examined(row, leaf)
        if problems or (row.seq, row.prev) != (head.size, head.hash):
            why = "; ".join(problems) or f"expected entry {head.size} behind the one before it"
            raise _broken(f"entry {row.seq} cannot be carried over: {why}; nothing was appended")
        instant = datetime.fromisoformat(str(body["recorded_at"]))
        self._store(row.event_id.decode("utf-8"), row.body, instant, head)

    def _put(self, event: LedgerEvent, head: StoredHead) -> None:
        self._store(event.id, body_of(event, head.size), event.recorded_at, head)

    def _store(self, event_id: str, body: bytes, recorded_at: datetime, head: StoredHead) -> None:
        leaf = leaf_hash(body)
        link = chain_of(head.hash, leaf)
        ask(
            self._connection, _INSERT,
            seq=head.size, event_id=event_id, prev=head.hash, hash=link, body=body.decode("utf-8"),
        )  # fmt: skip
        head.frontier.append(leaf)
        head.size, head.hash = head.size + 1, link
        head.latest = max(head.latest or recorded_at, recorded_at)
        ask(
            self._connection, _ADVANCE,
            size=head.size, hash=link, frontier=head.frontier.to_bytes(),
            latest=microseconds(head.latest),
        )  # fmt: skip

    def _note_regression(self, event: LedgerEvent, head: StoredHead) -> None:
        """Put on record that the clock was set back, once for each time that it was.

        An entry behind another one of the same earlier time is no further step back.
        """
        if head.latest is None or event.recorded_at >= head.latest - CLOCK_SLACK:
            return
        last = self._row("seq = :seq", seq=head.size - 1)
        if last is None:
            raise _broken("the ledger has lost its last entry")
        if event.recorded_at < read_row(last).event.recorded_at - CLOCK_SLACK:
            self._put(_regression(event, head.latest), head)


def claim_id(slot: str, attempt: int) -> str:
    """The id of the event that takes a slot; two who want the same one meet in it."""
    return f"claim:{slot}#{attempt}"


def _regression(event: LedgerEvent, latest: datetime) -> LedgerEvent:
    data: dict[str, Any] = {
        "before": event.id, "latest": iso_utc(latest),
        "seconds": int((latest - event.recorded_at).total_seconds()),
    }  # fmt: skip
    return LedgerEvent(
        id=f"clock/{digest_of(event.id.encode('utf-8')).removeprefix('sha256:')}",
        type="clock.regressed",
        subject=event.subject,
        as_of=event.as_of,
        recorded_at=event.recorded_at,
        actor=TOOL_ACTOR,
        data=data,
    )


def _same_or_refused(row: Row, event: LedgerEvent) -> int:
    if same_content(row.body, body_of(event, row.seq)):
        return row.seq
    raise LedgerError(
        f"the id {event.id} is there already with other content; nothing was appended",
        where=row.place,
        remedy="give the new event an id of its own; an entry is never replaced",
    )
