"""Since when a report of each system had to come, where its line and its runs do not say."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from ops_model.domain.evidence import LedgerEvent
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.portfolio_status import PORTFOLIO


def beginnings(
    model: OperatingModel, seen: Mapping[str, datetime], *, as_of: datetime
) -> dict[str, datetime]:
    """By system when it began to serve, else to be worked on, else to be on record.

    `portfolio` began with the first of them. One of which nothing is known is not in it, nor one
    that begins later.

    Args:
        model: the workbook.
        seen: by system its earliest entry on the ledger, from `first_seen`.
        as_of: the instant that judges.
    """
    told = {system.id: _began(system, seen, as_of) for system in model.systems}
    found = {system: at for system, at in told.items() if at is not None}
    every = [at for at in (*found.values(), *seen.values()) if at <= as_of]
    return {**found, PORTFOLIO: min(every)} if every else found


def first_seen(events: Iterable[LedgerEvent]) -> dict[str, datetime]:
    """By system, the instant of the earliest that the ledger tells of it."""
    found: dict[str, datetime] = {}
    for event in events:
        found[event.subject] = min(event.as_of, found.get(event.subject, event.as_of))
    return found


def _began(system: SystemClaims, seen: Mapping[str, datetime], as_of: datetime) -> datetime | None:
    identity = system.identity
    staged = min((change.at for change in identity.stage_history), default=None)
    told = (identity.went_live_at, staged, seen.get(system.id))
    return next((at for at in told if at is not None and at <= as_of), None)
