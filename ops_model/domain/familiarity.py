"""Who has practised on a system, by what is on record; nobody writes this down as a claim."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from ops_model.domain.evidence import Attestation, Statement
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.rollback import RollbackDrill

_DRILLS = (RollbackDrill, FallbackDrill)
PRACTISED = (*_DRILLS, Attestation)
"""The records that may say that somebody practised."""


def last_drilled(statements: Iterable[Statement], *, as_of: datetime) -> Mapping[str, datetime]:
    """When each person last performed a drill, or attested to have attended one, by `as_of`.

    Args:
        statements: those about one system. An attestation that expired still says that somebody
            was there, and a drill that failed was a drill. A word about anything else than a drill
            among them is none.
        as_of: what came later does not count.

    Returns:
        Ids of people with the instant; whoever never drilled is not in it.
    """
    told = [statement for statement in statements if statement.as_of <= as_of]
    drills = {s.digest: s.as_of for s in told if isinstance(s.record, _DRILLS)}
    found: dict[str, datetime] = {}
    for statement in told:
        person, at = _practised(statement, drills)
        if person is not None:
            found[person] = max(at, found.get(person, at))
    return found


def _practised(
    statement: Statement, drills: Mapping[str, datetime]
) -> tuple[str | None, datetime]:
    """Who practised by a statement, and when: whoever was there practised when the drill was."""
    record = statement.record
    if isinstance(record, _DRILLS):
        return record.performed_by, statement.as_of
    if isinstance(record, Attestation) and record.topic == "attendance":
        at = drills.get(record.of or "")
        return (record.person, at) if at is not None else (None, statement.as_of)
    return None, statement.as_of
