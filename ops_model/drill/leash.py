"""Runs a command that cannot outlive whoever started it.

`python -m ops_model.drill.leash COMMAND...` starts the command in a process group of its own and
then only waits for the end of its standard input, a pipe that the supervisor holds. The pipe ends
when the supervisor lets go of it or dies, however it dies; then the whole group is ended.

With `--once` before the command it is one that ends by itself: its exit code is handed on, and
what it left running is left alone. With `--alone` that is ended too.
"""

import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress

ONCE = "--once"
ALONE = "--alone"
GRACE_SECONDS = 2.0
LOOK_SECONDS = 0.02
NOT_FOUND = 127  # as a shell says it


def main(arguments: list[str]) -> int:
    """Run a command until standard input ends, or once; its exit code."""
    once = arguments[0] in {ONCE, ALONE}
    command = arguments[1:] if once else arguments
    try:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, process_group=0)  # noqa: S603 - the workbook names it, no shell
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)  # noqa: T201 - a process of its own
        return NOT_FOUND
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if once:
        return _wait_for(child, leaves=arguments[0] == ONCE)
    # The command alone holds the pipe of its output now, so the supervisor sees when it ends.
    os.close(sys.stdout.fileno())
    sys.stdin.buffer.read()
    _end(child)
    return child.returncode & 0xFF


def _wait_for(child: "subprocess.Popen[bytes]", *, leaves: bool) -> int:
    ended = False
    while not ended:
        # Nothing is ever written there: what can be read is the end.
        if select.select([sys.stdin], [], [], LOOK_SECONDS)[0]:
            leaves = False
            break
        ended = _has_ended(child.pid)
    if not leaves:
        _end(child)
    code = child.wait()
    return code if code >= 0 else 128 - code  # as a shell says it


def _end(child: "subprocess.Popen[bytes]") -> None:
    # Until it is reaped by `wait`, nobody else can get its number, so the group is surely its own.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        while not _has_ended(child.pid) and time.monotonic() < deadline:
            time.sleep(0.01)
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _has_ended(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
