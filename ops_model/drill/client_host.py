"""Serves a client that is a function, so that a function and a server are rehearsed alike.

`python -m ops_model.drill.client_host module:function --primary URL --backup URL --model ID`, in
the workbook's folder, listens on a free port of this machine and prints `{"url": ...}`.
`POST /ask {"question", "model"}` calls the function, for the model that is named in the place of
the first; the answer is `{"result": ...}` with what it returned,
or status 500 and `{"error": CLASS}` with the class of what it raised and nothing else: the text of
an error may hold what a person asked, or a key.
"""

import argparse
import asyncio
import importlib
import inspect
import json
import os
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from traceback import extract_tb
from typing import Any

LARGEST_BODY = 1024 * 1024
CANNOT_BE_CALLED = 2
PATH = "/ask"


class _NotAFunctionError(Exception):
    """The name leads to nothing that can be called."""


class _Host(ThreadingHTTPServer):
    """Asks the client in a thread for each request; what is asynchronous shares one loop.

    One loop for all, as in a server: a client may keep connections and a lock between requests.
    """

    daemon_threads = True
    request_queue_size = 512

    def __init__(self, ask: Callable[..., Any], given: Mapping[str, str]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._ask = ask
        self._given = dict(given)
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def answer(self, question: str, model: str | None) -> tuple[int, bytes]:
        """Status and body for one question, asked of a model where one is named."""
        given = self._given | ({"model": model} if model else {})
        try:
            result = self._ask(question, **given)
            if inspect.isawaitable(result):
                result = asyncio.run_coroutine_threadsafe(_awaited(result), self._loop).result()
            return 200, json.dumps({"result": result}).encode()
        except BaseException as error:  # noqa: BLE001 - whatever a client raises is what a user would have met
            return 500, json.dumps({"error": type(error).__name__}).encode()


async def _awaited(result: Any) -> Any:  # noqa: ANN401 - whatever a client returns
    return await result


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Host

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length") or "0"
        if not length.isdecimal() or int(length) > LARGEST_BODY:
            self.close_connection = True
            self._say(413, b"{}")
            return
        body = json.loads(self.rfile.read(int(length)))
        self._say(*self.server.answer(str(body["question"]), body.get("model")))

    def _say(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        pass

    def handle(self) -> None:
        with suppress(OSError):  # whoever asked no longer waits
            super().handle()


def _function(name: str) -> Callable[..., Any]:
    """The function of `module:function`, its module looked for in this folder first."""
    module, _, attribute = name.partition(":")
    sys.path.insert(0, str(Path.cwd()))
    found: Any = importlib.import_module(module)
    for part in attribute.split("."):
        found = getattr(found, part)
    if not callable(found):
        raise _NotAFunctionError
    return found  # type: ignore[no-any-return]  # anything that can be called


def _why_not(name: str, error: BaseException) -> str:
    """In one line and without the error's own text, which may hold a secret."""
    module, _, attribute = name.partition(":")
    if isinstance(error, _NotAFunctionError) or not attribute:
        return f"client {name} is no function; expected module:function"
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"client {name} cannot be imported: there is no module {error.name}"
    if isinstance(error, AttributeError) and getattr(error, "obj", None) is sys.modules.get(
        module
    ):
        return f"client {name}: the module has no {error.name}"
    last = extract_tb(error.__traceback__)[-1]
    where = f"{Path(last.filename).name}:{last.lineno}"
    return f"client {name} cannot be imported: {type(error).__name__} at {where}"


def _silence() -> tuple[int, int]:
    """Let the client print what it likes into nothing; the two real outputs."""
    sys.stdout.flush()
    kept = os.dup(1), os.dup(2)
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    os.close(nothing)
    return kept


def main() -> int:
    """Import the client, and serve it until ended."""
    parser = argparse.ArgumentParser(prog="python -m ops_model.drill.client_host")
    parser.add_argument("client", metavar="module:function")
    for name in ("primary", "backup", "model"):
        parser.add_argument(f"--{name}", required=True)
    given = vars(parser.parse_args())
    name = given.pop("client")
    said, complained = _silence()
    try:
        host = _Host(_function(name), given)
    except BaseException as error:  # noqa: BLE001 - the import of a client may raise anything, SystemExit too
        os.write(complained, f"{_why_not(name, error)}\n".encode())
        return CANNOT_BE_CALLED
    os.write(said, json.dumps({"url": f"http://127.0.0.1:{host.server_port}"}).encode() + b"\n")
    host.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
