"""`ops-model run`: what it prints and how it exits."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ops_model.cli.run import read_parameters
from ops_model.errors import UsageError
from ops_model.store.ledger import Ledger
from tests.notebook.builders import a_notebook
from tests.workflow.tiny import OPEN, a_workbook, add_second_system

ROOT = Path(__file__).resolve().parents[2]


def command(workbook, *arguments):
    return [
        sys.executable, "-m", "ops_model", "run", *arguments, "--workbook", str(workbook),
    ]  # fmt: skip


def ops_model_run(workbook, *arguments):
    return subprocess.run(
        command(workbook, *arguments), check=False, cwd=ROOT, capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def of_all(tmp_path_factory):
    """Two systems, of which the second has no usage log and fails."""
    root = a_workbook(tmp_path_factory.mktemp("all"))
    add_second_system(root)
    return ops_model_run(root, "good", "--all", "--json")


@pytest.mark.kernel
def test_one_system_that_fails_stops_no_other_and_exits_3(of_all):
    runs = json.loads(of_all.stdout)["runs"]

    assert [(r["system"], r["state"]) for r in runs] == [
        ("flight-delay", "finished"),
        ("support-assistant", "failed"),
    ]
    assert of_all.returncode == 3


@pytest.mark.kernel
def test_what_a_notebook_of_ones_own_found_is_said_to_be_declared_only(of_all):
    (first, _) = json.loads(of_all.stdout)["runs"]

    assert first["told"]
    for line in first["told"]:
        assert line.endswith("; declared only: its notebook is neither shipped nor approved")
        assert line in of_all.stderr


@pytest.mark.kernel
def test_the_json_has_the_promised_keys_and_messages_go_to_standard_error(of_all):
    first, second = json.loads(of_all.stdout)["runs"]

    keys = {
        "system",
        "notebook",
        "run_id",
        "state",
        "seconds",
        "bundle",
        "error",
        "as_of",
        "records",
        "told",
    }
    assert set(first) == set(second) == keys
    assert (first["error"], second["bundle"]) == (None, None)
    assert "2 systems: running good" in of_all.stderr


@pytest.mark.kernel
def test_no_noise_of_kernels_or_papermill_reaches_the_user(of_all):
    assert "WARNING" not in of_all.stderr
    assert "Traceback" not in of_all.stderr


@pytest.mark.kernel
def test_a_run_that_finishes_exits_0_and_names_its_bundle(tmp_path):
    finished = ops_model_run(a_workbook(tmp_path), "good", "flight-delay")

    assert finished.returncode == 0
    assert "runs/flight-delay/good/" in finished.stdout
    assert "\n  Spend: 1.50 USD today so far, 1.50 USD on the last full day" in finished.stdout


@pytest.mark.kernel
def test_a_run_that_left_no_evidence_says_so(tmp_path):
    root = a_workbook(tmp_path)
    a_notebook(root / "notebooks/silent.ipynb", OPEN)

    finished = ops_model_run(root, "silent", "flight-delay")

    assert finished.returncode == 0
    assert "it left no evidence" in finished.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["good"], "name one system, or say --all"),
        (["good", "flight-delay", "--all"], "name one system, or say --all"),
        (["goood", "flight-delay"], "did you mean good"),
        (["good", "flight-dely"], "did you mean flight-delay"),
        (["good", "../flight-delay"], "cannot be an id"),
        (["good", "flight-delay", "-p", "adress=1"], "has no parameter 'adress'"),
        (["good", "flight-delay", "-p", "address"], "has no value"),
        (["good", "flight-delay", "-p", "system=x"], "is no free parameter"),
        (["N13", "flight-delay"], "13_portfolio is about all systems together"),
        (["N13", "--all"], "ops-model run 13_portfolio"),
        (["N09", "--all"], "is about one incident of one system"),
        (["N09", "flight-delay"], "needs an incident to look at"),
        (["N09", "flight-delay", "-p", "incident=x"], "names no incident of flight-delay"),
    ],
)
def test_wrong_use_exits_2_with_a_remedy_and_starts_nothing(tmp_path, arguments, told):
    root = a_workbook(tmp_path)

    refused = ops_model_run(root, *arguments)

    assert refused.returncode == 2
    assert told in refused.stderr + refused.stdout
    assert "Traceback" not in refused.stderr
    assert not (root / "runs").exists()


@pytest.mark.kernel
def test_ctrl_c_exits_3_records_the_run_and_leaves_no_half(tmp_path):
    root = a_workbook(tmp_path)
    mark = tmp_path / "begun"
    hang = f"import pathlib, time\npathlib.Path({str(mark)!r}).touch()\ntime.sleep(300)"
    a_notebook(root / "notebooks/hang.ipynb", OPEN, hang)
    process = subprocess.Popen(
        command(root, "hang", "--all"), cwd=ROOT, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, env=dict(os.environ),
    )  # fmt: skip
    while not mark.exists() and process.poll() is None:
        time.sleep(0.05)

    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)

    assert process.returncode == 3
    assert "Traceback" not in told
    assert list((root / "runs/flight-delay/hang").iterdir()) == []
    with Ledger.open(root / "ledger.db") as ledger:
        assert [s.event.data.get("reason") for s in ledger.events()] == [None, "interrupted"]


def test_parameters_are_json_where_they_can_be_and_text_otherwise():
    given = ("days=7", "strict=true", "by=m-ito", 'name="7"', "note=a=b", "none=null")

    assert read_parameters(given) == {
        "days": 7, "strict": True, "by": "m-ito", "name": "7", "note": "a=b", "none": None,
    }  # fmt: skip


def test_a_parameter_given_twice_is_refused():
    with pytest.raises(UsageError, match="given twice"):
        read_parameters(("days=7", "days=8"))
