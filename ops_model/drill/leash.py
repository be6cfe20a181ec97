"""Runs a command that cannot outlive whoever started it.

`python -m ops_model.drill.leash COMMAND...` starts the command in a process group of its own and
then only waits for the end of its standard input, a pipe that the supervisor holds. The pipe ends
when the supervisor lets go of it or dies, however it dies; then the whole group is ended.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

GRACE_SECONDS = 2.0
NOT_FOUND = 127  # as a shell says it


def main(command: list[str]) -> int:
    """Run `command` until standard input ends; its exit code."""
    try:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, process_group=0)  # noqa: S603 - the workbook names it, no shell
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)  # noqa: T201 - a process of its own
        return NOT_FOUND
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    # The command alone holds the pipe of its output now, so the supervisor sees when it ends.
    os.close(sys.stdout.fileno())
    sys.stdin.buffer.read()
    _end(child)
    return child.returncode & 0xFF


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
