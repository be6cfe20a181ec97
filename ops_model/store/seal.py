"""A sealed bundle: a folder that is there whole or not at all, and what was in it when sealed.

The manifest lists every file with its SHA-256. Its own digest stands in the ledger, so a changed
manifest is found by comparing with that. Away from its ledger the signature of the envelope tells
the same, to whoever trusts the key; without either, a bundle can only be compared with its own
manifest, which whoever changed a file may have changed too.
"""

import errno
import os
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from ops_model.domain.values import digest_of
from ops_model.errors import BundleError
from ops_model.store.dsse import SigningKey, enveloped
from ops_model.store.sealed import (
    MANIFEST_FILE,
    OLDER_MANIFEST,
    manifest_of,
    odd_entry,
    read_listed,
    verify_bundle,
)
from ops_model.store.statement import Manifest, ManifestFile

__all__ = [
    "MANIFEST_FILE", "Manifest", "ManifestFile", "manifest_of", "seal", "verify_bundle",
]  # fmt: skip


def _nothing(_: str) -> None:
    """Nobody is told how far it is."""


def seal(
    staging: Path,
    final: Path,
    manifest: Manifest,
    *,
    keys: Sequence[SigningKey] = (),
    progress: Callable[[str], None] = _nothing,
) -> str:
    """Turn a folder into a bundle: list its files, put them on the disk, give it its name.

    Args:
        staging: the folder that a run filled, on the same disk as `final`; gone afterwards.
        final: where the bundle shall lie; nothing may be there yet.
        manifest: all but the files.
        keys: what the manifest is signed with; without any it is unsigned.
        progress: told `manifest written` once that is on the disk, and the bundle not yet there.

    Returns:
        The digest of the manifest's file.

    Raises:
        BundleError: a link, a folder or an odd name lies in `staging`, or something is at `final`,
            or the disk is full or fails. `staging` is removed, and there is no bundle.
    """
    try:
        return _sealed(staging, final, manifest, keys, progress)
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


def _sealed(
    staging: Path,
    final: Path,
    manifest: Manifest,
    keys: Sequence[SigningKey],
    progress: Callable[[str], None],
) -> str:
    if os.path.lexists(final):
        raise BundleError(
            "something is there already", where=str(final), remedy="give the run its own id"
        )
    names = _names_to_seal(staging)
    files = tuple(_entry(staging / name) for name in names)
    content = enveloped(manifest.model_copy(update={"files": files}).statement, keys=keys)
    with (staging / MANIFEST_FILE).open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    _sync_folder(staging)
    progress("manifest written")
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
        odd = odd_entry(entry)
        if entry.name in {MANIFEST_FILE, OLDER_MANIFEST}:
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


def _entry(path: Path) -> ManifestFile:
    """What the manifest says about one file, which is on the disk then."""
    with path.open("rb") as file:
        listed = read_listed(path.name, file)
        os.fsync(file.fileno())
    return listed


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
