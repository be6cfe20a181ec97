"""Runs that are killed at a stage, and what has to hold whatever was left of them."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from ops_model.store.ledger import Ledger
from ops_model.store.seal import verify_bundle
from ops_model.workflow.run import run_notebook
from ops_model.workflow.verify import verify_path
from tests.notebook.builders import a_notebook
from tests.workflow.tiny import OPEN, SPEND, a_workbook

AS_OF = datetime(2013, 7, 22, 8, tzinfo=UTC)
WALL_CLOCK = datetime(2026, 3, 2, 8, tzinfo=UTC)
# As the stages are called by `run_whole`, but for a cell that runs and for the site.
STAGES = (
    "claimed", "started", "mid-cell", "executed", "sealing", "manifest written", "sealed",
    "published", "site",
)  # fmt: skip
_MID_CELL = """
import os, signal, time
victim = book.root / "victim"
if victim.exists():
    os.kill(int(victim.read_text()), signal.SIGKILL)
    time.sleep(5)
"""
# Imports once, then forks a child for each line: a process that starts anew takes far longer.
_SERVER = """
import os, signal, sys, threading, time
from pathlib import Path
from tests.workflow.killed import AS_OF, WALL_CLOCK, die_at
import ops_model.notebook.engine, ops_model.store.workbook, ops_model.workflow.publish
import ops_model.site.build

for line in sys.stdin:
    stage, _, root = line.rstrip("\\n").partition(" at ")
    child = os.fork()
    if child == 0:
        die_at(stage, Path(root))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status), flush=True)
"""


def die_at(stage, root):
    """Run the notebook, or build the site, in this process, and kill it at a stage."""
    if stage == "site":
        _publish_and_die(root)
        return
    if stage == "mid-cell":
        (root / "victim").write_text(str(os.getpid()), encoding="utf-8")

    def progress(reached):
        if reached == stage:
            os.kill(os.getpid(), signal.SIGKILL)

    run_notebook(
        root, "killed", "flight-delay", as_of=AS_OF, recorded_at=WALL_CLOCK, progress=progress
    )


def _publish_and_die(root):
    import threading

    from ops_model.workflow.publish import publish

    def watch():
        while not (root / ".site-new" / "index.html").exists():
            pass
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()
    publish(root, as_of=AS_OF, recorded_at=WALL_CLOCK)


@contextmanager
def killer():
    """Kills runs: a function of a stage and a workbook, which gives the child's exit code."""
    here = Path(__file__).resolve().parents[2]
    server = subprocess.Popen(
        [sys.executable, "-c", _SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True, cwd=here,
    )  # fmt: skip

    def kill(stage, root):
        server.stdin.write(f"{stage} at {root}\n")
        server.stdin.flush()
        code = int(server.stdout.readline())
        (root / "victim").unlink(missing_ok=True)
        return code

    with server:
        yield kill
        server.stdin.close()


def a_workbook_to_kill(root):
    """The tiny workbook with a notebook that kills its run in the middle of a cell, if told."""
    a_workbook(root)
    a_notebook(root / "notebooks/killed.ipynb", OPEN, 'address = "data/usage.csv"', SPEND,
               _MID_CELL, SPEND)  # fmt: skip
    return root


def require_whole(root):
    """After a kill: no bundle is partial, no finished run lacks an entry, the ledger verifies."""
    for folder in root.glob("runs/*/*/[!.]*"):
        assert verify_bundle(folder) == ()
    if not (root / "ledger.db").exists():
        return
    with Ledger.open(root / "ledger.db") as ledger:
        assert ledger.verify().problems == ()
        events = [stored.event for stored in ledger.events()]
        told = ledger.statements("flight-delay")
    finished = [e for e in events if e.type == "run.finished"]
    of_runs = [s.origin.run_id for s in told if s.origin is not None]
    for end in finished:
        bundle = root / end.data["bundle"]
        assert verify_bundle(bundle, manifest_digest=end.data["manifest"]) == ()
        assert of_runs.count(end.data["run_id"]) == end.data["records"] == 2
    assert set(of_runs) <= {end.data["run_id"] for end in finished}


def run_again_and_require_all_ended(root):
    """The next run works, and puts an end to whatever was left of those before it."""
    outcome = run_notebook(root, "killed", "flight-delay", as_of=AS_OF, recorded_at=WALL_CLOCK)
    assert outcome.error is None
    require_whole(root)
    assert verify_path(root).problems == ()
    with Ledger.open(root / "ledger.db") as ledger:
        events = [stored.event for stored in ledger.events()]
    began = {e.data["run_id"] for e in events if e.type == "run.started"}
    ends = [e.data["run_id"] for e in events if e.type in {"run.finished", "run.abandoned"}]
    assert began <= set(ends)
    assert len(ends) == len(set(ends))
    finished = {e.data["bundle"] for e in events if e.type == "run.finished"}
    left = {p.relative_to(root).as_posix() for p in root.glob("runs/*/*/*")}
    assert left == finished
