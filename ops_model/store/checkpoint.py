"""A checkpoint: how long the ledger is and its root, signed, so that it can be shown elsewhere.

The text is a C2SP signed note (https://c2sp.org/tlog-checkpoint): origin, size and root on three
lines, an empty line, and a line for each signature. The first is by the ledger's own key, whose
name is the origin; more are witnesses. They are kept, and checked where their key is known.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from ops_model.store.checkpoint_key import COSIGNATURE, ED25519, CheckpointKey, VerifierKey

__all__ = ["Checkpoint", "CheckpointKey", "Note", "NoteCheck", "VerifierKey", "sign"]

MOST_SIGNATURES = 16
_BODY = re.compile(r"([!-~]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\n")
_LINE = re.compile(r"— (\S{1,200}) ([A-Za-z0-9+/]+={0,2})")
_ID_BYTES = 4
_TIME_BYTES = 8


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What is signed: whose ledger, how many entries, and their RFC 6962 root (64 hex digits)."""

    origin: str
    size: int
    root: str

    @property
    def body(self) -> str:
        """The three lines that the signatures are over."""
        root = base64.b64encode(bytes.fromhex(self.root)).decode()
        return f"{self.origin}\n{self.size}\n{root}\n"


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One line below a checkpoint: who says to have signed it, the key's id, the rest."""

    name: str
    identity: bytes
    content: bytes

    def by(self, key: VerifierKey, body: str) -> bool:
        """True when the holder of `key` signed this body."""
        data, signature = body.encode(), self.content
        if key.kind == COSIGNATURE:
            seen = int.from_bytes(signature[:_TIME_BYTES], "big")
            data, signature = f"cosignature/v1\ntime {seen}\n".encode() + data, signature[8:]
        return key.verify_bytes(data, signature)


@dataclass(frozen=True, slots=True)
class NoteCheck:
    """What the signatures of a note come to, by the keys that somebody trusts.

    `by` are the keys that signed it, the ledger's own first; `unknown` the names of signers whose
    key is not known; `forged` the names under which a known key did not sign.
    """

    by: tuple[VerifierKey, ...]
    unknown: tuple[str, ...]
    forged: tuple[str, ...]
    own: bool

    @property
    def holds(self) -> bool:
        """True when the ledger's own key signed, and no known key is used falsely."""
        return self.own and not self.forged


@dataclass(frozen=True, slots=True)
class Note:
    """A checkpoint with its signatures."""

    checkpoint: Checkpoint
    signatures: tuple[NoteSignature, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """The note that a text is, to the last byte.

        Raises:
            ValueError: it is none, with the reason.
        """
        body, empty, below = text.partition("\n\n")
        found = _BODY.fullmatch(body + "\n")
        if not empty or found is None:
            msg = "is no checkpoint: expected origin, size, root, an empty line and signatures"
            raise ValueError(msg)
        root = base64.b64decode(found[3]).hex()
        note = cls(Checkpoint(found[1], int(found[2]), root), _signatures(below))
        # What reads the same but is written in another way is not what was signed.
        if note.text != text:
            msg = "is no checkpoint in its one form: a byte more, less or other"
            raise ValueError(msg)
        return note

    @property
    def text(self) -> str:
        """The note as it stands in `checkpoints.txt`."""
        lines = (
            f"— {s.name} {base64.b64encode(s.identity + s.content).decode()}\n"
            for s in self.signatures
        )
        return f"{self.checkpoint.body}\n{''.join(lines)}"

    def check(self, keys: Iterable[VerifierKey]) -> NoteCheck:
        """Who of the holders of `keys` signed; everybody else is only named."""
        known = tuple(keys)
        by: list[VerifierKey] = []
        unknown: list[str] = []
        forged: list[str] = []
        for signature in self.signatures:
            named = [
                key
                for key in known
                if (key.name, key.identity) == (signature.name, signature.identity)
            ]
            held = [key for key in named if signature.by(key, self.checkpoint.body)]
            by += held
            if not held:
                (forged if named else unknown).append(signature.name)
        own = [k for k in by if k.name == self.checkpoint.origin and k.kind == ED25519]
        witnesses = [k for k in by if k not in own]
        return NoteCheck((*own, *witnesses), tuple(unknown), tuple(forged), bool(own))


def _signatures(below: str) -> tuple[NoteSignature, ...]:
    lines = below.split("\n")[:-1]
    if not 1 <= len(lines) <= MOST_SIGNATURES:
        msg = f"has {len(lines)} signatures; expected 1 to {MOST_SIGNATURES}"
        raise ValueError(msg)
    found = []
    for line in lines:
        parts = _LINE.fullmatch(line)
        if parts is None:
            msg = "has a signature line that is none: expected — NAME BASE64"
            raise ValueError(msg)
        try:
            content = base64.b64decode(parts[2], validate=True)
        except binascii.Error as error:
            msg = f"the signature of {parts[1]!a} is no base64"
            raise ValueError(msg) from error
        found.append(NoteSignature(parts[1], content[:_ID_BYTES], content[_ID_BYTES:]))
    return tuple(found)


def sign(key: CheckpointKey, checkpoint: Checkpoint) -> Note:
    """The checkpoint with the signature of the ledger's own key."""
    signature = key.sign_bytes(checkpoint.body.encode())
    line = NoteSignature(key.name, key.verifier.identity, signature)
    return Note(checkpoint, (line,))
