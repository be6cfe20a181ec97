"""Until when an approval holds and where it was given, for whoever shows it."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from ops_model.domain.decisions import Condition
from ops_model.domain.quorum_standing import SeatState
from ops_model.domain.values import zone


def why_it_ends(state: SeatState, conditions: Sequence[Condition], zone_name: str) -> str:
    """What ends an approval before the end that its signer gave it; empty where that is unknown.

    Args:
        state: how the seat stands.
        conditions: those of the review.
        zone_name: where the organisation is, whose days the conditions count.
    """
    late = [c.id for c in conditions if _over(c, zone_name) == state.until]
    return f"when condition {late[0]} is overdue" if late else ""


def signed_until(state: SeatState) -> datetime | None:
    """The end that the signer gave an approval, where something else ends it before."""
    if state.found is None or state.until is None:
        return None
    given = state.found.record.expires
    return given if given != state.until else None


def reference_of(state: SeatState) -> str | None:
    """Where a seat decided, when that was elsewhere."""
    proof = state.found.statement.proof if state.found is not None else None
    return proof.reference if proof is not None and proof.kind == "reference" else None


def _over(condition: Condition, zone_name: str) -> datetime:
    after = condition.due + timedelta(days=1)
    return datetime.combine(after, time(), zone(zone_name)).astimezone(UTC)
