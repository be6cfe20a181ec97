"""IPython's kernel as a run needs it: it ends when it shows too much, and leaves quickly.

Imported in the kernel's process only, and in the one that kernels are forked from.
"""

import atexit
import itertools
import os
import select
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from types import SimpleNamespace
from typing import Any, NoReturn, cast

from ipykernel import ipkernel
from ipykernel.iostream import PIPE_BUFFER_SIZE, OutStream
from ipykernel.kernelapp import IPKernelApp
from IPython.core import shellapp
from jupyter_client.session import Session
from traitlets import DottedObjectName
from traitlets.config import Config

from ops_model.notebook.keeper import TOO_MUCH_OUTPUT

# Neither a question for the poller, which asks each second whether the parent still is there, nor
# a note for a person at a terminal: the process above sees to the first, the second has nobody.
_NO_POLLER = 1
_LOOKS, _LOOK_SECONDS = 40, 0.0005


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


class TextStream(OutStream):
    """What cells print; nothing is waited for where nothing was printed.

    The kernel asks six times a cell whether all was sent, and each time a thread was woken for it.
    What a command prints comes through a pipe, of which it is known here when it was read, so
    that the kernel need not sleep after each cell in the hope that it was.
    """

    def __init__(self, *given: Any, **named: Any) -> None:  # noqa: ANN401 - as in Jupyter
        self._taking = threading.Lock()  # held from the pipe to what is written
        self._numbers = itertools.count(1)  # one at a time, whichever thread prints
        self._written = self._sent = 0
        super().__init__(*given, **named)  # type: ignore[no-untyped-call]  # ipykernel ships half its types

    def write(self, string: str) -> int | None:  # type: ignore[override]  # as there
        """Take a text, to be sent soon."""
        length = super().write(string)
        # Only now: had it a number before it is there, it might be taken for sent.
        self._written = next(self._numbers)
        return length

    def flush(self) -> None:
        """Send what was written, by commands that ended as well, and wait for that."""
        if self._should_watch and self._is_master_process():  # type: ignore[no-untyped-call]  # as above
            self._wait_for_pipe()
        if self._sent != self._written:
            super().flush()  # type: ignore[no-untyped-call]  # as above

    def _wait_for_pipe(self) -> None:
        """Until all is read that lies in the pipe, or somebody writes faster than that."""
        for _ in range(_LOOKS):
            if not select.select([cast("int", self._fid)], [], [], 0)[0]:
                break
            time.sleep(_LOOK_SECONDS)
        # By a moment at most: whoever holds it sends nothing by itself.
        if self._taking.acquire(timeout=_LOOKS * _LOOK_SECONDS):
            self._taking.release()

    def _watch_pipe_fd(self) -> None:
        """Take in what commands print; the pipe is looked at before it is read."""
        pipe = cast("int", self._fid)
        try:
            while self._should_watch:
                select.select([pipe], [], [])
                with self._taking:
                    taken = os.read(pipe, PIPE_BUFFER_SIZE)
                    if not taken or not self._should_watch:
                        return
                    self.write(taken.decode(errors="replace"))
                os.write(self._original_stdstream_copy, taken)
        except Exception:  # noqa: BLE001 - as there: it is shown when the stream is closed
            self._exc = sys.exc_info()

    def _flush(self) -> None:
        # What is written meanwhile may be left out; it gets another number then.
        written = self._written
        super()._flush()  # type: ignore[no-untyped-call]  # as above
        self._sent = written


class RunApp(IPKernelApp):
    """IPython's kernel, which knows the two arguments that Jupyter gives it."""

    outstream_class = DottedObjectName(f"{__name__}.TextStream")

    def parse_command_line(self, argv: list[str] | None = None) -> None:
        """Take them as they are; a parser of all that could be said takes longer than a cell."""
        match argv:
            case ["-f", file]:
                given = Config()
            case ["-f", file, str() as history] if history.startswith(_HISTORY):
                given = Config({"HistoryManager": {"hist_file": history.removeprefix(_HISTORY)}})
            case _:
                super().parse_command_line(argv)
                return
        given.IPKernelApp.connection_file = file
        self.argv = list(argv)
        self.cli_config = given
        self.update_config(given)


_HISTORY = "--HistoryManager.hist_file="


@contextmanager
def _no_list_of_modules() -> Iterator[None]:
    """Let ipykernel and IPython see no module while they start.

    They list the file of each for the debugger, and the names for `%reset --aggressive`. Where all
    are imported already, that counts a reference to every one, and the pages of a fork that were
    shared with all others are its own: 25 MB, more than a third of what it would hold.
    """
    nothing = SimpleNamespace(**(vars(sys) | {"modules": {}}))
    vars(ipkernel)["sys"] = vars(shellapp)["sys"] = nothing
    try:
        yield
    finally:
        vars(ipkernel)["sys"] = vars(shellapp)["sys"] = sys


def run_kernel(argv: Sequence[str], *, output_bytes: int | None) -> NoReturn:
    """Be a kernel until it is told to end, then end.

    What ends an interpreter as usual (threads, `atexit`) is done; taking its memory apart, object
    by object, is left to the operating system, which is a hundred times as fast.
    """
    app = RunApp.instance(parent_handle=_NO_POLLER)
    session = BoundedSession(parent=app)
    session.limit = output_bytes
    app.session = session
    if output_bytes is not None:
        app.update_config(Config({"Kernel": {"_execute_sleep": 0.0}}))
        # Nobody steps through a run; the debugger takes half of a kernel's start to import.
        sys.modules.setdefault("debugpy", None)  # type: ignore[arg-type]  # None blocks an import
    with nullcontext() if output_bytes is None else _no_list_of_modules():
        app.initialize(list(argv))  # type: ignore[no-untyped-call]  # ipykernel ships half its types
    if output_bytes is not None:
        # The magic is to say that it has no list, and not to forget all modules.
        vars(app.shell).pop("_sys_modules_keys", None)
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
