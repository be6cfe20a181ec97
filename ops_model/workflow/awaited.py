"""Until when each system's next report is due, as its pages say it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ops_model.domain.awaited import Awaited, earliest, first_missing, lived, next_slot
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.schedules import Schedule, Slot
from ops_model.workflow.begun import beginnings
from ops_model.workflow.slots import ABOUT_ALL, recent, systems_of

Arrived = Mapping[tuple[str, str], Collection[datetime]]
"""By notebook and system, the instants whose report arrived."""


def awaited(
    model: OperatingModel,
    there: Arrived,
    *,
    as_of: datetime,
    about_all: frozenset[str] = ABOUT_ALL,
    seen: Mapping[str, datetime] | None = None,
) -> dict[str, Awaited]:
    """By system, or `portfolio`, the report that is due first; none in a replay workbook.

    Nor is one of a system that retired, once the last that it owed is too old to be caught up.

    Args:
        model: the workbook, with its schedules.
        there: the reports that arrived.
        as_of: the instant that judges.
        about_all: the notebooks that run once for all systems together.
        seen: by system its earliest entry on the ledger, for one whose claims tell no beginning.
    """
    if model.settings.as_of is not None:
        return {}
    begun = beginnings(model, seen or {}, as_of=as_of)
    systems = {system.id: system for system in model.systems}
    found: dict[str, list[Awaited]] = {}
    for line in model.settings.schedules:
        slots = _Slots.of(line, model.settings.zone, as_of)
        for system in systems_of(model, line, about_all):
            sealed = there.get((line.notebook, system), ())
            slot = slots.waited_for(systems.get(system), sealed, begun.get(system))
            if slot is not None:
                one = Awaited(Slot(slot, system, line.notebook), line.due_by(slot))
                found.setdefault(system, []).append(one)
    return {system: first for system, of in found.items() if (first := earliest(of))}


@dataclass(frozen=True)
class _Slots:
    """The slots of a line at an instant: all of the past, those still caught up, the next."""

    line: Schedule
    back: Sequence[datetime]
    recent: Sequence[datetime]
    upcoming: datetime

    @classmethod
    def of(cls, line: Schedule, zone: str, as_of: datetime) -> "_Slots":
        back, still = tuple(line.back(as_of, zone)), recent(line, zone, as_of)
        return cls(line, back, still, next_slot(line, zone, after=as_of))

    def waited_for(
        self,
        system: SystemClaims | None,
        sealed: Collection[datetime],
        begun: datetime | None,
    ) -> datetime | None:
        """The slot whose report is waited for; None where there will be none."""
        upcoming = next(iter(lived((self.upcoming,), system)), None)
        first = self.line.since or min(sealed, default=None)
        never = first is None
        back = self.recent if never or upcoming is None else self.back
        return first_missing(
            lived(back, system), upcoming, sealed, first=begun if never else first
        )
