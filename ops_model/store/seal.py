"""A sealed bundle: a folder that is there whole or not at all, and what was in it when sealed.

The manifest lists every file with its SHA-256. Its own digest stands in the ledger, so a changed
manifest is found by comparing with that; a bundle away from its ledger can only be compared with
its own manifest, which whoever changed a file may have changed too.
"""

import errno
import hashlib
import os
import shutil
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AwareDatetime, Field, StringConstraints, TypeAdapter, ValidationError

from ops_model import __version__
from ops_model.domain.evidence import InputIdentity
from ops_model.domain.values import Digest, Slug, Value, canonical_bytes, digest_of
from ops_model.errors import BundleError

MANIFEST_FILE = "manifest.json"
MAX_MANIFEST_BYTES = 4 * 1024 * 1024

# One name for one file on every system: no separator, no leading dot, no space. A bundle is flat.
FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
_FILE_NAME: TypeAdapter[str] = TypeAdapter(FileName)


class ManifestFile(Value):
    """One file of a bundle: its name, its SHA-256 (64 hex digits) and its length in bytes."""

    path: FileName
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    bytes: Annotated[int, Field(ge=0)]


class Manifest(Value):
    """What was run, on what, and every file that came of it.

    `ledger_size` is that of the snapshot which the run was given.
    """

    run_id: str
    system: Slug
    notebook: str
    notebook_digest: Digest
    as_of: AwareDatetime
    recorded_at: AwareDatetime
    parameters: Mapping[str, Any] = {}
    inputs: tuple[InputIdentity, ...] = ()
    ledger_size: int
    tool_version: str = __version__
    files: tuple[ManifestFile, ...] = ()


def seal(staging: Path, final: Path, manifest: Manifest) -> str:
    """Turn a folder into a bundle: list its files, put them on the disk, give it its name.

    Args:
        staging: the folder that a run filled, on the same disk as `final`; gone afterwards.
        final: where the bundle shall lie; nothing may be there yet.
        manifest: all but the files.

    Returns:
        The digest of the manifest.

    Raises:
        BundleError: a link, a folder or an odd name lies in `staging`, or something is at `final`,
            or the disk is full or fails. `staging` is removed, and there is no bundle.
    """
    try:
        return _sealed(staging, final, manifest)
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
        raise BundleError(
            f"the bundle could not be sealed: {error.strerror or error}; nothing was kept",
            where=str(final),
            remedy="free some space and run again" if full else "see the disk and its rights",
        ) from error
    except ValueError as error:
        raise BundleError(
            f"the manifest has no canonical form: {error}", where=str(final)
        ) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _sealed(staging: Path, final: Path, manifest: Manifest) -> str:
    if os.path.lexists(final):
        raise BundleError(
            "something is there already", where=str(final), remedy="give the run its own id"
        )
    names = _names_to_seal(staging)
    files = tuple(_entry(staging / name, durably=True) for name in names)
    content = canonical_bytes(manifest.model_copy(update={"files": files}))
    with (staging / MANIFEST_FILE).open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    _sync_folder(staging)
    final.parent.mkdir(parents=True, exist_ok=True)
    staging.rename(final)
    try:
        # The notebook's, the system's and the runs' folder may be as new as the bundle.
        for folder in (final.parent, *list(final.parent.parents)[:3]):
            _sync_folder(folder)
    except BaseException:
        shutil.rmtree(final, ignore_errors=True)
        raise
    return digest_of(content)


def _names_to_seal(staging: Path) -> list[str]:
    """The names of the files, or a refusal of everything that is no plain file."""
    problems = []
    names = []
    for entry in sorted(os.scandir(staging), key=lambda e: e.name):
        odd = _odd(entry)
        if entry.name == MANIFEST_FILE:
            odd = "has the manifest's name"
        if odd:
            problems.append(f"{entry.name!a} {odd}")
        names.append(entry.name)
    problems += [
        f"{name!r} is there twice but for upper and lower case"
        for name, count in Counter(name.lower() for name in names).items()
        if count > 1
    ]
    if problems or not names:
        raise BundleError(
            "cannot be sealed: " + ("; ".join(problems) or "it is empty"),
            where=str(staging),
            remedy="a bundle holds plain files with plain names only",
        )
    return names


def _odd(entry: "os.DirEntry[str]") -> str:
    """Why an entry cannot be part of a bundle; empty when it can."""
    if entry.is_symlink():
        return "is a symbolic link"
    if not entry.is_file(follow_symlinks=False):
        return "is no file"
    try:
        _FILE_NAME.validate_python(entry.name)
    except ValidationError:
        return "has a name that other systems may read as another"
    return ""


def _entry(path: Path, *, durably: bool = False) -> ManifestFile:
    """What the manifest says about one file; reads it once, in pieces."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = file.tell()
        if durably:
            os.fsync(file.fileno())
    return ManifestFile(path=path.name, sha256=digest, bytes=size)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def verify_bundle(folder: Path, *, manifest_digest: str | None = None) -> tuple[str, ...]:
    """What is wrong with a bundle, a sentence for each file; empty when it is what was sealed.

    Args:
        folder: the bundle.
        manifest_digest: what the ledger recorded; without it only the files are compared with
            the manifest, and a bundle that was made up whole is not found.

    Raises:
        BundleError: the machine could not read it, which is not the same as a change.
    """
    if folder.is_symlink() or not folder.is_dir():
        what = "is not there" if not os.path.lexists(folder) else "is no folder of its own"
        return (f"the bundle {what}",)
    try:
        return tuple(_bundle_problems(folder, manifest_digest))
    except OSError as error:
        raise BundleError(
            f"could not be read: {error.strerror or error}",
            where=str(error.filename or folder),
            remedy="see the rights and the disk",
        ) from error


def _bundle_problems(folder: Path, manifest_digest: str | None) -> list[str]:
    entries = {entry.name: entry for entry in os.scandir(folder)}
    manifest_entry = entries.pop(MANIFEST_FILE, None)
    if manifest_entry is None:
        return [f"{MANIFEST_FILE} is missing"]
    if odd := _odd(manifest_entry):
        return [f"{MANIFEST_FILE} {odd}"]
    with Path(manifest_entry).open("rb") as file:
        content = file.read(MAX_MANIFEST_BYTES + 1)
    problems = []
    if manifest_digest is not None and digest_of(content) != manifest_digest:
        problems.append(f"{MANIFEST_FILE} is not the one that the ledger recorded")
    try:
        listed = Manifest.model_validate_json(content).files
    except ValidationError as error:
        first = error.errors(include_url=False)[0]["msg"]
        return [*problems, f"{MANIFEST_FILE} is no manifest: {first}"]
    times = Counter(file.path for file in listed)
    problems += [f"{name} is listed twice" for name, count in times.items() if count > 1]
    problems += [f"{name!a} is not in the manifest" for name in sorted(entries.keys() - times)]
    return problems + [p for file in listed for p in _file_problems(file, entries.get(file.path))]


def _file_problems(listed: ManifestFile, entry: "os.DirEntry[str] | None") -> list[str]:
    if entry is None:
        return [f"{listed.path} is missing"]
    if odd := _odd(entry):
        return [f"{listed.path} {odd}"]
    found = _entry(Path(entry))
    if found == listed:
        return []
    size = f"{found.bytes} bytes instead of {listed.bytes}"
    return [f"{listed.path} was changed" + (f": {size}" if found.bytes != listed.bytes else "")]
