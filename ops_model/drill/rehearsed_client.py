"""The user's client under rehearsal: start it, ask it as a user does, and say what came back."""

import json
import re
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any

from ops_model.domain.fallback import VendorTarget
from ops_model.drill import client_host
from ops_model.drill.address import Connection
from ops_model.drill.scene import wait_until
from ops_model.drill.stand_in import StandIn
from ops_model.drill.targets import LARGEST_ANSWER, Server, running_server, start_server
from ops_model.drill.vendor_marks import FAULT_MARK, UNKNOWN, Mark, mark_in, with_reference

IN_TIME = "no answer in time"
NO_CONNECTION = "no connection"
BROKEN = "broken answer"
TOO_LARGE = "answer too large"
EMPTY = "empty answer"
PASSED_ON = "fault passed on as an answer"
NOTICE_ALONE = "notice without an answer"
_CLASS = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,60}")


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of one question, at which instants of the stopwatch.

    `error` says in a word what came in place of an answer, and is empty when one came.
    """

    request_id: str
    nonce: str
    sent: float
    done: float
    answer: str = ""
    notice: str = ""
    model: str = ""
    error: str = ""

    @property
    def served(self) -> bool:
        """True when a user got an answer."""
        return not self.error

    @property
    def mark(self) -> Mark | None:
        """Who answered; None where the stand-in did not, as with a text that was ready."""
        return mark_in(self.answer) if self.served else None

    def is_by(self, who: str) -> bool:
        """True for an answer of `primary` or `backup` to this very request."""
        return self.mark is not None and (self.mark.who, self.mark.nonce) == (who, self.nonce)

    @property
    def lost(self) -> bool:
        """True when a user got neither an answer nor a notice."""
        return not self.served and not self.notice

    def normal(self, model: str) -> bool:
        """True for an answer of the vendor's own, to this question, by the model asked for."""
        return self.mark == Mark("primary", self.nonce, model)

    def swapped(self, model: str) -> bool:
        """True for an answer that the vendor gave by another model than was asked for."""
        return self.mark is not None and self.mark.who == "primary" and self.mark.model != model


def wrong_with(reply: Reply) -> str:
    """What was wrong with an answer that should have been of one model of the vendor's."""
    mark = reply.mark
    if reply.error:
        return f"requests fail: {reply.error}"
    if mark is None:
        return "answers did not come from the vendor's stand-in"
    if mark.nonce == UNKNOWN:
        return "answers came to a question without its reference, so to which one cannot be told"
    if mark.nonce != reply.nonce:
        return "answers belonged to another request"
    return f"answers came from the {mark.who}, by model {mark.model}"


class Client:
    """The client, started or running already; asked one question at a time, by any thread."""

    def __init__(self, server: Server, target: VendorTarget, clock: Callable[[], float]) -> None:
        self._server = server
        self._target = target
        self._clock = clock

    @property
    def ours(self) -> bool:
        """True when the drill started it, and may start it anew."""
        return self._server.ours

    def asking_for(self, model: str) -> "Client":
        """The same client, its requests for another model."""
        return Client(self._server, self._target.model_copy(update={"model": model}), self._clock)

    def stop(self) -> None:
        """End it, unless it ran already."""
        self._server.stop()

    def ask(self, request_id: str) -> Reply:
        """Ask the question once, and wait as long as a user would."""
        nonce, sent = secrets.token_hex(4), self._clock()
        status, body, error = self._sent(request_id, nonce)
        answer, notice, model = self._read(body)
        error = error or self._why_no_answer(status, body, answer)
        if error and notice:
            error = NOTICE_ALONE
        return Reply(request_id, nonce, sent, self._clock(), answer, notice, model, error)

    def _sent(self, request_id: str, nonce: str) -> tuple[int, Any, str]:
        """Status, JSON, and what went wrong on the way."""
        patience = self._target.patience_seconds
        connection = Connection(self._server.address, idle_seconds=patience, seconds=patience)
        try:
            connection.request("POST", self._path(), self._body(request_id, nonce),
                               {"Content-Type": "application/json"})  # fmt: skip
            response = connection.getresponse()
            content = _content(response)
        except TimeoutError:
            return 0, None, IN_TIME
        except ConnectionRefusedError:
            return 0, None, NO_CONNECTION
        except (OSError, HTTPException, ValueError):
            return 0, None, BROKEN
        finally:
            connection.close()
        if content is None:
            return 0, None, TOO_LARGE
        try:
            return response.status, json.loads(content), ""
        except (ValueError, RecursionError):
            return response.status, None, "" if response.status != 200 else BROKEN

    def _path(self) -> str:
        return client_host.PATH if self._target.client else self._target.ask_path

    def _body(self, request_id: str, nonce: str) -> bytes:
        question = with_reference(self._target.question, nonce)
        body = {
            "request_id": request_id, "model": self._target.model, "question": question,
            "messages": [{"role": "user", "content": question}],
        }  # fmt: skip
        return json.dumps(body).encode()

    def _read(self, body: Any) -> tuple[str, str, str]:  # noqa: ANN401 - whatever JSON holds
        """Answer, notice and model; a function may return its answer as a text alone."""
        target = self._target
        result = body.get("result") if target.client and isinstance(body, dict) else body
        if target.client and isinstance(result, str):
            return result.strip(), "", ""
        fields = (target.answer_field, target.notice_field, target.model_field)
        answer, notice, model = (_field(result, path) for path in fields)
        return answer, notice, model

    def _why_no_answer(self, status: int, body: Any, answer: str) -> str:  # noqa: ANN401 - as above
        if status != 200:
            return self._class_of(body) or f"status {status}"
        # What no strip takes away may still show nothing: a space of no width, a lone dash.
        if not any(sign.isalnum() for sign in answer):
            return EMPTY
        return PASSED_ON if FAULT_MARK in answer else ""

    def _class_of(self, body: Any) -> str:  # noqa: ANN401 - as above
        """What the function raised; a server's own word is not taken, it may say anything."""
        said = body.get("error") if self._target.client and isinstance(body, dict) else None
        return said if isinstance(said, str) and _CLASS.fullmatch(said) else ""


def _content(response: HTTPResponse) -> bytes | None:
    """The whole body, None where it is too large.

    Raises:
        HTTPException: it was cut off.
    """
    content = b""
    while chunk := response.read1(65536):
        content += chunk
        if len(content) > LARGEST_ANSWER:
            return None
    if response.length:
        raise HTTPException
    return content


def _field(body: Any, path: str) -> str:  # noqa: ANN401 - whatever JSON holds
    """The text at a path with dots, a number being a place in a list; else an empty text."""
    for part in path.split("."):
        if isinstance(body, list) and part.isdecimal() and int(part) < len(body):
            body = body[int(part)]
        elif isinstance(body, dict):
            body = body.get(part)
        else:
            return ""
    return body.strip() if isinstance(body, str) else ""


def start_client(
    target: VendorTarget,
    stand_in: StandIn,
    *,
    root: Path,
    drill_id: str,
    clock: Callable[[], float],
    check: Callable[[], None],
) -> Client:
    """Start the client that a path names, or find the one that runs already.

    Raises:
        DrillError: it cannot be imported, does not start, or is not on this machine.
    """
    if target.url is not None:
        return Client(running_server(target.url), target, clock)
    given = {"primary": stand_in.primary, "backup": stand_in.backup, "model": target.model}
    if target.client is not None:
        options = [part for name, value in given.items() for part in (f"--{name}", value)]
        command = ("python", "-P", "-m", "ops_model.drill.client_host", target.client, *options)
    else:
        command = tuple(_filled(part, given) for part in target.start)
    server = start_server(command, root=root, drill_id=drill_id, check=check)
    return Client(server, target, clock)


def _filled(part: str, given: Mapping[str, str]) -> str:
    for name, value in given.items():
        part = part.replace(f"{{{name}}}", value)
    return part


def ask_at_a_rate(
    client: Client,
    request_ids: Sequence[str],
    *,
    every_seconds: float,
    longest_seconds: float,
    sleep: Callable[[float], None],
    clock: Callable[[], float],
) -> list[Reply]:
    """Ask as users do, who do not wait for one another; every reply, by the order of questions.

    Args:
        client: who is asked.
        request_ids: one question each.
        every_seconds: between two questions, whatever comes back.
        longest_seconds: how long to wait after the last.
        sleep: waits, and may raise to break off.
        clock: the stopwatch.
    """
    replies: dict[str, Reply] = {}

    def ask(request_id: str) -> None:
        replies[request_id] = client.ask(request_id)

    due = clock()
    for request_id in request_ids:
        sleep(max(0.0, due - clock()))
        due += every_seconds
        threading.Thread(target=ask, args=(request_id,), daemon=True).start()
    wait_until(lambda: len(replies) == len(request_ids), longest_seconds, clock, sleep)
    never = clock()
    return [
        replies.get(request_id, Reply(request_id, "", never, never, error=IN_TIME))
        for request_id in request_ids
    ]
