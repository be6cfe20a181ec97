"""Until when each system's next report is due, as its pages say it."""

from collections.abc import Collection, Mapping
from datetime import datetime

from ops_model.domain.awaited import Awaited, earliest, first_missing, next_slot
from ops_model.domain.operating_model import OperatingModel
from ops_model.domain.schedules import Slot
from ops_model.workflow.slots import ABOUT_ALL, systems_of

Arrived = Mapping[tuple[str, str], Collection[datetime]]
"""By notebook and system, the instants whose report arrived."""


def awaited(
    model: OperatingModel,
    there: Arrived,
    *,
    as_of: datetime,
    about_all: frozenset[str] = ABOUT_ALL,
) -> dict[str, Awaited]:
    """By system, or `portfolio`, the report that is due first; none in a replay workbook.

    Args:
        model: the workbook, with its schedules.
        there: the reports that arrived.
        as_of: the instant that judges.
        about_all: the notebooks that run once for all systems together.
    """
    if model.settings.as_of is not None:
        return {}
    zone = model.settings.zone
    found: dict[str, list[Awaited]] = {}
    for line in model.settings.schedules:
        upcoming = next_slot(line, zone, after=as_of)
        back = tuple(line.back(as_of, zone))
        for system in systems_of(model, line, about_all):
            sealed = there.get((line.notebook, system), ())
            slot = first_missing(line, back, upcoming, sealed)
            one = Awaited(Slot(slot, system, line.notebook), line.due_by(slot))
            found.setdefault(system, []).append(one)
    return {system: first for system, of in found.items() if (first := earliest(of))}
