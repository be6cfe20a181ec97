"""One run from its first event to its last: sealed and published whole, or recorded as failed.

The order makes half a run impossible: the bundle is renamed into place first, then its records
and `run.finished` are appended in one transaction. Readers of the ledger believe a run's records
only when that last event is there.
"""

import errno
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ops_model import errors
from ops_model.domain.evidence import LedgerEvent, RunOrigin
from ops_model.domain.operating_model import PortfolioSnapshot, Snapshot
from ops_model.domain.scalars import Slug
from ops_model.domain.values import Value, digest_of
from ops_model.errors import IntegrityError, LedgerError
from ops_model.notebook.run import run_one
from ops_model.notebook.spec import HarvestedRecord, RunFailure, RunResult, RunSpec
from ops_model.notebook.staging import RunPlace, occupied
from ops_model.shipped import notebook_digest, shipped_notebook_digests
from ops_model.workflow.bundle import seal_bundle
from ops_model.workflow.run_events import RunEvent, claimed, is_finished, run_event
from ops_model.workflow.verify_records import (
    UnverifiedRecordError,
    rests_on_inputs,
    verify_records,
)

if TYPE_CHECKING:
    from ops_model.store.dsse import SigningKey
    from ops_model.store.ledger import Ledger

STAGES = ("claimed", "started", "executed", "sealing", "manifest written", "sealed", "published")
"""What `progress` is told, in this order, each once it is so."""

_SKIPPED = "another run did it for this instant, or is doing it now"
# A rehearsal may take its ten minutes, and the way back is part of it.
_DRILLS = frozenset({"03_rollback_drill", "04_fallback_drill", "10_champion_challenger"})
_DRILL_LIMITS = {"cell_seconds": 1200, "run_seconds": 1500}
_OUR_ERRORS = frozenset(
    name for name, e in vars(errors).items() if isinstance(e, type) and issubclass(e, Exception)
)


class RunOutcome(Value):
    """What came of one run; `bundle` is relative to the workbook, None when there is none.

    `known_notebook` is false where the notebook is neither shipped nor approved.
    """

    system: Slug
    notebook: str
    run_id: str
    state: Literal["finished", "failed", "skipped"]
    seconds: float
    bundle: str | None = None
    error: str | None = None
    failure: RunFailure | None = None
    records: tuple[HarvestedRecord, ...] = ()
    known_notebook: bool = True

    def why_declared(self, found: HarvestedRecord) -> str:
        """Why a record of this run is no more than a declaration; empty where it was observed."""
        if not self.known_notebook:
            return "its notebook is neither shipped nor approved"
        return "" if rests_on_inputs(found) else "what it read could not be identified again"

    def as_json(self) -> dict[str, Any]:
        """The keys that `ops-model run --json` prints."""
        keys = {"system", "notebook", "run_id", "state", "seconds", "bundle", "error"}
        return self.model_dump(mode="json", include=keys)


def nothing(_: str) -> None:
    """Nobody is told how far a run is."""


@dataclass
class WholeRun:
    """One run of one notebook.

    `given` takes the snapshot for the kernel, once the run has begun. `key` signs the bundle,
    where there is one. A run that `reproduces` another publishes what `compared` makes of its
    records instead of the records themselves. `progress` is told each of `STAGES`. One that is to
    be done `once` is skipped when another did it for this instant, or is doing it now.
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
    began: float = field(init=False)
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.stopwatch()
        self.digest = notebook_digest(self.path)

    @property
    def seconds(self) -> float:
        """Seconds since the run began."""
        return round(self.stopwatch() - self.began, 3)

    @property
    def now(self) -> datetime:
        """The wall clock, as far as the stopwatch knows it."""
        return self.recorded_at + timedelta(seconds=self.seconds)

    def event(self, part: str, kind: RunEvent, data: Mapping[str, Any]) -> LedgerEvent:
        """An event of this run, as of now."""
        return run_event(self.place, part, kind, self.now, data)

    def carry_out(self, parameters: dict[str, Any]) -> RunOutcome:
        """Run, seal and publish; whatever goes wrong is recorded, and nothing half is left."""
        try:
            with occupied(self.root, self.place) as staging:
                # A claim without the lock around it would hold for ever, were its process killed.
                if self.once and not claimed(self.ledger, self.place, self.now):
                    return self._outcome("skipped", error=_SKIPPED)
                self.progress("claimed")
                started = {
                    "run_id": self.place.run_id, "notebook": self.place.notebook,
                    "notebook_digest": self.digest, "parameters": parameters,
                }  # fmt: skip
                self.ledger.append(self.event("started", "run.started", started))
                self.progress("started")
                return self._executed(staging, parameters)
        except KeyboardInterrupt:
            return self._failed(
                RunFailure(reason="interrupted", error="KeyboardInterrupt", message="Ctrl-C")
            )
        except UnverifiedRecordError as error:
            return self._failed(error.failure)
        except (LedgerError, IntegrityError):
            raise  # there is no ledger to record it in
        # Whatever else a run meets, such as a fault of ours: one that began has to end on record.
        except Exception as error:  # noqa: BLE001 - see above
            return self._failed(_failure(error))

    def _executed(self, staging: Path, parameters: dict[str, Any]) -> RunOutcome:
        snapshot = self.given()
        result = run_one(
            RunSpec(
                run_id=self.place.run_id,
                system=self.place.system,
                notebook=self.place.notebook,
                notebook_path=str(self.path.resolve()),
                notebook_digest=self.digest,
                parameters=parameters,
                snapshot=snapshot,
                staging=str(staging.resolve()),
                **(_DRILL_LIMITS if self.place.notebook in _DRILLS else {}),
            ),
            stopwatch=self.stopwatch,
        )
        if result.failure is not None:
            return self._failed(result.failure)
        self.progress("executed")
        verify_records(self.root, snapshot, result.records)
        self.progress("sealing")
        manifest = seal_bundle(
            self.root, staging, self.place, snapshot, result.records,
            notebook_digest=self.digest, parameters=parameters, recorded_at=self.now,
            redactions=result.redactions, reproduces=self.reproduces, key=self.key,
            progress=self.progress,
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
            end = self.event("finished", "run.finished", {**finished, **again})
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
            "message": message,
        }  # fmt: skip
        try:
            self.ledger.append(self.event("failed", "run.failed", data))
        except LedgerError as error:
            if failure.reason != "disk_full":
                raise
            note = f"{failure.message}; the ledger could not record it either: {error}"
            failure = failure.model_copy(update={"message": note})
        return self._outcome("failed", error=_told(failure), failure=failure)

    def _outcome(self, state: Literal["finished", "failed", "skipped"], **more: Any) -> RunOutcome:  # noqa: ANN401 - fields of RunOutcome
        place = self.place
        return RunOutcome(
            system=place.system, notebook=place.notebook, run_id=place.run_id, state=state,
            seconds=self.seconds, **more,
        )  # fmt: skip


def _failure(error: Exception) -> RunFailure:
    """What the runner itself met, outside the notebook; a full disk may stand behind our error."""
    of_system = error if isinstance(error, OSError) else error.__cause__
    full = isinstance(of_system, OSError) and of_system.errno in {errno.ENOSPC, errno.EDQUOT}
    message = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
    return RunFailure(
        reason="disk_full" if full else "error", error=type(error).__name__, message=message
    )


def _told(failure: RunFailure) -> str:
    where = f"cell {failure.cell}: " if failure.cell is not None else ""
    words = {
        "error": f"{failure.error}: ", "timeout": "timeout: ", "kernel_died": "kernel died: ",
        "disk_full": "disk full: ", "interrupted": "", "bad_record": "record refused: ",
    }  # fmt: skip
    return f"{where}{words[failure.reason]}{failure.message}"
