"""Keys, checkpoints, exports and their verification, as they are typed."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from ops_model.cli import ops_model
from ops_model.errors import OpsModelError
from ops_model.store.checkpoint_file import read_notes
from ops_model.store.ledger import Ledger
from ops_model.workflow.checkpoints import new_key
from tests.conftest import require
from tests.store.ledger_events import an_event
from tests.workflow.export_samples import ORIGIN, append, copied, rebuilt
from tests.workflow.tiny import a_workbook


@dataclass
class Done:
    """What a command printed, and how it ended."""

    returncode: int
    stdout: str
    stderr: str


def ops(*arguments, root, key=None, home=None):
    """Call the program in this process; no key of whoever runs the tests is ever taken."""
    variables = {"HOME": str(home or root), "OPS_MODEL_CHECKPOINT_KEY": str(key) if key else None}
    with contextlib.chdir(root):
        result = CliRunner().invoke(ops_model, [str(a) for a in arguments], env=variables)
    error = result.exception
    if isinstance(error, OpsModelError):
        return Done(error.exit_code, result.stdout, f"{result.stderr}{error}")
    assert error is None or isinstance(error, SystemExit), result.exc_info
    return Done(result.exit_code, result.stdout, result.stderr)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A workbook of one system, checked once, with a key beside it; only copied."""
    folder = tmp_path_factory.mktemp("signed")
    root = a_workbook(folder / "workbook")
    new_key(root, ORIGIN, folder / "checkpoint.key")
    done = ops("check", "flight-delay", root=root, key=folder / "checkpoint.key")
    assert done.returncode == 1, done.stderr
    return folder


@pytest.fixture(scope="module")
def ran(made, tmp_path_factory):
    """The same after a run that failed and one that did not; only copied."""
    root = shutil.copytree(made / "workbook", tmp_path_factory.mktemp("ran") / "workbook")
    key = made / "checkpoint.key"
    assert ops("run", "bad", "flight-delay", root=root, key=key).returncode == 3
    done = ops("run", "good", "flight-delay", root=root, key=key)
    assert done.returncode == 0, done.stderr
    return root


@pytest.fixture
def root(made, tmp_path):
    return shutil.copytree(made / "workbook", tmp_path / "workbook")


@pytest.fixture
def key(made):
    return made / "checkpoint.key"


def test_a_check_signs_what_it_recorded(root):
    notes, problems = read_notes(root / "checkpoints.txt")

    assert problems == []
    assert [note.checkpoint.origin for note in notes] == [ORIGIN]
    done = ops("verify", ".", "--key", "checkpoint_keys.txt", "--json", root=root)
    told = json.loads(done.stdout)
    assert done.returncode == 0
    assert told["checkpoint"]["size"] == told["size"] == notes[0].checkpoint.size
    assert told["root"] == notes[0].checkpoint.root


@pytest.mark.kernel
def test_a_failed_run_is_signed_too_and_a_bundle_by_the_same_key(ran, tmp_path):
    (bundle,) = ran.glob("runs/flight-delay/good/*")
    mailed = shutil.copytree(bundle, tmp_path / "mailed")
    public = (ran / "checkpoint_keys.txt").read_text().strip()
    made = ops("ledger", "key", "--name", "example.net/other", "--into", tmp_path / "other.key",
               "--json", root=shutil.copytree(ran, tmp_path / "workbook"))  # fmt: skip
    other = json.loads(made.stdout)["public"]

    assert len(read_notes(ran / "checkpoints.txt")[0]) == 3
    told = json.loads(ops("verify", ".", "--json", root=ran).stdout)
    assert (told["ok"], told["checkpoint"]["entries_since"]) == (True, 0)
    assert ops("verify", mailed, "--key", public, root=tmp_path).returncode == 0
    assert ops("verify", mailed, "--key", other, root=tmp_path).returncode == 4


def test_without_a_key_that_is_said_once_and_verify_counts_what_is_not_covered(root):
    append(root, "one")
    done = ops("check", "flight-delay", root=root)

    assert done.stderr.count("no checkpoint: the key of checkpoint_keys.txt is not at hand") == 1
    assert (
        "\n  to fix: name its file with OPS_MODEL_CHECKPOINT_KEY; where it is gone" in done.stderr
    )
    assert "ops-model ledger key --name" in done.stderr
    told = ops("verify", ".", root=root)
    assert told.returncode == 0
    assert "since are covered by no checkpoint" in told.stdout


def typed(*arguments, root, into=subprocess.DEVNULL):
    """Call the program in a process of its own, without any key; what it says on stderr."""
    variables = {n: v for n, v in os.environ.items() if n != "OPS_MODEL_CHECKPOINT_KEY"}
    done = subprocess.run(
        [sys.executable, "-m", "ops_model", *arguments], check=False, cwd=root, stdout=into,
        stderr=subprocess.PIPE, encoding="utf-8", env={**variables, "HOME": str(root)},
    )  # fmt: skip
    return done.returncode, done.stderr


def test_a_refused_command_says_nothing_of_a_key_that_is_gone(root):
    append(root, "one")

    code, said = typed("check", "nosuch", root=root)

    assert code == 2
    assert said.startswith("systems/: there is no system 'nosuch'")
    assert "no checkpoint" not in said


def test_the_error_of_a_command_comes_before_what_is_said_of_a_key_that_is_gone(root):
    append(root, "one")

    with Path("/dev/full").open("w") as full:
        code, said = typed("check", "flight-delay", root=root, into=full)

    assert code == 3
    assert said.startswith("the machine refused: ")
    assert "\nno checkpoint: the key of checkpoint_keys.txt is not at hand" in said


def test_a_command_that_adds_nothing_to_a_signed_ledger_says_nothing_of_a_key(root):
    assert ops("check", "flight-delay", root=root).stderr == ""


def test_a_ledger_without_checkpoints_is_told_where_to_read_about_them(root):
    (root / "checkpoints.txt").unlink()

    told = ops("verify", ".", root=root)
    assert "no signed checkpoint covers this ledger; see docs/evidence.md" in told.stdout
    assert "keys are listed, and no checkpoint of theirs is there" in told.stdout
    assert told.stdout.endswith("unchanged by its own hashes; no checkpoint covers it\n")
    assert json.loads(ops("verify", ".", "--json", root=root).stdout)["checkpoint"] is None


def test_an_old_backup_is_not_appended_to_and_the_message_says_what_to_do(root, key, tmp_path):
    backup = copied(root / "ledger.db", tmp_path / "backup.db")
    append(root, "one", "two")
    assert ops("ledger", "checkpoint", root=root, key=key).returncode == 0
    for suffix in ("-wal", "-shm"):
        (root / f"ledger.db{suffix}").unlink(missing_ok=True)
    shutil.copy(backup, root / "ledger.db")

    size = json.loads(ops("verify", ".", "--json", root=root).stdout)["size"]

    refused = ops("check", "flight-delay", root=root)

    assert refused.returncode == 4
    assert json.loads(ops("verify", ".", "--json", root=root).stdout)["size"] == size
    assert "an older copy was put back" in refused.stderr
    assert "to fix: put the newest copy of the ledger back" in refused.stderr
    assert ops("verify", ".", root=root).returncode == 4


def test_the_two_attacks_that_an_old_checkpoint_misses_are_seen_with_a_newer_one(
    root, key, tmp_path
):
    older = shutil.copy(root / "checkpoints.txt", tmp_path / "older.txt")
    size = read_notes(root / "checkpoints.txt")[0][0].checkpoint.size
    append(root, "one", "two")
    assert ops("ledger", "checkpoint", root=root, key=key).returncode == 0
    newer = shutil.copy(root / "checkpoints.txt", tmp_path / "newer.txt")
    public = (root / "checkpoint_keys.txt").read_text().strip()

    for attacked in (
        lambda events: events[: size + 1],
        lambda events: [*events[: size + 1], an_event("another")],
    ):
        rebuilt(root / "ledger.db", attacked)
        shutil.copy(older, root / "checkpoints.txt")
        assert ops("verify", ".", "--key", public, root=root).returncode == 0
        kept = ops("verify", ".", "--key", public, "--checkpoints", newer, root=root)
        assert kept.returncode == 4, kept.stdout


def test_a_key_is_made_once_and_never_inside_a_workbook(root, tmp_path):
    inside = ops("ledger", "key", "--name", ORIGIN, "--into", "a.key", root=root)
    assert inside.returncode == 2
    assert "may not lie in a workbook" in inside.stderr

    into = tmp_path / "keys" / "a.key"
    done = ops("ledger", "key", "--name", ORIGIN, "--into", into, root=root)
    assert done.returncode == 0
    assert (root / "checkpoint_keys.txt").read_text().splitlines()[1] in done.stdout
    assert into.stat().st_mode & 0o777 == 0o600
    assert ops("ledger", "key", "--name", ORIGIN, "--into", into, root=root).returncode == 2


def test_the_usual_place_of_the_key_is_taken_without_a_word(root, key, tmp_path):
    home = tmp_path / "home"
    usual = home / ".config" / "ops-model" / "checkpoint.key"
    usual.parent.mkdir(parents=True)
    shutil.copy(key, usual)
    append(root, "one")

    signed = ops("ledger", "checkpoint", root=root, home=home)

    assert signed.returncode == 0, signed.stderr
    assert "signed " in signed.stdout


def test_a_named_key_that_cannot_be_used_stops_the_command_before_it_begins(root):
    before = (root / "ledger.db").read_bytes()
    refused = ops("run", "good", "flight-delay", root=root, key=root.parent / "gone.key")

    assert refused.returncode == 2
    assert "the checkpoint key cannot be read" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert (root / "ledger.db").read_bytes() == before
    assert ops("ledger", "checkpoint", root=root).returncode == 2


@pytest.mark.kernel
def test_an_export_is_verified_elsewhere_and_says_who_vouches_for_it(ran, key, tmp_path):
    into = tmp_path / "evidence.zip"
    done = ops("export", "evidence", "--into", into, "--json", root=ran, key=key)
    public = (ran / "checkpoint_keys.txt").read_text().strip()

    found = ops("verify", into, "--key", public, root=tmp_path)

    assert json.loads(done.stdout)["bundles"] == 1
    assert found.returncode == 0, found.stderr
    assert "bundles: 1 against the manifests" in found.stdout
    assert f"signed by {ORIGIN}+" in found.stdout
    told = ops("verify", into, "--json", root=tmp_path)
    assert json.loads(told.stdout)["reviews"] == []


def test_a_file_that_is_no_key_is_wrong_use(root):
    (root / "notes.txt").write_text("mine\n")

    for given in ("notes.txt", "mine"):
        refused = ops("verify", ".", "--key", given, root=root)
        assert refused.returncode == 2
        assert "Traceback" not in refused.stderr
    assert ops("verify", ".", "--checkpoints", "gone.txt", root=root).returncode == 2


def test_a_workbook_under_git_shows_its_checkpoints_as_a_change_and_commits_nothing(root, key):
    require(shutil.which("git") is not None, "git")

    def git(*arguments):
        name = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        return subprocess.run(
            ["git", *name, *arguments], cwd=root, check=True, capture_output=True, text=True
        ).stdout

    git("init", "-q")
    git("add", "checkpoints.txt", "checkpoint_keys.txt")
    git("commit", "-qm", "as it was")
    append(root, "one")
    assert ops("ledger", "checkpoint", root=root, key=key).returncode == 0

    changed = git("diff", "--name-only")
    assert changed.split() == ["checkpoints.txt"]
    assert git("diff", "--numstat").split()[:2] == ["6", "0"], "lines are only added"
    assert git("rev-list", "--count", "HEAD").strip() == "1"


def test_a_private_key_is_never_printed(root, key):
    lines = key.read_text().splitlines()

    for given in (
        key,
        key.read_text(),
        lines[1],
        "+".join(["b3BlbnNzaC1rZXktdjE", "AAAA", "AAAA"]),
    ):
        refused = ops("verify", ".", "--key", given, root=root)
        assert refused.returncode == 2
        told = refused.stdout + refused.stderr
        assert not any(line[:20] in told for line in lines[1:-1])
        assert "b3BlbnNzaC1rZXktdjE" not in told
    assert "this is a private key; nobody may see it" in ops(
        "verify", ".", "--key", key, root=root
    ).stderr  # fmt: skip


def test_a_key_file_that_is_not_there_is_said_to_be_none(root):
    refused = ops("verify", ".", "--key", "o.pub", root=root)

    assert refused.returncode == 2
    assert "there is no file 'o.pub', and it is no key" in refused.stderr


def test_kept_checkpoints_need_a_key_and_are_counted(root, tmp_path):
    kept = shutil.copy(root / "checkpoints.txt", tmp_path / "kept.txt")

    refused = ops("verify", ".", "--checkpoints", kept, root=root)
    told = ops("verify", ".", "--key", "checkpoint_keys.txt", "--checkpoints", kept, root=root)

    assert refused.returncode == 2
    assert "--checkpoints needs --key" in refused.stderr
    size = read_notes(root / "checkpoints.txt")[0][-1].checkpoint.size
    said = f"kept: 1 checkpoint from kept.txt, the newest of {size} entries: all hold"
    assert said in told.stdout


def test_a_kept_checkpoint_that_no_named_key_signed_is_a_problem(root, tmp_path):
    kept = shutil.copy(root / "checkpoints.txt", tmp_path / "kept.txt")
    into = tmp_path / "other.key"
    ops("ledger", "key", "--name", "example.net/other", "--into", into, root=root)
    own, other = (root / "checkpoint_keys.txt").read_text().splitlines()
    (root / "checkpoints.txt").unlink()
    append(root, "one")
    assert ops("ledger", "checkpoint", root=root, key=into).returncode == 0

    assert ops("verify", ".", "--key", other, root=root).returncode == 0
    found = ops("verify", ".", "--key", other, "--checkpoints", kept, root=root)
    assert found.returncode == 4
    assert "is signed by no key that you named" in found.stderr
    both = ops("verify", ".", "--key", other, "--key", own, "--checkpoints", kept, root=root)
    assert both.returncode == 0


def test_nothing_new_to_sign_says_how_far_the_newest_checkpoint_reaches(root, key):
    size = read_notes(root / "checkpoints.txt")[0][-1].checkpoint.size

    told = ops("ledger", "checkpoint", root=root, key=key)
    as_json = json.loads(ops("ledger", "checkpoint", "--json", root=root, key=key).stdout)

    assert told.stdout == f"nothing new: the newest checkpoint covers all {size} entries\n"
    assert (as_json["signed"], as_json["size"]) == (False, size)


def test_a_new_key_signs_a_ledger_that_did_not_grow_once(root, key, tmp_path):
    second = new_key(root, "example.org/second", tmp_path / "second.key")
    before = len(read_notes(root / "checkpoints.txt")[0])

    first = ops("ledger", "checkpoint", root=root, key=tmp_path / "second.key")
    again = ops("ledger", "checkpoint", root=root, key=tmp_path / "second.key")
    by_old = ops("ledger", "checkpoint", root=root, key=key)

    assert first.returncode == 0, first.stderr
    assert "nothing new" not in first.stdout
    assert "nothing new" in again.stdout
    assert "nothing new" in by_old.stdout
    assert len(read_notes(root / "checkpoints.txt")[0]) == before + 1
    assert ops("verify", ".", "--key", second, root=root).returncode == 0


def test_no_terminal_obeys_what_a_forged_ledger_holds(root, tmp_path):
    with Ledger.open(root / "ledger.db") as ledger:
        data = {"run_id": "r", "bundle": "runs/a/b/c", "manifest": "sha256:" + "0" * 64}
        odd = {"record": {"kind": "sign_off\x1b[2J\nunchanged"}, "proof": {}}
        ledger.append(an_event("a/finished", type="run.finished", data=data))
        ledger.append(an_event("b", type="signoff.given", data=odd))

    told = ops("verify", ".", root=root)

    assert told.returncode == 4
    assert "\x1b" not in told.stdout + told.stderr
    assert "\nunchanged" not in told.stdout + told.stderr
