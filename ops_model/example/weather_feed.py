"""The weather feed of the example: a process of its own that can really be gone.

`python -m ops_model.example.weather_feed FILE` serves the newest hour of each airport from the
file that `serve_log.write_weather` writes, as `GET /newest/JFK`. It ends when its standard input
ends, so it never outlives the server that started it.
"""

import argparse
import http.client
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ops_model.errors import UsageError


def newest_hours(path: Path) -> dict[str, dict[str, Any]]:
    """The last hour of each airport in a weather file.

    Raises:
        UsageError: the file cannot be read, or is no weather.
    """
    remedy = "name a file like data/flight-delay/weather.json"
    try:
        hours = json.loads(path.read_text(encoding="utf-8"))["hours"]
        # ISO 8601 in UTC sorts as text, so the newest hour of an airport comes last and stays.
        return {hour["origin"]: hour for hour in sorted(hours, key=lambda h: h["known_at"])}
    except OSError as error:
        message = f"the weather cannot be read: {error.strerror}"
        raise UsageError(message, where=str(path), remedy=remedy) from error
    except (ValueError, KeyError, TypeError) as error:
        message = 'is no weather; expected {"hours": [{"origin": .., "known_at": ..}]}'
        raise UsageError(message, where=str(path), remedy=remedy) from error


def serve_feed(path: Path) -> None:
    """Serve until standard input ends; prints the address as one JSON line."""
    hours = newest_hours(path)

    class Newest(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hour = hours.get(self.path.removeprefix("/newest/"))
            content = json.dumps(hour).encode()
            self.send_response(200 if hour else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Newest) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdout.write(json.dumps({"url": f"http://127.0.0.1:{server.server_port}"}) + "\n")
        sys.stdout.flush()
        sys.stdin.buffer.read()
        server.shutdown()


class FeedProcess:
    """The feed as a child process: start it, kill it, ask where it is."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.url: str | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._changing = threading.Lock()

    @property
    def pid(self) -> int | None:
        """The id of the living process, None when the feed is gone."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def start(self) -> None:
        """Start the feed unless it lives; it listens when this returns.

        Raises:
            UsageError: it did not start.
        """
        with self._changing:
            if self.pid is not None:
                return
            self._reap()
            # Its file was read by this process too, so its words on stderr add nothing.
            process = subprocess.Popen(  # noqa: S603 - our own module, no shell
                [sys.executable, "-P", "-m", "ops_model.example.weather_feed", str(self.path)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            self._process = process
            line = process.stdout.readline() if process.stdout else b""
            if not line:
                raise UsageError("the weather feed did not start", where=str(self.path))
            self.url = json.loads(line)["url"]

    def kill(self) -> None:
        """End the feed as a power cut would; it is gone when this returns."""
        with self._changing:
            if self._process is not None:
                self._process.kill()
            self._reap()

    def _reap(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()


@dataclass(frozen=True)
class Weather:
    """What is known for an airport, and whether the feed still gave it at the last look."""

    hour: Mapping[str, Any]
    fresh: bool


class LastGoodHour:
    """Asks the feed again and again, and keeps the last hour that it gave for each airport.

    Args:
        url: where the feed is now, None while it has no address.
        origins: the airports to ask for.
        every_seconds: between two looks.
        timeout_seconds: how long one look may take.
        keep_seconds: how long the last good hour serves; older than that there is no weather.
        stopwatch: seconds, monotonic.
    """

    def __init__(
        self,
        url: Callable[[], str | None],
        origins: tuple[str, ...],
        *,
        every_seconds: float,
        timeout_seconds: float,
        keep_seconds: float,
        stopwatch: Callable[[], float],
    ) -> None:
        self._url = url
        self._origins = origins
        self._every = every_seconds
        self._timeout = timeout_seconds
        self._keep = keep_seconds
        self._stopwatch = stopwatch
        self._known: dict[str, tuple[Mapping[str, Any], float]] = {}
        self._fresh: dict[str, bool] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        """Look once, then go on looking in a thread."""
        self.look()
        self._thread.start()

    def stop(self) -> None:
        """Stop looking."""
        self._stop.set()

    def look(self) -> None:
        """Ask the feed for each airport, and note which answered."""
        for origin in self._origins:
            hour = self._ask(origin)
            if hour is not None:
                self._known[origin] = (hour, self._stopwatch())
            self._fresh[origin] = hour is not None

    def newest(self, origin: str) -> Weather | None:
        """The weather to serve with, or None when there is none or it is too old."""
        known = self._known.get(origin)
        if known is None or self._stopwatch() - known[1] > self._keep:
            return None
        return Weather(known[0], self._fresh[origin])

    def _watch(self) -> None:
        while not self._stop.wait(self._every):
            self.look()

    def _ask(self, origin: str) -> Mapping[str, Any] | None:
        url = self._url()
        if url is None:
            return None
        place = urlsplit(url)
        connection = http.client.HTTPConnection(
            place.hostname or "", place.port, timeout=self._timeout
        )
        with suppress(OSError, http.client.HTTPException, ValueError):
            connection.request("GET", f"/newest/{origin}")
            response = connection.getresponse()
            hour = json.loads(response.read())
            connection.close()
            return hour if response.status == 200 and isinstance(hour, dict) else None
        connection.close()
        return None


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="The weather feed of the example server.")
    parser.add_argument("file", type=Path)
    serve_feed(parser.parse_args().file)
