"""The example's model server: two trained versions, an alias, a store, a weather feed.

`python -m ops_model.example.serve`, from the workbook's folder, listens on a free port of this
machine alone and prints `{"url": ...}`. Every acknowledged prediction is on the disk before its
answer. Switching the alias is atomic: a request ends on the version that it began with, and the
alias is on the disk before it serves, so that a restart serves what was switched to last.

| request | answer |
|---|---|
| `GET /version` | `{version, digest, feature_spec_digest}` |
| `GET /healthy` | `{healthy}` |
| `POST /predict {request_id, features}` | `{request_id, version, digest, probability, degraded, notice?}` |
| `GET /admin/records` | one line `{id, version, digest}` a stored record |
| `POST /admin/alias {version}` | as `GET /version` |
| `POST /admin/outage {on}` | `{on, feed_pid}`: kills the feed's process, or starts it |

Weather that a request does not bring comes from the feed. While the feed is gone the last good
hour serves, and each answer says so.
"""  # noqa: E501 - a table

import argparse
import json
import signal
import sys
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from ops_model.errors import OpsModelError, UsageError
from ops_model.example.model_service import ModelService, RefusedError
from ops_model.example.record_store import RecordStore
from ops_model.example.serve_faults import FAULTS, Faults
from ops_model.example.weather_feed import FeedProcess, LastGoodHour, newest_hours

HOME = Path("data/flight-delay")
NOTICE = "Weather data is delayed; this estimate uses the last weather we have."
LARGEST_BODY = 64 * 1024


class _Handler(BaseHTTPRequestHandler):
    """One request; a fresh thread each."""

    protocol_version = "HTTP/1.1"  # chunks show a client that a stream of records was cut off
    disable_nagle_algorithm = True
    server: "ModelServer"

    def do_GET(self) -> None:
        service = self.server.service
        if self.path == "/version":
            self._answer(200, service.version())
        elif self.path == "/healthy":
            self._answer(200, {"healthy": True})
        elif self.path == "/admin/records":
            self._stream_records()
        else:
            self._answer(404, {"error": "there is no such path"})

    def do_POST(self) -> None:
        service = self.server.service
        verbs = {
            "/predict": service.predict,
            "/admin/alias": service.switch,
            "/admin/outage": service.outage,
        }
        if self.path not in verbs:
            self._answer(404, {"error": "there is no such path"})
            return
        try:
            self._answer(200, verbs[self.path](self._body()))
        except RefusedError as refused:
            self._answer(refused.status, refused.answer)
        except OSError as error:
            # Nothing was acknowledged: the record, or the alias, is not on the disk.
            self._answer(503, {"error": error.strerror or "the disk refuses"})

    def _body(self) -> Mapping[str, Any]:
        length = self.headers.get("Content-Length") or "0"
        if not length.isdecimal() or int(length) > LARGEST_BODY:
            self.close_connection = True
            raise RefusedError(413, {"error": f"expected at most {LARGEST_BODY} bytes"})
        try:
            body = json.loads(self.rfile.read(int(length)))
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise RefusedError(400, {"error": "expected a JSON object"})
        return body

    def _answer(self, status: int, answer: Mapping[str, Any]) -> None:
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _stream_records(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for record in self.server.service.store.contents():
            line = json.dumps(record).encode() + b"\n"
            self.wfile.write(b"%x\r\n%b\r\n" % (len(line), line))
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        pass


class ModelServer(ThreadingHTTPServer):
    """Listens on this machine alone; closing waits for the requests that it has accepted."""

    request_queue_size = 256
    daemon_threads = False

    def __init__(self, service: ModelService, port: int) -> None:
        self.service = service
        super().__init__(("127.0.0.1", port), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is no error of the server; anything else is said in one line."""
        error = sys.exception()
        if not isinstance(error, ConnectionError | TimeoutError):
            print(f"request failed: {type(error).__name__}: {error}", file=sys.stderr)  # noqa: T201 - a process of its own


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; 0, or 3 with one message when it cannot start."""
    try:
        _serve(_parser().parse_args(arguments))
    except OpsModelError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a process of its own
        return 3
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ops_model.example.serve", description="The example's model server."
    )
    parser.add_argument("--models", type=Path, default=HOME / "models", metavar="DIR")
    parser.add_argument("--active", default="v2", metavar="VERSION",
                        help="what serves until an alias was switched")  # fmt: skip
    parser.add_argument("--records", type=Path, default=HOME / "serving" / "records.jsonl",
                        metavar="FILE", help="the alias is kept beside it")  # fmt: skip
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    feed = parser.add_mutually_exclusive_group()
    feed.add_argument("--weather-feed", type=Path, nargs="?", default=HOME / "weather.json",
                      const=HOME / "weather.json", metavar="FILE")  # fmt: skip
    feed.add_argument("--no-weather-feed", dest="weather_feed", action="store_const", const=None)
    parser.add_argument("--weather-every", type=float, default=0.5, metavar="SECONDS")
    parser.add_argument("--notice", default=NOTICE, help="what users read while degraded")
    parser.add_argument("--fault", action="append", default=[], metavar="NAME[=N]",
                        help=f"misbehave on purpose: {', '.join(FAULTS)}")  # fmt: skip
    return parser


def _serve(given: argparse.Namespace) -> None:
    feed, weather = _weather(given)
    store = RecordStore(given.records)
    try:
        service = ModelService(
            models=given.models, active=given.active, store=store, feed=feed, weather=weather,
            notice=given.notice, faults=Faults.parse(given.fault),
        )  # fmt: skip
        with _listening(service, given.port) as server:
            # Whatever ends this process ends the requests first, and the feed after them.
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
            print(json.dumps({"url": f"http://127.0.0.1:{server.server_port}"}), flush=True)  # noqa: T201 - the promise to whoever started it
            server.serve_forever(poll_interval=0.05)
    finally:
        if feed is not None:
            feed.kill()
        store.close()


def _listening(service: ModelService, port: int) -> ModelServer:
    try:
        return ModelServer(service, port)
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"cannot listen on port {port}: {getattr(error, 'strerror', None) or error}",
            remedy="stop what listens there, or let --port 0 take a free one",
        ) from error


def _weather(given: argparse.Namespace) -> tuple[FeedProcess | None, LastGoodHour | None]:
    if given.weather_feed is None:
        return None, None
    origins = tuple(newest_hours(given.weather_feed))
    feed = FeedProcess(given.weather_feed)
    feed.start()
    weather = LastGoodHour(
        lambda: feed.url,
        origins,
        every_seconds=given.weather_every,
        timeout_seconds=2.0,
        keep_seconds=6 * 3600.0,
        stopwatch=time.monotonic,
    )
    weather.start()
    return feed, weather


if __name__ == "__main__":
    sys.exit(main())
