"""Words of people on the ledger: an entry holds a commitment, and the words can be forgotten.

The ledger never forgets an entry, so it must not hold what somebody may have a right to have
erased. What a person said is kept beside the entries, with a random salt; the entry, and all that
is derived from it, holds SHA256(salt | words). While the words are there, anybody can check them;
once they and their salt are erased, the commitment tells nothing.
"""

import hashlib
import re
import secrets
from collections.abc import Mapping

from ops_model.domain.scalars import Digest
from ops_model.domain.values import Value

SALT_BYTES = 32
WORDS_OF: Mapping[str, str] = {
    "attestation": "text", "sign_off": "meaning", "sign_off_revoked": "meaning",
}  # fmt: skip
"""The key of each kind of record that holds a person's own words."""
COMMITMENT = re.compile(r"sha256:[0-9a-f]{64}")
NOT_HERE = "(words that were erased, or are kept with the ledger only)"


class Words(Value):
    """What somebody said, and the salt (64 hex digits) of its commitment."""

    text: str
    salt: str

    @classmethod
    def said(cls, text: str) -> "Words":
        """The words with a new salt; a retry has to use the same object."""
        return cls(text=text, salt=secrets.token_hex(SALT_BYTES))

    @property
    def commitment(self) -> Digest:
        """What stands in the entry in the place of the words."""
        return committed(self.text, self.salt)


def told_words(said: str) -> str:
    """What a reader is shown of a person's words: the words, or that they are not here."""
    return NOT_HERE if COMMITMENT.fullmatch(said) else said


def committed(text: str, salt: str) -> Digest:
    """SHA256(salt | words), as a digest.

    Raises:
        ValueError: the salt is no hex.
    """
    return f"sha256:{hashlib.sha256(bytes.fromhex(salt) + text.encode('utf-8')).hexdigest()}"
