"""Where a run took place: the packages, the commit, and a repository that means harm."""

import json
import shutil
import subprocess

import pytest

from ops_model.domain.values import digest_of
from ops_model.workflow.provenance import environment, environment_list, git_state
from tests.conftest import require


def git(root, *arguments):
    require(shutil.which("git") is not None, "git")
    who = ("-c", "user.name=m-ito", "-c", "user.email=m-ito@example.org")
    subprocess.run(["git", "-C", str(root), *who, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path):
    """A workbook of which everything was committed."""
    root = tmp_path / "workbook"
    (root / "systems").mkdir(parents=True)
    (root / "ops-model.yaml").write_text("name: Test\n", encoding="utf-8")
    (root / "systems" / "a.yaml").write_text("name: a\n", encoding="utf-8")
    git(root.parent, "init", "-q", str(root))
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "first")
    return root


def head_of(root):
    asked = ["git", "-C", str(root), "rev-parse", "HEAD"]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()


def test_a_committed_workbook_is_clean_at_its_commit(repository):
    state = git_state(repository)

    assert (state.commit, state.clean, state.changed) == (head_of(repository), True, 0)
    assert state.looked_at.startswith("the workbook without runs")


def test_what_was_changed_added_or_removed_is_counted(repository):
    (repository / "ops-model.yaml").write_text("name: Other\n", encoding="utf-8")
    (repository / "systems" / "b c.yaml").write_text("name: b\n", encoding="utf-8")
    (repository / "systems" / "a.yaml").unlink()

    state = git_state(repository)

    assert (state.clean, state.changed) == (False, 3)


@pytest.mark.parametrize(
    "written",
    ["runs/a/b/c/x", "site/index.html", "ledger.db", "ledger.db-wal", "checkpoints.txt"],
)
def test_what_runs_write_is_no_change(repository, written):
    path = repository / written
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x", encoding="utf-8")

    assert git_state(repository).clean


def test_a_workbook_inside_a_larger_repository_is_told_of_alone(repository):
    inner = repository / "inner"
    inner.mkdir()
    (inner / "ops-model.yaml").write_text("name: Inner\n", encoding="utf-8")
    git(repository, "add", "inner")
    git(repository, "commit", "-q", "-m", "second")
    (repository / "systems" / "a.yaml").unlink()

    assert git_state(inner).clean
    assert not git_state(repository).clean


def test_nobody_can_tell_of_a_workbook_without_version_control(tmp_path):
    (tmp_path / "ops-model.yaml").write_text("name: Test\n", encoding="utf-8")

    assert git_state(tmp_path) is None


def test_nor_of_one_that_was_never_added_to_the_repository_around_it(repository):
    inner = repository / "demo"
    inner.mkdir()
    (inner / "ops-model.yaml").write_text("name: Demo\n", encoding="utf-8")

    assert git_state(inner) is None


def test_nor_before_the_first_commit(tmp_path):
    (tmp_path / "ops-model.yaml").write_text("name: Test\n", encoding="utf-8")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")

    assert git_state(tmp_path) is None


def test_a_repository_that_is_damaged_is_no_error(repository):
    (repository / ".git" / "HEAD").write_text("nonsense", encoding="utf-8")

    assert git_state(repository) is None


HARM = {
    "fsmonitor": "[core]\n fsmonitor = {harm}\n",
    "hooks": "[core]\n hooksPath = hooks\n",
    "clean filter": '[filter "f"]\n clean = {harm}\n required = true\n',
    "process filter": '[filter "f"]\n process = {harm}\n',
    "included": "[include]\n path = ../more\n",
    "alias": "[alias]\n status = !{harm}\n ls-files = !{harm}\n config = !{harm}\n",
    "pager": "[core]\n pager = {harm}\n[pager]\n status = {harm}\n",
    "ssh": "[core]\n sshCommand = {harm}\n",
}


@pytest.mark.parametrize("kind", HARM)
def test_settings_of_a_repository_start_no_program(repository, kind):
    """Whoever sends somebody a workbook with its `.git` could otherwise run code there."""
    harm = repository.parent / "harm.sh"
    harm.write_text(f"#!/bin/sh\ntouch {repository.parent}/HARMED\ncat\n", encoding="utf-8")
    harm.chmod(0o755)
    text = HARM[kind].format(harm=harm)
    (repository / "more").write_text(f'[filter "f"]\n clean = {harm}\n', encoding="utf-8")
    hooks = repository / "hooks"
    hooks.mkdir()
    (hooks / "post-index-change").symlink_to(harm)
    with (repository / ".git" / "config").open("a", encoding="utf-8") as config:
        config.write(text)
    (repository / ".git" / "info" / "attributes").write_text("* filter=f\n", encoding="utf-8")
    # Equally long and newer, so that the content has to be compared.
    (repository / "ops-model.yaml").write_text("name: Tesu\n", encoding="utf-8")

    state = git_state(repository)

    assert not (repository.parent / "HARMED").exists()
    assert state is None or not state.clean


def test_a_filter_that_cannot_be_switched_off_leaves_nobody_to_tell(repository):
    with (repository / ".git" / "config").open("a", encoding="utf-8") as config:
        config.write('[filter "a=b"]\n clean = touch HARMED\n')

    assert git_state(repository) is None


def test_the_filters_of_the_test_would_have_been_started_by_a_plain_status(repository):
    """What the test above shows is worth something: git itself does start them."""
    harmed = repository.parent / "HARMED"
    with (repository / ".git" / "config").open("a", encoding="utf-8") as config:
        config.write(f'[filter "f"]\n clean = "touch {harmed}; cat"\n')
    (repository / ".git" / "info" / "attributes").write_text("* filter=f\n", encoding="utf-8")
    (repository / "ops-model.yaml").write_text("name: Tesu\n", encoding="utf-8")

    git(repository, "status")

    assert harmed.exists()


def test_the_list_of_packages_is_sorted_and_names_no_path():
    listed = json.loads(environment_list())

    assert listed.keys() == {"python", "platform", "packages"}
    assert listed["packages"] == sorted(listed["packages"])
    assert any(package.startswith("pydantic==2.") for package in listed["packages"])
    assert b"/" not in environment_list()


def test_the_manifest_names_the_digest_of_that_list():
    assert environment().packages == digest_of(environment_list())
    assert environment().python in environment_list().decode()
