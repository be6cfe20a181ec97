"""Sign with somebody's own SSH key: from its file, or through `ssh-keygen` for what it alone can.

A key file without a passphrase is read here. One with a passphrase, one in an agent and one in a
security key are used by OpenSSH's own program, which asks for the passphrase or the touch itself,
so that no passphrase ever passes through ops-model. Where nobody sits at a terminal it is refused.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops_model.errors import UsageError
from ops_model.store.ssh_key import ED25519, RSA, SshFormatError, SshKey, curve_hash, string
from ops_model.store.sshsig import HASHES, SshSignature, to_sign

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

MAX_KEY_BYTES = 64 * 1024
PATIENCE_SECONDS = 60
"""How long a window or a touch is waited for where there is no terminal."""
_NOBODY_ASKED = (
    "it has a passphrase, no agent has the key, and nobody is at a terminal to be asked for it"
)
_PRIVATE = b"-----BEGIN OPENSSH PRIVATE KEY-----"


def sign_with(path: Path, message: bytes, *, namespace: str) -> SshSignature:
    """The signature of the key in a file over a message.

    Args:
        path: a private key in OpenSSH's format, or the `.pub` of one that an agent or a security
            key holds.
        message: what is signed.
        namespace: what for.

    Raises:
        UsageError: there is no such key, or it cannot be used.
    """
    content = _read(path)
    private = _unlocked(content) if content.lstrip().startswith(_PRIVATE) else None
    if private is not None:
        return _signed(private, message, namespace)
    if path.suffix != ".pub" and not content.lstrip().startswith(_PRIVATE):
        raise UsageError(
            "is no private key of OpenSSH's",
            where=str(path),
            remedy="name one that `ssh-keygen -t ed25519` made, or the .pub of one in your agent",
        )
    return _by_openssh(path, message, namespace)


def public_key(path: Path) -> SshKey | None:
    """The public key of a key file, where that can be told without a passphrase; else None.

    Raises:
        UsageError: there is no such file.
    """
    content = _read(path)
    if content.lstrip().startswith(_PRIVATE):
        private = _unlocked(content)
        return _public_of(private) if private is not None else _beside(path)
    return _parsed(content)


def _beside(path: Path) -> SshKey | None:
    public = path.with_name(path.name + ".pub")
    return _parsed(_read(public)) if public.is_file() else None


def _parsed(content: bytes) -> SshKey | None:
    fields = content.decode("utf-8", "replace").split(None, 2)
    try:
        return SshKey.parse(" ".join(fields[:2]))
    except SshFormatError:
        return None


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_KEY_BYTES)
    except OSError as error:
        raise UsageError(
            f"cannot be read: {error.strerror}",
            where=str(path),
            remedy="name the file of your own SSH key, such as ~/.ssh/id_ed25519",
        ) from error


def _unlocked(content: bytes) -> Any:  # noqa: ANN401 - each type of key has a class of its own
    """The private key, or None where it has a passphrase or OpenSSH alone can use it."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_ssh_private_key

    try:
        return load_ssh_private_key(content, None)
    except (TypeError, ValueError, UnsupportedAlgorithm):
        return None


def _public_of(private: Any) -> SshKey:  # noqa: ANN401 - each type of key has a class of its own
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    text = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    try:
        return SshKey.parse(text.decode("ascii"))
    except SshFormatError as error:
        raise UsageError(f"the key cannot sign here: {error}", remedy=_NEW_KEY) from error


def _signed(private: Any, message: bytes, namespace: str) -> SshSignature:  # noqa: ANN401 - as above
    key = _public_of(private)
    data = to_sign(message, namespace=namespace)
    signature = _SIGN.get(key.kind, _sign_ecdsa)(key, private, data)
    return SshSignature(key, namespace, HASHES[0], signature)


def _sign_ed25519(key: SshKey, private: Any, data: bytes) -> bytes:  # noqa: ANN401 - as above
    return string(key.kind.encode()) + string(private.sign(data))


def _sign_rsa(_: SshKey, private: Any, data: bytes) -> bytes:  # noqa: ANN401 - as above
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    return string(b"rsa-sha2-512") + string(
        private.sign(data, padding.PKCS1v15(), hashes.SHA512())
    )


def _sign_ecdsa(key: SshKey, private: "EllipticCurvePrivateKey", data: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric import ec, utils

    signature = private.sign(data, ec.ECDSA(curve_hash(key.parts[0])))
    numbers = b"".join(_integer(n) for n in utils.decode_dss_signature(signature))
    return string(key.kind.encode()) + string(numbers)


def _integer(number: int) -> bytes:
    return string(number.to_bytes(number.bit_length() // 8 + 1, "big"))


_SIGN: dict[str, Callable[[SshKey, Any, bytes], bytes]] = {
    ED25519: _sign_ed25519, RSA: _sign_rsa,
}  # fmt: skip
_NEW_KEY = "make one with `ssh-keygen -t ed25519`"


def _by_openssh(path: Path, message: bytes, namespace: str) -> SshSignature:
    program = shutil.which("ssh-keygen")
    if program is None:
        raise UsageError(
            "has a passphrase, or lies in an agent, and there is no ssh-keygen to use it",
            where=str(path),
            remedy="install OpenSSH's client",
        )
    asked = _somebody_at_terminal()
    try:
        # Standard error and the terminal stay the user's: it asks for passphrase or touch there.
        done = subprocess.run(  # noqa: S603 - OpenSSH's own program and a file that the user named, no shell
            [program, "-Y", "sign", "-q", "-n", namespace, "-f", str(path)],
            input=message, stdout=subprocess.PIPE, stderr=None if asked else subprocess.PIPE,
            timeout=None if asked else PATIENCE_SECONDS, check=False,
        )  # fmt: skip
        if done.returncode == 0:
            return SshSignature.of_armor(done.stdout.decode("ascii", "replace"))
        why = f"ssh-keygen ended with {done.returncode}"
        if b"passphrase" in (done.stderr or b""):
            why = _NOBODY_ASKED
    except SshFormatError as error:
        why = f"ssh-keygen gave no signature: {error}"
    except subprocess.TimeoutExpired:
        why = f"nobody answered for {PATIENCE_SECONDS} s, and there is no terminal"
    raise UsageError(
        f"did not sign: {why}",
        where=str(path),
        remedy="give its passphrase at a terminal, touch the security key, or add it to the agent "
        "with ssh-add",
    )


def _somebody_at_terminal() -> bool:
    """True when this runs in the foreground of a terminal, so that a question gets an answer.

    In the background a question would stop the program without a word.
    """
    try:
        terminal = os.open(os.ctermid(), os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
