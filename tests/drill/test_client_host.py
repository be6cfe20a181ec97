"""A client that is a function, served over HTTP: what it answers, raises, prints and imports."""

import json
import time

import pytest

from ops_model.domain.fallback import VendorTarget
from ops_model.drill.rehearsed_client import EMPTY, IN_TIME, TOO_LARGE, start_client
from ops_model.errors import DrillError
from tests.drill.vendor_plans import DRILL, MODEL, a_module

HEAD = "import asyncio, json, os, sys, time\n"


class NoStandIn:
    """The addresses that a client is given; nothing listens there."""

    primary, backup = "http://127.0.0.1:9/v1", "http://127.0.0.1:10/v1"


@pytest.fixture
def hosted(tmp_path):
    """Starts a client of these lines, and ends all when the test does."""
    clients = []

    def start(text, *, patience=5, name="shop_client", **fields):
        client = a_module(tmp_path, HEAD + text, name) if text is not None else f"{name}:ask"
        target = VendorTarget(environment="test", model=MODEL, client=client,
                              patience_seconds=patience, **fields)  # fmt: skip
        found = start_client(target, NoStandIn(), root=tmp_path, drill_id=DRILL,
                             clock=time.monotonic, check=lambda: None)  # fmt: skip
        clients.append(found)
        return found

    yield start
    for client in clients:
        client.stop()


def test_a_function_gets_the_question_the_two_addresses_and_the_model(hosted):
    client = hosted(
        "def ask(question, **given):\n    return json.dumps({'q': question, **given})\n"
    )

    reply = client.ask("r-1")

    said = json.loads(reply.answer)
    assert said.pop("q") == f"Where is my order? (reference {reply.nonce})"
    assert said == {"primary": NoStandIn.primary, "backup": NoStandIn.backup, "model": MODEL}


def test_a_mapping_carries_notice_and_model_beside_the_answer(hosted):
    client = hosted(
        "def ask(question, **given):\n"
        "    return {'choices': [{'text': 'yes'}], 'said': {'to': 'wait'}, 'by': 'm-2'}\n",
        answer_field="choices.0.text", notice_field="said.to", model_field="by",
    )  # fmt: skip

    reply = client.ask("r-1")

    assert (reply.answer, reply.notice, reply.model, reply.error) == ("yes", "wait", "m-2", "")


def test_all_requests_of_an_asynchronous_function_share_one_loop(hosted):
    client = hosted(
        "loops = set()\n"
        "async def ask(question, **given):\n"
        "    loops.add(id(asyncio.get_running_loop()))\n"
        "    return str(len(loops))\n"
    )

    assert [client.ask(f"r-{n}").answer for n in range(3)] == ["1", "1", "1"]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("raise RuntimeError('the key sk-1 was refused')", "RuntimeError"),
        ("raise SystemExit('sk-1')", "SystemExit"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("return object()", "TypeError"),
    ],
)
def test_what_a_function_raises_is_an_error_of_that_request_by_its_class_alone(hosted, line, kind):
    client = hosted(f"def ask(question, **given):\n    {line}\n")

    reply = client.ask("r-1")

    assert (reply.error, reply.answer, reply.served) == (kind, "", False)
    assert client.ask("r-2").error == kind


def test_a_function_that_never_answers_is_waited_for_as_long_as_a_user_waits(hosted):
    client = hosted("def ask(question, **given):\n    time.sleep(30)\n", patience=0.3)

    reply = client.ask("r-1")

    assert reply.error == IN_TIME
    assert 0.3 <= reply.done - reply.sent < 1.5


@pytest.mark.parametrize(
    ("line", "error"),
    [("return None", EMPTY), ("return '  '", EMPTY), ("return {'other': 1}", EMPTY),
     ("return 'x' * 2_000_000", TOO_LARGE)],
)  # fmt: skip
def test_what_is_no_answer_is_none(hosted, line, error):
    client = hosted(f"def ask(question, **given):\n    {line}\n")

    assert client.ask("r-1").error == error


def test_a_function_that_prints_megabytes_is_not_held_up_and_says_nothing(hosted):
    client = hosted(
        "sys.stdout.write('x' * 3_000_000)\n"
        "def ask(question, **given):\n"
        "    print('y' * 3_000_000); sys.stderr.write('z' * 3_000_000)\n"
        "    os.system('echo from a child')\n"
        "    return 'yes'\n"
    )

    assert client.ask("r-1").answer == "yes"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "there is no module shop_client"),
        ("import not_installed_here\n", "there is no module not_installed_here"),
        ("x = 1\n", "the module has no ask"),
        ("ask = 1\n", "is no function"),
        ("KEY = 'sk-1'\nraise ValueError(KEY)\n", "ValueError at shop_client.py:3"),
        ("sys.exit('sk-1')\n", "SystemExit at shop_client.py:2"),
        ("def ask(:\n", "SyntaxError"),
    ],
)
def test_a_client_that_cannot_be_imported_is_named_without_its_own_words(hosted, text, told):
    with pytest.raises(DrillError, match="before it printed an address") as refused:
        hosted(text)

    assert told in str(refused.value)
    assert "sk-1" not in str(refused.value)
    assert "Traceback" not in str(refused.value)
