"""`ops-model drill fallback` with a vendor that fails: which path, what is printed and left."""

import json
import signal
import subprocess
import time

import pytest

from tests.cli.drill_called import ROOT, command, drill, require_nothing_left_in
from tests.conftest import require
from tests.drill.rehearsal import a_fallback_plan, proc_is_there, processes_in
from tests.drill.vendor_plans import a_bad_client, a_module, a_vendor_plan
from tests.workflow.tiny import a_workbook

CHAIN = (
    "import time\n"
    "from ops_model.example.assistant_client import Breaker, ask as chain\n"
    "breaker = Breaker(time.monotonic, again_seconds=0.2)\n"
    "def ask(question, **given):\n    return chain(question, breaker=breaker, **given)\n"
)


@pytest.fixture
def workbook(tmp_path):
    """One system; what a drill started in it must be gone afterwards."""
    require(proc_is_there(), "/proc")
    yield a_workbook(tmp_path)

    require_nothing_left_in(tmp_path)


def planned(workbook, *plans):
    """The paths of all these plans as the system's file; JSON is YAML."""
    paths = [
        path for plan in plans for path in plan.model_dump(mode="json", exclude_none=True)["paths"]
    ]
    file = workbook / "systems" / "flight-delay" / "fallback.yaml"
    file.write_text(json.dumps({"paths": paths}), encoding="utf-8")


@pytest.mark.kernel
@pytest.mark.alone
def test_the_path_that_is_named_is_rehearsed_and_each_fault_is_in_the_json(workbook):
    good = a_vendor_plan(
        client=a_module(workbook, CHAIN), faults=["unavailable", "model_swap"], patience_seconds=5
    )
    planned(workbook, a_fallback_plan(), good)

    finished = drill(workbook, "fallback", "flight-delay", "--path", "second-provider", "--json")

    told = json.loads(finished.stdout)
    assert finished.returncode == 0, finished.stderr
    assert (told["path"], told["passed"], told["swap_noticed"]) == ("second-provider", True, True)
    assert [fault["fault"] for fault in told["faults"]] == ["unavailable", "model_swap"]
    assert {"fault", "served_share", "p95_seconds", "notice_share", "lost", "errors",
            "switch_seconds", "return_seconds"} <= set(told["faults"][0])  # fmt: skip
    assert [fault["served_share"] for fault in told["faults"]] == [1.0, 1.0]
    assert (workbook / told["bundle"] / "journal.jsonl").is_file()


@pytest.mark.kernel
@pytest.mark.alone
def test_a_client_that_does_not_pass_exits_1_and_is_told_fault_by_fault(workbook):
    planned(workbook, a_bad_client("no-timeout", faults=["html", "model_swap"]))

    finished = drill(workbook, "fallback", "flight-delay")

    assert finished.returncode == 1
    assert "the fallback drill did NOT pass; outage to switch-over: never" in finished.stdout
    assert "FAILED  sends a page of HTML        answered   0%" in finished.stdout
    assert "status 502: 5" in finished.stdout
    assert "of another model, without a word: 5" in finished.stdout
    assert "problem: html: 5 of 5 requests got neither an answer nor a notice" in finished.stdout


@pytest.mark.kernel
def test_a_client_that_cannot_be_imported_exits_3_and_leaves_nothing_to_put_back(workbook):
    planned(workbook, a_vendor_plan(client="nowhere:ask"))

    refused = drill(workbook, "fallback", "flight-delay", "--json")

    assert refused.returncode == 3
    assert "there is no module nowhere" in refused.stderr
    assert "nothing is left changed" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert refused.stdout == ""


@pytest.mark.kernel
def test_ctrl_c_ends_the_stand_in_and_the_client_and_there_is_nothing_to_restore(workbook):
    planned(workbook, a_bad_client("no-timeout", faults=["hang"], patience_seconds=30))
    running = subprocess.Popen(
        command(workbook, "fallback", "flight-delay"), cwd=ROOT, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not any("bad_clients.py" in line for line in processes_in(workbook)):
        assert time.monotonic() < deadline
        time.sleep(0.02)

    running.send_signal(signal.SIGINT)
    _, complaints = running.communicate(timeout=60)

    assert running.returncode == 3
    assert "interrupted by Ctrl-C" in complaints
    assert "nothing is left changed" in complaints
    restored = drill(workbook, "--restore", "flight-delay")
    assert restored.stdout == "flight-delay: no drill was left unfinished\n"


@pytest.mark.parametrize(
    ("path", "told"),
    [("third-provider", "paths are: second-provider"), ("../x", "is no path of fallback.yaml")],
)
def test_a_path_that_does_not_exist_exits_2_and_starts_nothing(workbook, path, told):
    planned(workbook, a_vendor_plan())

    refused = drill(workbook, "fallback", "flight-delay", "--path", path)

    assert refused.returncode == 2
    assert told in refused.stderr
    assert not (workbook / "runs").exists()
