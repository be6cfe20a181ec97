"""What came of a run, for whoever asked for it."""

from typing import Any, Literal

from ops_model.domain.scalars import AwareTime
from ops_model.domain.values import Value
from ops_model.notebook.spec import HarvestedRecord, RunFailure
from ops_model.workflow.verify_records import rests_on_inputs

_STOPPED = {
    "error": "", "timeout": "timeout: ", "kernel_died": "kernel died: ",
    "disk_full": "disk full: ", "interrupted": "", "bad_record": "record refused: ",
    "worker_died": "worker died: ", "memory": "out of memory: ", "output": "shown too much: ",
}  # fmt: skip


class RunOutcome(Value):
    """What came of one run; `bundle` is relative to the workbook, None when there is none.

    `known_notebook` is false where the notebook is neither shipped nor approved. One that was
    `refused` before it began has no run id; it says with which exit code.
    """

    system: str
    notebook: str
    run_id: str | None
    state: Literal["finished", "failed", "skipped"]
    seconds: float
    bundle: str | None = None
    error: str | None = None
    failure: RunFailure | None = None
    records: tuple[HarvestedRecord, ...] = ()
    known_notebook: bool = True
    refused: int = 0
    as_of: AwareTime | None = None

    def why_declared(self, found: HarvestedRecord) -> str:
        """Why a record of this run is no more than a declaration; empty where it was observed."""
        if not self.known_notebook:
            return "its notebook is neither shipped nor approved"
        return "" if rests_on_inputs(found) else "what it read could not be identified again"

    def as_json(self) -> dict[str, Any]:
        """The keys that `ops-model run --json` prints."""
        keys = {"system", "notebook", "run_id", "state", "seconds", "bundle", "error"}
        return self.model_dump(mode="json", include=keys)

    @property
    def exit_code(self) -> int:
        """What the command line makes of it: 0, or 3 for a run that failed."""
        return self.refused or (3 if self.state == "failed" else 0)

    @property
    def interrupted(self) -> bool:
        """True when somebody wanted it to end."""
        return self.failure is not None and self.failure.reason == "interrupted"


def told_of(failure: RunFailure) -> str:
    """A failure in a sentence: where, of what kind, and what was said."""
    where = f"cell {failure.cell}: " if failure.cell is not None else ""
    kind = f"{failure.error}: " if failure.reason == "error" else _STOPPED[failure.reason]
    return f"{where}{kind}{failure.message}"
