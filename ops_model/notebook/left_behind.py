"""What runs left behind whose process is gone; nothing here is touched, the next run clears it."""

import fcntl
from pathlib import Path


def left_behind(root: Path) -> tuple[str, ...]:
    """The locks that nobody holds, and the half-filled folders without a lock, by their path."""
    locks = sorted(root.glob("runs/*/*/.running-*.json"))
    dead = [lock for lock in locks if _is_free(lock)]
    held = {lock.parent / f".staging-{_run_of(lock)}" for lock in locks}
    orphans = [folder for folder in sorted(root.glob("runs/*/*/.staging-*")) if folder not in held]
    return tuple(str(path.relative_to(root)) for path in (*dead, *orphans))


def _run_of(lock: Path) -> str:
    return lock.name.removeprefix(".running-").removesuffix(".json")


def _is_free(lock: Path) -> bool:
    try:
        if not lock.is_file():
            return False  # a pipe in its place would be waited for
        with lock.open(encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False  # its run lives, or has just ended
    return True
