"""The receiver of the demo: what it keeps, what it refuses, and how long it listens."""

import http.client
from contextlib import closing
from importlib.util import find_spec

import pytest

from ops_model.alert import Message, send
from ops_model.example.alerts import listening
from tests.conftest import require


def posted(port, path, content, **headers):
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        connection.request("POST", path, content, headers)
        return connection.getresponse().status


def port_of(receiver):
    return int(receiver.variables["OPS_MODEL_DEMO_MAIL"].split(":")[2].split("/")[0])


def test_the_code_of_a_message_that_was_really_sent_can_be_read():
    require(find_spec("apprise") is not None, "the extra `alerts`")
    told = Message("a title", "say: ops-model watch x --ack AB2C-DEF3-GH4J --as YOU")
    with listening() as receiver:
        assert send(receiver.variables["OPS_MODEL_DEMO_PAGE"], told) == ""

        assert receiver.code("page") == "AB2C-DEF3-GH4J"
        assert receiver.code("mail") is None


def test_of_several_messages_the_newest_that_speaks_of_it_is_read():
    with listening() as receiver:
        for about, code in (("rent", "A-1"), ("rent", "A-2"), ("food", "B-1")):
            body = f'{{"message": "{about}: --ack {code} --as YOU"}}'
            posted(port_of(receiver), "/mail", body)

        assert (receiver.code("mail"), receiver.code("mail", about="rent")) == ("B-1", "A-2")
        assert receiver.code("mail", about="heat") is None


@pytest.mark.parametrize(
    ("path", "content"),
    [("/mail", "nonsense"), ("/mail", "[1]"), ("/mail", "{}"), ("/mail", None),
     ("/letter", '{"message": "--ack A-1 --as YOU"}')],
)  # fmt: skip
def test_what_is_no_message_is_refused_and_not_kept(path, content, capfd):
    with listening() as receiver:
        assert posted(port_of(receiver), path, content) == 400
        assert receiver.code("mail") is None

    assert capfd.readouterr().err == ""


def test_a_length_that_is_none_is_no_traceback(capfd):
    with listening() as receiver:
        assert posted(port_of(receiver), "/mail", "{}", **{"Content-Length": "²"}) == 400

    assert capfd.readouterr().err == ""


def test_it_listens_on_this_machine_alone_and_only_inside_the_block():
    with listening() as receiver:
        addresses = set(receiver.variables.values())
        port = port_of(receiver)

    assert all(address.startswith("json://127.0.0.1:") for address in addresses)
    with pytest.raises(ConnectionRefusedError):
        posted(port, "/mail", "{}")
