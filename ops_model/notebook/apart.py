"""One run of a notebook in a process that did not start it, on this machine or on another.

Nothing of it is believed until the process that owns the run has its result: that one alone seals
and appends. Each try fills a folder of its own, so that one that was given up, and still lives
somewhere, is in nobody's way.
"""

import secrets
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from pathlib import Path

from ops_model.notebook.failures import failure_of
from ops_model.notebook.run import run_one
from ops_model.notebook.spec import RunResult, RunSpec


@dataclass(frozen=True)
class Ran:
    """What came of a run, and the folder below its staging where the executed notebook lies."""

    result: RunResult
    folder: str


@dataclass
class _Process:
    """What this process keeps from one notebook to the next.

    Two notebooks in threads of one process would share a working folder, so they wait for one
    another.
    """

    turn: threading.Lock = field(default_factory=threading.Lock)
    ending: bool = False
    kept: ExitStack = field(default_factory=ExitStack)
    # Threads of a cluster's worker each have a context of their own, and share this one.
    context: Context | None = None


_process = _Process()


def run_apart(spec: RunSpec, *, warm: bool) -> Ran:
    """Run one notebook in this process; every failure is a result, also one of ours.

    Args:
        spec: the run.
        warm: keep kernels ready in this process from now on, for those that will follow.
    """
    with _process.turn:
        if _process.ending:  # whoever gave it is gone, or wants no more of it
            return _failed(spec, KeyboardInterrupt())
        if not warm:
            return run_here(spec)
        if _process.context is None:
            _process.context = copy_context()
            _process.context.run(_keep_warm)
        return _process.context.run(run_here, spec)


def _keep_warm() -> None:
    from ops_model.notebook.warm import warm_kernels

    _process.kept.enter_context(warm_kernels())


def begin_no_more() -> None:
    """From now on this process runs nothing that it is given."""
    _process.ending = True


def is_to_end() -> bool:
    """True where the notebook that this process runs for another one is to end now."""
    return _process.ending and _process.turn.locked()


def let_go() -> None:
    """End the warm kernels of this process."""
    if _process.context is not None:
        _process.context.run(_process.kept.close)
        _process.context = None


def run_here(spec: RunSpec, *, stopwatch: Callable[[], float] = time.monotonic) -> Ran:
    """The same with the kernels that there are; every failure is a result, also one of ours."""
    folder = Path(spec.staging) / f"try-{secrets.token_hex(4)}"
    try:
        folder.mkdir()
        result = run_one(spec.model_copy(update={"staging": str(folder)}), stopwatch=stopwatch)
    except Exception as error:  # noqa: BLE001 - a run that began ends on record, whatever it met; an exception might not survive the way back
        return _failed(spec, error)
    return Ran(result, str(folder))


def _failed(spec: RunSpec, error: BaseException) -> Ran:
    result = RunResult(run_id=spec.run_id, state="failed", seconds=0.0, failure=failure_of(error))
    return Ran(result, spec.staging)
