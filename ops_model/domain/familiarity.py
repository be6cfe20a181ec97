"""Who has practised on a system, by what is on record; nobody writes this down as a claim."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from ops_model.domain.evidence import Attestation, Statement
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.rollback import RollbackDrill


def last_drilled(statements: Iterable[Statement], *, as_of: datetime) -> Mapping[str, datetime]:
    """When each person last performed a drill, or attested to have attended one, by `as_of`.

    Args:
        statements: those about one system. An attestation that expired still says that somebody
            was there, and a drill that failed was a drill.
        as_of: what came later does not count.

    Returns:
        Ids of people with the instant; whoever never drilled is not in it.
    """
    found: dict[str, datetime] = {}
    for statement in statements:
        person = _practised(statement)
        if person is not None and statement.as_of <= as_of:
            found[person] = max(statement.as_of, found.get(person, statement.as_of))
    return found


def _practised(statement: Statement) -> str | None:
    record = statement.record
    if isinstance(record, RollbackDrill | FallbackDrill):
        return record.performed_by
    if isinstance(record, Attestation) and record.topic == "attendance":
        return record.person
    return None
