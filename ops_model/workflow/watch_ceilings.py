"""How ceilings stand, as concerns beside the others; they are told by messages of their own."""

from collections.abc import Iterator
from datetime import datetime

from ops_model.domain.alerts import AlertSeverity, Concern
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.spend import CeilingLevel, CeilingState, CeilingWatch
from ops_model.errors import OpsModelError
from ops_model.workflow.ceiling_news import about_of

_SEVERITIES: dict[CeilingLevel, AlertSeverity] = {
    "crossed": "page", "page": "page", "ticket": "ticket", "unknown": "ticket", "warned": "info",
}  # fmt: skip


def ceiling_concerns(seen: CeilingWatch) -> Iterator[Concern]:
    """Each ceiling that is not quiet; what is over is for reading only."""
    for state in (*seen.ceilings, *seen.also):
        if state.state != "quiet":
            yield _concern(seen, state)


def unread_ceilings(system: SystemClaims, error: OpsModelError, as_of: datetime) -> Concern:
    """The ceilings of a system cannot be watched, which nobody may take for quiet."""
    problem = error.problems[0]
    cost = system.cost
    return Concern(
        system=system.id, kind="unread", about="ceilings", severity="ticket", since=as_of,
        why=f"the ceilings cannot be watched: {problem.message}",
        remedy=problem.remedy or "see what `ops-model watch --cost` says of it",
        owner=next((c.owner for c in cost.ceilings), None) if cost is not None else None,
        route=next((c.alert_route for c in cost.ceilings if c.alert_route), None)
        if cost is not None else None, check="CST-02",
    )  # fmt: skip


def _concern(seen: CeilingWatch, state: CeilingState) -> Concern:
    of = f" ({state.of})" if state.of else ""
    return Concern(
        system=seen.system, kind="ceiling", about=f"{state.ceiling}{of}",
        of=about_of(state, seen.as_of), since=state.crossed_at or seen.as_of,
        severity="info" if state.over else _SEVERITIES[state.state],
        why=f"{state.state}: {state.why}", owner=state.owner, route=state.route, check="CST-02",
        remedy=f"at the ceiling: {state.hard_action.replace('_', ' ')}",
        simulated=seen.simulated,
    )  # fmt: skip
