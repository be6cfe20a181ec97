"""`ops-model run --due`, `--again`, and `--from` with `--to`, as schedulers and people call it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from ops_model.cli.run import command
from ops_model.domain.values import iso_utc
from ops_model.errors import UsageError, WorkbookError
from ops_model.store.ledger import Ledger
from tests.workflow.scheduled import a_scheduled, just_now, schedule, told

# The wall clock runs while these run, so the slots are those of a line that came a minute ago.
SLOT = (datetime.now(UTC) - timedelta(days=2)).replace(hour=6, minute=0, second=0, microsecond=0)
AS_OF = SLOT + timedelta(hours=12)
DAILY_FOR_ALL = '- {notebook: all_of_them, cron: "0 6 * * *"}'
DAILY = '- {{notebook: {}, cron: "0 6 * * *", systems: [flight-delay]}}'


@pytest.fixture
def root(tmp_path):
    return a_scheduled(tmp_path, DAILY.format("good"))


def run(root, *arguments):
    return CliRunner().invoke(command, [*arguments, "--workbook", str(root), "--jobs", "1"])


def due(root, *arguments):
    return run(root, "--due", "--as-of", AS_OF.isoformat(), *arguments)


def record(root, *events):
    with Ledger.open(root / "ledger.db", create=True) as ledger:
        ledger.append_all(events)


def events(root, kind):
    with Ledger.open(root / "ledger.db") as ledger:
        return [s.event for s in ledger.events() if s.event.type == kind]


def test_what_is_due_is_run_once_and_again_takes_the_place_of_what_it_showed(root):
    first = due(root)
    second = due(root)
    again = due(root, "--again")

    assert (first.exit_code, second.exit_code, again.exit_code) == (0, 0, 0)
    assert second.stdout == f"nothing is due at {iso_utc(AS_OF)}\n"
    before, after = events(root, "run.finished")
    assert before.as_of == after.as_of == SLOT
    started = events(root, "run.started")
    assert "again_of" not in started[0].data
    assert started[1].data["again_of"] == before.data["run_id"]
    # Both stay: what was recorded first is not undone, and the later one counts.
    with Ledger.open(root / "ledger.db") as ledger:
        shown = ledger.statements("flight-delay")
    runs = [s.origin.run_id for s in sorted(shown, key=lambda s: (s.as_of, s.seq))]
    assert runs == [before.data["run_id"], after.data["run_id"]]
    assert all((root / e.data["bundle"]).is_dir() for e in (before, after))


def test_a_slot_that_fails_is_tried_again_and_in_the_end_left_with_what_to_do(root):
    schedule(root, DAILY.format("all_of_them").replace(", systems: [flight-delay]", ""))
    record(
        root,
        *(just_now(told("failed", f"run-{n}", "portfolio", SLOT, "all_of_them", reason="error"))
          for n in range(3)),
    )  # fmt: skip

    result = due(root)
    read = json.loads(due(root, "--json").stdout)

    assert result.exit_code == 3
    assert result.stdout == f"nothing is due at {iso_utc(AS_OF)} but what is left: 1 slot\n"
    assert f"all_of_them of portfolio at {iso_utc(SLOT)} failed 3 times" in result.stderr
    assert f"ops-model run all_of_them --as-of {iso_utc(SLOT)}" in result.stderr
    assert read["runs"] == []
    assert read["left"] == [
        {"notebook": "all_of_them", "system": "portfolio", "as_of": iso_utc(SLOT)}
    ]


def test_a_line_that_cannot_be_kept_is_told_and_the_code_says_so(root):
    record(root, told("finished", as_of=SLOT))
    schedule(root, DAILY.format("good"), DAILY.format("goood"))

    result = due(root)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("ops-model.yaml:5: there is no notebook goood")


def test_a_system_that_cannot_be_read_stops_no_other_and_is_told_with_its_line(root):
    schedule(root, '- {notebook: good, cron: "0 6 * * *"}', DAILY_FOR_ALL)
    record(root, told("finished", as_of=SLOT))
    broken = root / "systems/support-assistant/cost.yaml"
    broken.write_text("ceilings: 7\n", encoding="utf-8")

    result = due(root)
    read = json.loads(due(root, "--json").stdout)

    assert result.exit_code == 2
    assert "nothing is due" in result.stdout
    assert "systems/support-assistant/cost.yaml:1: " in result.stderr
    assert f"held back: all_of_them of {iso_utc(SLOT)} is about all systems" in result.stderr
    assert read["runs"] == []
    assert {p["where"] for p in read["problems"]} == {"systems/support-assistant/cost.yaml:1"}


@pytest.mark.kernel
def test_beside_one_that_cannot_be_read_a_system_is_run_and_the_code_says_so(root):
    broken = root / "systems/support-assistant/cost.yaml"
    broken.write_text("ceilings: 7\n", encoding="utf-8")

    every = run(root, "good", "--all", "--as-of", AS_OF.isoformat(), "--json")
    alone = run(root, "good", "flight-delay", "--as-of", AS_OF.isoformat(), "--once")
    refused = run(root, "good", "support-assistant").exception

    assert [(r["system"], r["state"]) for r in json.loads(every.stdout)["runs"]] == [
        ("flight-delay", "finished")
    ]
    assert every.exit_code == 2
    assert "systems/support-assistant/cost.yaml:1: " in every.stderr
    assert json.loads(every.stdout)["problems"]
    assert alone.exit_code == 0
    assert "support-assistant" not in alone.output
    assert isinstance(refused, WorkbookError)
    assert {p.where for p in refused.problems} == {"systems/support-assistant/cost.yaml:1"}


def test_what_is_about_all_systems_together_is_refused_while_one_cannot_be_read(root):
    broken = root / "systems/support-assistant/cost.yaml"
    broken.write_text("ceilings: 7\n", encoding="utf-8")

    refused = run(root, "all_of_them").exception

    assert isinstance(refused, WorkbookError)
    assert "systems/support-assistant/cost.yaml:1: " in str(refused)


def test_without_any_schedule_it_says_that_nothing_ever_will_be_due(root):
    (root / "ops-model.yaml").write_text("name: Test\nzone: UTC\n", encoding="utf-8")

    result = due(root)

    assert isinstance(result.exception, UsageError)
    assert "no line says when a notebook is due" in str(result.exception)


def test_an_instant_that_is_to_come_is_refused(root):
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()

    result = run(root, "--due", "--as-of", later)

    assert isinstance(result.exception, UsageError)
    assert "still to come" in str(result.exception)


def test_a_replay_is_due_at_its_own_instant(root):
    schedule(root, DAILY.format("good"), more="as_of: 2013-07-22T08:00:00Z\n")
    record(root, told("finished", as_of=datetime(2013, 7, 22, 6, tzinfo=UTC)))

    assert run(root, "--due").stdout == "nothing is due at 2013-07-22T08:00:00Z\n"


def test_a_backfill_skips_what_is_sealed(root):
    record(root, told("finished", as_of=SLOT))
    span = ("--from", SLOT.isoformat(), "--to", SLOT.isoformat())

    result = run(root, "good", "flight-delay", *span, "--json")

    assert result.exit_code == 0
    assert [r["state"] for r in json.loads(result.stdout)["runs"]] == ["skipped"]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ([], "name a notebook, or say --due"),
        (["good", "--due"], "--due takes no NOTEBOOK"),
        (["--due", "--once"], "--due takes no --once"),
        (["--due", "-p", "a=1"], "--due takes no -p"),
        (["--due", "--from", "2026-11-01T00:00:00Z"], "--from and --to takes no --due"),
        (["good", "--all", "--from", "2026-11-01T00:00:00Z"], "--from and --to go together"),
        (["--again"], "--again needs a notebook"),
        (["good", "--again"], "name one system, or say --all"),
        (["good", "nobody", "--again"], "nobody"),
        (["good", "flight-delay", "--again"], "no run of good is sealed for flight-delay"),
        (["--due", "--again"], "no slot is sealed"),
    ],
)
def test_a_call_that_does_not_say_what_to_run_is_refused_with_how(root, arguments, why):
    result = run(root, *arguments)

    assert isinstance(result.exception, UsageError)
    assert why in str(result.exception)


def test_a_backfill_of_a_notebook_without_a_line_says_what_to_write(root):
    span = ("--from", SLOT.isoformat(), "--to", AS_OF.isoformat())

    bad = run(root, "bad", "--all", *span).exception
    other = run(root, "good", "support-assistant", *span).exception

    assert "no line says when bad is due" in str(bad)
    assert "the line of good does not name support-assistant" in str(other)
    assert not Path(root / "ledger.db").exists()
