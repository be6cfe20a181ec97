"""Jupyter's manager and client of a run's kernel, without the pauses that a run does not need.

A kernel that is forked is there in a tenth of a second, and ends in less. Imported by `kernel`
only, because jupyter_client is heavy.
"""

import asyncio
import time
from queue import Empty

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from traitlets import DottedObjectName, Type

POLL_SECONDS = 0.01
_REPLY_SECONDS, _SUBSCRIBED_SECONDS = 1.0, 0.2


class RunClient(AsyncKernelClient):
    """Takes a kernel for ready as soon as it answers and its outputs arrive."""

    def start_channels(self, *_: object, **__: object) -> None:
        """Open the two that a run needs; its manager knows whether the kernel lives."""
        self.shell_channel.start()
        self.iopub_channel.start()

    def stop_channels(self) -> None:
        """Close them; Jupyter makes the other three in order to ask whether they are there."""
        self.shell_channel.stop()
        self.iopub_channel.stop()

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait for that, and no longer for outputs that might follow.

        Jupyter lets a fifth of a second pass in which none comes. What belongs to no cell is left
        out by its number all the same.

        Raises:
            RuntimeError: the kernel ended, or did not answer within the time.
        """
        until = time.monotonic() + (float("inf") if timeout is None else timeout)
        while not await self._answers():
            if not await self.is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if time.monotonic() > until:
                raise RuntimeError(f"Kernel didn't respond in {timeout:.0f} seconds")

    async def _answers(self) -> bool:
        """Whether it answers, and what it shows arrives; asked anew, where one of both is not."""
        self.kernel_info()
        try:
            reply = await self.shell_channel.get_msg(timeout=_REPLY_SECONDS)
            if reply["msg_type"] != "kernel_info_reply":
                return False
            await self.iopub_channel.get_msg(timeout=_SUBSCRIBED_SECONDS)
        except Empty:
            return False
        self._handle_kernel_info_reply(reply)
        return True


class RunManager(AsyncKernelManager):
    """Looks often whether a kernel that is to end has ended."""

    client_class = DottedObjectName(f"{__name__}.RunClient")
    client_factory = Type(klass=RunClient)

    def client(self, **kwargs: object) -> AsyncKernelClient:  # type: ignore[override]  # as there
        """A client with this one's settings of sockets; Jupyter's would have none of them."""
        return super().client(context=self.context, **kwargs)

    async def _async_wait(self, pollinterval: float = POLL_SECONDS) -> None:
        held = getattr(self.provisioner, "held", None)
        while await self._async_is_alive():
            if held is not None:  # its end is told, so that nobody has to wait for the next look
                held.wait(POLL_SECONDS)
            await asyncio.sleep(0 if held is not None else min(pollinterval, POLL_SECONDS))
