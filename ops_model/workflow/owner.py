"""The process that owns runs: it alone takes slots, seals and appends, wherever notebooks run.

What costs as much as the workbook or the ledger is large is done once here, not once a run: the
workbook is read, the ledger verified, and the commit looked up.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops_model.domain.operating_model import OperatingModel
from ops_model.domain.schedules import Slot
from ops_model.domain.values import iso_utc
from ops_model.notebook.find import find_notebook
from ops_model.notebook.staging import RunPlace
from ops_model.workflow.open import refuse_ahead, refuse_behind
from ops_model.workflow.provenance import git_state
from ops_model.workflow.run_about import checked_about, performed_by_somebody, snapshot_for
from ops_model.workflow.run_whole import WholeRun, nothing

if TYPE_CHECKING:
    from ops_model.store.dsse import SigningKey
    from ops_model.store.ledger import Ledger, LedgerVerification
    from ops_model.store.statement import GitState


def new_run_id(recorded_at: datetime) -> str:
    """An id that sorts by time: `20260302T080000Z-1f2e3d4c`."""
    return f"{iso_utc(recorded_at)[:19].replace('-', '').replace(':', '')}Z-{secrets.token_hex(4)}"


@dataclass(frozen=True)
class Job:
    """A notebook for one system at one instant, checked: it can be begun."""

    slot: Slot
    path: Path
    parameters: dict[str, Any]
    recorded_at: datetime


def checked_job(
    root: Path,
    model: OperatingModel,
    slot: Slot,
    *,
    recorded_at: datetime,
    given: Mapping[str, object],
) -> Job:
    """A notebook for one system at one instant, when all of it fits together.

    `slot` may name the notebook as `find_notebook` takes it; the job has its whole name.

    Raises:
        UsageError, ParameterError: it does not, or the instant is to come; nothing was started.
    """
    refuse_ahead(slot.as_of, recorded_at)
    path = find_notebook(root, slot.notebook)
    if performed_by_somebody(path, given):
        refuse_behind(slot.as_of, recorded_at, model)
    parameters = checked_about(path, model, slot.system, as_of=slot.as_of, given=given)
    return Job(Slot(slot.as_of, slot.system, path.stem), path, parameters, recorded_at)


@dataclass
class Owner:
    """Makes runs of jobs. `progress` is told each of `run_whole.STAGES` of each run."""

    root: Path
    model: OperatingModel
    ledger: "Ledger"
    stopwatch: Callable[[], float] = time.monotonic
    key: "SigningKey | None" = None
    once: bool = False
    progress: Callable[[str], None] = nothing
    _checked: "LedgerVerification | None" = field(init=False, default=None)

    @cached_property
    def git(self) -> "GitState | None":
        """The commit that the claims were read at, as far as anybody can tell."""
        return git_state(self.root)

    def checked(self) -> "LedgerVerification":
        """The ledger, verified at the first question."""
        if self._checked is None:
            self._checked = self.ledger.verify()
        return self._checked

    def run_of(
        self, job: Job, run_id: str | None = None, *, again_of: str | None = None
    ) -> WholeRun:
        """The run of a job, not begun yet; `again_of` is the run whose place it takes."""
        slot = job.slot
        place = RunPlace(
            run_id=run_id or new_run_id(job.recorded_at), system=slot.system,
            notebook=slot.notebook, as_of=slot.as_of,
        )  # fmt: skip
        return WholeRun(
            self.root, place, job.path, self.ledger, job.recorded_at, self.stopwatch,
            given=lambda: snapshot_for(
                self.root, self.model, slot.system, slot.notebook, self.ledger,
                as_of=slot.as_of, recorded_at=job.recorded_at, checked=self.checked,
            ),
            key=self.key, progress=self.progress, once=self.once, again_of=again_of,
            git=lambda: self.git,
        )  # fmt: skip
