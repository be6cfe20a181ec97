"""What runs in the kernel's process: an IPython kernel that notes errors of threads.

`python -m ops_model.notebook.inside LINK` is a kernel of its own on Linux: it reads from the
socket LINK what it is to do, and stays above the kernel that it forks (`keeper`). Elsewhere
`python -m ops_model.notebook.inside FILE -f CONNECTION_FILE` is the kernel itself.

An exception that ends a thread fails no cell, so it is written to the file that the runner named,
and the runner fails the run.
"""

import os
import signal
import socket
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn


def note_thread_errors(into: Path) -> None:
    """Write the first exception that ends a thread to `into`; later ones change nothing."""
    shown = threading.excepthook

    def hook(args: threading.ExceptHookArgs) -> None:
        if args.exc_type is not SystemExit and not into.exists():
            into.write_text(f"{args.exc_type.__name__}: {args.exc_value}", encoding="utf-8")
        shown(args)

    threading.excepthook = hook


def limit_memory(more_bytes: int) -> None:
    """Let no process of the run take so much memory at once that the watch comes too late.

    The limit counts what is reserved, used or not, and libraries reserve freely: so it lies above
    the one that is watched, and begins with what this process has already. Whoever is no part of
    the notebook may lift it (`drill.supervisor`); what is watched nobody can lift.
    """
    import resource

    from ops_model.notebook.processes import fields_of

    held = fields_of("self", "status").get("VmData", 0)
    most = held + more_bytes + _RESERVED_BYTES
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard == resource.RLIM_INFINITY or most < hard:
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


_RESERVED_BYTES = 1 << 30


def be_kernel(request: Mapping[str, Any]) -> NoReturn:
    """Become the kernel that was asked for, in a process that was forked for it."""
    from ops_model.notebook.kernel_app import run_kernel

    if errors := request["thread_errors"]:
        note_thread_errors(Path(errors))
    if most := request["memory_bytes"]:
        limit_memory(most)
    run_kernel(request["argv"], output_bytes=request["output_bytes"])


def keep_kernel(link: socket.socket, request: Mapping[str, Any]) -> NoReturn:
    """Fork the kernel that was asked for, and stay above it."""
    from ops_model.notebook.keeper import keep

    keep(
        link,
        lambda: be_kernel(request),
        memory_bytes=request["memory_bytes"],
        output_bytes=request["output_bytes"],
    )


def main(argv: Sequence[str]) -> None:
    """Start the kernel; returns when it ends."""
    # `-m` puts the working folder first on the path: a file there must not stand in for a library
    # that the kernel itself needs. The kernel puts it back for the cells.
    del sys.path[0]
    from ops_model.slow_imports import block_address_grammars

    block_address_grammars()
    first, *rest = argv
    if not rest:
        from ops_model.notebook.keeper import told

        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the kernel takes it back
        link = socket.socket(fileno=int(first))
        os.set_inheritable(link.fileno(), False)  # noqa: FBT003 - the standard library's own call
        keep_kernel(link, told(link))
    note_thread_errors(Path(first))
    from ops_model.notebook.kernel_app import run_kernel

    run_kernel(rest, output_bytes=None)


if __name__ == "__main__":
    main(sys.argv[1:])
