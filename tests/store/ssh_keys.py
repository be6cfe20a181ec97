"""Real SSH keys for tests: made by ssh-keygen, or a security key's made by hand."""

import hashlib
import shutil
import subprocess
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ops_model.domain.signers import NAMESPACE
from ops_model.store.ssh_key import SK_ECDSA, SK_ED25519, SshKey, string
from ops_model.store.sshsig import SshSignature, to_sign
from tests.conftest import require

APPLICATION = b"ssh:"
TOUCHED, UNTOUCHED = 1, 0


def ssh_keygen(*arguments: str, said: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run ssh-keygen, the oracle; skip where there is none."""
    require(shutil.which("ssh-keygen") is not None, "ssh-keygen")
    return subprocess.run(["ssh-keygen", *arguments], input=said, capture_output=True, timeout=60)


def a_key(
    folder: Path, name: str, kind: str = "ed25519", *more: str, passphrase: str = ""
) -> Path:
    """A new private key in a folder; its public half lies beside."""
    path = folder / name
    made = ssh_keygen("-q", "-t", kind, *more, "-N", passphrase, "-C", name, "-f", str(path))
    assert made.returncode == 0, made.stderr
    return path


def public(path: Path) -> str:
    """`type base64` of a key."""
    return " ".join(path.with_name(f"{path.name}.pub").read_text().split()[:2])


def enrolled(path: Path, person: str, *, options: str = f'namespaces="{NAMESPACE}"') -> str:
    """A line of `allowed_signers`."""
    return f"{person} {options} {public(path)}\n"


def verified(folder: Path, signature: str, message: bytes, signers: str, *, as_whom: str,
             namespace: str = NAMESPACE, at: str = "") -> bool:  # fmt: skip
    """What ssh-keygen says of a signature."""
    (folder / "signers").write_text(signers)
    (folder / "signature").write_text(signature)
    when = ("-O", f"verify-time={at}") if at else ()
    done = ssh_keygen(
        "-Y", "verify", *when, "-f", str(folder / "signers"), "-I", as_whom, "-n", namespace,
        "-s", str(folder / "signature"), said=message,
    )  # fmt: skip
    return done.returncode == 0


class SecurityKey:
    """A security key of which we are the device."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        if kind == SK_ED25519:
            self._private = ed25519.Ed25519PrivateKey.generate()
            raw = self._private.public_key().public_bytes_raw()
            parts = [raw]
        else:
            self._private = ec.generate_private_key(ec.SECP256R1())
            point = self._private.public_key().public_bytes(
                Encoding.X962, PublicFormat.UncompressedPoint
            )
            parts = [b"nistp256", point]
        fields = [kind.encode(), *parts, APPLICATION]
        self.key = SshKey.of_blob(b"".join(string(field) for field in fields))

    def sign(self, message: bytes, *, flags: int = TOUCHED) -> SshSignature:
        """What the device gives back for a message."""
        data = to_sign(message, namespace=NAMESPACE)
        after = bytes([flags]) + (7).to_bytes(4, "big")
        signed = hashlib.sha256(APPLICATION).digest() + after + hashlib.sha256(data).digest()
        if self.kind == SK_ED25519:
            raw = self._private.sign(signed)
        else:
            numbers = utils.decode_dss_signature(
                self._private.sign(signed, ec.ECDSA(hashes.SHA256()))
            )
            raw = b"".join(string(n.to_bytes(n.bit_length() // 8 + 1, "big")) for n in numbers)
        return SshSignature(self.key, NAMESPACE, "sha512",
                            string(self.kind.encode()) + string(raw) + after)  # fmt: skip


SECURITY_KEYS = (SK_ED25519, SK_ECDSA)
