"""Run one notebook, whole or not at all."""

import errno
import json
import os
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops_model.domain.operating_model import Snapshot
from ops_model.domain.snapshot import SNAPSHOT_FILE, snapshot_as_json
from ops_model.errors import NotebookError
from ops_model.notebook.environment import kernel_environment, surroundings
from ops_model.notebook.spec import HarvestedRecord, RunFailure, RunResult, RunSpec
from ops_model.notebook.warm import get_ready
from ops_model.shipped import cells_digest
from ops_model.slow_imports import block_address_grammars

if TYPE_CHECKING:
    from ops_model.notebook.execution import Execution

__all__ = ["EXECUTED_FILE", "HarvestedRecord", "RunFailure", "RunResult", "RunSpec", "run_one"]

EXECUTED_FILE = "executed.ipynb"
_PRIVATE_KEY = (
    "a private key stands in the notebook or in what it shows; nothing of the run is kept. Take "
    "it out, and treat the key as lost"
)


def run_one(spec: RunSpec, *, stopwatch: Callable[[], float] = time.monotonic) -> RunResult:
    """Execute one notebook in a kernel of its own and harvest its records.

    A failure of the notebook is a result, not an exception: a cell that raised, a thread that
    died, a limit of time, memory or output, a dead kernel, a full disk, Ctrl-C, a record that is
    not what it says, a private key in a cell. `staging` then holds `executed.ipynb` with the cells
    that did not run marked `not run`, and no record is returned. Secrets and personal data are in
    neither case in what is written.

    Raises:
        NotebookError: `notebook_path` is no notebook.
    """
    from ops_model.notebook.execution import Execution, short_message

    began = stopwatch()
    execution = Execution()
    records: tuple[HarvestedRecord, ...] = ()
    redactions: Mapping[str, int] = {}
    try:
        records, redactions = _execute_into(spec, execution, stopwatch)
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        execution.failure = RunFailure(
            reason="disk_full" if full else "error",
            error=type(error).__name__,
            message=short_message(os.strerror(error.errno) if error.errno else str(error)),
        )
    failure = execution.failure
    return RunResult(
        run_id=spec.run_id,
        state="failed" if failure else "finished",
        seconds=stopwatch() - began,
        failure=failure,
        records=() if failure else records,
        redactions=redactions,
        kernel=execution.kernel,
        kernel_why=execution.kernel_why,
    )


def _execute_into(
    spec: RunSpec, execution: "Execution", stopwatch: Callable[[], float]
) -> tuple[tuple[HarvestedRecord, ...], Mapping[str, int]]:
    staging = Path(spec.staging)
    work = staging / "work"
    work.mkdir()
    snapshot = json.dumps(snapshot_as_json(spec.snapshot), ensure_ascii=False)
    (work / SNAPSHOT_FILE).write_text(snapshot, encoding="utf-8")
    notebook = _prepared(spec)
    contracts = _judges_contracts(notebook.cells, spec)
    get_ready(kernel_environment(surroundings(), work), contracts=contracts)
    # Heavy, so imported meanwhile.
    from ops_model.notebook.engine import execute
    from ops_model.notebook.execution import Limits
    from ops_model.notebook.harvest import BadRecordError, harvest
    from ops_model.notebook.redaction import redact_notebook

    limits = Limits(spec.cell_seconds, spec.run_seconds, spec.memory_mib, spec.output_mib)
    execute(
        notebook, execution, folder=work, limits=limits, contracts=contracts, stopwatch=stopwatch
    )
    records: tuple[HarvestedRecord, ...] = ()
    if execution.failure is None:
        try:
            records = harvest(notebook.cells, system=spec.system, as_of=spec.snapshot.as_of)
        except BadRecordError as error:
            execution.failure = RunFailure(
                reason="bad_record", cell=error.cell, error="BadRecord", message=error.reason
            )
    _tidy(notebook, execution, spec.parameters)
    done = redact_notebook(notebook, withheld=execution.withheld)
    if done.held_private_key and execution.failure is None:
        execution.failure = RunFailure(
            reason="error", cell=done.key_cell, error="PrivateKeyShown", message=_PRIVATE_KEY
        )
    _write_whole(notebook, staging / EXECUTED_FILE)
    return records, dict(done.counts)


def _judges_contracts(cells: Sequence[Any], spec: RunSpec) -> bool:
    """Whether a cell will import Great Expectations, as far as text and claims tell.

    It takes nearly as long as all other libraries, so it is there for those that need it. Where
    this is wrong, the cell imports it itself.
    """
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    if "great_expectations" in text:
        return True
    signals = spec.snapshot.system.signals if isinstance(spec.snapshot, Snapshot) else None
    return "contracts(" in text and signals is not None and bool(signals.contracts)


def _prepared(spec: RunSpec) -> Any:  # noqa: ANN401 - nbformat ships no types
    """The notebook; its parameters are set at the end of the parameters cell, so no cell moves."""
    block_address_grammars()
    import nbformat

    from ops_model.notebook.parameters import injected_source

    path = Path(spec.notebook_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an old notebook without cell ids runs all the same
        notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)  # type: ignore[no-untyped-call]  # nbformat ships half its types
    # Of the cells that run, not of the file: one of format 3 holds other cells under another key.
    if cells_digest(notebook.cells) != spec.notebook_digest:
        raise NotebookError(
            "is not the notebook that its digest says: it changed, or is not of format 4",
            where=path.name,
            remedy="save it with JupyterLab, then run again",
        )
    notebook.metadata["papermill"] = {}
    for cell in notebook.cells:
        cell.pop("outputs", None)  # no digest covers them, so none may be there before the run
        if cell.cell_type == "code":
            cell["outputs"] = []
        tags = cell.metadata.setdefault("tags", [])
        cell.metadata["papermill"] = {}
        if "parameters" in tags:
            cell["source"] += "\n\n" + injected_source(spec.parameters)
            tags.append("injected-parameters")
    return notebook


def _tidy(notebook: Any, execution: "Execution", parameters: Mapping[str, Any]) -> None:  # noqa: ANN401 - nbformat ships no types
    """Make the notebook agree with our own record, and free of this machine's paths and noise."""
    for number, cell in enumerate(notebook.cells):
        state = execution.state_of(number)
        seconds = execution.seconds.get(number) if state != "not run" else None
        cell.metadata["papermill"] = {"status": state, "duration": seconds}
        if cell.cell_type == "code":
            cell["outputs"] = [o for o in cell.outputs if o.get("name") != "stderr"]
    failed = execution.failure is not None
    notebook.metadata["papermill"] = {"parameters": dict(parameters), "exception": failed}
    notebook.metadata["language_info"] = {"name": "python"}
    notebook.metadata["kernelspec"] = {
        "name": "python3", "display_name": "Python 3", "language": "python",
    }  # fmt: skip


def _write_whole(notebook: Any, path: Path) -> None:  # noqa: ANN401 - nbformat ships no types
    """Write beside, sync, rename: the file is there whole or not at all."""
    import nbformat

    beside = path.with_suffix(".part")
    with beside.open("w", encoding="utf-8") as file:
        file.write(nbformat.writes(notebook))  # type: ignore[no-untyped-call]  # as above
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
