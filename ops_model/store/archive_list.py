"""What a zip archive lists: each file's name, size and place, believed only where all agree.

The list at the end and the header before each file have to say the same, the files have to lie
one behind the other without a gap, and no name may lead elsewhere. So there is one way to read
an archive, and nothing can lie in it that another program would see and this one does not.
"""

import io
import re
import stat
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, NoReturn
from unicodedata import normalize

from ops_model.errors import IntegrityError

MOST_ENTRIES = 10_000
MOST_RATIO = 100
"""How many times larger than in the archive a file may be."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}(/[A-Za-z0-9][A-Za-z0-9._-]{0,99}){0,9}")
_MOST_LISTING = 8 * 1024 * 1024
_END = struct.Struct("<4s4H2LH")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
DEFLATED = 8
_STORED, _UTF8 = 0, 0x0800
_ENCRYPTED = 0x0001
_ZIP64_COUNT, _ZIP64_SIZE = 0xFFFF, 0xFFFFFFFF
_FOLDER = 0x10


@dataclass(frozen=True)
class Entry:
    """One file of an archive: what its two headers agree on, and where its bytes begin."""

    name: str
    method: int
    crc: int
    packed: int
    size: int
    start: int


def entries_of(file: BinaryIO, name: str) -> list[Entry]:
    """The files that an archive lists, each compared with what stands before its content.

    Raises:
        IntegrityError: it is not in the one form that is read, or lists a file that would lie
            elsewhere, is none, is there twice, or grows beyond measure.
    """
    count, start, listing = _central(file, name)
    raw = []
    for _ in range(count):
        found, listing = _central_entry(listing)
        raw.append(found)
    if listing:
        _refuse("lists more than it counts")
    _refuse_names([found[0] for found in raw])
    entries, at = [], 0
    for found in raw:
        entries.append(_entry(file, found, at))
        at = entries[-1].start + entries[-1].packed
    if at != start:
        _refuse("holds bytes that belong to no file")
    return entries


def _central(file: BinaryIO, name: str) -> tuple[int, int, bytes]:
    """How many files an archive lists, where its list begins, and the list."""
    length = file.seek(0, io.SEEK_END)
    file.seek(max(0, length - _END.size))
    end = file.read()
    if len(end) < _END.size or not end.startswith(b"PK\5\6"):
        _refuse(f"{name!a} is no zip archive, or something was added behind its end")
    _, disk, first, here, count, size, start, comment = _END.unpack(end)
    if _ZIP64_COUNT in (here, count) or _ZIP64_SIZE in (size, start):
        _refuse("is in the zip64 form, which two programs may read differently")
    if disk or first or here != count or comment or start + size + _END.size != length:
        _refuse("has a list of files that is not where or what its end says")
    if count > MOST_ENTRIES or size > _MOST_LISTING:
        _refuse(f"lists {count} files; expected at most {MOST_ENTRIES}")
    file.seek(start)
    return count, start, file.read(size)


def _central_entry(listing: bytes) -> tuple[tuple[str, tuple[int, ...], int, int], bytes]:
    """The first file of a list: name, what its own header must say, place, kind; and the rest."""
    if len(listing) < _CENTRAL.size or not listing.startswith(b"PK\1\2"):
        _refuse("has a damaged list of files")
    (_, _, version, flags, method, time, date, crc, packed, size, names, extra, comment, disk, _,
     attributes, place) = _CENTRAL.unpack_from(listing)  # fmt: skip
    end = _CENTRAL.size + names
    name = listing[_CENTRAL.size : end].decode("utf-8", "surrogateescape")
    if flags & _ENCRYPTED:
        _refuse(f"{name!a} is encrypted")
    if extra or comment or disk or flags & ~_UTF8 or method not in {_STORED, DEFLATED}:
        _refuse(f"{name!a} is packed in a form that two programs may read differently")
    if _ZIP64_SIZE in (packed, size, place):
        _refuse(f"{name!a} is in the zip64 form, which two programs may read differently")
    kind = stat.S_IFMT(attributes >> 16)
    if kind not in {0, stat.S_IFREG} or attributes & _FOLDER:
        link = "a symbolic link" if kind == stat.S_IFLNK else "no plain file"
        _refuse(f"{name!a} is {link}")
    if size > MOST_RATIO * packed or (method == _STORED and size != packed):
        _refuse(f"{name!a} would grow from {packed} bytes to {size}")
    header = (version, flags, method, time, date, crc, packed, size, names)
    return (name, header, place, method), listing[end:]


def _entry(file: BinaryIO, found: tuple[str, tuple[int, ...], int, int], at: int) -> Entry:
    """A listed file whose own header says the same, and that begins where the last one ended."""
    name, header, place, method = found
    file.seek(place)
    local = file.read(_LOCAL.size)
    told = _LOCAL.unpack(local) if len(local) == _LOCAL.size else (b"",)
    own_name = file.read(header[-1])
    if (
        place != at
        or told != (b"PK\3\4", *header, 0)
        or own_name != name.encode("utf-8", "surrogateescape")
    ):
        _refuse(f"{name!a} is not where, or not what, the archive lists")
    *_, crc, packed, size, names = header
    return Entry(name, method, crc, packed, size, place + _LOCAL.size + names)


def _refuse_names(names: Sequence[str]) -> None:
    seen: dict[str, str] = {}
    for name in names:
        same = normalize("NFC", normalize("NFC", name).casefold())
        if seen.get(same) == name:
            _refuse(f"{name!a} is there twice")
        if same in seen:
            _refuse(f"{name!a} is {seen[same]!a} too, where case or accents are not told apart")
        seen[same] = name
    for name in names:
        if odd := odd_name(name):
            _refuse(odd)


def odd_name(name: str) -> str:
    """Why a name cannot stand in an archive; empty when it can."""
    if "\\" in name or name.startswith("/") or re.match("[A-Za-z]:", name):
        return f"{name!a} names a place of its own"
    if ".." in name.split("/"):
        return f"{name!a} leads out of the archive"
    if name.endswith("/"):
        return f"{name!a} is a folder"
    return "" if _NAME.fullmatch(name) else f"{name!a} may be read as another name elsewhere"


def _refuse(why: str) -> NoReturn:
    raise IntegrityError(
        f"the archive is refused: {why}",
        remedy="take the very file that `ops-model export` wrote; do not pack it anew",
    )
