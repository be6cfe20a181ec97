"""A workbook whose ledger is a PostgreSQL database, by the commands that a user gives."""

import json
import os
import subprocess
import sys

import pytest
from sqlalchemy.engine import make_url

from ops_model.store.ledger import verify_ledger
from tests.store.postgres import a_database, drop, role_of, run

pytestmark = [pytest.mark.slow, pytest.mark.kernel]
SYSTEM = "my-system"


def ops_model(root, *arguments, code=0):
    """What a command wrote, having ended with this exit code; with `--json` that alone."""
    command = [sys.executable, "-m", "ops_model", *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout if "--json" in arguments else done.stdout + done.stderr


@pytest.fixture(scope="module")
def workbook(tmp_path_factory):
    """A started workbook with its ledger in a database that `ledger init` made."""
    root = tmp_path_factory.mktemp("postgres") / "book"
    served = a_database(made=False)
    ops_model(root.parent, "init", root.name)
    name_ledger(root, served.writer)
    ops_model(
        root, "ledger", "init", "--owner", served.owner, "--auditor", role_of(served.auditor)
    )
    yield root, served
    drop(served)


def name_ledger(root, address):
    settings = root / "ops-model.yaml"
    lines = [line for line in settings.read_text().splitlines() if not line.startswith("ledger:")]
    settings.write_text("\n".join([*lines, f"ledger: {address}", ""]))


def test_check_run_and_verify_work_as_with_a_file(workbook):
    root, served = workbook

    checked = json.loads(ops_model(root, "check", SYSTEM, "--json", code=1))
    ran = ops_model(root, "run", "00_gap_map", SYSTEM)
    verified = json.loads(ops_model(root, "verify", ".", "--json"))

    assert checked["verdict"] == "DEMO ONLY"
    assert "finished" in ran
    assert verified["ok"]
    assert verified["size"] == verify_ledger(served.auditor).size > 3
    assert not list(root.glob("*.db"))


def test_a_verdict_is_derived_again_from_the_bundle_and_the_database(workbook):
    root, _ = workbook
    ops_model(root, "run", "01_readiness", SYSTEM)

    again = json.loads(ops_model(root, "verify", ".", "--again", "--json"))

    assert again["derived"]
    assert all(one["equal"] for one in again["derived"])


def test_a_workbook_moves_its_ledger_into_a_database_and_its_checkpoints_hold(tmp_path):
    served, root = a_database(made=False), tmp_path / "book"
    key = tmp_path / "checkpoint.key"
    try:
        ops_model(tmp_path, "init", "book")
        ops_model(root, "ledger", "key", "--name", "example.org/book", "--into", str(key))
        os.environ["OPS_MODEL_CHECKPOINT_KEY"] = str(key)
        ops_model(root, "check", SYSTEM, code=1)
        name_ledger(root, served.writer)
        ops_model(root, "ledger", "init", "--owner", served.owner)
        # Until it is copied, the empty ledger is not the one that was signed.
        ops_model(root, "check", SYSTEM, code=4)

        ops_model(root, "ledger", "copy", "--from", "ledger.db")
        ops_model(root, "check", SYSTEM, code=1)

        verified = json.loads(ops_model(root, "verify", ".", "--json"))
        assert verified["ok"]
        assert verified["checkpoint"]["size"] == verified["size"]
    finally:
        os.environ.pop("OPS_MODEL_CHECKPOINT_KEY", None)
        drop(served)


def test_an_entry_that_the_owner_rewrote_breaks_the_workbook(workbook):
    root, served = workbook
    ops_model(root, "check", SYSTEM, code=1)
    edit = "UPDATE ops_model.event SET body = replace(body, '20', '19') WHERE seq = 0"
    table = "ALTER TABLE ops_model.event"
    back = [
        f"{table} ENABLE ALWAYS TRIGGER {name}"
        for name in ("event_only_behind_the_head", "event_never_changed", "event_never_emptied")
    ]
    (before,) = run(served.admin, "SELECT body FROM ops_model.event WHERE seq = 0")
    run(served.admin, f"{table} DISABLE TRIGGER USER", edit, *back)
    try:
        said = ops_model(root, "verify", ".", code=4)
    finally:
        undo = f"UPDATE ops_model.event SET body = $undo${before[0]}$undo$ WHERE seq = 0"
        run(served.admin, f"{table} DISABLE TRIGGER USER", undo, *back)

    assert "ledger:0" in said
    ops_model(root, "verify", ".")


def test_a_server_that_is_gone_is_said_in_a_sentence(workbook, tmp_path):
    ops_model(tmp_path, "init", "book")
    name_ledger(tmp_path / "book", "postgresql://nobody@localhost:1/nowhere")

    said = ops_model(tmp_path / "book", "check", SYSTEM, code=3)

    assert "cannot be reached" in said
    assert "nothing was appended" in said


def test_an_address_with_a_password_is_refused_and_not_shown(workbook, tmp_path):
    _, served = workbook
    database = make_url(served.writer).database
    ops_model(tmp_path, "init", "book")
    name_ledger(tmp_path / "book", f"postgresql://role:hunter2hunter2@localhost/{database}")

    said = ops_model(tmp_path / "book", "check", SYSTEM, code=2)

    assert "hunter2" not in said
    assert "~/.pgpass" in said


def test_an_owner_is_asked_for_where_the_ledger_is_a_database_only(workbook, tmp_path):
    _, served = workbook
    ops_model(tmp_path, "init", "book")

    said = ops_model(tmp_path / "book", "ledger", "init", "--owner", served.owner, code=2)

    assert "is the file ledger.db, which has no owner" in said
