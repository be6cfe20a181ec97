"""A named person says this very thing: recorded as asserted, about claims pinned by digest."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches
from pathlib import Path

from ops_model.domain.evidence import (
    Attestation,
    AttestationTopic,
    ClaimRef,
    LedgerEvent,
    Statement,
)
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.people import Person
from ops_model.domain.values import digest_of
from ops_model.errors import UsageError
from ops_model.workflow.open import known_system, refuse_ahead

MIN_TEXT = 20
MAX_DAYS = 365
MAX_TEXT = 4000

PINNED: Mapping[AttestationTopic, tuple[str, ...]] = {
    "ownership": ("ownership", "identity", "service_levels"),
    "decisions": ("decisions",),
    "handoff": (),
    "attendance": (),
    "witness": (),
    "access": (),
}
"""The areas whose files a topic is said about; a change of one of them voids the word."""
OWNERS_WORD: frozenset[AttestationTopic] = frozenset({"ownership", "decisions"})
"""What only the accountable owner or the deputy can say: it makes their claims count for more."""

# What reaches a person: an address, or a number with a country code or grouped as phone numbers
# are. Dates, times and counts are no such thing.
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_PHONE = re.compile(
    r"(?<![\w.:-])(?:\+\d[\d ()./-]{6,}\d|\(?0\d{1,4}\)?[ ./-]?\d[\d ./-]{4,}\d"
    r"|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4})(?!\w)"
)


def attest(
    root: Path,
    model: OperatingModel,
    system_id: str,
    *,
    topic: AttestationTopic,
    person: str,
    text: str,
    of: str | None = None,
    as_of: datetime,
    recorded_at: datetime,
    valid_days: int = 180,
    event_id: str,
) -> Statement:
    """Append what a person says to the ledger.

    It is asserted, not signed: the ledger knows which name was given, not who typed it.

    Args:
        root: the workbook's folder.
        model: what was read from it.
        system_id: the system that it is about.
        topic: what kind of thing is said; `PINNED` has the claims that each is about.
        person: an id of people.yaml, at work at `as_of`; for `ownership` and `decisions` the
            accountable owner or the deputy.
        text: the very words, at least 20 characters, without contacts.
        of: the digest of a statement of this system; a witness owes one.
        as_of: the logical instant at which it is said; not after `recorded_at`.
        recorded_at: the wall clock.
        valid_days: how long it holds, 1 to 365.
        event_id: makes a repeated call harmless.

    Raises:
        UsageError: any of these is not so; nothing was recorded.
        LedgerError: the ledger cannot be written.
    """
    from ops_model.store.ledger import Ledger

    refuse_ahead(as_of, recorded_at)
    system = known_system(model, system_id)
    speaker = _speaker(model, person, as_of)
    if topic in OWNERS_WORD:
        _require_owner(system, speaker)
    _require_term(valid_days)
    _require_subject(topic, of)
    record = Attestation(
        system=system.id,
        as_of=as_of,
        claims=_pinned(system, topic),
        topic=topic,
        person=speaker.id,
        text=_plain_words(text),
        of=of,
        expires=as_of + timedelta(days=valid_days),
    )
    event = LedgerEvent(
        id=event_id,
        type="attestation.given",
        subject=system.id,
        as_of=as_of,
        recorded_at=recorded_at,
        actor=f"person:{speaker.id}",
        data={"record": record.model_dump(mode="json"), "digest": digest_of(record)},
    )
    with Ledger.open(root / model.settings.ledger, create=of is None) as ledger:
        if of is not None:
            _require_statement(ledger.statements(system.id), system.id, of)
        seq = ledger.append(event)
    return Statement(
        seq=seq,
        id=event.id,
        subject=event.subject,
        as_of=event.as_of,
        recorded_at=event.recorded_at,
        digest=digest_of(record),
        actor=event.actor,
        record=record,
    )


def _speaker(model: OperatingModel, person_id: str, as_of: datetime) -> Person:
    person = model.people.person(person_id)
    if person is None:
        ids = [p.id for p in model.people.people]
        near = get_close_matches(person_id, ids, n=1)
        raise UsageError(
            f"there is nobody {person_id!r} in people.yaml",
            where="people.yaml",
            remedy=f"did you mean {near[0]}?" if near else f"it has: {', '.join(ids) or 'nobody'}",
        )
    if not person.active_on(as_of.date()):
        until = f" to {person.active_to}" if person.active_to else ""
        raise UsageError(
            f"{person.id} works here from {person.active_from}{until}, not on {as_of.date()}",
            where=str(person.where),
            remedy="let somebody say it who works here then",
        )
    return person


def _require_owner(system: SystemClaims, speaker: Person) -> None:
    place = system.missing_file("ownership")
    if system.ownership is None:
        raise UsageError(
            "nobody owns this system yet, so nobody can speak as its owner",
            where=str(place),
            remedy=f"write who is accountable into {place}",
        )
    owners = [o for o in (system.ownership.accountable, system.ownership.deputy) if o]
    if speaker.id not in owners:
        raise UsageError(
            f"{speaker.id} is neither accountable for {system.id} nor deputy",
            where=str(system.ownership.where),
            remedy=f"let {' or '.join(owners)} say it",
        )


def _pinned(system: SystemClaims, topic: AttestationTopic) -> tuple[ClaimRef, ...]:
    """The claims that a topic is about; to speak about files that are not there is refused."""
    areas = PINNED[topic]
    refs = system.claim_refs(*areas) if areas else ()
    if areas and not refs:
        places = " and ".join(str(system.missing_file(area)) for area in areas)
        raise UsageError(f"there is no {places} to speak about", remedy="write the file first")
    return refs


def _require_term(valid_days: int) -> None:
    if not 1 <= valid_days <= MAX_DAYS:
        raise UsageError(
            f"it shall hold {valid_days} days; expected 1 to {MAX_DAYS}",
            remedy="say it again when it has ended",
        )


def _require_subject(topic: AttestationTopic, of: str | None) -> None:
    if of is not None and not re.fullmatch(r"sha256:[0-9a-f]{64}", of):
        raise UsageError(f"{of!r} is no digest; expected sha256: and 64 hex digits")
    if topic == "witness" and of is None:
        raise UsageError(
            "a witness speaks about one record, and none is named",
            remedy="name its digest with --of; the review page shows it",
        )


def _plain_words(text: str) -> str:
    words = text.strip()
    if not MIN_TEXT <= len(words) <= MAX_TEXT:
        raise UsageError(
            f"the text has {len(words)} characters; expected {MIN_TEXT} to {MAX_TEXT}",
            remedy="say in a sentence what you know, and how you know it",
        )
    found = _EMAIL.search(words) or _PHONE.search(words)
    if found is not None:
        raise UsageError(
            f"the text holds what looks like an e-mail address or a phone number: {found[0]!r}",
            remedy="name people by their id; the ledger cannot forget a contact",
        )
    return words


def _require_statement(statements: Sequence[Statement], system_id: str, digest: str) -> None:
    if digest not in {statement.digest for statement in statements}:
        raise UsageError(
            f"no statement about {system_id} has the digest {digest!r}",
            where="ledger",
            remedy="copy the digest of the record from the review page or from the run's output",
        )
