"""Start a workbook: the template's files, whole or not at all."""

import shutil
import uuid
from collections.abc import Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ops_model.domain.values import Slug
from ops_model.errors import OpsModelError, UsageError
from ops_model.shipped import shipped
from ops_model.store.workbook import RESERVED_IDS, SETTINGS_FILE, read_workbook

PLACEHOLDER = "my-system"
"""The id that the template's system has; it is replaced wherever it stands."""


def start_workbook(folder: Path, system_id: str) -> Sequence[Path]:
    """Write a workbook with one system into `folder`, which is new or empty.

    A folder that holds only `.git` counts as empty. The files are written beside, read back as a
    workbook, and moved in last; a failure leaves `folder` as it was.

    Returns:
        The files written, relative to `folder`.

    Raises:
        UsageError: the folder holds something, or the id is none.
        OpsModelError: the disk refuses.
    """
    _refuse_bad_id(system_id)
    _refuse_full(folder)
    try:
        return _write_whole(folder, system_id)
    except OSError as error:
        raise OpsModelError(
            f"cannot be written: {error.strerror or error}; nothing was left behind",
            where=str(folder),
            remedy="name a folder that you may write, on a disk with room",
        ) from error


def _write_whole(folder: Path, system_id: str) -> Sequence[Path]:
    exists = folder.exists()
    parent = folder if exists else folder.parent
    parent.mkdir(parents=True, exist_ok=True)
    staging = parent / f".ops-model-init-{uuid.uuid4().hex[:12]}"
    try:
        staging.mkdir()
        written = _write(staging, system_id)
        read_workbook(staging)
        if exists:
            _move_in(staging, folder)
        else:
            staging.rename(folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return written


def _refuse_bad_id(system_id: str) -> None:
    try:
        TypeAdapter(Slug).validate_python(system_id)
        taken = system_id in RESERVED_IDS
    except ValidationError:
        taken = True
    if taken:
        raise UsageError(
            f"{system_id!r} cannot be the id of a system; expected lowercase letters, digits and "
            f"hyphens, no device name, and not {', '.join(sorted(RESERVED_IDS))}",
            remedy="name it with --system, such as --system flight-delay",
        )


def _refuse_full(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageError("is a file; expected a folder", where=str(folder), remedy="name another")
    held = sorted(e.name for e in folder.iterdir() if e.name != ".git") if folder.exists() else []
    if held:
        raise UsageError(
            f"holds {held[0]!r} already; expected a new or an empty folder",
            where=str(folder),
            remedy="name another folder; nothing was written",
        )


def _write(into: Path, system_id: str) -> list[Path]:
    template = shipped("templates") / "start"
    written = []
    for source in sorted(template.rglob("*.yaml")):
        path = Path(str(source.relative_to(template)).replace(PLACEHOLDER, system_id))
        text = source.read_text(encoding="utf-8").replace(PLACEHOLDER, system_id)
        (into / path).parent.mkdir(parents=True, exist_ok=True)
        (into / path).write_text(text, encoding="utf-8")
        written.append(path)
    return written


def _move_in(staging: Path, folder: Path) -> None:
    # The file that makes a folder a workbook comes last.
    entries = sorted(staging.iterdir(), key=lambda entry: entry.name == SETTINGS_FILE)
    try:
        for entry in entries:
            entry.rename(folder / entry.name)
    except (OSError, KeyboardInterrupt):
        # The folder was empty, so whatever bears one of these names came from here.
        for entry in entries:
            shutil.rmtree(folder / entry.name, ignore_errors=True)
            (folder / entry.name).unlink(missing_ok=True)
        raise
