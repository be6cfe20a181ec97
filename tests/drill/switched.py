"""Plans whose version is switched by a command, an alias, or by commands of their own steps."""

import contextlib
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

from tests.drill.rehearsal import ROOT, a_rollback_plan, a_step

FOLLOWER = str(Path(__file__).with_name("follower.py"))
SERVES, FLAG = "serves.txt", "flag.txt"
# Written beside and put in the place of the old, so that no server reads half of it.
WRITE = (
    "import os, sys\n"
    "path, text = sys.argv[1:3]\n"
    "open(path + '.new', 'w').write(text)\n"
    "os.replace(path + '.new', path)"
)


def writes(path, text):
    """A command that writes a text into a file."""
    return ["python", "-c", WRITE, path, text]


def a_command_plan(*faults, run=(), **changes):
    """A command rewrites the file that the server follows."""
    given = [part for fault in faults for part in ("--fault", fault)]
    target = {
        "start": ["python", FOLLOWER, "--file", SERVES, *given],
        "switch": {"kind": "command", "run": list(run) or writes(SERVES, "{version}"),
                   "seconds": 5},
        **changes.pop("target", {}),
    }  # fmt: skip
    return a_rollback_plan(target=target, **changes)


def an_alias_plan(**changes):
    """The alias `champion` of a registry in SQLite, which the server follows."""
    switch = {"kind": "mlflow_alias", "registry": "mlflow.db", "model": "flight",
              "versions": {"v1": "1", "v2": "2"}, **changes.pop("switch", {})}  # fmt: skip
    target = {"start": ["python", FOLLOWER, "--registry", "mlflow.db"], "switch": switch}
    return a_rollback_plan(target={**target, **changes.pop("target", {})}, **changes)


def a_plan_of_commands(*, redeploy=(), **changes):
    """A flag off, a redeployment, a look; the server follows a file, and nothing else switches."""
    steps = [
        {**a_step("flag_off"), "run": writes(FLAG, "off"), "undo": writes(FLAG, "on")},
        {**a_step("redeploy"), "run": list(redeploy) or writes(SERVES, "{version}")},
        a_step("verify"),
    ]
    target = {"start": ["python", FOLLOWER, "--file", SERVES], **changes.pop("target", {})}
    return a_rollback_plan(target=target, **{"steps": steps, **changes})


def served(root):
    """The label in the file that the server follows."""
    return (Path(root) / SERVES).read_text(encoding="utf-8")


def flag(root):
    """What the flag says."""
    return (Path(root) / FLAG).read_text(encoding="utf-8")


def alias_at(root):
    """The version at which the alias stands."""
    with contextlib.closing(sqlite3.connect(Path(root) / "mlflow.db")) as db:
        return str(db.execute("SELECT version FROM registered_model_aliases").fetchone()[0])


@contextlib.contextmanager
def running(root, *, port=0):
    """A server that runs already, with its port; it still runs unless it was killed."""
    command = [sys.executable, FOLLOWER, "--file", SERVES, "--port", str(port or a_free_port())]
    with subprocess.Popen(
        command, cwd=root, stdout=subprocess.PIPE, env={"PYTHONPATH": str(ROOT)}
    ) as server:
        server.stdout.readline()
        try:
            yield server, int(command[-1])
        finally:
            server.kill()


def a_free_port():
    """A port at which nothing listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
