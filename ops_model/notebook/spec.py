"""What a run needs and what came of it: the values that any executor can carry."""

from collections.abc import Mapping
from typing import Any, Literal

from ops_model.domain.operating_model import PortfolioSnapshot, Snapshot
from ops_model.domain.values import Slug, Value


class RunSpec(Value):
    """All that one run needs; picklable, so that any executor can carry it.

    Paths are absolute. `staging` is an empty folder on the workbook's own disk that the run may
    fill; nothing outside it is written, but for the kernel's sockets in a temporary folder.
    """

    run_id: str
    system: Slug
    notebook: str
    notebook_path: str
    notebook_digest: str
    parameters: Mapping[str, Any]
    snapshot: Snapshot | PortfolioSnapshot
    staging: str
    cell_seconds: int = 300
    run_seconds: int = 900


class HarvestedRecord(Value):
    """A record found in a cell's output, not yet believed."""

    cell: int
    record: Mapping[str, Any]


class RunFailure(Value):
    """Why a run failed: the reason, the cell, and a short message without local values."""

    reason: Literal["error", "timeout", "kernel_died", "disk_full", "interrupted", "bad_record"]
    cell: int | None = None
    error: str = ""
    message: str = ""


class RunResult(Value):
    """What came of a run; the executed notebook lies in `staging` as `executed.ipynb`."""

    run_id: str
    state: Literal["finished", "failed"]
    seconds: float
    failure: RunFailure | None = None
    records: tuple[HarvestedRecord, ...] = ()
