"""IPython's kernel as a run needs it: it ends when it shows too much, and leaves quickly.

Imported in the kernel's process only, and in the one that kernels are forked from.
"""

import atexit
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from types import SimpleNamespace
from typing import Any, NoReturn

from ipykernel import ipkernel
from ipykernel.kernelapp import IPKernelApp
from jupyter_client.session import Session

from ops_model.notebook.keeper import TOO_MUCH_OUTPUT

# Neither a question for the poller, which asks each second whether the parent still is there, nor
# a note for a person at a terminal: the process above sees to the first, the second has nobody.
_NO_POLLER = 1


class BoundedSession(Session):
    """Counts what the kernel sends, whichever way a cell shows it."""

    limit: int | None = None
    sent: int = 0

    def serialize(self, msg: dict[str, Any], ident: Any = None) -> list[bytes]:  # noqa: ANN401 - as in Jupyter
        """The message in parts.

        Beyond the limit the process ends: a cell that prints without end reads no error.
        """
        parts = super().serialize(msg, ident)
        self.sent += sum(len(part) for part in parts)
        if self.limit is not None and self.sent > self.limit:
            os._exit(TOO_MUCH_OUTPUT)
        return parts


@contextmanager
def _no_list_of_modules() -> Iterator[None]:
    """Let ipykernel see no module while it starts.

    It lists the file of each for the debugger. Where all are imported already, that counts a
    reference to every one, and the pages of a fork that were shared with all others are its own:
    18 MB, a third of what it would hold.
    """
    names = vars(ipkernel)
    names["sys"] = SimpleNamespace(**(vars(sys) | {"modules": {}}))
    try:
        yield
    finally:
        names["sys"] = sys


def run_kernel(argv: Sequence[str], *, output_bytes: int | None) -> NoReturn:
    """Be a kernel until it is told to end, then end.

    What ends an interpreter as usual (threads, `atexit`) is done; taking its memory apart, object
    by object, is left to the operating system, which is a hundred times as fast.
    """
    app = IPKernelApp.instance(parent_handle=_NO_POLLER)
    session = BoundedSession(parent=app)
    session.limit = output_bytes
    app.session = session
    if output_bytes is not None:
        # Nobody steps through a run; the debugger takes half of a kernel's start to import.
        sys.modules.setdefault("debugpy", None)  # type: ignore[arg-type]  # None blocks an import
    with nullcontext() if output_bytes is None else _no_list_of_modules():
        app.initialize(list(argv))  # type: ignore[no-untyped-call]  # ipykernel ships half its types
    if sys.modules.get("debugpy", app) is None:
        del sys.modules["debugpy"]
    code = 0
    try:
        app.start()  # type: ignore[no-untyped-call]  # as above
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 1
    # The thread that was told to end may still be saying so through one that the steps below stop:
    # now and then it waited for that in vain, until the runner killed the kernel seconds later.
    app.control_thread.stop()
    app.control_thread.join(timeout=1)
    threading._shutdown()  # type: ignore[attr-defined]  # as multiprocessing does before it leaves
    atexit._run_exitfuncs()
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            stream.flush()
    os._exit(code)
