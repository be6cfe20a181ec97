"""Processes of this machine that run notebooks, and end with the one that started them."""

import os
import signal
import threading
import time
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnContext, SpawnProcess
from types import TracebackType
from typing import Self

from ops_model.notebook import apart

GRACE_SECONDS = 10
"""So long may a run that is interrupted take to end its kernel and tidy up."""


class _Worker(SpawnProcess):
    """A process to which Ctrl-C comes once `_begin` has said what it does then, and not before.

    A terminal sends it to all processes at once, also to one that still imports what it will run,
    and would die there with a traceback.
    """

    def start(self) -> None:
        """Start it with Ctrl-C held back, as a process inherits it; here it comes right after."""
        # What tracks shared memory is begun with the first process, and would open the mask.
        resource_tracker.ensure_running()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            super().start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Workers(SpawnContext):
    Process = _Worker


class Pool:
    """Opens executors, each of which may break; what they run ends when `interrupt` is called.

    Each process is started anew rather than forked, so that none holds the lock of a run that
    is not its own, or half of an open ledger. All hold the end of a pipe whose other end is here
    alone: it closes on any death of this process.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._context = _Workers()
        self._here: Connection | None = None
        self._executor: Executor | None = None

    def open(self) -> Executor:
        """An executor with fresh processes; what an earlier one left ends."""
        self.interrupt()
        there, self._here = self._context.Pipe(duplex=False)
        self._executor = ProcessPoolExecutor(
            self._workers, self._context, initializer=_begin, initargs=(there,)
        )
        return self._executor

    def interrupt(self) -> None:
        """End what is under way."""
        if self._here is not None:
            self._here.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is not None:
            self.interrupt()
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)
        self.interrupt()


def _begin(lifeline: Connection) -> None:
    """What a process does first: it leaves Ctrl-C to the one that was asked, and ends with it."""
    from multiprocessing.util import Finalize

    signal.signal(signal.SIGINT, _interrupted)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Thread(target=_end_with_owner, args=(lifeline,), daemon=True).start()
    # What ends with a process otherwise (`atexit`) does not in one of a pool.
    Finalize(None, apart.let_go, exitpriority=1)


def _interrupted(*_: object) -> None:
    # One that waits for its next run is told to end by the pool, or by the thread below.
    if apart.is_to_end():
        raise KeyboardInterrupt


def _end_with_owner(lifeline: Connection) -> None:
    with suppress(EOFError, OSError):
        lifeline.recv_bytes()
    apart.begin_no_more()
    # To the thread that runs the notebook: it may wait for the kernel, and wakes for nothing else.
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    time.sleep(GRACE_SECONDS)
    os._exit(1)
