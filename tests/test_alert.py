"""One message to one address: what arrives, and what is said when it does not."""

import subprocess
import sys

import pytest

from ops_model.alert import Message, send
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
