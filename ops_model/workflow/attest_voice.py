"""Who may say what about a system, and which of its texts they say it about."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches

from ops_model.check.grading import asks_signed_witness
from ops_model.domain.evidence import (
    Attestation,
    AttestationTopic,
    ClaimRef,
    OwnerKnowledge,
    Statement,
)
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.ownership import Ownership
from ops_model.domain.people import Person
from ops_model.domain.rollback import RollbackDrill
from ops_model.domain.signers import SIGNERS_FILE
from ops_model.domain.trials import GameDayResult
from ops_model.domain.values import zone
from ops_model.domain.voice import DOMAIN_FILES, OWNERS_WORD, area_of, domains_of, owners
from ops_model.errors import UsageError
from ops_model.workflow.attest_rules import About

PINNED: Mapping[AttestationTopic, tuple[str, ...]] = {
    "ownership": ("ownership", "identity", "service_levels"),
    "decisions": ("decisions",),
    "knowledge": ("identity",),
}
"""The areas whose files a topic is said about; a change of one of them voids the word."""


def require_person(model: OperatingModel, person_id: str, as_of: datetime) -> Person:
    """The person of this id, who works here at `as_of`; anybody else is refused."""
    person = model.people.person(person_id)
    if person is None:
        raise UsageError(
            f"there is nobody {person_id!r} in people.yaml",
            where="people.yaml",
            remedy=_nearest(person_id, [p.id for p in model.people.people], "nobody"),
        )
    day = as_of.astimezone(zone(person.zone)).date()
    if not person.active_on(day):
        until = f" to {person.active_to}" if person.active_to else ""
        raise UsageError(
            f"{person.id} works here from {person.active_from}{until}, not on {day}",
            where=str(person.where),
            remedy="let somebody say it who works here then",
        )
    return person


def require_voice(
    system: SystemClaims, speaker: Person, topic: AttestationTopic, about: About
) -> None:
    """Refuse who may not say this, and what this system does not have."""
    if topic in OWNERS_WORD:
        _require_owner(system, speaker)
    if about.knowledge is not None:
        _require_failure_modes(system, about.knowledge)
    if about.handoff is not None:
        _require_party(system, speaker, about.handoff)
    if topic == "claims":
        _require_keeper(system, speaker, about.files)


def _owned(system: SystemClaims) -> Ownership:
    place = system.missing_file("ownership")
    if system.ownership is None:
        raise UsageError(
            "nobody owns this system yet, so nobody can speak as its owner",
            where=str(place),
            remedy=f"write who is accountable into {place}",
        )
    return system.ownership


def _require_owner(system: SystemClaims, speaker: Person) -> None:
    ownership = _owned(system)
    named = owners(ownership)
    if speaker.id not in named:
        raise UsageError(
            f"{speaker.id} is neither accountable for {system.id} nor deputy",
            where=str(ownership.where),
            remedy=f"let {' or '.join(named)} say it",
        )


def _require_failure_modes(system: SystemClaims, knowledge: OwnerKnowledge) -> None:
    declared = [mode.id for mode in system.identity.failure_modes]
    where = str(system.identity.place_of("failure_modes"))
    if not knowledge.failure_modes:
        raise UsageError(
            "no failure mode is named, and an owner knows how the system fails",
            where=where,
            remedy=f"name them with --failure-mode: {', '.join(declared) or 'write them first'}",
        )
    for mode in knowledge.failure_modes:
        if mode not in declared:
            raise UsageError(
                f"there is no failure mode {mode!r} in system.yaml",
                where=where,
                remedy=_nearest(mode, declared, "none yet"),
            )


def _require_party(system: SystemClaims, speaker: Person, handoff_id: str) -> None:
    ownership = _owned(system)
    handoff = ownership.handoff(handoff_id)
    if handoff is None:
        raise UsageError(
            f"there is no handoff {handoff_id!r} in ownership.yaml",
            where=str(ownership.place_of("handoffs")),
            remedy=_nearest(handoff_id, [h.id for h in ownership.handoffs], "none yet"),
        )
    parties = handoff.parties(ownership.accountable)
    if speaker.id not in parties:
        raise UsageError(
            f"{speaker.id} neither hands over nor takes over in {handoff.id}, nor is accountable",
            where=str(handoff.where),
            remedy=f"let {' and '.join(parties)} accept it, each for themselves",
        )


def _require_keeper(system: SystemClaims, speaker: Person, files: Sequence[str]) -> None:
    ownership = _owned(system)
    if speaker.id in owners(ownership):
        return
    held = domains_of(ownership, speaker.id)
    areas = {area for domain in held for area in DOMAIN_FILES[domain]}
    chosen = [ref.file for ref in pinned(system, "claims", files)]
    beyond = [file for file in chosen if area_of(file) not in areas]
    if not beyond:
        return
    answers = f"answers for {' and '.join(held)} only" if held else "answers for none of its files"
    theirs = [ref.file for ref in system.claim_refs() if area_of(ref.file) in areas]
    others = f"let {' or '.join(owners(ownership))} say it"
    raise UsageError(
        f"{speaker.id} {answers}, not for {', '.join(beyond)}",
        where=str(ownership.where),
        remedy=f"name {', '.join(theirs)} with --file, or {others}" if theirs else others,
    )


def pinned(
    system: SystemClaims, topic: AttestationTopic, files: Sequence[str]
) -> tuple[ClaimRef, ...]:
    """The claims that a topic is about; to speak about files that are not there is refused."""
    if topic == "claims":
        return _chosen(system, files)
    areas = PINNED.get(topic, ())
    refs = system.claim_refs(*areas) if areas else ()
    if areas and not refs:
        places = " and ".join(str(system.missing_file(area)) for area in areas)
        raise UsageError(f"there is no {places} to speak about", remedy="write the file first")
    return refs


def _chosen(system: SystemClaims, files: Sequence[str]) -> tuple[ClaimRef, ...]:
    there = {ref.file: ref for ref in system.claim_refs()}
    names = [file.removeprefix(f"systems/{system.id}/") for file in files] or list(there)
    for name in names:
        if name not in there:
            raise UsageError(
                f"there is no {name!r} in systems/{system.id}",
                where=f"systems/{system.id}/",
                remedy=_nearest(name, list(there), "no file yet"),
            )
    return tuple(there[name] for name in dict.fromkeys(names))


def require_statement(
    statements: Sequence[Statement],
    model: OperatingModel,
    system: SystemClaims,
    record: Attestation,
) -> None:
    """Refuse a record that this system does not have, and a witness who would not count.

    An enrolment that comes later signs no word of before, so nothing is lost by saying it then.
    """
    found = next((s for s in statements if s.digest == record.of), None)
    if found is None:
        raise UsageError(
            f"no statement about {system.id} has the digest {record.of!r}",
            where="ledger",
            remedy="copy the digest of the record from the review page or from the run's output",
        )
    drill = found.record
    attended = isinstance(drill, RollbackDrill | FallbackDrill | GameDayResult)
    if record.topic == "attendance" and not attended:
        raise UsageError(
            f"the record is no drill but of kind {drill.kind}, and nobody attends that",
            where=str(found.place),
            remedy="name the digest of a drill's or a game day's record",
        )
    if record.topic != "witness" or not isinstance(drill, RollbackDrill | FallbackDrill):
        return
    if drill.performed_by == record.person:
        _refuse_witness(found, f"{record.person} performed this drill")
    plan = system.rollback if isinstance(drill, RollbackDrill) else None
    if plan is not None and plan.author == record.person:
        _refuse_witness(found, f"{record.person} wrote the plan of this drill")
    if record.person in model.builders(system):
        _refuse_witness(found, f"{record.person} is among those who built the version")
    if record.assurance != "signed" and asks_signed_witness(system, model.signers):
        _refuse_unsigned(found, model, system, record.person)


def _refuse_witness(found: Statement, why: str) -> None:
    raise UsageError(
        f"{why}, and nobody is a witness of their own work",
        where=str(found.place),
        remedy="let somebody say it who was there, neither wrote the plan nor performed it, and "
        "did not build the version",
    )


def _refuse_unsigned(
    found: Statement, model: OperatingModel, system: SystemClaims, person: str
) -> None:
    asked = f"{SIGNERS_FILE} holds keys" if model.signers else f"{system.id} is of tier A"
    raise UsageError(
        f"the word of {person} is not signed, and {asked}: it would not raise the drill's grade; "
        "expected --key",
        where=str(found.place),
        remedy=f"say it with --key and a key that is enrolled for {person} in {SIGNERS_FILE}; "
        "somebody else enrols it",
    )


def _nearest(name: str, known: Sequence[str], none: str) -> str:
    near = get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else f"it has: {', '.join(known) or none}"
