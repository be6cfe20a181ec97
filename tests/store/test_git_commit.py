"""A commit as a real checkout holds it."""

import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ops_model.errors import OpsModelError, UsageError
from ops_model.store.git_commit import read_commit
from tests.conftest import require

HERE = {"PATH": os.environ["PATH"], "HOME": str(Path.home())}
AT = "2026-03-01T10:00:00+0200"
MESSAGE = """Train on the spring as well

It has seen one more season.

Reviewed-by: Bo Li <bo@example.org>
Reviewed-By: Nobody Known
Signed-off-by: Ana Ruiz <ana@example.org>
"""


def git(folder, *words, **variables):
    env = {
        **HERE, "GIT_AUTHOR_NAME": "Ana Ruiz", "GIT_AUTHOR_EMAIL": "a@x",
        "GIT_COMMITTER_NAME": "Cy", "GIT_COMMITTER_EMAIL": "c@x", "GIT_COMMITTER_DATE": AT,
        "GIT_AUTHOR_DATE": "2020-01-01T00:00:00Z", "GIT_CONFIG_GLOBAL": "/dev/null", **variables,
    }  # fmt: skip
    done = subprocess.run(["git", *words], cwd=folder, env=env, capture_output=True, check=True)
    return done.stdout.decode().strip()


@pytest.fixture
def checkout(tmp_path):
    require(shutil.which("git") is not None, "git")
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", MESSAGE)
    return tmp_path


def head(checkout):
    return git(checkout, "rev-parse", "HEAD")


@pytest.mark.parametrize("signs", [7, 12, 40])
def test_a_commit_is_found_by_a_short_or_a_long_name(checkout, signs):
    commit = read_commit(checkout, head(checkout)[:signs], environment=HERE)

    assert commit.id == head(checkout)


def test_its_date_is_the_committers_and_its_author_the_authors(checkout):
    commit = read_commit(checkout, head(checkout), environment=HERE)

    assert commit.committed_at == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert commit.author == "Ana Ruiz"


def test_its_readers_are_those_of_its_last_paragraph(checkout):
    git(checkout, "commit", "-q", "--allow-empty", "-m", MESSAGE + "\nAnd a last word.\n")

    now = read_commit(checkout, head(checkout), environment=HERE)
    before = read_commit(checkout, git(checkout, "rev-parse", "HEAD~"), environment=HERE)

    assert now.reviewers == ()
    assert before.reviewers == ("Bo Li", "Nobody Known")


@pytest.mark.parametrize("name", ["HEAD", "main", "--help", "123", "g" * 40, "abcdef1; ls", ""])
def test_what_is_no_name_of_a_commit_never_reaches_git(checkout, name):
    with pytest.raises(UsageError, match="expected 7 to 64 hex digits"):
        read_commit(checkout, name, environment=HERE)


def test_a_commit_that_is_not_there_is_refused_and_nothing_is_fetched(checkout):
    git(checkout, "remote", "add", "origin", "https://127.0.0.1:9/x.git")

    with pytest.raises(UsageError, match="the checkout has no commit fffffff"):
        read_commit(checkout, "f" * 40, environment=HERE)


def test_a_tree_is_no_commit(checkout):
    tree = git(checkout, "rev-parse", "HEAD^{tree}")

    with pytest.raises(UsageError, match="has no commit"):
        read_commit(checkout, tree, environment=HERE)


def test_a_folder_that_is_no_checkout_is_an_error_with_its_place(tmp_path):
    require(shutil.which("git") is not None, "git")
    with pytest.raises(OpsModelError, match="git cannot read this checkout"):
        read_commit(tmp_path, "a" * 40, environment=HERE)


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UsageError, match="there is no such folder"):
        read_commit(tmp_path / "none", "a" * 40, environment=HERE)


def test_a_machine_without_git_says_so(checkout):
    with pytest.raises(OpsModelError, match="git is not installed here"):
        read_commit(checkout, "a" * 40, environment={"PATH": "/nowhere"})


def test_nothing_that_a_checkout_configures_is_run(checkout):
    trap = checkout / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {checkout / 'sprung'}\n")
    trap.chmod(0o755)
    for key in ("core.fsmonitor", "core.pager", "core.sshCommand", "gpg.program",
                "diff.external"):  # fmt: skip
        git(checkout, "config", key, str(trap))
    git(checkout, "config", "log.showSignature", "true")

    read_commit(checkout, head(checkout), environment=HERE)

    assert not (checkout / "sprung").exists()


def test_a_commit_that_was_replaced_locally_is_read_as_it_was(checkout):
    first = head(checkout)
    git(checkout, "commit", "-q", "--allow-empty", "-m", "x", "-m", "Reviewed-by: Dee Late")
    git(checkout, "replace", first, head(checkout))

    assert "Bo Li" in read_commit(checkout, first, environment=HERE).reviewers
