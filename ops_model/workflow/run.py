"""Run a notebook for one system: sealed and published whole, or recorded as failed.

The order makes half a run impossible: the bundle is renamed into place first, its records are
appended next, and `run.finished` last. Readers of the ledger believe a run's records only when
that last event is there.
"""

import errno
import secrets
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ops_model import errors
from ops_model.domain.evidence import LedgerEvent, RunOrigin
from ops_model.domain.operating_model import OperatingModel
from ops_model.domain.values import Slug, Value, digest_of, iso_utc
from ops_model.errors import IntegrityError, LedgerError
from ops_model.notebook.find import find_notebook
from ops_model.notebook.run import run_one
from ops_model.notebook.spec import HarvestedRecord, RunFailure, RunResult, RunSpec
from ops_model.notebook.staging import RunPlace, dead_runs, occupied
from ops_model.shipped import notebook_digest
from ops_model.workflow.bundle import seal_bundle
from ops_model.workflow.open import refuse_ahead, refuse_behind
from ops_model.workflow.run_about import checked_about, performed_by_somebody, snapshot_for
from ops_model.workflow.verify_records import (
    UnverifiedRecordError,
    rests_on_inputs,
    verify_records,
)

if TYPE_CHECKING:
    from ops_model.store.ledger import Ledger

ACTOR = "runner:ops-model"
# A rehearsal may take its ten minutes, and the way back is part of it.
_DRILLS = frozenset({"03_rollback_drill", "04_fallback_drill"})
_DRILL_LIMITS = {"cell_seconds": 1200, "run_seconds": 1500}
_OUR_ERRORS = frozenset(
    name for name, e in vars(errors).items() if isinstance(e, type) and issubclass(e, Exception)
)


class RunOutcome(Value):
    """What came of one run; `bundle` is relative to the workbook, None when there is none."""

    system: Slug
    notebook: str
    run_id: str
    state: Literal["finished", "failed"]
    seconds: float
    bundle: str | None = None
    error: str | None = None
    failure: RunFailure | None = None
    records: tuple[HarvestedRecord, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The keys that `ops-model run --json` prints."""
        keys = {"system", "notebook", "run_id", "state", "seconds", "bundle", "error"}
        return self.model_dump(mode="json", include=keys)


def new_run_id(recorded_at: datetime) -> str:
    """An id that sorts by time: `20260302T080000Z-1f2e3d4c`."""
    return f"{iso_utc(recorded_at)[:19].replace('-', '').replace(':', '')}Z-{secrets.token_hex(4)}"


def run_notebook(
    root: Path,
    notebook: str,
    system_id: str,
    *,
    as_of: datetime,
    recorded_at: datetime,
    parameters: Mapping[str, object] | None = None,
    run_id: str | None = None,
    stopwatch: Callable[[], float] = time.monotonic,
) -> RunOutcome:
    """Run one notebook for one system, and record what came of it.

    Args:
        root: the workbook's folder.
        notebook: `05_drift_quality`, `N05` or `05`.
        system_id: which system; `portfolio` for a notebook about all of them together.
        as_of: the instant that judges.
        recorded_at: the wall clock at the start; later events add the seconds that passed.
        parameters: what the notebook declares besides `system` and `as_of`.
        run_id: a new one is made when it is None.
        stopwatch: seconds, monotonic.

    Returns:
        The outcome; a failed run is an outcome, recorded as `run.failed`, and never an exception.

    Raises:
        UsageError, ParameterError, WorkbookError: nothing was started.
        LedgerError: the ledger cannot be read or written; nothing was published.
    """
    from ops_model.store.ledger import Ledger
    from ops_model.store.workbook import read_workbook

    refuse_ahead(as_of, recorded_at)
    model = read_workbook(root)
    path = find_notebook(root, notebook)
    if performed_by_somebody(path):
        refuse_behind(as_of, recorded_at, model)
    checked = checked_about(path, model, system_id, as_of=as_of, given=parameters or {})
    place = RunPlace(
        run_id=run_id or new_run_id(recorded_at), system=system_id, notebook=path.stem, as_of=as_of
    )
    with Ledger.open(root / model.settings.ledger, create=True) as ledger:
        clear_dead_runs(root, ledger, recorded_at=recorded_at)
        run = _Run(root, model, place, path, ledger, recorded_at, stopwatch)
        return run.carry_out(checked)


def clear_dead_runs(root: Path, ledger: "Ledger", *, recorded_at: datetime) -> None:
    """Remove what killed runs left behind, and record each as `run.abandoned`.

    A bundle that was sealed but not published goes too: nothing on the ledger cites it.
    """
    with dead_runs(root) as dead:
        for place in dead:
            shutil.rmtree(place.staging(root), ignore_errors=True)
            if _is_finished(ledger, place):
                continue
            shutil.rmtree(root / place.bundle, ignore_errors=True)
            data = {"run_id": place.run_id, "notebook": place.notebook}
            ledger.append(_event(place, "abandoned", "run.abandoned", recorded_at, data))


def _is_finished(ledger: "Ledger", place: RunPlace) -> bool:
    finished = f"{place.run_id}/finished"
    return any(stored.event.id == finished for stored in ledger.events(subject=place.system))


def _event(
    place: RunPlace,
    part: str,
    kind: Literal[
        "run.started", "run.finished", "run.failed", "run.abandoned", "evidence.published"
    ],
    recorded_at: datetime,
    data: Mapping[str, Any],
) -> LedgerEvent:
    return LedgerEvent(
        id=f"{place.run_id}/{part}",
        type=kind,
        subject=place.system,
        as_of=place.as_of,
        recorded_at=recorded_at,
        actor=ACTOR,
        data=data,
    )


@dataclass
class _Run:
    """One run from its first event to its last."""

    root: Path
    model: OperatingModel
    place: RunPlace
    path: Path
    ledger: "Ledger"
    recorded_at: datetime
    stopwatch: Callable[[], float]

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

    def append(self, part: str, kind: Any, data: Mapping[str, Any]) -> None:  # noqa: ANN401 - one of LedgerEvent's types
        self.ledger.append(_event(self.place, part, kind, self.now, data))

    def carry_out(self, parameters: dict[str, Any]) -> RunOutcome:
        """Run, seal and publish; whatever goes wrong is recorded, and nothing half is left."""
        try:
            with occupied(self.root, self.place) as staging:
                started = {
                    "run_id": self.place.run_id, "notebook": self.place.notebook,
                    "notebook_digest": self.digest, "parameters": parameters,
                }  # fmt: skip
                self.append("started", "run.started", started)
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
        snapshot = snapshot_for(
            self.root, self.model, self.place.system, self.place.notebook, self.ledger,
            as_of=self.place.as_of, recorded_at=self.recorded_at,
        )  # fmt: skip
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
        verify_records(self.root, snapshot, result.records)
        manifest = seal_bundle(
            self.root, staging, self.place, snapshot, result.records,
            notebook_digest=self.digest, parameters=parameters, recorded_at=self.now,
        )  # fmt: skip
        return self._published(manifest, result)

    def _published(self, manifest: str, result: RunResult) -> RunOutcome:
        place = self.place
        try:
            for number, found in enumerate(result.records):
                origin = RunOrigin(
                    run_id=place.run_id, notebook=place.notebook, notebook_digest=self.digest,
                    cell=found.cell, inputs_verified=rests_on_inputs(found),
                )  # fmt: skip
                data = {
                    "record": dict(found.record), "digest": digest_of(dict(found.record)),
                    "origin": origin.model_dump(mode="json"),
                }  # fmt: skip
                self.append(f"record/{number}", "evidence.published", data)
            finished = {
                "run_id": place.run_id, "notebook": place.notebook, "bundle": place.bundle,
                "manifest": manifest, "records": len(result.records), "seconds": self.seconds,
            }  # fmt: skip
            self.append("finished", "run.finished", finished)
        except BaseException:
            if not _is_finished(self.ledger, place):
                # Not published, so nothing may lie there that looks like evidence.
                shutil.rmtree(self.root / place.bundle, ignore_errors=True)
                raise
        return self._outcome("finished", bundle=place.bundle, records=result.records)

    def _failed(self, failure: RunFailure) -> RunOutcome:
        """Record the failure; messages that are not our own may hold data and stay out of it."""
        message = failure.message if failure.error in _OUR_ERRORS else ""
        data = {
            "run_id": self.place.run_id, "notebook": self.place.notebook,
            "reason": failure.reason, "cell": failure.cell, "error": failure.error,
            "message": message,
        }  # fmt: skip
        try:
            self.append("failed", "run.failed", data)
        except LedgerError as error:
            if failure.reason != "disk_full":
                raise
            note = f"{failure.message}; the ledger could not record it either: {error}"
            failure = failure.model_copy(update={"message": note})
        return self._outcome("failed", error=_told(failure), failure=failure)

    def _outcome(self, state: Literal["finished", "failed"], **more: Any) -> RunOutcome:  # noqa: ANN401 - fields of RunOutcome
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
