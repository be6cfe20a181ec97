"""`ops-model verify` as a script meets it: exit codes, JSON, messages."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from ops_model.cli.verify import command
from ops_model.errors import LedgerError
from ops_model.store.ledger import Ledger
from tests.store.ledger_events import as_owner
from tests.workflow.verify_samples import a_run, a_workbook

EDIT = "UPDATE event SET body = replace(body, '2.5', '3.5') WHERE seq = 0"


@pytest.fixture
def root(tmp_path):
    root = a_workbook(tmp_path / "workbook")
    a_run(root)
    return root


def verify(*arguments):
    return CliRunner().invoke(command, [str(a) for a in arguments], standalone_mode=True)


def test_an_untouched_workbook_ends_with_0_and_says_what_was_compared(root):
    result = verify(root)

    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "unchanged by its own hashes; no checkpoint covers it"
    assert "bundles: 1 against the manifests that the ledger recorded" in result.stdout


def test_json_is_one_object_with_the_promised_keys(root):
    result = verify(root, "--json")

    told = json.loads(result.stdout)
    with Ledger.open(root / "ledger.db") as ledger:
        head = ledger.head()
    assert result.exit_code == 0
    assert {k: told[k] for k in ("ok", "size", "root", "checkpoint", "problems", "head")} == {
        "ok": True, "size": head.size, "root": head.root, "checkpoint": None, "problems": [],
        "head": head.hash,
    }  # fmt: skip


def test_a_changed_bundle_ends_with_4_and_names_the_file(root):
    (next((root / "runs").glob("*/*/*")) / "records.json").write_bytes(b"{}")

    result = verify(root)

    assert result.exit_code == 4
    assert "run-1: records.json was changed" in result.stderr
    assert "changed: 1 problem\n" in result.stderr


def test_a_changed_ledger_ends_with_4_and_json_names_the_entry(root):
    as_owner(root / "ledger.db", EDIT)

    result = verify(root / "ledger.db", "--json")

    assert result.exit_code == 4
    told = json.loads(result.stdout)
    assert told["ok"] is False
    assert told["problems"] == [
        {"where": "ledger:0", "what": "the entry's bytes do not give its hash"}
    ]


def test_a_path_that_is_not_there_is_refused_by_the_reader_not_by_a_traceback(tmp_path):
    finished = subprocess.run(
        [sys.executable, "-m", "ops_model", "verify", str(tmp_path / "gone")],
        check=False, capture_output=True, text=True,
    )  # fmt: skip

    assert finished.returncode == 3
    assert finished.stderr.startswith(str(tmp_path / "gone"))
    assert "to fix: name a bundle's folder" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_a_workbook_in_which_nothing_happened_cannot_be_verified(tmp_path):
    result = verify(a_workbook(tmp_path / "empty"))

    assert isinstance(result.exception, LedgerError)
    assert result.exception.exit_code == 3
