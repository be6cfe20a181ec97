"""Which events are evidence, and how one of them becomes a statement."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import ValidationError

from ops_model.domain.evidence import LedgerEvent, RunOrigin, Statement
from ops_model.domain.proof import Proof
from ops_model.domain.records import read_stored_record
from ops_model.domain.scalars import Digest
from ops_model.domain.trials import Reproduction
from ops_model.domain.values import Value
from ops_model.errors import ChainBrokenError, IntegrityError
from ops_model.store.ledger_chain import StoredEvent

TOOL_ACTOR = "tool:ops-model"
_TELLING = frozenset(
    {"evidence.published", "attestation.given", "signoff.given", "signoff.revoked"}
)
_SAID = _TELLING - {"evidence.published"}
NOT_SET_BACK: Mapping[int, datetime] = {}
"""When the clock is not in question."""
_NOT_OURS = "find out who wrote the entry; ops-model writes no such thing"


def evidence_among(
    events: Sequence[StoredEvent], clocks: Mapping[int, datetime] = NOT_SET_BACK
) -> tuple[Statement, ...]:
    """The statements that the events of one system make, in their order.

    Args:
        events: what the ledger holds about the system.
        clocks: the latest clock of the whole ledger by an entry, where the entry's own is earlier.

    Raises:
        ChainBrokenError: a record is not what its digest says.
        IntegrityError: an entry is no evidence, or holds a kind that this version does not know.
    """
    ended = [s.event.data for s in events if s.event.type == "run.finished"]
    named = [data for data in ended if isinstance(data.get("run_id"), str)]
    finished = {data["run_id"]: data.get("reproduces") for data in named}
    told = [(s, _evidence_in(s)) for s in events if s.event.type in _TELLING]
    statements = (
        _statement(s, e, clocks.get(s.seq)) for s, e in told if _counts(s.event, e, finished)
    )
    return tuple(statement for statement in statements if _repeated(statement, finished))


class _Evidence(Value, extra="ignore"):
    """What `evidence.published` and `attestation.given` carry."""

    digest: Digest
    origin: RunOrigin | None = None
    proof: Proof | None = None


def _evidence_in(stored: StoredEvent) -> _Evidence:
    try:
        found = _Evidence.model_validate(dict(stored.event.data))
    except ValidationError as error:
        raise _no_evidence(stored, error.errors(include_url=False)[0]["msg"]) from error
    if not stored.record:
        raise _no_evidence(stored, "it holds no record")
    return found


def _no_evidence(stored: StoredEvent, why: str) -> IntegrityError:
    return IntegrityError(f"is no evidence: {why}", where=f"ledger:{stored.seq}", remedy=_NOT_OURS)


def _counts(event: LedgerEvent, evidence: _Evidence, finished: Mapping[str, object]) -> bool:
    """True for a word, for what a finished run found, and for what the tool saw.

    `finished` holds the runs that ended and, of each, the one that it repeats.
    """
    if event.type in _SAID:
        return True
    if evidence.origin is None:
        return event.actor == TOOL_ACTOR
    return evidence.origin.run_id in finished


def _repeated(statement: Statement, finished: Mapping[str, object]) -> bool:
    """True when the runner compared two runs, and the second one ended as a repetition.

    Without that end it would be a sentence that nothing on the ledger bears out; what a notebook
    prints of a repetition is none. All that is no comparison passes.
    """
    told = statement.record
    if not isinstance(told, Reproduction):
        return True
    return statement.origin is None and finished.get(told.again) == told.run_id


def _statement(stored: StoredEvent, evidence: _Evidence, clock: datetime | None) -> Statement:
    event, place = stored.event, f"ledger:{stored.seq}"
    if stored.digest != evidence.digest:
        raise ChainBrokenError(
            f"the record's digest is {stored.digest}; the entry says {evidence.digest}",
            where=place,
            remedy=_NOT_OURS,
        )
    try:
        record = read_stored_record(stored.record)
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
        clock=clock,
        record=record,
    )
