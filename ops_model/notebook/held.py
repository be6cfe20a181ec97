"""A kernel that another process holds, as Jupyter expects a process of its own to be.

The runner is not its parent, so it asks over the socket that it holds: as long as that is open the
kernel may live, and the process above it says how it ended.
"""

import json
import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ops_model.notebook.keeper import Why, tell, told

START_SECONDS = 5.0
END_SECONDS = 8.0


class RefusedError(Exception):
    """There is no kernel; the text says why."""


@dataclass(frozen=True)
class Request:
    """What a kernel is started with.

    `argv` are Jupyter's own arguments. A limit that is None does not hold. `thread_errors` is the
    file in which the first error of a thread is noted, where somebody reads it.
    """

    argv: Sequence[str]
    folder: str
    environment: Mapping[str, str]
    thread_errors: str | None = None
    memory_bytes: int | None = None
    output_bytes: int | None = None

    def as_message(self, key: Mapping[str, str]) -> dict[str, object]:
        """The request as the process that forks reads it."""
        return {**vars(self), "key": key}


class HeldKernel:
    """What Jupyter uses of `Popen`, for a kernel behind a socket."""

    stdin = stdout = stderr = None

    def __init__(
        self,
        link: socket.socket,
        first: Mapping[str, Any],
        started: "subprocess.Popen[bytes] | None",
    ) -> None:
        self.link, self.started = link, started
        self.pid: int = first["kernel"]
        self.returncode: int | None = None
        self.why: Why = ""
        # A number of a process may be given to another one later; these mean those two for ever.
        self._handles = [h for h in map(_handle, (first["keeper"], first["kernel"])) if h >= 0]

    def poll(self) -> int | None:
        """The exit code once it ended."""
        while self.returncode is None:
            try:
                message = told(self.link)
            except BlockingIOError:
                return None
            if "ended" in message or not message:
                self._ended(message.get("ended", -int(signal.SIGKILL)), message.get("why", ""))
        return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        """The exit code, when it ended within the time."""
        until = None if timeout is None else time.monotonic() + timeout
        while self.poll() is None:
            left = None if until is None else until - time.monotonic()
            if left is not None and left <= 0:
                return None
            select.select([self.link], [], [], left)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """To the kernel and all that is in its process group."""
        if self.poll() is None:
            tell(self.link, signal=int(number))

    def kill(self) -> None:
        """Send it SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Send it SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def end(self) -> None:
        """End it and all that it left, and wait for that."""
        if self.poll() is None:
            with suppress(OSError):
                self.link.shutdown(socket.SHUT_WR)
            if self.wait(END_SECONDS) is None:  # somebody stopped the process above it
                for handle in self._handles:
                    with suppress(OSError):
                        signal.pidfd_send_signal(handle, signal.SIGKILL)
                self._ended(-int(signal.SIGKILL), "")

    def _ended(self, code: int, why: Why) -> None:
        self.returncode, self.why = code, why
        self.link.close()
        for handle in self._handles:
            os.close(handle)
        self._handles = []
        if self.started is not None:
            self.started.wait()


def _handle(pid: int) -> int:
    try:
        return os.pidfd_open(pid)
    except OSError:
        return -1


def fork_from(
    address: str, request: Request, key: Mapping[str, str], files: Sequence[int]
) -> HeldKernel:
    """A kernel forked from the warm process at `address`, writing to these two files.

    Raises:
        RefusedError: no such process, no answer, or one that is not as it was asked for.
    """
    link = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    link.settimeout(START_SECONDS)
    try:
        link.connect(address)
        socket.send_fds(link, [json.dumps(request.as_message(key)).encode()], list(files))
        answer = told(link)
    except TimeoutError:
        link.close()
        raise RefusedError(f"the warm process did not answer in {START_SECONDS:.0f} s") from None
    except OSError as error:
        link.close()
        raise RefusedError(f"the warm process is not there: {error.strerror}") from None
    return _begun(link, answer, None)


def start_alone(command: Sequence[str], request: Request, files: Sequence[int]) -> HeldKernel:
    """A kernel started from nothing, with the same process above it.

    Raises:
        RefusedError: it did not start.
    """
    link, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with far:
        tell(link, **request.as_message({}))
        started = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [*command, str(far.fileno())],
            cwd=request.folder, env=dict(request.environment), pass_fds=[far.fileno()],
            stdin=subprocess.DEVNULL, stdout=files[0], stderr=files[1], start_new_session=True,
        )  # fmt: skip
    link.settimeout(60)
    return _begun(link, told(link), started)


def _begun(
    link: socket.socket, answer: Mapping[str, Any], started: "subprocess.Popen[bytes] | None"
) -> HeldKernel:
    if "kernel" not in answer:
        link.close()
        if started is not None:
            started.wait()
        why = answer.get("refused", "the process that forks kernels ended")
        raise RefusedError(why)
    link.settimeout(0)
    return HeldKernel(link, answer, started)
