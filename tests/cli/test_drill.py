"""`ops-model drill`: the promised keys, the exit codes, and what is said about restoring."""

import json
import signal
import subprocess
import time

import nbformat
import pytest

from tests.cli.drill_called import ROOT, command, drill, require_nothing_left_in
from tests.conftest import require
from tests.drill.rehearsal import (
    a_fallback_plan,
    a_rollback_plan,
    a_served_workbook,
    a_spec,
    alias_of,
    begun,
    last_words,
    proc_is_there,
    supervisor_of,
    wait_for_step,
)
from tests.workflow.tiny import a_workbook


@pytest.fixture
def workbook(tmp_path):
    """One system whose example server can be rehearsed with; plans are written by the test."""
    require(proc_is_there(), "/proc")
    yield a_served_workbook(a_workbook(tmp_path))

    require_nothing_left_in(tmp_path)


def plan(workbook, given):
    """Write a plan as the system's file; JSON is YAML."""
    name = "fallback.yaml" if hasattr(given, "paths") else "rollback.yaml"
    path = workbook / "systems" / "flight-delay" / name
    path.write_text(json.dumps(given.model_dump(mode="json", exclude_none=True)), encoding="utf-8")


@pytest.mark.kernel
@pytest.mark.alone
def test_a_rollback_drill_that_passes_exits_0_with_the_promised_keys(workbook):
    plan(workbook, a_rollback_plan())

    finished = drill(workbook, "rollback", "flight-delay", "--as", "m-ito", "--json")

    told = json.loads(finished.stdout)
    assert finished.returncode == 0, finished.stderr
    assert {"seconds", "healthy", "lost", "duplicated", "changed", "restored", "steps",
            "passed"} <= set(told)  # fmt: skip
    assert {"name", "seconds", "ok"} <= set(told["steps"][0])
    assert (told["passed"], told["lost"], told["performed_by"]) == (True, 0, "m-ito")
    assert isinstance(told["seconds"], float)
    assert (workbook / told["bundle"] / "journal.jsonl").is_file()
    assert told["declared_only"] is None
    # One drill on record, which passed: the first root of 0.05.
    assert told["bound"] == {"k": 1, "passed": 1, "at_least": 0.05}
    assert told["abort_point"]["step"] == "1. switch_alias"
    assert told["switched_by"] == "http"


@pytest.mark.kernel
@pytest.mark.alone
def test_a_rollback_drill_that_does_not_pass_exits_1_and_says_why(workbook):
    plan(workbook, a_rollback_plan("loses-on-switch=3"))

    finished = drill(workbook, "rollback", "flight-delay")

    assert finished.returncode == 1
    assert "the rollback drill did NOT pass" in finished.stdout
    assert "problem: records: 3 lost, 0 duplicated, 0 changed" in finished.stdout
    assert "0 of 1 drills passed; that alone shows only that it works in 0 % of" in finished.stdout
    assert "one could still stop until 1. switch_alias, after " in finished.stdout
    assert "answered by sha256:" in finished.stdout


@pytest.mark.kernel
@pytest.mark.alone
def test_a_fallback_drill_that_passes_exits_0_with_the_promised_keys(workbook):
    plan(workbook, a_fallback_plan())

    finished = drill(workbook, "fallback", "flight-delay", "--json")

    told = json.loads(finished.stdout)
    assert finished.returncode == 0, finished.stderr
    assert {"seconds", "served_share", "degraded_share", "notice_seen", "notice_digest", "lost",
            "swap_noticed", "faults", "passed"} <= set(told)  # fmt: skip
    assert {"fault", "served_share", "p95_seconds"} <= set(told["faults"][0])
    assert told["served_share"] == 1.0


@pytest.mark.kernel
@pytest.mark.alone
def test_a_drill_of_a_notebook_of_ones_own_is_said_to_be_declared_only(workbook):
    plan(workbook, a_rollback_plan())
    own = nbformat.read(ROOT / "notebooks" / "03_rollback_drill.ipynb", as_version=4)
    own.cells[0].source += "\n\nChanged by whoever performs the drill."
    (workbook / "notebooks").mkdir(exist_ok=True)
    nbformat.write(own, workbook / "notebooks" / "03_rollback_drill.ipynb")

    finished = drill(workbook, "rollback", "flight-delay")

    assert finished.returncode == 0, finished.stderr
    assert "declared only: its notebook is neither shipped nor approved" in finished.stdout


@pytest.mark.kernel
def test_a_plan_without_a_target_exits_3_and_says_what_to_write(workbook):
    plan(workbook, a_rollback_plan().model_copy(update={"target": None}))

    refused = drill(workbook, "rollback", "flight-delay", "--json")

    assert refused.returncode == 3
    assert "declared, never rehearsable: rollback.yaml has no target" in refused.stderr
    assert "nothing is left changed" in refused.stderr
    assert refused.stdout == ""


@pytest.mark.kernel
def test_ctrl_c_in_a_drill_exits_3_with_the_first_version_restored(workbook):
    plan(workbook, a_rollback_plan("lies-about-version", max_seconds=60))
    running = subprocess.Popen(
        command(workbook, "rollback", "flight-delay"), cwd=ROOT, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while alias_of(workbook) == "v2":
        assert time.monotonic() < deadline
        time.sleep(0.02)

    running.send_signal(signal.SIGINT)
    _, complaints = running.communicate(timeout=60)

    assert running.returncode == 3
    assert "interrupted by Ctrl-C" in complaints
    assert "Traceback" not in complaints
    assert "nothing is left changed" in complaints
    assert alias_of(workbook) == "v2"


def test_restore_puts_back_what_a_killed_drill_left(workbook):
    spec = a_spec(workbook, a_rollback_plan("lies-about-version", max_seconds=60))
    asker = begun(workbook, spec)
    wait_for_step(workbook, spec, "3. verify")
    subprocess.run(["kill", "-9", str(supervisor_of(workbook, spec))], check=True)
    last_words(asker)
    assert alias_of(workbook) == "v1"

    restored = drill(workbook, "--restore", "flight-delay", "--json")
    again = drill(workbook, "--restore", "flight-delay")

    assert restored.returncode == 0, restored.stderr
    assert json.loads(restored.stdout) == {"system": "flight-delay", "restored": [spec.id]}
    assert alias_of(workbook) == "v2"
    assert again.stdout == "flight-delay: no drill was left unfinished\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "say what to rehearse"),
        (["--restore", "flight-dely"], "did you mean flight-delay"),
        (["--restore", "../x"], "cannot be an id"),
        (["--json", "rollback", "flight-delay"], "options stand behind the kind of drill"),
        (["rollback", "flight-dely"], "did you mean flight-delay"),
        (["fallback", "../x"], "cannot be an id"),
        (["rollback", "flight-delay", "--as", "nobody"], "who is not in people.yaml"),
        (["rollback"], "Missing argument"),
    ],
)
def test_wrong_use_exits_2_with_a_remedy_and_starts_nothing(workbook, arguments, told):
    refused = drill(workbook, *arguments)

    assert refused.returncode == 2
    assert told in refused.stderr + refused.stdout
    assert "Traceback" not in refused.stderr
    assert not (workbook / "runs").exists()
