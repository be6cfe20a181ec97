"""A channel that takes alerts: a real HTTP server on this machine, which keeps what it got."""

import json
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import sleep


class Channel:
    """What came in, as apprise's `json://` posts it, and which paths were asked for.

    `status` is what the server answers, `to` where it redirects to, and `waits` how long it takes.
    """

    def __init__(self):
        self.got, self.asked, self.status, self.to, self.waits = [], [], 200, "", 0.0

    @property
    def bodies(self):
        return [message["message"] for message in self.got]


@contextmanager
def a_channel():
    """The channel, and its address for apprise."""
    channel = Channel()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            channel.got.append(json.loads(body))
            self.answer()

        def do_GET(self):
            channel.asked.append(self.path)
            self.answer()

        def answer(self):
            sleep(channel.waits)
            with suppress(BrokenPipeError):
                self.send_response(channel.status)
                if channel.to:
                    self.send_header("Location", channel.to)
                self.end_headers()

        def log_message(self, *_):
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        channel.address = f"json://127.0.0.1:{server.server_port}/secret-token"
        channel.web = f"http://127.0.0.1:{server.server_port}/secret-ping"
        try:
            yield channel
        finally:
            server.shutdown()
            thread.join()
