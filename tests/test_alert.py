"""One message to one address: what arrives, and what is said when it does not."""

import subprocess
import sys
from urllib.error import URLError
from urllib.request import OpenerDirector

import pytest

from ops_model.alert import Message, Sender, ping, send
from tests.conftest import require
from tests.listening import a_channel

HELLO = Message("a title", "a body\nof two lines", "failure")


@pytest.fixture(autouse=True)
def _with_apprise():
    try:
        import apprise  # noqa: F401 - whether it is there
    except ImportError:
        require(False, "the extra `alerts`")


def test_a_message_arrives_whole():
    with a_channel() as channel:
        assert send(channel.address, HELLO) == ""

    assert [(m["title"], m["message"], m["type"]) for m in channel.got] == [
        ("a title", "a body\nof two lines", "failure")
    ]


def test_a_channel_that_refuses_has_not_been_told(caplog, capsys):
    with a_channel() as channel:
        channel.status = 500
        assert send(channel.address, HELLO) == "the channel did not take it"

    said = capsys.readouterr()
    assert caplog.text + said.out + said.err == ""  # whatever apprise logs, the address may be in


def test_a_channel_that_nobody_listens_on_has_not_been_told():
    with a_channel() as channel:
        address = channel.address

    assert send(address, HELLO) == "the channel did not take it"


@pytest.mark.parametrize("address", ["", "nonsense", "nosuchthing://secret-token"])
def test_what_is_no_address_is_said_without_repeating_it(address, capfd):
    assert send(address, HELLO) == "its address is none that apprise knows"

    said = capfd.readouterr()
    assert "secret-token" not in said.out + said.err


def test_without_the_extra_the_error_names_what_to_install():
    # None in sys.modules is how Python itself says that a module cannot be imported.
    code = (
        "import sys; sys.modules['apprise'] = None\n"
        "from ops_model.alert import Message, send\n"
        "send('json://localhost', Message('t', 'b'))"
    )

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert ended.returncode == 1
    assert 'pip install "ops-model[alerts]"' in ended.stderr


def test_nothing_is_imported_before_something_is_sent():
    code = "import sys, ops_model.alert; print('apprise' in sys.modules)"

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert ended.stdout.strip() == "False"


def test_a_channel_that_hangs_is_left_and_the_others_are_told():
    with a_channel() as hanging, a_channel() as other:
        hanging.waits = 1.0
        sender = Sender(seconds=0.3)
        said = [sender(c.address, HELLO) for c in (hanging, other, hanging)]

    assert said == [
        "the channel did not answer within 0.3 s", "",
        "the channel did not answer within 0.3 s a moment ago",
    ]  # fmt: skip
    assert (len(hanging.got), len(other.got)) == (1, 1)


def test_an_error_while_it_is_sent_is_raised_and_not_lost():
    with pytest.raises(AttributeError):
        Sender()("json://127.0.0.1", object())


def test_an_address_outside_that_answers_was_pinged():
    with a_channel() as outside:
        assert ping(outside.web) == ""

    assert outside.asked == ["/secret-ping"]


@pytest.mark.parametrize("error", [TimeoutError(), URLError(TimeoutError())])
def test_a_wait_that_ends_before_the_whole_is_no_missing_address(error, monkeypatch):
    def late(opener, asked, timeout):
        raise error

    monkeypatch.setattr(OpenerDirector, "open", late)

    assert ping("http://127.0.0.1:1/", seconds=5) == "it did not answer within 5 s"


@pytest.mark.parametrize(
    ("status", "to", "waits", "says"),
    [
        (500, "", 0, "it answered 500"),
        (404, "", 0, "it answered 404"),
        (302, "https://elsewhere.example/secret", 0, "it answered 302"),
        (302, "file:///etc/passwd", 0, "it answered 302"),
        (302, "http://127.0.0.1:1/secret", 0, "it answered 302"),
        (302, "https://127.0.0.1/secret", 0, "it answered 302"),
        (200, "", 1.0, "it did not answer within 0.3 s"),
    ],
)
def test_one_that_does_not_was_not_pinged_and_its_address_is_not_repeated(
    status, to, waits, says, capsys
):
    with a_channel() as outside:
        outside.status, outside.to, outside.waits = status, to, waits
        said = ping(outside.web, seconds=0.3)

    shown = capsys.readouterr()
    assert says in said
    assert "secret" not in said + shown.out + shown.err


def test_a_redirect_to_the_same_host_and_port_is_followed():
    with a_channel() as outside:
        outside.status, outside.to = 302, "/there"
        ping(outside.web, seconds=2)

    assert outside.asked[:2] == ["/secret-ping", "/there"]


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://h/x", "h.example/x", "http://"])
def test_only_addresses_of_the_web_are_asked_for(address):
    assert ping(address) == "it is no address that begins with http:// or https://"


@pytest.mark.parametrize("port", ["9", "none"])
def test_a_host_that_is_not_there_is_said_without_its_name(port):
    assert ping(f"http://127.0.0.1:{port}/secret") == "it was not reached"
