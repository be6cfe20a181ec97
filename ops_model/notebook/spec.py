"""What a run needs and what came of it: the values that any executor can carry."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator

from ops_model.domain.operating_model import PortfolioSnapshot, Snapshot
from ops_model.domain.redact import redacted
from ops_model.domain.scalars import Slug
from ops_model.domain.values import Value

NAMELESS = "Exception"
"""Told in the place of an error's name that is none: a notebook may call its errors anything."""


def _plain_name(name: str) -> str:
    if not re.fullmatch(r"[^\W\d][\w.]{0,99}|", name):
        return NAMELESS
    return NAMELESS if redacted(name)[1] else name


def _without_secrets(text: str) -> str:
    return redacted(text)[0]


class RunSpec(Value):
    """All that one run needs; picklable, so that any executor can carry it.

    Paths are absolute. `staging` is an empty folder on the workbook's own disk that the run may
    fill; nothing outside it is written, but for the kernel's sockets in a temporary folder.
    `memory_mib` is what the kernel may hold together with all that its cells start, `output_mib`
    what it may show, over the whole run.
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
    memory_mib: int = 4096
    output_mib: int = 64


class HarvestedRecord(Value):
    """A record found in a cell's output, not yet believed."""

    cell: int
    record: Mapping[str, Any]


class RunFailure(Value):
    """Why a run failed: the reason, the cell, and a short message without local values.

    Whoever makes one, no secret and no way to reach a person stays in it: a failure is shown at
    the terminal and may stand on the ledger.
    """

    reason: Literal[
        "error", "timeout", "kernel_died", "disk_full", "interrupted", "bad_record", "worker_died",
        "memory", "output",
    ]  # fmt: skip
    cell: int | None = None
    error: Annotated[str, AfterValidator(_plain_name)] = ""
    message: Annotated[str, AfterValidator(_without_secrets)] = ""


class RunResult(Value):
    """What came of a run; the executed notebook lies in `staging` as `executed.ipynb`.

    `redactions` counts what was taken out of that notebook, by kind; only kinds that occurred.
    `kernel` says whether the kernel was forked from a warm process or started from nothing, and
    `kernel_why` why it was not forked.
    """

    run_id: str
    state: Literal["finished", "failed"]
    seconds: float
    failure: RunFailure | None = None
    records: tuple[HarvestedRecord, ...] = ()
    redactions: Mapping[str, int] = {}
    kernel: Literal["warm", "cold"] = "cold"
    kernel_why: str = ""
