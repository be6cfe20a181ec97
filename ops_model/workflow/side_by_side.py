"""One question about many systems, answered in as many processes as there are cores.

The processes are forks: whatever was read is there without being sent. A fork is safe while this
process has one thread and holds no open database, so with more threads, as in a notebook, and
where there are no forks, the same is answered here, one system after the other.
"""

import gc
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from ops_model.errors import OpsModelError

A = TypeVar("A")

FEWEST = 8
"""With fewer systems, starting processes takes longer than it saves."""
_AT_ONCE = 4  # systems that a process takes from the queue together
_THREADS = Path("/proc/self/task")
_MOMENTS, _MOMENT_SECONDS = 20, 0.002


class Desk(Protocol):
    """What a process needs to answer; what it opens, it opens at the first question."""

    def close(self) -> None:
        """Let go of what was opened."""


D = TypeVar("D", bound=Desk)


class Answering(Generic[D]):
    """Asks about each system in turn, here or in the processes of a pool."""

    def __init__(self, desk: D, pool: Executor | None) -> None:
        self._desk, self._pool = desk, pool

    def __call__(self, question: Callable[[D, str], A], systems: Sequence[str]) -> Iterator[A]:
        """The answers as they come, in the order of the systems; an error is raised in its turn.

        Args:
            question: a function of a module, asked with the desk and a system's id.
            systems: their ids.
        """
        if self._pool is None:
            yield from (question(self._desk, system) for system in systems)
            return
        questions = [question] * len(systems)
        with _told_of_its_end():
            yield from self._pool.map(_answered, questions, systems, chunksize=_AT_ONCE)

    def ahead(self, question: Callable[..., A], *about: object) -> "Ahead[A]":
        """Ask one thing now, for an answer that is needed later; an error is raised then.

        Args:
            question: a function of a module, asked with the desk and `about`.
            about: what a process is sent to answer it.
        """
        here = partial(question, self._desk, *about)
        if self._pool is None:
            return Ahead(here, None)
        with _told_of_its_end():
            return Ahead(here, self._pool.submit(_answered, question, *about))


class Ahead(Generic[A]):
    """A question that was asked; called, it waits for the answer, or finds it here and now.

    Args:
        here: finds the answer in this process.
        there: the answer of another one, where there is any.
    """

    def __init__(self, here: Callable[[], A], there: "Future[A] | None") -> None:
        self._here, self._there = here, there

    def __call__(self) -> A:
        """The answer."""
        if self._there is None:
            return self._here()
        with _told_of_its_end():
            return self._there.result()

    def helped(self) -> bool:
        """Find the answer here unless another process has begun to; False where it has."""
        if self._there is None or not self._there.cancel():
            return False
        self._there = Future()
        try:
            self._there.set_result(self._here())
        except Exception as error:  # noqa: BLE001 - raised in its turn
            self._there.set_exception(error)
        return True


def answers(asked: Sequence[Ahead[A]]) -> list[A]:
    """The answers in their order; this process helps, from the end, and then waits.

    The first error in their order is raised.
    """
    for one in reversed(asked):
        if not one.helped():
            break
    return [one() for one in asked]


@contextmanager
def side_by_side(
    desk: D, systems: int, *, cores: int | None = None, besides: bool = False
) -> Iterator[Answering[D]]:
    """Ask about systems, in processes that end with the block.

    Args:
        desk: what they need to answer; nothing that it holds may be open yet.
        systems: how many there are.
        cores: how many processes answer; as many as this one may use, when it is not said.
        besides: one fewer, since this process works meanwhile.
    """
    with collected_rarely():
        try:
            if systems < FEWEST or (count := cores or _cores()) < 2 or not _may_fork():
                yield Answering(desk, None)
                return
            from concurrent.futures import ProcessPoolExecutor

            forks = multiprocessing.get_context("fork")
            with ProcessPoolExecutor(count - besides, forks, _begin, (desk,)) as pool:
                try:
                    yield Answering(desk, pool)
                except BaseException:
                    pool.shutdown(cancel_futures=True)  # nobody needs what is not begun
                    raise
        finally:
            desk.close()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


def _may_fork() -> bool:
    """Whether a fork has all that its parent has: of several threads, it would have one."""
    if not _THREADS.is_dir():
        return False
    for _ in range(_MOMENTS):
        if sum(1 for _ in _THREADS.iterdir()) == 1:
            return True
        if threading.active_count() > 1:
            return False
        # One that ended, as of an earlier pool, takes a moment until it is gone.
        time.sleep(_MOMENT_SECONDS)
    return False


@contextmanager
def collected_rarely() -> Iterator[None]:
    """Reading and judging make millions of objects and hardly a circle of them.

    Looking for circles, in all claims again and again, took more than half of the time of reading.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(1_000_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def never_looked_at_again() -> None:
    """No circle is looked for in what lies in memory by now, until `collected_rarely` ends.

    Whoever reads for seconds says so now and then: even rarely, looking takes a fifth of the time.
    """
    gc.freeze()


_desk: list[Any] = []


def _begin(desk: Desk) -> None:
    """What a process does first: it ends with the one that started it, without a word."""
    from multiprocessing.util import Finalize

    from ops_model.workflow.own_checks import close_own_checks

    # Whoever presses Ctrl-C reaches both; the one that was asked for tells it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _desk.append(desk)
    # What ends with a process otherwise (`atexit`) does not in one of a pool.
    Finalize(None, close_own_checks, exitpriority=1)
    Finalize(None, desk.close, exitpriority=0)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _answered(question: Callable[..., A], *about: object) -> A:
    return question(_desk[0], *about)


@contextmanager
def _told_of_its_end() -> Iterator[None]:
    """Says of a process that it is no more, and what to do then."""
    from concurrent.futures.process import BrokenProcessPool

    try:
        yield
    except BrokenProcessPool as error:
        raise OpsModelError(
            "a process that judged ended before it was done",
            remedy="run the command again; if it happens again, give the machine more memory",
        ) from error
