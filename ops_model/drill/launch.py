"""Asks a supervisor to rehearse, and waits for it; called in a notebook's kernel."""

import json
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ops_model.drill.record import last_of, read_journal
from ops_model.drill.spec import DrillSpec
from ops_model.drill.targets import environment, interpreter_path
from ops_model.errors import DrillError, Problem

RESTORE_SECONDS = 90
"""How long a drill that was broken off may take to put things back before we stop waiting."""


def supervise(spec: DrillSpec) -> Mapping[str, Any]:
    """Let a process of its own session carry the drill out; the `result` of its journal.

    Should this process be interrupted, the supervisor is told, and waited for while it restores;
    should it be killed, the supervisor notices by the end of its standard input.

    Raises:
        DrillError: the drill could not be carried out, was broken off, or lost its supervisor.
    """
    # The supervisor carries no mark: `drill --restore` ends what a drill started, never itself.
    env = {k: v for k, v in environment(spec.id).items() if not k.startswith("OPS_MODEL_")}
    process = subprocess.Popen(  # noqa: S603 - our own module, no shell
        [sys.executable, "-P", "-m", "ops_model.drill.supervisor"],
        cwd=spec.root, env=env | interpreter_path(), stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True, text=True,
    )  # fmt: skip
    try:
        said = _asked(process, spec)
    except BaseException:
        _let_go(process)
        raise
    return _result(spec, said)


def _asked(process: "subprocess.Popen[str]", spec: DrillSpec) -> str:
    if process.stdin is None or process.stdout is None:
        return ""
    with suppress(BrokenPipeError):
        process.stdin.write(spec.model_dump_json() + "\n")
        process.stdin.flush()
    said = process.stdout.readline()
    with suppress(BrokenPipeError):
        process.stdin.close()
    process.stdout.close()
    process.wait(RESTORE_SECONDS)
    return said


def _let_go(process: "subprocess.Popen[str]") -> None:
    """End the lease, and wait until the supervisor has put things back."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
    with suppress(subprocess.TimeoutExpired):
        process.wait(RESTORE_SECONDS)


def _result(spec: DrillSpec, said: str) -> Mapping[str, Any]:
    journal = Path(spec.root) / spec.journal
    if not said:
        raise DrillError(
            f"the supervisor of drill {spec.id} is gone, and what it changed is not put back",
            where=spec.journal,
            remedy=f"ops-model drill --restore {spec.system}",
        )
    problems = [Problem(**problem) for problem in json.loads(said)["problems"]]
    if problems:
        raise DrillError(problems=problems)
    result = last_of(read_journal(journal), "result")
    if result is None:
        raise DrillError("the journal holds no result", where=spec.journal)
    return {key: value for key, value in result.items() if key not in {"t", "event"}}
