"""What happened in a run by our own count, and what its end is called.

Needs neither papermill nor a kernel's process; `engine` fills it in.
"""

import errno
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from ops_model.domain.redact import redacted
from ops_model.notebook.redaction import first_lines, without_colours
from ops_model.notebook.spec import RunFailure

if TYPE_CHECKING:
    from ops_model.notebook.kernel import Kernel


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


def reason_of(name: str, text: str) -> Literal["disk_full", "memory", "error"]:
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


def out_of_time(execution: Execution) -> RunFailure:
    """The limit of the cell, or of the whole run, passed before it was done."""
    limit = "the whole run's time limit" if execution.last_of_run else "the time limit of one cell"
    return RunFailure(
        reason="timeout", cell=execution.current, error="Timeout", message=f"{limit} passed"
    )


def kernel_died(execution: Execution, kernel: "Kernel", error: Exception) -> RunFailure:
    """Why the kernel is gone, as far as the process above it knows."""
    if limit := kernel.ended_by:
        return past_a_limit(execution, limit, kernel)
    last = short_message(kernel.last_words(), withheld=execution.withheld)
    return RunFailure(
        reason="kernel_died",
        cell=execution.current,
        error=type(error).__name__,
        message="the kernel's process ended; it may have run out of memory"
        if execution.current is not None
        else f"the kernel did not start: {last}",
    )


def past_a_limit(
    execution: Execution, limit: Literal["memory", "output"], kernel: "Kernel"
) -> RunFailure:
    """It took, or showed, more than a run may."""
    told = {
        "memory": f"it took more than the {kernel.memory_mib:,} MiB of memory that a run may hold",
        "output": f"it showed more than the {kernel.output_mib:,} MiB that a run may show",
    }
    return RunFailure(
        reason=limit, cell=execution.current, error=f"{limit.title()}Limit", message=told[limit]
    )


def thread_failed(execution: Execution, error: str) -> RunFailure:
    """A thread of a cell ended with `error`, as its kernel noted it."""
    name, _, text = error.partition(": ")
    told = f"in a thread that the cell started: {text}"
    message = short_message(told, withheld=execution.withheld)
    return RunFailure(reason="error", cell=execution.current, error=name, message=message)


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
