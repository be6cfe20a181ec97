"""A named person says this very thing: signed or asserted, about claims pinned by digest."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from ops_model.check.seen import seen
from ops_model.domain.evidence import (
    AccessAction,
    Attestation,
    AttestationTopic,
    LedgerEvent,
    OwnerKnowledge,
    Statement,
)
from ops_model.domain.operating_model import OperatingModel
from ops_model.domain.ownership import acceptances
from ops_model.domain.values import digest_of
from ops_model.domain.words import Words
from ops_model.workflow.assess import evidence_of
from ops_model.workflow.attest_rules import (
    About,
    plain_words,
    require_fitting,
    require_term,
    timed,
)  # fmt: skip
from ops_model.workflow.attest_voice import (
    pinned,
    require_person,
    require_statement,
    require_voice,
)  # fmt: skip
from ops_model.workflow.ledgers import open_ledger
from ops_model.workflow.open import known_system, refuse_ahead, refuse_behind
from ops_model.workflow.prove import Means, prove, require_means


def attest(
    root: Path,
    model: OperatingModel,
    system_id: str,
    *,
    topic: AttestationTopic,
    person: str,
    text: str,
    of: str | None = None,
    handoff: str | None = None,
    knowledge: OwnerKnowledge | None = None,
    action: AccessAction | None = None,
    seconds: float | None = None,
    files: Sequence[str] = (),
    as_of: datetime,
    recorded_at: datetime,
    valid_days: int = 180,
    key: Path | None = None,
    event_id: str,
) -> Statement:
    """Append what a person says to the ledger.

    Without a key it is asserted: the ledger knows which name was given, not who typed it. Whoever
    has an enrolled key says it with that.

    Args:
        root: the workbook's folder.
        model: what was read from it.
        system_id: the system that it is about.
        topic: what kind of thing is said; who may say it depends on that.
        person: an id of people.yaml, at work at `as_of`, and at `recorded_at` unless the
            workbook pins its instant.
        text: the very words, at least 20 characters, without contacts.
        of: for `witness` and `attendance`: the digest of the record that it is about.
        handoff: for `handoff`: the id of the handoff that the person accepts.
        knowledge: for `knowledge`: purpose, training and failure modes, as the owner knows them.
        action: for `access`: what the person did, with their own access.
        seconds: for `access`: how long it took, where that was timed.
        files: for `claims`: the files whose texts are right, relative to the system's folder;
            none means all of them.
        as_of: the logical instant at which it is said; not after `recorded_at`.
        recorded_at: the wall clock.
        valid_days: how long it holds, 1 to 365.
        key: the person's own SSH key, enrolled in `allowed_signers`.
        event_id: makes a repeated call harmless.

    Raises:
        UsageError: any of these is not so; nothing was recorded.
        LedgerError: the ledger cannot be written.
    """
    about = About(of, handoff, knowledge, action, seconds, tuple(files))
    refuse_ahead(as_of, recorded_at)
    system = known_system(model, system_id)
    speaker = require_person(model, person, as_of)
    if model.settings.as_of is None:
        # Nobody who has left goes on speaking by dating the word back. A replay workbook is read
        # long after its people were at work, so there only its own instant counts.
        require_person(model, person, recorded_at)
    refuse_behind(as_of, recorded_at, model)
    require_fitting(topic, about)
    require_voice(system, speaker, topic, about)
    require_term(valid_days)
    accepted = system.ownership.handoff(handoff) if system.ownership and handoff else None
    words = Words.said(plain_words(text, about))
    record = Attestation(
        system=system.id,
        as_of=as_of,
        claims=pinned(system, topic, about.files),
        topic=topic,
        person=speaker.id,
        text=words.commitment,
        of=accepted.digest() if accepted else of,
        handoff=handoff,
        knowledge=knowledge,
        action=action,
        seconds=timed(seconds),
        assurance="asserted" if key is None else "signed",
        expires=as_of + timedelta(days=valid_days),
    )
    means, signers = Means(key=key), model.signers
    with open_ledger(root, model.settings, create=of is None) as ledger:
        if of is not None:
            require_statement(ledger.statements(system.id), model, system, record)
        at = max(recorded_at, ledger.latest_recorded() or recorded_at)
        require_means(means, signers, speaker.id, at, needed=False)
        proof = prove(record, means, signers, speaker.id, at)
        event = LedgerEvent(
            id=event_id,
            type="attestation.given",
            subject=system.id,
            as_of=as_of,
            recorded_at=recorded_at,
            actor=f"person:{speaker.id}",
            data={
                "record": record.model_dump(mode="json"),
                "digest": digest_of(record),
                **({"proof": proof.model_dump(mode="json")} if proof is not None else {}),
            },
        )
        seq = ledger.append(event, words)
        return next(s for s in ledger.statements(system.id) if s.seq == seq)


def left_to_say(root: Path, model: OperatingModel, statement: Statement) -> tuple[str, ...]:
    """What is still open after somebody spoke, a sentence each.

    For a handoff: who has accepted it, and who still has to. For an owner's knowledge: the failure
    modes that it leaves out.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    system, said = known_system(model, statement.subject), statement.record
    if not isinstance(said, Attestation):
        return ()
    if said.knowledge is not None:
        declared = [mode.id for mode in system.identity.failure_modes]
        silent = [mode for mode in declared if mode not in said.knowledge.failure_modes]
        return (f"says nothing of {', '.join(silent)}",) if silent else ()
    handoff = system.ownership.handoff(said.handoff) if system.ownership and said.handoff else None
    if system.ownership is None or handoff is None:
        return ()

    with open_ledger(root, model.settings, readonly=True) as ledger:
        told = ledger.statements(said.system, words=False)
    heard = seen(evidence_of(told, model.policy, model.signers), system, said.as_of, model.signers)
    words = [e.record for e in heard.all(Attestation)]
    accepted = acceptances(handoff, words, at=said.as_of)
    parties = handoff.parties(system.ownership.accountable)
    missing = [person for person in parties if person not in accepted]
    have = [person for person in parties if person in accepted]
    return (
        f"accepted by {', '.join(have) or 'nobody'}",
        f"still to accept: {', '.join(missing)}" if missing else "nobody else has to accept it",
    )
