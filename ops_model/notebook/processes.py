"""Processes by what Linux says of them in /proc: whose child, and how much memory."""

import os
from collections.abc import Collection, Iterator
from pathlib import Path

_PROC = Path("/proc")


def parents() -> dict[int, int]:
    """Every process with its parent."""
    found = {}
    for name in os.listdir(_PROC):  # noqa: PTH208 - a path object for each process costs more than the look
        if name.isdecimal() and (parent := _parent(name)) is not None:
            found[int(name)] = parent
    return found


def _parent(pid: str) -> int | None:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123 - as above
            # The name stands in brackets and may hold any sign.
            return int(file.read().rpartition(b")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return None  # it has just ended


def children_of(pid: int) -> list[int]:
    """The processes whose parent this is, ended ones included until they are waited for."""
    return [child for child, parent in parents().items() if parent == pid]


def family_of(pid: int) -> Iterator[int]:
    """All processes below this one, but for drills: what they started is a system, no notebook."""
    children: dict[int, list[int]] = {}
    for child, parent in parents().items():
        children.setdefault(parent, []).append(child)
    below = children.get(pid, [])
    while below := [one for one in below if not puts_back(one)]:
        yield from below
        below = [child for one in below for child in children.get(one, ())]


def puts_back(pid: int) -> bool:
    """True for the supervisor of a drill: it outlives its kernel, to put back what was changed.

    Its end is certain: it lives no longer than its drill may take. A cell could start something
    that only looks like one; that is as far as a daemon gets.
    """
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[1:-1]
    except OSError:
        return False
    return command == [b"-P", b"-m", b"ops_model.drill.supervisor"]


def memory_of(pids: Collection[int], *, at_least: int) -> int:
    """Bytes that these processes hold, each shared page by its part; 0 where below `at_least`.

    What is resident counts a shared page for each process, so it is an upper bound, and cheap;
    the exact sum is looked up only where that bound is reached.
    """
    if sum(map(_resident, pids)) < at_least:
        return 0
    exact = sum(map(_proportional, pids))
    return exact if exact >= at_least else 0


def _resident(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:  # noqa: PTH123 - read four times a second
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0  # it has just ended


def _proportional(pid: int) -> int:
    return fields_of(pid, "smaps_rollup").get("Pss", 0)


def private_bytes(pid: int) -> int:
    """Bytes that would be free again if this process alone ended."""
    found = fields_of(pid, "smaps_rollup")
    return found.get("Private_Clean", 0) + found.get("Private_Dirty", 0)


def fields_of(pid: int | str, file: str) -> dict[str, int]:
    """The fields of a file of /proc that are given in kB, in bytes; empty for an ended process."""
    try:
        lines = Path(f"/proc/{pid}/{file}").read_text(encoding="ascii", errors="replace")
    except OSError:
        return {}
    rows = (line.split() for line in lines.splitlines())
    return {row[0].rstrip(":"): int(row[1]) * 1024 for row in rows if row[2:] == ["kB"]}
