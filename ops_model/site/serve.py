"""Serve a built site to the browsers of this machine, and to nobody else.

Each page keeps the policy that stands in it, now as a header too. A page without scripts gets a
sandbox around it, and one with scripts is cut off from whatever window opened it. What another
site asks for is refused, by the name that was asked for (a domain that was pointed at this
machine) and by what the browser says of who asks. No folder is listed, no link followed, nothing
written.
"""

import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import copyfileobj
from socketserver import TCPServer
from threading import BoundedSemaphore, Timer
from typing import IO, Any

from ops_model.errors import OpsModelError
from ops_model.site.served_file import INERT, TYPES, ServedFile, opened, place_of

LOOPBACK = "127.0.0.1"
ALWAYS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    # Kept, but asked for again each time: a site is built anew under the same names.
    "Cache-Control": "private, no-cache",
}
"""On every answer, an error too."""
ASKED_WITHIN_SECONDS = 10
ANSWERED_WITHIN_SECONDS = 300
"""Long enough for the largest file over a thin line."""
MOST_AT_ONCE = 64
"""So many connections are held; a browser keeps six. Whoever comes then waits for one to end."""
_SCHEME = "http://"
_MEANT = "open the address that `ops-model serve` printed"


class SiteServer:
    """A site that is served at `url`; `run` goes on until it is interrupted.

    Args:
        folder: the folder of a built site.
        port: 1 to 65535; 0 takes a free one.
        complain: what is told of a request that could not be answered.
        asked_within: so many seconds a whole request may take.

    Raises:
        OpsModelError: the port is taken, or this user may not take it.
    """

    def __init__(
        self,
        folder: Path,
        port: int,
        *,
        complain: Callable[[str], None],
        asked_within: float = ASKED_WITHIN_SECONDS,
    ) -> None:
        handler = partial(_Handler, root=folder.resolve(), asked_within=asked_within)
        try:
            self._http = _Server((LOOPBACK, port), handler)
        except OSError as error:
            raise OpsModelError(
                f"this port cannot be taken: {error.strerror or 'unknown reason'}",
                where=f"{LOOPBACK}:{port}",
                remedy="end what uses it, or name another one, such as --port 8766",
            ) from error
        self._http.complain = complain
        self.url = f"http://{LOOPBACK}:{self._http.server_port}/"

    def run(self) -> None:
        """Answer until somebody interrupts; then let go of the port."""
        try:
            self._http.serve_forever(poll_interval=0.2)
        finally:
            self._http.server_close()

    def stop(self) -> None:
        """End `run` from another thread."""
        self._http.shutdown()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = MOST_AT_ONCE  # with five, who comes in a crowd is dropped, not queued
    block_on_close = False  # a browser keeps its connections open for as long as it likes
    complain: Callable[[str], None]

    def __init__(self, *given: Any) -> None:  # noqa: ANN401 - as socketserver hands it over
        self._places = BoundedSemaphore(MOST_AT_ONCE)
        super().__init__(*given)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as above
        # None of them stays longer than a request and its answer may take.
        self._places.acquire()
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # no thread could be had
            self._places.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as above
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def server_bind(self) -> None:
        # That of the class would ask the network for the name of this machine.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = LOOPBACK, int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError | TimeoutError):
            self.complain(f"a request could not be answered: {type(error).__name__}")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    default_request_version = "HTTP/1.0"  # so that what is no request gets an answer too
    server: _Server
    _end: Timer | None = None

    def __init__(self, *given: Any, root: Path, asked_within: float) -> None:  # noqa: ANN401 - as socketserver hands it over
        self.root, self._within = root, asked_within
        super().__init__(*given)

    def setup(self) -> None:
        """Neither a reader that says nothing nor one that takes nothing is waited for."""
        super().setup()
        self.connection.settimeout(self._within)

    def handle_one_request(self) -> None:
        """One request, and its answer, each whole in its time.

        A timeout alone is renewed by each byte of a trickle.
        """
        self._hang_up_in(self._within)
        try:
            super().handle_one_request()
        finally:
            self._hang_up_in(None)

    def _hang_up_in(self, seconds: float | None) -> None:
        if self._end is not None:
            self._end.cancel()
        self._end = None if seconds is None else Timer(seconds, self._hang_up)
        if self._end is not None:
            self._end.daemon = True
            self._end.start()

    def _hang_up(self) -> None:
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def do_GET(self) -> None:
        """A file of the site, or why not."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """The same without the file."""
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        self._hang_up_in(ANSWERED_WITHIN_SECONDS)
        if why := self._stranger():
            self._refuse(HTTPStatus.FORBIDDEN, f"{why}; {_MEANT}")
            return
        place = place_of(self._asked_for()[1])
        found = None if place is None else opened(self.root, place)
        if found is None:
            self._refuse(HTTPStatus.NOT_FOUND, "the site has no such page")
            return
        with found.file as file:
            self._send(found, file, with_body=with_body)

    def _stranger(self) -> str:
        """Why whoever asks is none of this machine's readers; empty when they are."""
        port = self.server.server_port
        names = {f"{name}:{port}" for name in ("localhost", LOOPBACK, "[::1]")}
        asked = [name.lower() for name in self.headers.get_all("Host", [])]
        if len(asked) != 1 or not names.issuperset([*asked, self._asked_for()[0] or asked[0]]):
            return f"this site is served as {LOOPBACK}:{port} only"
        if "Content-Length" in self.headers or "Transfer-Encoding" in self.headers:
            return "a reader sends nothing along"
        asks = self.headers.get("Sec-Fetch-Site", "none")
        opens = self.headers.get("Sec-Fetch-Mode") == "navigate"
        return "" if asks in {"none", "same-origin"} or opens else "another site asked for this"

    def _asked_for(self) -> tuple[str, str]:
        """The name in the target, empty where it has none as in most requests, and the path."""
        if not self.path.lower().startswith(_SCHEME):
            return "", self.path
        name, slash, path = self.path[len(_SCHEME) :].partition("/")
        return name.lower(), slash + path or "/"

    def _send(self, found: ServedFile, file: IO[bytes], *, with_body: bool) -> None:
        known = self.headers.get("If-None-Match", "")
        if found.tag in {tag.strip() for tag in known.split(",")}:
            self.send_response(HTTPStatus.NOT_MODIFIED)
            self._always(found.policy, ETag=found.tag)
            return
        self.send_response(HTTPStatus.OK)
        named = {"Content-Type": found.kind, "Content-Length": str(found.size)}
        self._always(found.policy, ETag=found.tag, **named)
        if with_body:
            copyfileobj(file, self.wfile)

    def _always(self, policy: str, **named: str) -> None:
        headers = {**named, **ALWAYS, "Content-Security-Policy": policy}
        if "sandbox" not in policy:
            # A browser refuses a page that has both.
            headers["Cross-Origin-Opener-Policy"] = "same-origin"
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def send_error(
        self, code: int, message: str | None = None, explain: str | None = None
    ) -> None:
        """What the class itself refuses, in words that repeat nothing of the request."""
        if code == HTTPStatus.NOT_IMPLEMENTED:
            self._refuse(HTTPStatus.METHOD_NOT_ALLOWED, "a site is only read", Allow="GET, HEAD")
        else:
            self._refuse(HTTPStatus(code), "this request is none that a site answers")

    def _refuse(self, status: HTTPStatus, why: str, **named: str) -> None:
        """A line of text, and the end of the connection."""
        body = f"{status.value} {status.phrase}: {why}\n".encode()
        self.close_connection = True
        self.send_response(status)
        named |= {"Content-Type": TYPES[".txt"], "Content-Length": str(len(body))}
        self._always(INERT, Connection="close", **named)
        if self.command != "HEAD":
            self.wfile.write(body)

    def version_string(self) -> str:
        """What answers, without its version."""
        return "ops-model"

    def log_message(self, *_: object) -> None:
        """Nothing: who read which page is nobody's to keep."""
