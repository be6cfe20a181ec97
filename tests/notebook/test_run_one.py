"""One notebook, whole or not at all: every way in which a run can end."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from ops_model.domain.evidence import RECORD_MIME
from ops_model.domain.snapshot import read_snapshot
from ops_model.errors import NotebookError
from ops_model.notebook.run import run_one
from ops_model.shipped import notebook_digest
from tests.domain.redaction_corpus import Maker
from tests.notebook.builders import RECORD, a_snapshot, make_spec
from tests.notebook.living import gone

pytestmark = pytest.mark.kernel

LOOK_AROUND = """
import json, os, subprocess, sys
child = subprocess.Popen(["sleep", "300"])
print(json.dumps({"environment": dict(os.environ), "files": os.listdir(), "python": sys.executable,
                  "child": child.pid, "kernel": os.getpid()}))
print("a warning", file=sys.stderr)"""


def executed(spec):
    return nbformat.read(Path(spec.staging) / "executed.ipynb", as_version=4)


def states(spec):
    return [c.metadata["papermill"]["status"] for c in executed(spec).cells]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """One run that finishes, on a machine that holds a secret and a misleading kernel spec."""
    folder = tmp_path_factory.mktemp("finished")
    fake = folder / "jupyter" / "kernels" / "python3"
    fake.mkdir(parents=True)
    spec = {"argv": ["false"], "language": "python", "display_name": "not ours"}
    (fake / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("JUPYTER_PATH", str(folder / "jupyter"))
        patched.setenv("CANARY_SECRET", "a-canary-value")
        spec = make_spec(folder, LOOK_AROUND, RECORD)
        result = run_one(spec)
    return spec, result


@pytest.fixture(scope="module")
def seen(finished):
    """What the kernel saw of the machine."""
    return json.loads(executed(finished[0]).cells[1].outputs[0].text)


def test_a_run_that_finishes_gives_its_records_with_their_cells(finished):
    _, result = finished

    assert (result.state, result.failure) == ("finished", None)
    assert [(r.cell, r.record["kind"]) for r in result.records] == [(2, "spend")]


def test_every_cell_of_a_finished_run_is_completed(finished):
    spec, _ = finished

    assert states(spec) == ["completed", "completed", "completed"]


def test_the_parameters_of_the_run_stand_in_the_executed_notebook(finished):
    source = executed(finished[0]).cells[0].source

    assert "system = 'flight-delay'" in source
    assert "as_of = '2013-07-22T08:00:00Z'" in source


def test_a_secret_of_the_runner_reaches_neither_kernel_nor_notebook(finished, seen):
    spec, _ = finished

    assert "CANARY_SECRET" not in seen["environment"]
    assert "a-canary-value" not in (Path(spec.staging) / "executed.ipynb").read_text("utf-8")


def test_the_kernel_is_this_interpreter_whatever_specs_are_installed(seen):
    assert seen["python"] == sys.executable


def test_the_kernel_lies_in_a_folder_that_holds_the_snapshot_and_nothing_else(finished, seen):
    spec, _ = finished
    data = json.loads((Path(spec.staging) / "work" / "snapshot.json").read_text("utf-8"))

    assert seen["files"] == ["snapshot.json"]
    assert read_snapshot(data) == a_snapshot()


def test_noise_on_standard_error_is_not_kept(finished):
    assert [o.name for o in executed(finished[0]).cells[1].outputs] == ["stdout"]


def test_no_path_of_the_machine_stands_in_the_metadata(finished):
    notebook = executed(finished[0])
    metadata = json.dumps([notebook.metadata, *(c.metadata for c in notebook.cells)])

    assert finished[0].staging not in metadata
    assert finished[0].notebook_path not in metadata


def test_neither_the_kernel_nor_a_process_that_a_cell_started_outlives_the_run(seen):
    assert gone(seen["kernel"])
    assert gone(seen["child"])


def test_what_a_cell_prints_and_what_it_shows_stay_in_their_order(spec_of):
    shows = (
        "import time\n"
        "from IPython.display import display\n"
        "for number in range(150):\n"
        "    print(number)\n"
        "    time.sleep(0.2 if number % 50 == 7 else 0)  # until it is sent by itself\n"
        "    display(number)\n"
        "print('the end', end='')"
    )
    spec = spec_of(shows)

    assert run_one(spec).state == "finished"

    outputs = executed(spec).cells[1].outputs
    told = [o.text.strip() if o.output_type == "stream" else o.data["text/plain"] for o in outputs]
    assert told == [str(number) for number in range(150) for _ in range(2)] + ["the end"]


def test_a_child_that_a_cell_forks_is_heard_and_its_parent_goes_on(spec_of):
    forks = (
        "import os\n"
        "print('before', flush=True)\n"
        "if (child := os.fork()) == 0:\n"
        "    print('child', flush=True)\n"
        "    os._exit(0)\n"
        "os.waitpid(child, 0)\n"
        "print('after')"
    )
    spec = spec_of(forks)

    assert run_one(spec).state == "finished"

    told = "".join(output.text for output in executed(spec).cells[1].outputs)
    assert sorted(told.split()) == ["after", "before", "child"]


def test_forgetting_everything_aggressively_leaves_the_libraries_there(spec_of):
    spec = spec_of("%reset -f --aggressive", "import sys\nprint('json' in sys.modules)")

    assert run_one(spec).state == "finished"

    assert executed(spec).cells[2].outputs[0].text == "True\n"


def test_a_cell_that_raises_fails_the_run_and_later_cells_are_marked_not_run(spec_of):
    spec = spec_of("1 / 0", RECORD)

    result = run_one(spec)

    assert (result.state, result.failure.reason, result.failure.cell) == ("failed", "error", 1)
    assert (result.failure.error, result.failure.message) == (
        "ZeroDivisionError",
        "division by zero",
    )
    assert states(spec) == ["completed", "failed", "not run"]


def test_records_of_a_run_that_fails_later_are_not_given_out(spec_of):
    result = run_one(spec_of(RECORD, "1 / 0"))

    assert (result.state, result.records) == ("failed", ())


def test_no_tag_turns_a_failure_into_a_pass(spec_of):
    result = run_one(spec_of("1 / 0", tags={1: ["raises-exception"]}))

    assert (result.state, result.failure.reason) == ("failed", "error")


def test_no_tag_leaves_a_cell_out(spec_of):
    result = run_one(spec_of("1 / 0", tags={1: ["skip-execution"]}))

    assert result.state == "failed"


def test_leaving_with_code_zero_is_still_a_failed_run(spec_of):
    result = run_one(spec_of("import sys; sys.exit(0)", RECORD))

    assert (result.state, result.failure.error) == ("failed", "SystemExit")


@pytest.mark.parametrize(
    "death", ["os._exit(0)", "os._exit(137)", "os.kill(os.getpid(), 9)"], ids=str
)
def test_a_kernel_that_dies_fails_the_run_and_nothing_says_completed(spec_of, death):
    spec = spec_of(f"import os; {death}", RECORD)

    result = run_one(spec)

    assert (result.failure.reason, result.failure.cell) == ("kernel_died", 1)
    assert states(spec) == ["completed", "failed", "not run"]


@pytest.mark.parametrize(
    "ignoring", ["", "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"]
)
def test_a_cell_over_its_limit_ends_the_run_even_when_it_ignores_the_interrupt(spec_of, ignoring):
    hang = f"{ignoring}\nimport os, time\nprint(os.getpid())\ntime.sleep(300)"
    spec = spec_of(hang, RECORD, cell_seconds=1)

    result = run_one(spec)

    assert (result.failure.reason, result.failure.cell) == ("timeout", 1)
    assert states(spec) == ["completed", "failed", "not run"]
    assert gone(int(executed(spec).cells[1].outputs[0].text))


def test_a_run_over_its_limit_ends_though_no_single_cell_was_slow(spec_of):
    spec = spec_of(*["import time; time.sleep(1)"] * 8, run_seconds=4)

    result = run_one(spec)

    assert result.failure.reason == "timeout"
    assert "whole run" in result.failure.message
    assert states(spec)[-1] == "not run"


def test_an_exception_in_a_thread_fails_the_run(spec_of):
    cell = "import threading\nt = threading.Thread(target=lambda: 1 / 0)\nt.start()\nt.join()"
    spec = spec_of(cell, RECORD)

    result = run_one(spec)

    assert (result.failure.error, result.failure.cell) == ("ZeroDivisionError", 1)
    assert states(spec) == ["completed", "failed", "not run"]


def test_an_exception_in_a_thread_that_outlives_the_last_cell_fails_the_run_too(spec_of):
    late = "import threading, time\ndef f():\n    time.sleep(0.5)\n    1 / 0\n"

    result = run_one(spec_of(late + "threading.Thread(target=f).start()"))

    assert (result.state, result.failure.error) == ("failed", "ZeroDivisionError")


def test_a_record_of_another_system_fails_the_run_and_names_the_cell(spec_of):
    result = run_one(spec_of('system = "support-assistant"', RECORD))

    assert (result.failure.reason, result.failure.cell) == ("bad_record", 2)
    assert result.records == ()


def test_a_full_disk_fails_the_run_and_leaves_no_notebook(spec_of):
    spec = spec_of("1 + 1")
    # What is written there meets a device that is always full.
    (Path(spec.staging) / "executed.part").symlink_to("/dev/full")

    result = run_one(spec)

    assert (result.state, result.failure.reason) == ("failed", "disk_full")
    assert not (Path(spec.staging) / "executed.ipynb").exists()


def test_a_cell_that_meets_a_full_disk_says_so(spec_of):
    result = run_one(spec_of("with open('/dev/full', 'w') as f:\n    f.write('x')"))

    assert (result.failure.reason, result.failure.cell) == ("disk_full", 1)


def test_what_was_taken_out_of_the_notebook_is_counted_by_kind(spec_of):
    key = Maker(2).github_token()
    spec = spec_of(f"key = {key!r}\nprint(key, 'of ada@example.org')", RECORD)

    result = run_one(spec)

    assert (result.state, len(result.records)) == ("finished", 1)
    assert result.redactions == {"github_token": 2, "email": 2}  # in the source, and as shown
    assert key not in (Path(spec.staging) / "executed.ipynb").read_text(encoding="utf-8")


def test_a_private_key_in_an_output_fails_the_run_and_is_kept_nowhere(spec_of):
    key = Maker(1).private_key()
    spec = spec_of("1", RECORD, f"print({key!r})")

    result = run_one(spec)

    assert (result.state, result.records) == ("failed", ())
    assert (result.failure.error, result.failure.cell) == ("PrivateKeyShown", 3)
    assert "nothing of the run is kept" in result.failure.message
    assert key.split("\n")[1] not in Path(spec.staging, "executed.ipynb").read_text("utf-8")


def test_an_error_is_told_without_the_secret_in_its_name_or_its_text(spec_of):
    key = Maker(2).github_token()
    cell = f"raise type('E' + {key!r}, (Exception,), {{}})('passwd=' + {'x7' * 6!r})"

    failure = run_one(spec_of(cell)).failure

    assert (failure.error, failure.message) == ("Exception", "passwd=[redacted:named_secret]")


RUNNER = """
import sys
from pathlib import Path
from ops_model.errors import NotebookError
from ops_model.notebook.run import run_one
from tests.notebook.builders import make_spec
folder = Path(sys.argv[1])
cell = f"from pathlib import Path; import os, time\\n" \\
       f"Path({str(folder / 'pid')!r}).write_text(str(os.getpid()))\\ntime.sleep(300)"
result = run_one(make_spec(folder, cell, "2"))
print(result.state, result.failure.reason, result.failure.cell)
"""


@pytest.fixture
def running(tmp_path):
    """A runner in a process of its own whose cell hangs, and the process id of its kernel."""
    root = Path(__file__).resolve().parents[2]
    process = subprocess.Popen(
        [sys.executable, "-c", RUNNER, str(tmp_path)],
        cwd=root, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(root)},
    )  # fmt: skip
    noted = tmp_path / "pid"
    while process.poll() is None and not (noted.exists() and noted.read_text("utf-8")):
        time.sleep(0.05)
    yield process, int(noted.read_text("utf-8"))
    process.kill()
    process.communicate()


def test_ctrl_c_ends_the_kernel_and_the_run_is_interrupted(running):
    process, kernel = running

    process.send_signal(signal.SIGINT)
    told, _ = process.communicate(timeout=60)

    assert told.split() == ["failed", "interrupted", "1"]
    assert gone(kernel)


def test_a_runner_that_is_killed_takes_its_kernel_along(running):
    process, kernel = running

    process.send_signal(signal.SIGKILL)

    assert gone(kernel, within=30.0)


def test_a_notebook_that_changed_since_it_was_identified_is_not_run(spec_of):
    spec = spec_of("1 + 1", notebook_digest=f"sha256:{'0' * 64}")

    with pytest.raises(NotebookError, match="it changed"):
        run_one(spec)


def test_outputs_that_were_in_the_file_before_the_run_are_gone(tmp_path):
    spec = make_spec(tmp_path, "", "## Words")
    path = Path(spec.notebook_path)
    forged = [
        {"output_type": "display_data", "metadata": {}, "data": {RECORD_MIME: {"kind": "x"}}}
    ]
    written = json.loads(path.read_text(encoding="utf-8"))
    written["cells"][1]["outputs"] = forged
    written["cells"][2] |= {"cell_type": "markdown", "outputs": forged}
    path.write_text(json.dumps(written), encoding="utf-8")

    result = run_one(spec.model_copy(update={"notebook_digest": notebook_digest(path)}))

    assert (result.state, result.records) == ("finished", ())
    assert RECORD_MIME not in (Path(spec.staging) / "executed.ipynb").read_text(encoding="utf-8")


def test_a_notebook_that_hides_other_cells_under_those_of_its_digest_does_not_run(tmp_path):
    spec = make_spec(tmp_path, "1")
    path = Path(spec.notebook_path)
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    hidden = {"cell_type": "code", "input": "2", "language": "python", "metadata": {},
              "outputs": [], "collapsed": False}  # fmt: skip
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "cells": cells,
           "worksheets": [{"metadata": {}, "cells": [hidden]}]}  # fmt: skip
    path.write_text(json.dumps(old), encoding="utf-8")
    assert notebook_digest(path) == spec.notebook_digest

    with pytest.raises(NotebookError, match="is not the notebook that its digest says"):
        run_one(spec)
