"""The catalogue that judges: our checks, those of the workbook, and those of company packages.

Ours are loaded here. A user's own are loaded and judged in a worker process, and where there are
none, no process is started. What was loaded is kept while its files stay as they are.
"""

import atexit
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.machinery import ModuleSpec
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ops_model.check.catalogue import Catalogue, check_files, joined, load_catalogue
from ops_model.errors import CatalogueError
from ops_model.shipped import shipped
from ops_model.workflow.register import register_of

if TYPE_CHECKING:
    from ops_model.workflow.own_judge import OwnChecks
    from ops_model.workflow.own_worker import Patience

GROUP = "ops_model.checks"
"""The entry-point group under which a package says that it holds check files."""
FOLDER = "checks"
"""The folder of a workbook that holds its own check files."""

Seen = tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True)
class _Kept:
    key: tuple[Seen, "Patience | None"]
    catalogue: Catalogue
    own: "OwnChecks | None"


_lock = threading.RLock()
_kept: list[_Kept] = []


def catalogue_of(root: Path | None, *, patience: "Patience | None" = None) -> Catalogue:
    """Our checks, those of installed packages and, where there is a workbook, its own.

    Args:
        root: the workbook's folder.
        patience: how long a user's own checks may take; None is what `Patience` says.

    Raises:
        CatalogueError: a check file cannot be loaded, or not in time; or the register of
            frameworks is wrong.
    """
    own = own_folders(root)
    folders = [shipped("checks"), *own]
    if root is not None and (root / FOLDER).is_dir():
        folders.append(root / FOLDER)  # it may hold controls and no check
    key = (tuple(_seen(folders)), patience)
    with _lock:
        if not any(kept.key == key for kept in _kept):
            close_own_checks()
            _kept.append(_loaded(key, folders, own))
        return _kept[0].catalogue


def close_own_checks() -> None:
    """Forget what was loaded, and end its worker."""
    with _lock:
        while _kept:
            if (own := _kept.pop().own) is not None:
                own.close()


atexit.register(close_own_checks)


def _loaded(
    key: tuple[Seen, "Patience | None"], folders: Sequence[Path], own: Sequence[Path]
) -> _Kept:
    ours = load_catalogue(folders[:1])
    if not own:
        return _Kept(key, _with_register(ours, folders), None)
    from ops_model.workflow.own_judge import OwnChecks
    from ops_model.workflow.own_worker import Patience

    asked = OwnChecks(own, key[1] or Patience())
    try:
        return _Kept(key, _with_register(joined(ours, asked.checks), folders), asked)
    except BaseException:
        asked.close()
        raise


def _with_register(catalogue: Catalogue, folders: Sequence[Path]) -> Catalogue:
    register = register_of(folders, [check.id for check in catalogue.checks])
    return replace(catalogue, register=register)


def own_folders(root: Path | None) -> tuple[Path, ...]:
    """The folders of company packages and of the workbook that hold check files.

    Raises:
        CatalogueError: an installed package that says so holds none, or the workbook's is no
            folder.
    """
    if root is not None:
        _refuse_no_folder(root / FOLDER)
    found = [_folder_of(entry) for entry in _entries()]
    if root is not None and check_files(root / FOLDER):
        found.append(root / FOLDER)
    return tuple(dict.fromkeys(folder.resolve() for folder in found))


def _refuse_no_folder(folder: Path) -> None:
    """What cannot hold checks is said, never left out."""
    if folder.is_dir() or not (folder.exists() or folder.is_symlink()):
        return
    raise CatalogueError(
        "is a file; expected a folder of check files"
        if folder.exists()
        else "is a link that leads nowhere; expected a folder of check files",
        where=FOLDER,
        remedy="put a folder in its place, or take it away",
    )


@lru_cache(maxsize=1)
def _entries() -> tuple[EntryPoint, ...]:
    """What is installed stays as it is while a process runs, and looking takes a while."""
    return tuple(sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)))


def _folder_of(entry: EntryPoint) -> Path:
    """The folder of the package that an entry names, found without importing it."""
    first, *below = entry.value.split(".")
    # The first part alone: to find what is below, Python would import it.
    spec = _spec_of(first) if first.isidentifier() else None
    places = (spec.submodule_search_locations or ()) if spec is not None else ()
    folders = [Path(place, *below) for place in places]
    holding = next((folder for folder in folders if check_files(folder)), None)
    if holding is not None:
        return holding
    why = "holds no check file" if folders else "is no package that is installed"
    if not folders and (spec is not None or first in sys.modules):
        why = "is a module, no package"
    raise CatalogueError(
        f"{entry.value} {why}",
        where=f"the entry point {entry.name!r} of the group {GROUP}",
        remedy="whoever keeps that package names the one whose folder holds the check files",
    )


def _spec_of(name: str) -> ModuleSpec | None:
    try:
        return find_spec(name)
    except ValueError:  # a module that no file was found for, such as `__main__`
        return None


def _seen(folders: Sequence[Path]) -> Iterator[tuple[str, int, int, int]]:
    """By what a changed file is told from the same: a check may read another file beside it."""
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            if file.suffix in {".py", ".csv", ".yaml"} and file.is_file():
                found = file.stat()
                yield str(file), found.st_mtime_ns, found.st_size, found.st_ino
