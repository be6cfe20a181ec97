"""What a person signs of a record, and which signatures on the ledger are those of their people.

The bytes are DSSE's encoding of an in-toto statement: its subject is what is decided on, and its
predicate is the record as the ledger stores it, with the commitment of the signer's words. So a
signature verifies after the words were erased, and stands for no other record. Every kind of proof
is over the same bytes.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from ops_model.domain.evidence import Attestation, Record, Statement
from ops_model.domain.said import recorded
from ops_model.domain.sign_off import SignOff, SignOffRevoked
from ops_model.domain.signers import NAMESPACE, Signer, why_not_enrolled
from ops_model.domain.values import canonical_bytes, digest_of
from ops_model.domain.words import WORDS_OF
from ops_model.store.dsse import IN_TOTO, pae
from ops_model.store.ssh_key import SshFormatError
from ops_model.store.sshsig import SshSignature
from ops_model.store.statement import STATEMENT_TYPE

PREDICATE_TYPES: Mapping[str, str] = {
    "sign_off": "urn:ops-model:signoff/v1",
    "sign_off_revoked": "urn:ops-model:signoff-revoked/v1",
    "attestation": "urn:ops-model:attestation/v1",
}
"""What the predicate is called, for each kind of record that a person signs."""


_NO_SIGNATURE = "no signature is beside it"


def bytes_to_sign(record: Mapping[str, Any]) -> bytes:
    """The bytes that a person signs.

    Args:
        record: the record as it is stored: plain values, the commitment in the place of words.
    """
    statement = {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": name, "digest": {"sha256": digest.removeprefix("sha256:")}}
                    for name, digest in _subjects(record)],
        "predicateType": PREDICATE_TYPES[record["kind"]],
        "predicate": dict(record),
    }  # fmt: skip
    return pae(IN_TOTO, canonical_bytes(statement))


def _subjects(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the record is about, by name and digest."""
    if record["kind"] == "sign_off":
        return [("review-pack", record["pack"])]
    # What the ledger holds may leave out what is as it is by default.
    if record.get("of") is not None:
        return [("record", record["of"])]
    pinned = record.get("claims", ())
    claims = [(f"{record['system']}/{c['file']}", c["digest"]) for c in pinned]
    # A word that pins no text is about the system as a whole, and in-toto wants a digest.
    return claims or [(record["system"], digest_of(record))]


def as_stored(statement: Statement) -> dict[str, Any] | None:
    """The record of a statement as the ledger holds it, or None where it cannot be had again.

    A key that a later version adds with a default was never stored, so only what was read counts.
    """
    record = statement.record
    key = WORDS_OF.get(record.kind)
    for only_read in (True, False):
        plain = record.model_dump(mode="json", exclude_unset=only_read)
        if key is not None and statement.commitment is not None:
            plain[key] = statement.commitment
        if digest_of(plain) == statement.digest:
            return plain
    return None


def why_not_signed(statement: Statement, signers: Iterable[Signer], at: datetime) -> str:
    """Why a statement is not signed by the person whose word it is; empty when it is.

    Args:
        statement: what the ledger holds.
        signers: the enrolled keys.
        at: when it was recorded, by the latest clock that the ledger had seen by then.
    """
    return why_not_held(statement) or _why_not_theirs(statement, signers, at)


def _why_not_theirs(statement: Statement, signers: Iterable[Signer], at: datetime) -> str:
    """Why the key beside a statement is not that of whose word it is; empty when it is."""
    person, proof = speaker(statement.record), statement.proof
    if proof is None or person is None:
        return _NO_SIGNATURE
    return why_not_enrolled(signers, person, proof.key, at)


def why_not_held(statement: Statement) -> str:
    """Why the key beside a statement did not sign it, whosever it is; empty when it did."""
    person, proof = speaker(statement.record), statement.proof
    if proof is None or proof.kind != "sshsig" or person is None:
        return _NO_SIGNATURE
    if statement.actor != f"person:{person}":
        return f"the ledger has it from {statement.actor}, not from {person}"
    stored = as_stored(statement)
    if stored is None:
        return "the record is not the one that was stored"
    try:
        signature = SshSignature.of_base64(proof.signature)
    except SshFormatError as error:
        return f"what is beside it is no signature: {error}"
    if signature.key.text != proof.key:
        return "the signature is of another key than the one that is named"
    why = signature.why_not(bytes_to_sign(stored), namespace=NAMESPACE)
    return f"the signature does not hold: {why}" if why else ""


def signed_by_any(statements: Iterable[Statement]) -> frozenset[int]:
    """The numbers of the entries that the key beside them has signed, enrolled or not."""
    return frozenset(s.seq for s in statements if s.proof is not None and not why_not_held(s))


def that_hold(
    statements: Sequence[Statement],
    signers: Sequence[Signer],
    held: AbstractSet[int] | None = None,
) -> frozenset[int]:
    """The numbers of the entries that the person whose word they are has signed.

    A clock that was set back makes no expired key good again: each entry counts as recorded no
    earlier than any before it. `held` is what `signed_by_any` says, where it was asked already.
    """
    held = signed_by_any(statements) if held is None else held
    return frozenset(
        s.seq for s, at in recorded(statements)
        if s.seq in held and not _why_not_theirs(s, signers, at)
    )  # fmt: skip


def speaker(record: Record) -> str | None:
    """Whose word a record is; None for what nobody says."""
    if isinstance(record, Attestation | SignOff | SignOffRevoked):
        return record.person
    return None
