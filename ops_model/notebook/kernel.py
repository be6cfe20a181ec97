"""The private kernel of a run: this interpreter, a short environment, Unix sockets.

Imported by `engine` only, because jupyter_client is heavy.
"""

import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import zmq
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager

from ops_model.domain.random_texts import entropy
from ops_model.domain.secret_patterns import held_by_name

ALLOWED = frozenset(
    {
        "HOME", "PATH", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH",
        "PYTHONPATH", "PYTHONHOME", "PYTHONUTF8", "PYTHONDONTWRITEBYTECODE",
        "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS",
    }
)  # fmt: skip
"""What a kernel sees of the runner's environment, besides `LC_*`; a secret is never among it."""
FOLDERS = frozenset({"PWD", "OLDPWD"})
"""What a shell calls the folder that it is in, and no password."""
LEAST_WITHHELD = 8
LEAST_ENTROPY = 2.5


def kernel_environment(environ: Mapping[str, str], private: Path) -> dict[str, str]:
    """The whole environment of a kernel; `private` is a folder that dies with it.

    IPython's own folder lies there too, so that no start-up file of a user changes a run.
    """
    allowed = {k: v for k, v in environ.items() if _allowed(k)}
    return allowed | {
        "IPYTHONDIR": str(private / "ipython"),
        "JUPYTER_CONFIG_DIR": str(private / "jupyter"),
        "MPLBACKEND": "agg",
        "PLOTLY_RENDERER": "plotly_mimetype",
    }


def _allowed(name: str) -> bool:
    return name in ALLOWED or name.startswith("LC_")


def withheld_values(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The secrets of the runner's own environment, longest first, to be looked for by value.

    A kernel does not get them, but its cells run with the user's rights and can read what the user
    can. Values that might stand in any report, such as plain words, are left out.
    """
    secret = {
        value
        for name, value in environ.items()
        if not _allowed(name)
        and name not in FOLDERS
        and held_by_name(name, value)
        and _unlike_a_word(value)
    }
    return tuple(sorted(secret, key=lambda value: (-len(value), value)))


def _unlike_a_word(value: str) -> bool:
    mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
    return len(value) >= LEAST_WITHHELD and mixed and entropy(value) >= LEAST_ENTROPY


class _ThisInterpreter(KernelSpecManager):
    """Knows one kernel, whatever kernel specs are installed or named in a notebook."""

    argv: tuple[str, ...] = ()

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(
            argv=[*self.argv, "-f", "{connection_file}"],
            language="python",
            metadata={"kernel_provisioner": {"provisioner_name": "local-provisioner"}},
        )


@dataclass
class Kernel:
    """A kernel that is about to start, and where its process notes what no cell would show.

    `withheld` are the secrets of the runner's environment, which nothing of the run may show.
    """

    manager: AsyncKernelManager
    environment: dict[str, str]
    withheld: tuple[str, ...]
    thread_errors: Path
    process_output: Path

    def thread_error(self) -> str:
        """The first unhandled error of a thread in the kernel, or nothing."""
        with suppress(FileNotFoundError):
            return self.thread_errors.read_text(encoding="utf-8")
        return ""

    def last_words(self) -> str:
        """The last line that the process itself printed, such as why it did not start."""
        lines = self.process_output.read_text(encoding="utf-8", errors="replace").splitlines()
        return lines[-1] if lines else "it said nothing"

    def kill(self) -> None:
        """End the kernel's process group now, should any of it still live."""
        group = getattr(self.manager.provisioner, "pgid", None)
        if group:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)


@contextmanager
def private_kernel() -> Iterator[Kernel]:
    """A kernel with a folder of its own for sockets; both are gone afterwards.

    The folder lies under the system's temporary folder, because the path of a Unix socket has
    room for about a hundred characters. Where even that is too long, the kernel uses TCP on this
    machine, with the same signed messages.
    """
    with tempfile.TemporaryDirectory(prefix="om-", ignore_cleanup_errors=True) as folder:
        private = Path(folder)
        thread_errors = private / "thread-error"
        specs = _ThisInterpreter()
        specs.argv = (sys.executable, "-m", "ops_model.notebook.inside", str(thread_errors))
        manager = AsyncKernelManager(
            transport="ipc" if zmq.has("ipc") and len(folder) < 80 else "tcp",
            connection_file=str(private / "k.json"),
            kernel_spec_manager=specs,
        )
        around = os.environ  # noqa: TID251 - a kernel's own environment comes from it
        environment, withheld = kernel_environment(around, private), withheld_values(around)
        kernel = Kernel(manager, environment, withheld, thread_errors, private / "output")
        try:
            yield kernel
        finally:
            kernel.kill()
