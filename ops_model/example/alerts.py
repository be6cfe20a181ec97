"""Who hears of a ceiling in the demo: a receiver on this machine, and the people who answer it.

It stands where a pager and a mailbox would, and wakes nobody. What it gets has really been sent,
over HTTP and by the code that sends to a real channel.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from threading import Thread

from ops_model.errors import AlertError

TRIED_AT = datetime(2013, 7, 19, 15, tzinfo=UTC)
"""Friday at eleven in New York: trial alerts are sent while those who answer them are at work."""
CROSSED_AT = datetime(2013, 7, 18, 20, tzinfo=UTC)
"""Ten minutes after a ceiling of support-assistant was crossed, on a Thursday afternoon."""
READ_AT = datetime(2013, 7, 18, 20, 12, tzinfo=UTC)
"""When its owner had read of it."""
ACCEPTED_AT = datetime(2013, 7, 19, 13, tzinfo=UTC)
"""The next morning in New York: a day is accepted when it is over, and what it cost is known."""
CROSSED, CROSSED_ON = "example-ai-day", date(2013, 7, 18)
"""Which ceiling that was, and the day above it that its owner accepts."""
TOLD = "example-ai-day (example-ai) of support-assistant: crossed."
"""How the message about it begins; of the day before it says that it is over."""
OWNER = "daniel-cho"
"""Who answers for the ceilings of both systems, and may raise them."""
_CODE = re.compile(r"--ack (\S+)")
_LONGEST = 1_000_000


@dataclass(frozen=True)
class Answer:
    """Who answers a trial alert, by the code that they got over which channel."""

    channel: str
    person: str


ANSWERS = {
    "flight-delay": (Answer("page", "lea-brandt"), Answer("mail", OWNER)),
    "support-assistant": (Answer("mail", OWNER),),
}
"""Lea has the pager that week. Of the routes of flight-delay, one goes to her pager and one by
mail alone; those of support-assistant go by mail."""
_ADDRESS_IN = {"page": "OPS_MODEL_DEMO_PAGE", "mail": "OPS_MODEL_DEMO_MAIL"}
"""The variables that the demo's `alert_routes` name."""


class Receiver:
    """What came in over each channel, and the addresses under which it listens."""

    def __init__(self, port: int) -> None:
        self.variables: Mapping[str, str] = {
            name: f"json://127.0.0.1:{port}/{channel}" for channel, name in _ADDRESS_IN.items()
        }
        self._got: dict[str, list[str]] = {channel: [] for channel in _ADDRESS_IN}

    def take(self, channel: str, content: bytes) -> bool:
        """Keep a message; False where there is no such channel, or it is no message."""
        try:
            self._got[channel].append(str(json.loads(content)["message"]))
        except (KeyError, TypeError, ValueError):
            return False
        return True

    def code(self, channel: str, about: str = "") -> str | None:
        """The code in the newest message of a channel that says `about`; None where none came."""
        told = [text for text in self._got[channel] if about in text]
        found = _CODE.search(told[-1]) if told else None
        return found[1] if found is not None else None


@contextmanager
def listening() -> Iterator[Receiver]:
    """A receiver that listens on this machine alone, until the block is left."""

    class Posted(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            size = min(int(length), _LONGEST) if length.isdecimal() else 0
            taken = receiver.take(self.path.strip("/"), self.rfile.read(size))
            self.send_response(200 if taken else 400)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Posted) as server:
        receiver = Receiver(server.server_port)
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()


def require_sender() -> None:
    """Refuse a machine that cannot send, before minutes were spent on what comes first.

    Raises:
        AlertError: the packages of the demo are not installed.
    """
    if find_spec("apprise") is None:
        raise AlertError(
            "the alerts of the demo are sent by the package apprise, which is not installed",
            remedy="pip install 'ops-model[demo]'",
        )
