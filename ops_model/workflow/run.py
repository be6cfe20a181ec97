"""Run a notebook for one system: sealed and published whole, or recorded as failed."""

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ops_model.domain.schedules import Slot
from ops_model.workflow.ledgers import open_ledger
from ops_model.workflow.open import refuse_ahead
from ops_model.workflow.owner import Owner, checked_job, new_run_id
from ops_model.workflow.run_events import clear_dead_runs
from ops_model.workflow.run_whole import RunOutcome, nothing

if TYPE_CHECKING:
    from ops_model.store.dsse import SigningKey

__all__ = ["RunOutcome", "new_run_id", "run_notebook"]


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
    key: "SigningKey | None" = None,
    progress: Callable[[str], None] = nothing,
    once: bool = False,
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
        key: signs the bundle; without one it is unsigned, and the ledger alone vouches for it.
        progress: told each of `run_whole.STAGES` once it is reached.
        once: skip it when another run did it for this instant, or is doing it now.

    Returns:
        The outcome; a failed run is an outcome, recorded as `run.failed`, and never an exception.

    Raises:
        UsageError, ParameterError, WorkbookError: nothing was started.
        LedgerError: the ledger cannot be read or written; nothing was published.
    """
    from ops_model.store.workbook import read_for

    refuse_ahead(as_of, recorded_at)
    model = read_for(root, system_id)
    job = checked_job(
        root, model, Slot(as_of, system_id, notebook),
        recorded_at=recorded_at, given=parameters or {},
    )  # fmt: skip
    with open_ledger(root, model.settings, create=True) as ledger:
        clear_dead_runs(root, ledger, recorded_at=recorded_at)
        owner = Owner(root, model, ledger, stopwatch, key, once, progress)
        return owner.run_of(job, run_id).carry_out(job.parameters)
