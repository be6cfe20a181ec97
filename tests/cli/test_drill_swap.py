"""`ops-model drill swap`: which exchange, what is printed and recorded, and what a kill leaves."""

import json
import os
import signal
import subprocess
import time

import pytest

from tests.cli.drill_called import ROOT, command, drill, require_nothing_left_in
from tests.conftest import require
from tests.drill.rehearsal import proc_is_there
from tests.drill.test_exchange import CHAIN, CONFIGURED, NEXT, PINNED, STUCK, SWITCH
from tests.drill.vendor_plans import a_module
from tests.workflow.tiny import SYSTEM, a_workbook

VENDOR = (
    "dependencies:\n- {id: example-ai, kind: model_provider, name: Example AI, service: models,"
    f" pinned_id: {PINNED}}}\n"
)


@pytest.fixture
def workbook(tmp_path):
    """One system that calls a model; what a drill started in it must be gone afterwards."""
    require(proc_is_there(), "/proc")
    a_workbook(tmp_path)
    (tmp_path / "systems/flight-delay/system.yaml").write_text(SYSTEM + VENDOR, encoding="utf-8")
    yield tmp_path

    require_nothing_left_in(tmp_path)


def planned(workbook, text, **changes):
    """An exchange with a client of the workbook's own; JSON is YAML."""
    target = {"environment": "test", "client": a_module(workbook, text), "model": PINNED,
              "requests_per_second": 50, "patience_seconds": 2}  # fmt: skip
    swap = {"dependency": "example-ai", "to_model": NEXT, "rehearsed_on": target, **changes}
    (workbook / "model.txt").write_text(PINNED)
    file = workbook / "systems" / "flight-delay" / "change.yaml"
    file.write_text(json.dumps({"swaps": [swap]}), encoding="utf-8")


@pytest.mark.kernel
@pytest.mark.alone
def test_an_exchange_is_rehearsed_and_recorded_with_its_journal(workbook):
    planned(workbook, CHAIN)

    finished = drill(workbook, "swap", "flight-delay", "--as", "m-ito", "--json")

    told = json.loads(finished.stdout)
    assert finished.returncode == 0, finished.stderr
    assert (told["from_model"], told["to_model"], told["passed"]) == (PINNED, NEXT, True)
    assert (told["lost"], told["returned"], told["performed_by"]) == (0, True, "m-ito")
    assert told["declared_only"] is None
    assert (workbook / told["bundle"] / "journal.jsonl").is_file()


@pytest.mark.kernel
@pytest.mark.alone
def test_an_exchange_that_does_not_pass_exits_1_and_says_why(workbook):
    planned(workbook, STUCK, max_seconds=1)

    finished = drill(workbook, "swap", "flight-delay", "--dependency", "example-ai")

    assert finished.returncode == 1
    assert f"the exchange of {PINNED} for {NEXT} did NOT pass" in finished.stdout
    assert f"problem: {NEXT} did not serve within 1 s" in finished.stdout


def test_a_dependency_of_which_none_is_planned_is_wrong_use(workbook):
    planned(workbook, CHAIN)

    refused = drill(workbook, "swap", "flight-delay", "--dependency", "other-ai")

    assert refused.returncode == 2
    assert "under `swaps` stand: example-ai" in refused.stderr


def test_a_workbook_without_a_planned_exchange_says_what_to_write(workbook):
    refused = drill(workbook, "swap", "flight-delay")

    assert refused.returncode == 2
    assert "write under `swaps` the dependency" in refused.stderr


@pytest.mark.kernel
def test_an_exchange_for_itself_is_refused_and_leaves_nothing(workbook):
    planned(workbook, CHAIN, to_model=PINNED)

    refused = drill(workbook, "swap", "flight-delay")

    assert refused.returncode == 3
    assert f"{PINNED} is to be exchanged for itself" in refused.stderr
    assert "nothing is left changed" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.kernel
@pytest.mark.alone
def test_a_killed_supervisor_leaves_its_switch_to_be_put_back_by_restore(workbook):
    # Stuck on the pinned model, so that the drill waits for the successor and can be killed.
    planned(workbook, STUCK, switch=list(SWITCH), max_seconds=60)
    running = subprocess.Popen(
        command(workbook, "swap", "flight-delay"), cwd=ROOT, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while (workbook / "model.txt").read_text() != NEXT:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    (journal,) = (workbook / "runs" / "flight-delay" / ".drills").glob("swap-*.jsonl")
    begun = json.loads(journal.read_text().splitlines()[0])
    os.kill(begun["supervisor"], signal.SIGKILL)
    _, complaints = running.communicate(timeout=60)

    assert running.returncode == 3
    assert "ops-model drill --restore flight-delay" in complaints
    a_module(workbook, CONFIGURED)
    restored = drill(workbook, "--restore", "flight-delay")
    assert restored.returncode == 0, restored.stderr
    assert (workbook / "model.txt").read_text() == PINNED
