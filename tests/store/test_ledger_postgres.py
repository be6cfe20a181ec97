"""The ledger in PostgreSQL: the same as in a file, and safe from the role that appends."""

import psycopg
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from ops_model.domain.words import Words
from ops_model.errors import ChainBrokenError, LedgerError
from ops_model.store.ledger import Ledger, verify_ledger
from ops_model.store.ledger_postgres_init import init_postgres
from tests.store.ledger_events import (
    AS_OF,
    RECORDED,
    SYSTEM,
    a_drill,
    an_attestation,
    an_event,
    attested,
    finished,
    published,
)
from tests.store.postgres import a_database, a_writer, drop, role_of, run


@pytest.fixture(scope="module")
def served():
    """A database that all tests of this file fill."""
    found = a_database()
    yield found
    drop(found)


@pytest.fixture
def ledger(served):
    with Ledger.open(served.writer) as opened:
        yield opened


@pytest.fixture
def fresh():
    """A database of the test's own, which it may damage."""
    found = a_database()
    with Ledger.open(found.writer) as ledger:
        for number in range(20):
            ledger.append(an_event(f"event/{number}", data={"number": number}))
    yield found
    drop(found)


def test_an_event_comes_back_as_it_was_appended_and_an_id_only_once(ledger):
    event = an_event("again", data={"text": "schön \u202e \U0001f680", "n": [1, None, 0.25]})

    number = ledger.append(event)

    assert ledger.append(event) == number
    assert list(ledger.events())[number].event == event
    assert ledger.verify().problems == ()


def test_appending_an_id_again_with_other_content_is_refused(ledger):
    ledger.append(an_event("other", data={"seconds": 1}))

    with pytest.raises(LedgerError, match="is there already with other content"):
        ledger.append(an_event("other", data={"seconds": 2}))


def test_several_events_are_appended_together_or_not_at_all(ledger):
    size = ledger.size()

    with pytest.raises(LedgerError, match="holds a NUL"):
        ledger.append_all([an_event("both/1"), an_event("both/2", data={"text": "\0"})])

    assert ledger.size() == size
    assert ledger.append_all([an_event("both/1"), an_event("both/2")]) == (size, size + 1)


def test_statements_are_read_as_from_a_file(served, tmp_path):
    events = [
        attested(an_attestation()),
        published(a_drill(), "run-1/record/0", run_id="run-1"),
        finished("run-1"),
        published(a_drill(), "run-2/record/0", run_id="run-2"),
    ]
    events = [
        e.model_copy(update={"subject": "read-alike", "id": f"alike/{e.id}"}) for e in events
    ]
    with Ledger.open(served.writer) as there, Ledger.open(tmp_path / "l.db", create=True) as here:
        for event in events:
            there.append(event)
            here.append(event)

        found = [s.model_copy(update={"seq": 0}) for s in there.statements("read-alike")]

        assert found == [s.model_copy(update={"seq": 0}) for s in here.statements("read-alike")]


def test_words_can_be_erased_and_the_chain_still_holds(served):
    words = Words.said("I saw them go back by themselves on Saturday.")
    record = an_attestation(text=words.commitment)
    with Ledger.open(served.writer) as ledger:
        ledger.append(attested(record, "words/1"), words)
        before = ledger.words_of(words.commitment)
        gone = an_event("erased/1", type="payload.erased", data={"words": words.commitment})

        assert ledger.erase(words.commitment, gone)

        assert before == words.text
        assert ledger.words_of(words.commitment) is None
        assert ledger.verify().problems == ()


def test_one_of_many_gets_a_slot(ledger):
    asked = {"subject": SYSTEM, "as_of": AS_OF, "recorded_at": RECORDED}

    won = [ledger.claim("flight-delay/05@2013", f"run-{n}", **asked) for n in range(4)]

    assert won == [True, False, False, False]
    assert ledger.claim("flight-delay/05@2013", "run-0", **asked)


_TEXT = st.text(max_size=40).filter(lambda text: "\0" not in text)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | _TEXT
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
_DATA = st.dictionaries(_TEXT, _JSON, max_size=4)


@pytest.fixture(scope="module")
def both(served, tmp_path_factory):
    """Two empty ledgers, one of each kind."""
    other = a_database()
    path = tmp_path_factory.mktemp("both") / "ledger.db"
    with Ledger.open(other.writer) as there, Ledger.open(path, create=True) as here:
        yield there, here
    drop(other)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(_DATA, min_size=10, max_size=10))
def test_the_same_events_give_the_same_root_in_either(both, rows):
    there, here = both
    start = here.size()
    events = [an_event(f"same/{start + n}", data=data) for n, data in enumerate(rows)]
    verdicts = [_appended(ledger, events) for ledger in (there, here)]

    assert verdicts[0] == verdicts[1]
    assert there.head() == here.head()


def _appended(ledger, events):
    """What became of the events: their numbers, or why not."""
    try:
        return ledger.append_all(events)
    except LedgerError as error:
        return error.problems[0].message


@pytest.mark.parametrize(
    "data",
    [
        {"text": "x" * 300_000}, {"number": float("nan")}, {"number": 2**53}, {"text": "\0"},
        {"text": "\ud800"}, {"text": "\U0001f468\u200d\U0001f469 \u202e", "n": -0.0},
        {"n": 1e16, "m": 5e-324},
    ],
    ids=["large", "nan", "2**53", "nul", "surrogate", "emoji", "floats"],
)  # fmt: skip
def test_what_can_be_stored_is_the_same_in_either(both, data):
    event = an_event(f"may/{abs(hash(str(data)))}", data=data)

    verdicts = [_appended(ledger, [event]) for ledger in both]

    assert verdicts[0] == verdicts[1]
    assert both[0].head() == both[1].head()


def test_four_writers_at_once_make_no_gap_and_no_fork(served):
    writers = [a_writer(served.writer, f"writer-{n}", 25) for n in range(4)]
    acked = [number for w in writers for number in map(int, w.communicate()[0].split())]

    assert [w.returncode for w in writers] == [0] * 4
    assert len(set(acked)) == 100
    assert verify_ledger(served.auditor).problems == ()


STATEMENTS = {
    "update": "UPDATE ops_model.event SET body = body WHERE seq = 3",
    "delete": "DELETE FROM ops_model.event WHERE seq = 3",
    "truncate": "TRUNCATE ops_model.event",
    "upsert": "INSERT INTO ops_model.event (seq, event_id, prev, hash, body) "
    "SELECT seq, event_id, prev, hash, body FROM ops_model.event WHERE seq = 3 "
    "ON CONFLICT (seq) DO UPDATE SET body = excluded.body",
    "insert at another head": "INSERT INTO ops_model.event (seq, event_id, prev, hash, body) "
    "SELECT 20, 'x', sha256('a'), sha256('b'), '{\"id\": \"x\", \"seq\": 20}'",
    "body and columns differ": "INSERT INTO ops_model.event (seq, event_id, prev, hash, body) "
    "SELECT size, 'x', hash, sha256('b'), '{\"id\": \"y\", \"seq\": 20}' FROM ops_model.head",
    "rewind the head": "UPDATE ops_model.head SET size = 3",
    "delete the head": "DELETE FROM ops_model.head",
    "empty the head": "TRUNCATE ops_model.head",
    "a second head": "INSERT INTO ops_model.head SELECT 1, size, hash, frontier, latest "
    "FROM ops_model.head",
    "replica role": "SET session_replication_role = replica; DELETE FROM ops_model.event",
    "drop": "DROP TABLE ops_model.event",
}
SWITCHES = {
    "disable": "ALTER TABLE ops_model.event DISABLE TRIGGER event_never_changed",
    "drop a trigger": "DROP TRIGGER event_never_changed ON ops_model.event",
    "another function": "CREATE OR REPLACE FUNCTION ops_model.event_never_changed() RETURNS "
    "trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$",
}


@pytest.mark.parametrize("name", [*STATEMENTS, *SWITCHES])
def test_the_role_that_appends_can_change_nothing(fresh, name):
    before = verify_ledger(fresh.auditor)

    with pytest.raises(sa.exc.DBAPIError) as refused:
        run(fresh.writer, {**STATEMENTS, **SWITCHES}[name])

    assert isinstance(
        refused.value.orig,
        psycopg.errors.InsufficientPrivilege | psycopg.errors.IntegrityConstraintViolation
        | psycopg.errors.CheckViolation,
    )  # fmt: skip
    assert verify_ledger(fresh.auditor) == before


@pytest.mark.parametrize("role", ["owner", "admin"])
@pytest.mark.parametrize("name", [n for n in STATEMENTS if n not in {"drop", "replica role"}])
def test_triggers_stop_an_owner_who_makes_a_mistake(fresh, name, role):
    with pytest.raises(sa.exc.DBAPIError):
        run(getattr(fresh, role), STATEMENTS[name])

    assert verify_ledger(fresh.auditor).problems == ()


def test_the_replication_role_passes_no_trigger(fresh):
    with pytest.raises(sa.exc.DBAPIError, match="never changed or deleted"):
        run(fresh.admin, STATEMENTS["replica role"])


@pytest.mark.parametrize("name", SWITCHES)
def test_a_guard_that_the_owner_switched_off_is_found(fresh, name):
    run(fresh.owner, SWITCHES[name])

    (problem, *_) = verify_ledger(fresh.auditor).problems

    assert "event_never_changed" in problem.message


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("ALTER TABLE ops_model.event DROP CONSTRAINT event_prev_key", "UNIQUE (prev)"),
        ("ALTER TABLE ops_model.event ADD COLUMN note text", "a column that is not ours"),
        ("CREATE RULE quiet AS ON DELETE TO ops_model.event DO INSTEAD NOTHING", "a rule"),
        ("ALTER TABLE ops_model.event DROP COLUMN subject", "column subject of event"),
    ],
)
def test_a_table_that_is_not_as_made_is_found(fresh, statement, said):
    run(fresh.owner, statement)

    assert any(said in p.message for p in verify_ledger(fresh.auditor).problems)


OWNERS = "ALTER TABLE ops_model.event DISABLE TRIGGER ALL"
BACK = (
    "ALTER TABLE ops_model.event ENABLE TRIGGER ALL",
    *(
        f"ALTER TABLE ops_model.event ENABLE ALWAYS TRIGGER {name}"
        for name in ("event_only_behind_the_head", "event_never_changed", "event_never_emptied")
    ),
)


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("UPDATE ops_model.event SET body = replace(body, '\"number\":4', '\"number\":5') "
         "WHERE seq = 4", "ledger:4"),
        ("DELETE FROM ops_model.event WHERE seq = 7", "ledger:8"),
        ("DELETE FROM ops_model.event WHERE seq > 9", "ledger"),
        ("UPDATE ops_model.event SET hash = sha256('x') WHERE seq = 2", "ledger:2"),
    ],
    ids=["edited", "deleted", "cut", "hash"],
)  # fmt: skip
def test_what_the_owner_changed_behind_the_triggers_is_found(fresh, statement, place):
    run(fresh.admin, OWNERS, statement, *BACK)

    problems = verify_ledger(fresh.auditor).problems

    assert place in {p.where for p in problems}
    assert not any("trigger" in p.message for p in problems)


def test_an_older_state_put_back_is_found_by_a_signed_root(fresh):
    with Ledger.open(fresh.auditor, readonly=True) as ledger:
        signed = {20: ledger.head().root}
        (head,) = run(fresh.admin, "SELECT encode(hash, 'hex') FROM ops_model.event WHERE seq = 9")
        short = Ledger.root_at(ledger, 10)
    # What a restored backup of ten entries looks like.
    run(
        fresh.admin,
        "ALTER TABLE ops_model.head DISABLE TRIGGER ALL", OWNERS,
        "DELETE FROM ops_model.event WHERE seq > 9",
        f"UPDATE ops_model.head SET size = 10, hash = decode('{head[0]}', 'hex')",
        *BACK,
    )  # fmt: skip

    found = verify_ledger(fresh.auditor, roots=signed)

    assert found.root == short
    assert any("a signed checkpoint says that there were 20" in p.message for p in found.problems)


def test_a_ledger_moves_from_a_file_and_back_byte_by_byte(tmp_path):
    words = Words.said("I saw them go back by themselves on Saturday.")
    empty, here, back = a_database(), tmp_path / "here.db", tmp_path / "back.db"
    try:
        with (
            Ledger.open(here, create=True) as first,
            Ledger.open(empty.writer) as second,
            Ledger.open(back, create=True) as third,
        ):
            for number in range(1200):  # more than are read at a time
                first.append(an_event(f"event/{number}"))
            first.append(attested(an_attestation(text=words.commitment), "words/1"), words)

            assert second.take_over(first) == third.take_over(second) == 1201

            assert first.head() == second.head() == third.head()
            assert third.words_of(words.commitment) == words.text
            assert second.verify().problems == third.verify().problems == ()
            assert second.append(an_event("next")) == 1201
            with pytest.raises(LedgerError, match="holds entries already"):
                second.take_over(first)
    finally:
        drop(empty)


def test_whoever_owns_the_tables_may_not_append(served):
    with pytest.raises(LedgerError, match="owns the ledger's tables"):
        Ledger.open(served.owner)


def test_an_auditor_can_read_and_not_append(served):
    with Ledger.open(served.auditor, readonly=True) as ledger:
        with pytest.raises(LedgerError, match="open for reading only"):
            ledger.append(an_event("auditor"))
        assert ledger.verify().problems == ()

    with (
        Ledger.open(served.auditor) as ledger,
        pytest.raises(LedgerError, match="no right to do that"),
    ):
        ledger.append(an_event("auditor"))


def test_tables_are_made_once_and_rights_given_again(served):
    before = verify_ledger(served.auditor)

    assert not init_postgres(served.owner, writer=role_of(served.writer))

    assert verify_ledger(served.auditor) == before


def test_an_owner_who_would_append_is_refused():
    empty = a_database(made=False)
    try:
        with pytest.raises(LedgerError, match="would own the tables that it appends to"):
            init_postgres(empty.owner, writer=role_of(empty.owner))
        with pytest.raises(LedgerError, match="there is no ledger in this database"):
            Ledger.open(empty.owner, create=True)
    finally:
        drop(empty)


def test_a_role_that_is_not_there_yet_is_told_which_command_makes_it(served):
    nobody = make_url(served.writer).set(username="nobody_made_this").render_as_string()

    with pytest.raises(LedgerError, match="nothing was appended") as told:
        Ledger.open(nobody)

    assert "`ops-model ledger init --owner" in str(told.value)


def test_an_owner_who_may_make_no_roles_is_told_who_may():
    empty = a_database(made=False)
    try:
        run(empty.admin, f"ALTER ROLE {role_of(empty.owner)} NOCREATEROLE")
        with pytest.raises(LedgerError, match="may make none; nothing was made") as told:
            init_postgres(empty.owner, writer=role_of(empty.writer))
        assert "or give this one CREATEROLE" in str(told.value)
    finally:
        drop(empty)


def test_a_server_that_does_not_answer_is_the_machine_and_no_change():
    with pytest.raises(LedgerError, match=r"cannot be reached: .*; nothing was append") as told:
        Ledger.open("postgresql://writer@localhost:1/nowhere?connect_timeout=1")

    assert not isinstance(told.value, ChainBrokenError)
    assert "to fix" in str(told.value)
