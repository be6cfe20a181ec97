"""A disk that loses power: what was written and not synced is gone, or half there.

`record` appends to a ledger through a file system that notes every write and every sync, and every
entry that was acknowledged. `images` then builds the disk as it may be found after the power went
at any moment: all that was synced is there; of every other sector of 512 bytes it is open.

The statements are those of the product, its triggers and its pragmas too; only the library below
them is another build of SQLite, since Python's own takes no file system from outside.
"""

import random
from dataclasses import dataclass
from pathlib import Path

import apsw

from ops_model.store.ledger_append import Appending
from ops_model.store.ledger_chain import GENESIS
from ops_model.store.ledger_file import PRAGMAS, LedgerFile
from ops_model.store.ledger_schema import DDL, SCHEMA_VERSION
from tests.store.ledger_events import an_event

SECTOR = 512


@dataclass(frozen=True)
class Done:
    """One thing that happened, in the order of time: write, sync, truncate, delete or ack."""

    what: str
    file: str = ""
    offset: int = 0
    data: bytes = b""


class _File(apsw.VFSFile):
    def __init__(self, vfs, name, flags, log):
        super().__init__(vfs, name, flags)
        self._log, self._name = (
            log,
            Path(name.filename() if hasattr(name, "filename") else name).name,
        )

    def xWrite(self, data, offset):
        self._log.append(Done("write", self._name, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, newsize):
        self._log.append(Done("truncate", self._name, newsize))
        super().xTruncate(newsize)

    def xSync(self, flags):
        self._log.append(Done("sync", self._name))
        super().xSync(flags)


class _Vfs(apsw.VFS):
    def __init__(self, name, log):
        super().__init__(name, "")
        self._log = log

    def xOpen(self, name, flags):
        return _File("", name, flags, self._log)

    def xDelete(self, filename, syncdir):
        self._log.append(Done("delete", Path(filename).name))
        super().xDelete(filename, syncdir)


class _Rows:
    """What a statement gave, with the three calls that the product makes on it."""

    def __init__(self, cursor):
        self._rows = list(cursor)

    def one_or_none(self):
        return self._rows[0] if self._rows else None

    def __iter__(self):
        return iter(self._rows)


class _Connection:
    """As much of a connection of SQLAlchemy as appending needs."""

    def __init__(self, connection):
        self._connection = connection

    def execute(self, statement, values):
        return _Rows(self._connection.execute(statement.text, values))


def record(folder, *, synchronous, entries):
    """All that happened to the files while `entries` were appended, one transaction each."""
    log, name = [], f"losing-power-{synchronous}-{entries}"
    vfs = _Vfs(name, log)
    connection = apsw.Connection(str(folder / "ledger.db"), vfs=name)
    connection.execute("PRAGMA journal_mode = WAL")
    for pragma in PRAGMAS:
        connection.execute(pragma)
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    connection.execute("PRAGMA wal_autocheckpoint = 40")  # some checkpoints among few entries
    with connection:
        for statement in DDL:
            connection.execute(statement)
        connection.execute("INSERT INTO head VALUES (1, 0, ?, x'', NULL)", (GENESIS,))
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    log.append(Done("made"))
    for number in range(entries):
        connection.execute("BEGIN IMMEDIATE")
        event = an_event(f"event/{number}", data={"text": "x" * (50 + 37 * number % 900)})
        Appending(_Connection(connection), LedgerFile.rows).append(event)
        connection.execute("COMMIT")
        log.append(Done("ack", offset=number))
    connection.close()
    vfs.unregister()
    return log


class _Disk:
    """What is on the disk for certain, and what was written since and may be there or not."""

    def __init__(self):
        self.synced, self.open = {}, {}

    def apply(self, done):
        if done.what in {"write", "truncate"}:
            self.open.setdefault(done.file, []).append(done)
        elif done.what == "sync":
            self.synced[done.file] = self.content(done.file, lambda _: True)
            self.open[done.file] = []
        elif done.what == "delete":
            self.synced.pop(done.file, None)
            self.open.pop(done.file, None)

    def content(self, file, kept):
        """The file with those of its open sectors for which `kept` says so."""
        content = bytearray(self.synced.get(file, b""))
        for done in self.open.get(file, ()):
            if done.what == "truncate":
                if kept(done):
                    del content[done.offset :]
                continue
            for start in range(0, len(done.data), SECTOR):
                piece, at = done.data[start : start + SECTOR], done.offset + start
                if kept(done):
                    content.extend(bytes(max(0, at + len(piece) - len(content))))
                    content[at : at + len(piece)] = piece
        return bytes(content)


def images(log, count, *, seed=2013):
    """As many disks as were found after the power went: files, and the entries acknowledged."""
    chance = random.Random(seed)
    made = next(place for place, done in enumerate(log) if done.what == "made")
    moments = sorted(chance.choices(range(made + 1, len(log) + 1), k=count))
    disk, acked, place = _Disk(), 0, 0
    for moment in moments:
        for done in log[place:moment]:
            disk.apply(done)
            acked += done.what == "ack"
        place = moment
        keep = chance.choice((lambda _: False, lambda _: True, lambda _: chance.random() < 0.5))
        files = {*disk.synced, *disk.open}
        yield {file: disk.content(file, keep) for file in files}, acked
