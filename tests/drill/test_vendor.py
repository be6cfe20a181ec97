"""The stand-in of a vendor: what comes over the wire, well and under each fault."""

import http.client
import json
import socket
import time
from urllib.parse import urlsplit

import pytest

from ops_model.domain.fallback import FAULTS
from ops_model.drill.address import local_address
from ops_model.drill.stand_in import start_stand_in
from ops_model.drill.vendor_faults import ANSWERS
from ops_model.drill.vendor_marks import FAULT_MARK, Mark, mark_in, with_reference
from ops_model.errors import DrillError

MODEL = "example-large-1"


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    stand_in = start_stand_in(
        root=tmp_path_factory.mktemp("stand-in"), drill_id="fallback-0123456789abcdef",
        check=lambda: None,
    )  # fmt: skip
    yield stand_in
    stand_in.stop()


@pytest.fixture
def stand_in(started):
    yield started
    started.fail(None)


def asked(base_url, *, model=MODEL, stream=False, nonce="0a1b2c3d", timeout=2.0):
    """Status, headers and body of one completion."""
    parts = urlsplit(base_url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    question = with_reference("Where is my order?", nonce)
    body = {"model": model, "messages": [{"role": "user", "content": question}], "stream": stream}
    try:
        connection.request("POST", f"{parts.path}/chat/completions", json.dumps(body))
        response = connection.getresponse()
        return response.status, response.headers, response.read().decode()
    finally:
        connection.close()


def content(body):
    return json.loads(body)["choices"][0]["message"]["content"]


def events(body):
    lines = [line.removeprefix("data: ") for line in body.split("\n\n") if line]
    return [json.loads(line) for line in lines if line != "[DONE]"], lines[-1]


def test_each_fault_that_can_be_declared_has_an_answer():
    assert set(ANSWERS) == set(FAULTS)


def test_a_good_answer_says_who_gave_it_to_which_question_by_which_model(stand_in):
    status, _, body = asked(stand_in.primary)
    _, _, other = asked(stand_in.backup, model="other-medium-2", nonce="deadbeef")

    assert status == 200
    assert json.loads(body)["model"] == MODEL
    assert mark_in(content(body)) == Mark("primary", "0a1b2c3d", MODEL)
    assert mark_in(content(other)) == Mark("backup", "deadbeef", "other-medium-2")


def test_a_streamed_answer_comes_in_pieces_and_ends_as_openai_ends_it(stand_in):
    _, headers, body = asked(stand_in.primary, stream=True)
    pieces, last = events(body)
    text = "".join(piece["choices"][0]["delta"].get("content", "") for piece in pieces)

    assert headers["Content-Type"] == "text/event-stream"
    assert mark_in(text) == Mark("primary", "0a1b2c3d", MODEL)
    assert pieces[-1]["choices"][0]["finish_reason"] == "stop"
    assert last == "[DONE]"


def test_the_list_of_models_holds_what_was_asked_for(stand_in):
    asked(stand_in.primary)
    parts = urlsplit(stand_in.primary)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=2)
    connection.request("GET", "/v1/models")

    listed = json.loads(connection.getresponse().read())
    connection.close()

    assert MODEL in [model["id"] for model in listed["data"]]


def test_one_connection_serves_several_requests(stand_in):
    parts = urlsplit(stand_in.primary)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=2)
    statuses = []
    for _ in range(3):
        connection.request("POST", "/v1/chat/completions", json.dumps({"model": MODEL}))
        response = connection.getresponse()
        response.read()
        statuses.append((response.status, connection.sock is not None))
    connection.close()

    assert statuses == [(200, True)] * 3


@pytest.mark.parametrize("stream", [False, True])
def test_a_fault_falls_on_the_primary_alone(stand_in, stream):
    stand_in.fail("unavailable")

    assert asked(stand_in.primary, stream=stream)[0] == 503
    assert asked(stand_in.backup, stream=stream)[0] == 200


def test_a_rate_limit_says_how_long_to_wait(stand_in):
    stand_in.fail("rate_limited")

    status, headers, body = asked(stand_in.primary)

    assert (status, headers["Retry-After"]) == (429, "20")
    assert FAULT_MARK in body


def test_a_hang_says_nothing(stand_in):
    stand_in.fail("hang")

    with pytest.raises(TimeoutError):
        asked(stand_in.primary, timeout=0.3)


def test_a_slow_drip_is_never_silent_for_long_and_never_done(stand_in):
    stand_in.fail("slow_drip")
    parts = urlsplit(stand_in.primary)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=1)
    connection.request("POST", "/v1/chat/completions", json.dumps({"model": MODEL}))
    response = connection.getresponse()
    began = time.monotonic()

    # A byte each quarter of a second: each read takes less than a second, five more than one.
    got = [response.read(1) for _ in range(5)]
    took = time.monotonic() - began
    connection.close()

    assert b"".join(got) == b'{"id"'
    assert 0.9 <= took < 3
    assert int(response.headers["Content-Length"]) > 200


def test_html_comes_as_if_all_were_well(stand_in):
    stand_in.fail("html")

    status, headers, body = asked(stand_in.primary)

    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert FAULT_MARK in body


def test_an_empty_answer_is_whole_in_its_form(stand_in):
    stand_in.fail("empty")

    status, _, body = asked(stand_in.primary)
    pieces, last = events(asked(stand_in.primary, stream=True)[2])

    assert (status, content(body)) == (200, "")
    assert "".join(piece["choices"][0]["delta"].get("content", "") for piece in pieces) == ""
    assert last == "[DONE]"


def test_an_error_body_comes_with_200_and_bears_the_mark_of_a_fault(stand_in):
    stand_in.fail("error_body")

    status, _, body = asked(stand_in.primary)

    assert status == 200
    assert FAULT_MARK in json.loads(body)["error"]["message"]


def test_a_reset_ends_the_connection_without_a_word(stand_in):
    stand_in.fail("reset")

    with pytest.raises(ConnectionResetError):
        asked(stand_in.primary)


@pytest.mark.parametrize("stream", [False, True])
def test_a_broken_answer_stops_in_the_middle_and_bears_the_mark_of_a_fault(stand_in, stream):
    stand_in.fail("broken_stream")

    with pytest.raises(http.client.IncompleteRead) as cut:
        asked(stand_in.primary, stream=stream)

    said = cut.value.partial.decode()
    assert FAULT_MARK in said
    assert "[DONE]" not in said
    assert stream or not said.endswith("}")


def test_a_swapped_model_answers_well_under_its_own_name(stand_in):
    stand_in.fail("model_swap")

    _, _, body = asked(stand_in.primary)

    assert json.loads(body)["model"] == f"other-than-{MODEL}"
    assert mark_in(content(body)) == Mark("primary", "0a1b2c3d", f"other-than-{MODEL}")


def test_a_retired_model_is_not_found_and_all_others_answer(stand_in):
    stand_in.fail("retired", model=MODEL)

    status, _, body = asked(stand_in.primary)

    assert (status, json.loads(body)["error"]["code"]) == (404, "model_not_found")
    assert asked(stand_in.primary, model="example-large-2")[0] == 200
    assert asked(stand_in.backup)[0] == 200


def test_hits_are_counted_for_each(stand_in):
    before = stand_in.hits()
    stand_in.fail("unavailable")

    for base_url in (stand_in.primary, stand_in.primary, stand_in.backup):
        asked(base_url)

    after = stand_in.hits()
    assert {who: after[who] - before[who] for who in after} == {"primary": 2, "backup": 1}


def test_a_fault_that_does_not_exist_is_refused(stand_in):
    with pytest.raises(DrillError, match="status 400"):
        stand_in.fail("catches-fire")


def test_it_listens_on_this_machine_alone(stand_in):
    for base_url in (stand_in.primary, stand_in.backup):
        assert local_address(base_url.removesuffix("/v1")).ip == "127.0.0.1"


def test_what_is_no_http_does_not_stop_it(stand_in):
    parts = urlsplit(stand_in.primary)
    too_long = b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n"
    for rubbish in (b"\r\n\r\n", b"\0" * 70_000 + b"\r\n\r\n", too_long):
        with socket.create_connection((parts.hostname, parts.port), 2) as sock:
            sock.sendall(rubbish)

    assert asked(stand_in.primary)[0] == 200


def test_a_port_in_use_is_named(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(DrillError, match=rf"127\.0\.0\.1:{port} .*in use") as refused:
            start_stand_in(root=tmp_path, drill_id="fallback-0123456789abcdef",
                           check=lambda: None, ports=(port, 0))  # fmt: skip

    assert "`ports`" in refused.value.problems[0].remedy
