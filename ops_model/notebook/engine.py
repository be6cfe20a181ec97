"""Papermill's engine, with limits that always hold and a record of its own.

Papermill 2.7 marks every cell `completed` when the kernel died or a limit was passed, so nothing
that it wrote into the notebook is believed: `Execution` is the truth. Imported by `run.run_one`
only, because papermill is heavy.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from ops_model.slow_imports import block_address_grammars

block_address_grammars()

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

from ops_model.notebook.execution import (  # noqa: E402 - after the block above
    Execution,
    Limits,
    kernel_died,
    out_of_time,
    past_a_limit,
    reason_of,
    short_message,
    thread_failed,
)
from ops_model.notebook.kernel import Kernel, private_kernel  # noqa: E402 - as above
from ops_model.notebook.spec import RunFailure  # noqa: E402 - as above

START_SECONDS = 60
# A kernel under load may owe its outputs for a while after it said that the cell is done.
OUTPUT_SECONDS = 30


class _OutOfTimeError(Exception):
    """The whole run's limit has passed between two cells."""


class _ThreadError(Exception):
    """A thread of the kernel ended with an exception that no cell showed."""


class _Recorder(NotebookExecutionManager):  # type: ignore[misc]  # papermill ships no types
    """Papermill's view of the run, which tells `Execution` what really happened.

    What papermill itself would note of a cell, and when it would save, is left out: `run` writes
    what is kept.
    """

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
        super().__init__(notebook, output_path=None, progress_bar=False, autosave_cell_every=0)
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

    def cell_start(self, _: NotebookNode, cell_index: int | None = None, **__: object) -> None:
        self.execution.current = cell_index
        self.began = self.stopwatch()
        if self.seconds_left() <= 0:
            self.execution.last_of_run = True
            raise _OutOfTimeError

    def cell_exception(
        self, _: NotebookNode, cell_index: int | None = None, **more: object
    ) -> None:
        error = more.get("exception")
        name, text = type(error).__name__, str(error)
        if isinstance(error, CellExecutionError):
            name, text = error.ename, error.evalue
        self.execution.failure = RunFailure(
            reason=reason_of(name, text),
            cell=cell_index,
            error=name,
            message=short_message(text, withheld=self.execution.withheld),
        )

    def cell_complete(self, _: NotebookNode, cell_index: int | None = None, **__: object) -> None:
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
    contracts: bool = False,
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
        private_kernel(
            memory_mib=limits.memory_mib, output_mib=limits.output_mib, contracts=contracts
        ) as kernel,
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
            execution.failure = thread_failed(execution, error)


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
        execution.failure = thread_failed(execution, kernel.thread_error())
    except _TooMuchShownError:
        execution.failure = past_a_limit(execution, "output", kernel)
    except (CellTimeoutError, _OutOfTimeError):
        execution.failure = out_of_time(execution)
    except (DeadKernelError, RuntimeError) as error:
        execution.failure = kernel_died(execution, kernel, error)
    except KeyboardInterrupt:
        execution.failure = RunFailure(
            reason="interrupted",
            cell=execution.current,
            error="KeyboardInterrupt",
            message="interrupted by Ctrl-C",
        )


def _tell_once(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Keep asyncio from printing a dead kernel's traceback after Ctrl-C.

    The cell's task is left behind by Ctrl-C and meets the death of the kernel that follows; the
    failure itself is in the returned `Execution`.
    """
    if not isinstance(context.get("exception"), DeadKernelError):
        loop.default_exception_handler(context)


def _quiet_log() -> logging.Logger:
    """A log that says nothing: a failure is told once, by the command that ran the notebook."""
    papermill_log.setLevel(logging.CRITICAL)
    log = logging.getLogger("ops_model.notebook")
    log.setLevel(logging.CRITICAL + 1)
    return log
