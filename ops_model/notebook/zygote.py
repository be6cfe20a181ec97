"""The process that kernels are forked from: the heavy libraries are imported already.

`python -m ops_model.notebook.zygote SOCKET SETTINGS [contracts]` imports, listens at SOCKET, says
`ready` in a line, and forks a keeper with a kernel for each connection, until its standard input
is closed. It runs no cell, opens no database and starts no thread. Linux only.
"""

import fcntl
import gc
import json
import os
import random
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

from ops_model.notebook.inside import keep_kernel
from ops_model.notebook.keeper import ends_with_its_parent, inherits_orphans, reaped, tell
from ops_model.notebook.keying import key_of
from ops_model.notebook.preload import preload
from ops_model.notebook.processes import children_of, puts_back
from ops_model.slow_imports import block_address_grammars

REQUEST_SECONDS = 5.0
PACKET = 1 << 20
# Workers of numpy's, Arrow's and the allocator's pools, tested at a fork; they bear the name of
# the process or one of these. Whatever else a library started would be missing in the fork.
_KNOWN_THREADS = frozenset({"jemalloc_bg_thd"})


def unknown_threads() -> str:
    """The threads besides this one that nobody has shown to bear a fork; empty: none."""
    if threading.active_count() > 1:
        return ", ".join(t.name for t in threading.enumerate() if t is not threading.main_thread())
    tasks = list(Path("/proc/self/task").iterdir())
    names = sorted((task / "comm").read_text(encoding="utf-8").strip() for task in tasks)
    own = Path("/proc/self/comm").read_text(encoding="utf-8").strip()
    unknown = [name for name in names if name != own and name not in _KNOWN_THREADS]
    most = 2 * (os.cpu_count() or 1) + 4
    return ", ".join(unknown) or (f"{len(names)} of them" if len(names) > most else "")


@contextmanager
def _ended_with_its_owner() -> Iterator[None]:
    """End this process at once when standard input is closed, whatever it is importing.

    Not the signal of a parent's death: that is of the thread which started this, and a pool's
    threads come and go.
    """
    fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())
    flags = fcntl.fcntl(0, fcntl.F_GETFL)
    fcntl.fcntl(0, fcntl.F_SETFL, flags | os.O_ASYNC)
    if select.select([0], [], [], 0)[0]:  # nobody writes to it, so it was closed before
        sys.exit(1)
    try:
        yield
    finally:
        fcntl.fcntl(0, fcntl.F_SETFL, flags)


def main(address: str, settings: str, *parts: str) -> None:
    """Import, listen, fork; returns when the owner is gone."""
    block_address_grammars()
    # Before anything is imported. The settings are those that the owner gave: the interpreter adds
    # to them when it finds no locale.
    key = {**key_of({}), "settings": settings}
    # Nearly all that an import makes stays for good, so collecting in between finds nothing.
    gc.disable()
    with _ended_with_its_owner():
        preload(contracts="contracts" in parts)
    if threads := unknown_threads():
        sys.stdout.write(f"threads that bear no fork: {threads}\n")
        return
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listening.bind(address)
    Path(address).chmod(0o600)
    listening.listen(64)
    woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    inherits_orphans()
    # Later collections would touch, and so copy, the pages that all kernels share.
    gc.collect()
    gc.freeze()
    gc.enable()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    _Zygote(listening, woken, key).serve()
    with suppress(OSError):
        Path(address).unlink()


class _Zygote:
    """Forks a keeper for each connection, and knows its keepers."""

    def __init__(self, listening: socket.socket, woken: int, key: Mapping[str, str]) -> None:
        self.listening, self.woken, self.key = listening, woken, key
        self.keepers: set[int] = set()

    def serve(self) -> None:
        """Until the owner closes standard input; then all keepers end, and their kernels."""
        listening = self.listening.fileno()
        while True:
            ready, _, _ = select.select([0, listening, self.woken], [], [])
            if self.woken in ready:
                with suppress(BlockingIOError):
                    os.read(self.woken, 1024)
                self._reap()
            if 0 in ready and not os.read(0, 1024):
                break
            if listening in ready:
                self._fork()
        self._end()

    def _fork(self) -> None:
        link, _ = self.listening.accept()
        me = os.getpid()
        keeper = os.fork()
        if keeper == 0:
            self.listening.close()
            os.close(self.woken)
            _be_keeper(me, link, self.key)
        self.keepers.add(keeper)
        link.close()

    def _reap(self) -> None:
        """Wait for the children that ended; what those left below them has come here by now."""
        ended = [pid for pid, _ in reaped()]
        self.keepers.difference_update(ended)
        if ended:
            self._end_orphans()

    def _end_orphans(self) -> bool:
        """True where a keeper that somebody killed left something here: it is not to stay."""
        here = set(children_of(os.getpid())) - self.keepers
        orphans = [pid for pid in here if not puts_back(pid)]
        for pid in orphans:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return bool(orphans)

    def _end(self) -> None:
        """Tell each keeper to end its kernel, and wait, so that their time counts as ours."""
        self.listening.close()
        for keeper in self.keepers:
            with suppress(ProcessLookupError):
                os.kill(keeper, signal.SIGTERM)
        until = time.monotonic() + REQUEST_SECONDS
        while (self.keepers or self._end_orphans()) and time.monotonic() < until:
            self._reap()
            time.sleep(0.005)


def _be_keeper(zygote: int, link: socket.socket, key: Mapping[str, str]) -> NoReturn:
    """Read what is asked for, and become the process above that kernel."""
    try:
        os.setsid()
        ends_with_its_parent(zygote, signal.SIGTERM)
        link.settimeout(REQUEST_SECONDS)
        packet, files, _, _ = socket.recv_fds(link, PACKET, 2)
        link.settimeout(None)
        if packet:
            _answer(link, json.loads(packet), files, key)
    except BaseException as error:  # noqa: BLE001 - the process is a fork: nobody above may go on with it
        tell(link, refused=f"{type(error).__name__}: {error}")
    os._exit(0)


_OTHER = {
    "interpreter": "it is another interpreter than that of the warm process",
    "settings": "libraries read other settings than those of the warm process",
    "packages": "packages changed since the warm process started",
}


def _answer(
    link: socket.socket, request: Mapping[str, Any], files: list[int], key: Mapping[str, str]
) -> None:
    other = [name for name, value in key.items() if request["key"].get(name) != value]
    if other:
        tell(link, refused=_OTHER[other[0]])
        return
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, file in enumerate((nothing, *files)):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()  # noqa: TID251 - the kernel's environment is the one that was sent, whole
    os.environ.update(request["environment"])  # noqa: TID251 - as above
    time.tzset()
    os.chdir(request["folder"])
    _forget()
    keep_kernel(link, request)


def _forget() -> None:
    """Make anew what a fork would share though each process is to have its own."""
    import importlib
    import tempfile

    import numpy as np

    random.seed()
    np.random.seed()  # the generator of whoever makes none of their own
    tempfile.tempdir = None
    importlib.invalidate_caches()
    sys.argv[:] = ["ipykernel_launcher"]


if __name__ == "__main__":
    sys.path[:] = [entry for entry in sys.path if entry not in {"", "/"}]
    main(*sys.argv[1:])
