"""Words of people, kept beside the entries that hold a commitment to them, until erased."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeGuard

from ops_model.domain.evidence import LedgerEvent, Statement
from ops_model.domain.values import digest_of
from ops_model.domain.words import COMMITMENT, SALT_BYTES, WORDS_OF, Words, committed
from ops_model.errors import LedgerError
from ops_model.store.ledger_backend import ask, ask_in_pages

if TYPE_CHECKING:
    from sqlalchemy import Connection

MAX_WORDS_BYTES = 262_144
_SALT = re.compile(rf"[0-9a-f]{{{2 * SALT_BYTES}}}")
_KEEP = "INSERT INTO payload (commit_hash, salt, bytes) VALUES (:commit_hash, :salt, :bytes)"
_ONE = "SELECT salt, bytes FROM payload WHERE commit_hash = :commit_hash"
_ALL = "SELECT commit_hash, salt, bytes FROM payload"


def commitment_in(record: Mapping[str, object]) -> str | None:
    """The commitment that stands in a record in the place of a person's words."""
    said = record.get(WORDS_OF.get(str(record.get("kind")), ""))
    return said if is_commitment(said) else None


def is_commitment(said: object) -> TypeGuard[str]:
    """True for `sha256:` and 64 hex digits."""
    return isinstance(said, str) and COMMITMENT.fullmatch(said) is not None


def keep_words(connection: "Connection", event: LedgerEvent, words: Words) -> None:
    """Keep what somebody said beside the entry that commits to it.

    Raises:
        LedgerError: the entry does not commit to these words, or they are too long.
    """
    if not _SALT.fullmatch(words.salt):
        raise LedgerError(
            f"the words of {event.id} lack the 32 bytes of salt in hex; nothing was appended",
            where="ledger",
            remedy="make them with `Words.said`",
        )
    record = event.data.get("record")
    named = commitment_in(record) if isinstance(record, Mapping) else None
    data = words.text.encode("utf-8")
    if named is None or named != words.commitment:
        raise LedgerError(
            f"the event {event.id} does not commit to its words; nothing was appended",
            where="ledger",
            remedy="put the commitment of the words into the record in their place",
        )
    if len(data) > MAX_WORDS_BYTES:
        raise LedgerError(
            f"the words of {event.id} have {len(data)} bytes; expected at most {MAX_WORDS_BYTES}; "
            "nothing was appended",
            where="ledger",
            remedy="say it in fewer words",
        )
    values = {"commit_hash": hash_of(named), "salt": bytes.fromhex(words.salt), "bytes": data}
    ask(connection, _KEEP, **values)


def carry_words(source: "Connection", target: "Connection") -> None:
    """Keep all words of one ledger beside the entries of another, which holds the same ones."""
    for commit_hash, salt, data in ask_in_pages(source, _ALL):
        ask(target, _KEEP, commit_hash=bytes(commit_hash), salt=bytes(salt), bytes=bytes(data))


def hash_of(commitment: str) -> bytes:
    """The 32 bytes of a commitment."""
    return bytes.fromhex(commitment.removeprefix("sha256:"))


def words_at(connection: "Connection", commitment: str) -> str | None:
    """The words that give this commitment; None when they were erased, or are others."""
    found = ask(connection, _ONE, commit_hash=hash_of(commitment)).one_or_none()
    if found is None:
        return None
    salt, data = found
    return _text(bytes(salt), bytes(data), commitment)


def with_words(statement: Statement, look_up: Callable[[str], str | None]) -> Statement:
    """The statement with the words put back into its record, where they are still kept.

    Its digest stays that of the stored form.
    """
    field = WORDS_OF.get(statement.record.kind)
    said = getattr(statement.record, field, None) if field else None
    if field is None or not is_commitment(said):
        return statement
    text = look_up(said)
    if text is None:
        return statement
    record = statement.record.model_copy(update={field: text})
    return statement.model_copy(update={"record": record, "commitment": said})


def as_kept(
    connection: "Connection", event: LedgerEvent, words: Words, theirs: Mapping[str, Any]
) -> LedgerEvent:
    """The event as its first try wrote it, when the same words are kept with another salt.

    Somebody who says the same once more, under the same id, commits with a new salt. `theirs` is
    the record of that first try.
    """
    mine = event.data.get("record")
    if not isinstance(mine, Mapping):
        return event
    named = commitment_in(theirs)
    if named is None or words_at(connection, named) != words.text:
        return event
    record = {**mine, WORDS_OF[str(mine["kind"])]: named}
    data = {**event.data, "record": record, "digest": digest_of(record)}
    return event.model_copy(update={"data": data})


def kept_words(connection: "Connection") -> Iterator[tuple[str, bool]]:
    """Each commitment with words beside it, and whether the words give it."""
    for stored, salt, data in ask_in_pages(connection, _ALL):
        commitment = f"sha256:{bytes(stored).hex()}"
        yield commitment, _text(bytes(salt), bytes(data), commitment) is not None


def _text(salt: bytes, data: bytes, commitment: str) -> str | None:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if committed(text, salt.hex()) == commitment else None
