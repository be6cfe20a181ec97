"""SSHSIG: signatures as `ssh-keygen -Y sign` makes them, verified and made without it.

The format is OpenSSH's PROTOCOL.sshsig. What is signed is a hash of the message together with a
namespace, so that a signature given for one purpose, such as a commit, never counts for another.
"""

import base64
import hashlib
from dataclasses import dataclass
from typing import Self

from ops_model.store.ssh_key import Reader, SshFormatError, SshKey, string, unbase64

MAGIC = b"SSHSIG"
VERSION = 1
HASHES = ("sha512", "sha256")
MAX_BYTES = 64 * 1024
_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
_LINE = 70


@dataclass(frozen=True)
class SshSignature:
    """A signature: whose, in which namespace, over which hash of the message."""

    key: SshKey
    namespace: str
    hash_name: str
    signature: bytes

    @classmethod
    def of_blob(cls, blob: bytes) -> Self:
        """The signature that these bytes are.

        Raises:
            SshFormatError: they are none, or of another version, or something follows them.
        """
        if len(blob) > MAX_BYTES:
            msg = f"it has {len(blob):,} bytes; expected at most {MAX_BYTES:,}"
            raise SshFormatError(msg)
        reader = Reader(blob)
        if reader.take(len(MAGIC)) != MAGIC:
            msg = "it does not begin as an SSH signature"
            raise SshFormatError(msg)
        if (version := reader.number()) != VERSION:
            msg = f"it is of version {version}; expected {VERSION}"
            raise SshFormatError(msg)
        key = SshKey.of_blob(reader.string())
        namespace, reserved, hash_name = reader.text(), reader.string(), reader.text()
        if not namespace or reserved:
            msg = "it names no namespace, or holds what this version reserves"
            raise SshFormatError(msg)
        if hash_name not in HASHES:
            msg = f"it hashes with {hash_name!a}; expected {' or '.join(HASHES)}"
            raise SshFormatError(msg)
        signature = reader.string()
        reader.end()
        return cls(key, namespace, hash_name, signature)

    @classmethod
    def of_base64(cls, text: str) -> Self:
        """The signature in base64, as a proof holds it."""
        if len(text) > 2 * MAX_BYTES:
            msg = f"it has {len(text):,} characters of base64; expected at most {2 * MAX_BYTES:,}"
            raise SshFormatError(msg)
        return cls.of_blob(unbase64(text))

    @classmethod
    def of_armor(cls, text: str) -> Self:
        """The signature between its two lines, as `ssh-keygen` writes it."""
        lines = text.strip().splitlines()
        if len(lines) < 3 or lines[0] != _BEGIN or lines[-1] != _END:
            msg = "it is no SSH signature between its two lines"
            raise SshFormatError(msg)
        return cls.of_base64("".join(lines[1:-1]))

    @property
    def blob(self) -> bytes:
        """The bytes of the signature."""
        return (
            MAGIC
            + VERSION.to_bytes(4, "big")
            + string(self.key.blob)
            + string(self.namespace.encode("ascii"))
            + string(b"")
            + string(self.hash_name.encode("ascii"))
            + string(self.signature)
        )

    @property
    def base64(self) -> str:
        """The bytes as a proof holds them."""
        return base64.b64encode(self.blob).decode("ascii")

    @property
    def armor(self) -> str:
        """As `ssh-keygen -Y verify` reads it."""
        text = self.base64
        lines = [text[at : at + _LINE] for at in range(0, len(text), _LINE)]
        return "\n".join([_BEGIN, *lines, _END, ""])

    def why_not(self, message: bytes, *, namespace: str) -> str:
        """Why this is no signature over the message in that namespace; empty when it is one."""
        if self.namespace != namespace:
            return f"it was given in the namespace {self.namespace!a}; expected {namespace}"
        return self.key.why_not_signed(
            self.signature, to_sign(message, namespace=namespace, hash_name=self.hash_name)
        )


def to_sign(message: bytes, *, namespace: str, hash_name: str = HASHES[0]) -> bytes:
    """What the key itself signs for a message."""
    digest = hashlib.new(hash_name, message).digest()
    fields = (namespace.encode("ascii"), b"", hash_name.encode("ascii"), digest)
    return MAGIC + b"".join(string(field) for field in fields)
