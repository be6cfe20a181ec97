"""Kernels that are ready at once: one process imports the libraries, and each run forks it.

`with warm_kernels():` is for whoever runs several notebooks; a single run would wait longer for
that process than for a kernel of its own. Linux only; elsewhere, and whenever anything is not as
it should be, a run starts its kernel from nothing, and its record says so.

`python -m ops_model.notebook.warm COMMAND ...` runs any command that way, such as papermill.
"""

import os
import select
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from ops_model.notebook.keying import ADDRESS, key_of, read_at_import

START_SECONDS = 120.0
END_SECONDS = 20.0
ALONE = "a single run starts its kernel from nothing"


class ForkAddress(NamedTuple):
    """Where a kernel is to be forked: an empty address says nowhere, and `why`.

    `packages` is the digest of what is installed, where it was looked at just now.
    """

    address: str
    why: str
    packages: str = ""


class Zygote:
    """A warm process that this one started; `address` is empty, and `why` says so, if it did not.

    It begins at once, and is waited for when one of the two is asked. It ends when `close` is
    called or this process ends, and with it every kernel that it forked. A kernel that judges
    data `contracts` imports their library itself, where this one did not.
    """

    def __init__(self, environment: Mapping[str, str], *, contracts: bool = True) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="om-z", ignore_cleanup_errors=True)
        address = str(Path(self.folder.name) / "socket")
        self.key = key_of(environment)
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "ops_model.notebook.zygote", address,
             self.key["settings"], *(["contracts"] if contracts else [])],
            cwd="/", env={"PATH": environment.get("PATH", ""), **read_at_import(environment)},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        self._listens_at = address

    @property
    def address(self) -> str:
        """Where it listens, once it is ready; empty if it did not start."""
        return self._listens_at if self.why == "ready" else ""

    @cached_property
    def why(self) -> str:
        """What it said first, which is waited for."""
        return self._first_line() or "the warm process did not start"

    def _first_line(self) -> str:
        assert self.process.stdout is not None  # noqa: S101 - a pipe was asked for
        if self.process.stdout.closed:  # it was ended before anybody asked
            return ""
        ready, _, _ = select.select([self.process.stdout], [], [], START_SECONDS)
        if not ready:
            self.process.kill()
            return f"the warm process was not ready in {START_SECONDS:.0f} s"
        return self.process.stdout.readline().decode(errors="replace").strip()

    def serves(self, key: Mapping[str, str]) -> bool:
        """Whether a kernel with this key is as if it had been started from nothing."""
        return self.process.poll() is None and self.key == key

    def close(self) -> None:
        """End it, with all kernels, and wait for that."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        try:
            self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.folder.cleanup()


@dataclass
class _Warm:
    """The warm processes of a block: for its first kernel, and anew when something changed.

    One is enough until the first run that judges data contracts. Whoever comes after that uses the
    one that can; kernels of the other are left alone.
    """

    zygotes: dict[bool, Zygote] = field(default_factory=dict)
    turn: threading.Lock = field(default_factory=threading.Lock)

    def get_ready(self, environment: Mapping[str, str], *, contracts: bool) -> None:
        with self.turn:
            contracts = contracts or True in self.zygotes
            if contracts not in self.zygotes:
                self.zygotes[contracts] = Zygote(environment, contracts=contracts)

    def address_for(self, environment: Mapping[str, str], *, contracts: bool) -> ForkAddress:
        with self.turn:
            key = key_of(environment)
            contracts = contracts or True in self.zygotes
            zygote = self.zygotes.get(contracts)
            if zygote is not None and not zygote.serves(key):
                self.close()
                zygote = None
            if zygote is None:
                zygote = self.zygotes[contracts] = Zygote(environment, contracts=contracts)
            return ForkAddress(zygote.address, zygote.why, key["packages"])

    def close(self) -> None:
        for zygote in self.zygotes.values():
            zygote.close()
        self.zygotes.clear()


@dataclass
class _Process:
    """What this process has; its threads share it."""

    warm: _Warm | None = None


_process = _Process()


@contextmanager
def warm_kernels() -> Iterator[None]:
    """Within it, runs of this process fork their kernels; a block within another uses its process.

    The warm process starts with the first run, and has ended when the block is left.
    """
    if _process.warm is not None or sys.platform != "linux":
        yield
        return
    warm = _process.warm = _Warm()
    try:
        yield
    finally:
        _process.warm = None
        warm.close()


def get_ready(environment: Mapping[str, str], *, contracts: bool) -> None:
    """Let the warm process that such a kernel needs begin, unless one has begun already."""
    if _process.warm is not None:
        _process.warm.get_ready(environment, contracts=contracts)


def address_for(environment: Mapping[str, str], *, named: str, contracts: bool) -> ForkAddress:
    """Where a kernel with this environment is to be forked.

    `named` is the address that stands in the environment of this process, where one does.
    """
    if _process.warm is not None:
        return _process.warm.address_for(environment, contracts=contracts)
    return ForkAddress(named, ALONE)


def main(command: Sequence[str]) -> int:
    """Run a command whose kernels are forked from one warm process; returns its exit code."""
    around = dict(os.environ)  # noqa: TID251 - the command gets what this one was started with
    zygote = Zygote(around)
    if not zygote.address:
        sys.stderr.write(f"kernels start from nothing: {zygote.why}\n")
    chosen = {ADDRESS: zygote.address, "JUPYTER_DEFAULT_PROVISIONER_NAME": "ops-model-warm"}
    try:
        return subprocess.run(command, env={**around, **chosen}, check=False).returncode  # noqa: S603 - it was asked for
    finally:
        zygote.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
