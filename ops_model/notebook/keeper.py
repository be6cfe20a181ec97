"""The process above a kernel: it holds the kernel to its limits and leaves nothing of it behind.

Whatever a cell starts comes to this process when its own parent ends, a daemon as well, so that
all of it can be ended. It speaks with the runner over one socket, in JSON, a packet each; when the
runner is gone the socket closes, and the kernel ends. Linux only, standard library only: the
process may be a fork of one that must stay as it is.
"""

import ctypes
import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Literal, NoReturn

from ops_model.notebook.processes import children_of, family_of, memory_of, puts_back

Why = Literal["", "memory", "output"]

CANNOT_START = 70
"""The exit code of a kernel that did not come to its first cell."""
TOO_MUCH_OUTPUT = 97
"""The exit code of a kernel that showed more than it may."""
TICK_SECONDS = 0.25
# Looking for all that a cell started means reading the whole of /proc.
TICKS_PER_LOOK = 4
SWEEP_SECONDS = 5.0
PACKET = 1 << 20
_SET_PDEATHSIG, _SET_CHILD_SUBREAPER = 1, 36


def tell(link: socket.socket, **message: object) -> None:
    """Send one message; whoever does not listen any more is told nothing."""
    with suppress(OSError):
        link.send(json.dumps(message).encode())


def told(link: socket.socket) -> Mapping[str, Any]:
    """The next message; empty once the other side is gone.

    Raises:
        BlockingIOError: there is none yet, and the socket does not wait.
    """
    try:
        packet = link.recv(PACKET)
    except ConnectionError:
        return {}
    return json.loads(packet) if packet else {}


def ends_with_its_parent(parent: int, with_signal: int) -> None:
    """Let the operating system send this process a signal when `parent` ends."""
    _prctl(_SET_PDEATHSIG, with_signal)
    if os.getppid() != parent:  # it ended before it could be said
        os._exit(1)


def inherits_orphans() -> None:
    """Become the parent of whatever a descendant leaves behind."""
    _prctl(_SET_CHILD_SUBREAPER, 1)


def _prctl(option: int, value: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def keep(
    link: socket.socket,
    start: Callable[[], object],
    *,
    memory_bytes: int | None,
    output_bytes: int | None,
) -> NoReturn:
    """Fork a kernel that calls `start`, and stay above it until nothing of it is left.

    The runner is told `kernel` and `keeper` (process ids) at once, and at the end `ended` (the
    exit code, negative for a signal) with `why`. It may send `signal` (a number) meanwhile.
    """
    woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    inherits_orphans()
    me = os.getpid()
    kernel = os.fork()
    if kernel == 0:
        _be_kernel(me, start)
    tell(link, kernel=kernel, keeper=me)
    keeper = _Keeper(link, kernel, woken, memory_bytes, output_bytes)
    try:
        keeper.watch()
    finally:
        _sweep(None if keeper.kernel_ended else kernel)
        tell(link, ended=keeper.code, why=keeper.why)
        os._exit(0)


def _be_kernel(keeper: int, start: Callable[[], object]) -> NoReturn:
    try:
        os.setsid()
        ends_with_its_parent(keeper, signal.SIGKILL)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for number in (signal.SIGTERM, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        start()
    except BaseException as error:  # noqa: BLE001 - whatever it is, nobody above may go on with it
        with suppress(Exception):
            sys.__stderr__.write(f"{type(error).__name__}: {error}\n")  # type: ignore[union-attr]  # a missing one is suppressed
            sys.__stderr__.flush()  # type: ignore[union-attr]  # as above
    os._exit(CANNOT_START)


class _Keeper:
    """What is known of one kernel while it lives."""

    def __init__(
        self,
        link: socket.socket,
        kernel: int,
        woken: int,
        memory_bytes: int | None,
        output_bytes: int | None,
    ) -> None:
        self.link, self.kernel, self.woken = link, kernel, woken
        self.memory_bytes, self.output_bytes = memory_bytes, output_bytes
        self.code = -int(signal.SIGKILL)
        self.why: Why = ""
        self.told_to_end = self.kernel_ended = False
        self.ticks = 0
        self.family: tuple[int, ...] = ()

    def watch(self) -> None:
        """Until the kernel ended, passed a limit, or nobody waits for it any more."""
        signal.signal(signal.SIGTERM, self._end)
        while not self.told_to_end and not self._reap():
            link = self.link.fileno()
            ready, _, _ = select.select([link, self.woken], [], [], TICK_SECONDS)
            if self.woken in ready:
                with suppress(BlockingIOError):
                    os.read(self.woken, 1024)
            if link in ready and not self._heard():
                return
            self.why = self._over_a_limit()
            if self.why:
                return

    def _end(self, *_: object) -> None:
        self.told_to_end = True

    def _reap(self) -> bool:
        for pid, status in reaped():
            if pid == self.kernel:
                self.kernel_ended = True
                self.code = os.waitstatus_to_exitcode(status)
                self.why = "output" if self.code == TOO_MUCH_OUTPUT else ""
                return True
        return False

    def _heard(self) -> bool:
        """True while somebody is there; what was asked for is done."""
        message = told(self.link)
        if number := message.get("signal"):
            try:
                os.killpg(self.kernel, number)
            except ProcessLookupError:  # it is no group yet
                os.kill(self.kernel, number)
        return bool(message)

    def _over_a_limit(self) -> Why:
        if self.output_bytes is not None and os.fstat(1).st_size > self.output_bytes:
            return "output"
        if self.memory_bytes is None:
            return ""
        self.ticks += 1
        if self.ticks % TICKS_PER_LOOK == 0:
            self.family = tuple(family_of(os.getpid()))
        pids = {self.kernel, *self.family}
        return "memory" if memory_of(pids, at_least=self.memory_bytes) else ""


def reaped() -> Iterator[tuple[int, int]]:
    """The children that ended, each once."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        yield pid, status


def _sweep(kernel: int | None) -> None:
    """End whatever is left below this process, wherever it hid.

    A killed child leaves its own children here, so ending children until there are none ends all.
    A process group is killed at once, which one that forks without end does not outrun; the number
    of a kernel that ended may be another's by now. Only a drill that is being put back is left to
    end by itself, with all that is below it.
    """
    if kernel is not None:
        with suppress(OSError):
            os.killpg(kernel, signal.SIGKILL)
    me, own_group = os.getpid(), os.getpgid(0)
    until = time.monotonic() + SWEEP_SECONDS
    while _has_children() and time.monotonic() < until:
        left = [pid for pid in children_of(me) if not puts_back(pid)]
        if not left:
            return
        for pid in left:
            with suppress(OSError):
                group = os.getpgid(pid)
                os.kill(pid, signal.SIGKILL)
                if group != own_group:
                    os.killpg(group, signal.SIGKILL)


def _has_children() -> bool:
    """True where one still is there after a moment; those that ended are waited for."""
    for wait in (0.001, 0.005, 0.02):
        for _ in reaped():
            pass
        try:
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return False
        time.sleep(wait)
    return True
