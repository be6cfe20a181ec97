"""Plain turns that a calendar lists one by one, read as the layers that give them.

Regular means: every turn as long as the others and in one rhythm by the clock of one zone, also
where the clocks change, and the same people in the same order at least twice. Such turns may lie
beside others of another hour or length, as days beside nights. Whatever is less regular is left
as it is, since a layer goes on for ever and must not be guessed.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from pydantic import ValidationError

from ops_model.domain.on_call import Layer, Role, Roster, Shift
from ops_model.domain.recurrence import MAX_INTERVAL, WEEKDAYS
from ops_model.domain.values import zone

LEAST_TURNS = 4
"""How often one person must be listed before it counts as a rhythm; of more people two cycles."""

_HOUR = timedelta(hours=1)
_MOST_KINDS = 4
_Turns = list[tuple[datetime, str]]


def regular_layers(
    events: Sequence[Shift], role: Role, zones: Sequence[str]
) -> tuple[Layer, ...] | None:
    """The layers that give just these shifts, told in the first zone that can; else None.

    Args:
        events: the shifts, whole.
        role: what they are about.
        zones: IANA names, the likeliest first.
    """
    for name in dict.fromkeys(zones):
        layers = _layers(events, role, name)
        if layers is not None and _same(layers, events):
            return layers
    return None


def _same(layers: Sequence[Layer], events: Sequence[Shift]) -> bool:
    """True when the layers page whom the events name, from the first event to the last."""
    told = Roster.of([(event,) for event in events])
    start, end = told.shifts[0].start, told.shifts[-1].end
    ours = Roster.of([tuple(layer.shifts(start, end)) for layer in layers])
    return [(s.start, s.person) for s in ours.shifts] == [(s.start, s.person) for s in told.shifts]


def _layers(events: Sequence[Shift], role: Role, zone_name: str) -> tuple[Layer, ...] | None:
    kinds: dict[tuple[object, timedelta], _Turns] = {}
    for event in sorted(events, key=lambda e: e.start):
        start, end = (_civil(instant, zone_name) for instant in (event.start, event.end))
        kinds.setdefault((start.time(), end - start), []).append((start, event.person))
    if not 1 <= len(kinds) <= _MOST_KINDS:
        return None
    found = []
    for number, ((_, length), turns) in enumerate(kinds.items(), start=1):
        layer = _layer(turns, length, f"{role}-calendar-{number}", role, zone_name)
        if layer is None:
            return None
        found.append(layer)
    return tuple(found)


def _layer(
    turns: _Turns, length: timedelta, layer_id: str, role: Role, zone_name: str
) -> Layer | None:
    participants = _cycle([person for _, person in turns])
    if participants is None or length % _HOUR or not length:
        return None
    first, last = turns[0][0], turns[-1][0]
    for rule in _rules([start for start, _ in turns]):
        try:
            layer = Layer(
                id=layer_id,
                role=role,
                zone=zone_name,
                starts=first,
                rule=rule,
                shift_hours=length // _HOUR,
                participants=participants,
            )
        except ValidationError:
            continue
        until = last.replace(tzinfo=zone(zone_name)) + timedelta(seconds=1)
        given = [
            (_civil(shift.start, zone_name), shift.person)
            for shift in layer.shifts(first.replace(tzinfo=zone(zone_name)), until)
        ]
        if given == turns:
            return layer
    return None


def _cycle(people: Sequence[str]) -> tuple[str, ...] | None:
    """The shortest order that repeats, seen at least twice; None when there is none."""
    for size in range(1, len(people) // 2 + 1):
        if all(person == people[n % size] for n, person in enumerate(people)):
            return tuple(people[:size]) if len(people) >= LEAST_TURNS else None
    return None


def _rules(starts: Sequence[datetime]) -> Iterator[str]:
    """The rules that may give these starts: one step of days or weeks, or the same weekdays."""
    steps = {(later.date() - start.date()).days for start, later in pairwise(starts)}
    if len(steps) == 1 and 1 <= (step := steps.pop()) <= MAX_INTERVAL:
        weeks, rest = divmod(step, 7)
        frequency, interval = ("DAILY", step) if rest else ("WEEKLY", weeks)
        yield f"FREQ={frequency}" + (f";INTERVAL={interval}" if interval > 1 else "")
    days = sorted({start.weekday() for start in starts})
    yield f"FREQ=WEEKLY;BYDAY={','.join(WEEKDAYS[day] for day in days)}"


def _civil(instant: datetime, zone_name: str) -> datetime:
    return instant.astimezone(zone(zone_name)).replace(tzinfo=None)
