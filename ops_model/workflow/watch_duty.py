"""Whether a page about a system that serves people would reach somebody: now, and in a day."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from ops_model.domain.alerts import AlertSeverity, Concern
from ops_model.domain.duty import Duty, window_from
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.values import iso_utc

_AHEAD = timedelta(days=1)
_BACK_DAYS = 7
"""A hole that began before that is said to be so old."""


def duty_concerns(
    model: OperatingModel, system: SystemClaims, *, as_of: datetime
) -> Iterator[Concern]:
    """The hole in the primary rota that stands now, else the first one within a day.

    A system that serves nobody pages nobody, so its rota is left to the checks.

    Args:
        model: the workbook, with its people.
        system: one of its systems.
        as_of: the instant that judges.

    Raises:
        UsageError: no rota can be resolved for that year.
    """
    if not system.identity.in_production_at(as_of):
        return
    looked_from = as_of - timedelta(days=_BACK_DAYS)
    duty = Duty.of(model, system, window_from(looked_from, _BACK_DAYS + 2))
    instants = [*(at for at in duty.instants() if at < as_of), as_of]
    if why := duty.hole("primary", as_of):
        since = as_of
        for at in reversed(instants):
            if not duty.hole("primary", at):
                break
            since = at
        # Told once while it stands; since when is no part of what it is, where it is long ago.
        yield _concern(system, "page", "", since, f"a page reaches nobody primary: {why}")
        return
    ahead = (at for at in duty.instants() if as_of < at <= as_of + _AHEAD)
    first = next((at for at in ahead if duty.hole("primary", at)), None)
    if first is not None:
        begins_at = iso_utc(first)
        why = f"from {begins_at} on a page reaches nobody primary: {duty.hole('primary', first)}"
        yield _concern(system, "ticket", begins_at, first, why)


def _concern(
    system: SystemClaims, severity: AlertSeverity, of: str, since: datetime, why: str
) -> Concern:
    ownership = system.ownership
    return Concern(
        system=system.id, kind="rota", about="primary", of=of, severity=severity,
        since=since, why=why, check="ONC-03",
        remedy=f"give the turn to somebody in systems/{system.id}/on_call.yaml, as an override or "
        f"a layer; `ops-model oncall {system.id}` shows who is paged then",
        owner=ownership.accountable if ownership is not None else None,
    )  # fmt: skip
