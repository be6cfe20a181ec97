"""`ops-model init`: a workbook that a stranger can fill in, whole or not at all."""

import fcntl
import json
import os
import stat

import pytest
from click.testing import CliRunner

from ops_model.cli import ops_model
from ops_model.domain.operating_model import AREA_FILES
from ops_model.errors import UsageError
from ops_model.shipped import shipped
from ops_model.store.workbook import read_workbook

TEMPLATES = sorted((shipped("templates") / "start").rglob("*.yaml"))


def init(*arguments):
    return CliRunner().invoke(ops_model, ["init", *map(str, arguments)])


def test_the_new_workbook_reads_and_has_every_area_of_the_named_system(tmp_path):
    result = init(tmp_path / "book", "--system", "flight-delay")

    system = read_workbook(tmp_path / "book").system("flight-delay")
    assert result.exit_code == 0
    assert all(getattr(system, attribute) is not None for attribute in AREA_FILES)


def test_nothing_of_the_template_names_another_system(tmp_path):
    init(tmp_path / "book", "--system", "flight-delay")

    written = [p for p in (tmp_path / "book").rglob("*") if p.is_file()]
    assert written
    assert not any("my-system" in p.read_text(encoding="utf-8") for p in written)


def test_it_claims_nothing_that_nobody_has_said(tmp_path):
    init(tmp_path / "book")

    system = read_workbook(tmp_path / "book").system("my-system")
    assert system.decisions.rights == ()
    assert system.rollback.steps == ()
    assert system.fallback.paths == ()
    assert system.cost.ceilings == ()


def test_none_of_the_five_questions_is_answered_before_somebody_fills_it_in(tmp_path):
    init(tmp_path / "book", "--system", "scorer")

    told = CliRunner().invoke(
        ops_model, ["check", "scorer", "--workbook", str(tmp_path / "book"), "--json"]
    )

    assert [q["answered"] for q in json.loads(told.stdout)["five_questions"]] == [False] * 5
    assert told.exit_code == 1


def test_the_examples_that_say_replace_can_be_found_by_one_search(tmp_path):
    init(tmp_path / "book")

    files = [p for p in (tmp_path / "book").rglob("*.yaml") if "REPLACE" in p.read_text("utf-8")]
    assert len(files) == 5
    assert all("example-" in p.read_text("utf-8") for p in files)


def test_the_output_says_what_to_do_next(tmp_path):
    result = init(tmp_path / "book", "--system", "scorer")

    assert "ops-model check scorer" in result.output
    assert "replace the two example people" in result.output


def test_what_is_built_anew_stays_out_of_version_control_and_evidence_does_not(tmp_path):
    init(tmp_path / "book")

    ignored = (tmp_path / "book/.gitignore").read_text().splitlines()
    assert [line for line in ignored if not line.startswith("#")] == [
        "site/", ".ops-model/", ".ipynb_checkpoints/", ".fill_in.json",
    ]  # fmt: skip


def test_an_empty_folder_is_filled_where_it_is(tmp_path):
    before = tmp_path.stat().st_ino

    result = init(tmp_path)

    assert result.exit_code == 0
    assert tmp_path.stat().st_ino == before
    assert {p.name for p in tmp_path.iterdir()} == {
        ".gitignore", "ops-model.yaml", "people.yaml", "policy.yaml", "portfolio.yaml",
        "schemas", "systems",
    }  # fmt: skip


def test_a_folder_that_only_git_has_touched_counts_as_empty(tmp_path):
    (tmp_path / ".git").mkdir()

    assert init(tmp_path).exit_code == 0


def test_a_folder_that_holds_something_is_refused_and_left_as_it_was(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")

    result = init(tmp_path)

    assert isinstance(result.exception, UsageError)
    assert "holds 'notes.txt' already" in str(result.exception)
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]


def test_what_a_killed_init_left_behind_is_removed_and_blocks_nothing(tmp_path):
    left = tmp_path / ".ops-model-init-0123456789ab"
    (left / "systems").mkdir(parents=True)
    (left / "people.yaml").write_text("people: [")

    result = init(tmp_path)

    assert result.exit_code == 0
    assert not left.exists()
    assert read_workbook(tmp_path).system("my-system") is not None


def test_an_init_that_is_at_work_in_the_folder_is_let_be(tmp_path):
    busy = tmp_path / ".ops-model-init-0123456789ab"
    busy.mkdir()
    handle = os.open(busy, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)

    result = init(tmp_path)
    os.close(handle)

    assert "holds '.ops-model-init-0123456789ab' already" in str(result.exception)
    assert [p.name for p in tmp_path.iterdir()] == [busy.name]


@pytest.mark.parametrize("name", [".ops-model-init-mine", ".ops-model-init-0123456789abc"])
def test_a_folder_of_somebody_else_is_never_removed(tmp_path, name):
    (tmp_path / name).mkdir()

    result = init(tmp_path)

    assert isinstance(result.exception, UsageError)
    assert (tmp_path / name).is_dir()


def test_a_second_init_of_the_same_folder_is_refused(tmp_path):
    init(tmp_path / "book")

    assert isinstance(init(tmp_path / "book").exception, UsageError)


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "book").write_text("mine")

    result = init(tmp_path / "book")

    assert "is a file; expected a folder" in str(result.exception)
    assert (tmp_path / "book").read_text() == "mine"


@pytest.mark.parametrize("system", ["../x", "A B", "con", "portfolio", "", "x\n", "a/b"])
def test_an_id_that_is_none_is_refused_before_anything_is_written(tmp_path, system):
    result = init(tmp_path / "book", "--system", system)

    assert isinstance(result.exception, UsageError)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_refuses_leaves_nothing_behind(tmp_path):
    # A file where a folder above should be cannot be made a folder, whoever runs this.
    (tmp_path / "file").write_text("mine")

    result = init(tmp_path / "file" / "book")

    assert "cannot be written" in str(result.exception)
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_folders_get_the_permissions_that_the_user_asks_for(tmp_path):
    mask = os.umask(0o027)
    try:
        init(tmp_path / "book")
    finally:
        os.umask(mask)

    assert stat.S_IMODE((tmp_path / "book").stat().st_mode) == 0o750


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.name)
def test_each_file_opens_with_what_it_answers(path):
    # The first line tells an editor which schema it is.
    second = path.read_text(encoding="utf-8").splitlines()[1]

    assert second.startswith("# ")
    assert "?" in second


def test_the_template_is_itself_a_workbook():
    model = read_workbook(shipped("templates") / "start")

    assert [s.id for s in model.systems] == ["my-system"]
