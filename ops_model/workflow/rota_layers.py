"""Which events that repeat are layers: alone, or several people in turn."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pydantic import ValidationError

from ops_model.domain.calendar import Series
from ops_model.domain.on_call import Layer, Role
from ops_model.domain.recurrence import WEEKDAYS
from ops_model.domain.values import Window

_HOUR = timedelta(hours=1)
_Turn = tuple[datetime, datetime, str]


@dataclass(frozen=True)
class Turns:
    """One person's series, with the parts of its rule."""

    series: Series
    person: str
    parts: dict[str, str]

    @property
    def interval(self) -> int:
        """Every how many days or weeks it comes."""
        return int(self.parts.get("INTERVAL", "1"))

    @property
    def weekdays(self) -> tuple[int, ...]:
        """The days of the week on which it comes, from the day that begins its week; () daily."""
        if self.parts["FREQ"] != "WEEKLY":
            return ()
        named = self.parts.get("BYDAY", WEEKDAYS[self.series.starts.weekday()])
        days = {WEEKDAYS.index(d) for d in named.split(",") if d in WEEKDAYS}
        return tuple(sorted((day - self.week_start) % 7 for day in days))

    @property
    def week_start(self) -> int:
        """The day that begins its week."""
        name = self.parts.get("WKST", "MO")
        return WEEKDAYS.index(name) if name in WEEKDAYS else 0

    @property
    def period(self) -> int:
        """The number of the day, or of the week, in which it begins."""
        day = self.series.starts.toordinal()
        return day if self.parts["FREQ"] == "DAILY" else (day - 1 - self.week_start) // 7

    def alike(self) -> object:
        """What series have in common that may be one layer."""
        return (
            self.parts["FREQ"], self.interval, self.weekdays, self.week_start,
            self.parts.get("BYDAY") if self.parts["FREQ"] == "DAILY" else None,
            self.parts.get("UNTIL"), self.series.zone, self.series.starts.time(),
            self.series.length,
        )  # fmt: skip


def layers_of(
    series: Sequence[tuple[Series, str]], role: Role, window: Window
) -> Iterator[tuple[Layer, tuple[Series, ...]]]:
    """The layers that say just what some of the series say, each with these series."""
    groups: dict[object, list[Turns]] = {}
    for one, person in series:
        turns = _turns(one, person)
        if turns is not None:
            groups.setdefault(turns.alike(), []).append(turns)
    number = 0
    for group in groups.values():
        together = [group] if len(group) > 1 else []
        # In turn if that is what they do, otherwise each by itself.
        for members in (*together, *([turns] for turns in group)):
            layer = _layer(members, f"{role}-calendar-{number + 1}", role)
            if layer is not None and _says_the_same(layer, members, window):
                number += 1
                yield layer, tuple(turns.series for turns in members)
                if len(members) > 1:
                    break


def _turns(series: Series, person: str) -> Turns | None:
    if series.rule is None or series.length % _HOUR:
        return None
    parts = dict(part.split("=", 1) for part in series.rule.split(";"))
    return Turns(series, person, parts) if parts["FREQ"] in {"DAILY", "WEEKLY"} else None


def _layer(members: Sequence[Turns], layer_id: str, role: Role) -> Layer | None:
    """The layer in which the members take turns; None when there can be none."""
    one = members[0]
    step, rest = divmod(one.interval, len(members))
    if rest:
        return None
    # From here on each of them has begun.
    first = max(turns.period for turns in members) - (len(members) - 1) * step
    places = {(turns.period - first) % one.interval: turns.person for turns in members}
    if sorted(places) != [step * n for n in range(len(members))]:
        return None
    starts = one.series.starts if len(members) == 1 else _first_day(one, first)
    each = max(1, len(one.weekdays)) if len(members) > 1 else 1
    said = {**one.parts, "INTERVAL": str(step)}
    if step == 1:
        del said["INTERVAL"]
    try:
        return Layer(
            id=layer_id,
            role=role,
            zone=one.series.zone or "",
            starts=starts,
            rule=";".join(f"{name}={value}" for name, value in said.items()),
            shift_hours=one.series.length // _HOUR,
            participants=tuple(places[p] for p in sorted(places) for _ in range(each)),
        )
    except ValidationError:
        return None


def _first_day(one: Turns, period: int) -> datetime:
    if one.parts["FREQ"] == "DAILY":
        day = period
    else:
        day = period * 7 + 1 + one.week_start + one.weekdays[0]
    return datetime.combine(date.fromordinal(day), one.series.starts.time())


def _says_the_same(layer: Layer, members: Sequence[Turns], window: Window) -> bool:
    turns = sorted((*span, turns.person) for turns in members for span in turns.series.whole)
    shifts = layer.shifts(window.start, window.end)
    told = [(shift.start, shift.end, shift.person) for shift in shifts]
    return _within(told, window) == _within(turns, window)


def _within(turns: Sequence[_Turn], window: Window) -> list[_Turn]:
    """The turns cut where the next one starts, and at the ends of the window."""
    ends = [start for start, _, _ in turns[1:]] + [window.end]
    cut = [
        (max(start, window.start), min(end, until, window.end), person)
        for (start, end, person), until in zip(turns, ends, strict=True)
    ]
    return [turn for turn in cut if turn[0] < turn[1]]
