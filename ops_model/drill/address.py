"""Where a drill may connect to: this machine alone, at the address that was checked, for a while.

The command that a plan declares starts a server, and the server says where it listens. That is the
only address that ever comes from outside, so it is read strictly: plain HTTP, an address of this
machine written out, a port. No other name is looked up, so none can lead to a metadata service or
into the network; what was checked is what is connected to; and no redirect is followed.
"""

import io
import ipaddress
import re
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from typing import Any

_URL = re.compile(r"http://(?:\[([0-9A-Fa-f:]{2,39})\]|([0-9A-Za-z.]{1,15})):([0-9]{1,5})/?")
_LOOPBACK = ipaddress.ip_network("127.0.0.0/8")


@dataclass(frozen=True)
class Address:
    """An address of this machine that was checked; `ip` is what is connected to."""

    ip: str
    port: int


def local_address(
    url: str,
    *,
    look_up: Callable[..., Sequence[tuple[Any, ...]]] = socket.getaddrinfo,
) -> Address | None:
    """The address that a URL names when that is on this machine, else None.

    Taken are `http://127.0.0.1:PORT` (and the rest of 127.0.0.0/8), `http://[::1]:PORT` and
    `http://localhost:PORT`. Other ways to write the same address are refused, and so is a user or
    a path in it: nobody needs them, and two readers may take them for different places.

    Args:
        url: what the server said.
        look_up: asked for `localhost` alone, and once.
    """
    found = _URL.fullmatch(url)
    if found is None or not 0 < int(found[3]) < 2**16:
        return None
    host, port = found[1] or found[2], int(found[3])
    if host == "localhost":
        host = _localhost(port, look_up)
    return Address(host, port) if _is_this_machine(host) else None


def _localhost(port: int, look_up: Callable[..., Sequence[tuple[Any, ...]]]) -> str:
    """Where somebody pointed the name elsewhere, that is refused as any other place is."""
    with suppress(OSError):
        return str(look_up("localhost", port, type=socket.SOCK_STREAM)[0][4][0])
    return ""


def _is_this_machine(host: str) -> bool:
    with suppress(ValueError):
        ip = ipaddress.ip_address(host)
        return str(ip) == "::1" if ip.version == 6 else ip in _LOOPBACK
    return False


class Connection(HTTPConnection):
    """One request to a checked address; its whole answer arrives in time, or is cut off.

    Args:
        address: where to.
        idle_seconds: the longest silence.
        seconds: the longest time in all, from now on.
    """

    def __init__(self, address: Address, *, idle_seconds: float, seconds: float) -> None:
        super().__init__(address.ip, address.port, timeout=idle_seconds)
        deadline = time.monotonic() + seconds

        def answer(sock: socket.socket, **more: Any) -> HTTPResponse:  # noqa: ANN401 - http.client's own
            response = HTTPResponse(sock, **more)
            # One byte now and then is no silence, so the time limit of a socket never strikes.
            raw = _Timed(sock, response.fp.detach(), idle_seconds, deadline)
            response.fp = io.BufferedReader(raw)
            return response

        self.response_class = answer  # type: ignore[assignment]  # http.client only ever calls it


class _Timed(io.RawIOBase):
    """Reads from a socket until an instant, and not beyond it, byte by byte or not."""

    def __init__(
        self, sock: socket.socket, raw: io.RawIOBase, idle_seconds: float, deadline: float
    ) -> None:
        super().__init__()
        self._sock = sock
        self._raw = raw
        self._idle_seconds = idle_seconds
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 - any writable buffer
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(min(left, self._idle_seconds))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()
