"""A ledger as a text that travels: one stored entry a line, and how it is verified again.

A line is JSON, `{"seq":0,"hash":"…","body":{…}}`, and the body in it is the stored bytes
themselves, so that whoever has the file hashes what the ledger hashed. What people said is not
there: entries hold commitments to their words.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from ops_model.errors import Problem
from ops_model.store.ledger_chain import (
    GENESIS,
    MAX_BODY_BYTES,
    Row,
    StoredEvent,
    examined,
    read_body,
    read_row,
)
from ops_model.store.merkle import Frontier, leaf_hash

LEDGER_LINES = "ledger.jsonl"
MAX_PROBLEMS = 100
_LONGEST_LINE = MAX_BODY_BYTES + 200
_LINE = re.compile(rb'\{"seq":(0|[1-9][0-9]{0,15}),"hash":"([0-9a-f]{64})","body":(.*)\}\n', re.S)


def line_of(row: Row) -> bytes:
    """One entry as a line."""
    return b'{"seq":%d,"hash":"%b","body":%b}\n' % (row.seq, row.hash.hex().encode(), row.body)


@dataclass(frozen=True, slots=True)
class ExportedEntry:
    """One entry as its line holds it, and the object that its body is."""

    row: Row
    body: Mapping[str, Any]

    @property
    def data(self) -> Mapping[str, Any]:
        """What the event carries; nothing where that is no object."""
        found = self.body.get("data")
        return found if isinstance(found, Mapping) else {}

    def stored(self) -> StoredEvent:
        """The event.

        Raises:
            LedgerError: another version of ops-model wrote it.
        """
        return read_row(self.row)


class ExportedLedger:
    """The lines of an exported ledger, verified while they are read, once.

    Args:
        file: the lines.
        roots: what signed checkpoints say that the root was at a size.
    """

    def __init__(self, file: BinaryIO, roots: Mapping[int, str]) -> None:
        self._file = file
        self._roots = roots
        self._frontier = Frontier()
        self._head = GENESIS
        self.size = 0
        self.problems: list[Problem] = []

    @property
    def head(self) -> str:
        """The chain hash of the last entry read."""
        return self._head.hex()

    @property
    def root(self) -> str:
        """The Merkle root of the entries read."""
        return self._frontier.root().hex()

    def entries(self) -> Iterator[ExportedEntry]:
        """The entries in order, up to the first one that is not what was recorded.

        What is wrong is in `problems` afterwards, and nothing from there on is believed: an entry
        in another place may be any entry.
        """
        self._compare_root()
        while line := self._file.readline(_LONGEST_LINE):
            try:
                entry, leaf = self._entry(line)
            except (ValueError, RecursionError) as error:
                self._note(str(error), f"ledger:{self.size}")
                return
            self._frontier.append(leaf)
            self._head, self.size = entry.row.hash, self.size + 1
            self._compare_root()
            yield entry
        for size in sorted(size for size in self._roots if size > self.size):
            self._note(
                f"the ledger ends after {self.size} entries; a signed checkpoint covers {size}"
            )

    def _entry(self, line: bytes) -> tuple[ExportedEntry, bytes]:
        """The entry of a line, and its leaf in the tree.

        Raises:
            ValueError: it is none, or not the next one, or not what was recorded.
        """
        found = _LINE.fullmatch(line)
        if found is None:
            msg = f"line {self.size + 1} is no entry of a ledger"
            raise ValueError(msg)
        if int(found[1]) != self.size:
            msg = f"line {self.size + 1} says that it is entry {int(found[1])}"
            raise ValueError(msg)
        leaf, body = leaf_hash(found[3]), read_body(found[3])
        # A line has no other place for the id than the body.
        event_id = str(body.get("id")).encode()
        digest = bytes.fromhex(found[2].decode())
        row = Row(self.size, event_id, self._head, digest, found[3])
        if problems := examined(row, leaf, body)[0]:
            raise ValueError("; ".join(problems))
        return ExportedEntry(row, body), leaf

    def _compare_root(self) -> None:
        signed = self._roots.get(self.size)
        if signed is not None and signed != self.root:
            self._note(
                f"the first {self.size} entries are not those that the checkpoint signed: they "
                f"give the root {self.root}, signed was {signed}"
            )

    def _note(self, message: str, where: str = "ledger") -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(message, where))
