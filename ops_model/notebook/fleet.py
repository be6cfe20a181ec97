"""Who runs notebooks: this process, processes of this machine, or those of a cluster.

A crew is given runs and gives back what came of each, in the order in which they end. A process
that dies takes no run with it: what it had begun is given to another one.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from ops_model.notebook.apart import Ran, run_apart, run_here
from ops_model.notebook.failures import worker_died
from ops_model.notebook.spec import RunResult, RunSpec

TRIES = 2
"""So often is a run tried alone whose process has died; a run that ends it each time stands alone
with its failure, and pulls no other one down."""

FEW = 2
"""For no more notebooks than this a process takes longer to have kernels ready than to start each
one when it is needed."""

Take = Callable[[], Ran]
"""Gives what came of a run, or raises what happened to it."""


class Crew(Protocol):
    """Runs notebooks that are given to it."""

    capacity: int
    """So many runs it holds at a time: those that are under way, and some that wait for them."""

    def submit(self, spec: RunSpec) -> None:
        """Take a run."""

    def done(self) -> Iterator[tuple[str, Take]]:
        """What has ended by now, by run id; waits until there is something.

        Raises:
            OpsModelError: nobody is left who could run anything.
        """

    def stop(self) -> None:
        """End all that is under way, within seconds."""


class Alone:
    """This process: one after the other, each when its result is asked for."""

    capacity = 1

    def __init__(self) -> None:
        self._given: list[RunSpec] = []

    def submit(self, spec: RunSpec) -> None:
        """Take a run."""
        self._given.append(spec)

    def done(self) -> Iterator[tuple[str, Take]]:
        """The run that was given, which is not begun before its result is taken."""
        while self._given:
            spec = self._given.pop()
            yield spec.run_id, lambda spec=spec: run_here(spec)  # type: ignore[misc]  # bound at once

    def stop(self) -> None:
        """Nothing is under way once it was taken."""
        self._given.clear()


class Side:
    """Processes beside this one, behind an executor that may break with the death of any.

    Args:
        workers: how many processes there are.
        opened: an executor, anew each time.
        interrupted: ends what they have under way.
        warm: each of them keeps kernels ready.
    """

    def __init__(
        self,
        workers: int,
        opened: Callable[[], Executor],
        interrupted: Callable[[], None],
        *,
        warm: bool,
    ) -> None:
        # One waits for each that runs, so that no process stands idle while we seal.
        self.capacity = 2 * workers
        self._open, self._interrupt, self._warm = opened, interrupted, warm
        self._executor: Executor | None = None
        self._futures: dict[Future[Ran], RunSpec] = {}
        self._waiting: deque[RunSpec] = deque()
        self._suspects: deque[tuple[RunSpec, int]] = deque()
        self._tried: tuple[str, int] | None = None

    def submit(self, spec: RunSpec) -> None:
        """Take a run."""
        self._waiting.append(spec)
        self._feed()

    def done(self) -> Iterator[tuple[str, Take]]:
        """What has ended by now; waits until there is something."""
        ended: list[tuple[str, Take]] = []
        while not ended:
            self._feed()
            ended = list(self._ended())
        yield from ended

    def stop(self) -> None:
        """End all that is under way."""
        self._interrupt()
        self._let_go()
        self._futures.clear()

    def _feed(self) -> None:
        """Give out what waits; what was there when a process died is tried alone, and first."""
        if self._suspects:
            if not self._futures:
                spec, tries = self._suspects.popleft()
                self._tried = (spec.run_id, tries + 1)
                self._give(spec)
            return
        while self._waiting and self._give(self._waiting[0]):
            self._waiting.popleft()

    def _give(self, spec: RunSpec) -> bool:
        """False where the executor broke just now: what it had is tried first."""
        if self._executor is None:
            self._executor = self._open()
        try:
            self._futures[self._executor.submit(run_apart, spec, warm=self._warm)] = spec
        except BrokenExecutor:
            if self._futures:
                return False
            self._let_go()
            return self._give(spec)
        return True

    def _ended(self) -> Iterator[tuple[str, Take]]:
        ended, _ = wait(self._futures, return_when=FIRST_COMPLETED)
        lost = []
        for future in ended:
            spec = self._futures.pop(future)
            if isinstance(future.exception(), BrokenExecutor):
                lost.append(spec)
            else:
                yield spec.run_id, future.result
        if lost:
            yield from self._lost(lost)

    def _lost(self, lost: list[RunSpec]) -> Iterator[tuple[str, Take]]:
        """All that an executor had is lost with it; trying each alone shows who ends it."""
        self._let_go()
        # What had ended before that has its result all the same.
        for future, spec in list(self._futures.items()):
            if future.exception() is None:
                yield spec.run_id, future.result
            else:
                lost.append(spec)
        self._futures.clear()
        for spec in lost:
            run_id, tries = self._tried or ("", 0)
            if run_id != spec.run_id:
                tries = 0
            if tries < TRIES:
                self._suspects.append((spec, tries))
            else:
                yield spec.run_id, _died(spec, tries + 1)

    def _let_go(self) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)
            self._executor = None


def _died(spec: RunSpec, tries: int) -> Take:
    result = RunResult(run_id=spec.run_id, state="failed", seconds=0.0, failure=worker_died(tries))
    return lambda: Ran(result, spec.staging)


@contextmanager
def crew_of(workers: int, *, many: int, cluster: str | None = None, root: Path) -> Iterator[Crew]:
    """Who runs the notebooks of a workbook, until the block ends.

    Args:
        workers: how many processes; with one, this one runs them, one after the other.
        many: how many notebooks will be run, at most.
        cluster: the address of a Dask scheduler, whose workers run them instead.
        root: the workbook's folder, which the workers of a cluster have to see.

    Raises:
        OpsModelError: the cluster cannot be reached, or its workers cannot do it.
    """
    if cluster is not None:
        from ops_model.notebook.cluster import cluster_crew

        with cluster_crew(cluster, root) as crew:
            yield crew
        return
    workers = max(1, min(workers, many))
    warm = many > FEW * workers
    if workers == 1:
        with _warm_if(wanted=warm):
            yield Alone()
    else:
        from ops_model.notebook.pool import Pool

        with Pool(workers) as pool:
            yield Side(workers, pool.open, pool.interrupt, warm=warm)


@contextmanager
def _warm_if(*, wanted: bool) -> Iterator[None]:
    if not wanted:
        yield
        return
    from ops_model.notebook.warm import warm_kernels

    with warm_kernels():
        yield
