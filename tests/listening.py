"""A channel that takes alerts: a real HTTP server on this machine, which keeps what it got."""

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class Channel:
    """What came in, as apprise's `json://` posts it; `status` is what the server answers."""

    def __init__(self):
        self.got, self.status = [], 200

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
            self.send_response(channel.status)
            self.end_headers()

        def log_message(self, *_):
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        channel.address = f"json://127.0.0.1:{server.server_port}/secret-token"
        try:
            yield channel
        finally:
            server.shutdown()
            thread.join()
