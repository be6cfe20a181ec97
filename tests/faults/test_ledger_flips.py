"""Every byte of every column of a hundred entries, flipped one at a time."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from ops_model.store.ledger import Ledger
from ops_model.store.ledger_check import LedgerCheck
from ops_model.store.ledger_file import LedgerFile
from tests.store.ledger_events import a_ledger, an_event

ENTRIES = 100
COLUMNS = ("body", "hash", "prev", "event_id")
# The same rows without any rule of the database's, so that only hashing them can find a flip.
UNGUARDED = (
    "CREATE TABLE unguarded AS SELECT seq, event_id, prev, hash, body FROM event",
    "DROP TABLE event",
    "ALTER TABLE unguarded RENAME TO event",
    "CREATE INDEX by_number ON event (seq)",
)


class OnlyEntries(LedgerFile):
    """The file, of which nothing but the entries and the head is looked at."""

    def storage_problems(self, connection):
        return iter(())


def flips_of(path, numbers):
    """How many bytes of these entries were flipped, and which flips nothing found."""
    backend, tried, missed = OnlyEntries(path, readonly=False), 0, []
    with backend.transaction(write=True) as connection:
        do = connection.exec_driver_sql
        for (trigger,) in do("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            do(f"DROP TRIGGER {trigger}")
        for statement in UNGUARDED:
            do(statement)
        for number in numbers:
            for column in COLUMNS:
                as_stored = "TEXT" if column in {"body", "event_id"} else "BLOB"
                put = f"UPDATE event SET {column} = CAST(? AS {as_stored}) WHERE seq = ?"
                ask = f"SELECT CAST({column} AS BLOB) FROM event WHERE seq = ?"
                content = do(ask, (number,)).scalar_one()
                for place in range(len(content)):
                    flipped = bytearray(content)
                    flipped[place] ^= 1 << (place % 8)
                    do(put, (bytes(flipped), number))
                    tried += 1
                    if not LedgerCheck(backend, connection, {}).run().problems:
                        missed.append((number, column, place))
                do(put, (content, number))
        assert LedgerCheck(backend, connection, {}).run().problems == ()
        connection.rollback()
    backend.close()
    return tried, missed


def copies(tmp_path, count, entries):
    """Equal ledgers, one for each process, since each takes down the guards of its own."""
    paths = []
    for copy in range(count):
        path = a_ledger(tmp_path / f"{copy}.db")
        with Ledger.open(path) as ledger:
            ledger.append_all([an_event(f"e/{n}", data={"number": n}) for n in range(entries)])
        paths.append(path)
    return paths


def test_every_flipped_byte_of_every_column_of_three_entries_is_found(tmp_path):
    (path,) = copies(tmp_path, 1, 3)

    tried, missed = flips_of(path, range(3))

    assert missed == []
    assert tried > 600


@pytest.mark.faults
def test_every_flipped_byte_of_every_column_of_a_hundred_entries_is_found(tmp_path):
    paths = copies(tmp_path, 2, ENTRIES)

    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        halves = [range(0, ENTRIES, 2), range(1, ENTRIES, 2)]
        found = list(pool.map(flips_of, paths, halves))

    tried, missed = sum(n for n, _ in found), [m for _, more in found for m in more]
    print(f"\n{tried:,} flips of single bytes in {ENTRIES} entries: {tried - len(missed):,} found")
    assert missed == []
    assert tried > 25_000
