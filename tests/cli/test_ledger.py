"""`ops-model ledger` as a person meets it: a new ledger, and one of an older version."""

import json
import shutil
import sqlite3
from contextlib import closing

import pytest
from click.testing import CliRunner

from ops_model.cli.ledger import command
from ops_model.errors import ChainBrokenError, LedgerError
from ops_model.store.ledger import Ledger, verify_ledger
from tests.store.ledger_events import a_ledger_of_version_1, an_event, as_owner


@pytest.fixture
def workbook(tmp_path):
    (tmp_path / "ops-model.yaml").write_text("name: Test\nzone: UTC\n")
    return tmp_path


def run(workbook, *arguments):
    return CliRunner().invoke(command, [*arguments, "--workbook", str(workbook)])


def stored(path):
    with closing(sqlite3.connect(path)) as raw:
        return raw.execute("SELECT seq, event_id, prev, hash, body FROM event").fetchall()


def test_init_makes_an_empty_ledger_once(workbook):
    first, again = run(workbook, "init"), run(workbook, "init", "--json")

    assert first.stdout == "ledger.db: made\n"
    assert json.loads(again.stdout) == {"ledger": "ledger.db", "made": False}
    with Ledger.open(workbook / "ledger.db") as ledger:
        assert ledger.size() == 0


def test_a_database_asks_for_its_owner(workbook):
    settings = "name: Test\nzone: UTC\nledger: postgresql://appender@localhost:1/ops\n"
    (workbook / "ops-model.yaml").write_text(settings)

    result = run(workbook, "init")

    assert "ops-model ledger init --owner postgresql://OWNER@HOST/DATABASE" in str(
        result.exception
    )


def test_a_ledger_of_version_1_is_not_used_and_says_which_command_to_give(workbook):
    path = a_ledger_of_version_1(workbook / "ledger.db", 3)
    before = path.read_bytes()

    for refused in (lambda: Ledger.open(path), lambda: verify_ledger(path)):
        with pytest.raises(LedgerError, match="schema version 1; expected 2") as told:
            refused()
        assert "give `ops-model ledger migrate`" in told.value.problems[0].remedy
        assert told.value.exit_code == 3

    assert path.read_bytes() == before


def test_migrating_keeps_every_entry_byte_by_byte_and_the_old_file_beside(workbook):
    path = a_ledger_of_version_1(workbook / "ledger.db", 3)
    before = stored(path)

    result = run(workbook, "migrate")

    assert result.exit_code == 0, result.exception
    assert "3 entries kept byte by byte; the file as it was is ledger.v1.db" in result.stdout
    assert stored(path)[:3] == before
    assert stored(workbook / "ledger.v1.db") == before
    assert sorted(p.name for p in workbook.iterdir()) == [
        "ledger.db", "ledger.v1.db", "ops-model.yaml",
    ]  # fmt: skip
    with Ledger.open(path) as ledger:
        last = list(ledger.events())[-1].event
        assert (last.type, last.subject) == ("ledger.migrated", "portfolio")
        assert last.data["root"] == ledger.root_at(3)
        assert ledger.append(an_event("after", recorded_at=last.recorded_at)) == 4
    assert verify_ledger(path).problems == ()


def test_a_ledger_of_the_present_version_is_left_as_it_is(workbook):
    run(workbook, "init")
    before = (workbook / "ledger.db").read_bytes()

    result = run(workbook, "migrate", "--json")

    assert json.loads(result.stdout) == {"ledger": "ledger.db", "entries": None, "kept": None}
    assert (workbook / "ledger.db").read_bytes() == before


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("""UPDATE event SET body = replace(body, '"number":1', '"number":7') WHERE seq = 1""",
         "ledger:1: the entry's bytes do not give its hash"),
        ("DELETE FROM event WHERE seq = 1", "ledger:2: the entry is not chained"),
        ("DELETE FROM event WHERE seq = 2", "the head does not fit the entries"),
        ("UPDATE head SET size = 2", "the head does not fit the entries"),
    ],
)  # fmt: skip
def test_a_changed_ledger_is_not_migrated_and_stays_as_it_is(workbook, statement, said):
    path = as_owner(a_ledger_of_version_1(workbook / "ledger.db", 3), statement)
    before = stored(path)

    result = run(workbook, "migrate")

    assert isinstance(result.exception, ChainBrokenError)
    assert said in str(result.exception)
    assert "nothing was done" in str(result.exception)
    assert stored(path) == before
    assert sorted(p.name for p in workbook.iterdir()) == ["ledger.db", "ops-model.yaml"]


def test_a_ledger_that_somebody_uses_is_not_migrated(workbook):
    path = a_ledger_of_version_1(workbook / "ledger.db", 3)
    with closing(sqlite3.connect(path)) as other:
        other.execute("SELECT * FROM event").fetchone()

        result = run(workbook, "migrate")

    assert isinstance(result.exception, LedgerError)
    assert "another process uses the ledger" in str(result.exception)
    assert not (workbook / "ledger.v1.db").exists()


def test_a_migration_that_was_cut_off_between_the_names_is_finished_by_the_next(workbook):
    path = a_ledger_of_version_1(workbook / "ledger.db", 3)
    (workbook / "ledger.v1.db").hardlink_to(path)

    assert run(workbook, "migrate").exit_code == 0
    assert verify_ledger(path).problems == ()


def test_another_file_of_the_old_ledgers_name_is_never_overwritten(workbook):
    path = a_ledger_of_version_1(workbook / "ledger.db", 3)
    shutil.copy(path, workbook / "ledger.v1.db")

    result = run(workbook, "migrate")

    assert "there is such a file already" in str(result.exception)
    with pytest.raises(LedgerError, match="schema version 1"):
        Ledger.open(path)


def test_no_ledger_at_all_cannot_be_migrated(workbook):
    assert "there is no ledger" in str(run(workbook, "migrate").exception)
