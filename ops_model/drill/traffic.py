"""Requests as users send them: at a steady rate, whatever the target does."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from ops_model.drill.scene import wait_until
from ops_model.drill.targets import ANSWER_SECONDS, TargetError

MOST_AT_ONCE = 32
"""Requests in flight at most; a target that hangs holds back those that come after."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One request and what came of it; times by the stopwatch, `status` 0 when nothing came."""

    request_id: str
    sent: float
    done: float
    status: int
    body: Any
    error: str = ""

    @property
    def acknowledged(self) -> bool:
        """True when the target said that it has answered this very request."""
        return (
            self.status == 200
            and isinstance(self.body, dict)
            and self.body.get("request_id") == self.request_id
        )

    def field(self, name: str) -> Any:  # noqa: ANN401 - whatever JSON holds
        """One field of the answer, also of a refusal that is JSON."""
        return self.body.get(name) if isinstance(self.body, dict) else None


class Traffic:
    """Sends the sample again and again under a new id until it is stopped.

    Args:
        post: sends a body and gives status and JSON, as `Server.post` does.
        sample: the features of each request.
        per_second: the rate.
        prefix: what every request id begins with.
        stopwatch: seconds, monotonic.
    """

    def __init__(
        self,
        post: Callable[[Mapping[str, Any]], tuple[int, Any]],
        sample: Mapping[str, Any],
        *,
        per_second: float,
        prefix: str,
        stopwatch: Callable[[], float],
    ) -> None:
        self.answers: list[Answer] = []
        """In the order in which they came; only ever appended to."""
        self._post = post
        self._sample = dict(sample)
        self._every = 1 / per_second
        self._prefix = prefix
        self._stopwatch = stopwatch
        self._pending: dict[str, float] = {}
        self._lock = threading.Lock()
        self._room = threading.Semaphore(MOST_AT_ONCE)
        self._stop = threading.Event()
        self._senders = ThreadPoolExecutor(MOST_AT_ONCE)
        self._pacer = threading.Thread(target=self._pace, daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._pacer.start()

    def stop(self) -> None:
        """Send no more, and wait for the answers that are due. Stopping twice is harmless."""
        self._stop.set()
        if self._pacer.is_alive():
            self._pacer.join(2 * ANSWER_SECONDS)
        # A sender that hangs on a target which drips must not hold back the restoring.
        self._senders.shutdown(wait=False)
        wait_until(lambda: not self._pending, 2 * ANSWER_SECONDS, self._stopwatch, time.sleep)

    def acknowledged(self) -> set[str]:
        """The ids of all requests that have their answer by now."""
        return {answer.request_id for answer in self.answers if answer.acknowledged}

    def pending_from_before(self, instant: float) -> bool:
        """True while a request that was sent before `instant` has no answer yet."""
        with self._lock:
            return any(sent < instant for sent in self._pending.values())

    def _pace(self) -> None:
        number, due = 0, self._stopwatch()
        while not self._stop.wait(max(0.0, due - self._stopwatch())):
            due += self._every
            number += 1
            if self._room.acquire(timeout=ANSWER_SECONDS):
                request_id, sent = f"{self._prefix}-{number}", self._stopwatch()
                with self._lock:
                    self._pending[request_id] = sent
                self._senders.submit(self._send, request_id, sent)

    def _send(self, request_id: str, sent: float) -> None:
        status, body, error = 0, None, ""
        try:
            status, body = self._post({"request_id": request_id, "features": self._sample})
        except TargetError as failure:
            error = str(failure)
        finally:
            done = self._stopwatch()
            with self._lock:
                del self._pending[request_id]
                self.answers.append(Answer(request_id, sent, done, status, body, error))
            self._room.release()


class _Came(Protocol):
    """Whatever came at an instant of the stopwatch."""

    @property
    def done(self) -> float:
        """When it came."""


A = TypeVar("A", bound=_Came)


class Row(Generic[A]):
    """Watches for answers in a row that are good, from an instant on.

    `complete_at` is when the last of the row came; `last_bad` is the last answer that broke a row;
    `row` are the good answers since.
    """

    def __init__(
        self,
        answers: Sequence[A],
        *,
        since: float,
        needed: int,
        good: Callable[[A], bool],
    ) -> None:
        self._answers = answers
        self._since = since
        self._needed = needed
        self._good = good
        self._seen = 0
        self.row: list[A] = []
        self.complete_at: float | None = None
        self.last_bad: A | None = None

    def complete(self) -> bool:
        """True once the row is long enough; what came since the last look is counted."""
        while self._seen < len(self._answers) and len(self.row) < self._needed:
            answer = self._answers[self._seen]
            self._seen += 1
            if answer.done < self._since:
                continue
            if self._good(answer):
                self.row.append(answer)
                self.complete_at = answer.done
            else:
                self.row, self.last_bad = [], answer
        return len(self.row) >= self._needed
