"""A fleet in a process of its own, and what may be done to it while it runs."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.workflow.fleets import Copied, copied, fleet, slots

ROOT = Path(__file__).resolve().parents[2]


def a_fleet(root, *, kill_at="", **more):
    """A process that runs a fleet with two workers; it prints each outcome.

    All kernels are its own: none is forked from the process that serves other tests.
    """
    own = {name: value for name, value in os.environ.items() if name != "OPS_MODEL_ZYGOTE"}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.fleet_faults", str(root), kill_at, json.dumps(more)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, env=own,
    )  # fmt: skip


def children_of(pid):
    """The processes that a process started, and those that they did."""
    found = []
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += [int(n) for n in listed.read_text(encoding="utf-8").split()]
    return [*found, *(further for child in found for further in children_of(child))]


def workers_of(pid):
    """The processes of the pool of a fleet, by how they were started."""
    return [child for child in children_of(pid) if "spawn_main" in _command(child)]


def _command(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""


def require_gone(pids, seconds=20):
    """All of these processes end within so many seconds."""
    until = time.monotonic() + seconds
    while living := [pid for pid in pids if _lives(pid)]:
        assert time.monotonic() < until, [_command(pid) for pid in living]
        time.sleep(0.1)


def _lives(pid):
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


@contextmanager
def owner_killer():
    """Kills owners whose notebooks are copied, two at a time; gives the exit code of each.

    One process imports everything, and forks a child for each: one that starts anew takes far
    longer.
    """
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.fleet_faults"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip

    def kill(root, kill_at):
        server.stdin.write(f"{kill_at} at {root}\n")
        server.stdin.flush()
        return int(server.stdout.readline())

    with server:
        yield kill
        server.stdin.close()


def serve():
    """Run and kill what each line asks for."""
    for line in sys.stdin:
        kill_at, _, root = line.rstrip("\n").partition(" at ")
        child = os.fork()
        if child == 0:
            jobs, progress = slots(Path(root)), death_at(kill_at)
            copied(Path(root), jobs, crew=Copied(2), once=True, progress=progress)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def death_at(kill_at):
    """Ends this process at a stage and the number of the run that reaches it: `sealed of 2`."""
    reached = []

    def progress(stage):
        reached.append(stage)
        wanted, _, number = kill_at.partition(" of ")
        if stage == wanted and reached.count(stage) == int(number):
            os.kill(os.getpid(), signal.SIGKILL)

    return progress


def main():
    """Run a fleet, or without arguments what is asked for on the standard input."""
    if len(sys.argv) == 1:
        serve()
        return
    root, kill_at, more = Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
    for outcome in fleet(root, workers=2, once=True, progress=death_at(kill_at), **more):
        told = [outcome.system, outcome.state, outcome.error, outcome.exit_code]
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
