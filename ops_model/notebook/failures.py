"""What a run's failure is called when it happened outside the notebook's own cells."""

import errno

from ops_model.notebook.spec import RunFailure

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def failure_of(error: BaseException) -> RunFailure:
    """What the runner itself met; a full disk may stand behind an error of ours."""
    if isinstance(error, KeyboardInterrupt):
        return RunFailure(reason="interrupted", error="KeyboardInterrupt", message="Ctrl-C")
    of_system = error if isinstance(error, OSError) else error.__cause__
    full = isinstance(of_system, OSError) and of_system.errno in _FULL
    message = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
    return RunFailure(
        reason="disk_full" if full else "error", error=type(error).__name__, message=message
    )


def worker_died(tries: int) -> RunFailure:
    """The process that ran the notebook ended before the notebook did, as often as it was tried.

    What ends a process like that is a machine out of memory, or somebody.
    """
    return RunFailure(
        reason="worker_died",
        error="WorkerDied",
        message=f"the process that ran it ended {tries} times before it was done; the machine may "
        "have run out of memory",
    )
