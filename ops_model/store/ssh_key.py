"""A public key as OpenSSH writes it, and whether a signature is its holder's.

Ed25519, ECDSA on the three NIST curves, RSA of 2048 bits or more with SHA-2, and both kinds of
security keys (`sk-`), which say that somebody touched them.
"""

import base64
import binascii
import hashlib
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.hashes import HashAlgorithm

ED25519, SK_ED25519 = "ssh-ed25519", "sk-ssh-ed25519@openssh.com"
RSA = "ssh-rsa"
ECDSA: Mapping[str, str] = {
    "ecdsa-sha2-nistp256": "nistp256",
    "ecdsa-sha2-nistp384": "nistp384",
    "ecdsa-sha2-nistp521": "nistp521",
}
SK_ECDSA = "sk-ecdsa-sha2-nistp256@openssh.com"
KEY_TYPES = frozenset({ED25519, SK_ED25519, RSA, SK_ECDSA, *ECDSA})
RSA_HASHES = ("rsa-sha2-512", "rsa-sha2-256")
"""What an RSA key may sign with; the older `ssh-rsa` is SHA-1, and refused."""
FEWEST_RSA_BITS = 2048
_TOUCHED = 0x01
_P = 2**255 - 19
_EIGHTH = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_SMALL_Y = frozenset({0, 1, _P - 1, _EIGHTH, _P - _EIGHTH})


class SshFormatError(ValueError):
    """Bytes that are no key or signature of OpenSSH's, with the reason."""


class Reader:
    """Reads the fields of OpenSSH's wire format, one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def take(self, count: int) -> bytes:
        """The next bytes."""
        if len(self._data) < count:
            msg = "it ends too early"
            raise SshFormatError(msg)
        taken, self._data = self._data[:count], self._data[count:]
        return taken

    def number(self) -> int:
        """A number of four bytes."""
        return int(struct.unpack(">I", self.take(4))[0])

    def string(self) -> bytes:
        """A length and that many bytes."""
        return self.take(self.number())

    def text(self) -> str:
        """A string of ASCII."""
        try:
            return self.string().decode("ascii")
        except UnicodeDecodeError as error:
            msg = "a name in it is no ASCII"
            raise SshFormatError(msg) from error

    def integer(self) -> int:
        """A whole number that is not negative, in its one shortest form."""
        found = self.string()
        if found and (found[0] & 0x80 or (found[0] == 0 and not found[1:2] > b"\x7f")):
            msg = "a number in it is negative or has idle zeros"
            raise SshFormatError(msg)
        return int.from_bytes(found, "big")

    def end(self) -> None:
        """Refuse what follows the last field."""
        if self._data:
            msg = f"{len(self._data)} bytes follow its end"
            raise SshFormatError(msg)


def string(data: bytes) -> bytes:
    """A length and the bytes, as OpenSSH's wire format has it."""
    return struct.pack(">I", len(data)) + data


def unbase64(text: str) -> bytes:
    """The bytes of base64 in its one spelling.

    Raises:
        SshFormatError: it is none.
    """
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        msg = "it is no base64"
        raise SshFormatError(msg) from error
    if base64.b64encode(found).decode("ascii") != text:
        msg = "its base64 is not in its one spelling"
        raise SshFormatError(msg)
    return found


def is_small_order(point: bytes) -> bool:
    """True for the bytes of an Ed25519 key that fits signatures which nobody had to make.

    Of such a point there are eight; each may be written with another sign, or with p added.
    """
    y = int.from_bytes(point, "little") & ((1 << 255) - 1)
    return y % _P in _SMALL_Y


@dataclass(frozen=True)
class SshKey:
    """A public key: its type, its bytes, and the parts that its type has."""

    kind: str
    blob: bytes
    parts: tuple[Any, ...]

    @classmethod
    def of_blob(cls, blob: bytes) -> Self:
        """The key that these bytes are.

        Raises:
            SshFormatError: they are none, or one of a kind that is not taken.
        """
        reader = Reader(blob)
        kind = reader.text()
        if kind not in KEY_TYPES:
            msg = f"keys of type {kind!a} are not taken; expected {', '.join(sorted(KEY_TYPES))}"
            raise SshFormatError(msg)
        parts = _parts(kind, reader)
        reader.end()
        key = cls(kind, blob, parts)
        key._public()  # a point that lies on no curve is found here
        return key

    @classmethod
    def parse(cls, text: str) -> Self:
        """The key in a text `type base64`, as `SshKey.text` gives it.

        Raises:
            SshFormatError: it is none.
        """
        kind, _, encoded = text.partition(" ")
        key = cls.of_blob(unbase64(encoded))
        if key.kind != kind:
            msg = f"it says {kind!a} and holds a key of type {key.kind}"
            raise SshFormatError(msg)
        return key

    @property
    def text(self) -> str:
        """`ssh-ed25519 AAAA...`, without a comment."""
        return f"{self.kind} {base64.b64encode(self.blob).decode('ascii')}"

    @property
    def fingerprint(self) -> str:
        """`SHA256:...`, as `ssh-keygen -l` prints it."""
        told = base64.b64encode(hashlib.sha256(self.blob).digest()).decode("ascii")
        return f"SHA256:{told.rstrip('=')}"

    def why_not_signed(self, signature: bytes, data: bytes) -> str:
        """Why a signature, as OpenSSH encodes one, is not this key's; empty when it is."""
        from cryptography.exceptions import InvalidSignature

        try:
            _VERIFY[self.kind](self, Reader(signature), data)
        except SshFormatError as error:
            return str(error)
        except InvalidSignature:
            return "it does not fit what is said to be signed"
        return ""

    def _public(self) -> Any:  # noqa: ANN401 - each type of key has a class of its own
        from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

        if self.kind in {ED25519, SK_ED25519} and is_small_order(self.parts[0]):
            msg = f"it is no key of type {self.kind}: anybody can sign with it"
            raise SshFormatError(msg)
        try:
            if self.kind in {ED25519, SK_ED25519}:
                return ed25519.Ed25519PublicKey.from_public_bytes(self.parts[0])
            if self.kind == RSA:
                return rsa.RSAPublicNumbers(*self.parts).public_key()
            curves: Mapping[str, ec.EllipticCurve] = {
                "nistp256": ec.SECP256R1(), "nistp384": ec.SECP384R1(), "nistp521": ec.SECP521R1()
            }  # fmt: skip
            name, point = self.parts[:2]
            return ec.EllipticCurvePublicKey.from_encoded_point(curves[name], point)
        except ValueError as error:
            msg = f"it is no key of type {self.kind}"
            raise SshFormatError(msg) from error


def _parts(kind: str, reader: Reader) -> tuple[Any, ...]:
    if kind in {ED25519, SK_ED25519}:
        key = reader.string()
        return (key,) if kind == ED25519 else (key, reader.string())
    if kind == RSA:
        exponent, modulus = reader.integer(), reader.integer()
        if modulus.bit_length() < FEWEST_RSA_BITS:
            msg = f"an RSA key of {modulus.bit_length()} bits; expected {FEWEST_RSA_BITS} or more"
            raise SshFormatError(msg)
        return (exponent, modulus)
    curve, point = reader.text(), reader.string()
    if curve != ECDSA.get(kind, "nistp256"):
        msg = f"a key of type {kind} on the curve {curve!a}"
        raise SshFormatError(msg)
    return (curve, point) if kind in ECDSA else (curve, point, reader.string())


def _named(reader: Reader, *names: str) -> str:
    name = reader.text()
    if name not in names:
        msg = f"it is made with {name!a}; expected {' or '.join(names)}"
        raise SshFormatError(msg)
    return name


def _ed25519(key: SshKey, reader: Reader, data: bytes) -> None:
    _named(reader, ED25519)
    signature = reader.string()
    reader.end()
    key._public().verify(signature, data)


def _rsa(key: SshKey, reader: Reader, data: bytes) -> None:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    name = _named(reader, *RSA_HASHES)
    signature = reader.string()
    reader.end()
    used = hashes.SHA512() if name == "rsa-sha2-512" else hashes.SHA256()
    key._public().verify(signature, data, padding.PKCS1v15(), used)


def _ecdsa(key: SshKey, reader: Reader, data: bytes) -> None:
    _named(reader, key.kind)
    both = reader.string()
    reader.end()
    _verify_ecdsa(key, both, data)


def _verify_ecdsa(key: SshKey, both: bytes, data: bytes) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec, utils

    numbers = Reader(both)
    encoded = utils.encode_dss_signature(numbers.integer(), numbers.integer())
    numbers.end()
    key._public().verify(encoded, data, ec.ECDSA(curve_hash(key.parts[0])))


def curve_hash(curve: str) -> "HashAlgorithm":
    """The hash that goes with a curve (RFC 5656)."""
    from cryptography.hazmat.primitives import hashes

    used: Mapping[str, HashAlgorithm] = {
        "nistp256": hashes.SHA256(), "nistp384": hashes.SHA384(), "nistp521": hashes.SHA512()
    }  # fmt: skip
    return used[curve]


def _sk(key: SshKey, reader: Reader, data: bytes) -> None:
    """A security key signs the digest of the data with its application, flags and a count."""
    _named(reader, key.kind)
    signature, flags, count = reader.string(), reader.take(1), reader.take(4)
    reader.end()
    if not flags[0] & _TOUCHED:
        msg = "nobody touched the security key"
        raise SshFormatError(msg)
    application = hashlib.sha256(key.parts[-1]).digest()
    signed = application + flags + count + hashlib.sha256(data).digest()
    if key.kind == SK_ED25519:
        key._public().verify(signature, signed)
    else:
        _verify_ecdsa(key, signature, signed)


_VERIFY: Mapping[str, Callable[[SshKey, Reader, bytes], None]] = {
    ED25519: _ed25519, RSA: _rsa, SK_ED25519: _sk, SK_ECDSA: _sk, **dict.fromkeys(ECDSA, _ecdsa),
}  # fmt: skip
