"""Kernels that are forked from a warm process: as one that was started, and cold when in doubt."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import nbformat
import pytest

from ops_model.domain.signals import Signals
from ops_model.notebook.environment import kernel_environment
from ops_model.notebook.keying import key_of, read_at_import
from ops_model.notebook.run import run_one
from ops_model.notebook.warm import Zygote, address_for, get_ready, warm_kernels
from tests.notebook.builders import RECORD, a_notebook, a_snapshot, a_system, make_spec

pytestmark = pytest.mark.kernel


def shown(spec, cell=1):
    """What a cell of an executed notebook printed."""
    notebook = nbformat.read(Path(spec.staging) / "executed.ipynb", as_version=4)
    return notebook.cells[cell].outputs[0].text


def ran(folder, *cells, **changes):
    folder.mkdir()
    spec = make_spec(folder, *cells, **changes)
    return spec, run_one(spec)


def test_a_run_with_a_forked_kernel_says_so_and_gives_its_records(spec_of):
    result = run_one(spec_of(RECORD))

    assert (result.state, len(result.records)) == ("finished", 1)
    assert (result.kernel, result.kernel_why) == ("warm", "")


def test_a_single_run_starts_its_kernel_from_nothing_and_says_why(spec_of, monkeypatch):
    monkeypatch.delenv("OPS_MODEL_ZYGOTE")

    result = run_one(spec_of("1"))

    assert (result.state, result.kernel) == ("finished", "cold")
    assert result.kernel_why == "a single run starts its kernel from nothing"


LOOK = """
import json, locale, os, random, resource, signal, sys, threading
import pandas, plotly.io, tempfile
print(json.dumps({
    "environment": {k: v for k, v in os.environ.items() if k not in
                    ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JPY_PARENT_PID")},
    "path": sys.path, "flags": str(sys.flags), "python": sys.executable,
    "locale": locale.setlocale(locale.LC_ALL), "umask": os.umask(0o22),
    "handlers": [str(signal.getsignal(n)) for n in (2, 13, 15, 17)],
    "leader": os.getsid(0) == os.getpid(), "files": len(os.listdir("/proc/self/fd")) < 60,
    "user": [n for n in globals() if not n.startswith("_")], "name": __name__,
    "threads": sorted(t.name.rstrip("0123456789") for t in threading.enumerate()),
    "stdin": os.readlink("/proc/self/fd/0"), "renderer": plotly.io.renderers.default,
    "temporary": tempfile.gettempdir(), "main": sys.modules["__main__"].__dict__ is globals(),
}))"""


class Begun:
    """A warm process that is never there, and says when it is waited for."""

    made, waited = [], []
    key = key_of({})
    why = "ready"

    def __init__(self, environment, *, contracts):
        self.made.append(contracts)

    @property
    def address(self):
        self.waited.append(True)
        return "there"

    def serves(self, key):
        return key == self.key

    def close(self):
        pass


def test_the_warm_process_begins_before_it_is_waited_for_and_once(monkeypatch):
    monkeypatch.setattr("ops_model.notebook.warm.Zygote", Begun)
    with warm_kernels():
        get_ready({}, contracts=False)
        get_ready({}, contracts=False)
        begun = list(Begun.made), list(Begun.waited)
        where = address_for({}, named="", contracts=False)
        get_ready({}, contracts=True)

    assert begun == ([False], [])
    assert (where.address, where.packages) == ("there", key_of({})["packages"])
    assert Begun.made == [False, True]


def test_a_run_lets_the_warm_process_begin_before_it_starts_a_kernel(spec_of, monkeypatch):
    told = []
    monkeypatch.setattr("ops_model.notebook.run.get_ready", lambda *_, **__: told.append("begin"))
    monkeypatch.setattr(
        "ops_model.notebook.engine.execute", lambda *_, **__: told.append("execute")
    )

    run_one(spec_of("1 + 1"))

    assert told == ["begin", "execute"]


def test_what_was_found_of_the_packages_just_now_is_not_looked_for_again(monkeypatch):
    monkeypatch.setattr("ops_model.notebook.keying.packages_digest", lambda: "looked at")

    assert key_of({})["packages"] == "looked at"
    assert key_of({}, packages="known")["packages"] == "known"


def test_a_forked_kernel_need_not_import_what_it_ends_its_children_with(spec_of):
    run_one(spec := spec_of("import sys\nprint('psutil' in sys.modules)"))

    assert shown(spec) == "True\n"


def test_what_a_command_prints_stands_under_the_cell_that_ran_it(spec_of):
    cells = [f"import os\nos.system('echo {n}; echo error {n} >&2')\n_ = None" for n in range(40)]

    spec = spec_of(*cells)
    result = run_one(spec)

    notebook = nbformat.read(Path(spec.staging) / "executed.ipynb", as_version=4)
    shown = ["".join(o.text for o in cell.outputs) for cell in notebook.cells[1:]]
    assert result.state == "finished"
    assert shown == [f"{n}\n" for n in range(40)]


def test_a_forked_kernel_finds_the_machine_as_one_that_was_started(tmp_path, monkeypatch):
    forked, warm = ran(tmp_path / "forked", LOOK)
    monkeypatch.delenv("OPS_MODEL_ZYGOTE")
    started, cold = ran(tmp_path / "started", LOOK)

    assert (warm.kernel, cold.kernel) == ("warm", "cold")
    assert json.loads(shown(forked)) == json.loads(shown(started))


LEAVE = """
import builtins, os, sys, pandas, random
builtins.left = pandas.left = 1
os.environ["LEFT"] = "1"
sys.path.append("/left")
os.chdir("/")
print(random.random())"""
FIND = """
import builtins, json, os, random, sys, numpy, pandas, uuid
left = [hasattr(builtins, "left"), hasattr(pandas, "left"), "LEFT" in os.environ,
        "/left" in sys.path, os.getcwd() == "/"]
drawn = [random.random(), numpy.random.random(), uuid.uuid4().hex]
print(json.dumps({"left": left, "drawn": drawn}))"""


def test_nothing_that_a_run_leaves_behind_reaches_the_next_and_no_draw_is_repeated(tmp_path):
    _, first = ran(tmp_path / "0", LEAVE)
    runs = [ran(tmp_path / str(number), FIND) for number in range(1, 4)]

    assert [first.kernel, *(result.kernel for _, result in runs)] == ["warm"] * 4
    found = [json.loads(shown(spec)) for spec, _ in runs]
    assert [one["left"] for one in found] == [[False] * 5] * 3
    drawn = [value for one in found for value in one["drawn"]]
    assert len(set(drawn)) == len(drawn)


def test_a_module_beside_the_notebook_is_read_anew_by_each_run(tmp_path):
    write = "from pathlib import Path\nPath('mine.py').write_text('value = {}')"
    told = []
    for number in (1, 2):
        spec, _ = ran(
            tmp_path / str(number), write.format(number), "import mine; print(mine.value)"
        )
        told.append(shown(spec, 2).strip())

    assert told == ["1", "2"]


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("TZ", "Asia/Tokyo", "settings"), ("OMP_NUM_THREADS", "1", "settings"),
        ("PYTHONPATH", "lib", "depends on where"),
        ("OPS_MODEL_ZYGOTE", "/nowhere/socket", "not there"),
    ],
)  # fmt: skip
def test_whenever_a_forked_kernel_would_be_another_the_run_starts_its_own(
    spec_of, monkeypatch, name, value, why
):
    monkeypatch.setenv(name, value)

    result = run_one(spec_of("1"))

    assert (result.state, result.kernel) == ("finished", "cold")
    assert why in result.kernel_why


def test_a_forked_kernel_holds_little_memory_of_its_own(spec_of):
    held = (
        "import os, numpy, pandas, duckdb, ibis, plotly, great_expectations\n"
        "from ops_model.notebook.processes import private_bytes\n"
        "print(private_bytes(os.getpid()) >> 20)"
    )
    spec = spec_of(held)

    result = run_one(spec)

    assert result.kernel == "warm"
    assert int(shown(spec)) < 45


def test_the_library_of_data_contracts_is_there_once_a_run_will_judge_one(tmp_path, monkeypatch):
    monkeypatch.delenv("OPS_MODEL_ZYGOTE")
    look = "import sys\nprint('great_' 'expectations' in sys.modules)  # workflow.contracts(book)"
    contract = {"id": "rows", "log": "served", "suite": "served_scores", "owner": "ines-varga"}
    signals = Signals(contracts=(contract,))
    judging = a_snapshot(system=a_system(signals=signals))

    with warm_kernels():
        runs = [
            ran(tmp_path / "none", look),
            ran(tmp_path / "some", look, snapshot=judging),
            ran(tmp_path / "later", look),
        ]

    assert [result.kernel for _, result in runs] == ["warm", "warm", "warm"]
    assert [shown(spec) for spec, _ in runs] == ["False\n", "True\n", "True\n"]


def test_a_package_that_was_installed_since_gives_another_key(tmp_path):
    code = (
        "import sys; from ops_model.notebook.keying import key_of; print(key_of({})['packages'])"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    fresh = tmp_path / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", fresh], check=True)
    packages = next((fresh / "lib").iterdir()) / "site-packages"

    def digest():
        return subprocess.run(
            [fresh / "bin" / "python", "-c", code], env=environment, check=True, stdout=-1
        ).stdout

    before = digest()
    (packages / "thing-1.0.dist-info").mkdir()
    after = digest()

    assert before != after == digest()


def test_a_warm_process_that_does_not_answer_is_not_waited_for_long(
    tmp_path, spec_of, monkeypatch
):
    silent = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    silent.bind(str(tmp_path / "s"))
    silent.listen()
    monkeypatch.setenv("OPS_MODEL_ZYGOTE", str(tmp_path / "s"))

    result = run_one(spec_of("1"))

    silent.close()
    assert (result.state, result.kernel) == ("finished", "cold")
    assert "did not answer in 5 s" in result.kernel_why


def test_a_thread_that_bears_no_fork_keeps_kernels_from_being_forked():
    from ops_model.notebook.zygote import unknown_threads

    stop = threading.Event()
    thread = threading.Thread(target=stop.wait, name="exporter")
    thread.start()
    told = unknown_threads()
    stop.set()
    thread.join()

    assert "exporter" in told


OTHERS = """
import os, sys, nbformat, papermill
from nbclient import NotebookClient
from nbclient.cli import NbClientApp
source, done = sys.argv[1:]
papermill.execute_notebook(source, done + "papermill.ipynb", kernel_name="python3")
notebook = nbformat.read(source, as_version=4)
NotebookClient(notebook, kernel_name="python3").execute()
nbformat.write(notebook, done + "nbclient.ipynb")
NbClientApp.launch_instance([source, f"--output={done}jupyter.ipynb", "--kernel_name=python3"])
"""


def test_papermill_nbclient_and_jupyter_execute_fork_their_kernels_too(tmp_path):
    where = (
        "import os\nprint('zygote' in open('/proc/self/cmdline').read(), 'LEAVE' in os.environ)"
    )
    source = a_notebook(tmp_path / "a.ipynb", where)
    environment = {
        **kernel_environment(os.environ, tmp_path), "LEAVE": "1",
        "OPS_MODEL_ZYGOTE": os.environ["OPS_MODEL_ZYGOTE"],
        "JUPYTER_DEFAULT_PROVISIONER_NAME": "ops-model-warm",
    }  # fmt: skip

    finished = subprocess.run(
        [sys.executable, "-c", OTHERS, str(source), f"{tmp_path}/"],
        env=environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip

    assert finished.returncode == 0, finished.stderr
    for way in ("papermill", "nbclient", "jupyter"):
        notebook = nbformat.read(tmp_path / f"{way}.ipynb", as_version=4)
        printed = [o.text for c in notebook.cells for o in c.get("outputs", ())]
        assert printed == ["True True\n"], way
    assert "a kernel from nothing" not in finished.stderr


@pytest.mark.faults
def test_any_command_forks_its_kernels_from_a_process_that_ends_with_it(tmp_path):
    source = a_notebook(tmp_path / "a.ipynb", "print(open('/proc/self/cmdline').read())")

    subprocess.run(
        [sys.executable, "-m", "ops_model.notebook.warm", sys.executable, "-m", "papermill",
         "--no-progress-bar", "-k", "python3", source, tmp_path / "out.ipynb"], check=True,
    )  # fmt: skip

    assert "zygote" in nbformat.read(tmp_path / "out.ipynb", 4).cells[1].outputs[0].text


def test_the_warm_process_itself_was_given_no_more_than_its_libraries_read(spec_of):
    spec = spec_of("print(open('/proc/self/environ').read())")

    run_one(spec)

    names = {line.partition("=")[0] for line in shown(spec).strip("\n\0").split("\0")}
    assert names - {"PATH"} <= read_at_import(dict.fromkeys(names, "")).keys()


def test_a_warm_process_whose_owner_ended_does_not_finish_its_imports(tmp_path):
    zygote = subprocess.Popen(
        [sys.executable, "-m", "ops_model.notebook.zygote", tmp_path / "socket", "none"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    libraries = Path(f"/proc/{zygote.pid}/maps")
    while "numpy" not in libraries.read_text("utf-8"):
        time.sleep(0.01)

    zygote.stdin.close()

    assert zygote.wait(timeout=60) == -signal.SIGIO
    assert zygote.stdout.read() == b""
    zygote.stdout.close()


def test_a_zygote_that_cannot_start_says_why_and_runs_go_on(tmp_path):
    zygote = Zygote({"PYTHONHOME": str(tmp_path)})
    zygote.close()

    assert (zygote.address, zygote.why) == ("", "the warm process did not start")
