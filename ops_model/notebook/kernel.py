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

from ops_model.notebook.environment import kernel_environment, surroundings, withheld_values
from ops_model.notebook.keying import ADDRESS
from ops_model.notebook.manager import RunManager
from ops_model.notebook.warm import address_for

if TYPE_CHECKING:
    from ops_model.notebook.provisioner import RunProvisioner

CONNECT_MILLISECONDS = 5
_LAST_BYTES = 20_000


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
    around = surroundings()
    with tempfile.TemporaryDirectory(prefix="om-", ignore_cleanup_errors=True) as folder:
        private = Path(folder)
        environment, withheld = kernel_environment(around, private), withheld_values(around)
        where = address_for(environment, named=around.get(ADDRESS, ""), contracts=contracts)
        thread_errors = private / "thread-error"
        specs = _ThisInterpreter()
        specs.config_of_run = {
            "address": where.address, "no_address": where.why, "packages": where.packages,
            "thread_errors": str(thread_errors), "memory_mib": memory_mib,
            "output_mib": output_mib,
        }  # fmt: skip
        _know_provisioner()
        context = zmq.asyncio.Context()
        # A message that alone is too long is not even taken in; the cell then owes its output.
        context.setsockopt(zmq.MAXMSGSIZE, output_mib << 20)
        # The sockets are asked for before the kernel made them, and a forked one is there soon:
        # left alone, the next try comes after a tenth of a second, or two.
        context.setsockopt(zmq.RECONNECT_IVL, CONNECT_MILLISECONDS)
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
