"""What an export for an auditor holds: the list of its files, and how each of them is found.

The index travels in the same envelope as a bundle's manifest, signed when a key was at hand, so
that whoever trusts the key knows that files such as `allowed_signers` are those of the workbook.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

from pydantic import Field, ValidationError

from ops_model.domain.scalars import RelativePath, Slug, ZoneName
from ops_model.domain.values import Value, canonical_bytes
from ops_model.errors import IntegrityError, LedgerError, Problem
from ops_model.store.dsse import (
    MAX_ENVELOPE_BYTES,
    SigningKey,
    VerifyingKey,
    enveloped,
    forged,
    read_envelope,
)
from ops_model.store.sealed import Part
from ops_model.store.statement import Sha256

INDEX_FILE = "export.dsse.json"
_PAYLOAD_TYPE = "application/vnd.ops-model.export+json"
_MOST_FILES = 200_000


class ExportedFile(Value):
    """One file of an export: its path in it, its SHA-256 and its length in bytes."""

    path: RelativePath
    sha256: Sha256
    bytes: Annotated[int, Field(ge=0)]


class ExportIndex(Value):
    """Whose bundles are there (None: all), how long the ledger is, and every file.

    `zone` is the workbook's: a time in `allowed_signers` without a `Z` is in it.
    """

    version: Literal[1] = 1
    system: Slug | None
    zone: ZoneName
    size: Annotated[int, Field(ge=0)]
    head: Sha256
    root: Sha256
    files: tuple[ExportedFile, ...]

    def as_bytes(self, keys: Sequence[SigningKey]) -> bytes:
        """The index as it is written."""
        return enveloped(canonical_bytes(self), payload_type=_PAYLOAD_TYPE, keys=keys)


@dataclass(frozen=True)
class SignedIndex:
    """The index of an export, which known keys signed it, and who else says to have done so."""

    index: ExportIndex
    by: tuple[str, ...]
    strangers: tuple[str, ...]


def read_index(part: Part, keys: Sequence[VerifyingKey]) -> SignedIndex:
    """The index of an export, with its signatures compared with the known keys.

    Raises:
        IntegrityError: it is none, or a signature in the name of one of the keys is not its own.
        OSError: it cannot be read.
    """
    with part.open() as file:
        content = file.read(MAX_ENVELOPE_BYTES + 1)
    envelope = read_envelope(content, payload_type=_PAYLOAD_TYPE)
    if why := forged(envelope, keys):
        raise IntegrityError(why)
    try:
        index = ExportIndex.model_validate_json(envelope.content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]["msg"]
        raise IntegrityError(f"is no index of an export: {first}") from error
    if canonical_bytes(index) != envelope.content:
        raise IntegrityError("is not written as ops-model writes one")
    known = {key.keyid for key in keys}
    signed = [s.keyid for s in envelope.signatures]
    return SignedIndex(
        index,
        tuple(keyid for keyid in signed if keyid in known),
        tuple(keyid for keyid in signed if keyid not in known),
    )


def parts_of_folder(folder: Path) -> dict[str, Part]:
    """Every file below a folder by its path in it; links and the like are odd.

    Raises:
        LedgerError: it cannot be read, or holds very many files.
    """
    try:
        return dict(_below(folder, folder))
    except OSError as error:
        raise LedgerError(
            f"cannot be read: {error.strerror}",
            where=str(error.filename or folder),
            remedy="see the rights and the disk",
        ) from error


def _below(folder: Path, top: Path) -> Iterator[tuple[str, Part]]:
    for count, entry in enumerate(sorted(os.scandir(folder), key=lambda e: e.name)):
        path = Path(entry)
        if count > _MOST_FILES:
            raise LedgerError(
                "holds too many files", where=folder.name, remedy="name the folder of an export"
            )
        if entry.is_dir(follow_symlinks=False):
            yield from _below(path, top)
            continue
        odd = "" if entry.is_file(follow_symlinks=False) else "is no plain file"
        size = 0 if odd else entry.stat(follow_symlinks=False).st_size
        yield path.relative_to(top).as_posix(), Part(size, _opener(path), odd)


def _opener(path: Path) -> Callable[[], BinaryIO]:
    return lambda: path.open("rb")


def listed_of(name: str, file: BinaryIO) -> ExportedFile:
    """What the index says about one open file; reads it once, in pieces."""
    digest, size = hashlib.sha256(), 0
    while piece := file.read(1 << 18):
        digest.update(piece)
        size += len(piece)
    return ExportedFile(path=name, sha256=digest.hexdigest(), bytes=size)


def file_problems(index: ExportIndex, parts: Mapping[str, Part]) -> list[Problem]:
    """What is not as the index lists it: missing, changed, added, or no plain file."""
    listed = {file.path: file for file in index.files}
    problems = [
        Problem("is not in the index", n) for n in sorted(parts.keys() - listed - {INDEX_FILE})
    ]  # fmt: skip
    for name, file in listed.items():
        part = parts.get(name)
        if part is None:
            problems.append(Problem("is missing", name))
        elif part.odd:
            problems.append(Problem(part.odd, name))
        elif part.size != file.bytes:
            what = f"was changed: {part.size} bytes instead of {file.bytes}"
            problems.append(Problem(what, name))
        else:
            with part.open() as opened:
                if listed_of(name, opened) != file:
                    problems.append(Problem("was changed", name))
    return problems
