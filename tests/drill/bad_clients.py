"""Servers as they are often written; each fails its users in another way when its vendor fails.

`python bad_clients.py MODE PRIMARY MODEL` prints its address and answers `POST /ask`. Modes:
`no-timeout` asks once and waits for ever; `retries` asks three times, a fifth of a second each,
and nobody else; `passes-all` hands on whatever it gets; `one-at-a-time` is `no-timeout` in one
thread.
"""

import http.client
import json
import sys
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer

MODE, PRIMARY, MODEL = sys.argv[1:4]


def asked(question, timeout):
    body = {"model": MODEL, "messages": [{"role": "user", "content": question}]}
    request = urllib.request.Request(
        f"{PRIMARY}/chat/completions", json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )  # fmt: skip
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            return response.read().decode()
    except urllib.error.HTTPError as error:
        if MODE == "passes-all":
            return error.read().decode()
        raise


def content_of(text):
    return json.loads(text)["choices"][0]["message"]["content"]


def answer(question):
    if MODE == "retries":
        for _ in range(2):
            try:
                return content_of(asked(question, 0.2))
            except Exception:  # noqa: BLE001 - as badly as it is often written
                continue
        return content_of(asked(question, 0.2))
    if MODE == "passes-all":
        try:
            text = asked(question, 0.5)
        except http.client.IncompleteRead as error:
            text = error.partial.decode()
        try:
            return content_of(text)
        except (ValueError, KeyError):
            return text
    return content_of(asked(question, None))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["question"]
        try:
            status, said = 200, {"answer": answer(question)}
        except Exception as error:  # noqa: BLE001 - as badly as it is often written
            status, said = 502, {"error": f"the key sk-1 did not help: {error}"}
        content = json.dumps(said).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except OSError:
            pass  # whoever asked has given up

    def log_message(self, *args):
        pass


class Waiting(ThreadingHTTPServer):
    daemon_threads = True


if __name__ == "__main__":
    kind = HTTPServer if MODE == "one-at-a-time" else Waiting
    server = kind(("127.0.0.1", 0), Handler)
    print(json.dumps({"url": f"http://127.0.0.1:{server.server_port}"}), flush=True)
    server.serve_forever()
