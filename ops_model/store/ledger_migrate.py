"""From a ledger of schema version 1 to one of version 2: the same entries, byte by byte.

The new file is written beside, verified and then given the name; the old one is kept. Version 2
adds the Merkle tree of the entries, the latest clock, and a place for words that can be erased.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from ops_model.domain.evidence import LedgerEvent
from ops_model.errors import ChainBrokenError, LedgerError
from ops_model.store.ledger import Ledger
from ops_model.store.ledger_append import microseconds
from ops_model.store.ledger_chain import GENESIS, Row, examined
from ops_model.store.ledger_evidence import TOOL_ACTOR
from ops_model.store.ledger_file import OLDER_VERSION, connect, create_ledger, sync_folder
from ops_model.store.ledger_file_errors import explained
from ops_model.store.ledger_schema import SCHEMA_VERSION
from ops_model.store.merkle import Frontier, leaf_hash

_ROWS = (
    "SELECT seq, CAST(event_id AS BLOB), prev, hash, CAST(body AS BLOB) FROM event ORDER BY seq"
)
_INSERT = "INSERT INTO event (seq, event_id, prev, hash, body) VALUES (?, ?, ?, ?, ?)"
_ADVANCE = "UPDATE head SET size = ?, hash = ?, frontier = ?, latest = ?"
_AGAIN = "restore it from a copy that verifies with the version of ops-model that wrote it"


@dataclass(frozen=True, slots=True)
class Migrated:
    """What was done: how many entries were carried over, and where the old file lies."""

    entries: int
    kept: Path


def migrate_ledger(path: Path, *, subject: str, recorded_at: datetime) -> Migrated | None:
    """Bring the ledger in a file to the present schema.

    Args:
        path: the database file.
        subject: what the entry about it is about.
        recorded_at: the wall clock.

    Returns:
        None when it is of the present version already.

    Raises:
        ChainBrokenError: an entry was changed; nothing was done.
        LedgerError: there is none, or it is in use, or the machine cannot write; nothing was done.
    """
    if not path.is_file():
        raise LedgerError("there is no ledger", where=str(path), remedy="name its workbook")
    kept = path.with_name(f"{path.stem}.v{OLDER_VERSION}{path.suffix}")
    with explained(path), closing(connect(path, readonly=False)) as old:
        (version,) = old.execute("PRAGMA user_version").fetchone()
        if version == SCHEMA_VERSION:
            return None
        _require_older(old, version, path)
        # The same file under both names is what an interrupted migration leaves.
        if kept.exists() and not kept.samefile(path):
            raise LedgerError(
                f"would be kept as {kept.name}, and there is such a file already",
                where=str(path),
                remedy="move that file out of the way",
            )
        _keep_everybody_out(old, path)
        with TemporaryDirectory(prefix=".new-ledger-", dir=path.parent) as folder:
            new = Path(folder) / path.name
            entries = _carry_over(old, new, path)
            _note(new, subject, entries, recorded_at)
            if not kept.exists():
                os.link(path, kept)
            new.replace(path)
        sync_folder(path.parent)
    return Migrated(entries, kept)


def _require_older(old: sqlite3.Connection, version: object, path: Path) -> None:
    tables = {name for (name,) in old.execute("SELECT name FROM sqlite_master")}
    if version != OLDER_VERSION or "event" not in tables or "payload" in tables:
        raise LedgerError(
            f"has schema version {version}, and is no ledger of version {OLDER_VERSION}",
            where=str(path),
            remedy="name the workbook's ledger; if this is it, upgrade ops-model",
        )


def _keep_everybody_out(old: sqlite3.Connection, path: Path) -> None:
    """Hold the file until it has its other name, and fold its log, which goes by the name."""
    # Only who is alone with the file can take it out of the mode with a log.
    old.execute("PRAGMA busy_timeout = 2000")
    try:
        (mode,) = old.execute("PRAGMA journal_mode = DELETE").fetchone()
    except sqlite3.OperationalError:
        mode = "locked"
    if mode != "delete":
        raise LedgerError(
            "another process uses the ledger; nothing was done",
            where=str(path),
            remedy="end the other command, then give the same command again",
        )
    old.execute("BEGIN EXCLUSIVE")


def _carry_over(old: sqlite3.Connection, new: Path, path: Path) -> int:
    """Write the entries anew, each one checked; how many there are."""
    create_ledger(new)
    tree, latest, link = Frontier(), None, GENESIS
    with closing(connect(new, readonly=False)) as target:
        target.execute("BEGIN IMMEDIATE")
        for row, recorded in _checked(old, path):
            tree.append(leaf_hash(row.body))
            latest, link = max(latest or recorded, recorded), row.hash
            texts = (row.event_id.decode("utf-8"), row.prev, row.hash, row.body.decode("utf-8"))
            target.execute(_INSERT, (row.seq, *texts))
            head = (row.seq + 1, row.hash, tree.to_bytes(), microseconds(latest))
            target.execute(_ADVANCE, head)
        if old.execute("SELECT size, hash FROM head").fetchall() != [(tree.size, link)]:
            raise _changed("the head does not fit the entries", "ledger")
        target.execute("COMMIT")
    return tree.size


def _checked(old: sqlite3.Connection, path: Path) -> Iterator[tuple[Row, datetime]]:
    """The entries in their order, with the clock that each was recorded by."""
    link = GENESIS
    for number, stored in enumerate(old.execute(_ROWS)):
        row = Row(*stored)
        problems, body = examined(row, leaf_hash(row.body))
        if problems:
            raise _changed("; ".join(problems), row.place)
        if (row.seq, row.prev) != (number, link):
            raise _changed("the entry is not chained to the one before it", row.place)
        link = row.hash
        yield row, datetime.fromisoformat(body["recorded_at"])


def _changed(what: str, place: str) -> ChainBrokenError:
    return ChainBrokenError(f"{what}; nothing was done", where=place, remedy=_AGAIN)


def _note(new: Path, subject: str, entries: int, recorded_at: datetime) -> None:
    with Ledger.open(new) as ledger:
        head = ledger.head()
        event = LedgerEvent(
            id=f"ledger/migrated/{SCHEMA_VERSION}",
            type="ledger.migrated",
            subject=subject,
            as_of=recorded_at,
            recorded_at=recorded_at,
            actor=TOOL_ACTOR,
            data={
                "from": OLDER_VERSION, "to": SCHEMA_VERSION, "size": entries, "hash": head.hash,
                "root": head.root,
            },
        )  # fmt: skip
        ledger.append(event)
        problems = ledger.verify().problems
    if problems:
        raise ChainBrokenError(problems=problems)
