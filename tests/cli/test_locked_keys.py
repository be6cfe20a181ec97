"""A key with a passphrase: asked for at a terminal and not echoed, else refused at once."""

import fcntl
import os
import pty
import select
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests.builders import a_workbook
from tests.cli.reviewing import SYSTEM, entries
from tests.store.ssh_keys import a_key, enrolled

PASSPHRASE = "correct horse"


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    return a_key(tmp_path_factory.mktemp("keys"), "locked", passphrase=PASSPHRASE)


@pytest.fixture
def root(tmp_path, locked):
    root = tmp_path / "workbook"
    root.mkdir()
    a_workbook(root)
    (root / "allowed_signers").write_text(enrolled(locked, "fay-product"))
    return root


def asked(root: Path, locked: Path, **how):
    """`ops-model attest` with the locked key, in a session of its own and without an agent."""
    words = ["--text", "I can reach the logs with my own access.", "--action", "query_logs"]
    arguments = [
        "attest", SYSTEM, "--topic", "access", "--as", "fay-product", *words, "--key", locked,
        "--workbook", root,
    ]  # fmt: skip
    environment = {
        name: value for name, value in os.environ.items()
        if name not in {"SSH_AUTH_SOCK", "DISPLAY", "WAYLAND_DISPLAY"}
    }  # fmt: skip
    return subprocess.Popen(
        [sys.executable, "-m", "ops_model", *map(str, arguments)],
        env=environment, start_new_session=True, **how,
    )  # fmt: skip


def typed(root: Path, locked: Path, answer: str) -> tuple[int, str]:
    """Answer at a terminal; gives the exit code and all that could be seen there."""
    ours, theirs = pty.openpty()
    process = asked(
        root, locked, stdin=theirs, stdout=theirs, stderr=theirs,
        preexec_fn=lambda: fcntl.ioctl(theirs, termios.TIOCSCTTY, 0),
    )  # fmt: skip
    os.close(theirs)
    seen = b""
    while select.select([ours], [], [], 60)[0]:
        try:
            seen += os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
        if answer and b"passphrase" in seen:
            os.write(ours, f"{answer}\n".encode())
            answer = ""
    os.close(ours)
    return process.wait(60), seen.decode()


def test_without_terminal_and_agent_it_is_refused_at_once_and_nothing_is_asked(root, locked):
    process = asked(
        root, locked, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )

    # Standard input stays open: whoever reads an answer from it waits for ever.
    assert process.wait(30) == 2
    told = process.communicate()[1].decode()
    assert "did not sign: it has a passphrase, no agent has the key, and nobody is at a" in told
    assert "to fix: give its passphrase at a terminal" in told
    assert "Enter passphrase" not in told
    assert "attestation.given" not in entries(root)


def test_at_a_terminal_it_is_asked_for_and_not_echoed(root, locked):
    code, seen = typed(root, locked, PASSPHRASE)

    assert code == 0, seen
    assert "signed with your key" in seen
    assert "correct" not in seen
    assert "attestation.given" in entries(root)


def test_a_wrong_passphrase_is_refused_and_not_echoed(root, locked):
    code, seen = typed(root, locked, "guessed horse")

    assert code == 2, seen
    assert "did not sign" in seen
    assert "guessed" not in seen
    assert "attestation.given" not in entries(root)
