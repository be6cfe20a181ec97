"""Whether a kernel starts here and answers: the engine of every run, on one line of its own."""

import tempfile
from pathlib import Path
from typing import Any


def kernel_problem(*, seconds: float) -> str:
    """Start a kernel, run one line and end it; why that failed, empty when it did not.

    Args:
        seconds: so long it may take in all.
    """
    from ops_model.notebook.engine import execute
    from ops_model.notebook.execution import Execution, Limits

    execution = Execution()
    limits = Limits(cell_seconds=seconds, run_seconds=seconds, memory_mib=1024, output_mib=8)
    with tempfile.TemporaryDirectory(prefix="om-try-") as folder:
        execute(_one_cell(), execution, folder=Path(folder), limits=limits)
    failure = execution.failure
    return "" if failure is None else f"{failure.error}: {failure.message}"


def _one_cell() -> Any:  # noqa: ANN401 - nbformat ships no types
    import nbformat

    make: Any = nbformat.v4
    cell = make.new_code_cell("1 + 1", metadata={"papermill": {}})
    return make.new_notebook(cells=[cell], metadata={"papermill": {}})
