"""Runs a command that shows what a person's own access allows, and looks at how it ended.

What it prints is counted and thrown away: a query of the logs prints what users said.
"""

import os
import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from ops_model.drill import leash
from ops_model.drill.commands import shown
from ops_model.drill.leftovers import end_marked
from ops_model.drill.targets import MARK, end_leash, interpreter_path

_CHUNK = 1 << 20
_KEPT = 16 * 1024
_COMPLAINT = 300
_LAST_WORDS_SECONDS = 2.0


@dataclass(frozen=True)
class Tried:
    """What became of one command.

    `why` is a class of reasons and holds nothing that was printed; it is empty where it worked.
    `complaint` and `printed` are for the terminal of whoever ran it, and for nothing else.
    """

    seconds: float
    why: str
    lines: int
    complaint: str = ""
    printed: str = ""


@dataclass
class _Drain:
    """Reads a pipe to its end, so that no command waits for a reader; keeps its beginning."""

    pipe: IO[bytes]
    keep: int
    lines: int = 0
    kept: bytearray = field(default_factory=bytearray)

    def read(self) -> None:
        """Count its lines; none where nothing but white space came."""
        ends, says, last = 0, False, b"\n"
        with self.pipe:
            while chunk := os.read(self.pipe.fileno(), _CHUNK):
                self.kept += chunk[: max(0, self.keep - len(self.kept))]
                ends, last = ends + chunk.count(b"\n"), chunk[-1:]
                says = says or bool(chunk.strip())
                self.lines = ends + (last != b"\n") if says else 0

    @property
    def text(self) -> str:
        """The beginning of what was read."""
        return bytes(self.kept).decode(errors="replace")


def try_access(
    command: tuple[str, ...],
    *,
    root: Path,
    environment: Mapping[str, str],
    seconds: float,
    prints: bool = False,
    keep: bool = False,
) -> Tried:
    """Run a command in a person's own environment, to its end or to the end of its time.

    It gets no standard input and no shell; what it started is ended with it.

    Args:
        command: an argument list; `python` means this interpreter.
        root: the workbook's folder, where it runs.
        environment: all of the person's own: what is tried is their access, and no other.
        seconds: the longest that it may take.
        prints: whether it has to print something to have worked.
        keep: whether the beginning of what it prints is kept for the person to see.
    """
    env = {**environment, **(interpreter_path() if command[0] == "python" else {})}
    arguments = [sys.executable, *command[1:]] if command[0] == "python" else list(command)
    lacking = _no_program(arguments[0], root, env)
    if lacking:
        return Tried(0.0, lacking, 0, _one_word(command))
    run = _Run(arguments, root, env, _KEPT if keep else 0)
    ended = run.wait(seconds)
    return Tried(
        run.seconds,
        _why(run, ended=ended, seconds=seconds, prints=prints),
        run.output.lines,
        _first(run.complaints.text),
        run.output.text,
    )


class _Run:
    """One command on a leash: whatever ends this process ends it too."""

    def __init__(
        self, arguments: list[str], root: Path, env: Mapping[str, str], keep: int
    ) -> None:
        self.mark = f"access-{secrets.token_hex(8)}"
        leashed = [sys.executable, "-I", "-S", leash.__file__, leash.ALONE, *arguments]
        self._began = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - the workbook names the command, no shell
            leashed, cwd=root, env={**env, MARK: self.mark}, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        self.output = self._drained(self.process.stdout, keep)
        self.complaints = self._drained(self.process.stderr, 64 * 1024)
        self.seconds = 0.0
        self.code = 0

    def _drained(self, pipe: IO[bytes] | None, keep: int) -> _Drain:
        if pipe is None:
            message = "Popen was asked for a pipe and made none"
            raise RuntimeError(message)
        drain = _Drain(pipe, keep)
        # A daemon: what fled from the leash with a pipe in its hand keeps nobody waiting.
        reader = threading.Thread(target=drain.read, daemon=True)
        reader.start()
        self._readers = [*getattr(self, "_readers", ()), reader]
        return drain

    def wait(self, seconds: float) -> bool:
        """True when it ended by itself in time; it has ended afterwards in any case."""
        try:
            self.process.wait(seconds)
            ended = True
        except subprocess.TimeoutExpired:
            ended = False
        finally:
            self.seconds = time.monotonic() - self._began
            self.code = end_leash(self.process)
            end_marked(self.mark)
        for reader in self._readers:
            reader.join(_LAST_WORDS_SECONDS)
        return ended


def _why(run: _Run, *, ended: bool, seconds: float, prints: bool) -> str:
    if not ended:
        return f"took over {seconds:g} s"
    if run.code:
        return f"exit {run.code}"
    return "nothing printed" if prints and not run.output.lines else ""


def _no_program(name: str, root: Path, env: Mapping[str, str]) -> str:
    """Why nothing of this name can be run; empty where something can."""
    if os.sep not in name:
        # An empty PATH finds nothing, as it does when the command is run.
        return "" if shutil.which(name, path=env.get("PATH", "")) else "no such command"
    path = root / name
    if not path.is_file():
        return "no such command"
    return "" if os.access(path, os.X_OK) else "may not be run"


def _one_word(command: tuple[str, ...]) -> str:
    """What may be wrong with a command that is not there."""
    words = command[0].split()
    if len(words) < 2:
        return f"{shown(command)} is nowhere on PATH"
    listed = ", ".join((*words, *command[1:]))[:_COMPLAINT]
    return f"it is looked for as one word; write each word of its own: [{listed}]"


def _first(complaints: str) -> str:
    return next((line.strip() for line in complaints.splitlines() if line.strip()), "")[
        :_COMPLAINT
    ]
