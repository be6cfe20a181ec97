"""Many runs: one system's failure is its own, and stops no other.

This process takes the slots, seals and appends; the notebooks run in the processes of a crew. So
many runs are begun at a time as the crew holds, and what came of each is told as it ends. A
notebook is begun once all runs of the one before it in the list have ended: what it shows may
rest on what they recorded.
"""

import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from ops_model.domain.operating_model import OperatingModel
from ops_model.domain.schedules import Slot
from ops_model.errors import OpsModelError
from ops_model.notebook.apart import Ran
from ops_model.notebook.fleet import Crew, crew_of
from ops_model.workflow.ledgers import open_ledger
from ops_model.workflow.owner import Owner, checked_job
from ops_model.workflow.run_events import clear_dead_runs
from ops_model.workflow.run_outcome import RunOutcome
from ops_model.workflow.run_whole import SKIPPED, WholeRun, nothing
from ops_model.workflow.slots import Sealed, sealed_slots

if TYPE_CHECKING:
    from ops_model.store.dsse import SigningKey

_Step = TypeVar("_Step")
NO_REPEATS: Mapping[Slot, Sealed] = {}
"""When nothing is run a second time."""


def run_many(
    root: Path,
    model: OperatingModel,
    jobs: Sequence[Slot],
    *,
    clock: Callable[[], datetime],
    once: bool = False,
    workers: int = 1,
    cluster: str | None = None,
    given: Mapping[str, object] | None = None,
    repeats: Mapping[Slot, Sealed] = NO_REPEATS,
    key: "SigningKey | None" = None,
    stopwatch: Callable[[], float] = time.monotonic,
    progress: Callable[[str], None] = nothing,
) -> Generator[RunOutcome, None, None]:
    """Run notebooks for systems at instants; each outcome as soon as it is there.

    Whoever stops asking ends what is under way, and has it recorded as interrupted. After Ctrl-C,
    or where the ledger or the cluster is lost, what was not begun is left alone: no outcome is
    given for it.

    Args:
        root: the workbook's folder.
        model: what was read from it.
        jobs: what to run; `slot.system` is `portfolio` for a notebook about all of them together.
            Those of one notebook and instant that follow one another run side by side.
        clock: the wall clock.
        once: skip what another run did for its instant, or is doing now.
        workers: how many notebooks run at a time; with 1, in this process.
        cluster: the address of a Dask scheduler, whose workers run them instead.
        given: what the notebooks declare besides `system` and `as_of`.
        repeats: the sealed runs whose places these take, each with what it was given.
        key: signs the bundles.
        stopwatch: seconds, monotonic.
        progress: told each of `run_whole.STAGES` of each run once it is reached.

    Yields:
        An outcome for each job that was begun, was skipped, or was refused for itself.

    Raises:
        LedgerError, IntegrityError: the ledger cannot be opened; nothing was begun.
        OpsModelError: the cluster cannot be reached; nothing was begun. Or it was lost: what was
            under way is recorded as failed.
    """
    with (
        crew_of(workers, many=len(jobs), cluster=cluster, root=root) as crew,
        open_ledger(root, model.settings, create=True) as ledger,
    ):
        clear_dead_runs(root, ledger, recorded_at=clock())
        done = sealed_slots(ledger) if once else frozenset()
        owner = Owner(root, model, ledger, stopwatch, key, once, progress)
        yield from Fleet(owner, crew, done, clock, given or {}, repeats).carried_out(jobs)


class Fleet:
    """The runs under way, and what is done about each that ends.

    Args:
        owner: makes the runs.
        crew: runs the notebooks.
        done: what is skipped.
        clock: the wall clock.
        given: parameters of all runs.
        repeats: as `run_many` takes them.
    """

    def __init__(
        self,
        owner: Owner,
        crew: Crew,
        done: frozenset[Slot],
        clock: Callable[[], datetime],
        given: Mapping[str, object],
        repeats: Mapping[Slot, Sealed] = NO_REPEATS,
    ) -> None:
        self._owner, self._crew, self._done = owner, crew, done
        self._clock, self._given, self._repeats = clock, given, repeats
        self._running: dict[str, WholeRun] = {}
        self._side_by_side: tuple[datetime, str] | None = None
        self._stopped: BaseException | None = None

    def carried_out(self, jobs: Sequence[Slot]) -> Iterator[RunOutcome]:
        """All of them, unless something stops the fleet."""
        waiting = deque(jobs)
        try:
            while not self._stopped:
                yield from self._begun(waiting)
                if not self._running:
                    return
                yield from self._ended()
            yield from self._given_up(self._stopped)
        except KeyboardInterrupt as error:
            yield from self._given_up(error)
        except OpsModelError as error:
            yield from self._given_up(error)
            raise
        finally:
            # Whoever asked asks no more.
            for _ in self._given_up(KeyboardInterrupt()):
                pass

    def _begun(self, waiting: deque[Slot]) -> Iterator[RunOutcome]:
        """Begin as many as the crew holds."""
        while waiting and not self._stopped and self._has_room(waiting[0]):
            outcome = self._begin(waiting.popleft())
            if outcome is not None:
                yield outcome

    def _has_room(self, slot: Slot) -> bool:
        """True where nothing has to end before this one begins."""
        if not self._running:
            return True
        beside = self._side_by_side == (slot.as_of, slot.notebook)
        return beside and len(self._running) < self._crew.capacity

    def _begin(self, slot: Slot) -> RunOutcome | None:
        """Begin one; what came of it, where it did not begin."""
        if slot in self._done:
            return _unbegun(slot, "skipped", SKIPPED)
        owner, before = self._owner, self._repeats.get(slot)
        given = self._given if before is None else {**before.given, **self._given}
        try:
            job = checked_job(
                owner.root, owner.model, slot, recorded_at=self._clock(), given=given
            )
        except OpsModelError as error:
            return _unbegun(slot, "failed", str(error), error.exit_code)
        run = owner.run_of(job, again_of=before.run_id if before is not None else None)
        begun = self._step(run, lambda: run.begin(job.parameters))
        if isinstance(begun, RunOutcome):
            return begun
        self._running[begun.run_id] = run
        self._side_by_side = (slot.as_of, slot.notebook)
        self._crew.submit(begun)
        return None

    def _ended(self) -> Iterator[RunOutcome]:
        for run_id, take in self._crew.done():
            run = self._running[run_id]
            outcome = self._step(run, partial(run.end, take))
            del self._running[run_id]
            yield outcome
            if self._stopped:
                return

    def _given_up(self, why: BaseException) -> Iterator[RunOutcome]:
        """End what is under way, each with its end on record."""
        if not self._running:
            return

        def lost() -> Ran:
            raise why

        self._crew.stop()
        while self._running:
            _, run = self._running.popitem()
            yield self._step(run, partial(run.end, lost))

    def _step(self, run: WholeRun, step: Callable[[], _Step]) -> _Step | RunOutcome:
        """A step of a run; where the ledger is lost with it, the fleet stops."""
        try:
            found = step()
        except OpsModelError as error:
            if not self._ledger_answers():
                self._stopped = error
            place = run.place
            return RunOutcome(
                system=place.system, notebook=place.notebook, run_id=place.run_id,
                state="failed", seconds=run.seconds, error=str(error), refused=error.exit_code,
                as_of=place.as_of,
            )  # fmt: skip
        if isinstance(found, RunOutcome) and found.interrupted:
            self._stopped = KeyboardInterrupt()
        return found

    def _ledger_answers(self) -> bool:
        with suppress(OpsModelError):
            self._owner.ledger.size()
            return True
        return False


def _unbegun(
    slot: Slot, state: Literal["skipped", "failed"], error: str, refused: int = 0
) -> RunOutcome:
    return RunOutcome(
        system=slot.system, notebook=slot.notebook, run_id=None, state=state, seconds=0.0,
        error=error, refused=refused, as_of=slot.as_of,
    )  # fmt: skip
