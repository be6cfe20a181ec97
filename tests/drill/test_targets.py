"""Starting a target: what is refused, and that nothing outlives whoever started it."""

import json
import socket
import sys
import time

import pytest

from ops_model.drill.reference import reference_answer
from ops_model.drill.targets import (
    MARK,
    TargetError,
    environment,
    start_server,
)
from ops_model.errors import DrillError
from tests.drill.rehearsal import SCHEDULE, WEATHER, processes_in

pytestmark = pytest.mark.slow  # servers, each a process of its own

ID = "rollback-0123456789abcdef"


def started(root, *command, check=lambda: None):
    return start_server(command, root=root, drill_id=ID, check=check)


def saying(text):
    """A command that prints a line and waits."""
    return "python", "-c", f"import time; print({text!r}, flush=True); time.sleep(60)"


def test_a_command_that_is_missing_is_named(workbook):
    with pytest.raises(DrillError, match="no-such-command: No such file") as refused:
        started(workbook, "no-such-command")

    assert "ended with code 127" in str(refused.value)


def test_a_first_line_that_is_no_address_is_shown(workbook):
    with pytest.raises(DrillError, match="first printed 'hello'; expected one JSON line"):
        started(workbook, *saying("hello"))


@pytest.mark.parametrize(
    "url",
    ["http://192.0.2.1:80", "http://example.org:80", "https://127.0.0.1:80", "http://127.0.0.1",
     "http://127.0.0.1@192.0.2.1:80"],
)  # fmt: skip
def test_an_address_elsewhere_is_refused(workbook, url):
    with pytest.raises(DrillError, match="speaks to this machine alone"):
        started(workbook, *saying(json.dumps({"url": url})))


def test_a_server_whose_port_is_in_use_says_so(workbook):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = ("python", "-m", "ops_model.example.serve", "--no-weather-feed", "--port", port)

        with pytest.raises(DrillError, match=f"cannot listen on port {port}: Address already in"):
            started(workbook, *command)


def test_a_command_that_says_nothing_can_be_broken_off(workbook):
    def broken_off():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        started(workbook, "python", "-c", "import time; time.sleep(60)", check=broken_off)

    assert processes_in(workbook) == []


def test_what_a_server_starts_ends_with_it(workbook):
    parent = (
        "import subprocess, sys, time\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        'print(\'{"url": "http://127.0.0.1:1"}\', flush=True)\n'
        "time.sleep(60)"
    )
    server = started(workbook, "python", "-c", parent)
    deadline = time.monotonic() + 10  # a process that has just begun has no command line yet
    while len(processes_in(workbook)) != 3:
        assert time.monotonic() < deadline
        time.sleep(0.02)

    server.stop()

    # What is killed is gone when the machine gets to it, and long before its minute is over.
    deadline = time.monotonic() + 10
    while processes_in(workbook) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert processes_in(workbook) == []


def test_a_server_that_prints_much_does_not_block(workbook):
    chatty = (
        "import http.server, sys\n"
        "s = http.server.HTTPServer(('127.0.0.1', 0), http.server.BaseHTTPRequestHandler)\n"
        'print(\'{"url": "http://127.0.0.1:%d"}\' % s.server_port, flush=True)\n'
        "print('x' * 1000000, flush=True)\n"
        "s.serve_forever()"
    )
    server = started(workbook, "python", "-c", chatty)

    status, _ = server.get("/")

    assert status == 501
    server.stop()


def test_a_command_sees_the_short_environment_and_no_secret(workbook, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "abc")
    shown = (
        "import json, os, time\n"
        "open('seen.json', 'w').write(json.dumps(dict(os.environ)))\n"
        'print(\'{"url": "http://127.0.0.1:1"}\', flush=True)\n'
        "time.sleep(60)"
    )
    started(workbook, "python", "-c", shown).stop()

    seen = json.loads((workbook / "seen.json").read_text(encoding="utf-8"))
    assert set(seen) - {"LC_CTYPE"} == {*environment(), MARK, "PYTHONPATH"}
    assert seen[MARK] == ID


def test_a_server_that_is_gone_is_told_in_a_few_words(workbook):
    server = started(workbook, *saying('{"url": "http://127.0.0.1:1"}'))

    with pytest.raises(TargetError, match="GET /version: Connection refused"):
        server.get("/version")

    server.stop()


def test_the_reference_is_what_the_file_of_a_version_gives(workbook):
    command = ("python", "-m", "ops_model.example.answer",
               "data/flight-delay/models/{version}.json")  # fmt: skip

    answer = reference_answer(command, "v1", SCHEDULE | WEATHER, root=workbook, drill_id=ID)

    assert (answer["version"], answer["probability"]) == ("v1", pytest.approx(0.5))


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("python", "-c", "raise SystemExit('no model')"), "ended with code 1: no model"),
        (("python", "-c", "print('yes')"), "printed no JSON"),
        (("python", "-c", "print([])"), "printed no JSON object"),
        (("no-such-command",), "No such file or directory"),
    ],
)
def test_a_reference_that_fails_is_told_with_its_own_words(workbook, command, told):
    with pytest.raises(DrillError, match=told):
        reference_answer(command, "v1", SCHEDULE, root=workbook, drill_id=ID)


def test_python_means_the_interpreter_that_runs_this(workbook):
    command = ("python", "-c", "import json, sys; print(json.dumps({'at': sys.executable}))")

    answer = reference_answer(command, "v1", {}, root=workbook, drill_id=ID)

    assert answer["at"] == sys.executable
