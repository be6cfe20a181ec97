"""The example's client of a model vendor, with the standard library alone.

Named in the support assistant's `fallback.yaml` and rehearsed against a vendor that fails in ten
ways. The client in `docs/examples/fallback_client.py` does the same with the `openai` package.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse
from urllib.parse import urlsplit

NOTICE = "Our assistant is busy; answers may be shorter than usual. A colleague reads along."
LAST_ANSWER = "I cannot look that up at the moment. A colleague will write to you today."
BACKUP_MODEL = "other-medium-2"
PRIMARY_SECONDS = 1.5
WHOLE_SECONDS = 4.0
LARGEST_ANSWER = 256 * 1024


class NoAnswerError(Exception):
    """The vendor gave no answer that a user could read."""


class Breaker:
    """Lets nobody wait for a vendor that is down: shut after two failures, tried again later."""

    def __init__(
        self, clock: Callable[[], float], *, failures: int = 2, again_seconds: float = 1.0
    ) -> None:
        self._clock = clock
        self._failures = failures
        self._again_seconds = again_seconds
        self._failed = 0
        self._not_before = 0.0
        self._lock = threading.Lock()

    def lets_through(self) -> bool:
        """True when the vendor may be asked; while it is down, for one request at a time."""
        with self._lock:
            if self._failed < self._failures:
                return True
            if self._clock() < self._not_before:
                return False
            self._not_before = self._clock() + self._again_seconds
            return True

    def note(self, *, well: bool) -> None:
        """How a request to the vendor went."""
        with self._lock:
            self._failed = 0 if well else self._failed + 1
            self._not_before = self._clock() + self._again_seconds


_BREAKER = Breaker(time.monotonic)


def ask(
    question: str, *, primary: str, backup: str, model: str, breaker: Breaker = _BREAKER
) -> Mapping[str, str]:
    """The answer, the model that gave it, and the notice where it was not the vendor's.

    Args:
        question: the customer's words.
        primary: base URL of the vendor.
        backup: base URL of the one that takes over.
        model: the model that was agreed with the vendor.
        breaker: shared by all requests.
    """
    until = time.monotonic() + WHOLE_SECONDS
    if breaker.lets_through():
        try:
            text = _completion(primary, model, question, time.monotonic() + PRIMARY_SECONDS)
        except NoAnswerError:
            breaker.note(well=False)
        else:
            breaker.note(well=True)
            return {"answer": text, "model": model}
    try:
        text = _completion(backup, BACKUP_MODEL, question, until)
    except NoAnswerError:
        return {"answer": LAST_ANSWER, "model": "none", "notice": NOTICE}
    return {"answer": text, "model": BACKUP_MODEL, "notice": NOTICE}


def _completion(base_url: str, model: str, question: str, deadline: float) -> str:
    """A whole answer of this very model.

    Raises:
        NoAnswerError: none came in time, it was empty, or another model gave it.
    """
    try:
        status, content = _posted(base_url, model, question, deadline)
        body = json.loads(content)
        text, served_by = body["choices"][0]["message"]["content"], body["model"]
    except (OSError, HTTPException, ValueError, KeyError, IndexError, TypeError) as error:
        raise NoAnswerError(type(error).__name__) from error
    if status != 200 or served_by != model or not isinstance(text, str) or not text.strip():
        raise NoAnswerError("no answer of this model")
    return text


def _posted(base_url: str, model: str, question: str, deadline: float) -> tuple[int, bytes]:
    parts = urlsplit(base_url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=_left(deadline))
    asked = {"model": model, "messages": [{"role": "user", "content": question}]}
    try:
        connection.request("POST", f"{parts.path}/chat/completions", json.dumps(asked),
                           {"Content-Type": "application/json"})  # fmt: skip
        response = connection.getresponse()
        return response.status, _read(connection, response, deadline)
    finally:
        connection.close()


def _read(connection: HTTPConnection, response: HTTPResponse, deadline: float) -> bytes:
    """The body, by one deadline: a byte now and then is no silence."""
    content, more = b"", True
    while more and len(content) <= LARGEST_ANSWER:
        if connection.sock is not None:
            connection.sock.settimeout(_left(deadline))
        piece = response.read1(65536)
        content, more = content + piece, bool(piece)
    return content


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
