"""Asks a supervisor to rehearse, and waits for it; called in a notebook's kernel."""

import json
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from ops_model.drill.leftovers import is_unfinished
from ops_model.drill.record import last_of, read_journal
from ops_model.drill.spec import DrillSpec
from ops_model.drill.targets import environment, interpreter_path
from ops_model.errors import DrillError, Problem

RESTORE_SECONDS = 90
"""How long a drill that was broken off may take to put things back before we stop waiting."""


def supervise(spec: DrillSpec) -> dict[str, Any]:
    """Let a process of its own session carry the drill out; the `result` of its journal.

    Should this process be interrupted, the supervisor is told, and waited for while it restores;
    should it be killed, the supervisor notices by the end of its standard input.

    Raises:
        DrillError: the drill could not be carried out, was broken off, or lost its supervisor.
    """
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "ops_model.drill.supervisor"],
            cwd=spec.root, env=environment() | interpreter_path(), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=complaints, start_new_session=True, text=True,
        )  # fmt: skip
        try:
            said = _asked(process, spec)
        except BaseException:
            _let_go(process)
            raise
        if not said:
            complaints.seek(0)
            raise _supervisor_lost(spec, complaints.read().decode(errors="replace"))
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


def _result(spec: DrillSpec, said: str) -> dict[str, Any]:
    problems = [Problem(**problem) for problem in json.loads(said)["problems"]]
    if problems:
        raise DrillError(problems=problems)
    result = last_of(read_journal(Path(spec.root) / spec.journal), "result")
    if result is None:
        raise DrillError("the journal holds no result", where=spec.journal)
    return {key: value for key, value in result.items() if key not in {"t", "event"}}


def _supervisor_lost(spec: DrillSpec, complaints: str) -> DrillError:
    journal = Path(spec.root) / spec.journal
    if journal.is_file() and is_unfinished(journal):
        return DrillError(
            f"the supervisor of drill {spec.id} was killed, and what it changed is not put back",
            where=spec.journal,
            remedy=f"ops-model drill --restore {spec.system}",
        )
    last = complaints.strip().splitlines()[-1:]
    return DrillError(
        f"the supervisor of drill {spec.id} ended before anything was changed"
        + "".join(f": {line[:300]}" for line in last),
        where=spec.journal,
        remedy="drill again; nothing is left to put back",
    )
