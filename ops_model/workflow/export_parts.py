"""The files of an export wherever they lie: in a zip, or in the folder that it was unpacked to."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ops_model.errors import LedgerError

if TYPE_CHECKING:
    from ops_model.store.sealed import Part


def is_export(path: Path) -> bool:
    """True for a zip, and for a folder with the index of an export in it."""
    from ops_model.store.export_index import INDEX_FILE

    if path.is_dir():
        return (path / INDEX_FILE).is_file()
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return path.suffix == ".zip" or file.read(4) == b"PK\x03\x04"
    except OSError as error:
        raise LedgerError(
            f"cannot be read: {error.strerror}", where=str(path), remedy="let this user read it"
        ) from error


def require_archive(path: Path) -> None:
    """Refuse what is no archive at all, such as half of a download: that is no alarm.

    Raises:
        LedgerError: it is none, or cannot be read.
    """
    from zipfile import is_zipfile

    if path.is_file() and not is_zipfile(path):
        raise LedgerError(
            "could not be read: it is no whole zip archive",
            where=str(path),
            remedy="download it again, or ask for it again",
        )


@contextmanager
def parts_at(path: Path) -> "Iterator[Mapping[str, Part]]":
    """Every file of an export by its path in it, open for as long as the block lasts.

    Raises:
        IntegrityError: a zip is not in the one form that is read.
        LedgerError, BundleError: the machine cannot read it.
    """
    from ops_model.store.export_index import parts_of_folder

    if path.is_dir():
        yield parts_of_folder(path)
        return
    from ops_model.store.archive import open_archive
    from ops_model.store.sealed import Part

    with open_archive(path) as archive:
        yield {n: Part(archive.size(n), partial(archive.open, n)) for n in archive.names}


def only_bundle(parts: "Mapping[str, Part]") -> "Mapping[str, Part] | None":
    """The files of the one bundle that an archive is, by their names in it."""
    from ops_model.store.export_index import INDEX_FILE
    from ops_model.store.sealed import MANIFEST_FILE

    folders = {name.rpartition("/")[0] for name in parts}
    if INDEX_FILE in parts or len(folders) != 1:
        return None
    bundle = {name.rpartition("/")[2]: part for name, part in parts.items()}
    return bundle if MANIFEST_FILE in bundle else None
