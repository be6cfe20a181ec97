"""The private kernel of a run: this interpreter, a short environment, Unix sockets.

Imported by `engine` only, because jupyter_client is heavy.
"""

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import zmq
import zmq.asyncio
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.provisioning.factory import KernelProvisionerFactory

from ops_model.domain.random_texts import entropy
from ops_model.domain.secret_patterns import held_by_name
from ops_model.notebook.keying import ADDRESS
from ops_model.notebook.manager import RunManager
from ops_model.notebook.warm import address_for

if TYPE_CHECKING:
    from ops_model.notebook.provisioner import RunProvisioner

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
_LAST_BYTES = 20_000


def kernel_environment(environ: Mapping[str, str], private: Path) -> dict[str, str]:
    """The whole environment of a kernel; `private` is a folder that dies with it.

    IPython's own folder lies there too, so that no start-up file of a user changes a run.
    """
    allowed = {k: v for k, v in environ.items() if _allowed(k)}
    # Threads for a sum of some thousand numbers wait longer for one another than they work, and a
    # fleet has a kernel for each core already. Whoever multiplies large matrices sets a number.
    return {
        "OPENBLAS_NUM_THREADS": "1",
        **allowed,
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

    config_of_run: Mapping[str, object] = {}

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            language="python",
            metadata={
                "kernel_provisioner": {
                    "provisioner_name": _PROVISIONER,
                    "config": dict(self.config_of_run),
                }
            },
        )


_PROVISIONER = "ops-model-run"


def _know_provisioner() -> None:
    """Tell Jupyter how a run's kernel is started; nobody else is to choose that by its name."""
    at = "ops_model.notebook.provisioner:RunProvisioner"
    entry = EntryPoint(_PROVISIONER, at, KernelProvisionerFactory.GROUP_NAME)
    KernelProvisionerFactory.instance().provisioners[_PROVISIONER] = entry


@dataclass
class Kernel:
    """A kernel that is about to start, and where its process notes what no cell would show.

    `withheld` are the secrets of the runner's environment, which nothing of the run may show.
    """

    manager: RunManager
    environment: dict[str, str]
    withheld: tuple[str, ...]
    thread_errors: Path
    process_output: Path
    memory_mib: int
    output_mib: int

    @property
    def provisioner(self) -> "RunProvisioner | None":
        """What started it, once something did."""
        return cast("RunProvisioner | None", self.manager.provisioner)

    @property
    def kind(self) -> Literal["warm", "cold"]:
        """Whether it was forked from a warm process."""
        return self.provisioner.kind if self.provisioner else "cold"

    @property
    def why(self) -> str:
        """Why it is cold; empty for a warm one."""
        return self.provisioner.why if self.provisioner else "it was not started"

    @property
    def ended_by(self) -> Literal["", "memory", "output"]:
        """The limit that ended it, when one did."""
        held = self.provisioner.held if self.provisioner else None
        if held is None:
            return ""
        held.wait(1)
        return held.why

    def thread_error(self) -> str:
        """The first unhandled error of a thread in the kernel, or nothing."""
        with suppress(FileNotFoundError):
            return self.thread_errors.read_text(encoding="utf-8")
        return ""

    def last_words(self) -> str:
        """The last line that the process itself printed, such as why it did not start."""
        with self.process_output.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _LAST_BYTES))
            lines = file.read().decode(errors="replace").splitlines()
        return lines[-1] if lines else "it said nothing"

    def kill(self) -> None:
        """End the kernel and all that its cells started, should any of it still live."""
        if self.provisioner:
            self.provisioner.end()


@contextmanager
def private_kernel(
    *, memory_mib: int = 4096, output_mib: int = 64, contracts: bool = False
) -> Iterator[Kernel]:
    """A kernel with a folder of its own for sockets; both are gone afterwards.

    The folder lies under the system's temporary folder, because the path of a Unix socket has
    room for about a hundred characters. Where even that is too long, the kernel uses TCP on this
    machine, with the same signed messages.

    It is forked from a warm process where this one has one (`warm.warm_kernels`), or where the
    environment names one. It may hold `memory_mib` with all that its cells start, and show
    `output_mib`. One that judges data `contracts` finds their library ready.
    """
    around = os.environ  # noqa: TID251 - a kernel's own environment comes from it
    with tempfile.TemporaryDirectory(prefix="om-", ignore_cleanup_errors=True) as folder:
        private = Path(folder)
        environment, withheld = kernel_environment(around, private), withheld_values(around)
        address, none = address_for(
            environment, named=around.get(ADDRESS, ""), contracts=contracts
        )
        thread_errors = private / "thread-error"
        specs = _ThisInterpreter()
        specs.config_of_run = {
            "address": address, "no_address": none, "thread_errors": str(thread_errors),
            "memory_mib": memory_mib, "output_mib": output_mib,
        }  # fmt: skip
        _know_provisioner()
        context = zmq.asyncio.Context()
        # A message that alone is too long is not even taken in; the cell then owes its output.
        context.setsockopt(zmq.MAXMSGSIZE, output_mib << 20)
        manager = RunManager(
            context=context,
            transport="ipc" if zmq.has("ipc") and len(folder) < 80 else "tcp",
            connection_file=str(private / "k.json"),
            kernel_spec_manager=specs,
        )
        kernel = Kernel(
            manager,
            environment,
            withheld,
            thread_errors,
            private / "output",
            memory_mib,
            output_mib,
        )
        try:
            yield kernel
        finally:
            kernel.kill()
            context.destroy(linger=0)
