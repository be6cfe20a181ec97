"""The layers that our own export carries, held against the events beside them."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from ops_model.domain.on_call import Layer, Override, Role, Roster, Shift


def overrides_beside(
    layers: Sequence[Layer], events: Sequence[Shift], role: Role, *, since: datetime
) -> tuple[Override, ...] | None:
    """What the events change about the layers; None when the layers name somebody they do not.

    The first of two events at once wins. Beyond the last event nothing is compared: the layers go
    on, and an export has to stop somewhere.
    """
    told = Roster.of([(event,) for event in events])
    if not told.shifts:
        return ()
    start, end = max(since, told.shifts[0].start), told.shifts[-1].end
    ours = Roster.of([tuple(layer.shifts(start, end)) for layer in layers])
    instants = {start, end, *told.instants(), *ours.instants()}
    changed: list[Shift] = []
    for at, until in pairwise(sorted(i for i in instants if start <= i <= end)):
        wanted, named = told.at(at), ours.at(at)
        if wanted is None and named is not None:
            return None
        if wanted is not None and (named is None or named.person != wanted.person):
            _prolong(changed, Shift(start=at, end=until, person=wanted.person))
    return tuple(Override(role=role, person=c.person, start=c.start, end=c.end) for c in changed)


def _prolong(changed: list[Shift], part: Shift) -> None:
    if changed and changed[-1].end == part.start and changed[-1].person == part.person:
        part = Shift(start=changed.pop().start, end=part.end, person=part.person)
    changed.append(part)
