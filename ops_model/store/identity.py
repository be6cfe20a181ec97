"""What was read: the files behind an address, and the digest that identifies their bytes."""

import os
import re
from collections.abc import Sequence
from functools import lru_cache
from hashlib import file_digest
from pathlib import Path
from typing import Literal

from ops_model.domain.evidence import InputIdentity
from ops_model.domain.values import digest_of
from ops_model.errors import WarehouseError
from ops_model.store.file_kinds import file_and_table, is_left_out_log, is_log, of_one_kind
from ops_model.store.page_checksums import damaged_page

_JOURNAL = re.compile(r"(^|/)runs/[^/]+/\.drills/[^/]+\.jsonl$")


def identify(root: Path, address: str) -> InputIdentity:
    """Which bytes an address stands for.

    A file is identified by its SHA-256, a folder by the digest over path, size and SHA-256 of each
    of its files in the order of their paths; a table in a file of DuckDB by that file. Reading is
    streamed; a file that did not change since (inode, size, time of change) is not read twice by
    one process. The checksums of its pages are verified, where it has them.

    Raises:
        WarehouseError: there is no such file, or no file of a log in the folder, or a file changed
            while it was read, or is not what was written, or it lies outside the workbook.
    """
    path = _existing(root, address)
    if path.is_file():
        kind: Literal["file", "journal"] = "journal" if _JOURNAL.search(address) else "file"
        digest, size = _digest_of_file(path, address)
        return InputIdentity(
            address=address, kind=kind, files=1, bytes=size, digest=f"sha256:{digest}"
        )
    parts, total = [], 0
    for name, path in log_files(root, address):
        digest, size = _digest_of_file(path, f"{address}/{name}")
        parts.append({"path": name, "bytes": size, "sha256": digest})
        total += size
    return InputIdentity(
        address=address,
        kind="folder",
        files=len(parts),
        bytes=total,
        digest=digest_of(parts),
    )


def log_files(root: Path | None, address: str) -> tuple[tuple[str, Path], ...]:
    """The files of a log, all of one kind: name below the address (empty for one), and path.

    In a folder they are all Parquet, or all CSV, or all JSON. Names that begin with a
    dot or an underscore are what writers leave while they write, and no part of the log. A file
    that stands there under two names, as by a link, is one.

    Args:
        root: the workbook that names the address, below which every file of the log has to lie;
            None for a path that whoever calls a command wrote, which may lie anywhere.
        address: relative to `root`.

    Raises:
        WarehouseError: there is no such file or folder, or no file of a log in it, or files
            of two kinds or packed ones, or one that lies outside the workbook, or whose name is
            no plain text.
    """
    path = _existing(root, address)
    if path.is_file():
        return (("", path),)
    # Never into a folder that is a link: Python's own walk does not follow it.
    names = (
        (file.relative_to(path), file) for file in path.rglob("*")
        if is_log(file) or is_left_out_log(file)
    )  # fmt: skip
    found = of_one_kind(
        address,
        (
            (name.as_posix(), file)
            for name, file in names
            if not any(part[0] in "._" for part in name.parts) and file.is_file()
        ),
    )
    for name, file in found:
        if file.is_symlink():
            _refuse_outside(root, file.resolve(), f"{address}/{name}")
        _refuse_unprintable(name, address)
    if not found:
        _refuse_device(path, address)
        raise WarehouseError(
            "is a folder without a Parquet file; expected *.parquet, or *.csv, *.jsonl or *.json",
            where=address,
            remedy="write the log there as Parquet, one file a day, or correct the address",
        )
    return _each_once(found)


def _each_once(found: Sequence[tuple[str, Path]]) -> tuple[tuple[str, Path], ...]:
    """The files in the order of their names, each under one: its own before that of a link."""
    of_file: dict[tuple[int, int], tuple[str, Path]] = {}
    for name, file in sorted(found, key=lambda one: (one[1].is_symlink(), one[0])):
        seen = file.stat()
        of_file.setdefault((seen.st_dev, seen.st_ino), (name, file))
    return tuple(sorted(of_file.values()))


def _refuse_device(path: Path, address: str) -> None:
    if not path.is_dir():
        raise WarehouseError(
            "is no file and no folder, but a device or a pipe; expected what can be read twice",
            where=address,
            remedy="write the rows to a file first, and name that",
        )


def _refuse_unprintable(name: str, address: str) -> None:
    if not name.isprintable():
        raise WarehouseError(
            f"holds the file {name[-100:]!a}, whose name is no plain text",
            where=address,
            remedy="rename the file; use letters, digits, dots and hyphens",
        )


def _refuse_outside(root: Path | None, path: Path, address: str) -> None:
    if root is not None and not path.is_relative_to(root.resolve()):
        raise WarehouseError(
            "lies outside the workbook; expected a file or folder below it",
            where=address,
            remedy="copy the log into the workbook, or mount it there; links may not leave it",
        )


def _existing(root: Path | None, address: str) -> Path:
    if not address.strip():
        raise WarehouseError(
            "no file or folder is named",
            remedy="name the file or the folder of the log",
        )
    try:
        path = (root or Path()) / file_and_table(root, address)[0]
        there = path.exists()
        resolved = path.resolve()
    except (OSError, RuntimeError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else "") or "no path at all"
        raise WarehouseError(
            f"cannot be read: {reason}",
            where=address[:100],
            remedy="name a file or folder that this user may read",
        ) from error
    if there:
        _refuse_outside(root, resolved, address)
        return resolved
    near = next((p for p in path.parents if p.exists()), None)
    there_is = f"; {near.name or near}/ is there" if near is not None else ""
    raise WarehouseError(
        f"there is no such file or folder{there_is}",
        where=address,
        remedy="write the log there as Parquet, or correct the address",
    )


def _digest_of_file(path: Path, address: str) -> tuple[str, int]:
    try:
        before = state_of(path)
        digest, damaged = _sha256(path, *before), _damaged(path, *before)
        after = state_of(path)
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise WarehouseError(f"cannot be read: {reason}", where=address) from error
    if before != after:
        raise WarehouseError(
            "changed while it was read",
            where=address,
            remedy="measure again when its writer has finished",
        )
    _refuse_damaged(damaged, address)
    return digest, after[2]


def refuse_damaged(path: Path, address: str) -> None:
    """Refuse a Parquet file that was changed since it was written, where it has page checksums.

    Raises:
        WarehouseError: it was.
    """
    _refuse_damaged(_damaged(path, *state_of(path)), address)


def _refuse_damaged(where: str, address: str) -> None:
    if where:
        raise WarehouseError(
            f"a page is not what was written: its checksum differs ({where})",
            where=address,
            remedy="write the damaged file again, or restore it from the source of the log",
        )


def state_of(path: Path) -> tuple[int, int, int, int]:
    """What changes when a file does: a key under which an answer about it is remembered."""
    seen = os.stat(path)  # noqa: PTH116 - one call, no path object per file of a long log
    return seen.st_dev, seen.st_ino, seen.st_size, seen.st_ctime_ns


@lru_cache(maxsize=100_000)
def _sha256(path: Path, *state: int) -> str:
    """The file's digest; `state` is only the key under which the answer is remembered."""
    del state
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


@lru_cache(maxsize=100_000)
def _damaged(path: Path, *state: int) -> str:
    """Which page is damaged, remembered like the digest."""
    del state
    return damaged_page(path)
