"""Which events are evidence, and how one of them becomes a statement."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from ops_model.domain.evidence import LedgerEvent, RunOrigin, Statement
from ops_model.domain.proof import Proof
from ops_model.domain.records import read_record
from ops_model.domain.values import Digest, Value, digest_of
from ops_model.errors import ChainBrokenError, IntegrityError
from ops_model.store.ledger_chain import StoredEvent

TOOL_ACTOR = "tool:ops-model"
_TELLING = frozenset(
    {"evidence.published", "attestation.given", "signoff.given", "signoff.revoked"}
)
_SAID = _TELLING - {"evidence.published"}
_NOT_OURS = "find out who wrote the entry; ops-model writes no such thing"


def evidence_among(events: Sequence[StoredEvent]) -> tuple[Statement, ...]:
    """The statements that the events of one system make, in their order.

    Raises:
        ChainBrokenError: a record is not what its digest says.
        IntegrityError: an entry is no evidence, or holds a kind that this version does not know.
    """
    finished = {s.event.data.get("run_id") for s in events if s.event.type == "run.finished"}
    told = [(s, _evidence_in(s)) for s in events if s.event.type in _TELLING]
    return tuple(_statement(s, e) for s, e in told if _counts(s.event, e, finished))


class _Evidence(Value, extra="ignore"):
    """What `evidence.published` and `attestation.given` carry."""

    record: Mapping[str, Any]
    digest: Digest
    origin: RunOrigin | None = None
    proof: Proof | None = None


def _evidence_in(stored: StoredEvent) -> _Evidence:
    try:
        return _Evidence.model_validate(dict(stored.event.data))
    except ValidationError as error:
        raise IntegrityError(
            f"is no evidence: {error.errors(include_url=False)[0]['msg']}",
            where=f"ledger:{stored.seq}",
            remedy=_NOT_OURS,
        ) from error


def _counts(event: LedgerEvent, evidence: _Evidence, finished: Collection[object]) -> bool:
    if event.type in _SAID:
        return True
    if evidence.origin is None:
        return event.actor == TOOL_ACTOR
    return evidence.origin.run_id in finished


def _statement(stored: StoredEvent, evidence: _Evidence) -> Statement:
    event, place = stored.event, f"ledger:{stored.seq}"
    if digest_of(evidence.record) != evidence.digest:
        raise ChainBrokenError(
            f"the record's digest is {digest_of(evidence.record)}; the entry says "
            f"{evidence.digest}",
            where=place,
            remedy=_NOT_OURS,
        )
    try:
        record = read_record(evidence.record)
    except IntegrityError as error:
        problem = error.problems[0]
        raise IntegrityError(problem.message, where=place, remedy=problem.remedy) from error
    return Statement(
        seq=stored.seq,
        id=event.id,
        subject=event.subject,
        as_of=event.as_of,
        recorded_at=event.recorded_at,
        digest=evidence.digest,
        actor=event.actor,
        origin=evidence.origin,
        proof=evidence.proof,
        record=record,
    )
