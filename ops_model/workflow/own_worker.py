"""The worker process of a user's own checks, and talking to it without ever waiting for good."""

import json
import os
import secrets
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops_model.check.foreign import LONGEST_LINE, UnansweredError
from ops_model.drill.leftovers import end_marked
from ops_model.drill.targets import MARK, environment, interpreter_path

_LOOK_AGAIN_SECONDS = 0.2
_CHUNK = 65536
_POLLED = {True: select.POLLOUT, False: select.POLLIN}


@dataclass(frozen=True)
class Patience:
    """How long a user's own checks may take, in seconds: to load, for one answer, for a system."""

    load: float = 30
    answer: float = 10
    system: float = 60


class Allowance:
    """What is left of an answer's and of a system's time; only waiting uses it up."""

    def __init__(self, seconds: float, of: "Allowance | None" = None) -> None:
        self.seconds = self.left = seconds
        self.of = of

    @property
    def shortest(self) -> "Allowance":
        """The one that runs out first."""
        if self.of is None or self.left <= self.of.left:
            return self
        return self.of

    def use(self, seconds: float) -> None:
        """Note that so long was waited."""
        self.left -= seconds
        if self.of is not None:
            self.of.use(seconds)


class LateError(UnansweredError):
    """An allowance ran out."""

    def __init__(self, allowance: Allowance) -> None:
        self.allowance = allowance
        super().__init__(f"gave no answer within {allowance.seconds:g} s")


class WorkerProcess:
    """One process, from its start until it is ended; it speaks JSON lines.

    Whatever goes wrong ends it and is an `UnansweredError`: no answer in time, the end of the
    process, and what is no answer.
    """

    lives = False

    def __init__(self, folder: Path, *, stopwatch: Callable[[], float] = time.monotonic) -> None:
        """Start it.

        Args:
            folder: where it works.
            stopwatch: what waiting is measured by.
        """
        self._stopwatch = stopwatch
        self._mark = f"checks-{secrets.token_hex(8)}"
        self._owner = os.getpid()
        self._buffer = b""
        its_inbox, self._to = os.pipe()
        self._from, its_outbox = os.pipe()
        try:
            pipes = [str(its_inbox), str(its_outbox)]
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter and a module of ours
                [sys.executable, "-P", "-m", "ops_model.check.foreign_worker", *pipes],
                cwd=folder, env=environment() | interpreter_path() | {MARK: self._mark},
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                start_new_session=True, pass_fds=(its_inbox, its_outbox),
            )  # fmt: skip
        except BaseException:
            self._close()
            raise
        finally:
            os.close(its_inbox)
            os.close(its_outbox)
        # What it does not read must not hold us up.
        os.set_blocking(self._to, False)
        self.lives = True

    def __del__(self) -> None:
        """Whoever forgot to end it meant to."""
        self.end()

    @property
    def mine(self) -> bool:
        """True in the process that started it; a fork of that must not speak to it."""
        return self._owner == os.getpid()

    def say(self, message: Mapping[str, Any], allowance: Allowance) -> None:
        """Send one message.

        Raises:
            UnansweredError: it takes no message, or is no more.
        """
        data = json.dumps(message).encode() + b"\n"
        while data:
            self._wait(allowance, writing=True)
            try:
                data = data[os.write(self._to, data) :]
            except BlockingIOError:
                continue
            except OSError:
                raise self._lost() from None

    def hear(self, allowance: Allowance) -> dict[str, Any]:
        """Wait for one message.

        Raises:
            UnansweredError: there is none in time, or what comes is none.
        """
        while b"\n" not in self._buffer:
            if len(self._buffer) > LONGEST_LINE:
                raise self._ended(f"answered with more than {LONGEST_LINE:,} bytes")
            self._wait(allowance)
            got = os.read(self._from, _CHUNK)
            if not got:
                raise self._lost()
            self._buffer += got
        line, _, self._buffer = self._buffer.partition(b"\n")
        with suppress(ValueError, RecursionError):
            message = json.loads(line)
            if isinstance(message, dict):
                return message
        raise self._ended("answered with what is no answer")

    def end(self) -> None:
        """End the process and what it started, which carries its mark; harmless when it ended."""
        if not self.lives:
            return
        self.lives = False
        if self.mine:
            # It is reaped only after this, so that nobody else can have its number.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            end_marked(self._mark)
        self._close()

    def _close(self) -> None:
        os.close(self._to)
        os.close(self._from)

    def _wait(self, allowance: Allowance, *, writing: bool = False) -> None:
        """Until the pipe can be used; a look at the process in between, for its death."""
        if not self.lives:
            raise UnansweredError("its process has ended")
        poll = select.poll()
        poll.register(self._to if writing else self._from, _POLLED[writing])
        ended = False
        while True:
            began = self._stopwatch()
            left = min(_LOOK_AGAIN_SECONDS, max(allowance.shortest.left, 0))
            ready = poll.poll(left * 1000)
            allowance.use(self._stopwatch() - began)
            if ready:
                return
            if ended:  # looked once more after its death, for what it had said before
                raise self._lost()
            if allowance.shortest.left <= 0:
                self.end()
                raise LateError(allowance.shortest)
            ended = self._exit() is not None

    def _exit(self) -> str | None:
        """How the process ended, or None while it lives; does not reap it."""
        try:
            found = os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)
        except ChildProcessError:  # where a program ignores SIGCHLD, the system reaps
            return "no trace"
        if found is None:
            return None
        if found.si_code == os.CLD_EXITED:
            return f"exit code {found.si_status}"
        return f"signal {found.si_status}"

    def _lost(self) -> UnansweredError:
        """What to raise when a pipe ended: the process died, or closed it."""
        how = self._exit()
        for _ in range(10):  # a pipe closes a moment before its process is over
            if how is not None:
                break
            time.sleep(0.02)
            how = self._exit()
        return self._ended(f"its process ended with {how}" if how else "its process hung up")

    def _ended(self, why: str) -> UnansweredError:
        self.end()
        return UnansweredError(why)
