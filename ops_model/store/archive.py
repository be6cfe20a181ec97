"""Zip archives that travel: written so that equal content gives equal bytes, read where they lie.

Nothing is ever unpacked. Only the plain form that `write_archive` writes is read (entry beside
entry, no gap, nothing in extra fields), because two programs may read anything else differently.
Every name is looked at before any content is.
"""

import io
import os
import stat
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from ops_model.errors import BundleError, IntegrityError
from ops_model.store.archive_list import DEFLATED, MOST_ENTRIES, Entry, entries_of, odd_name

_DATE = (1980, 1, 1, 0, 0, 0)
_PIECE = 1 << 16


class Archive:
    """An archive that is open for reading; use it as a context manager, or close it."""

    def __init__(self, file: BinaryIO, entries: Sequence[Entry]) -> None:
        self._file = file
        self._entries = {entry.name: entry for entry in entries}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    @property
    def names(self) -> tuple[str, ...]:
        """The files, in the order in which they lie."""
        return tuple(self._entries)

    def size(self, name: str) -> int:
        """How many bytes a file has; `open` gives exactly so many."""
        return self._entries[name].size

    def open(self, name: str) -> BinaryIO:
        """A stream over a file's bytes.

        Reading it raises an `IntegrityError` where they are not those that the archive lists.
        """
        return io.BufferedReader(_Stream(self._file, self._entries[name]))


class _Stream(io.RawIOBase):
    """A file of an archive, unpacked piece by piece and never beyond its listed size."""

    def __init__(self, file: BinaryIO, entry: Entry) -> None:
        super().__init__()
        self._file, self._entry = file, entry
        self._at, self._left = entry.start, entry.packed
        self._unpacker = zlib.decompressobj(-15) if entry.method == DEFLATED else None
        self._crc, self._given = 0, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - whatever can be written into
        piece = self._next(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def _next(self, most: int) -> bytes:
        try:
            piece = self._unpacked(most)
        except zlib.error as error:
            raise _not_as_listed(self._entry.name) from error
        self._crc = zlib.crc32(piece, self._crc)
        self._given += len(piece)
        if self._given > self._entry.size or (not piece and not self._whole()):
            raise _not_as_listed(self._entry.name)
        return piece

    def _whole(self) -> bool:
        """True when all bytes were given, are the listed ones, and nothing lies behind them."""
        behind = self._unpacker.unused_data if self._unpacker else b""
        given = (self._given, self._crc)
        return given == (self._entry.size, self._entry.crc) and not self._left and not behind

    def _unpacked(self, most: int) -> bytes:
        if self._unpacker is None:
            return self._packed(most)
        while not self._unpacker.eof:
            waiting = self._unpacker.unconsumed_tail or self._packed(_PIECE)
            if piece := self._unpacker.decompress(waiting, most):
                return piece
            if not waiting:
                break
        return b""

    def _packed(self, most: int) -> bytes:
        self._file.seek(self._at)
        piece = self._file.read(min(most, self._left))
        self._at += len(piece)
        self._left -= len(piece)
        return piece


def open_archive(path: Path) -> Archive:
    """Open an archive and read its list of files; no content is touched yet.

    Raises:
        BundleError: the machine cannot read it.
        IntegrityError: it is no archive in the one form that is read, or lists a file that would
            lie elsewhere, is none, is there twice, or grows beyond measure.
    """
    try:
        file = path.open("rb")
        try:
            return Archive(file, entries_of(file, path.name))
        except BaseException:
            file.close()
            raise
    except OSError as error:
        raise BundleError(
            f"could not be read: {error.strerror or error}",
            where=str(path),
            remedy="see the rights and the disk",
        ) from error


def write_archive(path: Path, files: Mapping[str, Path | bytes]) -> None:
    """Write an archive beside its place and rename it: equal files give equal bytes.

    Nothing is compressed, since two machines may compress differently.

    Raises:
        BundleError: a name cannot stand in an archive, or there are too many files, or they are
            too large, or the disk refuses; what was at `path` is still there.
    """
    problems = [odd for name in files if (odd := odd_name(name))]
    if problems or len(files) > MOST_ENTRIES:
        why = problems[0] if problems else f"it would hold {len(files)} files"
        raise BundleError(f"cannot be written: {why}", where=str(path))
    beside = path.with_name(f".{path.name}.part")
    try:
        with beside.open("wb") as file:
            with zipfile.ZipFile(file, "w", allowZip64=False) as archive:
                for name in sorted(files):
                    _add(archive, name, files[name])
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except (OSError, zipfile.LargeZipFile) as error:
        beside.unlink(missing_ok=True)
        why = str(error.strerror) if isinstance(error, OSError) else "it is larger than 4 GB"
        raise BundleError(
            f"the archive could not be written: {why}",
            where=str(path),
            remedy="see the disk and its rights; or export fewer runs at once",
        ) from error


def _add(archive: zipfile.ZipFile, name: str, content: Path | bytes) -> None:
    info = zipfile.ZipInfo(name, _DATE)
    info.create_system, info.external_attr = 3, (stat.S_IFREG | 0o644) << 16
    with archive.open(info, "w") as into:
        if isinstance(content, bytes):
            into.write(content)
            return
        with content.open("rb") as file:
            while piece := file.read(_PIECE):
                into.write(piece)


def _not_as_listed(name: str) -> IntegrityError:
    return IntegrityError(
        "is not what the archive lists", where=name, remedy="get the archive again from its source"
    )
