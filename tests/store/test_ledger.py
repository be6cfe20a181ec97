"""Appending to the ledger and reading it back."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ops_model.errors import ChainBrokenError, IntegrityError, LedgerError
from ops_model.store.ledger import Ledger
from ops_model.store.merkle import Frontier
from tests.store.ledger_events import (
    RECORDED,
    SYSTEM,
    a_drill,
    a_ledger,
    a_writer,
    an_attestation,
    an_event,
    as_owner,
    attested,
    finished,
    published,
)


@pytest.fixture
def ledger(tmp_path):
    with Ledger.open(tmp_path / "ledger.db", create=True) as opened:
        yield opened


def test_opening_never_creates_unless_asked(tmp_path):
    with pytest.raises(LedgerError, match="there is no ledger"):
        Ledger.open(tmp_path / "ledger.db")

    assert list(tmp_path.iterdir()) == []


def test_an_empty_ledger_has_no_entry_and_verifies(ledger):
    assert ledger.size() == 0
    assert ledger.verify().problems == ()


def test_creating_again_keeps_what_is_there(tmp_path):
    path = a_ledger(tmp_path / "ledger.db", 2)

    with Ledger.open(path, create=True) as ledger:
        assert ledger.size() == 2


def test_creating_leaves_nothing_but_the_ledger(tmp_path):
    a_ledger(tmp_path / "ledger.db", 1)

    assert [p.name for p in tmp_path.iterdir()] == ["ledger.db"]


def test_an_entry_is_found_by_its_id_and_by_no_part_of_it(ledger):
    numbers = [ledger.append(an_event(f"event/{n}")) for n in range(3)]

    assert ledger.find("event/1").seq == numbers[1]
    assert ledger.find("event/") is None


def test_numbers_begin_at_zero_and_have_no_gap(ledger):
    numbers = [ledger.append(an_event(f"event/{n}")) for n in range(3)]

    assert numbers == [0, 1, 2]
    assert ledger.size() == 3


def test_an_event_comes_back_as_it_was_appended(ledger):
    event = an_event(data={"text": "schön \u202e \U0001f680", "share": 0.25, "list": [1, None]})
    ledger.append(event)

    (stored,) = ledger.events()

    assert stored.event == event
    assert re.fullmatch(r"[0-9a-f]{64}", stored.hash)


def test_a_float_too_large_for_an_exact_integer_comes_back_equal(ledger):
    ledger.append(an_event(data={"tokens": 1e16}))

    (stored,) = ledger.events()

    assert stored.event.data == {"tokens": 1e16}


def test_the_head_is_the_hash_of_the_last_entry(ledger):
    ledger.append(an_event("a"))
    ledger.append(an_event("b"))

    head = ledger.head()

    assert (head.size, head.hash) == (2, list(ledger.events())[-1].hash)


def test_the_same_events_give_the_same_head_in_any_ledger(tmp_path):
    one, other = a_ledger(tmp_path / "one.db", 3), a_ledger(tmp_path / "other.db", 3)

    with Ledger.open(one) as first, Ledger.open(other) as second:
        assert first.head() == second.head()


def test_appending_an_id_again_gives_its_number_and_changes_nothing(ledger):
    ledger.append(an_event("a"))
    ledger.append(an_event("b"))
    before = ledger.head()

    later = an_event("a", recorded_at=RECORDED.replace(year=2027))

    assert ledger.append(later) == 0
    assert ledger.head() == before


def test_appending_an_id_again_with_other_content_is_refused(ledger):
    ledger.append(an_event("a", data={"seconds": 1}))

    with pytest.raises(LedgerError, match="the id a is there already with other content"):
        ledger.append(an_event("a", data={"seconds": 2}))

    assert ledger.size() == 1


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"text": "a\0b"}, "NUL"),
        ({"a\0b": 1}, "NUL"),
        ({"deep": [{"text": "\0"}]}, "NUL"),
        ({"share": float("nan")}, "canonical form"),
        ({"share": float("inf")}, "canonical form"),
        ({"rows": 2**53}, "canonical form"),
        ({"rows": -(2**53)}, "canonical form"),
        ({"text": "\ud800"}, "canonical form"),
        ({"blob": b"bytes"}, "canonical form"),
        ({"deep": {1: "a number for a key"}}, "canonical form"),
        ({"text": "x" * 262_144}, "at most 262144"),
    ],
)
def test_what_has_no_canonical_form_is_refused_before_the_database(ledger, data, reason):
    with pytest.raises(LedgerError, match=reason):
        ledger.append(an_event(data=data))

    assert ledger.size() == 0


def test_data_nested_without_end_is_refused(ledger):
    endless = {}
    endless["again"] = endless

    with pytest.raises(LedgerError, match="nested too deeply"):
        ledger.append(an_event().model_copy(update={"data": endless}))


def test_a_text_that_spells_the_escape_of_a_nul_is_stored(ledger):
    ledger.append(an_event(data={"text": r"\u0000"}))

    assert next(iter(ledger.events())).event.data == {"text": r"\u0000"}


def test_the_largest_safe_integer_is_stored(ledger):
    ledger.append(an_event(data={"rows": 2**53 - 1}))

    assert next(iter(ledger.events())).event.data == {"rows": 9_007_199_254_740_991}


def test_events_can_be_limited_to_a_subject_and_to_the_first_entries(ledger):
    for number, subject in enumerate(["one", "two", "one", "one"]):
        ledger.append(an_event(f"event/{number}", subject=subject))

    found = ledger.events(subject="one", until=3)

    assert [stored.seq for stored in found] == [0, 2]


def test_more_events_than_one_page_come_in_order(tmp_path):
    path = a_ledger(tmp_path / "ledger.db", 1)
    with Ledger.open(path) as ledger:
        for number in range(1, 1003):
            ledger.append(an_event(f"event/{number}", data={"number": number}))

        numbers = [stored.seq for stored in ledger.events()]

    assert numbers == list(range(1003))


def test_a_reader_may_append_while_it_reads(ledger):
    for name in ("a", "b"):
        ledger.append(an_event(name))

    for stored in ledger.events():
        ledger.append(an_event(f"{stored.event.id}/seen"))

    assert ledger.size() == 4


def test_a_subject_that_looks_like_sql_is_only_a_subject(ledger):
    ledger.append(an_event())

    assert list(ledger.events(subject="x' OR '1'='1")) == []


def test_the_records_of_a_run_count_only_once_it_has_finished(ledger):
    ledger.append(published(a_drill(), "run-1/record/0", run_id="run-1"))
    before = ledger.statements(SYSTEM)
    ledger.append(finished("run-1"))

    (statement,) = ledger.statements(SYSTEM)

    assert before == ()
    assert statement.record == a_drill()
    assert statement.origin.run_id == "run-1"


def test_statements_up_to_a_size_are_those_of_that_moment(ledger):
    ledger.append(published(a_drill(), "run-1/record/0", run_id="run-1"))
    ledger.append(finished("run-1"))

    assert ledger.statements(SYSTEM, until=1) == ()
    assert len(ledger.statements(SYSTEM, until=2)) == 1


def test_an_attestation_is_a_statement(ledger):
    ledger.append(attested(an_attestation()))

    (statement,) = ledger.statements(SYSTEM)

    assert statement.record == an_attestation()
    assert statement.actor == "person:m-ito"
    assert str(statement.place) == "ledger:0"


def test_what_the_tool_observed_is_a_statement_and_what_another_claims_to_be_is_not(ledger):
    ledger.append(published(a_drill(), "a", actor="tool:ops-model"))
    ledger.append(published(a_drill(), "b", actor="person:m-ito"))

    assert [s.id for s in ledger.statements(SYSTEM)] == ["a"]


def test_statements_of_another_system_are_not_told(ledger):
    ledger.append(attested(an_attestation()))

    assert ledger.statements("support-assistant") == ()


def test_a_record_that_is_not_what_its_digest_says_is_refused(ledger):
    event = attested(an_attestation())
    wrong = {**event.data, "digest": "sha256:" + "0" * 64}
    ledger.append(event.model_copy(update={"data": wrong}))

    with pytest.raises(ChainBrokenError, match="ledger:0: the record's digest"):
        ledger.statements(SYSTEM)


@pytest.mark.parametrize(
    "data", [{}, {"record": 1, "digest": "x"}, {"record": {}, "origin": "no"}]
)
def test_evidence_that_is_none_is_refused_with_its_place(ledger, data):
    ledger.append(an_event(type="evidence.published", data=data))

    with pytest.raises(IntegrityError, match="ledger:0"):
        ledger.statements(SYSTEM)


def test_an_entry_whose_bytes_were_changed_is_never_read_as_an_event(tmp_path):
    path = a_ledger(tmp_path / "ledger.db", 3)
    as_owner(path, """UPDATE event SET body = replace(body, '"number":1', '"number":7')""")

    with Ledger.open(path) as ledger, pytest.raises(ChainBrokenError, match="ledger:1"):
        list(ledger.events())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET event_id = 'x' WHERE seq = 1",
        "UPDATE OR REPLACE event SET seq = 0 WHERE seq = 1",
        "DELETE FROM event WHERE seq = 1",
        "DELETE FROM event",
        "REPLACE INTO event (seq, event_id, prev, hash, body) SELECT seq, event_id, prev, hash, "
        "replace(body, '\"number\":1', '\"number\":7') FROM event WHERE seq = 1",
        # Behind the head as it should be, but with the id of an entry that is there: REPLACE
        # would delete that one.
        "REPLACE INTO event (seq, event_id, prev, hash, body) SELECT 3, 'event/1', head.hash, "
        'zeroblob(32), \'{"id":"event/1","seq":3}\' FROM head',
        "INSERT INTO event (seq, event_id, prev, hash, body) SELECT 3, 'x', prev, zeroblob(32), "
        '\'{"id":"x","seq":3}\' FROM event WHERE seq = 1',
        "INSERT INTO event (seq, event_id, prev, hash, body) SELECT 7, 'x', hash, zeroblob(32), "
        '\'{"id":"x","seq":7}\' FROM head',
        "INSERT INTO event (seq, event_id, prev, hash, body) SELECT seq, event_id, prev, hash, "
        "body FROM event WHERE seq = 1 ON CONFLICT DO UPDATE SET body = '{}'",
        "UPDATE head SET size = 2",
        "UPDATE head SET size = 4",
        "UPDATE head SET hash = zeroblob(32)",
        "DELETE FROM head",
        "REPLACE INTO head VALUES (1, 0, zeroblob(32), x'', NULL)",
        "INSERT INTO head VALUES (2, 0, zeroblob(32), x'', NULL)",
    ],
)
@pytest.mark.parametrize("recursive", ["ON", "OFF"])
def test_a_statement_that_would_rewrite_the_ledger_is_refused(tmp_path, statement, recursive):
    path = a_ledger(tmp_path / "ledger.db", 3)
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        # A stranger's connection need not have the pragmas that ours has.
        raw.execute(f"PRAGMA recursive_triggers = {recursive}")

        with pytest.raises(sqlite3.IntegrityError):
            raw.execute(statement)

    with Ledger.open(path) as ledger:
        assert ledger.verify().problems == ()
        assert ledger.size() == 3


def test_the_shipped_settings_are_those_that_make_a_commit_durable(ledger):
    with ledger._backend.transaction(write=False) as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in (
                "journal_mode",
                "synchronous",
                "recursive_triggers",
                "busy_timeout",
                "secure_delete",
            )
        }

    assert settings == {
        "journal_mode": "wal", "synchronous": 2, "recursive_triggers": 1, "busy_timeout": 30_000,
        "secure_delete": 1,
    }  # fmt: skip


def test_two_processes_append_without_a_gap_and_without_a_fork(tmp_path):
    path = tmp_path / "ledger.db"  # neither finds a ledger, and both may make it
    writers = [a_writer(path, prefix, 100) for prefix in ("one", "two")]

    acked = [int(line) for writer in writers for line in writer.communicate()[0].splitlines()]

    assert sorted(acked) == list(range(200))
    with Ledger.open(path) as ledger:
        assert ledger.size() == 200
        assert ledger.verify().problems == ()


def test_a_ledger_that_somebody_else_writes_to_is_read_at_once(tmp_path):
    path = a_ledger(tmp_path / "ledger.db", 2)
    with closing(sqlite3.connect(path, isolation_level=None)) as raw, Ledger.open(path) as ledger:
        raw.execute("BEGIN IMMEDIATE")

        assert ledger.size() == 2

        raw.execute("ROLLBACK")


def test_closing_folds_the_log_into_the_file(tmp_path):
    path = tmp_path / "ledger.db"
    with Ledger.open(path, create=True) as ledger:
        ledger.append(an_event())
        assert (tmp_path / "ledger.db-wal").exists()

    assert [p.name for p in tmp_path.iterdir()] == ["ledger.db"]


def test_a_reader_cannot_append(tmp_path):
    path = a_ledger(tmp_path / "ledger.db", 1)

    with (
        Ledger.open(path, readonly=True) as ledger,
        pytest.raises(LedgerError, match="is read-only") as refused,
    ):
        ledger.append(an_event("new"))

    assert refused.value.exit_code == 3
    assert refused.value.problems[0].remedy


def test_reading_leaves_the_file_as_it_was(tmp_path):
    path = a_ledger(tmp_path / "ledger.db", 5)
    before = path.read_bytes()

    with Ledger.open(path, readonly=True) as ledger:
        list(ledger.events())
        ledger.verify()

    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["ledger.db"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"this is a text file, and no database at all", "not a SQLite database"),
        (b"", "schema version 0"),
    ],
)
def test_a_file_that_is_no_ledger_is_refused_and_kept(tmp_path, content, reason):
    path = tmp_path / "ledger.db"
    path.write_bytes(content)

    with pytest.raises(LedgerError, match=reason) as refused:
        Ledger.open(path, create=True)

    assert refused.value.exit_code == 3
    assert path.read_bytes() == content


def test_another_database_is_refused(tmp_path):
    path = tmp_path / "ledger.db"
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("CREATE TABLE event (seq INTEGER)")

    with pytest.raises(LedgerError, match="schema version 0; expected 2"):
        Ledger.open(path)


def test_a_folder_in_place_of_the_ledger_is_refused(tmp_path):
    (tmp_path / "ledger.db").mkdir()

    with pytest.raises(LedgerError, match="cannot be opened"):
        Ledger.open(tmp_path / "ledger.db")


def test_a_ledger_in_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(LedgerError, match="No such file or directory"):
        Ledger.open(tmp_path / "gone" / "ledger.db", create=True)


@pytest.mark.parametrize("name", ["a b?c#d%20.db", "ä ö.db", "x&mode=memory.db"])
def test_a_name_that_means_something_in_an_address_is_only_a_name(tmp_path, name):
    path = a_ledger(tmp_path / name, 1)

    assert [p.name for p in tmp_path.iterdir()] == [name]
    with Ledger.open(Path(path)) as ledger:
        assert ledger.size() == 1


def test_a_ledger_without_its_head_is_refused_and_says_so(tmp_path):
    path = as_owner(a_ledger(tmp_path / "ledger.db", 1), "DELETE FROM head")

    with Ledger.open(path) as ledger, pytest.raises(ChainBrokenError, match="lost its head"):
        ledger.append(an_event("new"))


def test_a_ledger_whose_head_was_wound_back_takes_no_entry(tmp_path):
    path = a_ledger(tmp_path / "ledger.db", 2)
    back = "UPDATE head SET size = 1, hash = (SELECT hash FROM event WHERE seq = 0), frontier = ?"
    as_owner(path, (back, (Frontier([(1, bytes(32))]).to_bytes(),)))

    with Ledger.open(path) as ledger, pytest.raises(ChainBrokenError, match="do not fit together"):
        ledger.append(an_event("new"))


def test_an_entry_of_a_later_version_is_not_taken_for_a_change(tmp_path):
    path = tmp_path / "ledger.db"
    later = an_event().model_copy(update={"type": "passkey.given"})
    with Ledger.open(path, create=True) as ledger:
        ledger.append(later)

        with pytest.raises(LedgerError, match="no event that this version") as refused:
            list(ledger.events())

        assert ledger.verify().problems == ()
    assert refused.value.exit_code == 3
