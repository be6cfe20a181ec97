"""Rotas as iCalendar (RFC 5545): written for calendars, and read from what calendars export.

Reading is bounded: a file over 1 MiB, more than 10,000 events, rules that repeat within a day and
times beyond the calendar of a rota are refused, so no file makes the reader run for long.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ops_model.domain.calendar import ReadCalendar, Series, Single, Spans
from ops_model.domain.on_call import Layer
from ops_model.domain.scalars import zone_names
from ops_model.domain.values import Window, zone
from ops_model.errors import Problem, UsageError
from ops_model.store.calendar_event import (
    ROLE_PROPERTY,
    UNREADABLE,
    CalendarEvent,
    EventReader,
    brought_forward,
    civil,
    layer_rule,
    span,
)

MAX_BYTES = 1024 * 1024
MAX_EVENTS = 10_000
MAX_ZONE_RULES = 500
"""How many rules, or dates, one time zone of a calendar may have."""
MAX_REPEATING = 100
"""How many events that repeat are read; each is worked out day by day. Of layers as many."""
LAYER_PROPERTY = "X-OPS-MODEL-LAYER"
"""A layer beside the events that it gives, so that a rota can be taken over as it was."""

_MOST_PROBLEMS = 20


@dataclass(frozen=True)
class WrittenShift:
    """One event to write; `uid` stays the same when the calendar is written again."""

    uid: str
    start: datetime
    end: datetime
    summary: str
    role: str


def write_calendar(
    shifts: Sequence[WrittenShift], *, name: str, as_of: datetime, layers: Sequence[Layer] = ()
) -> bytes:
    """The calendar as bytes of RFC 5545, times in UTC; `as_of` is when it was so.

    Any calendar shows the shifts; the `layers` behind them are read by `read_calendar` alone.
    """
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("PRODID", "-//ops-model//rota//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("X-WR-CALNAME", name)
    for layer in layers:
        calendar.add(LAYER_PROPERTY, layer.model_dump_json())
    for shift in shifts:
        event = Event()
        event.add("UID", shift.uid)
        event.add("DTSTAMP", as_of.astimezone(UTC))
        event.add("DTSTART", shift.start.astimezone(UTC))
        event.add("DTEND", shift.end.astimezone(UTC))
        event.add("SUMMARY", shift.summary)
        event.add("TRANSP", "TRANSPARENT")
        event.add(ROLE_PROPERTY, shift.role)
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _refuse_endless_zones(path: Path, data: bytes) -> None:
    """Refuse time zones whose rules are not those of a zone: the library would list each change.

    A zone changes its clocks once or twice a year; a rule by the second is an attack.
    """
    unfolded = re.sub(rb"\r?\n[ \t]", b"", data).upper()
    for part in re.findall(rb"BEGIN:VTIMEZONE(.*?)(?:END:VTIMEZONE|\Z)", unfolded, re.DOTALL):
        lines = [line.strip() for line in part.splitlines()]
        rules = [line.partition(b":")[2] for line in lines if line.startswith(b"RRULE")]
        dates = sum(line.count(b",") + 1 for line in lines if line.startswith(b"RDATE"))
        if max(len(rules), dates) > MAX_ZONE_RULES or not all(map(_is_once_a_year, rules)):
            raise UsageError(
                "holds a time zone whose clocks change more than once a year by one rule; "
                "expected a zone such as Europe/Berlin",
                where=str(path),
                remedy="export the calendar in a zone of the IANA list",
            )


def _is_once_a_year(rule: bytes) -> bool:
    parts = dict(part.partition(b"=")[::2] for part in rule.split(b";"))
    known = {b"FREQ", b"INTERVAL", b"BYMONTH", b"BYDAY", b"BYMONTHDAY", b"UNTIL", b"WKST"}
    # A list of days, as in "the first Sunday after the 7th", names one day of the month.
    return (
        parts.get(b"FREQ") == b"YEARLY"
        and set(parts) <= known
        and b"," not in parts.get(b"BYMONTH", b"") + parts.get(b"BYDAY", b"")
    )


def read_calendar(path: Path, window: Window, *, zone_name: str) -> ReadCalendar:
    """Read an exported `.ics` file.

    Args:
        path: the file.
        window: what repeats is worked out in it; what ended before it is left out.
        zone_name: where times without a zone are read, unless the calendar names its own.

    Raises:
        UsageError: the file is none, too large, or holds what a rota has no meaning for; holds
            every problem.
    """
    from icalendar import Calendar
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    with path.open("rb") as stream:
        data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise UsageError(
            f"holds more than {MAX_BYTES} bytes; expected at most 1 MiB",
            where=str(path),
            remedy="export one rota, or fewer months of it",
        )
    if not data.rstrip().upper().endswith(b"END:VCALENDAR"):
        raise _no_calendar(
            path, "it does not end with END:VCALENDAR, so some of it may be missing"
        )
    _refuse_endless_zones(path, data)
    try:
        found = Calendar.from_ical(data.decode("utf-8-sig"))
        events = list(found.walk("VEVENT")) if found.name == "VCALENDAR" else None
        named = str(found.get("X-WR-TIMEZONE", ""))
        carried = found.get(LAYER_PROPERTY, [])
    except UNREADABLE as error:
        unknown_zone = isinstance(error, OSError)
        why = "it names a time zone that is none" if unknown_zone else str(error)
        raise _no_calendar(path, why) from error
    if events is None:
        raise _no_calendar(path, f"it begins with {found.name}")
    repeating = sum("RRULE" in e or "RDATE" in e for e in events)
    texts = [str(text) for text in (carried if isinstance(carried, list) else [carried])]
    for count, most, what in (
        (len(events), MAX_EVENTS, "events"), (repeating, MAX_REPEATING, "events that repeat"),
        (len(texts), MAX_REPEATING, "layers"),
    ):  # fmt: skip
        if count > most:
            raise UsageError(
                f"holds {count} {what}; expected at most {most}",
                where=str(path),
                remedy="export one rota, or fewer months of it",
            )
    own = named if named in zone_names() else None
    reading = _Reading(str(path), window, EventReader(zone(own or zone_name), WINDOWS_TO_OLSON))
    return replace(reading.read(events), zone=own, layers=_carried(path, texts))


def _carried(path: Path, texts: Sequence[str]) -> tuple[Layer, ...]:
    try:
        return tuple(Layer.model_validate_json(text) for text in texts)
    except ValidationError as error:
        raise UsageError(
            f"holds an {LAYER_PROPERTY} that is no layer: {error.errors()[0]['msg'][:200]}",
            where=str(path),
            remedy=f"take the lines {LAYER_PROPERTY} out; then the events alone are read",
        ) from error


def _no_calendar(path: Path, why: str) -> UsageError:
    return UsageError(
        f"is no iCalendar file: {why[:200]}",
        where=str(path),
        remedy="export the rota as .ics (iCal) from the tool that pages, or from the calendar",
    )


class _Reading:
    """Reads event after event and collects what is wrong with any of them."""

    def __init__(self, path: str, window: Window, reader: EventReader) -> None:
        self.path, self.window, self.reader = path, window, reader
        self.problems: list[Problem] = []

    def read(self, components: Sequence[Any]) -> ReadCalendar:
        events = [e for c in components if (e := self._event(c)) is not None]
        if self.problems:
            raise UsageError(problems=self._shown())
        masters = [e for e in events if e.repeats and e.replaces is None]
        exceptions = [e for e in events if e.replaces is not None]
        singles = [e for e in events if not e.repeats and e.replaces is None]
        return ReadCalendar(
            exceptions=tuple(self._singles(exceptions)),
            singles=tuple(self._singles(singles)),
            series=tuple(s for m in masters if (s := self._series(m, exceptions)) is not None),
        )

    def _shown(self) -> list[Problem]:
        more = len(self.problems) - _MOST_PROBLEMS
        rest = [Problem(f"and {more} more events like these", self.path)] if more > 0 else []
        return [*self.problems[:_MOST_PROBLEMS], *rest]

    def _event(self, component: Any) -> CalendarEvent | None:  # noqa: ANN401 - icalendar's own type, loaded late
        uid = str(component.get("UID", "")) or str(component.get("SUMMARY", ""))
        try:
            return self.reader.understood(component, uid)
        except UNREADABLE as error:
            where, name = f"{self.path}: event {uid[:60]!r}", str(error)[:200]
            self.problems.append(Problem(name, where, "take the event out, or mend it there"))
            return None

    def _singles(self, events: Sequence[CalendarEvent]) -> Iterator[Single]:
        # Of two versions of one occurrence, the later in the file is the newer.
        newest = {(e.uid, e.replaces or (e.start, e.said)): e for e in events}
        for event in sorted(newest.values(), key=lambda e: e.start):
            start, end = span(event.start, event.length)
            if not event.cancelled and self.window.start < end and start < end:
                yield Single(event.said, start, end, event.zone)

    def _series(self, event: CalendarEvent, exceptions: Sequence[CalendarEvent]) -> Series | None:
        whole = self._occurrences(event)
        moved = {e.replaces for e in exceptions if e.uid == event.uid}
        taken = event.excluded | {instant for instant in moved if instant is not None}
        gone = [span(i.astimezone(event.start.tzinfo), event.length) for i in sorted(taken)]
        left = tuple(s for s in whole if s[0] not in taken)
        if event.cancelled or not whole:
            return None
        rule = layer_rule(event)
        return Series(
            said=event.said,
            whole=whole,
            left=left,
            removed=tuple(s for s in gone if s[1] > self.window.start),
            starts=civil(event.start),
            length=event.length,
            rule=rule if event.zone is not None else None,
            zone=event.zone,
        )

    def _occurrences(self, event: CalendarEvent) -> Spans:
        """The occurrences that overlap the window, exceptions aside."""
        import recurring_ical_events
        from icalendar import Calendar, Event

        alone = Event()
        alone.add("UID", event.uid)
        since = self.window.start - event.length - timedelta(days=1)
        first = brought_forward(event, since)
        alone.add("DTSTART", first)
        alone.add("DTEND", first + event.length)
        if event.rule is not None:
            alone["RRULE"] = event.rule
        if event.added:
            alone.add("RDATE", list(event.added))
        calendar = Calendar()
        calendar.add_component(alone)
        try:
            query = recurring_ical_events.of(calendar)
            # A day's slack: it asks in one zone, and a span at the edge is cut here.
            found = [e.start for e in query.between(since, self.window.end)]
        except UNREADABLE as error:
            raise UsageError(
                f"has a rule that cannot be worked out: {str(error)[:200]}",
                where=f"{self.path}: event {event.uid[:60]!r}",
                remedy="take the event out, or mend it there",
            ) from error
        spans = (span(start, event.length) for start in sorted(found))
        return tuple(
            (start, end)
            for start, end in spans
            if start < self.window.end and max(start, self.window.start) < end
        )
