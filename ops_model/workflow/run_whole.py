"""One run from its first event to its last: sealed and published whole, or recorded as failed.

The order makes half a run impossible: the bundle is renamed into place first, then its records
and `run.finished` are appended in one transaction. Readers of the ledger believe a run's records
only when that last event is there.

The notebook itself may run anywhere between `begin` and `end`; both belong to the process that
owns the run.
"""

import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from ops_model import errors
from ops_model.domain.evidence import LedgerEvent, RunOrigin
from ops_model.domain.operating_model import PortfolioSnapshot, Snapshot
from ops_model.domain.values import digest_of
from ops_model.errors import IntegrityError, LedgerError
from ops_model.notebook.apart import Ran, run_here
from ops_model.notebook.failures import failure_of
from ops_model.notebook.spec import HarvestedRecord, RunFailure, RunResult, RunSpec
from ops_model.notebook.staging import RunPlace, occupied
from ops_model.shipped import notebook_digest, shipped_notebook_digests
from ops_model.workflow.bundle import seal_bundle
from ops_model.workflow.provenance import git_state
from ops_model.workflow.run_events import RunEvent, claimed, is_finished, run_event
from ops_model.workflow.run_outcome import RunOutcome, told_of
from ops_model.workflow.verify_records import (
    UnverifiedRecordError,
    rests_on_inputs,
    verify_records,
)

if TYPE_CHECKING:
    from ops_model.store.dsse import SigningKey
    from ops_model.store.ledger import Ledger
    from ops_model.store.statement import GitState

__all__ = ["STAGES", "RunOutcome", "WholeRun", "nothing"]

STAGES = ("claimed", "started", "executed", "sealing", "manifest written", "sealed", "published")
"""What `progress` is told, in this order, each once it is so."""
SKIPPED = "another run did it for this instant, or is doing it now"

# A rehearsal may take its ten minutes, and the way back is part of it.
_DRILLS = frozenset({"03_rollback_drill", "04_fallback_drill", "10_champion_challenger"})
_DRILL_LIMITS = {"cell_seconds": 1200, "run_seconds": 1500}
_OUR_ERRORS = frozenset(
    name for name, e in vars(errors).items() if isinstance(e, type) and issubclass(e, Exception)
)


_Step = TypeVar("_Step")


def nothing(_: str) -> None:
    """Nobody is told how far a run is."""


@dataclass
class WholeRun:
    """One run of one notebook.

    `given` takes the snapshot for the kernel, once the run has begun. `key` signs the bundle,
    where there is one. A run that `reproduces` another publishes what `compared` makes of its
    records instead of the records themselves. `progress` is told each of `STAGES`. One that is to
    be done `once` is skipped when another did it for this instant, or is doing it now. One that is
    `again_of` another takes its place: what it records of the same instant counts from now on.
    `git` says at which commit the claims were read, where many runs share them.
    """

    root: Path
    place: RunPlace
    path: Path
    ledger: "Ledger"
    recorded_at: datetime
    stopwatch: Callable[[], float]
    given: Callable[[], Snapshot | PortfolioSnapshot]
    key: "SigningKey | None" = None
    progress: Callable[[str], None] = nothing
    reproduces: str | None = None
    compared: Callable[[RunResult, datetime], LedgerEvent] | None = None
    once: bool = False
    again_of: str | None = None
    git: "Callable[[], GitState | None] | None" = None
    began: float = field(init=False)
    digest: str = field(init=False)
    _held: ExitStack = field(init=False, default_factory=ExitStack)
    _kernel: dict[str, str] = field(init=False, default_factory=dict)
    _waited: float = field(init=False, default=0.0)
    _begun_at: float = field(init=False, default=0.0)
    _staging: Path | None = field(init=False, default=None)
    _parameters: dict[str, Any] = field(init=False, default_factory=dict)
    _snapshot: Snapshot | PortfolioSnapshot = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.stopwatch()
        self.digest = notebook_digest(self.path)

    @property
    def seconds(self) -> float:
        """Seconds since the run began, without those that it waited for somebody to run it."""
        return round(self.stopwatch() - self.began - self._waited, 3)

    @property
    def now(self) -> datetime:
        """The wall clock, as far as the stopwatch knows it."""
        return self.recorded_at + timedelta(seconds=round(self.stopwatch() - self.began, 3))

    def event(self, part: str, kind: RunEvent, data: Mapping[str, Any]) -> LedgerEvent:
        """An event of this run, as of now."""
        return run_event(self.place, part, kind, self.now, data)

    def carry_out(self, parameters: dict[str, Any]) -> RunOutcome:
        """Run, seal and publish; whatever goes wrong is recorded, and nothing half is left."""
        begun = self.begin(parameters)
        if isinstance(begun, RunOutcome):
            return begun
        return self.end(lambda: run_here(begun, stopwatch=self.stopwatch))

    def begin(self, parameters: dict[str, Any]) -> RunSpec | RunOutcome:
        """Take the run's place and tell the ledger: what can run anywhere now, or why not.

        Raises:
            LedgerError, IntegrityError: there is no ledger to record it in.
        """
        # Whether it was done before, what is unchanged and what was shown: all of it is asked of
        # the same entries, which are more every week.
        with self.ledger.at_hand(self.place.system):
            return self._recorded(lambda: self._begun(parameters))

    def end(self, take: Callable[[], Ran]) -> RunOutcome:
        """Seal and publish what `take` gives, or record what it raises.

        Raises:
            LedgerError, IntegrityError: there is no ledger to record it in.
        """
        return self._recorded(lambda: self._sealed(take()))

    def _recorded(self, step: Callable[[], _Step]) -> _Step | RunOutcome:
        """A step of the run, or its failure on record; the run's place is let go at its end."""
        try:
            found = self._or_failed(step)
        except BaseException as error:
            # Nobody could be told how it ended, so the next command has to find it.
            self._held.__exit__(type(error), error, error.__traceback__)
            raise
        if isinstance(found, RunOutcome):
            self._held.close()
        return found

    def _or_failed(self, step: Callable[[], _Step]) -> _Step | RunOutcome:
        try:
            return step()
        except UnverifiedRecordError as error:
            return self._failed(error.failure)
        except (LedgerError, IntegrityError):
            raise  # there is no ledger to record it in
        # Whatever else a run meets, such as a fault of ours: one that began has to end on record.
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - see above
            return self._failed(failure_of(error))

    def _begun(self, parameters: dict[str, Any]) -> RunSpec | RunOutcome:
        staging = self._held.enter_context(occupied(self.root, self.place))
        self._staging, self._parameters = staging, parameters
        # A claim without the lock around it would hold for ever, were its process killed.
        if self.once and not claimed(self.ledger, self.place, self.now):
            return self._outcome("skipped", error=SKIPPED)
        self.progress("claimed")
        started = {
            "run_id": self.place.run_id, "notebook": self.place.notebook,
            "notebook_digest": self.digest, "parameters": parameters,
        }  # fmt: skip
        again = {"again_of": self.again_of} if self.again_of else {}
        self.ledger.append(self.event("started", "run.started", {**started, **again}))
        self.progress("started")
        self._snapshot = self.given()
        self._begun_at = self.stopwatch()
        return RunSpec(
            run_id=self.place.run_id,
            system=self.place.system,
            notebook=self.place.notebook,
            notebook_path=str(self.path.resolve()),
            notebook_digest=self.digest,
            parameters=parameters,
            snapshot=self._snapshot,
            staging=str(staging.resolve()),
            memory_mib=self._snapshot.settings.run_memory_mib,
            **(_DRILL_LIMITS if self.place.notebook in _DRILLS else {}),
        )

    def _sealed(self, ran: Ran) -> RunOutcome:
        result = ran.result
        self._waited = max(0.0, self.stopwatch() - self._begun_at - result.seconds)
        self._kernel = {"kernel": result.kernel, "kernel_why": result.kernel_why}
        if result.failure is not None:
            return self._failed(result.failure)
        self.progress("executed")
        snapshot = self._snapshot
        verify_records(self.root, snapshot, result.records)
        self.progress("sealing")
        manifest = seal_bundle(
            self.root, Path(ran.folder), self.place, snapshot, result.records,
            notebook_digest=self.digest, parameters=self._parameters, recorded_at=self.now,
            redactions=result.redactions, reproduces=self.reproduces, key=self.key,
            progress=self.progress, git=self.git() if self.git else git_state(self.root),
        )  # fmt: skip
        self.progress("sealed")
        approved = shipped_notebook_digests() | frozenset(snapshot.policy.approved_notebooks)
        return self._published(manifest, result, known=self.digest in approved)

    def _published(self, manifest: str, result: RunResult, *, known: bool) -> RunOutcome:
        place = self.place
        try:
            finished = {
                "run_id": place.run_id, "notebook": place.notebook, "bundle": place.bundle,
                "manifest": manifest, "records": len(result.records), "seconds": self.seconds,
            }  # fmt: skip
            again = {"reproduces": self.reproduces} if self.reproduces else {}
            end = self.event("finished", "run.finished", {**finished, **self._kernel, **again})
            self.ledger.append_all([*self._told(result), end])
        except BaseException:
            if not is_finished(self.ledger, place):
                # Not published, so nothing may lie there that looks like evidence.
                shutil.rmtree(self.root / place.bundle, ignore_errors=True)
                raise
        self.progress("published")
        return self._outcome(
            "finished", bundle=place.bundle, records=result.records, known_notebook=known
        )

    def _told(self, result: RunResult) -> Sequence[LedgerEvent]:
        """What the run shows: its records, or what comparing them with others showed."""
        if self.compared is not None:
            return [self.compared(result, self.now)]
        return [self._evidence(number, found) for number, found in enumerate(result.records)]

    def _evidence(self, number: int, found: HarvestedRecord) -> LedgerEvent:
        place = self.place
        origin = RunOrigin(
            run_id=place.run_id, notebook=place.notebook, notebook_digest=self.digest,
            cell=found.cell, inputs_verified=rests_on_inputs(found),
        )  # fmt: skip
        data = {
            "record": dict(found.record), "digest": digest_of(dict(found.record)),
            "origin": origin.model_dump(mode="json"),
        }  # fmt: skip
        return self.event(f"record/{number}", "evidence.published", data)

    def _failed(self, failure: RunFailure) -> RunOutcome:
        """Record the failure; messages that are not our own may hold data and stay out of it."""
        message = failure.message if failure.error in _OUR_ERRORS else ""
        data = {
            "run_id": self.place.run_id, "notebook": self.place.notebook,
            "reason": failure.reason, "cell": failure.cell, "error": failure.error,
            "message": message, **self._kernel,
        }  # fmt: skip
        if self._staging is not None:
            shutil.rmtree(self._staging, ignore_errors=True)  # the ledger may need its space
        try:
            self.ledger.append(self.event("failed", "run.failed", data))
        except LedgerError as error:
            if failure.reason != "disk_full":
                raise
            note = f"{failure.message}; the ledger could not record it either: {error}"
            failure = failure.model_copy(update={"message": note})
            self._held.__exit__(type(error), error, error.__traceback__)
        return self._outcome("failed", error=told_of(failure), failure=failure)

    def _outcome(self, state: Literal["finished", "failed", "skipped"], **more: Any) -> RunOutcome:  # noqa: ANN401 - fields of RunOutcome
        place = self.place
        return RunOutcome(
            system=place.system, notebook=place.notebook, run_id=place.run_id, state=state,
            seconds=self.seconds, as_of=place.as_of, **more,
        )  # fmt: skip
