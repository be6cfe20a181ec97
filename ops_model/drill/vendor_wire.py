"""HTTP as the stand-in of a vendor speaks it: small, whole, and breakable on purpose."""

import asyncio
import json
import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

LARGEST_BODY = 4 * 1024 * 1024
_REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 411: "Length Required",
            413: "Content Too Large", 429: "Too Many Requests",
            503: "Service Unavailable"}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """One request; `body` is empty where it was no JSON object."""

    method: str
    path: str
    body: Mapping[str, Any] = field(default_factory=dict)
    refused: int = 0

    @property
    def model(self) -> str:
        """The model that was asked for."""
        return str(self.body.get("model", "unnamed"))

    @property
    def streams(self) -> bool:
        """True when the answer is to come piece by piece."""
        return self.body.get("stream") is True

    @property
    def text(self) -> str:
        """All that was asked, as it came."""
        return json.dumps(self.body.get("messages", ""), ensure_ascii=False)


async def read_request(reader: asyncio.StreamReader) -> Asked | None:
    """The next request of a connection, None when there is none any more."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, _, rest = first.partition(" ")
    path = rest.partition(" ")[0].partition("?")[0]
    headers = {name.strip().lower(): value.strip() for name, _, value in
               (line.partition(":") for line in lines)}  # fmt: skip
    length = headers.get("content-length", "0")
    if "chunked" in headers.get("transfer-encoding", ""):
        return Asked(method, path, refused=411)
    if not length.isdecimal() or int(length) > LARGEST_BODY:
        return Asked(method, path, refused=413)
    try:
        content = await reader.readexactly(int(length))
    except (asyncio.IncompleteReadError, OSError):
        return None
    return Asked(method, path, _object(content))


def _object(content: bytes) -> Mapping[str, Any]:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


class Wire:
    """The way back to whoever asked. `open` says whether another request may follow."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open = True
        self._reader = reader
        self._writer = writer

    async def answer(
        self,
        status: int,
        body: bytes,
        *,
        kind: str = "application/json",
        more: Mapping[str, str] | None = None,
    ) -> None:
        """A whole answer."""
        await self.begin(status, {"Content-Type": kind, "Content-Length": str(len(body)),
                                  **(more or {})})  # fmt: skip
        await self.send(body)

    async def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """The head of an answer alone."""
        head = f"HTTP/1.1 {status} {_REASONS.get(status, 'Other')}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        await self.send(head.encode("latin-1") + b"\r\n")

    async def chunk(self, content: bytes) -> None:
        """One piece of an answer whose length nobody knows; an empty one ends it."""
        await self.send(b"%x\r\n%b\r\n" % (len(content), content))

    async def send(self, content: bytes) -> None:
        """Bytes as they are."""
        self._writer.write(content)
        await self._writer.drain()

    async def until_gone(self, seconds: float) -> None:
        """Say nothing until whoever asked gives up, or so long."""
        self.open = False
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(seconds):
                while await self._reader.read(65536):
                    pass

    def break_off(self) -> None:
        """End the connection in the middle of what was said."""
        self.open = False

    def reset(self) -> None:
        """End the connection as a machine does that has forgotten it."""
        self.open = False
        sock = self._writer.get_extra_info("socket")
        if sock is not None:
            # Nothing lingers: the kernel sends a reset in place of an orderly end.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def close(self) -> None:
        """Let go of the connection."""
        with suppress(OSError):
            self._writer.close()
            await self._writer.wait_closed()
