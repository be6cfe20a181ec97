"""`ops-model serve` as a process: what it answers, and what it refuses."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from threading import Thread

import pytest

from ops_model.site.build import build_site
from ops_model.site.pages import CSP_DRAWN, CSP_STILL
from ops_model.site.serve import MOST_AT_ONCE, SiteServer
from ops_model.workflow.start import start_workbook
from tests.site import samples

OWNER = "/systems/flight-delay/index.html"
RUN = "/runs/flight-delay/05_drift_quality/r-quality.html"


@contextmanager
def serving(root, *more, signalled=signal.SIGINT):
    """A server of the workbook in `root`; what it printed, and the process."""
    command = [sys.executable, "-m", "ops_model", "serve", "--workbook", str(root), "--json"]
    process = subprocess.Popen(
        [*command, "--port", "0", *more],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    try:
        told = "".join(iter(process.stdout.readline, "}\n")) + "}"
        yield json.loads(told), process
    finally:
        process.send_signal(signalled)
        process.communicate(timeout=20)


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A workbook with a site, and things beside and in it that nobody may read."""
    root = tmp_path_factory.mktemp("book")
    (root / "ops-model.yaml").write_text("name: Served\n")
    (root / "secret.txt").write_text("secret")
    build_site(samples.site_input(), root / "site")
    (root / "site" / "link.txt").symlink_to(root / "secret.txt")
    (root / "site" / "out").symlink_to(root)
    (root / "site" / "notes.odd").write_text("<script>run()</script>")
    (root / "site" / "odd.html").write_text("<p>no policy of its own")
    (root / "site" / "round").symlink_to("round")
    os.mkfifo(root / "site" / "pipe.html")
    return root


@pytest.fixture(scope="module")
def port(book):
    with serving(book) as (told, _):
        yield int(told["url"].rpartition(":")[2].rstrip("/"))


def ask(port, path, method="GET", *, host=None, body=None, **headers):
    """One request, with exactly these headers; status, headers and body of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name in [host] if isinstance(host, str) else host or [f"localhost:{port}"]:
        connection.putheader("Host", name)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders(body)
    answer = connection.getresponse()
    got = answer.read()
    connection.close()
    return answer.status, answer.headers, got


def raw(port, request):
    """The whole answer to these very bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_it_serves_the_pages_as_they_lie_there(book, port):
    for path in ("/", "/index.html", OWNER, "/systems/flight-delay/", f"{OWNER}?x=1"):
        named = path.partition("?")[0]
        file = book / "site" / (named[1:] + ("index.html" if named.endswith("/") else ""))

        assert ask(port, path)[::2] == (200, file.read_bytes()), path


def test_every_answer_carries_the_headers_an_error_too(port):
    for path in (OWNER, "/assets/site.css", "/nothing", "/../secret.txt"):
        _, headers, _ = ask(port, path)

        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Referrer-Policy"] == "no-referrer", path
        assert headers["X-Frame-Options"] == "DENY", path
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin", path
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], path
        assert headers["Server"] == "ops-model", path
        assert "Access-Control-Allow-Origin" not in headers, path


def test_a_page_keeps_its_own_policy_and_gets_a_sandbox_without_scripts(port):
    policy = ask(port, OWNER)[1]["Content-Security-Policy"]

    assert policy == f"{CSP_STILL}; frame-ancestors 'none'; sandbox allow-same-origin"


def test_a_page_that_draws_figures_may_run_the_scripts_that_its_policy_lets_in(port):
    _, headers, _ = ask(port, RUN)

    assert headers["Content-Security-Policy"] == f"{CSP_DRAWN}; frame-ancestors 'none'"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_a_page_that_states_no_policy_may_do_nothing(port):
    policy = ask(port, "/odd.html")[1]["Content-Security-Policy"]

    assert policy.startswith("default-src 'none'")
    assert policy.endswith("sandbox")


def test_types_are_those_of_the_files(port):
    types = {path: ask(port, path)[1]["Content-Type"] for path in
             (OWNER, "/assets/site.css", "/assets/loader.js", "/notes.odd")}  # fmt: skip

    assert types == {
        OWNER: "text/html; charset=utf-8", "/assets/site.css": "text/css; charset=utf-8",
        "/assets/loader.js": "text/javascript; charset=utf-8",
        "/notes.odd": "application/octet-stream",
    }  # fmt: skip


def test_a_page_that_is_known_is_not_sent_again_until_it_is_built_anew(book, port):
    _, headers, _ = ask(port, OWNER)
    tag = headers["ETag"]
    again = ask(port, OWNER, If_None_Match=f'"other", {tag}')
    build_site(samples.site_input(tool_version="9.9"), book / "anew")
    fresh = (book / "anew" / OWNER[1:]).read_bytes()
    (book / "anew" / OWNER[1:]).replace(book / "site" / OWNER[1:])
    after = ask(port, OWNER, If_None_Match=tag)

    assert (again[0], again[2]) == (304, b"")
    assert again[1]["ETag"] == tag
    assert "no-cache" in headers["Cache-Control"]
    assert after[::2] == (200, fresh)


def test_head_says_how_long_and_sends_nothing(book, port):
    status, headers, body = ask(port, OWNER, "HEAD")

    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) == (book / "site" / OWNER[1:]).stat().st_size
    assert ask(port, "/nothing", "HEAD")[::2] == (404, b"")


@pytest.mark.parametrize("path", [
    "/../secret.txt", "/..%2fsecret.txt", "/%2e%2e/secret.txt", "/systems/../../secret.txt",
    "/%2e%2e%2fsecret.txt", "/..%5csecret.txt", "/..%c0%afsecret.txt", "/....//secret.txt",
    "/assets/..;/../secret.txt", "/secret.txt%00.html", "//etc/passwd", "/%2fetc/passwd",
    "/.ops-model-site", "/%2eops-model-site", "/assets/.hidden/x", "/link.txt", "/out/secret.txt",
    "/out/", "/pipe.html", "/systems", "/systems/", "/assets/", "/%ff", "/nothing.html",
    "/" + "a" * 5000, "/" + "a/" * 900, "/index.html/", "/index.html/x",
    "/round/x", "/index.html;x", "/index.html%0d%0aX: y".replace(" ", "%20"),
])  # fmt: skip
def test_nothing_but_a_file_of_the_site_is_served(port, path):
    status, _, body = ask(port, path)

    assert status == 404
    assert b"secret" not in body
    assert b"root:" not in body
    assert b"href" not in body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "X"])
def test_a_site_is_only_read(port, method):
    status, headers, _ = ask(port, OWNER, method)

    assert (status, headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("host", [
    "evil.example", "localhost.evil.example:{port}", "localhost", "127.0.0.1:1", "127.1:{port}",
    "0.0.0.0:{port}", "[::1]:{port}@evil.example", "",
])  # fmt: skip
def test_a_name_that_was_pointed_at_this_machine_is_refused(port, host):
    status, _, body = ask(port, OWNER, host=host.format(port=port))

    assert status == 403
    assert f"served as 127.0.0.1:{port} only".encode() in body


def test_its_own_names_are_answered_and_two_at_once_are_not(port):
    names = [f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}", f"LocalHost:{port}"]

    assert [ask(port, "/", host=name)[0] for name in names] == [200] * len(names)
    assert ask(port, "/", host=[names[0], "evil.example"])[0] == 403


def test_the_whole_address_in_a_request_counts_as_its_path(port):
    here = f"http://LOCALHOST:{port}"

    assert [ask(port, here + path)[0] for path in (OWNER, "/", "", "/nothing")] == [
        200, 200, 200, 404,
    ]  # fmt: skip
    assert ask(port, f"http://evil.example:{port}/")[0] == 403
    assert ask(port, f"http://localhost:{port}@evil.example/")[0] == 403
    assert ask(port, f"{here}/", host="evil.example")[0] == 403
    assert ask(port, f"{here}/../secret.txt")[0] == 404


@pytest.mark.parametrize(("site", "mode", "status"), [
    ("cross-site", "no-cors", 403), ("same-site", "cors", 403), ("cross-site", "navigate", 200),
    ("same-origin", "no-cors", 200), ("none", "navigate", 200),
])  # fmt: skip
def test_another_site_may_lead_here_and_load_nothing(port, site, mode, status):
    assert ask(port, OWNER, Sec_Fetch_Site=site, Sec_Fetch_Mode=mode)[0] == status


@pytest.mark.parametrize("request_", [
    b"GARBAGE\r\n\r\n", b"GET /\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\r\n\r\n", b"\x16\x03\x01",
    b"GET http://evil.example/index.html HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: 20\r\n\r\n"
    b"GET / HTTP/1.1\r\n\r\n", b"GET /\xff HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost:{port}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n",
    b"GET /" + b"a" * 70000 + b" HTTP/1.1\r\n\r\n",
])  # fmt: skip
def test_what_is_no_request_of_a_reader_gets_no_page(port, request_):
    answer = raw(port, request_.replace(b"{port}", str(port).encode()))

    assert b" 200 " not in answer
    assert answer.count(b"HTTP/1.1 ") <= 1
    assert b"Traceback" not in answer
    assert ask(port, "/")[0] == 200


def test_a_reader_that_says_nothing_keeps_nobody_waiting(port):
    with socket.create_connection(("127.0.0.1", port)) as silent:
        silent.sendall(b"GET / HTTP/1.1\r\n")

        assert ask(port, "/")[0] == 200


def test_who_comes_when_all_places_are_taken_is_answered_once_one_is_free(port):
    with ExitStack() as taken:
        for _ in range(MOST_AT_ONCE):
            one = taken.enter_context(socket.create_connection(("127.0.0.1", port)))
            one.sendall(b"GET / HTTP/1.1\r\nX: ")
        late = taken.enter_context(socket.create_connection(("127.0.0.1", port), timeout=1))
        late.sendall(f"GET / HTTP/1.0\r\nHost: localhost:{port}\r\n\r\n".encode())
        with pytest.raises(TimeoutError):
            late.recv(100)
        one.close()
        late.settimeout(20)
        first = late.recv(100)

    assert b" 200 " in first


def test_a_request_that_trickles_is_hung_up_on(tmp_path):
    (tmp_path / "index.html").write_text("x")
    server = SiteServer(tmp_path, 0, complain=print, asked_within=0.5)
    serving_it = Thread(target=server.run)
    serving_it.start()
    port = int(server.url.rpartition(":")[2].rstrip("/"))
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as slow:
            slow.sendall(b"GET / HTTP/1.1\r\nX: ")
            ended = trickled_until_the_end(slow, most=100)
    finally:
        server.stop()
        serving_it.join()

    assert ended


def trickled_until_the_end(connection, most):
    """True when whoever is at the other end hung up while a byte came ten times a second."""
    connection.settimeout(0.1)
    for _ in range(most):
        try:
            connection.sendall(b"a")
            if connection.recv(100) == b"":
                return True
        except TimeoutError:
            continue
        except ConnectionError:
            return True
    return False


@pytest.mark.parametrize("signalled", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_politely_and_lets_go_of_its_port(book, signalled):
    with serving(book, signalled=signalled) as (told, process):
        port = int(told["url"].rpartition(":")[2].rstrip("/"))
        kept = socket.create_connection(("127.0.0.1", port))
        kept.sendall(f"GET / HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode())
        kept.recv(100)

    assert process.returncode == 0
    kept.close()
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", port))


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "ops_model", "serve", *arguments],
        capture_output=True, encoding="utf-8", timeout=60,
    )  # fmt: skip


def test_it_listens_on_this_machines_own_address_only(port):
    with socket.socket() as other:
        other.bind(("127.0.0.2", port))  # free, where 0.0.0.0 would hold it


def test_a_port_that_is_taken_is_said_with_another_to_try(book, port):
    finished = run("--workbook", str(book), "--port", str(port))

    assert finished.returncode == 3
    assert finished.stderr == (
        f"127.0.0.1:{port}: this port cannot be taken: Address already in use\n"
        "  to fix: end what uses it, or name another one, such as --port 8766\n"
    )


def test_a_workbook_without_a_site_is_told_how_to_get_one(tmp_path):
    (tmp_path / "ops-model.yaml").write_text("name: Bare\n")

    finished = run("--workbook", str(tmp_path))

    assert finished.returncode == 2
    assert "there is no site yet" in finished.stderr
    assert "ops-model serve --build" in finished.stderr


def test_it_builds_the_site_first_where_that_is_asked_for(tmp_path):
    start_workbook(tmp_path / "book", "scorer")

    with serving(tmp_path / "book", "--build") as (told, _):
        port = int(told["url"].rpartition(":")[2].rstrip("/"))

        assert ask(port, "/systems/scorer/index.html")[0] == 200


def test_a_system_that_cannot_be_read_keeps_the_others_from_nobody(tmp_path):
    root = tmp_path / "book"
    start_workbook(root, "scorer")
    broken = root / "systems" / "sick" / "system.yaml"
    broken.parent.mkdir()
    broken.write_text("name: [\n", encoding="utf-8")

    with serving(root, "--build") as (told, process):
        port = int(told["url"].rpartition(":")[2].rstrip("/"))
        scorer, sick = (ask(port, f"/systems/{s}/index.html") for s in ("scorer", "sick"))
        said = process.stderr.readline()

    assert told["problems"][0]["where"].startswith("systems/sick/system.yaml:")
    assert said.startswith("systems/sick/system.yaml:")
    assert (scorer[0], sick[0]) == (200, 200)
    assert process.returncode == 2
