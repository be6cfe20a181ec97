"""Run a notebook for one system: sealed and published whole, or recorded as failed."""

import secrets
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ops_model.domain.values import iso_utc
from ops_model.notebook.find import find_notebook
from ops_model.notebook.staging import RunPlace
from ops_model.workflow.ledgers import open_ledger
from ops_model.workflow.open import refuse_ahead, refuse_behind
from ops_model.workflow.run_about import checked_about, performed_by_somebody, snapshot_for
from ops_model.workflow.run_events import clear_dead_runs
from ops_model.workflow.run_whole import RunOutcome, WholeRun, nothing

if TYPE_CHECKING:
    from ops_model.store.dsse import SigningKey

__all__ = ["RunOutcome", "new_run_id", "run_notebook"]


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
    from ops_model.store.workbook import read_workbook

    refuse_ahead(as_of, recorded_at)
    model = read_workbook(root)
    path = find_notebook(root, notebook)
    if performed_by_somebody(path, parameters or {}):
        refuse_behind(as_of, recorded_at, model)
    checked = checked_about(path, model, system_id, as_of=as_of, given=parameters or {})
    place = RunPlace(
        run_id=run_id or new_run_id(recorded_at), system=system_id, notebook=path.stem, as_of=as_of
    )
    with open_ledger(root, model.settings, create=True) as ledger:
        clear_dead_runs(root, ledger, recorded_at=recorded_at)
        run = WholeRun(
            root, place, path, ledger, recorded_at, stopwatch,
            given=lambda: snapshot_for(
                root, model, system_id, path.stem, ledger, as_of=as_of, recorded_at=recorded_at
            ),
            key=key, progress=progress, once=once,
        )  # fmt: skip
        return run.carry_out(checked)
