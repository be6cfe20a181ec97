"""Builds what serves a second time, in an empty folder, and says what came out."""

import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from ops_model.domain.change import Build
from ops_model.domain.values import digest_of
from ops_model.drill.access import try_access
from ops_model.drill.targets import environment
from ops_model.errors import DrillError

OUT = "{out}"
"""What stands in a build command for the empty folder."""
_GENERATED = frozenset({"runs", "site"})
_MOST_NAMED = 3


@dataclass(frozen=True)
class Rebuilt:
    """What a second build left: a digest, or why there is none.

    `elsewhere` are files of the workbook that changed meanwhile; `complaint` is what the command
    said, for the terminal alone.
    """

    digest: str | None
    problem: str
    seconds: float
    elsewhere: tuple[str, ...] = ()
    complaint: str = ""


def rebuild(root: Path, build: Build) -> Rebuilt:
    """Run the build from the workbook's folder, with no variable of the user's, and look at it.

    A file is identified by its SHA-256, a folder by the digest over path, size and SHA-256 of each
    of its files in the order of their paths.

    Raises:
        DrillError: the command names no folder to build into.
    """
    if not any(OUT in part for part in build.run):
        raise DrillError(
            f"the command of the build names no {OUT}, so it would build over what there is",
            where=str(build.place_of("run")),
            remedy=f"let it write below {OUT}, which stands for an empty folder",
        )
    began = time.time_ns()
    with tempfile.TemporaryDirectory(prefix="ops-model-build-") as out:
        command = tuple(part.replace(OUT, out) for part in build.run)
        tried = try_access(
            command, root=root, environment=environment(), seconds=build.seconds
        )  # fmt: skip
        elsewhere = tuple(_changed_since(root, began))
        if tried.why:
            return Rebuilt(None, f"the build: {tried.why}", tried.seconds, elsewhere,
                           tried.complaint)  # fmt: skip
        digest, problem = _identified(Path(out), build.artefact)
    return Rebuilt(digest, problem, tried.seconds, elsewhere, tried.complaint)


def _identified(out: Path, artefact: str) -> tuple[str | None, str]:
    """The digest of what was built, or why there is none."""
    path = out / artefact
    if not path.exists():
        return None, f"the build left no {artefact} in its folder"
    if path.is_symlink() or not path.resolve().is_relative_to(out.resolve()):
        return None, _odd(artefact)
    try:
        if path.is_dir():
            return _folder(path)
        return (f"sha256:{_sha256(path)}", "") if path.is_file() else (None, _odd(artefact))
    except OSError as error:
        return None, f"{artefact} cannot be read: {error.strerror or 'unknown reason'}"


def _folder(path: Path) -> tuple[str | None, str]:
    files = sorted(p for p in path.rglob("*") if not p.is_dir() or p.is_symlink())
    # What a link leads to was not built here.
    if odd := next((p for p in files if p.is_symlink() or not p.is_file()), None):
        return None, _odd(odd.name)
    if not files:
        return None, "the build left an empty folder"
    parts = [
        {"path": p.relative_to(path).as_posix(), "bytes": p.stat().st_size, "sha256": _sha256(p)}
        for p in files
    ]
    return digest_of(parts), ""


def _odd(name: str) -> str:
    return f"the build left {name} as a link or as no file; expected a file of its own"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _changed_since(root: Path, began: int) -> Iterator[str]:
    """A few files of the workbook that are newer than the build; what we write is left out."""
    found = 0
    for folder, folders, files in os.walk(root):
        at = Path(folder)
        if at == root:
            folders[:] = [name for name in folders if name not in _GENERATED]
            files = [name for name in files if not name.startswith("ledger.db")]  # noqa: PLW2901 - filtered in place
        folders[:] = [name for name in folders if not name.startswith((".", "__pycache__"))]
        for name in files:
            try:
                newer = (at / name).lstat().st_mtime_ns >= began
            except OSError:  # gone since it was listed
                continue
            if newer:
                yield (at / name).relative_to(root).as_posix()
                found += 1
            if found == _MOST_NAMED:
                return
