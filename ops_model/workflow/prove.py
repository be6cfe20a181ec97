"""The proof beside what somebody says: their own key's signature, or where it was decided.

Refused is what would not count later, so that nobody learns of it when it is too late.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from ops_model.domain.evidence import Record
from ops_model.domain.proof import Proof
from ops_model.domain.signers import (
    NAMESPACE,
    SIGNERS_FILE,
    Signer,
    keys_of,
    line_of,
    why_not_enrolled,
)  # fmt: skip
from ops_model.domain.texts import contact_in, hidden_in, without_credentials
from ops_model.errors import UsageError

MAX_REFERENCE = 300
Assurance = Literal["asserted", "referenced", "signed"]


@dataclass(frozen=True)
class Means:
    """With what somebody shows that they said it: a key file, or a reference; or neither."""

    key: Path | None = None
    reference: str = ""

    @property
    def assurance(self) -> Assurance:
        """How sure it will be that they said it."""
        if self.key is not None:
            return "signed"
        return "referenced" if self.reference else "asserted"


def require_means(
    means: Means, signers: Sequence[Signer], person: str, at: datetime, *, needed: bool
) -> None:
    """Refuse a key that is not the person's, and no key where they have one.

    What can be told before anybody is asked for a passphrase or a touch is told here. `needed` is
    true where a word without a proof would count for nothing.

    Raises:
        UsageError: it is so.
    """
    if means.key is not None and means.reference:
        raise UsageError(
            "a key and a reference are given; expected one of them",
            remedy="leave --ref out, and sign",
        )
    if means.key is not None:
        _require_enrolled(means.key, signers, person, at)
        return
    if means.reference:
        _require_reference(means.reference)
    if own := keys_of(signers, person, at):
        raise UsageError(
            f"{person} has an enrolled key; expected --key with its file",
            where=str(own[0].where),
            remedy="sign with --key and the file of that key, or the .pub of one in your agent",
        )
    if needed and not means.reference:
        raise UsageError(
            "nothing shows who decided; expected --key, or --ref where policy.yaml allows it",
            remedy=f"have somebody else enrol your SSH key in {SIGNERS_FILE}, and sign with --key",
        )


def _require_enrolled(path: Path, signers: Sequence[Signer], person: str, at: datetime) -> None:
    from ops_model.store.ssh_signing import public_key

    key = public_key(path)
    # A key that only its own program can read is judged by the signature that it gives.
    if key is not None and (why := why_not_enrolled(signers, person, key.text, at)):
        remedy = _remedy(signers, person, key.text, at)
        raise _not_taken(path, f"{key.fingerprint}: {why}", person, remedy)


def _not_taken(path: Path, why: str, person: str, remedy: str) -> UsageError:
    return UsageError(
        f"a signature of {person} with this key would not count: {why}",
        where=str(path),
        remedy=remedy,
    )


def _remedy(signers: Sequence[Signer], person: str, key: str, at: datetime) -> str:
    """What makes a key count, by what is wrong with it; see `why_not_enrolled`."""
    lines = [signer for signer in signers if signer.key == key]
    people = {signer.person for signer in lines}
    if lines and person not in people:
        return f"only {person} decides for {person}; sign for your own seat, with your own key"
    if len(people) > 1:
        return f"somebody else takes the line out of {SIGNERS_FILE} that is not {person}'s"
    if any(signer.revoked for signer in lines):
        return (
            f"make another key with `ssh-keygen -t ed25519`, and have somebody else enrol it in "
            f"{SIGNERS_FILE}"
        )
    anew = "has a new line enrolled" if lines else "has the key enrolled"
    return (
        f"{person} {anew} by somebody else, under version control, in {SIGNERS_FILE}: "
        f"`{line_of(person, key, at)}`"
    )


def _require_reference(reference: str) -> None:
    """Refuse a reference that says nothing, or what must not stand on the ledger."""
    problem = ""
    if not 3 <= len(reference.strip()) <= MAX_REFERENCE or not reference.isprintable():
        problem = f"it has {len(reference)} characters; expected 3 to {MAX_REFERENCE}, on one line"
    elif hidden_in(reference) or contact_in(reference):
        problem = "it holds what nobody sees, or a contact"
    elif without_credentials(reference) != reference:
        problem = "it holds an address with a password in it"
    if problem:
        raise UsageError(
            f"--ref does not say where it was decided: {problem}",
            remedy="name a ticket or a page, such as 'GOV-118' or 'minutes of 12 May, item 4'",
        )


def prove(
    record: Record, means: Means, signers: Sequence[Signer], person: str, at: datetime
) -> Proof | None:
    """The proof of a record, which holds the commitment of its words already.

    Raises:
        UsageError: the key cannot be used, or its signature would not count.
    """
    if means.reference:
        return Proof(kind="reference", reference=means.reference.strip())
    if means.key is None:
        return None
    from ops_model.store.signed import bytes_to_sign
    from ops_model.store.ssh_signing import sign_with

    message = bytes_to_sign(record.model_dump(mode="json"))
    signature = sign_with(means.key, message, namespace=NAMESPACE)
    # What an agent or a security key gave back is verified as everybody will.
    why = signature.why_not(message, namespace=NAMESPACE)
    if why:
        raise _not_taken(means.key, why, person, "sign again, and touch the security key")
    if why := why_not_enrolled(signers, person, signature.key.text, at):
        remedy = _remedy(signers, person, signature.key.text, at)
        raise _not_taken(means.key, f"{signature.key.fingerprint}: {why}", person, remedy)
    return Proof(kind="sshsig", key=signature.key.text, signature=signature.base64)
