"""`ops-model schedule`: what is next, what is missing, and text for a scheduler."""

import json

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from ops_model.cli.schedule import command
from ops_model.errors import UsageError, WorkbookError
from ops_model.store.ledger import Ledger
from ops_model.store.schema import schema_of
from ops_model.workflow.start import start_workbook
from tests.workflow.scheduled import GOOD, NOW, a_scheduled, just_now, schedule, told


@pytest.fixture
def root(tmp_path):
    return a_scheduled(tmp_path)


def run(root, *arguments):
    return CliRunner().invoke(
        command, ["--workbook", str(root), "--as-of", NOW.isoformat(), *arguments]
    )


def record(root, *events):
    with Ledger.open(root / "ledger.db", create=True) as ledger:
        ledger.append_all(events)


def test_it_shows_what_is_next_and_what_did_not_arrive(root):
    record(root, told("finished"))

    shown = run(root, "--next", "2").stdout

    assert "1 line, times of UTC" in shown
    assert "Mon 2026-11-30 06:00" in shown
    assert "Mon 2026-12-07 06:00" in shown
    assert "1 overdue" in shown
    assert "support-assistant  Mon 2026-11-23 06:00  Tue 2026-11-24 06:00" in shown
    assert "flight-delay" not in shown


def test_it_says_so_when_nothing_is_missing(root):
    record(root, told("finished"), told("finished", "run-2", system="support-assistant"))

    assert "nothing is owed or overdue at 2026-11-26T12:00:00Z" in run(root).stdout


def test_what_failed_too_often_is_marked(root):
    record(root, *(just_now(told("failed", f"run-{n}", reason="error")) for n in range(3)))

    shown = run(root).stdout

    assert "2026-11-24 06:00  left" in shown
    assert "what is left failed too often: somebody has to look" in shown


def test_json_holds_the_lines_the_slots_and_what_is_missing(root):
    read = json.loads(run(root, "--json", "--next", "1").stdout)

    (line,) = read["schedules"]
    assert line["systems"] == ["flight-delay", "support-assistant"]
    assert line["next"] == ["2026-11-30T06:00:00Z"]
    assert read["owed"] == []
    assert read["overdue"][0] == {
        "notebook": "good", "system": "flight-delay", "as_of": "2026-11-23T06:00:00Z",
        "due_by": "2026-11-24T06:00:00Z", "failed_too_often": False,
    }  # fmt: skip


def test_without_a_line_it_says_what_to_write_as_run_due_does(root):
    (root / "ops-model.yaml").write_text("name: Test\nzone: UTC\n", encoding="utf-8")

    for arguments in ((), ("--as", "cron"), ("--json",)):
        refused = run(root, *arguments).exception

        assert isinstance(refused, UsageError)
        assert refused.exit_code == 2
        assert "no line says when a notebook is due" in str(refused)
        assert "{notebook: 07_weekly_ops_report, cron: '0 6 * * 1'}" in str(refused)
    assert json.loads(run(root, "--json").stdout)["schedules"] == []


def test_a_line_that_cannot_be_kept_is_told_after_the_others(root):
    schedule(root, GOOD, '- {notebook: goood, cron: "0 6 * * 1"}')

    result = run(root)

    assert isinstance(result.exception, WorkbookError)
    assert "ops-model.yaml:5: there is no notebook goood" in str(result.exception)
    assert "Mon 2026-11-30 06:00" in result.stdout
    assert run(root, "--as", "cron").stdout == ""


@pytest.mark.parametrize("scheduler", ["cron", "systemd", "github", "airflow"])
def test_it_prints_the_text_for_a_scheduler_and_nothing_else(root, scheduler):
    result = run(root, "--as", scheduler)
    read = json.loads(run(root, "--as", scheduler, "--json").stdout)

    assert result.exit_code == 0
    assert result.stdout == read["text"]
    assert "--due" in result.stdout
    assert "watch" in result.stdout


def test_the_example_in_a_new_workbook_works_as_it_stands(tmp_path):
    root = tmp_path / "new"
    start_workbook(root, "my-system")
    settings = root / "ops-model.yaml"
    text, schedules = settings.read_text(encoding="utf-8").split("# schedules:\n")
    example = schedules.replace("#   -", "  -")
    settings.write_text(f"{text}schedules:\n{example}", encoding="utf-8")

    result = run(root)

    assert result.exit_code == 0
    assert "05_drift_quality      0 5 * * *  each of 1" in result.stdout


@pytest.mark.parametrize(("cron", "flagged"), [("0 6 * * 1", 0), ("0 6 * *", 1), ("@daily", 1)])
def test_an_editor_flags_a_cron_line_that_has_not_five_fields(cron, flagged):
    settings = {"name": "x", "zone": "UTC", "schedules": [{"notebook": "good", "cron": cron}]}

    found = list(Draft202012Validator(schema_of("ops-model")).iter_errors(settings))

    assert len(found) == flagged
