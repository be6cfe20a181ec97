"""Whoever names a private key, the right one or by mistake, finds nothing of it anywhere."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_ssh_private_key,
)

from ops_model.cli.attest import command as attest_command
from ops_model.cli.ledger_key import key as key_command
from ops_model.workflow.publish import publish
from tests.cli import reviewing
from tests.cli.reviewing import SYSTEM, enrol, entries, pack, refusal, sign

TEXT = "I know how this service fails, and I answer for it."


@pytest.fixture(scope="module")
def of(tmp_path_factory):
    """Key files by name; beside them what somebody may name by mistake."""
    folder = tmp_path_factory.mktemp("keys")
    found = reviewing.keys(folder)
    own = found["fay-product"].read_bytes()
    found["private, called public"] = folder / "mine.pub"
    found["private, called public"].write_bytes(found["mallory"].read_bytes())
    found["cut off"] = folder / "cut"
    found["cut off"].write_bytes(own[: len(own) // 2])
    found["of another format"] = folder / "pkcs8.pem"
    found["of another format"].write_bytes(
        ed25519.Ed25519PrivateKey.generate().private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
    )
    return found


MISTAKES = ["mallory", "private, called public", "cut off", "of another format"]


@pytest.fixture(scope="module")
def frozen(tmp_path_factory, of):
    root = reviewing.a_review(tmp_path_factory.mktemp("review") / "workbook", of)
    return root, pack(root)


@pytest.fixture
def root(frozen, tmp_path):
    return Path(shutil.copytree(frozen[0], tmp_path / "workbook"))


def attest(root, key):
    given = [SYSTEM, "--topic", "ownership", "--as", "ana-ruiz", "--text", TEXT]
    return CliRunner().invoke(attest_command, [*given, "--key", str(key), "--workbook", str(root)])


def public_half(key):
    """What anybody may read of a key; nothing of one that is cut off or of another format."""
    try:
        found = load_ssh_private_key(key.read_bytes(), None).public_key()
    except ValueError:
        return ""
    return found.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def secrets_of(*keys):
    """The lines of private keys, and what a line holds once it is cut or wrapped anew.

    A line may hold the public half behind the last byte of the secret; one byte is none.
    """
    lines = [(key, line) for key in keys for line in key.read_text().splitlines()]
    whole = [(public_half(key), line) for key, line in lines if "KEY" not in line]
    parts = {(public, part) for public, line in whole for part in (line[:24], line[-24:])}
    return {part for public, part in parts if len(part) >= 16 and part[4:] not in public}


def pages_of(root):
    return " ".join(page.read_text() for page in (root / "site").rglob("*.html"))


def nothing_of(keys, *texts, root=None):
    files = [p for p in root.rglob("*") if p.is_file()] if root is not None else []
    told = [*texts, *(p.read_bytes().decode("latin-1") for p in files)]
    secrets = secrets_of(*keys)
    assert secrets
    assert not [secret for secret in secrets if any(secret in text for text in told)]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_key_that_is_named_by_mistake_is_refused_and_never_repeated(
    root, frozen, of, mistake, capfd
):
    enrol(root, of, "ana-ruiz", "fay-product")
    before, key = entries(root), of[mistake]

    results = [sign(root, key=key, pack=frozen[1]), attest(root, key)]

    told = [text for r in results for text in (refusal(r), r.output, repr(r.exception))]
    nothing_of([key], *told, *capfd.readouterr(), root=root)
    assert entries(root) == before


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_private_key_in_the_way_of_a_new_one_is_kept_and_never_repeated(
    root, of, mistake, capfd
):
    content = of[mistake].read_bytes()

    result = CliRunner().invoke(
        key_command,
        ["--name", "example.org/x", "--into", str(of[mistake]), "--workbook", str(root)],
    )

    nothing_of([of[mistake]], refusal(result), result.output, *capfd.readouterr(), root=root)
    assert of[mistake].read_bytes() == content


def test_of_a_key_that_signed_only_its_signature_is_left(root, frozen, of, tmp_path, capfd):
    enrol(root, of, "ana-ruiz", "fay-product")
    made = tmp_path / "checkpoint.key"
    used = [of["fay-product"], of["ana-ruiz"]]

    results = [
        sign(root, key=used[0], pack=frozen[1]),
        attest(root, used[1]),
        CliRunner().invoke(
            key_command, ["--name", "example.org/x", "--into", str(made), "--workbook", str(root)]
        ),
    ]

    assert [r.exit_code for r in results] == [0, 0, 0], [r.output for r in results]
    publish(root, as_of=datetime.now(UTC), recorded_at=datetime.now(UTC))
    assert TEXT in pages_of(root)
    told = [text for r in results for text in (r.output, repr(r.exception))]
    nothing_of([*used, made], *told, *capfd.readouterr(), root=root)
