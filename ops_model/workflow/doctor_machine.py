"""What `ops-model doctor` says of the machine: what runs need of it, and whether it is there."""

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from ops_model.workflow.doctor_lines import Line, State, looked

GIB = 2**30
LEAST_FREE = GIB
"""So little room is left for the bundles of a fleet and the temporary files of its kernels."""
NONE_FREE = GIB // 10
RUN_MEMORY = 4 * GIB
"""What a run may take, unless its limit is set lower."""
_SOCKET_ROOM = 80
"""Of the hundred characters that the path of a Unix socket may have, so many for its folder."""
_PRIVATE = len("/om-12345678")


def machine_lines(root: Path | None) -> Iterator[Line]:
    """The machine, and the disks where the workbook and temporary files lie."""
    yield Line("machine", "python", "ok", f"{platform.python_version()} on {_platform()}")
    yield from looked("machine", "processors", _processors)
    yield from looked("machine", "memory", _memory)
    if root is not None:
        yield from looked("machine", "disk of the workbook", lambda: _disk("workbook", root))
    yield from looked("machine", "temporary folder", _temporary)
    yield from looked("machine", "warm kernels", lambda: [warm_line(sys.platform)])
    yield from looked("machine", "time zones", _zones)


def _platform() -> str:
    return f"{platform.system()} {platform.machine()}"


def _processors() -> Iterator[Line]:
    mine = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    yield Line("machine", "processors", "ok", f"{mine or 1} to use")


def _memory() -> Iterator[Line]:
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    yield memory_line(
        whole, free_memory(Path("/proc/meminfo")), memory_limit(Path("/sys/fs/cgroup"))
    )


def free_memory(meminfo: Path) -> int | None:
    """What Linux says is free for whoever asks, in bytes; None where it says nothing."""
    if not meminfo.is_file():
        return None
    for line in meminfo.read_text(encoding="utf-8").splitlines():
        name, _, rest = line.partition(":")
        if name == "MemAvailable":
            return int(rest.split()[0]) * 1024
    return None


def memory_limit(group: Path) -> int | None:
    """What a container may hold, in bytes; None where nothing limits it."""
    said = group / "memory.max"
    text = said.read_text(encoding="utf-8").strip() if said.is_file() else ""
    return int(text) if text.isdigit() else None


def memory_line(whole: int, free: int | None, limit: int | None) -> Line:
    """How much there is, against what one run may take."""
    most = min(whole, limit) if limit is not None else whole
    left = min(free, most) if free is not None else most
    said = f"{_gib(most)} GiB, {_gib(left)} free"
    if left >= RUN_MEMORY:
        return Line("machine", "memory", "ok", said)
    return Line(
        "machine", "memory", "warning", f"{said}; one run may take {_gib(RUN_MEMORY)} GiB",
        "run fewer at once with --jobs, or end what else takes memory",
    )  # fmt: skip


def _disk(what: str, folder: Path) -> Iterator[Line]:
    yield disk_line(
        what, folder, shutil.disk_usage(folder).free, writes=os.access(folder, os.W_OK)
    )


def disk_line(what: str, folder: Path, free: int, *, writes: bool) -> Line:
    """Whether a folder can be written, and how much room is left there."""
    name = f"disk of {'the ' if what == 'workbook' else ''}{what}"
    if not writes:
        return Line("machine", name, "problem", f"{folder} cannot be written by this user",
                    "let this user write there")  # fmt: skip
    state: State = "ok" if free >= LEAST_FREE else "warning" if free >= NONE_FREE else "problem"
    remedy = "" if state == "ok" else "free space there: a full disk stops a run"
    return Line("machine", name, state, f"{_gib(free)} GiB free in {folder}", remedy)


def _temporary() -> Iterator[Line]:
    folder = Path(tempfile.gettempdir())
    yield from _disk("temporary files", folder)
    yield socket_line(folder)


def socket_line(temporary: Path) -> Line:
    """Whether the sockets of a kernel have room in the path of the temporary folder."""
    room = len(str(temporary)) + _PRIVATE < _SOCKET_ROOM
    if room:
        return Line("machine", "temporary folder", "ok", "its path is short enough for sockets")
    return Line(
        "machine", "temporary folder", "warning",
        f"its path has {len(str(temporary))} characters, too many for a kernel's sockets, which "
        "then are TCP ports of this machine",
        "set TMPDIR to a shorter path, such as /tmp",
    )  # fmt: skip


def warm_line(system: str) -> Line:
    """Whether kernels can be forked from a warm process; else each starts from nothing."""
    why = "only Linux has what it takes" if system != "linux" else _no_fork()
    if not why:
        return Line("machine", "warm kernels", "ok", "possible: a fleet forks its kernels")
    return Line(
        "machine", "warm kernels", "warning", f"not possible: {why}",
        "nothing has to be done: each kernel starts from nothing, which takes seconds more",
    )  # fmt: skip


def _no_fork() -> str:
    if not hasattr(os, "pidfd_open"):
        return "this Python knows no pidfd_open"
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError as error:
        return f"the system refuses pidfd_open ({error.strerror})"
    shared = Path("/dev/shm")  # noqa: S108 - only looked at
    return "" if os.access(shared, os.W_OK) else f"{shared} cannot be written"


def _zones() -> Iterator[Line]:
    from zoneinfo import ZoneInfo

    ZoneInfo("Europe/Berlin")
    yield Line("machine", "time zones", "ok", f"there, tzdata {version('tzdata')}")


def _gib(size: int) -> str:
    return f"{size / GIB:.1f}"
