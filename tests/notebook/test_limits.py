"""What a notebook may take and leave: memory, output, processes; with either kind of kernel."""

import os
import time
from pathlib import Path

import nbformat
import pytest

from ops_model.notebook.run import run_one
from tests.benchmarks.memory import own_peak
from tests.notebook.builders import RECORD, make_spec
from tests.notebook.living import alive, gone

pytestmark = pytest.mark.kernel

GROW = "held = []\nwhile True:\n    held.append(bytearray(b'x' * (8 << 20)))"
IN_A_CHILD = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {GROW!r}])"


@pytest.fixture(params=["warm", pytest.param("cold", marks=pytest.mark.faults)])
def kernels(request, monkeypatch):
    """Both ways to come by a kernel; one from nothing takes seconds, so with the long runs."""
    if request.param == "cold":
        monkeypatch.delenv("OPS_MODEL_ZYGOTE", raising=False)
    return request.param


@pytest.mark.parametrize("cell", [GROW, IN_A_CHILD], ids=["in the kernel", "in a child"])
def test_a_cell_that_takes_more_memory_than_it_may_is_ended_and_told(spec_of, cell):
    result = run_one(spec_of(cell, RECORD, memory_mib=512))

    assert (result.failure.reason, result.failure.cell) == ("memory", 1)
    assert "512 MiB" in result.failure.message


def test_a_cell_that_asks_for_more_memory_than_there_can_be_says_so(spec_of):
    result = run_one(spec_of("bytearray(1 << 44)"))

    assert (result.failure.reason, result.failure.error) == ("memory", "MemoryError")


@pytest.mark.parametrize(
    "cell",
    [
        "for _ in range(1024):\n    print('x' * (1 << 20))",
        "from IPython.display import HTML, display\ndisplay(HTML('x' * (1 << 27)))",
        "import os\nos.system('yes | head -c 1000000000')",
    ],
    ids=["prints", "one picture", "a command"],
)
def test_a_cell_that_shows_a_gigabyte_is_ended_and_the_runner_stays_small(spec_of, kernels, cell):
    before = own_peak()

    result = run_one(spec_of(cell, RECORD, output_mib=4))

    assert (result.failure.reason, result.failure.cell) == ("output", 1)
    assert "4 MiB" in result.failure.message
    assert result.kernel == kernels
    assert own_peak() < before + 120


DAEMON = """
import os, time
from pathlib import Path
def daemon():
    if os.fork():
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    Path("daemon").write_text(str(os.getpid()))
    time.sleep(300)
    os._exit(0)
daemon()
while not Path("daemon").exists() or not Path("daemon").read_text():
    time.sleep(0.01)"""
MANY = "import subprocess\nfor _ in range(20):\n    subprocess.Popen(['sleep', '300'])"


def test_no_daemon_and_no_child_outlives_the_run(spec_of, kernels):
    left = "print(Path('daemon').read_text())"
    spec = spec_of(DAEMON, MANY, left)

    result = run_one(spec)

    assert (result.state, result.kernel) == ("finished", kernels)
    daemon = int(nbformat.read(Path(spec.staging) / "executed.ipynb", 4).cells[3].outputs[0].text)
    assert gone(daemon, within=0.5)
    assert not [pid for pid in _sleepers() if _is_of(pid, spec.staging)]


def _sleepers():
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and "sleep" in _read(entry / "comm"):
            yield int(entry.name)


def _is_of(pid, staging):
    try:
        return str(Path(f"/proc/{pid}/cwd").readlink()).startswith(staging)
    except OSError:
        return False


def _read(path):
    try:
        return path.read_text("utf-8")
    except OSError:
        return ""


def test_a_cell_that_kills_the_process_above_its_kernel_leaves_nothing(spec_of, kernels):
    spec = spec_of(
        f"{DAEMON}\nimport signal\nos.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(60)"
    )

    result = run_one(spec)

    assert (result.failure.reason, result.kernel) == ("kernel_died", kernels)
    if kernels == "warm":  # a kernel that was started alone has nobody above that process
        assert gone(int((Path(spec.staging) / "work" / "daemon").read_text("utf-8")))


def test_what_a_killed_process_above_a_kernel_left_is_ended_however_deep_it_lies(spec_of):
    deep = (
        "import os, signal, subprocess, sys, time\n"
        "from pathlib import Path\n"
        "shell = 'sh -c \"setsid sleep 300 & echo \\$! > deep; wait\" & wait'\n"
        "subprocess.Popen(['setsid', 'sh', '-c', shell])\n"
        "while not Path('deep').exists() or not Path('deep').read_text():\n"
        "    time.sleep(0.01)\n"
        "os.kill(os.getppid(), signal.SIGKILL)\n"
        "time.sleep(60)"
    )
    spec = spec_of(deep)

    result = run_one(spec)

    assert (result.failure.reason, result.kernel) == ("kernel_died", "warm")
    assert gone(int((Path(spec.staging) / "work" / "deep").read_text("utf-8")))


def test_a_drill_that_is_being_put_back_outlives_its_kernel_and_ends_by_itself(
    spec_of, tmp_path, kernels
):
    os.mkfifo(tmp_path / "lease")
    lease = os.open(tmp_path / "lease", os.O_RDWR)
    start = (
        "import subprocess, sys\n"
        "command = [sys.executable, '-P', '-m', 'ops_model.drill.supervisor']\n"
        f"lease = open({str(tmp_path / 'lease')!r}, 'rb')\n"
        "print(subprocess.Popen(command, stdin=lease, start_new_session=True).pid)"
    )
    spec = spec_of(start, "import os; os._exit(1)")

    result = run_one(spec)

    executed = nbformat.read(Path(spec.staging) / "executed.ipynb", as_version=4)
    supervisor = int(executed.cells[1].outputs[0].text)
    lives = alive(supervisor)
    os.close(lease)
    assert (result.failure.reason, result.kernel, lives) == ("kernel_died", kernels, True)
    assert gone(supervisor)


def test_what_a_cell_writes_to_its_folder_is_its_own(spec_of):
    write = "from pathlib import Path\nPath('big').write_bytes(b'x' * (32 << 20))\nPath.cwd().name"

    result = run_one(spec_of(write, RECORD))

    assert (result.state, len(result.records)) == ("finished", 1)


def test_a_cell_that_leaves_with_code_three_fails_the_run(spec_of):
    result = run_one(spec_of("import sys; sys.exit(3)", RECORD))

    assert (result.failure.error, result.failure.message) == ("SystemExit", "3")


@pytest.mark.faults
def test_a_cell_that_stops_the_process_above_its_kernel_is_ended_all_the_same(tmp_path):
    stop = "import os, signal, time\nos.kill(os.getppid(), signal.SIGSTOP)\ntime.sleep(300)"
    began = time.monotonic()

    result = run_one(make_spec(tmp_path, stop, RECORD, cell_seconds=1))

    assert result.failure.reason == "timeout"
    assert time.monotonic() - began < 40
