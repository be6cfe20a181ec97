"""Whether the pages of a Parquet file are what its writer wrote, where it wrote checksums.

A flipped bit in a page mostly still decodes, into another number. Engines do not look at the
checksum (DuckDB), or only when asked; here the bytes of each page are summed as they stand on the
disk, without being unpacked, which costs about as much as their digest.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

_MAGIC = b"PAR1"
_LEAST = 12  # bytes of a file that holds nothing
_ASKED = 50  # a writer sums all pages or none; the header of the first may be what is damaged
_NESTED = 8  # no header of a page is nested deeper
_HEADER_BYTES = 4096
_I32, _STRUCT = 5, 12


@dataclass(frozen=True)
class _Chunk:
    """The pages of one column in one group of rows: where they begin, and their bytes."""

    column: str
    group: int
    start: int
    size: int


@dataclass(frozen=True)
class _Page:
    """What the header of a page says; `start` is where its bytes begin in the chunk."""

    start: int
    size: int
    crc: int | None


def damaged_page(path: Path) -> str:
    """Which page is not what was written, in words; empty where all are, or none has a checksum.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        if not _is_parquet(file):
            return ""
        chunks = _chunks(path)
        if not any(_has_checksums(file, chunk) for chunk in chunks[:_ASKED]):
            return ""
        for chunk in chunks:
            if not _is_sound(_bytes_of(file, chunk)):
                return f"column {chunk.column!r}, group of rows {chunk.group + 1}"
    return ""


def _is_parquet(file: BinaryIO) -> bool:
    size = file.seek(0, 2)
    if size < _LEAST:
        return False
    file.seek(0)
    head = file.read(len(_MAGIC))
    file.seek(-len(_MAGIC), 2)
    return head == file.read(len(_MAGIC)) == _MAGIC


def _chunks(path: Path) -> list[_Chunk]:
    """The column chunks that the footer lists; none where it cannot be read, which others say."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        footer = pq.read_metadata(path)
    except (pa.ArrowException, UnicodeDecodeError, OSError):
        return []
    found = []
    for group in range(footer.num_row_groups):
        rows = footer.row_group(group)
        for place in range(rows.num_columns):
            column = rows.column(place)
            first = [column.data_page_offset, column.dictionary_page_offset or 0]
            start = min(offset for offset in first if offset >= len(_MAGIC) or offset == first[0])
            size = column.total_compressed_size
            found.append(_Chunk(column.path_in_schema, group, start, size))
    return [chunk for chunk in found if chunk.size > 0]


def _bytes_of(file: BinaryIO, chunk: _Chunk) -> bytes:
    file.seek(chunk.start)
    return file.read(chunk.size)


def _has_checksums(file: BinaryIO, chunk: _Chunk) -> bool:
    file.seek(chunk.start)
    try:
        return _page(file.read(min(chunk.size, _HEADER_BYTES)), 0).crc is not None
    except (ValueError, IndexError):
        return False


def _is_sound(chunk: bytes) -> bool:
    try:
        return all(
            page.crc is not None and crc32(chunk[page.start : page.start + page.size]) == page.crc
            for page in _pages(chunk)
        )
    except (ValueError, IndexError):
        return False


def _pages(chunk: bytes) -> Iterator[_Page]:
    at = 0
    while at < len(chunk):
        page = _page(chunk, at)
        at = page.start + page.size
        if at > len(chunk):
            msg = "a page reaches beyond its chunk"
            raise ValueError(msg)
        yield page


def _page(chunk: bytes, at: int) -> _Page:
    """The header of a page: a struct in Thrift's compact protocol, of which two fields count.

    Raises:
        ValueError: it is none.
        IndexError: it ends too early.
    """
    numbers: dict[int, int] = {}
    field = 0
    while chunk[at]:
        kind, step = chunk[at] & 15, chunk[at] >> 4
        at += 1
        if step:
            field += step
        else:
            field, at = _zigzag(chunk, at)
        if kind == _I32:
            numbers[field], at = _zigzag(chunk, at)
        else:
            at = _past(chunk, at, kind)
    size, crc = numbers.get(3, -1), numbers.get(4)
    if size < 0:
        msg = "no header of a page"
        raise ValueError(msg)
    return _Page(at + 1, size, None if crc is None else crc & 0xFFFFFFFF)


def _varint(chunk: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = chunk[at]
        number |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return number, at
        if shift > 63:
            msg = "a number without an end"
            raise ValueError(msg)


def _zigzag(chunk: bytes, at: int) -> tuple[int, int]:
    number, at = _varint(chunk, at)
    return (number >> 1) ^ -(number & 1), at


def _past(chunk: bytes, at: int, kind: int, depth: int = 0) -> int:
    """Where a value ends that nobody asked for; lists and maps stand in no header of a page."""
    if kind in {1, 2}:  # true and false have no bytes of their own
        return at
    if kind in {4, 5, 6}:
        return _varint(chunk, at)[1]
    if kind in {3, 7}:
        return at + (1 if kind == 3 else 8)
    if kind == 8:
        length, at = _varint(chunk, at)
        return at + length
    if kind != _STRUCT or depth > _NESTED:
        msg = "no header of a page"
        raise ValueError(msg)
    while chunk[at]:
        inner, step = chunk[at] & 15, chunk[at] >> 4
        at += 1
        if not step:
            at = _varint(chunk, at)[1]
        at = _past(chunk, at, inner, depth + 1)
    return at + 1
