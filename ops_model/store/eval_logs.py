"""Logs of evaluations as other tools write them: archives of inspect-ai, and JSON.

An archive says how large each of its files is, and is not believed: what is larger than it should
be, or than any such file is, is refused before it fills the memory. Only what tells the results is
read; the conversations of the samples lie in files of their own.
"""

import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, cast

from ops_model.errors import WarehouseError
from ops_model.store.file_kinds import kind_of_file
from ops_model.store.identity import log_files

MOST_BYTES = 512 * 2**20
"""So large may a document be, in an archive or not."""
MOST_READ = 4 * MOST_BYTES
MOST_FILES = 500_000
_ZSTANDARD = 93
_HEADER = 30
_SUMMARY = re.compile(r"_journal/summaries/\d+\.json")
_SAMPLE = re.compile(r"samples/[^/]+\.json")
_KEPT = ("id", "epoch", "scores", "metadata", "model_usage", "working_time", "total_time", "error")
_CONVERT = "write it as JSON: inspect log convert LOG --to json --output-dir DIR"


def documents_of(root: Path | None, address: str) -> Iterator[tuple[str, Any]]:
    """Each JSON document of a file or a folder of them, by the name of its file.

    A file of JSON lines is one document, the list of its lines.

    Raises:
        WarehouseError: there is no such file, or one is no JSON, or too large.
    """
    for name, path in log_files(root, address):
        where = f"{address}/{name}" if name else address
        if kind_of_file(path) != "json":
            raise WarehouseError(
                "is no JSON by its name; expected *.json or *.jsonl",
                where=where, remedy="name the file that the tool wrote as JSON",
            )  # fmt: skip
        yield path.stem, _document(path, where)


def eval_logs_of(root: Path | None, address: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each log of inspect-ai in a file or a folder: `.eval` archives, or `.json`.

    Returns:
        The name of the file, and of the log `status`, `eval` and `samples`.

    Raises:
        WarehouseError: there is no such file, or one is no such log, or too large.
    """
    for name, path in log_files(root, address):
        where = f"{address}/{name}" if name else address
        if kind_of_file(path) == "eval":
            found: Any = _archive(path, where)
        else:
            found = _document(path, where)
        if not (isinstance(found, dict) and isinstance(found.get("eval"), dict)):
            raise WarehouseError(
                "is no log of inspect-ai: it has no object `eval`",
                where=where, remedy="name the .eval or .json file that `inspect eval` wrote",
            )  # fmt: skip
        yield path.stem, found


def _document(path: Path, where: str) -> Any:  # noqa: ANN401 - whatever the JSON holds
    size = path.stat().st_size
    if size > MOST_BYTES:
        _refuse_size(size, where)
    content = path.read_bytes()
    if path.suffix.lower() in {".jsonl", ".ndjson"}:
        return [_parsed(line, where) for line in content.splitlines() if line.strip()]
    return _parsed(content, where)


def _parsed(content: bytes, where: str) -> Any:  # noqa: ANN401 - as above
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise WarehouseError(
            f"is no whole JSON: {error}", where=where,
            remedy="write the file again; it may have been cut off",
        ) from error  # fmt: skip


def _archive(path: Path, where: str) -> dict[str, Any]:
    """Status, header and samples of an archive, of its summaries where it has them."""
    import pyarrow as pa

    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as raw:
            return _read(_Archive(archive, raw, where))
    except (
        zipfile.BadZipFile, pa.ArrowException, zlib.error, OSError, EOFError, RuntimeError,
    ) as error:  # fmt: skip
        raise WarehouseError(
            f"is no whole archive of inspect-ai: {error}", where=where,
            remedy=f"copy it again from where it was written, or {_CONVERT}",
        ) from error  # fmt: skip


class _Archive:
    """The documents of an archive by name, and how much of them was read."""

    def __init__(self, archive: zipfile.ZipFile, raw: IO[bytes], where: str) -> None:
        self.archive, self.raw, self.where = archive, raw, where
        self.names = archive.namelist()
        self.read = 0
        if len(self.names) > MOST_FILES:
            raise WarehouseError(
                f"lists {len(self.names):,} files; expected at most {MOST_FILES:,}",
                where=where, remedy="compare logs of fewer samples",
            )  # fmt: skip

    def document(self, name: str) -> Any:  # noqa: ANN401 - whatever the JSON holds
        """One document.

        Raises:
            WarehouseError: it is too large, or not what the archive says of it.
        """
        info = self.archive.getinfo(name)
        self.read += info.file_size
        place = f"{self.where}/{name}"
        if info.file_size > MOST_BYTES or self.read > MOST_READ:
            _refuse_size(max(info.file_size, self.read), place)
        with self._opened(info) as file:
            content = file.read(info.file_size + 1)
        if len(content) != info.file_size or zlib.crc32(content) != info.CRC:
            raise WarehouseError(
                f"is not what the archive lists: {info.file_size:,} bytes of another checksum",
                where=place, remedy="copy the archive again from where it was written",
            )  # fmt: skip
        return _parsed(content, place)

    def _opened(self, info: zipfile.ZipInfo) -> IO[bytes]:
        if info.compress_type != _ZSTANDARD:
            return self.archive.open(info)
        import pyarrow as pa

        # Python reads this way of packing, which inspect-ai took up, from 3.14 on.
        self.raw.seek(info.header_offset)
        head = self.raw.read(_HEADER)
        names, extra = (int.from_bytes(head[at : at + 2], "little") for at in (26, 28))
        self.raw.seek(info.header_offset + _HEADER + names + extra)
        packed = pa.BufferReader(self.raw.read(info.compress_size))
        return cast("IO[bytes]", pa.CompressedInputStream(packed, "zstd"))


def _read(archive: _Archive) -> dict[str, Any]:
    header = "header.json" if "header.json" in archive.names else "_journal/start.json"
    if header not in archive.names:
        raise WarehouseError(
            "holds neither header.json nor _journal/start.json, as a log of inspect-ai does",
            where=archive.where, remedy="name the .eval file that `inspect eval` wrote",
        )  # fmt: skip
    found = archive.document(header)
    if not isinstance(found, dict):
        return {}
    return {
        "status": found.get("status", "started"),
        "eval": found.get("eval"),
        "samples": _samples(archive),
    }


def _samples(archive: _Archive) -> list[Mapping[str, Any]]:
    """What each sample came to: of the summaries, which are small, else of the samples."""
    if "summaries.json" in archive.names:
        return _listed(archive.document("summaries.json"))
    parts = [name for name in dict.fromkeys(archive.names) if _SUMMARY.fullmatch(name)]
    if parts:
        return [one for name in parts for one in _listed(archive.document(name))]
    found: list[Mapping[str, Any]] = []
    for name in dict.fromkeys(archive.names):
        if _SAMPLE.fullmatch(name):
            sample = archive.document(name)
            if isinstance(sample, dict):
                found.append({key: sample[key] for key in _KEPT if key in sample})
    return found


def _listed(found: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401 - whatever the JSON holds
    held: Sequence[Any] = found if isinstance(found, list) else [found]
    return [one for one in held if isinstance(one, dict)]


def _refuse_size(size: int, where: str) -> None:
    raise WarehouseError(
        f"holds {size:,} bytes; expected at most {MOST_BYTES:,} in a document, and "
        f"{MOST_READ:,} in all that are read",
        where=where,
        remedy="compare fewer samples at a time, or write the results as a table",
    )
