"""Telling people: one message to one address, and why it did not get there.

The address carries what lets one send, so that no text here ever repeats it.
"""

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPException, HTTPMessage
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, TYPE_CHECKING, Literal
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from ops_model.errors import AlertError

if TYPE_CHECKING:
    from apprise import Apprise

Grave = Literal["info", "warning", "failure"]
DEADLINE_SECONDS = 20.0
"""So long a channel may take; the others must still be told in time."""
PING_SECONDS = 5.0
_UNKNOWN = "its address is none that apprise knows"


@dataclass(frozen=True)
class Message:
    """What is told; `grave` is how a channel may colour it."""

    title: str
    body: str
    grave: Grave = "info"


@dataclass
class Sender:
    """Sends for one watch: a channel that hangs is left after a while, and not asked again."""

    seconds: float = DEADLINE_SECONDS
    _hanging: set[str] = field(default_factory=set)

    def __call__(self, address: str, message: Message) -> str:
        """Send a message, as `send`, in bounded time.

        Raises:
            AlertError: the extra `alerts` is not installed.
        """
        if address in self._hanging:
            return f"the channel did not answer within {self.seconds:g} s a moment ago"
        said = _within(self.seconds, lambda: send(address, message))
        if said is None:
            self._hanging.add(address)
            return f"the channel did not answer within {self.seconds:g} s"
        return said


def send(address: str, message: Message) -> str:
    """Send a message; empty when the channel took it, otherwise why it did not.

    Args:
        address: where to, in the form of apprise, such as `json://host/path`.
        message: what is told.

    Raises:
        AlertError: the extra `alerts` is not installed.
    """
    with _apprise() as channel:
        if not channel.add(address):
            return _UNKNOWN
        sent = channel.notify(body=message.body, title=message.title, notify_type=message.grave)
    return "" if sent else "the channel did not take it"


def known(address: str) -> str:
    """Why an address could never be sent to; empty where it has a form that apprise knows.

    Nothing is sent.

    Raises:
        AlertError: the extra `alerts` is not installed.
    """
    with _apprise() as channel:
        return "" if channel.add(address) else _UNKNOWN


@contextmanager
def _apprise() -> Iterator["Apprise"]:
    # What apprise logs of a failure may hold the address, and lands on the terminal.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    with warnings.catch_warnings():
        # Some of its hundred channels use what Python will drop; that is theirs to mend.
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            import apprise
        except ImportError:
            raise AlertError(
                "alerts are sent by apprise, which is not installed",
                remedy='install the extra: pip install "ops-model[alerts]"',
            ) from None
        yield apprise.Apprise()


def ping(address: str, *, seconds: float = PING_SECONDS) -> str:
    """Ask for an address outside that alarms when nobody does; empty when it answered.

    Args:
        address: over HTTP or HTTPS; nothing that is said here repeats it.
        seconds: how long it may take in all.
    """
    split = urlsplit(address.strip())
    if split.scheme not in {"http", "https"} or not split.hostname:
        return "it is no address that begins with http:// or https://"
    said = _within(seconds, lambda: _pinged(address.strip(), seconds))
    return _no_answer(seconds) if said is None else said


def _no_answer(seconds: float) -> str:
    return f"it did not answer within {seconds:g} s"


def _origin(address: str) -> tuple[str, str | None, int | None]:
    """The kind of an address, its host and its port."""
    split = urlsplit(address)
    usual = {"http": 80, "https": 443}.get(split.scheme)
    return split.scheme, split.hostname, split.port or usual


def _pinged(address: str, seconds: float) -> str:
    class SamePlace(HTTPRedirectHandler):
        def redirect_request(self, req: Request, fp: IO[bytes], code: int, msg: str,
                             headers: HTTPMessage, newurl: str) -> Request | None:  # fmt: skip
            """None for another host, port or kind of address: nobody is led elsewhere.

            Its path is a secret, which nothing may send in clear text.
            """
            if _origin(newurl) != origin:
                return None
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    asked = Request(address, headers={"User-Agent": "ops-model"})  # noqa: S310 - the kind of address was looked at
    try:
        origin = _origin(address)
        with build_opener(SamePlace).open(asked, timeout=seconds) as answer:
            status = int(answer.status)
    except HTTPError as error:
        status = error.code
    except (URLError, OSError, HTTPException, ValueError) as error:
        # What these say may repeat the address. The same seconds bound each wait and all of it.
        late = isinstance(getattr(error, "reason", error), TimeoutError)
        return _no_answer(seconds) if late else "it was not reached"
    return "" if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES else f"it answered {status}"


def _within(seconds: float, ask: Callable[[], str]) -> str | None:
    """What `ask` says; None where it says nothing in time, and goes on in a thread of its own.

    What was asked cannot be taken back: a channel that hangs may still get the message later.
    """
    answers: SimpleQueue[str | Exception] = SimpleQueue()

    def run() -> None:
        try:
            answers.put(ask())
        except Exception as error:  # noqa: BLE001 - raised by whoever waits
            answers.put(error)

    Thread(target=run, daemon=True).start()
    try:
        said = answers.get(timeout=seconds)
    except Empty:
        return None
    if isinstance(said, Exception):
        raise said
    return said
