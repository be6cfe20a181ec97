"""The key that signs checkpoints and bundles, and its public half as C2SP writes it.

The private key is an OpenSSH file (Ed25519, mode 600) that lies apart from workbook and ledger:
whoever may write the ledger must not be able to sign it too. Its comment is the key's name. The
public half is one line, `name+hex8+base64` (a "vkey" of https://c2sp.org/signed-note).
"""

import base64
import binascii
import hashlib
import os
import re
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ops_model.errors import UsageError
from ops_model.store.ssh_key import ED25519 as ED25519_SSH
from ops_model.store.ssh_key import Reader, is_small_order, string, unbase64

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ED25519, COSIGNATURE = 0x01, 0x04
"""Kinds of keys: one that signs notes, and a witness's, which signs notes with an instant."""

KEY_BYTES = 32
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")
_ID = re.compile(r"[0-9a-f]{8}")
_MAGIC = b"openssh-key-v1\0"
_PLAIN = b"none"
_OPEN_TO_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_TO_FIX = "make one with `ops-model ledger key --name example.org/ops-model --into PATH`"


def require_name(name: str) -> str:
    """The name of a key, such as `example.org/ops-model`.

    Raises:
        UsageError: it cannot stand in a checkpoint.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!a} cannot name a key; expected letters, digits and . _ / -, up to 100",
            remedy="name it by your domain and the workbook, such as example.org/ops-model",
        )
    return name


def _identity(name: str, kind: int, raw: bytes) -> bytes:
    """The four bytes by which a signature says which key made it."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + raw).digest()[:4]


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key that checkpoints or bundles are verified with."""

    name: str
    kind: int
    raw: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """The key that a line `name+hex8+base64` holds.

        Raises:
            ValueError: it is none, with the reason.
        """
        parts = text.strip().split("+", 2)
        if len(parts) != 3:
            msg = "is no public key of the form name+hex8+base64"
            raise ValueError(msg)
        name, told, encoded = parts
        # Nothing is echoed before it looks like a key: it may be part of a private one.
        if not _NAME.fullmatch(name) or not _ID.fullmatch(told):
            msg = "is no public key of the form name+hex8+base64"
            raise ValueError(msg)
        try:
            content = base64.b64decode(encoded, validate=True)
        except binascii.Error as error:
            msg = f"the key of {name!a} is no base64"
            raise ValueError(msg) from error
        kind = content[0] if content else 0
        if kind not in {ED25519, COSIGNATURE} or len(content) != KEY_BYTES + 1:
            msg = f"the key of {name!a} is no Ed25519 key"
            raise ValueError(msg)
        key = cls(name, kind, content[1:])
        # Canonical or not at all, so that no byte of the line can change unseen.
        if key.text != text.strip():
            msg = f"the key of {name!a} has id {told!a}; its bytes give {key.identity.hex()}"
            raise ValueError(msg)
        return key

    @property
    def identity(self) -> bytes:
        """The four bytes that stand before its signatures."""
        return _identity(self.name, self.kind, self.raw)

    @property
    def keyid(self) -> str:
        """The key as people name it: `example.org/ops-model+1a2b3c4d`."""
        return f"{self.name}+{self.identity.hex()}"

    @property
    def text(self) -> str:
        """The one line of `checkpoint_keys.txt`."""
        return f"{self.keyid}+{base64.b64encode(bytes([self.kind]) + self.raw).decode()}"

    def verify_bytes(self, data: bytes, signature: bytes) -> bool:
        """True when the holder of the private half signed exactly these bytes."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        if is_small_order(self.raw):
            return False
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, data)
        except (InvalidSignature, ValueError):
            return False
        return True


class CheckpointKey:
    """A private key and its name; `generate` makes one, `load` reads one."""

    def __init__(self, name: str, private: "Ed25519PrivateKey") -> None:
        self._private = private
        self.verifier = VerifierKey(
            require_name(name), ED25519, private.public_key().public_bytes_raw()
        )

    @classmethod
    def generate(cls, name: str) -> Self:
        """A new key, in memory only.

        Raises:
            UsageError: the name cannot stand in a checkpoint.
        """
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return cls(name, Ed25519PrivateKey.generate())

    @classmethod
    def load(cls, path: Path) -> Self:
        """The key in an OpenSSH file; its comment is its name.

        Raises:
            UsageError: there is none, others may read it, it has a passphrase (commands sign by
                themselves, so nobody is there to give it), or it is no Ed25519 key with a name.
        """
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        seed, name = _read_private(_content(path), path)
        return cls(name, Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def name(self) -> str:
        """The name that the key signs under, and the origin of its checkpoints."""
        return self.verifier.name

    @property
    def public(self) -> str:
        """The public half as a line of `checkpoint_keys.txt`."""
        return self.verifier.text

    @property
    def keyid(self) -> str:
        """The key as people name it: `example.org/ops-model+1a2b3c4d`."""
        return self.verifier.keyid

    def sign_bytes(self, data: bytes) -> bytes:
        """The Ed25519 signature (64 bytes) over these bytes."""
        return self._private.sign(data)

    def write(self, path: Path) -> None:
        """Write the private key into a new file that nobody else may read.

        Raises:
            UsageError: something is there already.
            OSError: the folder cannot be written.
        """
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError as error:
            raise UsageError(
                "something is there already; no key is ever replaced",
                where=str(path),
                remedy="name a new file; a workbook may list several keys",
            ) from error
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor with its rights
            file.write(_private_file(self._private.private_bytes_raw(), self.verifier))
            file.flush()
            os.fsync(descriptor)


def _content(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        if mode & _OPEN_TO_OTHERS:
            raise UsageError(
                f"others may read or write this key (mode {stat.S_IMODE(mode):o}); expected 600",
                where=str(path),
                remedy=f"chmod 600 {path}; if others may have read it, make a new key",
            )
        return path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"the checkpoint key cannot be read: {error.strerror}",
            where=str(path),
            remedy=f"see the path and its rights, or {_TO_FIX}",
        ) from error


def _private_file(seed: bytes, public: VerifierKey) -> bytes:
    """An OpenSSH private key file; written here because the library leaves the comment out."""
    check = secrets.token_bytes(4)
    kind = ED25519_SSH.encode()
    secret = check + check + b"".join(
        map(string, (kind, public.raw, seed + public.raw, public.name.encode()))
    )  # fmt: skip
    secret += bytes(range(1, 1 + -len(secret) % 8))
    blob = string(kind) + string(public.raw)
    content = (
        _MAGIC + string(_PLAIN) + string(_PLAIN) + string(b"")
        + (1).to_bytes(4, "big") + string(blob) + string(secret)
    )  # fmt: skip
    text = base64.b64encode(content).decode()
    lines = [text[i : i + 70] for i in range(0, len(text), 70)]
    head, foot = "-----BEGIN OPENSSH PRIVATE KEY-----", "-----END OPENSSH PRIVATE KEY-----"
    return "\n".join([head, *lines, foot, ""]).encode()


def _read_private(content: bytes, path: Path) -> tuple[bytes, str]:
    """The 32 bytes of an Ed25519 key, and the comment."""
    try:
        armoured = b"".join(content.split(b"-----")[2].split())
        file = Reader(unbase64(armoured.decode("ascii")).removeprefix(_MAGIC))
        if file.string() != _PLAIN:
            raise _no_key(path, "is protected by a passphrase, which no command can ask for")
        file.string()  # how a passphrase would become a key,
        file.string()  # with which options,
        file.number()  # how many keys,
        file.string()  # the public half of the first
        secret = Reader(file.string())
        secret.take(8)
        kind = secret.text()
        if kind != ED25519_SSH:
            raise _no_key(path, f"is a key of type {kind}")
        secret.string()
        pair = secret.string()
        if len(pair) != 2 * KEY_BYTES:
            raise _no_key(path, "is damaged")
        return pair[:KEY_BYTES], _named(secret.string(), path)
    except (IndexError, ValueError) as error:
        raise _no_key(path, "is no OpenSSH private key") from error


def _named(comment: bytes, path: Path) -> str:
    name = comment.decode("utf-8")
    if not _NAME.fullmatch(name):
        raise _no_key(path, f"has the comment {name!a}, which is no name of a checkpoint key")
    return name


def _no_key(path: Path, why: str) -> UsageError:
    return UsageError(
        f"the checkpoint key {why}; expected an Ed25519 key without a passphrase, its comment "
        "the name",
        where=str(path),
        remedy=_TO_FIX,
    )
