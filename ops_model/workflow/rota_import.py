"""A rota taken over from a calendar: what a layer can say becomes layers, the rest overrides.

A layer is believed only when its shifts are those of the calendar over the whole window, so what
is written never says more than the file did. An exception that leaves nobody in its turn cannot
stand beside a layer; that series is written out turn by turn. Where a file lists plain turns
one by one they are a layer too, and it is told that the layer goes on where the file stops.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ops_model.domain.calendar import ReadCalendar, Said, Series, Single
from ops_model.domain.on_call import Layer, OnCallRotation, Override, Role, Shift
from ops_model.domain.operating_model import AREA_FILES, OperatingModel, SystemClaims
from ops_model.domain.recurrence import read_recurrence
from ops_model.domain.values import Window, iso_utc, zone
from ops_model.store.calendar import read_calendar
from ops_model.workflow.rota_carried import overrides_beside
from ops_model.workflow.rota_layers import layers_of
from ops_model.workflow.rota_regular import regular_layers
from ops_model.workflow.who_is_meant import WhoIsMeant

HORIZON_DAYS = 366
"""How far ahead what no layer can say is written out."""

_LONGEST_SHIFT = timedelta(days=31)
_Meant = Sequence[tuple[Single, str]]
_MeantSeries = Sequence[tuple[Series, str]]


@dataclass(frozen=True)
class ImportedRota:
    """One role as a calendar has it.

    `written_out_until` is where the overrides end that stand for what goes on for ever; None when
    the layers say all of that. `calendar_ends` is where the file's turns stop, when layers
    that go on for ever were read from turns which it lists one by one.
    """

    role: Role
    layers: tuple[Layer, ...]
    overrides: tuple[Override, ...]
    written_out_until: datetime | None = None
    calendar_ends: datetime | None = None

    @property
    def nobody_after(self) -> datetime | None:
        """From when on nobody holds the role any more; None when a layer goes on for ever."""
        ends = [_ends(layer) for layer in self.layers]
        if None in ends:
            return None
        known = [end for end in ends if end is not None] + [o.end for o in self.overrides]
        return max(known, default=None)

    def removes(self, system: SystemClaims) -> tuple[tuple[str, ...], int]:
        """The ids of the layers, and how many overrides, that saving takes out of the file."""
        there = system.on_call
        if there is None:
            return (), 0
        layers = [x.id for x in there.layers if x.role == self.role and x not in self.layers]
        overrides = [o for o in there.overrides if o.role == self.role and o not in self.overrides]
        return tuple(layers), len(overrides)

    def said(self) -> dict[str, Any]:
        """The layers and overrides as plain values."""
        return {"layers": _layers(self), "overrides": _overrides(self)}

    def yaml(self) -> str:
        """The keys `layers` and `overrides` of `on_call.yaml`."""
        lines = ["layers:" if self.layers else "layers: []"]
        for layer in _layers(self):
            head, *rest = layer.items()
            lines.append(f"  - {head[0]}: {head[1]}")
            lines += [f"    {key}: {_written(value)}" for key, value in rest]
        lines.append("overrides:" if self.overrides else "overrides: []")
        for override in _overrides(self):
            said = ", ".join(f"{key}: {value}" for key, value in override.items())
            lines.append(f"  - {{{said}}}")
        return "\n".join(lines) + "\n"


def import_rota(
    model: OperatingModel,
    path: Path,
    role: Role,
    mapped: Sequence[str],
    *,
    as_of: datetime,
    zones: Sequence[str] = (),
) -> ImportedRota:
    """The layers and overrides that an exported calendar says for one role from `as_of` on.

    Args:
        model: the workbook; its people are those who can be meant.
        path: the `.ics` file.
        role: the role that the calendar is about.
        mapped: `TEXT=person-id`; whom a text in a summary, or an attendee, means.
        as_of: what ended before it is left out.
        zones: by whose clocks turns may be regular where the file names none, before the
            workbook's: such as those of the layers that are there.

    Raises:
        UsageError: the file cannot be read, or somebody in it is not known; names all of them.
    """
    window = Window(start=as_of, end=as_of + timedelta(days=HORIZON_DAYS))
    found = read_calendar(path, window, zone_name=model.settings.zone)
    who = WhoIsMeant(model.people, mapped)
    explicit = who.each(s for s in (*found.exceptions, *found.singles) if _about(s.said, role))
    series = who.each(s for s in found.series if _about(s.said, role))
    who.refuse_unknown(str(path))
    events = _events(explicit, series)
    carried = _carried(found, role, who)
    beside = overrides_beside(carried, events, role, since=as_of) if carried else None
    if beside is not None:
        return ImportedRota(role, carried, beside)
    regular = _regular(found, events, role, [*zones, model.settings.zone])
    if regular is not None:
        return ImportedRota(role, regular, (), calendar_ends=max(e.end for e in events))
    return _by_rules(explicit, series, role, window)


def _events(explicit: _Meant, series: _MeantSeries) -> list[Shift]:
    """Every turn that the file gives in the window, the strongest first."""
    turns = [(s.start, s.end, person) for s, person in explicit if s.start < s.end]
    turns += [(start, end, person) for s, person in series for start, end in s.left]
    return [Shift(start=start, end=end, person=person) for start, end, person in turns]


def _carried(found: ReadCalendar, role: Role, who: WhoIsMeant) -> tuple[Layer, ...]:
    """The layers beside the events, with this workbook's people; () when one names a stranger."""
    layers = []
    for layer in found.layers:
        people = [who.known(person) for person in layer.participants]
        if None in people:
            return ()
        if layer.role == role:
            layers.append(layer.model_copy(update={"participants": tuple(people)}))
    return tuple(layers)


def _regular(
    found: ReadCalendar, events: Sequence[Shift], role: Role, zones: Sequence[str]
) -> tuple[Layer, ...] | None:
    if found.series or found.exceptions or not events:
        return None
    own = {s.zone for s in found.singles if s.zone is not None and s.zone != "UTC"}
    named = [found.zone] if found.zone is not None else []
    return regular_layers(events, role, [*sorted(own), *named, *zones, "UTC"])


def _by_rules(explicit: _Meant, series: _MeantSeries, role: Role, window: Window) -> ImportedRota:
    """Layers where rules say them, overrides for the rest."""
    free = [(s, person) for s, person in series if _taken_over(s, explicit)]
    layered = list(layers_of(free, role, window))
    said_by_layers = {id(one) for _, members in layered for one in members}
    written_out = [
        (Single(s.said, start, end), person)
        for s, person in series
        if id(s) not in said_by_layers
        for start, end in s.left
    ]
    # The first in the file wins, and an exception is the calendar's last word.
    overrides = [*explicit, *sorted(written_out, key=lambda pair: pair[0].start)]
    return ImportedRota(
        role=role,
        layers=tuple(layer for layer, _ in layered),
        overrides=tuple(
            Override(role=role, person=person, start=s.start, end=s.end) for s, person in overrides
        ),
        written_out_until=window.end if written_out else None,
    )


def _ends(layer: Layer) -> datetime | None:
    """Where the last shift of a layer ends; None when its rule has no end."""
    recurrence = read_recurrence(layer.rule, layer.starts, layer.zone)
    if recurrence.until is None:
        return None
    until = recurrence.until.replace(tzinfo=zone(layer.zone))
    since = until - timedelta(days=recurrence.period_days) - _LONGEST_SHIFT
    ends = [shift.end for shift in layer.shifts(since, until + timedelta(seconds=1))]
    return max(ends, default=until)


def _about(said: Said, role: Role) -> bool:
    return said.role in {None, role}


def _taken_over(series: Series, explicit: Sequence[tuple[Single, str]]) -> bool:
    """True when somebody else is named for every turn that an exception takes away."""
    spans = sorted((single.start, single.end) for single, _ in explicit)
    for start, end in series.removed:
        reached = start
        for begins, ends in spans:
            if begins <= reached < ends:
                reached = ends
        if reached < end:
            return False
    return True


def save_rota(root: Path, system: SystemClaims, imported: ImportedRota) -> str:
    """Write the layers and overrides of one role into `on_call.yaml`, in place of its own.

    Comments, and what the file says about the other role, stay.

    Returns:
        The file, relative to `root`.

    Raises:
        WorkbookError: the file cannot be changed in place, or would be no valid object.
    """
    from ops_model.store.save import read_answer, save_answers

    path = f"systems/{system.id}/{AREA_FILES['on_call'][0]}"
    answers: dict[str, object] = {}
    for key, mine in (("layers", _layers(imported)), ("overrides", _overrides(imported))):
        there: Any = read_answer(root, path, key) or []
        others = [item for item in there if item["role"] != imported.role]
        if there or mine or key == "layers":
            answers[key] = [*others, *mine]
    # Both at once: new layers beside the old overrides would page whoever nobody chose.
    save_answers(root, path, answers, model=OnCallRotation)
    return path


def _layers(imported: ImportedRota) -> list[dict[str, Any]]:
    return [
        {
            "id": layer.id,
            "role": layer.role,
            "zone": layer.zone,
            "starts": layer.starts.isoformat(),
            "rule": layer.rule,
            "shift_hours": layer.shift_hours,
            "participants": list(layer.participants),
        }
        for layer in imported.layers
    ]


def _overrides(imported: ImportedRota) -> list[dict[str, Any]]:
    return [
        {"role": o.role, "person": o.person, "start": iso_utc(o.start), "end": iso_utc(o.end)}
        for o in imported.overrides
    ]


def _written(value: object) -> str:
    return f"[{', '.join(value)}]" if isinstance(value, list) else str(value)
