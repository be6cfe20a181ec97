"""SSH signatures: OpenSSH accepts ours, and ours accepts its; nothing else passes."""

import stat
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops_model.domain.signers import NAMESPACE
from ops_model.errors import UsageError
from ops_model.store.ssh_key import SshFormatError, SshKey, string
from ops_model.store.ssh_signing import public_key, sign_with
from ops_model.store.sshsig import SshSignature
from tests.store.ssh_keys import (
    SECURITY_KEYS,
    UNTOUCHED,
    SecurityKey,
    a_key,
    enrolled,
    public,
    ssh_keygen,
    verified,
)

MESSAGE = b"DSSEv1 what was decided"
KINDS = [("ed25519", ()), ("ecdsa", ("-b", "256")), ("ecdsa", ("-b", "384")),
         ("ecdsa", ("-b", "521")), ("rsa", ("-b", "2048"))]  # fmt: skip
NAMES = ["ed25519", "p256", "p384", "p521", "rsa"]


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    return {
        name: a_key(folder, name, kind, *more)
        for name, (kind, more) in zip(NAMES, KINDS, strict=True)
    }


@pytest.mark.parametrize("name", NAMES)
def test_openssh_accepts_what_we_sign(name, keys, tmp_path):
    signature = sign_with(keys[name], MESSAGE, namespace=NAMESPACE)

    signers = enrolled(keys[name], "alice")
    assert verified(tmp_path, signature.armor, MESSAGE, signers, as_whom="alice")
    assert not verified(tmp_path, signature.armor, MESSAGE + b".", signers, as_whom="alice")


@pytest.mark.parametrize("hashed", ["sha512", "sha256"])
@pytest.mark.parametrize("name", NAMES)
def test_we_accept_what_openssh_signs_and_write_it_as_it_does(name, hashed, keys):
    done = ssh_keygen(
        "-Y", "sign", "-q", "-O", f"hashalg={hashed}", "-n", NAMESPACE, "-f", str(keys[name]),
        said=MESSAGE,
    )  # fmt: skip

    signature = SshSignature.of_armor(done.stdout.decode())

    assert signature.why_not(MESSAGE, namespace=NAMESPACE) == ""
    assert signature.key.text == public(keys[name])
    assert signature.armor == done.stdout.decode()


@pytest.mark.parametrize("name", NAMES)
def test_another_message_or_namespace_is_refused_with_the_reason(name, keys):
    signature = sign_with(keys[name], MESSAGE, namespace=NAMESPACE)

    assert signature.why_not(MESSAGE + b".", namespace=NAMESPACE) == (
        "it does not fit what is said to be signed"
    )
    assert "in the namespace" in signature.why_not(MESSAGE, namespace="git")


def test_a_commit_s_signature_is_no_sign_off(keys):
    of_git = sign_with(keys["ed25519"], MESSAGE, namespace="git")

    assert of_git.why_not(MESSAGE, namespace=NAMESPACE) == (
        "it was given in the namespace 'git'; expected ops-model-signoff-v1"
    )


def test_every_byte_counts(keys):
    blob = bytearray(sign_with(keys["ed25519"], MESSAGE, namespace=NAMESPACE).blob)

    for at in range(len(blob)):
        flipped = bytes(b ^ (1 if i == at else 0) for i, b in enumerate(blob))
        try:
            why = SshSignature.of_blob(flipped).why_not(MESSAGE, namespace=NAMESPACE)
        except SshFormatError as error:
            why = str(error)
        assert why, f"byte {at}"


def test_what_follows_and_what_is_cut_off_is_refused(keys):
    blob = sign_with(keys["ed25519"], MESSAGE, namespace=NAMESPACE).blob

    with pytest.raises(SshFormatError, match="1 bytes follow its end"):
        SshSignature.of_blob(blob + b"\0")
    for size in range(len(blob)):
        with pytest.raises(SshFormatError):
            SshSignature.of_blob(blob[:size])


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_no_bytes_make_it_crash(data):
    for blob in (data, b"SSHSIG\0\0\0\1" + data):
        with pytest.raises(SshFormatError):
            SshSignature.of_blob(blob)


def test_base64_has_one_spelling(keys):
    text = sign_with(keys["ed25519"], MESSAGE, namespace=NAMESPACE).base64

    for other in (text + "\n", text.rstrip("=") + "!", text[:-1]):
        with pytest.raises(SshFormatError):
            SshSignature.of_base64(other)


@pytest.mark.parametrize("kind", SECURITY_KEYS)
def test_a_security_key_signs_when_it_is_touched(kind, tmp_path):
    key = SecurityKey(kind)

    touched, untouched = key.sign(MESSAGE), key.sign(MESSAGE, flags=UNTOUCHED)

    assert touched.why_not(MESSAGE, namespace=NAMESPACE) == ""
    assert touched.why_not(b"other", namespace=NAMESPACE) != ""
    assert untouched.why_not(MESSAGE, namespace=NAMESPACE) == "nobody touched the security key"
    signers = f"alice {key.key.text}\n"
    assert verified(tmp_path, touched.armor, MESSAGE, signers, as_whom="alice")


def test_an_rsa_key_that_is_too_short_and_one_with_sha_1_are_refused(tmp_path, keys):
    short = a_key(tmp_path, "short", "rsa", "-b", "1024")
    with pytest.raises(SshFormatError, match="an RSA key of 1024 bits; expected 2048 or more"):
        SshKey.parse(public(short))

    signed = sign_with(keys["rsa"], MESSAGE, namespace=NAMESPACE)
    old = string(b"ssh-rsa") + signed.signature[4 + len(b"rsa-sha2-512") :]
    forged = SshSignature(signed.key, signed.namespace, signed.hash_name, old)
    assert "it is made with 'ssh-rsa'" in forged.why_not(MESSAGE, namespace=NAMESPACE)


def test_keys_of_other_kinds_are_refused_by_name():
    with pytest.raises(SshFormatError, match="keys of type 'ssh-dss' are not taken"):
        SshKey.of_blob(string(b"ssh-dss") + string(b"x"))
    with pytest.raises(SshFormatError, match="it is no key of type ecdsa-sha2-nistp256"):
        SshKey.of_blob(
            string(b"ecdsa-sha2-nistp256") + string(b"nistp256") + string(b"\4" + b"\1" * 64)
        )


def test_a_key_with_a_passphrase_is_used_by_openssh_which_asks_for_it(tmp_path, monkeypatch):
    locked = a_key(tmp_path, "locked", passphrase="correct horse")
    ask = tmp_path / "ask"
    ask.write_text("#!/bin/sh\necho correct horse\n")
    ask.chmod(ask.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("SSH_ASKPASS", str(ask))
    monkeypatch.setenv("SSH_ASKPASS_REQUIRE", "force")

    signature = sign_with(locked, MESSAGE, namespace=NAMESPACE)

    assert signature.why_not(MESSAGE, namespace=NAMESPACE) == ""
    assert public_key(locked).text == public(locked)


def test_what_cannot_sign_is_refused_with_its_name(tmp_path, monkeypatch, keys):
    monkeypatch.setenv("SSH_ASKPASS_REQUIRE", "force")
    monkeypatch.setenv("SSH_ASKPASS", "/bin/false")
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    text = tmp_path / "notes.txt"
    text.write_text("no key")
    in_no_agent = tmp_path / "gone.pub"
    in_no_agent.write_text(f"{public(keys['ed25519'])} gone\n")

    with pytest.raises(UsageError, match="is no private key of OpenSSH's"):
        sign_with(text, MESSAGE, namespace=NAMESPACE)
    with pytest.raises(UsageError, match="cannot be read"):
        sign_with(tmp_path / "missing", MESSAGE, namespace=NAMESPACE)
    with pytest.raises(UsageError, match="did not sign: ssh-keygen ended with"):
        sign_with(in_no_agent, MESSAGE, namespace=NAMESPACE)
    locked = a_key(tmp_path, "locked", passphrase="correct horse")
    with pytest.raises(UsageError, match="did not sign"):
        sign_with(locked, MESSAGE, namespace=NAMESPACE)


def test_to_read_keys_needs_no_cryptography_at_import():
    code = (
        "import sys, ops_model.store.workbook, ops_model.store.signed; "
        "print('cryptography' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr


def test_a_key_with_which_anybody_signs_is_no_key():
    """Points of small order fit signatures that nobody had to make; each has several spellings."""
    import struct

    from ops_model.store.checkpoint_key import ED25519, VerifierKey
    from ops_model.store.ssh_key import SshFormatError, SshKey, is_small_order

    eighth = bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")
    one = (1).to_bytes(32, "little")
    points = [bytes(32), one, eighth, bytes([*eighth[:31], eighth[31] | 0x80]),
              *((2**255 - n).to_bytes(32, "little") for n in (18, 20))]  # fmt: skip
    for point in points:
        with pytest.raises(SshFormatError, match="anybody can sign with it"):
            SshKey.of_blob(struct.pack(">I", 11) + b"ssh-ed25519" + struct.pack(">I", 32) + point)
    assert not is_small_order(bytes([9, *bytes(31)]))
    assert not VerifierKey("x", ED25519, one).verify_bytes(b"no go", one + bytes(32))
