"""Whether a ledger is what was appended to it: every byte that is stored, hashed again.

What the stored bytes alone cannot show: that whoever can write them rewrote the ledger whole from
some entry on, or put an older copy back. A root that was signed elsewhere shows that, so `roots`
says which roots are known, and the result carries size, head and root.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ops_model.errors import Problem
from ops_model.store.ledger_append import microseconds
from ops_model.store.ledger_backend import Backend, ask, ask_in_pages
from ops_model.store.ledger_chain import GENESIS, Row, examined
from ops_model.store.ledger_words import commitment_in, is_commitment, kept_words
from ops_model.store.merkle import Frontier, leaf_hash

if TYPE_CHECKING:
    from sqlalchemy import Connection

MAX_PROBLEMS = 100
_HEAD = "SELECT one, size, hash, frontier, latest FROM head"
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class LedgerVerification:
    """What the stored rows give: how many, the hash of the last, their root; what is wrong."""

    size: int
    head: str
    root: str
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class _Words:
    """The words that lie beside the entries, as far as they wait for their entry or end."""

    kept: dict[str, bool] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


class LedgerCheck:
    """One verification, in one read transaction, so that a writer meanwhile is no alarm.

    Args:
        backend: tells an error of the machine from an error in what is stored.
        connection: to the ledger, in a transaction.
        roots: for sizes, the root that the entries gave when they were as many.
    """

    def __init__(
        self, backend: Backend, connection: "Connection", roots: Mapping[int, str]
    ) -> None:
        self._backend = backend
        self._connection = connection
        self._roots = roots
        self._problems: list[Problem] = []
        self._size = 0
        self._head = GENESIS
        self._tree = Frontier()
        self._latest = _LONG_AGO
        self._changed = False
        self._words = _Words()

    def run(self) -> LedgerVerification:
        """All problems with their places, at most 100.

        Raises:
            Exception: the backend says that it is the machine's; any other counts as a change.
        """
        self._part("the storage", self._check_storage)
        self._part("the words", self._read_words)
        self._part("the entries", self._check_rows)
        self._part("the head", self._check_head)
        self._part("the signed roots", self._check_later_roots)
        self._part("the words", self._check_words)
        return LedgerVerification(
            self._size, self._head.hex(), self._tree.root().hex(), tuple(self._problems)
        )

    def _part(self, name: str, check: Callable[[], None]) -> None:
        try:
            check()
        except Exception as error:
            if self._backend.of_the_machine(error):
                raise
            self._note(f"{name} cannot be read: {reason_of(error)}")

    def _note(self, message: str, where: str = "ledger") -> None:
        if len(self._problems) < MAX_PROBLEMS:
            self._problems.append(Problem(message, where))

    def _check_storage(self) -> None:
        for part, problem in self._backend.storage_problems(self._connection):
            self._note(f"{part}: {problem}")

    def _check_rows(self) -> None:
        self._check_root()
        for stored in ask_in_pages(self._connection, f"{self._backend.rows} ORDER BY seq"):
            self._check_row(Row(*stored))

    def _check_row(self, row: Row) -> None:
        leaf = leaf_hash(row.body)
        problems, body = examined(row, leaf)
        if row.prev != self._head:
            problems.insert(0, "the entry is not chained to the one before it")
        if row.seq != self._size:
            problems.insert(0, f"the entry before it is not number {row.seq - 1}")
        for problem in problems:
            self._note(problem, row.place)
        self._changed = self._changed or bool(problems)
        if body:
            self._note_time(body.get("recorded_at"), row.place)
            self._note_words(body, row.place)
        # The stored values go on, so that one changed entry is one problem.
        self._size, self._head = row.seq + 1, row.hash
        self._tree.append(leaf)
        self._check_root()

    def _check_root(self) -> None:
        expected = self._roots.get(self._size)
        if expected is not None and self._tree.root().hex() != expected:
            self._note(
                f"the first {self._size} entries give the root {self._tree.root().hex()}; a "
                f"signed checkpoint says {expected}"
            )

    def _check_later_roots(self) -> None:
        later = [size for size in self._roots if size > self._size]
        if later:
            self._note(
                f"there are {self._size} entries; a signed checkpoint says that there were "
                f"{max(later)}"
            )

    def _note_time(self, recorded_at: object, place: str) -> None:
        try:
            instant = datetime.fromisoformat(str(recorded_at))
            self._latest = max(self._latest, instant)
        except (ValueError, TypeError):
            self._note(f"the entry says that it was recorded at {recorded_at!r}", place)

    def _check_head(self) -> None:
        latest = microseconds(self._latest) if self._size else None
        expected = (1, self._size, self._head, self._tree.to_bytes(), latest)
        heads = [tuple(row) for row in ask(self._connection, _HEAD)]
        if heads == [expected]:
            return
        told = ", ".join(f"{size} entries, {_hex(digest)}" for _, size, digest, *_ in heads)
        if [head[:3] for head in heads] == [expected[:3]]:
            # That the tree of a changed entry is another one is said with the entry.
            if not self._changed:
                what = "the tree" if heads[0][3] != expected[3] else "the latest time"
                self._note(f"the head does not hold {what} that the entries give")
        else:
            self._note(
                f"the head says {told or 'nothing'}; the entries give {self._size} entries, "
                f"{self._head.hex()}"
            )

    def _read_words(self) -> None:
        self._words.kept.update(kept_words(self._connection))

    def _note_words(self, body: Mapping[str, object], place: str) -> None:
        """Compare an entry with the words beside it, or with their having been erased."""
        data = body.get("data")
        if not isinstance(data, Mapping):
            return
        erased = data.get("words") if body.get("type") == "payload.erased" else None
        if is_commitment(erased):
            self._words.missing.pop(str(erased), None)
            if str(erased) in self._words.kept:
                self._note("the words that were erased here are there again", place)
        record = data.get("record")
        named = commitment_in(record) if isinstance(record, Mapping) else None
        if named is None:
            return
        if (first := self._words.named.setdefault(named, place)) != place:
            # Salts are random, so whoever claims a commitment once more copied it.
            number = first.rpartition(":")[2]
            self._note(
                f"the words of entry {number} are claimed by entry {place.rpartition(':')[2]} too",
                place,
            )
        elif named not in self._words.kept:
            self._words.missing[named] = place

    def _check_words(self) -> None:
        for commitment, right in self._words.kept.items():
            place = self._words.named.get(commitment)
            if place is None:
                self._note(f"holds words that no entry names: {commitment}")
            elif not right:
                number = place.rpartition(":")[2]
                self._note(f"the words of entry {number} are not those that were said", place)
        for place in self._words.missing.values():
            number = place.rpartition(":")[2]
            self._note(
                f"the words of entry {number} are gone, and no entry says that they were erased",
                place,
            )


def _hex(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else repr(value)


def reason_of(error: Exception) -> str:
    """An error in one line, without the statement that met it."""
    return str(getattr(error, "orig", None) or error).partition("\n")[0] or type(error).__name__
