"""How Jupyter comes by a kernel: forked from a warm process where there is one, or started.

`WarmProvisioner` is for whoever runs notebooks (papermill, nbclient, `jupyter execute`), with
JUPYTER_DEFAULT_PROVISIONER_NAME=ops-model-warm and the address of a warm process in
OPS_MODEL_ZYGOTE. `RunProvisioner` is the runner's own, which holds its kernels to limits.
"""

import logging
import os
import re
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Integer, Unicode

from ops_model.notebook.held import HeldKernel, RefusedError, Request, fork_from, start_alone
from ops_model.notebook.keying import ADDRESS, key_of, relative_paths

_PLAIN = re.compile(r"-Xfrozen_modules=(on|off)")
_MIB = 1 << 20
NOT_LINUX = "kernels are forked on Linux only"


class WarmProvisioner(LocalProvisioner):
    """Asks a warm process for a kernel, and starts one whenever anything is in the way."""

    kind: Literal["warm", "cold"] = "cold"
    why = ""
    held: HeldKernel | None = None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:  # noqa: ANN401 - as in Jupyter
        """Start the kernel; what is in the way of a warm one is logged once."""
        environment = dict(kwargs["env"])
        address = environment.pop(ADDRESS, "")
        try:
            request = Request(kernel_arguments(cmd), _folder(kwargs), environment)
            self._hold(warm_kernel(address, request, _files(kwargs), cmd[0]))
        except RefusedError as refused:
            self.why = str(refused)
            logging.getLogger(__name__).warning("a kernel from nothing: %s", self.why)
            return await super().launch_kernel(cmd, **kwargs)
        self.kind = "warm"
        return self.connection_info

    def _hold(self, kernel: HeldKernel) -> None:
        # Without a group of its own Jupyter sends every signal through the process that it holds.
        self.held = kernel
        self.process = kernel  # type: ignore[assignment]  # all that Jupyter uses of a Popen
        self.pid, self.pgid = kernel.pid, None


class RunProvisioner(WarmProvisioner):
    """The kernel of a run: warm where `address` names a warm process, and within its limits."""

    address = Unicode().tag(config=True)
    no_address = Unicode().tag(config=True)
    packages = Unicode().tag(config=True)
    thread_errors = Unicode().tag(config=True)
    memory_mib = Integer().tag(config=True)
    output_mib = Integer().tag(config=True)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:  # noqa: ANN401 - as in Jupyter
        """Start the kernel, from nothing whenever anything is in the way of a warm one.

        Raises:
            RuntimeError: it did not start.
        """
        arguments = kernel_arguments(cmd)
        alone = [cmd[0], "-m", "ops_model.notebook.inside"]
        if sys.platform != "linux":
            self.why = NOT_LINUX
            plain = [*alone, self.thread_errors, *arguments]
            return await LocalProvisioner.launch_kernel(self, plain, **kwargs)
        request = Request(
            arguments, _folder(kwargs), kwargs["env"], self.thread_errors,
            self.memory_mib * _MIB, self.output_mib * _MIB,
        )  # fmt: skip
        files = _files(kwargs)
        try:
            kernel = warm_kernel(
                self.address, request, files, cmd[0],
                none=self.no_address, packages=self.packages,
            )  # fmt: skip
            self._hold(kernel)
            self.kind = "warm"
        except RefusedError as refused:
            self.why = str(refused)
            self._hold(_alone(alone, request, files))
        return self.connection_info

    def end(self) -> None:
        """End the kernel and all that it left behind, and wait for that."""
        if self.held is not None:
            self.held.end()
        elif self.pgid:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pgid, signal.SIGKILL)


def _alone(command: Sequence[str], request: Request, files: Sequence[int]) -> HeldKernel:
    try:
        return start_alone(command, request, files)
    except RefusedError as refused:
        raise RuntimeError(str(refused)) from refused


def kernel_arguments(cmd: Sequence[str]) -> list[str]:
    """What follows the module in the command of a plain Python kernel.

    Raises:
        RefusedError: it is no such kernel.
    """
    options = [one for one in cmd[1:] if not _PLAIN.fullmatch(one)]
    if options[:2] != ["-m", "ipykernel_launcher"] or "-f" not in options:
        raise RefusedError("it is no plain Python kernel")
    return options[2:]


def warm_kernel(
    address: str,
    request: Request,
    files: Sequence[int],
    interpreter: str,
    *,
    none: str = "no warm process was started",
    packages: str = "",
) -> HeldKernel:
    """A kernel that is forked; `none` says why there is no address, where there is none.

    `packages` is as in `key_of`.

    Raises:
        RefusedError: something is in the way; the text says what.
    """
    if sys.platform != "linux":
        raise RefusedError(NOT_LINUX)
    if not address:
        raise RefusedError(none)
    if relative_paths(request.environment):
        raise RefusedError("PYTHONPATH names a folder that depends on where one is")
    key = key_of(request.environment, interpreter=interpreter, packages=packages)
    return fork_from(address, request, key, files)


def _folder(kwargs: Mapping[str, Any]) -> str:
    return str(Path(kwargs.get("cwd") or ".").resolve())


def _files(kwargs: Mapping[str, Any]) -> list[int]:
    """The files for standard output and errors; where none is named, those of this process."""
    found = []
    for number, name in ((1, "stdout"), (2, "stderr")):
        given = kwargs.get(name)
        file = number if given is None else given if isinstance(given, int) else given.fileno()
        if file < 0:
            raise RefusedError("its output goes through a pipe of its own")
        found.append(file)
    return found
