"""Whoever asks about one system is answered, whatever somebody broke in another one's files."""

import json

import pytest
from click.testing import CliRunner

from ops_model.cli import ops_model
from ops_model.errors import WorkbookError
from tests.builders import a_workbook

BROKEN = "systems/support-assistant/cost.yaml"
WORDS = "whoever asks about one is answered"
ABOUT_ONE = {
    "check": ("check", "flight-delay"),
    "oncall": ("oncall", "flight-delay"),
    "the card": ("oncall", "flight-delay", "--card"),
    "review": ("review", "flight-delay", "--as-of", "2013-07-20T08:00:00Z"),
    "sign": (
        "sign",
        "flight-delay",
        "--as",
        "product",
        "--decision",
        "approve",
        "--meaning",
        WORDS,
    ),
    "attest": ("attest", "flight-delay", "--topic", "ownership", "--as", "xyz", "--text", WORDS),
    "observe env": ("observe", "env", "flight-delay"),
    "drill access": ("drill", "access", "flight-delay", "--as", "xyz"),
    "drill game-day": ("drill", "game-day", "flight-delay", "--list"),
    "drill rollback": ("drill", "rollback", "flight-delay", "--as", "xyz"),
    "a drill put back": ("drill", "--restore", "flight-delay"),
    "the rota for a calendar": ("export", "flight-delay", "--as", "ical", "--days", "7"),
    "spend": ("export", "focus", "flight-delay", "--into", "out.csv"),
}


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return a_workbook(tmp_path / "workbook")


def said(root, *args):
    done = CliRunner().invoke(ops_model, [*args, "--workbook", str(root)])
    return done.exit_code, done.stdout, repr(done.exception), done.stderr


def break_another(root, file=BROKEN):
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    (root / file).write_text("ceilings: 7\n", encoding="utf-8")


def every_monday(root):
    settings = json.loads((root / "ops-model.yaml").read_text(encoding="utf-8"))
    settings["schedules"] = [{"notebook": "05_drift_quality", "cron": "0 6 * * 1"}]
    (root / "ops-model.yaml").write_text(json.dumps(settings), encoding="utf-8")


@pytest.mark.parametrize("command", ABOUT_ONE.values(), ids=ABOUT_ONE)
def test_a_question_about_one_system_is_answered_as_before(root, command):
    before = said(root, *command)
    break_another(root)
    assert said(root, *command) == before
    assert "WorkbookError" not in before[2]
    assert "Error: No such" not in before[3], "the command is called rightly"


@pytest.mark.parametrize("command", ABOUT_ONE.values(), ids=ABOUT_ONE)
@pytest.mark.parametrize(
    "file", [BROKEN.replace("support-assistant", "flight-delay"), "people.yaml"]
)
def test_its_own_files_and_those_of_all_are_refused_as_ever(root, command, file):
    break_another(root, file)
    done = CliRunner().invoke(ops_model, [*command, "--workbook", str(root)])
    assert isinstance(done.exception, WorkbookError)
    assert f"{file}:1" in str(done.exception)


def test_a_schedule_is_shown_and_the_broken_system_told(root):
    every_monday(root)
    before = CliRunner().invoke(ops_model, ["schedule", "--workbook", str(root)])
    break_another(root)
    after = CliRunner().invoke(ops_model, ["schedule", "--workbook", str(root)])
    assert (before.exit_code, after.exit_code) == (0, 2)
    assert after.stdout == before.stdout != ""
    assert f"{BROKEN}:1" in after.stderr


@pytest.mark.parametrize("scheduler", ["cron", "systemd"])
def test_the_text_for_a_scheduler_is_printed_too(root, scheduler):
    every_monday(root)
    command = ["schedule", "--as", scheduler, "--workbook", str(root)]
    before = CliRunner().invoke(ops_model, command)
    break_another(root)
    after = CliRunner().invoke(ops_model, command)
    assert after.stdout == before.stdout != ""
    assert (before.exit_code, after.exit_code) == (0, 2)


def test_a_reader_in_a_notebook_opens_one_system(root, monkeypatch):
    from ops_model.workflow.open import open as opened

    monkeypatch.chdir(root)
    break_another(root)
    assert opened(system="flight-delay").system.id == "flight-delay"
    with pytest.raises(WorkbookError, match=BROKEN):
        opened(system="support-assistant")
