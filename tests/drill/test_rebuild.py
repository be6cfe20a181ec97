"""A second build: alike, or in one of the ways in which it goes wrong."""

import hashlib
import textwrap
from pathlib import Path

import pytest

from ops_model.domain.change import Build
from ops_model.domain.values import digest_of
from ops_model.drill.rebuild import rebuild
from ops_model.errors import DrillError


def built(root, code, *, artefact="model.bin", seconds=20):
    run = ("python", "-c", textwrap.dedent(code), "{out}")
    return rebuild(root, Build(run=run, artefact=artefact, seconds=seconds))


def sha(content):
    return hashlib.sha256(content).hexdigest()


WRITES = "import sys, pathlib; pathlib.Path(sys.argv[1], 'model.bin').write_bytes(b'weights')"


def test_a_file_is_known_by_its_sha256_and_its_folder_is_gone_afterwards(tmp_path):
    found = built(tmp_path, f"{WRITES}; pathlib.Path('out.txt').write_text(sys.argv[1])")

    assert (found.digest, found.problem) == (f"sha256:{sha(b'weights')}", "")
    assert not Path((tmp_path / "out.txt").read_text()).exists()


def test_a_folder_is_known_by_its_files_in_the_order_of_their_paths(tmp_path):
    found = built(
        tmp_path,
        """
        import sys, pathlib
        out = pathlib.Path(sys.argv[1], "model")
        (out / "sub").mkdir(parents=True)
        (out / "sub" / "b").write_bytes(b"2")
        (out / "a").write_bytes(b"1")
        """,
        artefact="model",
    )

    assert found.digest == digest_of(
        [
            {"path": "a", "bytes": 1, "sha256": sha(b"1")},
            {"path": "sub/b", "bytes": 1, "sha256": sha(b"2")},
        ]
    )


def test_it_begins_in_an_empty_folder_and_without_the_users_variables(tmp_path, monkeypatch):
    monkeypatch.setenv("TOKEN", "secret")
    found = built(
        tmp_path,
        "import os, sys; assert os.listdir(sys.argv[1]) == []; assert 'TOKEN' not in os.environ",
    )

    assert found.problem == "the build left no model.bin in its folder"


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("raise SystemExit(2)", "the build: exit 2"),
        ("pass", "the build left no model.bin in its folder"),
        ("import sys, os; os.mkfifo(sys.argv[1] + '/model.bin')", "as a link or as no file"),
        ("import sys, os; os.mkdir(sys.argv[1] + '/model.bin')", "left an empty folder"),
        ("import sys, os; os.symlink('/etc/passwd', sys.argv[1] + '/model.bin')", "as a link"),
        (
            "import sys, os; o = sys.argv[1] + '/model.bin'; os.mkdir(o); "
            "os.symlink('/etc', o + '/up')",
            "left up as a link",
        ),
    ],
)
def test_a_build_that_leaves_nothing_of_its_own_has_no_digest_and_says_why(
    tmp_path, code, problem
):
    found = built(tmp_path, code)

    assert found.digest is None
    assert problem in found.problem


def test_one_that_hangs_is_ended(tmp_path):
    found = built(tmp_path, "import time; time.sleep(600)", seconds=1)

    assert found.problem == "the build: took over 1 s"
    assert found.seconds < 8


def test_one_that_writes_over_what_serves_is_found_out(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "model.bin").write_bytes(b"serves")
    (tmp_path / "ledger.db-wal").write_bytes(b"")

    found = built(
        tmp_path,
        """
        import pathlib
        pathlib.Path("data/model.bin").write_bytes(b"other")
        pathlib.Path("ledger.db-wal").write_bytes(b"ours")
        """,
    )

    assert found.problem == "the build left no model.bin in its folder"
    assert found.elsewhere == ("data/model.bin",)


def test_a_command_that_names_no_folder_is_refused_before_it_runs(tmp_path):
    build = Build(run=("python", "-c", "open('ran', 'w')"), artefact="model.bin")

    with pytest.raises(DrillError, match=r"names no \{out\}"):
        rebuild(tmp_path, build)
    assert not (tmp_path / "ran").exists()


def test_an_artefact_above_its_folder_is_no_address():
    with pytest.raises(ValueError, match="artefact"):
        Build(run=("make", "{out}"), artefact="../model.bin")
