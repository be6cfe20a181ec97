"""Kernels that are forked: what a fleet costs with them, against papermill and the bare cells.

20 small systems run N05, in CPU seconds of all processes, ended ones included: our runner waits
for its warm process, as that does for its kernels. What is slow runs a few and is scaled.
`main()` prints Markdown.

    python tests/benchmarks/bench_warm.py [--all-signals] [--demo DIR]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).resolve()
NOTEBOOK = HERE.parents[2] / "notebooks" / "05_drift_quality.ipynb"
AS_OF = datetime(2013, 7, 22, 8, tzinfo=UTC)
SYSTEMS, SAMPLE = 20, 3
WAYS = {
    "warm": ("our runner, forked kernels, one worker: run, sealed, on the ledger", SYSTEMS),
    "user": (
        "the same as a user starts it, with a job for each core",
        SYSTEMS,
    ),
    "cli": ("papermill's command line in a loop", SAMPLE),
    "cold": ("papermill, one process, a kernel each", SAMPLE),
    "pure": ("the bare cells, one process", SYSTEMS),
}
LIVING = """
import os, time
import numpy, pandas, pyarrow.parquet, duckdb, ibis, plotly.graph_objects, scipy.stats
import great_expectations
from pathlib import Path
from ops_model.notebook.processes import private_bytes
here = Path({folder!r})
pandas.DataFrame({{"a": range(20_000)}}).describe().to_html()
plotly.graph_objects.Figure(plotly.graph_objects.Scatter(x=[1, 2], y=[1, 2])).to_json()
(here / f"{{os.getpid()}}.here").touch()
until = time.monotonic() + 120
while len(list(here.glob("*.here"))) < 3 and time.monotonic() < until:
    time.sleep(0.1)
print(private_bytes(os.getpid()))
(here / f"{{os.getpid()}}.done").touch()
while len(list(here.glob("*.done"))) < 3 and time.monotonic() < until:
    time.sleep(0.1)"""


def warm(root, ids):
    from ops_model.domain.schedules import Slot
    from ops_model.store.workbook import read_workbook
    from ops_model.workflow.fleet import run_many

    slots = [Slot(AS_OF, one, NOTEBOOK.stem) for one in ids]
    for outcome in run_many(
        root, read_workbook(root), slots, clock=lambda: datetime.now(UTC), workers=1
    ):
        assert outcome.state == "finished", outcome


def user(root, _):
    """All systems, as many at a time as nobody says; a run that failed would be its exit code."""
    told = ["run", NOTEBOOK.stem, "--all", "--as-of", AS_OF.isoformat()]
    subprocess.run(
        [sys.executable, "-m", "ops_model", *told], check=True, cwd=root,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def cli(root, ids):
    for one in ids:
        out = root / f"cli-{one}.ipynb"
        told = ["--no-progress-bar", "--log-level", "ERROR", "-k", "python3", "-p", "system", one]
        subprocess.run(
            [sys.executable, "-m", "papermill", NOTEBOOK, out, *told], check=True, cwd=root
        )


def cold(root, ids):
    import papermill

    for one in ids:
        out = root / f"cold-{one}.ipynb"
        papermill.execute_notebook(
            NOTEBOOK, out, {"system": one}, cwd=root, kernel_name="python3", progress_bar=False
        )


def pure(root, ids):
    """No kernel, no messages, no notebook: the same calls, and what JupyterLab would be shown."""
    os.chdir(root)
    cells = [
        c for c in json.loads(NOTEBOOK.read_text("utf-8"))["cells"] if c["cell_type"] == "code"
    ]
    for one in ids:
        names = {}
        for number, cell in enumerate(cells):
            source = "".join(cell["source"]) + (f"\nsystem = {one!r}" if number == 0 else "")
            *before, last = source.strip().splitlines()
            exec("\n".join(before), names)
            if last.startswith("workflow."):
                json.dumps(eval(last, names)._repr_mimebundle_(), default=str)
            else:
                exec(last, names)


def measured(way, root, ids):
    """CPU and wall seconds of a process that runs these, with all that it waited for."""
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, str(HERE), "--way", way, str(root), *ids])
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, way
    return used.ru_utime + used.ru_stime, time.monotonic() - began


def living(folder, kernels):
    """Private megabytes of each of three kernels that live at once and imported the libraries."""
    folder.mkdir()
    code = (
        "import sys; from pathlib import Path; from ops_model.notebook.run import run_one\n"
        "from tests.notebook.builders import make_spec; import nbformat\n"
        "folder = Path(sys.argv[1]); folder.mkdir()\n"
        f"spec = make_spec(folder, {LIVING.format(folder=str(folder))!r})\n"
        "result = run_one(spec); assert result.kernel == sys.argv[2], result\n"
        "cells = nbformat.read(folder / 'staging' / 'executed.ipynb', 4).cells\n"
        "print(cells[1].outputs[0].text.strip())"
    )
    runners = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(folder / str(number)), kernels],
            stdout=subprocess.PIPE, text=True, cwd=HERE.parents[2],
        )
        for number in range(3)
    ]  # fmt: skip
    return statistics.median(int(runner.communicate()[0]) / 1e6 for runner in runners)


def memory(folder):
    from ops_model.notebook.environment import kernel_environment
    from ops_model.notebook.warm import Zygote

    os.environ.pop("OPS_MODEL_ZYGOTE", None)
    alone = living(folder / "alone", "cold")
    zygote = Zygote(kernel_environment(os.environ, folder))
    os.environ["OPS_MODEL_ZYGOTE"] = zygote.address
    forked = living(folder / "forked", "warm")
    zygote.close()
    del os.environ["OPS_MODEL_ZYGOTE"]
    return forked, alone


def main(*, few, demo):
    from tests.benchmarks.small_systems import small_systems

    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        root = folder / "workbook"
        ids = small_systems(root, SYSTEMS, few=few, demo=demo)
        cold(root, ids[:1])  # what is kept of a log for later is there for all
        used = {}
        for way, (_, count) in WAYS.items():
            cpu, wall = measured(way, root, ids[:count])
            used[way] = cpu / count, wall / count
        forked, alone = memory(folder)
    print("| way | notebooks | CPU s each | wall s each | CPU against forked | wall |")
    print("|---|---:|---:|---:|---:|---:|")
    for way, (told, count) in WAYS.items():
        (cpu, wall), (own_cpu, own_wall) = used[way], used["warm"]
        print(f"| {told} | {count} | {cpu:.2f} | {wall:.1f} | {cpu / own_cpu:.1f} x "
              f"| {wall / own_wall:.1f} x |")  # fmt: skip
    print(f"\nPrivate memory of a kernel, of three that live: forked {forked:.0f} MB, started "
          f"{alone:.0f} MB: {alone / forked:.1f} x.")  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--all-signals", action="store_true")
    parser.add_argument("--demo", type=Path, default=HERE.parents[2] / "demo")
    parser.add_argument("--way", nargs="+")
    asked = parser.parse_args()
    if asked.way:
        way, at, *ids = asked.way
        {"warm": warm, "user": user, "cli": cli, "cold": cold, "pure": pure}[way](Path(at), ids)
    else:
        main(few=not asked.all_signals, demo=asked.demo)
