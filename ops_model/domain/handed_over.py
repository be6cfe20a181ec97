"""What shows that a handoff happened: who accepted it, and the drill that the newcomer led."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta

from ops_model.domain.evidence import Attestation, Statement
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.ownership import Handoff, acceptances
from ops_model.domain.rollback import RollbackDrill
from ops_model.domain.values import Where


def accepted_by(
    handoff: Handoff, statements: Iterable[Statement], *, at: datetime
) -> tuple[str, ...]:
    """Who accepted it: by a word that holds at an instant, or that held when it took effect."""
    words = [s.record for s in statements if isinstance(s.record, Attestation)]
    then = datetime.combine(handoff.effective, time(), tzinfo=UTC)
    instants = (at, min(then, at))
    return tuple(dict.fromkeys(p for i in instants for p in acceptances(handoff, words, at=i)))


def drill_led(
    handoff: Handoff, statements: Sequence[Statement], *, max_days: float
) -> Where | None:
    """Where the ledger has a passed drill that the newcomer led, not long before the day."""
    since = handoff.effective - timedelta(days=max_days)
    led = [
        s.place
        for s in statements
        if isinstance(s.record, RollbackDrill | FallbackDrill)
        and s.record.kind == f"{handoff.drill}_drill"
        and s.record.performed_by == handoff.incoming
        and s.record.passed
        and s.record.done_at.date() >= since
    ]
    return led[-1] if led else None
