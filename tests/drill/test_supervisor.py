"""Whatever dies in the middle of a drill, the first version serves again."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ops_model.drill import rollback
from ops_model.drill.launch import supervise
from ops_model.drill.leftovers import drill_runs, restore, unfinished
from ops_model.drill.record import Journal
from ops_model.drill.scene import Interruption, Scene
from ops_model.drill.targets import MARK
from ops_model.errors import DrillError
from tests.conftest import require
from tests.drill.rehearsal import (
    a_fallback_plan,
    a_rollback_plan,
    a_spec,
    alias_of,
    begun,
    journal_of,
    last_words,
    processes_in,
    rehearse,
    supervisor_of,
    wait_for_step,
    wait_until_ended,
)

pytestmark = [pytest.mark.slow, pytest.mark.alone]  # servers under a stopwatch

# A drill waits a minute for the notice, so that a test can end it in between.
PATIENT = {"text": "delayed", "channel": "app", "within_seconds": 60}


@pytest.fixture
def in_mid_drill(workbook):
    """A drill whose alias says v1, and which waits for an answer by v1 that never comes."""
    spec = a_spec(workbook, a_rollback_plan("lies-about-version", max_seconds=60))
    asker = begun(workbook, spec)
    wait_for_step(workbook, spec, "3. verify")
    assert alias_of(workbook) == "v1"
    yield workbook, spec, asker
    asker.kill()
    last_words(asker)


def test_the_death_of_the_kernel_restores_the_first_version(in_mid_drill):
    workbook, spec, asker = in_mid_drill

    asker.kill()
    ended = wait_until_ended(workbook, spec)

    assert "whoever asked for it is gone" in ended["problems"][0]["message"]
    assert alias_of(workbook) == "v2"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_restores_the_first_version_and_is_told(in_mid_drill, number):
    workbook, spec, asker = in_mid_drill

    os.kill(supervisor_of(workbook, spec), number)
    told = last_words(asker)

    assert f"the drill was broken off: it got {number.name}" in told
    assert alias_of(workbook) == "v2"


def test_a_killed_supervisor_takes_the_server_along_and_says_what_to_do(in_mid_drill):
    workbook, spec, asker = in_mid_drill

    os.kill(supervisor_of(workbook, spec), signal.SIGKILL)
    told = last_words(asker)

    assert "was killed, and what it changed is not put back" in told
    assert "to fix: ops-model drill --restore flight-delay" in told
    assert alias_of(workbook) == "v1"


def test_what_a_killed_supervisor_left_is_put_back_by_restore(in_mid_drill):
    workbook, spec, asker = in_mid_drill
    os.kill(supervisor_of(workbook, spec), signal.SIGKILL)
    last_words(asker)

    restored = restore(workbook, "flight-delay")

    assert restored == (spec.id,)
    assert alias_of(workbook) == "v2"
    assert journal_of(workbook, spec)[-1]["by"] == "drill --restore"
    assert restore(workbook, "flight-delay") == ()


def test_a_server_that_outlived_even_its_leash_is_found_by_its_mark_and_ended(in_mid_drill):
    workbook, spec, asker = in_mid_drill
    (leash,) = [p for p in marked(spec) if "leash" in command_of(p)]
    os.kill(leash, signal.SIGKILL)
    os.kill(supervisor_of(workbook, spec), signal.SIGKILL)
    last_words(asker)
    assert any("ops_model.example.serve" in line for line in processes_in(workbook))

    restore(workbook, "flight-delay")

    assert marked(spec) == []
    assert alias_of(workbook) == "v2"


def marked(spec):
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={spec.id}".encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def command_of(pid):
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode()


def test_no_new_drill_begins_beside_one_that_was_not_put_back(in_mid_drill):
    workbook, spec, asker = in_mid_drill
    os.kill(supervisor_of(workbook, spec), signal.SIGKILL)
    last_words(asker)

    with pytest.raises(DrillError, match=f"drill {spec.id} was left unfinished"):
        rehearse(workbook, a_rollback_plan())

    assert [p.stem for p in unfinished(workbook / "runs/flight-delay/.drills")] == [spec.id]


def test_one_drill_of_a_system_at_a_time(in_mid_drill):
    workbook, _, _ = in_mid_drill

    assert drill_runs(workbook, "flight-delay")
    with pytest.raises(DrillError, match="another drill of flight-delay runs; one at a time"):
        rehearse(workbook, a_rollback_plan())
    with pytest.raises(DrillError, match="another drill of flight-delay runs"):
        restore(workbook, "flight-delay")


def test_a_target_that_still_refuses_is_said_to_be_left_to_do(workbook):
    rehearse(workbook, a_rollback_plan("refuses-to-return"))

    with pytest.raises(DrillError, match="could not be put back: POST /admin/alias") as left:
        restore(workbook, "flight-delay")

    assert left.value.problems[0].remedy.startswith("let v2 serve by hand")


def test_an_outage_that_was_broken_off_is_over(workbook):
    plan = a_fallback_plan("never-degrades", user_notice=PATIENT)
    spec = a_spec(workbook, plan)
    asker = begun(workbook, spec)
    wait_for_step(workbook, spec, "see the switch-over")

    os.kill(supervisor_of(workbook, spec), signal.SIGINT)
    told = last_words(asker)

    assert "the drill was broken off: it got SIGINT" in told
    assert [e["ok"] for e in journal_of(workbook, spec) if e["event"] == "restored"] == [True]


def test_an_outage_whose_supervisor_was_killed_is_ended_by_restore(workbook):
    plan = a_fallback_plan("never-degrades", user_notice=PATIENT)
    spec = a_spec(workbook, plan)
    asker = begun(workbook, spec)
    wait_for_step(workbook, spec, "see the switch-over")
    os.kill(supervisor_of(workbook, spec), signal.SIGKILL)
    last_words(asker)

    assert restore(workbook, "flight-delay") == (spec.id,)


def test_a_drill_that_changed_nothing_leaves_nothing_to_restore(workbook):
    plan = a_rollback_plan(target={"start": ["no-such-command"]})
    with pytest.raises(DrillError):
        rehearse(workbook, plan)

    assert restore(workbook, "flight-delay") == ()


def test_a_supervisor_that_cannot_write_its_journal_starts_nothing(workbook):
    (workbook / "runs").write_text("a file in the way", encoding="utf-8")

    with pytest.raises(DrillError, match="the drill's journal cannot be opened"):
        supervise(a_spec(workbook, a_rollback_plan()))


class FillsUp(Journal):
    """A journal whose disk is full from one step on."""

    full_from = ""

    def write(self, event, **facts):
        if self.full_from in {event, facts.get("name")}:
            with Path("/dev/full").open("wb") as full:
                os.dup2(full.fileno(), self._file)
        super().write(event, **facts)


def carried_out_until_full(workbook, full_from):
    require(Path("/dev/full").exists(), "/dev/full")
    spec = a_spec(workbook, a_rollback_plan())
    (workbook / spec.journal).parent.mkdir(parents=True)
    journal = FillsUp(workbook / spec.journal, time.monotonic)
    journal.full_from = full_from
    scene = Scene(workbook, spec.id, journal, Interruption(), time.monotonic)
    try:
        return rollback.rehearse(spec.rollback, scene)
    finally:
        journal.close()


def test_on_a_disk_that_is_full_before_the_switch_nothing_is_switched(workbook):
    with pytest.raises(DrillError, match="No space left on device; nothing was changed"):
        carried_out_until_full(workbook, "decided")

    assert not list(workbook.glob("data/flight-delay/serving/*.alias.json"))


def test_on_a_disk_that_fills_in_mid_drill_the_first_version_is_restored(workbook):
    facts = carried_out_until_full(workbook, "1. switch_alias")

    assert facts["restored"]
    assert alias_of(workbook) == "v2"


def test_what_left_its_process_group_is_ended_too(workbook):
    daemon = (
        "import os, runpy, subprocess, sys\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], "
        "start_new_session=True)\n"
        "sys.argv[1:] = ['--no-weather-feed']\n"
        "runpy.run_module('ops_model.example.serve', run_name='__main__')"
    )
    plan = a_rollback_plan(target={"start": ["python", "-c", daemon]})

    facts = rehearse(workbook, plan)

    assert facts["passed"]
    assert processes_in(workbook) == []


def test_a_server_that_runs_already_is_left_running(workbook):
    command = [sys.executable, "-m", "ops_model.example.serve", "--no-weather-feed"]
    with subprocess.Popen(command, cwd=workbook, stdout=subprocess.PIPE) as server:
        line = server.stdout.readline().decode().strip()
        told = a_rollback_plan(target={"start": ["python", "-c", f"print({line!r})"]})

        facts = rehearse(workbook, told)

        still_runs = server.poll() is None
        server.terminate()
    assert facts["passed"]
    assert still_runs
