"""One ledger entry as bytes: what is stored, how it is hashed, and how it is read back.

The stored bytes are the truth. They are canonical JSON (RFC 8785) when written, and nobody makes
them canonical again: a reader hashes the bytes that are there.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from ops_model.domain.canonical import read_exactly
from ops_model.domain.evidence import LedgerEvent
from ops_model.domain.values import canonical_bytes, digest_of, iso_utc
from ops_model.errors import ChainBrokenError, LedgerError
from ops_model.store.merkle import leaf_hash

BODY_VERSION = 1
MAX_BODY_BYTES = 262_144
GENESIS = hashlib.sha256(b"ops-model ledger v1: before the first entry").digest()
"""The `prev` of entry 0."""

_SAFE_INTEGER = 2**53
_NOT_COMPARED = ("seq", "recorded_at")
# The first byte says what is hashed, so that no leaf can ever be passed off as a link (RFC 6962
# has 00 for leaves and 01 for nodes of a tree, see `merkle`; 02 is ours for the chain).
_CHAIN = b"\x02"
# As canonical JSON writes an entry: the record is the last of its data, which `id` comes behind.
_RECORD, _NO_RECORD, _BEHIND_DATA = b',"record":', b'"record":null', b'},"id":"'
_OPENED = ord("{")


class Row(NamedTuple):
    """One row of the table `event`, as it is stored."""

    seq: int
    event_id: bytes
    prev: bytes
    hash: bytes
    body: bytes

    @property
    def place(self) -> str:
        """How findings and problems cite the entry."""
        return f"ledger:{self.seq}"


class StoredEvent(NamedTuple):
    """An event with the number that the ledger gave it and its chain hash (64 hex digits).

    `record` holds the bytes of the record that it tells, as they stand in the entry, and nothing
    where it tells none; `digest` is theirs. `event.data` is without it: most readers look for
    something else, and of a ledger nearly every byte belongs to a record.
    """

    seq: int
    event: LedgerEvent
    hash: str
    record: bytes = b""
    digest: str = ""

    def told(self) -> Mapping[str, Any]:
        """The record that the entry tells; empty where it tells none.

        Raises:
            ChainBrokenError: it cannot be read, so ops-model did not write it.
        """
        try:
            return read_body(self.record) if self.record else {}
        except (ValueError, RecursionError) as error:
            raise ChainBrokenError(
                f"the entry's record cannot be read: {error}",
                where=f"ledger:{self.seq}",
                remedy="find out who wrote the entry; ops-model writes no such thing",
            ) from error


def chain_of(prev: bytes, leaf: bytes) -> bytes:
    """SHA256(02 | prev | leaf): the hash of an entry behind `prev`, by its hash as a leaf."""
    return hashlib.sha256(_CHAIN + prev + leaf).digest()


def body_of(event: LedgerEvent, seq: int) -> bytes:
    """The canonical bytes of an event as entry `seq`.

    Raises:
        LedgerError: the event has no canonical form (NaN, an integer of 2**53 or more, a lone
            surrogate, a value that is not JSON), holds a NUL, or is larger than 256 KiB.
    """
    content = {
        "v": BODY_VERSION,
        "seq": seq,
        "id": event.id,
        "type": event.type,
        "subject": event.subject,
        "as_of": iso_utc(event.as_of),
        "recorded_at": iso_utc(event.recorded_at),
        "actor": event.actor,
        "data": event.data,
    }
    try:
        body = canonical_bytes(content)
    except (ValueError, RecursionError) as error:
        reason = "is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise _refused(event, f"has no canonical form: {reason}") from error
    # The escape of a NUL; the same six characters may also stand in a text as themselves.
    if b"\\u0000" in body and any("\0" in text for text in _texts(content)):
        raise _refused(event, "holds a NUL character")
    if len(body) > MAX_BODY_BYTES:
        raise _refused(event, f"has {len(body)} bytes; expected at most {MAX_BODY_BYTES}")
    return body


def _refused(event: LedgerEvent, why: str) -> LedgerError:
    return LedgerError(
        f"the event {event.id} {why}",
        where="ledger",
        remedy="record digests, counts and plain JSON values; nothing was appended",
    )


def _texts(node: object) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for key, item in node.items():
            yield from _texts(key)
            yield from _texts(item)
    elif isinstance(node, list | tuple):
        for item in node:
            yield from _texts(item)


def read_body(body: bytes) -> dict[str, Any]:
    """The JSON object that stored bytes hold.

    Raises:
        ValueError: no JSON object in UTF-8, or a key twice, where SQL and Python would each read
            another value.
    """
    content = _value_in(body)
    if not isinstance(content, dict):
        msg = "is no JSON object"
        raise ValueError(msg)  # noqa: TRY004 - the bytes are wrong, not the caller's type
    return content


def _value_in(stored: bytes) -> object:
    content = read_exactly(stored)
    return _read_with_care(stored) if content is None else content


def _read_with_care(stored: bytes) -> object:
    return json.loads(
        stored.decode("utf-8"),
        object_pairs_hook=_no_key_twice,
        parse_int=_integer,
        parse_constant=_no_constant,
    )


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        msg = "holds a key twice"
        raise ValueError(msg)
    return content


def _integer(digits: str) -> int | float:
    # Canonical JSON writes a float such as 1e16 without an exponent. True integers of that size
    # are refused when appending, so these digits were a float.
    number = int(digits)
    return number if abs(number) < _SAFE_INTEGER else float(digits)


def _no_constant(name: str) -> float:
    msg = f"holds {name}"
    raise ValueError(msg)


def same_content(one: bytes, other: bytes) -> bool:
    """True when two bodies differ at most in their number and in when they were recorded."""
    first, second = read_body(one), read_body(other)
    for name in _NOT_COMPARED:
        first.pop(name, None)
        second.pop(name, None)
    return first == second


def examined(
    row: Row, leaf: bytes, known: dict[str, Any] | None = None
) -> tuple[list[str], dict[str, Any]]:
    """What is wrong with one row by itself, and what its body holds, as far as it can be read.

    `known` is what its body holds, its record aside, for whoever has read it already.
    """
    if chain_of(row.prev, leaf) != row.hash:
        return ["the entry's bytes do not give its hash"], {}
    try:
        body = read_body(row.body) if known is None else known
    except (ValueError, RecursionError) as error:
        return [f"the entry's bytes cannot be read: {error}"], {}
    problems = []
    if body.get("seq") != row.seq:
        problems.append(f"the entry says that its number is {body.get('seq')!r}")
    if str(body.get("id")).encode() != row.event_id:
        problems.append(f"the entry says that its id is {body.get('id')!r}")
    problems += [
        f"the entry's {name} is no text"
        for name in ("type", "subject")
        if not isinstance(body.get(name), str)
    ]
    return problems, body


def read_row(row: Row) -> StoredEvent:
    """The event that a row holds; a row that does not give its own hash is never believed.

    Raises:
        ChainBrokenError: the row was changed.
        LedgerError: another version of ops-model wrote it.
    """
    known, record = _apart(row.body)
    problems, body = examined(row, leaf_hash(row.body), known)
    if problems:
        raise ChainBrokenError(
            "; ".join(problems),
            where=row.place,
            remedy="find out who changed it, and restore the ledger from a copy that verifies",
        )
    content = {k: v for k, v in body.items() if k not in {"v", "seq"}}
    if known is None:
        content["data"], record = _without_record(content.get("data"))
    try:
        event = LedgerEvent.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise LedgerError(
            f"is no event that this version of ops-model knows: {place}: {first['msg']}",
            where=row.place,
            remedy="read it with the version of ops-model that wrote it",
        ) from error
    # Where it stood apart, the digest is the one that the entry says.
    digest = "" if not record else digest_of(record) if known is None else event.data["digest"]
    return StoredEvent(row.seq, event, row.hash.hex(), record, digest)


def _apart(body: bytes) -> tuple[dict[str, Any] | None, bytes]:
    """What an entry holds but its record, and the record's bytes; nothing where that is not sure.

    The rest is read with null in the place of the record. Quotes inside a text are escaped, so
    what is looked for is a key: the record's, where the null there is the only one and the bytes
    give the digest that the entry says.
    """
    begin, end = body.find(_RECORD) + len(_RECORD), body.rfind(_BEHIND_DATA)
    if not len(_RECORD) <= begin < end or body[begin] != _OPENED:
        return None, b""
    rest = body[:begin] + b"null" + body[end:]
    content = read_exactly(rest) if rest.count(_NO_RECORD) == 1 else None
    data = content.get("data") if isinstance(content, dict) else None
    record = body[begin:end]
    if not isinstance(data, dict) or data.pop("record", rest) is not None:
        return None, b""
    return (content, record) if data.get("digest") == digest_of(record) else (None, b"")


def _without_record(data: object) -> tuple[object, bytes]:
    """The same of an entry that had to be read whole; what is no record stays where it is."""
    record = data.get("record") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(record, dict):
        return data, b""
    try:
        told = canonical_bytes(record)
    except (ValueError, RecursionError):  # half of a character, say
        return data, b""
    return {k: v for k, v in data.items() if k != "record"}, told
