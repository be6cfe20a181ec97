"""What the last watches of a system's ceilings saw, for checks that ask how one stood."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from ops_model.check.context import Context
from ops_model.domain.cost import CostCeiling
from ops_model.domain.spend import CeilingState, CeilingWatch
from ops_model.domain.values import Where


@dataclass(frozen=True)
class Seen:
    """How one ceiling stood when it was looked at, and the ledger entry that says so."""

    state: CeilingState
    at: datetime
    where: Where

    @property
    def day(self) -> date:
        """The UTC day that a ceiling per day was about."""
        return self.at.astimezone(UTC).date()


def watched_states(ctx: Context, ceiling: CostCeiling, *, within: timedelta) -> Sequence[Seen]:
    """How a ceiling stood each time that it was looked at lately, oldest first."""
    found = [e for e in ctx.evidence.all(CeilingWatch) if ctx.as_of - e.record.as_of <= within]
    return [
        Seen(state, e.record.as_of, e.where)
        for e in sorted(found, key=lambda e: (e.record.as_of, e.statement.seq))
        for state in e.record.ceilings
        if state.ceiling == ceiling.id
    ]
