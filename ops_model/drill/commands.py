"""Runs one command of a plan to its end: without a shell, in time, and never beyond the drill."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from ops_model.drill import leash
from ops_model.drill.scene import wait_until
from ops_model.drill.targets import end_leash, plain_command

SHOWN = 200


def filled(command: tuple[str, ...], version: str) -> tuple[str, ...]:
    """The command with the version in the place of each `{version}`."""
    return tuple(part.replace("{version}", version) for part in command)


def shown(command: tuple[str, ...]) -> str:
    """A command on one line, cut short."""
    return f"`{' '.join(' '.join(command).split())[:SHOWN]}`"


def run_command(
    command: tuple[str, ...], *, root: Path, seconds: float, check: Callable[[], None]
) -> str:
    """Run it to its end; why it failed, empty when it did not.

    What has not ended in time is killed with its children, and so it is when this process dies.
    What a command that ended well left running is left alone: a deployment starts a server.

    Args:
        command: an argument list; `python` means this interpreter.
        root: the workbook's folder, where it runs.
        seconds: the longest that it may take.
        check: called while waiting; may raise to break off.
    """
    arguments, env = plain_command(command)
    leashed = [sys.executable, "-I", "-S", leash.__file__, leash.ONCE, *arguments]
    # Files and no pipes: a server that it left running would hold a pipe open for ever.
    with tempfile.TemporaryFile() as complaints, tempfile.TemporaryFile() as output:
        process = subprocess.Popen(  # noqa: S603 - the workbook names the command, no shell
            leashed, cwd=root, env=env, stdin=subprocess.PIPE, stdout=output, stderr=complaints,
            start_new_session=True,
        )  # fmt: skip
        try:
            ended = wait_until(
                lambda: process.poll() is not None, seconds, time.monotonic, _patient(check)
            )
        finally:
            code = end_leash(process)
        if not ended:
            return f"{shown(command)} was not done within {seconds:.3g} s, and was ended"
        return "" if code == 0 else f"{shown(command)} ended with code {code}: {_said(complaints)}"


def _patient(check: Callable[[], None]) -> Callable[[float], None]:
    def sleep(seconds: float) -> None:
        check()
        time.sleep(seconds)

    return sleep


def _said(complaints: IO[bytes]) -> str:
    complaints.seek(0)
    lines = complaints.read(65536).decode(errors="replace").strip().splitlines()
    return lines[0][:300] if lines else "it said nothing"
