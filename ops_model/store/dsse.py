"""DSSE: an envelope of a payload and its signatures (secure-systems-lab/dsse, version 1.0).

What is signed is the payload's own bytes together with its type, so nothing has to be brought
into a canonical form before a signature is verified. Our envelopes are canonical all the same:
one content has one spelling, so that no byte of a file can be changed unseen.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Protocol

from pydantic import Field, ValidationError

from ops_model.domain.values import Value, canonical_bytes
from ops_model.errors import IntegrityError

IN_TOTO = "application/vnd.in-toto+json"
"""The payload type of an in-toto statement."""
MAX_ENVELOPE_BYTES = 8 * 1024 * 1024


class SigningKey(Protocol):
    """What can sign; `keyid` names it in the envelope."""

    @property
    def keyid(self) -> str:
        """How an envelope names the key."""

    def sign_bytes(self, data: bytes) -> bytes:
        """The signature over these very bytes."""


class VerifyingKey(Protocol):
    """The public half of a key that somebody trusts."""

    @property
    def keyid(self) -> str:
        """How an envelope names the key."""

    def verify_bytes(self, data: bytes, signature: bytes) -> bool:
        """True when the signature is this key's, over these very bytes."""


class Signature(Value):
    """One signature: the name of its key, and its bytes in base64."""

    keyid: str
    sig: str


class Envelope(Value):
    """A payload in base64, its type, and who signed both; unsigned where nobody did."""

    payload: str
    payload_type: str = Field(alias="payloadType")
    signatures: tuple[Signature, ...] = ()

    @property
    def content(self) -> bytes:
        """The payload's own bytes."""
        return base64.b64decode(self.payload)

    @property
    def to_sign(self) -> bytes:
        """What a signature is over."""
        return pae(self.payload_type, self.content)

    @property
    def as_bytes(self) -> bytes:
        """The envelope as it is written, in its one spelling."""
        return canonical_bytes(self.model_dump(mode="json", by_alias=True))


def pae(payload_type: str, payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding: type and payload, each with its length before it."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def enveloped(payload: bytes, *, payload_type: str = IN_TOTO, keys: Sequence[SigningKey] = ()
              ) -> bytes:  # fmt: skip
    """The envelope of a payload, signed with each of the keys, as it is written."""
    to_sign = pae(payload_type, payload)
    signatures = tuple(
        Signature(keyid=key.keyid, sig=_base64(key.sign_bytes(to_sign))) for key in keys
    )
    return Envelope(
        payload=_base64(payload), payload_type=payload_type, signatures=signatures
    ).as_bytes


def read_envelope(content: bytes, *, payload_type: str = IN_TOTO) -> Envelope:
    """The envelope that these bytes are.

    Raises:
        IntegrityError: they are none, or not in its one spelling, or the payload is of another
            type, or one key is said to have signed twice.
    """
    try:
        found = Envelope.model_validate_json(content)
        spelled = found.as_bytes == content and all(
            _base64(base64.b64decode(text, validate=True)) == text
            for text in (found.payload, *(s.sig for s in found.signatures))
        )
    except ValidationError as error:
        raise _no_envelope(error.errors(include_url=False)[0]["msg"]) from error
    except (ValueError, binascii.Error, RecursionError) as error:
        raise _no_envelope("its base64 or its JSON is broken") from error
    if not spelled:
        raise _no_envelope("it is not written as ops-model writes one")
    if found.payload_type != payload_type:
        raise _no_envelope(f"its payload is {found.payload_type!a}; expected {payload_type}")
    if len({s.keyid for s in found.signatures}) < len(found.signatures):
        raise _no_envelope("one key signed twice")
    return found


def forged(envelope: Envelope, trusted: Sequence[VerifyingKey]) -> str:
    """What says that a signature bears a trusted key's name and is not its own; empty when none.

    Signatures of keys that nobody trusts say nothing, and are passed over.
    """
    known = {key.keyid: key for key in trusted}
    for signature in envelope.signatures:
        key = known.get(signature.keyid)
        if key and not key.verify_bytes(envelope.to_sign, base64.b64decode(signature.sig)):
            return f"has a signature of key {signature.keyid} that does not hold"
    return ""


def unsigned(envelope: Envelope, trusted: Sequence[VerifyingKey]) -> str:
    """Why no trusted key is named in an envelope; empty when one is."""
    if {s.keyid for s in envelope.signatures} & {key.keyid for key in trusted}:
        return ""
    by = ", ".join(ascii(s.keyid) for s in envelope.signatures)
    return f"is signed by no key that is trusted, but by {by}" if by else "is signed by nobody"


def _no_envelope(why: str) -> IntegrityError:
    return IntegrityError(f"is no signed envelope: {why}")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
