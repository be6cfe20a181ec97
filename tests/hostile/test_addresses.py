"""Addresses that lead elsewhere, and servers that never come to an end."""

import json
import socket
import threading
import time
from contextlib import contextmanager, suppress

import pytest

from ops_model.drill.address import Address, Connection, local_address
from ops_model.drill.targets import Server, TargetError, start_server
from ops_model.errors import DrillError
from tests.hostile.asking import SECONDS, shown

METADATA = [
    "169.254.169.254", "[fd00:ec2::254]", "100.100.100.200", "192.0.0.192", "169.254.170.2",
    "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "2852039166", "0xA9FEA9FE",
    "0251.0376.0251.0376",
    "169.254.43518", "0xA9.0xFE.0xA9.0xFE", "metadata.google.internal", "metadata",
    "instance-data",
    "[fe80::1]", "[fe80::1%25eth0]", "169.254.169.254.", "169.254.169.254.nip.io",
]  # fmt: skip
ELSEWHERE = [
    "10.0.0.1", "192.168.0.1", "172.16.0.1", "192.0.2.1", "8.8.8.8", "0.0.0.0", "[::]", "0",
    "255.255.255.255", "224.0.0.1", "[2001:db8::1]", "[::ffff:8.8.8.8]", "[::127.0.0.1]",
    "[64:ff9b::7f00:1]", "example.org", "localhost.example.org", "127.0.0.1.nip.io",
]  # fmt: skip
DISGUISED = [
    "2130706433", "0x7f.1", "0x7f000001", "017700000001", "127.1", "127.0.1", "0177.0.0.1",
    "127.0.0.1.", "127.0.0.01", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "\uff11\uff12\uff17.0.0.1",
    "127\u3002" "0.0.1", "\u2460\u2461\u2466.0.0.1", "LOCALHOST", "localhost.",
    "loc\u0430lhost", "",
]  # fmt: skip
FORMS = [
    "https://127.0.0.1:80", "ftp://127.0.0.1:80", "file:///etc/passwd", "gopher://127.0.0.1:80",
    "unix:///run/docker.sock", "//127.0.0.1:80", "127.0.0.1:80", "HTTP://127.0.0.1:80",
    "http://127.0.0.1", "http://127.0.0.1:", "http://127.0.0.1:0", "http://127.0.0.1:65536",
    "http://127.0.0.1:99999999", "http://127.0.0.1:-1", "http://127.0.0.1:8\u0660",
    "http://127.0.0.1:80@192.0.2.1:80", "http://127.0.0.1@192.0.2.1:80", "http://u:p@127.0.0.1:80",
    "http://192.0.2.1:80#@127.0.0.1:80", "http://192.0.2.1:80\\@127.0.0.1:80",
    "http://127.0.0.1:80/../x", "http://127.0.0.1:80?x", "http://127.0.0.1:80\r\nHost: x",
    "http://127.0.0.1:80 ", " http://127.0.0.1:80", "http://127.0.0.1:80\0", "http://[::1:80",
    "http://127.0.0.1:80\n", "javascript:alert(1)", "http://" + "a" * 100_000 + ":80", "",
]  # fmt: skip
BAD = [*(f"http://{host}:80" for host in (*METADATA, *ELSEWHERE, *DISGUISED)), *FORMS]


@pytest.mark.parametrize("url", BAD, ids=shown)
def test_an_address_that_is_not_plainly_this_machine_is_refused_and_no_name_is_looked_up(url):
    def looked_up(*asked, **_):
        raise AssertionError(asked)

    began = time.process_time()

    assert local_address(url, look_up=looked_up) is None
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize(
    ("url", "ip"),
    [("http://127.0.0.1:8080", "127.0.0.1"), ("http://127.9.9.9:8080/", "127.9.9.9"),
     ("http://[::1]:8080", "::1")],
)  # fmt: skip
def test_an_address_of_this_machine_is_taken_as_it_is_written(url, ip):
    assert local_address(url) == Address(ip, 8080)


@pytest.mark.parametrize(("answer", "ip"), [("127.0.0.1", "127.0.0.1"), ("192.0.2.1", None)])
def test_localhost_is_looked_up_once_and_believed_only_when_it_is_this_machine(answer, ip):
    asked = []

    def answered(*words, **_):
        asked.append(words)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answer, 80))]

    assert local_address("http://localhost:80", look_up=answered) == (
        Address(ip, 80) if ip else None
    )
    assert len(asked) == 1


def printing(text):
    return "python", "-c", f"import time; print({text!r}, flush=True); time.sleep(60)"


@pytest.mark.parametrize(
    "line",
    [json.dumps({"url": "http://169.254.169.254:80"}), json.dumps({"url": "http://2130706433:80"}),
     json.dumps({"url": "http://localhost.example.org:80"}), "[" * 60_000, '{"url": NaN}', "\xff",
     json.dumps({"url": ["http://127.0.0.1:80"]}), json.dumps({"url": "\x1b[31m"})],
    ids=shown,
)  # fmt: skip
def test_a_target_that_says_another_place_is_never_connected_to(tmp_path, line):
    with pytest.raises(DrillError) as refused:
        start_server(
            printing(line), root=tmp_path, drill_id="rollback-0123456789abcdef", check=lambda: None
        )

    assert refused.value.problems[0].remedy
    assert str(refused.value).replace("\n", "").isprintable()


class _NoProcess:
    """Stands where a started server's process would; nothing here ends it."""


@contextmanager
def serving(talk):
    """A server on this machine that says to each who connects what `talk` makes it say."""
    listening = socket.create_server(("127.0.0.1", 0))
    seen = []

    def serve():
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                seen.append(connection.recv(65536))
                with suppress(OSError):
                    talk(connection)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield Server(Address("127.0.0.1", listening.getsockname()[1]), _NoProcess()), seen
    finally:
        listening.close()


HEAD = b"HTTP/1.1 200 OK\r\n"


def test_a_redirect_is_not_followed():
    said = b"Location: http://169.254.169.254/latest\r\nContent-Length: 0\r\n\r\n"

    with serving(lambda c: c.sendall(b"HTTP/1.1 302 Found\r\n" + said)) as (server, seen):
        assert server.get("/version") == (302, None)

    assert len(seen) == 1


def dripping(begin, drop):
    def talk(connection):
        connection.sendall(begin)
        while True:
            time.sleep(0.02)
            connection.sendall(drop)

    return talk


@pytest.mark.parametrize(
    "talk",
    [dripping(b"", b"H"), dripping(HEAD, b"x"), dripping(HEAD + b"A: ", b"b"),
     dripping(HEAD + b"Content-Length: 99999\r\n\r\n", b"x"), lambda c: time.sleep(2)],
    ids=["status line", "names of headers", "a header", "body", "silence"],
)  # fmt: skip
def test_a_server_that_drips_is_cut_off_like_one_that_is_silent(talk):
    with serving(talk) as (server, _):
        connection = Connection(server.address, idle_seconds=0.2, seconds=0.3)
        connection.request("GET", "/version")
        began = time.monotonic()

        with pytest.raises(TimeoutError):
            connection.getresponse().read()

        assert time.monotonic() - began < 1
        connection.close()


def test_an_answer_without_end_is_cut_off_at_a_mebibyte():
    def talk(connection):
        connection.sendall(HEAD + b"\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    with serving(talk) as (server, _), pytest.raises(TargetError, match="more than 1048576 bytes"):
        server.get("/version")


@pytest.mark.parametrize("body", [b"[" * 100_000, b"\xff\xfe", b"", b"NaN" * 9, b'{"a":'])
def test_an_answer_that_is_no_json_is_none(body):
    length = f"Content-Length: {len(body)}\r\n\r\n".encode()

    with serving(lambda c: c.sendall(HEAD + length + body)) as (server, _):
        assert server.get("/version") == (200, None)


@pytest.mark.parametrize("path", ["/x\r\nHost: y", "/\0", "/ y HTTP/1.1", "/\u2028"])
def test_a_path_that_would_be_a_second_request_is_refused(path):
    with serving(lambda c: None) as (server, seen), pytest.raises(TargetError):
        server.get(path)

    assert not any(b"y" in line for line in seen)
