"""Whether a bundle is what was sealed: its envelope, its manifest, and every byte of every file.

A bundle is a folder, or part of an archive that is read where it lies; both are compared by the
same rules.
"""

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from io import FileIO
from pathlib import Path
from typing import BinaryIO

from pydantic import TypeAdapter, ValidationError

from ops_model.domain.values import digest_of
from ops_model.errors import BundleError, IntegrityError
from ops_model.store.dsse import MAX_ENVELOPE_BYTES, VerifyingKey, forged, read_envelope, unsigned
from ops_model.store.statement import (
    FileName,
    Manifest,
    ManifestFile,
    read_files,
    read_manifest,
)

MANIFEST_FILE = "manifest.dsse.json"
OLDER_MANIFEST = "manifest.json"
"""What the manifest was called before it was an in-toto statement."""

_FILE_NAME: TypeAdapter[str] = TypeAdapter(FileName)
_OLDER = (
    f"{MANIFEST_FILE} is missing; an earlier version of ops-model sealed this bundle with a "
    f"{OLDER_MANIFEST}, which nothing vouches for: run the notebook again"
)


@dataclass(frozen=True)
class Part:
    """One file of a bundle, wherever it lies; `odd` says why it cannot be one."""

    size: int
    open: Callable[[], BinaryIO]
    odd: str = ""


def verify_bundle(
    folder: Path, *, manifest_digest: str | None = None, keys: Sequence[VerifyingKey] = ()
) -> tuple[str, ...]:
    """What is wrong with a bundle, a sentence for each file; empty when it is what was sealed.

    Args:
        folder: the bundle.
        manifest_digest: what the ledger recorded; without it and without a key only the files are
            compared with the manifest, and a bundle that was made up whole is not found.
        keys: the public keys that are trusted. One of them must have signed, unless the ledger's
            digest vouches for the manifest; a signature in their name must hold in any case.

    Raises:
        BundleError: the machine could not read it, which is not the same as a change.
    """
    if folder.is_symlink() or not folder.is_dir():
        what = "is not there" if not os.path.lexists(folder) else "is no folder of its own"
        return (f"the bundle {what}",)
    try:
        return verify_parts(_parts(folder), manifest_digest=manifest_digest, keys=keys)
    except OSError as error:
        raise BundleError(
            f"could not be read: {error.strerror or error}",
            where=str(error.filename or folder),
            remedy="see the rights and the disk",
        ) from error


def verify_parts(
    parts: Mapping[str, Part],
    *,
    manifest_digest: str | None = None,
    keys: Sequence[VerifyingKey] = (),
) -> tuple[str, ...]:
    """The same of the files of a bundle by name, wherever they lie.

    Raises:
        OSError: one of them could not be read.
    """
    others = dict(parts)
    part = others.pop(MANIFEST_FILE, None)
    if part is None:
        return (_OLDER if OLDER_MANIFEST in others else f"{MANIFEST_FILE} is missing",)
    if part.odd:
        return (f"{MANIFEST_FILE} {part.odd}",)
    try:
        content = _content(part)
    except IntegrityError as error:
        return (error.problems[0].message,)
    problems = []
    recorded = manifest_digest is not None and digest_of(content) == manifest_digest
    if manifest_digest is not None and not recorded:
        problems.append(f"{MANIFEST_FILE} is not the one that the ledger recorded")
    try:
        envelope = read_envelope(content)
        files = read_files(envelope.content)
    except IntegrityError as error:
        return (*problems, f"{MANIFEST_FILE} {error.problems[0].message}")
    if why := forged(envelope, keys) or (keys and not recorded and unsigned(envelope, keys)):
        problems.append(f"{MANIFEST_FILE} {why}")
    listed = {file.path for file in files}
    problems += [f"{name!a} is not in the manifest" for name in sorted(others.keys() - listed)]
    return (*problems, *(p for f in files if (p := _file_problem(f, others.get(f.path)))))


def signed_by(manifest: bytes, keys: Sequence[VerifyingKey]) -> tuple[str, ...]:
    """Which of the keys signed a bundle's manifest; a signature that does not hold is none."""
    try:
        envelope = read_envelope(manifest)
    except IntegrityError:
        return ()
    named = {s.keyid for s in envelope.signatures}
    return () if forged(envelope, keys) else tuple(k.keyid for k in keys if k.keyid in named)


def manifest_of(folder: Path) -> Manifest:
    """What the manifest of a bundle says; what lies there is believed, so verify it first.

    Raises:
        BundleError: it cannot be read, or is no manifest of this version.
    """
    try:
        return read_manifest(read_envelope((folder / MANIFEST_FILE).read_bytes()).content)
    except (OSError, IntegrityError) as error:
        why = error.problems[0].message if isinstance(error, IntegrityError) else error.strerror
        raise BundleError(
            f"cannot be read: {why}",
            where=f"{folder.name}/{MANIFEST_FILE}",
            remedy="run `ops-model verify` on the bundle; restore it from a copy",
        ) from error


def _content(part: Part) -> bytes:
    # One byte more than there should be: of what is longer than it says, no digest is right.
    with part.open() as file:
        return file.read(min(part.size, MAX_ENVELOPE_BYTES) + 1)


def _parts(folder: Path) -> dict[str, Part]:
    found = {}
    for entry in os.scandir(folder):
        odd = odd_entry(entry)
        size = 0 if odd else entry.stat(follow_symlinks=False).st_size
        # Unbuffered: each file is read in large pieces, and a fleet has thousands of them.
        found[entry.name] = Part(size, partial(FileIO, entry.path), odd)
    return found


def odd_entry(entry: "os.DirEntry[str]") -> str:
    """Why an entry of a folder cannot be part of a bundle; empty when it can."""
    if entry.is_symlink():
        return "is a symbolic link"
    if not entry.is_file(follow_symlinks=False):
        return "is no file"
    try:
        _FILE_NAME.validate_python(entry.name)
    except ValidationError:
        return "has a name that other systems may read as another"
    return ""


def read_listed(name: str, file: BinaryIO) -> ManifestFile:
    """What a manifest says about one open file; reads it once, in pieces."""
    digest, size = _digest_and_size(file)
    return ManifestFile(path=name, sha256=digest, bytes=size)


def _digest_and_size(file: BinaryIO) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while piece := file.read(1 << 18):
        digest.update(piece)
        size += len(piece)
    return digest.hexdigest(), size


def _file_problem(listed: ManifestFile, part: Part | None) -> str:
    if part is None:
        return f"{listed.path} is missing"
    if part.odd:
        return f"{listed.path} {part.odd}"
    # What is longer than it was is not read: it may be long without end.
    if part.size != listed.bytes:
        return f"{listed.path} was changed: {part.size} bytes instead of {listed.bytes}"
    try:
        with part.open() as file:
            found = _digest_and_size(file)
    except IntegrityError as error:  # what an archive lists is not what it holds
        return f"{listed.path} {error.problems[0].message}"
    return "" if found == (listed.sha256, listed.bytes) else f"{listed.path} was changed"
