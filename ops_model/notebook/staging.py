"""The folder that a run fills, and what is left of runs whose process is gone.

A run holds a lock file for as long as its process lives; the kernel of the operating system lets
go of it on any death. So a lock that can be taken belongs to a dead run.
"""

import fcntl
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated

from pydantic import AwareDatetime, StringConstraints

from ops_model.domain.scalars import Slug
from ops_model.domain.values import Value

# Parts of a path that is removed when its run is dead: one plain name each, never `..`.
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$")]


class RunPlace(Value):
    """Where one run lies; paths are relative to the workbook."""

    run_id: Name
    system: Slug
    notebook: Name
    as_of: AwareDatetime

    @property
    def bundle(self) -> str:
        """The sealed bundle."""
        return f"runs/{self.system}/{self.notebook}/{self.run_id}"

    def staging(self, root: Path) -> Path:
        """The folder that is filled before it is sealed."""
        return root / f"runs/{self.system}/{self.notebook}/.staging-{self.run_id}"

    def lock(self, root: Path) -> Path:
        """The file that is locked while the run's process lives."""
        return root / f"runs/{self.system}/{self.notebook}/.running-{self.run_id}.json"


@contextmanager
def occupied(root: Path, place: RunPlace) -> Iterator[Path]:
    """An empty staging folder; whatever is left in it afterwards is removed.

    An error that leaves the block is one that the ledger could not be told. The lock then stays,
    free, as that of a dead run does, so that the next command tells it.
    """
    staging, lock = place.staging(root), place.lock(root)
    lock.parent.mkdir(parents=True, exist_ok=True)
    beside = lock.with_suffix(".new")
    with beside.open("w", encoding="utf-8") as file:
        # Locked before it has its name: nobody ever sees the lock of a living run free.
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            file.write(place.model_dump_json())
            file.flush()
            beside.rename(lock)
            staging.mkdir()
            yield staging
            lock.unlink(missing_ok=True)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
            beside.unlink(missing_ok=True)


@contextmanager
def dead_runs(root: Path) -> Iterator[tuple[RunPlace, ...]]:
    """The runs whose process is gone; their locks are held meanwhile, and removed afterwards."""
    found: list[tuple[RunPlace, Path, IO[str]]] = []
    try:
        for lock in sorted(root.glob("runs/*/*/.running-*.json")):
            file = _taken(lock)
            place = _read(file, root, lock) if file is not None else None
            if file is not None and place is not None:
                found.append((place, lock, file))
        yield tuple(place for place, _, _ in found)
        for _, lock, _ in found:
            lock.unlink(missing_ok=True)
    finally:
        for _, _, file in found:
            file.close()


def _taken(lock: Path) -> IO[str] | None:
    try:
        # A pipe or a terminal in its place would be waited for.
        file = lock.open(encoding="utf-8") if lock.is_file() else None
    except OSError:
        return None  # its run has just ended, or it is nobody's to read
    if file is None:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _read(file: IO[str], root: Path, lock: Path) -> RunPlace | None:
    """The run that a lock speaks of; None for one of another run, or behind a link.

    What is named is removed, so that nobody may have it removed elsewhere.
    """
    try:
        place = RunPlace(**json.loads(file.read()))
        # A ValidationError is a ValueError, too.
    except (OSError, ValueError, TypeError, RecursionError):
        place = None
    if place is not None and lock.resolve() == place.lock(root.resolve()):
        return place
    file.close()
    return None
