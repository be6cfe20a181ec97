"""Whether the file of a ledger still begins as it did, told without reading all of it.

Others append meanwhile, and each commit changes the file. So what counts is what it holds: the
tables and triggers, the head, and the entries about one system, on which its verdict rests.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ops_model.store.ledger_file import connect
from ops_model.store.ledger_file_errors import explained
from ops_model.store.merkle import Frontier, leaf_hash

_SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"
_ABOUT = (
    "SELECT seq, event_id, prev, hash, CAST(body AS BLOB) FROM event "
    "WHERE subject = ? AND seq < ? ORDER BY seq"
)
_NEWER = "SELECT prev, hash, CAST(body AS BLOB) FROM event WHERE seq >= ? ORDER BY seq"

Head = tuple[int, bytes, bytes]


@dataclass(frozen=True)
class Glance:
    """What a ledger's file held at one moment, as far as one system goes.

    `head` is the number of entries, the chain hash of the last and the peaks of the tree; `schema`
    and `about` are digests of the tables and triggers, and of the entries about the system.
    """

    head: Head
    schema: str
    about: str

    @property
    def root(self) -> str:
        """The root over all entries, 64 hex digits."""
        return Frontier.from_bytes(self.head[2]).root().hex()


def glance_at(path: Path, system_id: str) -> Glance:
    """What the ledger's file holds now.

    Raises:
        LedgerError, ChainBrokenError: it cannot be read, or is no ledger.
        ValueError, TypeError: its head is none.
    """
    with _reading(path) as ledger:
        head = _head(ledger)
        return Glance(head, _schema(ledger), _about(ledger, system_id, head[0]))


def grew_from(before: Glance, path: Path, system_id: str) -> bool:
    """Whether nothing but entries was added behind the head since then; at least one.

    Raises:
        LedgerError, ChainBrokenError, ValueError, TypeError: as `glance_at`.
    """
    size, last, peaks = before.head
    tree = Frontier.from_bytes(peaks)
    with _reading(path) as ledger:
        for prev, own, body in ledger.execute(_NEWER, (size,)):
            if prev != last:
                return False
            tree.append(leaf_hash(body))
            last = own
        return (
            tree.size > size
            and _head(ledger) == (tree.size, last, tree.to_bytes())
            and _schema(ledger) == before.schema
            and _about(ledger, system_id, size) == before.about
        )


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """One state of the file; its folder may be shared with writers."""
    with explained(path), closing(connect(path, readonly=True)) as ledger:
        ledger.execute("BEGIN")
        yield ledger


def _head(ledger: sqlite3.Connection) -> Head:
    found = ledger.execute("SELECT size, hash, frontier FROM head").fetchall()
    if len(found) != 1:
        msg = f"a ledger has one head, and here are {len(found)}"
        raise ValueError(msg)
    size, last, peaks = found[0]
    return int(size), bytes(last), bytes(peaks)


def _schema(ledger: sqlite3.Connection) -> str:
    """With the count of its changes: what was taken away and put back is another one."""
    changes = ledger.execute("PRAGMA schema_version").fetchone()
    return hashlib.sha256(repr((changes, *ledger.execute(_SCHEMA))).encode()).hexdigest()


def _about(ledger: sqlite3.Connection, system_id: str, until: int) -> str:
    found = hashlib.sha256()
    for row in ledger.execute(_ABOUT, (system_id, until)):
        found.update(repr(row).encode())
    return found.hexdigest()
