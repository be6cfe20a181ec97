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

ALLOWED = frozenset(
    {
        "HOME", "PATH", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH",
        "PYTHONPATH", "PYTHONHOME", "PYTHONUTF8", "PYTHONDONTWRITEBYTECODE",
        "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS",
    }
)  # fmt: skip
"""What a kernel sees of the runner's environment, besides `LC_*`; a secret is never among it."""


def kernel_environment(environ: Mapping[str, str], private: Path) -> dict[str, str]:
    """The whole environment of a kernel; `private` is a folder that dies with it.

    IPython's own folder lies there too, so that no start-up file of a user changes a run.
    """
    allowed = {k: v for k, v in environ.items() if k in ALLOWED or k.startswith("LC_")}
    return allowed | {
        "IPYTHONDIR": str(private / "ipython"),
        "JUPYTER_CONFIG_DIR": str(private / "jupyter"),
        "MPLBACKEND": "agg",
        "PLOTLY_RENDERER": "plotly_mimetype",
    }


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
    """A kernel that is about to start, and where its process notes what no cell would show."""

    manager: AsyncKernelManager
    environment: dict[str, str]
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
        environment = kernel_environment(os.environ, private)  # noqa: TID251 - a kernel's own comes from it
        kernel = Kernel(manager, environment, thread_errors, private / "output")
        try:
            yield kernel
        finally:
            kernel.kill()
