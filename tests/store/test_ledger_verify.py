"""Changes to a stored ledger, by somebody who can write its file, and what verifying says.

What a chain of hashes cannot show has its tests too: a ledger that its owner rewrote whole, or an
older copy put back, verifies. A head noted elsewhere differs, and nothing else does.
"""

import shutil
import sqlite3
from contextlib import closing

import pytest

from ops_model.errors import LedgerError
from ops_model.store.ledger import Ledger, verify_ledger
from ops_model.store.ledger_chain import GENESIS
from ops_model.store.merkle import Frontier, leaf_hash
from tests.store.ledger_events import a_ledger, an_event, as_owner, chain_hash


@pytest.fixture
def path(tmp_path):
    return a_ledger(tmp_path / "ledger.db", 5)


def told(path):
    return [str(problem) for problem in verify_ledger(path).problems]


def rehash(path, start):
    """What an administrator who knows the formula does: chain all entries again from `start`."""
    with closing(sqlite3.connect(path)) as raw:
        rows = raw.execute("SELECT seq, prev, body FROM event ORDER BY seq").fetchall()
    prev, statements = rows[start][1], []
    for seq, _, body in rows[start:]:
        link = chain_hash(prev, body.encode())
        statements.append(("UPDATE event SET prev = ?, hash = ? WHERE seq = ?", (prev, link, seq)))
        prev = link
    tree = Frontier()
    for _, _, body in rows:
        tree.append(leaf_hash(body.encode()))
    head = (len(rows), prev, tree.to_bytes())
    statements.append(("UPDATE head SET size = ?, hash = ?, frontier = ?", head))
    return as_owner(path, *reversed(statements[:-1]), statements[-1])


EDIT = """UPDATE event SET body = replace(body, '"number":2', '"number":7') WHERE seq = 2"""


def test_an_untouched_ledger_has_no_problem_and_gives_its_head(path):
    with Ledger.open(path) as ledger:
        head = ledger.head()

    verified = verify_ledger(path)

    assert verified.problems == ()
    assert (verified.size, verified.head, verified.root) == (head.size, head.hash, head.root)


def test_an_edited_entry_is_found_at_its_place_and_only_there(path):
    as_owner(path, EDIT)

    assert told(path) == ["ledger:2: the entry's bytes do not give its hash"]


def test_an_edited_entry_with_its_own_hash_made_to_fit_breaks_the_chain(path):
    as_owner(path, EDIT)
    with closing(sqlite3.connect(path)) as raw:
        prev, body = raw.execute("SELECT prev, body FROM event WHERE seq = 2").fetchone()
    as_owner(path, ("UPDATE event SET hash = ? WHERE seq = 2", (chain_hash(prev, body.encode()),)))

    assert told(path) == ["ledger:3: the entry is not chained to the one before it"]


def test_a_rehashed_tail_does_not_fit_the_head(path):
    head_before = verify_ledger(path).head
    as_owner(path, EDIT)
    rehash(path, 2)
    as_owner(path, ("UPDATE head SET hash = ?", (bytes.fromhex(head_before),)))

    (problem,) = told(path)

    assert "the head says 5 entries" in problem
    assert head_before in problem


def test_a_deleted_entry_leaves_a_gap(path):
    as_owner(path, "DELETE FROM event WHERE seq = 2")

    assert told(path) == [
        "ledger:3: the entry before it is not number 2",
        "ledger:3: the entry is not chained to the one before it",
    ]


def test_a_deleted_tail_does_not_fit_the_head(path):
    as_owner(path, "DELETE FROM event WHERE seq >= 3")

    (problem,) = told(path)

    assert problem.startswith("ledger: the head says 5 entries")


def test_a_deleted_first_entry_is_found(path):
    as_owner(path, "DELETE FROM event WHERE seq = 0")

    assert any("ledger:1" in problem for problem in told(path))


def test_all_entries_deleted_do_not_fit_the_head(path):
    as_owner(path, "DELETE FROM event")

    assert [problem.split(";")[0][:29] for problem in told(path)] == [
        "ledger: the head says 5 entri"
    ]


def test_swapped_entries_are_found(path):
    as_owner(
        path,
        "PRAGMA ignore_check_constraints = ON",
        "UPDATE event SET seq = 99 WHERE seq = 1",
        "UPDATE event SET seq = 1 WHERE seq = 2",
        "UPDATE event SET seq = 2 WHERE seq = 99",
    )

    assert {problem.partition(": ")[0] for problem in told(path)} >= {"ledger:1", "ledger:2"}


def test_an_inserted_entry_is_found(path):
    with closing(sqlite3.connect(path)) as raw:
        prev = raw.execute("SELECT hash FROM event WHERE seq = 4").fetchone()[0]
    body = '{"id":"x","recorded_at":"2026-03-02T09:30:00Z","seq":5,"subject":"s","type":"t"}'
    row = (5, "x", prev, chain_hash(prev, body.encode()), body)
    as_owner(
        path,
        ("INSERT INTO event (seq, event_id, prev, hash, body) VALUES (?, ?, ?, ?, ?)", row),
    )

    (problem,) = told(path)

    assert "the entries give 6 entries" in problem


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE event SET event_id = 'x' WHERE seq = 1", "says that its id is 'event/1'"),
        ("UPDATE event SET seq = 9 WHERE seq = 4", "says that its number is 4"),
        ("UPDATE event SET prev = zeroblob(32) WHERE seq = 1", "do not give its hash"),
        ("UPDATE event SET hash = zeroblob(32) WHERE seq = 1", "do not give its hash"),
        ("DELETE FROM head", "the head says nothing"),
        ("UPDATE head SET size = 4", "the head says 4 entries"),
        ("UPDATE head SET hash = zeroblob(32)", "the head says 5 entries"),
    ],
)
def test_a_changed_column_is_found(path, statement, said):
    as_owner(path, "PRAGMA ignore_check_constraints = ON", statement)

    assert any(said in problem for problem in told(path))


@pytest.mark.parametrize(
    "body",
    [
        '{"id":"event/4","seq":4,"subject":"one","subject":"two","type":"run.started"}',
        '{"id":"event/4","seq":4,"subject":7,"type":"run.started"}',
        '["id","event/4"]',
    ],
)
def test_bytes_that_hash_well_but_say_nothing_sure_are_found(path, body):
    with closing(sqlite3.connect(path)) as raw:
        prev = raw.execute("SELECT prev FROM event WHERE seq = 4").fetchone()[0]
    link = chain_hash(prev, body.encode())
    as_owner(
        path,
        "PRAGMA ignore_check_constraints = ON",
        # An index on what the body says would refuse a body that says nothing.
        "DROP INDEX event_by_subject",
        ("UPDATE event SET body = ?, hash = ? WHERE seq = 4", (body, link)),
        ("UPDATE head SET hash = ?", (link,)),
    )

    assert any(problem.startswith("ledger:4: the entry") for problem in told(path))


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER event_never_updated",
        "DROP INDEX event_by_subject",
        "CREATE TABLE more (x)",
        "CREATE TRIGGER quiet AFTER INSERT ON event BEGIN SELECT 1; END",
        "ALTER TABLE head ADD COLUMN more TEXT",
        "PRAGMA user_version = 3",
    ],
)
def test_a_schema_that_is_not_as_shipped_is_found(path, statement):
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute(statement)

    assert told(path) != []


def test_one_byte_of_a_trigger_is_found(path):
    content = path.read_bytes()
    disarmed = content.replace(b"BEFORE UPDATE ON event", b"BEFORE UPDATE ON Event")
    assert disarmed != content

    path.write_bytes(disarmed)

    assert any("event_never_updated" in problem for problem in told(path))


def test_a_writer_at_work_is_no_problem(path):
    with Ledger.open(path) as ledger:
        ledger.append(an_event("new"))

        assert told(path) == []


@pytest.mark.parametrize("content", [b"", b"notes, not a database", b"SQLite format 3\0" * 64])
def test_a_file_that_is_no_ledger_any_more_is_a_change(path, content):
    path.write_bytes(content)

    assert told(path) != []


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_file_that_was_cut_is_a_change(path, share):
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])

    assert told(path) != []


def test_what_is_not_there_cannot_be_read_which_is_not_a_change(tmp_path):
    with pytest.raises(LedgerError, match="there is no such file") as refused:
        verify_ledger(tmp_path / "ledger.db")

    assert refused.value.exit_code == 3


def test_problems_are_at_most_a_hundred(tmp_path):
    path = a_ledger(tmp_path / "ledger.db", 120)
    as_owner(path, """UPDATE event SET body = replace(body, '"number"', '"other"')""")

    assert len(told(path)) == 100


def flips(path, wanted):
    """Flip one bit of every byte of every stored copy of `wanted`; the offsets not found out."""
    content = path.read_bytes()
    start, missed, tried = 0, [], 0
    while (start := content.find(wanted, start)) >= 0:
        for offset in range(start, start + len(wanted)):
            flipped = bytearray(content)
            flipped[offset] ^= 1 << (offset % 8)
            path.write_bytes(flipped)
            tried += 1
            if not verify_ledger(path).problems:
                missed.append(offset)
        start += len(wanted)
    path.write_bytes(content)
    return tried, missed


def stored(path):
    """Each row's columns as bytes, from a file without stale copies in its free space."""
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("VACUUM")
        rows = raw.execute(
            "SELECT CAST(body AS BLOB), hash, prev, CAST(event_id AS BLOB) FROM event"
        )
        return rows.fetchall()


def test_every_flipped_byte_of_an_entry_in_the_file_is_found(tmp_path):
    path = a_ledger(tmp_path / "ledger.db", 2)
    row = stored(path)[1]

    results = [flips(path, column) for column in row]

    assert [missed for _, missed in results if missed] == []
    assert sum(tried for tried, _ in results) >= sum(map(len, row))


def test_not_found_an_owner_who_rewrites_the_ledger_from_an_entry_on_and_only_the_head_tells(path):
    noted = verify_ledger(path).head

    as_owner(path, EDIT)
    rehash(path, 2)

    assert told(path) == []
    assert verify_ledger(path).head != noted


def test_not_found_an_older_copy_put_back_and_only_size_and_head_tell(path, tmp_path):
    older = tmp_path / "older.db"
    shutil.copy(path, older)
    with Ledger.open(path) as ledger:
        ledger.append(an_event("new"))
        noted = ledger.head()

    shutil.copy(older, path)

    assert told(path) == []
    verified = verify_ledger(path)
    assert (verified.size, verified.head) != (noted.size, noted.hash)


def test_the_first_entry_is_chained_to_a_fixed_text(path):
    with closing(sqlite3.connect(path)) as raw:
        prev = raw.execute("SELECT prev FROM event WHERE seq = 0").fetchone()[0]

    # printf 'ops-model ledger v1: before the first entry' | sha256sum
    assert prev.hex() == "00c63d503505fef6c2a87b44cde2ffd2033aa47f30aac421cde4b49489eec96d"
    assert prev == GENESIS
