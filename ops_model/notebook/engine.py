"""Papermill's engine, with limits that always hold and a record of its own.

Papermill 2.7 marks every cell `completed` when the kernel died or a limit was passed, so nothing
that it wrote into the notebook is believed: `Execution` is the truth. Imported by `run.run_one`
only, because papermill is heavy.
"""

import asyncio
import errno
import logging
import re
import sys
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Literal

# jupyterlab brings this one along; jsonschema would compile its grammars for a second each start.
# Blocked, it leaves only `iri` formats unchecked, which no notebook schema uses.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # None blocks an import

from jupyter_core.utils import ensure_event_loop  # noqa: E402
from nbclient.exceptions import (  # noqa: E402 - after the block above
    CellExecutionError,
    CellTimeoutError,
    DeadKernelError,
)
from nbformat import NotebookNode  # noqa: E402
from papermill.clientwrap import PapermillNotebookClient  # noqa: E402
from papermill.engines import NotebookExecutionManager  # noqa: E402
from papermill.log import logger as papermill_log  # noqa: E402

from ops_model.domain.redact import redacted  # noqa: E402 - after the block above
from ops_model.notebook.kernel import Kernel, private_kernel  # noqa: E402
from ops_model.notebook.redaction import first_lines, without_colours  # noqa: E402 - as above
from ops_model.notebook.spec import RunFailure  # noqa: E402

START_SECONDS = 60
# A kernel under load may owe its outputs for a while after it said that the cell is done.
OUTPUT_SECONDS = 30


@dataclass
class Execution:
    """What happened, by our own count: which cell began last, how long each took, why it ended.

    `last_of_run` is true when it is the whole run's time, not the cell's, that runs out. What is
    `withheld` are the secrets of this process, which nothing of the run may show.
    """

    current: int | None = None
    last_of_run: bool = False
    seconds: dict[int, float] = field(default_factory=dict)
    failure: RunFailure | None = None
    withheld: tuple[str, ...] = ()
    kernel: Literal["warm", "cold"] = "cold"
    kernel_why: str = ""

    def state_of(self, cell: int) -> str:
        """`completed`, `failed` or `not run`."""
        if self.failure is not None and self.failure.cell == cell:
            return "failed"
        return "completed" if cell in self.seconds else "not run"


_OUT_OF_MEMORY = frozenset({"MemoryError", "ArrowMemoryError", "OutOfMemoryException"})


def _reason_of(name: str, text: str) -> Literal["disk_full", "memory", "error"]:
    """What kind of failure an exception of a cell is."""
    if name == "OSError" and f"[Errno {errno.ENOSPC}]" in text:
        return "disk_full"
    return "memory" if name in _OUT_OF_MEMORY else "error"


@dataclass(frozen=True)
class Limits:
    """What a run may take: seconds for a cell and for all, memory, and what it shows."""

    cell_seconds: float
    run_seconds: float
    memory_mib: int
    output_mib: int


class _OutOfTimeError(Exception):
    """The whole run's limit has passed between two cells."""


class _ThreadError(Exception):
    """A thread of the kernel ended with an exception that no cell showed."""


class _Recorder(NotebookExecutionManager):  # type: ignore[misc]  # papermill ships no types
    """Papermill's view of the run, which tells `Execution` what really happened."""

    def __init__(
        self,
        notebook: NotebookNode,
        execution: Execution,
        kernel: Kernel,
        *,
        cell_seconds: float,
        seconds_left: Callable[[], float],
        stopwatch: Callable[[], float],
    ) -> None:
        super().__init__(notebook, output_path=None, progress_bar=False)
        self.execution = execution
        self.kernel = kernel
        self.seconds_left = seconds_left
        self.cell_seconds = cell_seconds
        self.stopwatch = stopwatch
        self.began = stopwatch()

    def limit(self, _: NotebookNode) -> float:
        """Seconds that the next cell may take; never zero, which would mean without end."""
        left = self.seconds_left()
        self.execution.last_of_run = left < self.cell_seconds
        return max(0.1, min(self.cell_seconds, left))

    def cell_start(self, cell: NotebookNode, cell_index: int | None = None, **_: object) -> None:
        self.execution.current = cell_index
        self.began = self.stopwatch()
        if self.seconds_left() <= 0:
            self.execution.last_of_run = True
            raise _OutOfTimeError
        super().cell_start(cell=cell, cell_index=cell_index)

    def cell_exception(
        self, cell: NotebookNode, cell_index: int | None = None, **more: object
    ) -> None:
        super().cell_exception(cell=cell, cell_index=cell_index)
        error = more.get("exception")
        name, text = type(error).__name__, str(error)
        if isinstance(error, CellExecutionError):
            name, text = error.ename, error.evalue
        self.execution.failure = RunFailure(
            reason=_reason_of(name, text),
            cell=cell_index,
            error=name,
            message=short_message(text, withheld=self.execution.withheld),
        )

    def cell_complete(
        self, cell: NotebookNode, cell_index: int | None = None, **_: object
    ) -> None:
        super().cell_complete(cell=cell, cell_index=cell_index)
        if cell_index is not None:
            self.execution.seconds[cell_index] = self.stopwatch() - self.began
        if self.execution.failure is None and self.kernel.thread_error():
            raise _ThreadError


class _TooMuchShownError(Exception):
    """What came from the kernel is more than a run may show."""


class _Client(PapermillNotebookClient):  # type: ignore[misc]  # papermill ships no types
    """Papermill's client on our own kernel instead of one that the notebook names."""

    own_manager: Any = None
    most_shown: int = 0
    shown: int = 0

    def create_kernel_manager(self) -> Any:  # noqa: ANN401 - jupyter_client ships no types
        self.km = self.own_manager
        return self.km

    def process_message(self, msg: dict[str, Any], *more: Any) -> Any:  # noqa: ANN401 - as above
        """Take in what a cell shows, as long as all of it together may be shown."""
        self.shown += len(repr(msg["content"])) + sum(len(b) for b in msg.get("buffers", ()))
        if self.shown > self.most_shown:
            raise _TooMuchShownError
        return super().process_message(msg, *more)

    def execute(self, **kwargs: Any) -> None:  # noqa: ANN401 - what the kernel is started with
        """Run the cells, without papermill's last question to the kernel: it has no time limit."""
        self.reset_execution_trackers()
        with self.setup_kernel(**kwargs):
            self.papermill_execute_cells()


def execute(
    notebook: NotebookNode,
    execution: Execution,
    *,
    folder: Path,
    limits: Limits,
    stopwatch: Callable[[], float] = time.monotonic,
) -> None:
    """Run all cells of `notebook` in place, in a fresh kernel whose working folder is `folder`.

    No error of the notebook leaves this function: it stands in `execution`. Ctrl-C ends the kernel
    and is the failure `interrupted`.
    """
    deadline = stopwatch() + limits.run_seconds
    ensure_event_loop().set_exception_handler(_tell_once)

    def seconds_left() -> float:
        return deadline - stopwatch()

    with (
        private_kernel(memory_mib=limits.memory_mib, output_mib=limits.output_mib) as kernel,
        kernel.process_output.open("wb") as process_output,
    ):
        execution.withheld = kernel.withheld
        recorder = _Recorder(
            notebook,
            execution,
            kernel,
            cell_seconds=limits.cell_seconds,
            seconds_left=seconds_left,
            stopwatch=stopwatch,
        )
        client = _Client(
            recorder,
            kernel_name="python3",
            log=_quiet_log(),
            startup_timeout=max(1, int(min(START_SECONDS, limits.run_seconds))),
            timeout_func=recorder.limit,
            iopub_timeout=OUTPUT_SECONDS,
            force_raise_errors=True,  # no tag turns a failure into a pass
            skip_cells_with_tag="",  # a run is whole: no tag leaves a cell out
            record_timing=False,
            store_widget_state=False,
        )
        client.own_manager = kernel.manager
        client.most_shown = limits.output_mib << 20
        try:
            _carry_out(client, recorder, folder, process_output)
        finally:
            execution.kernel, execution.kernel_why = kernel.kind, kernel.why
        if execution.failure is None and (error := kernel.thread_error()):
            execution.failure = _thread_failure(execution, error)


def _carry_out(
    client: _Client, recorder: _Recorder, folder: Path, process_output: BinaryIO
) -> None:
    execution, kernel = recorder.execution, recorder.kernel
    try:
        recorder.notebook_start()
        client.execute(
            cwd=str(folder), env=kernel.environment, stdout=process_output, stderr=process_output
        )
    except _ThreadError:
        execution.failure = _thread_failure(execution, kernel.thread_error())
    except _TooMuchShownError:
        execution.failure = _past_a_limit(execution, "output", kernel)
    except (CellTimeoutError, _OutOfTimeError):
        whole = execution.last_of_run
        limit = "the whole run's time limit" if whole else "the time limit of one cell"
        execution.failure = RunFailure(
            reason="timeout", cell=execution.current, error="Timeout", message=f"{limit} passed"
        )
    except (DeadKernelError, RuntimeError) as error:
        execution.failure = _dead(execution, kernel, error)
    except KeyboardInterrupt:
        execution.failure = RunFailure(
            reason="interrupted",
            cell=execution.current,
            error="KeyboardInterrupt",
            message="interrupted by Ctrl-C",
        )


def _dead(execution: Execution, kernel: Kernel, error: Exception) -> RunFailure:
    """Why the kernel is gone, as far as the process above it knows."""
    if limit := kernel.ended_by:
        return _past_a_limit(execution, limit, kernel)
    last = short_message(kernel.last_words(), withheld=execution.withheld)
    return RunFailure(
        reason="kernel_died",
        cell=execution.current,
        error=type(error).__name__,
        message="the kernel's process ended; it may have run out of memory"
        if execution.current is not None
        else f"the kernel did not start: {last}",
    )


def _past_a_limit(
    execution: Execution, limit: Literal["memory", "output"], kernel: Kernel
) -> RunFailure:
    told = {
        "memory": f"it took more than the {kernel.memory_mib:,} MiB of memory that a run may hold",
        "output": f"it showed more than the {kernel.output_mib:,} MiB that a run may show",
    }
    return RunFailure(
        reason=limit, cell=execution.current, error=f"{limit.title()}Limit", message=told[limit]
    )


def _tell_once(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Keep asyncio from printing a dead kernel's traceback after Ctrl-C.

    The cell's task is left behind by Ctrl-C and meets the death of the kernel that follows; the
    failure itself is in the returned `Execution`.
    """
    if not isinstance(context.get("exception"), DeadKernelError):
        loop.default_exception_handler(context)


def _thread_failure(execution: Execution, error: str) -> RunFailure:
    name, _, text = error.partition(": ")
    told = f"in a thread that the cell started: {text}"
    message = short_message(told, withheld=execution.withheld)
    return RunFailure(reason="error", cell=execution.current, error=name, message=message)


def _quiet_log() -> logging.Logger:
    """A log that says nothing: a failure is told once, by the command that ran the notebook."""
    papermill_log.setLevel(logging.CRITICAL)
    log = logging.getLogger("ops_model.notebook")
    log.setLevel(logging.CRITICAL + 1)
    return log


_QUOTED = re.compile(r"(['\"])(?:(?!\1).){41,}\1")
_LONG = re.compile(r"\S{121,}")


def short_message(text: str, *, withheld: Collection[str] = ()) -> str:
    """An error's text for people: at most 20 lines of 300 characters, long values left out.

    Secrets and personal data go first, while they still have the form that gives them away.
    """
    plain, _ = redacted(without_colours(text), withheld=withheld)
    plain = _QUOTED.sub(lambda m: f"'… {len(m[0]) - 2} characters …'", plain)
    plain = _LONG.sub(lambda m: f"… {len(m[0])} characters …", plain)
    return first_lines("\n".join(line[:300] for line in plain.strip().splitlines()))
