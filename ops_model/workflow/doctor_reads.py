"""What `ops-model doctor` says of what runs read and write: logs, checks, and the folders."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ops_model.domain.operating_model import OperatingModel
from ops_model.domain.workbook import WorkbookSettings
from ops_model.errors import OpsModelError, Problem
from ops_model.workflow.doctor_lines import Line, looked, some

LOG_SECONDS = 10.0
"""So long logs are opened, in sum; a workbook of hundreds is looked at in part."""


def read_lines(root: Path, settings: WorkbookSettings, model: OperatingModel) -> Iterator[Line]:
    """The folders that are written, the logs that are read, and the checks that judge."""
    yield from looked("workbook", "folders", lambda: folder_lines(root, settings))
    yield from looked("workbook", "logs", lambda: log_lines(root, model))
    yield from looked("workbook", "checks", lambda: _checks(root))


def folder_lines(root: Path, settings: WorkbookSettings) -> Iterator[Line]:
    """Whether `runs/` and the ledger's file can be written, where they are there already."""
    runs = root / "runs"
    here = [name for name in ("runs", settings.ledger) if (root / name).exists()]
    refused = [name for name in here if not os.access(root / name, os.W_OK)]
    for name in refused:
        yield Line("workbook", "folders", "problem", f"{name} cannot be written by this user",
                   "let this user write there")  # fmt: skip
    if runs.exists() and not runs.is_dir():
        yield Line("workbook", "folders", "problem", "runs is a file; expected a folder",
                   "move it elsewhere; the next run makes the folder")  # fmt: skip
    elif not refused:
        yield Line("workbook", "folders", "ok", "runs and the ledger can be written")


def log_lines(
    root: Path,
    model: OperatingModel,
    *,
    seconds: float = LOG_SECONDS,
    stopwatch: Callable[[], float] = time.monotonic,
) -> Iterator[Line]:
    """Whether each declared log that is a file of the workbook is there and opens."""
    from ops_model.workflow.log_places import declared_logs

    # By address: systems may share one, and it is opened once.
    asked = {
        log.address: log
        for system in model.systems for log in declared_logs(system) if log.warehouse is None
    }  # fmt: skip
    until, opened, wrong = stopwatch() + seconds, 0, 0
    for address, log in asked.items():
        if stopwatch() >= until:
            break
        opened += 1
        if (why := _unread(root, address)) is not None:
            wrong += 1
            yield Line("workbook", "logs", "problem", f"{log.place_of('address')}: {why.message}",
                       why.remedy)  # fmt: skip
    left = len(asked) - opened
    late = f"; {left} not looked at within {seconds:g} s" if left else ""
    if asked and (left or not wrong):
        said = f"{opened - wrong} of {len(asked)} open{late}"
        yield Line("workbook", "logs", "ok", said)


def _unread(root: Path, address: str) -> Problem | None:
    from ops_model.store.warehouse import kinds_of

    try:
        kinds_of(root, address)
    except OpsModelError as error:
        return error.problems[0]
    return None


def _checks(root: Path) -> Iterator[Line]:
    from ops_model.workflow.own_checks import catalogue_of, own_folders

    known = catalogue_of(root)
    own = [str(folder) for folder in own_folders(root)]
    said = f", of which those in {some(own)} are your own" if own else ""
    yield Line("workbook", "checks", "ok", f"{len(known.checks)} can be loaded{said}")
