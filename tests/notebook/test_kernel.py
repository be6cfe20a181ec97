"""What a kernel sees of the machine."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import AsyncMock

import pytest
import zmq
from ipykernel.kernelapp import IPKernelApp

from ops_model.notebook.environment import ALLOWED, kernel_environment, withheld_values
from ops_model.notebook.execution import short_message
from ops_model.notebook.kernel import private_kernel
from ops_model.notebook.kernel_app import RunApp
from ops_model.notebook.manager import RunManager
from ops_model.notebook.spec import RunFailure


def test_a_kernel_gets_what_is_allowed_and_nothing_else():
    secret = {"AWS_SECRET_ACCESS_KEY": "s", "GIT_TOKEN": "t", "OPS_MODEL_CHECKPOINT_KEY": "/k"}
    environ = {"HOME": "/h", "LC_ALL": "C", **secret}

    environment = kernel_environment(environ, Path("/private"))

    assert environment["HOME"] == "/h"
    assert environment["LC_ALL"] == "C"
    assert not secret.keys() & environment.keys()


def test_no_name_that_is_allowed_can_be_that_of_a_secret():
    environ = dict.fromkeys(ALLOWED | {"LC_ALL"}, "horse-7-blue")

    assert withheld_values(environ) == ()


def test_the_secrets_that_a_kernel_does_not_get_are_known_by_value_longest_first():
    environ = {
        "PGPASSWORD": "horse-7-blue", "AWS_SECRET_ACCESS_KEY": "horse-7-blue-and-9",
        "GIT_TOKEN": "t0ken-of-git", "HOME": "/home/mika7", "EDITOR": "horse-8-red",
    }  # fmt: skip

    assert withheld_values(environ) == ("horse-7-blue-and-9", "horse-7-blue", "t0ken-of-git")


def test_a_value_that_may_stand_in_any_report_is_none_that_is_looked_for():
    environ = {
        "DB_PASSWORD": "postgres", "API_KEY": "none", "TOKEN": "1234567890",
        "PWD": "/home/mika7/flights", "OLDPWD": "/home/mika7",
    }  # fmt: skip

    assert withheld_values(environ) == ()


def test_a_users_own_ipython_folder_is_not_the_kernels():
    environment = kernel_environment({"IPYTHONDIR": "/h/.ipython"}, Path("/private"))

    assert environment["IPYTHONDIR"] == "/private/ipython"


def test_the_kernels_sockets_are_files_that_only_the_user_can_open():
    with private_kernel() as kernel:
        folder = Path(kernel.manager.connection_file).parent
        mode = folder.stat().st_mode & 0o777
        transport = kernel.manager.transport

    assert (mode, transport) == (0o700, "ipc")
    assert not folder.exists()


def test_a_client_of_a_kernel_has_the_limits_of_its_sockets_and_tries_again_soon():
    with private_kernel(output_mib=4) as kernel:
        kernel.manager.write_connection_file()
        client = kernel.manager.client()
        client.start_channels()
        socket = client.iopub_channel.socket
        found = socket.getsockopt(zmq.MAXMSGSIZE), socket.getsockopt(zmq.RECONNECT_IVL)
        client.stop_channels()

    assert found == (4 << 20, 5)


HISTORY = "--HistoryManager.hist_file=:memory:"


@pytest.mark.parametrize(
    ("argv", "quick"),
    [
        (["-f", "k.json"], True),
        (["-f", "k.json", HISTORY], True),
        (["-f", "k.json", "--Session.debug=True"], False),
    ],
    ids=["a kernel", "a run's", "any other"],
)
def test_a_kernel_takes_jupyters_arguments_as_jupyters_own_slow_parser_does(
    monkeypatch, argv, quick
):
    theirs, parse, parsed = IPKernelApp(), IPKernelApp.parse_command_line, []
    theirs.parse_command_line(argv)
    monkeypatch.setattr(
        IPKernelApp,
        "parse_command_line",
        lambda app, given: (parsed.append(given), parse(app, given)),
    )
    ours = RunApp()

    ours.parse_command_line(argv)

    assert ours.config.HistoryManager == theirs.config.HistoryManager
    assert ours.connection_file == theirs.connection_file == "k.json"
    assert parsed == ([] if quick else [argv])


def test_the_end_of_a_kernel_is_noticed_when_it_is_told_and_not_at_the_next_look(monkeypatch):
    waited = []

    class Told:
        def wait(self, seconds):
            waited.append(seconds)

    manager = RunManager()
    manager.provisioner = SimpleNamespace(held=Told())
    lives = iter([True, True, False])

    async def alive(_):
        return next(lives)

    monkeypatch.setattr(RunManager, "_async_is_alive", alive)
    monkeypatch.setattr("asyncio.sleep", no_sleep := AsyncMock())
    asyncio.run(manager._async_wait())

    assert len(waited) == 2
    assert {call.args for call in no_sleep.await_args_list} == {(0,)}


def test_an_errors_text_is_cut_to_twenty_lines():
    text = "\n".join(f"line {n}" for n in range(50))

    lines = short_message(text).splitlines()

    assert (lines[0], lines[19], lines[20]) == ("line 0", "line 19", "… 30 more lines")


def test_an_errors_text_loses_long_values_and_colours():
    text = f"\x1b[31mcannot parse\x1b[0m '{'p' * 60}' near {'x' * 130}"

    assert short_message(text) == "cannot parse '… 60 characters …' near … 130 characters …"


def test_an_errors_text_loses_its_secrets_before_it_is_cut():
    text = f"cannot log in to postgresql://ops:{'p4' * 80}@db.example/x with horse-7-blue"

    assert short_message(text, withheld=["horse-7-blue"]) == (
        "cannot log in to postgresql://[redacted:url_password]@db.example/x with "
        "[redacted:withheld]"
    )


def test_a_failure_holds_no_secret_whoever_makes_it():
    failure = RunFailure(reason="error", error="a b", message="passwd=x7x7x7 of ada@example.org")

    assert failure.error == "Exception"
    assert failure.message == "passwd=[redacted:named_secret] of [redacted:email]"
