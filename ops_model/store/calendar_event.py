"""One event of a calendar, understood: its times, its rule, its exceptions, and whom it names."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from ops_model.domain.calendar import Said
from ops_model.domain.on_call import FIRST_YEAR, LAST_YEAR
from ops_model.domain.scalars import zone_names
from ops_model.domain.values import zone

ROLE_PROPERTY = "X-OPS-MODEL-ROLE"
"""Says which role an event is about, where one calendar holds both."""

UNREADABLE = (
    ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError, RecursionError,
    OSError,  # a TZID such as `Europe`, which is a folder of zones
)  # fmt: skip
"""What icalendar and dateutil raise at texts that are no calendar."""

_LONGEST = timedelta(days=366)
_READ = ("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID")
_COMMON = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY"})
# What more a rule may say can run through centuries without ever occurring.
_PARTS = {
    "DAILY": _COMMON, "WEEKLY": _COMMON,
    "MONTHLY": _COMMON | {"BYMONTHDAY", "BYSETPOS"},
}  # fmt: skip
_MOST_TIMES = 1000
_MOST_PLACES = 4
_LAYER_PARTS = frozenset({"FREQ", "INTERVAL", "UNTIL", "WKST", "BYDAY"})


@dataclass(frozen=True)
class CalendarEvent:
    """One VEVENT with its times understood."""

    uid: str
    said: Said
    start: datetime
    length: timedelta
    zone: str | None
    rule: Any
    replaces: datetime | None
    excluded: frozenset[datetime]
    added: tuple[datetime, ...]
    cancelled: bool

    @property
    def repeats(self) -> bool:
        """True when it may come more than once."""
        return self.rule is not None or bool(self.added)


class EventReader:
    """Understands components; `local` reads times without a zone, `windows` Outlook's names."""

    def __init__(self, local: tzinfo, windows: Mapping[str, str]) -> None:
        self.local, self.windows = local, windows

    def understood(self, component: Any, uid: str) -> CalendarEvent:  # noqa: ANN401 - icalendar's own type, loaded late
        """The event that a component is.

        Raises:
            ValueError, TypeError, KeyError: it cannot be understood; says why.
        """
        for name, why in component.errors:
            if name in _READ:
                msg = f"{name} cannot be read: {why}"
                raise ValueError(msg)
        if "DTSTART" not in component:
            msg = "has no DTSTART; expected when it begins"
            raise ValueError(msg)
        start, zone_name = self._instant(component["DTSTART"])
        rule = component.get("RRULE")
        if rule is not None:
            _refuse_endless(rule)
        replaces = component.get("RECURRENCE-ID")
        if replaces is not None and replaces.params.get("RANGE"):
            msg = "changes this and all future occurrences (RANGE); expected one occurrence"
            raise ValueError(msg)
        return CalendarEvent(
            uid=uid,
            said=_said(component),
            start=start,
            length=self._length(component, start),
            zone=zone_name,
            rule=rule,
            replaces=self._listed(replaces, start) if replaces is not None else None,
            excluded=frozenset(self._all_listed(component.get("EXDATE"), start)),
            added=tuple(self._all_listed(component.get("RDATE"), start)),
            cancelled=str(component.get("STATUS", "")).upper() == "CANCELLED",
        )

    def _instant(self, value: Any) -> tuple[datetime, str | None]:  # noqa: ANN401 - as above
        """A point of time in its zone, and the zone's IANA name where it has one."""
        found, named = value.dt, str(value.params.get("TZID", ""))
        if not isinstance(found, date):
            msg = f"has {found!r} where a time is expected"
            raise TypeError(msg)
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            msg = f"has a time in {found.year}; expected a year from {FIRST_YEAR} to {LAST_YEAR}"
            raise ValueError(msg)
        if not isinstance(found, datetime):
            found = datetime.combine(found, time())
        known = self._iana(named)
        if known is not None:
            return found.replace(tzinfo=zone(known)), known
        if found.tzinfo is not None:
            return found, "UTC" if found.tzinfo == UTC or str(found.tzinfo) == "UTC" else None
        if named:
            msg = f"has TZID={named}, which is no time zone and has no VTIMEZONE in the file"
            raise ValueError(msg)
        return found.replace(tzinfo=self.local), str(self.local)

    def _length(self, component: Any, start: datetime) -> timedelta:  # noqa: ANN401 - as above
        """How long it lasts in civil time, as a layer counts."""
        if "DTEND" in component:
            end, _ = self._instant(component["DTEND"])
            length = end.astimezone(start.tzinfo).replace(tzinfo=None) - civil(start)
        elif "DURATION" in component:
            length = component["DURATION"].dt
        else:
            whole_day = not isinstance(component["DTSTART"].dt, datetime)
            length = timedelta(days=1) if whole_day else timedelta()
        if not timedelta() <= length <= _LONGEST:
            msg = f"lasts {length}; expected it to end after it starts, and within a year"
            raise ValueError(msg)
        return length

    def _listed(self, value: Any, start: datetime) -> datetime:  # noqa: ANN401 - as above
        """The instant that an exception names; a day stands for that day's occurrence."""
        if not isinstance(value.dt, datetime) and isinstance(value.dt, date):
            day = datetime.combine(value.dt, start.time())
            return day.replace(tzinfo=start.tzinfo).astimezone(UTC)
        found, _ = self._instant(value)
        if value.dt.tzinfo is None and not value.params.get("TZID"):
            found = civil(found).replace(tzinfo=start.tzinfo)
        return found.astimezone(UTC)

    def _all_listed(self, values: Any, start: datetime) -> Iterator[datetime]:  # noqa: ANN401 - as above
        lists = values if isinstance(values, list) else [values] if values is not None else []
        for listed in lists:
            for value in listed.dts:
                if not value.params.get("TZID") and listed.params.get("TZID"):
                    value.params["TZID"] = listed.params["TZID"]
                yield self._listed(value, start)

    def _iana(self, named: str) -> str | None:
        known = self.windows.get(named, named)
        return known if known in zone_names() else None


def brought_forward(event: CalendarEvent, since: datetime) -> datetime:
    """The last start of a daily or weekly rule that keeps all from `since` on as it was.

    A rule that began decades ago is then as little work as one that began yesterday. Which turn a
    rule with COUNT has come to depends on its first, and so it keeps it.
    """
    frequency = str(event.rule["FREQ"][0]).upper() if event.rule is not None else ""
    if frequency not in {"DAILY", "WEEKLY"} or "COUNT" in event.rule or event.added:
        return event.start
    days = int(event.rule.get("INTERVAL", [1])[0]) * (7 if frequency == "WEEKLY" else 1)
    # Two periods early, so that no week is entered in its middle.
    periods = max(0, (since - event.start).days // days - 2)
    while periods > 0:
        start = event.start + timedelta(days=periods * days)
        if civil(start.astimezone(UTC).astimezone(start.tzinfo)) == civil(start):
            return start
        # A clock change skips this one.
        periods -= 1
    return event.start


def civil(instant: datetime) -> datetime:
    """The same clock time, without its zone."""
    return instant.replace(tzinfo=None)


def span(start: datetime, length: timedelta) -> tuple[datetime, datetime]:
    """Start and end in UTC of what lasts `length` of civil time."""
    # A shift of a day is 23 hours long where the clocks go forward.
    return start.astimezone(UTC), (start + length).astimezone(UTC)


def _refuse_endless(rule: Any) -> None:  # noqa: ANN401 - icalendar's own type, loaded late
    if isinstance(rule, list):
        msg = "has more than one RRULE; expected one"
        raise TypeError(msg)
    frequency = str(rule.get("FREQ", [""])[0]).upper()
    if frequency not in _PARTS:
        known = ", ".join(_PARTS)
        msg = f"has an RRULE with FREQ={frequency or None}; expected {known}"
        raise ValueError(msg)
    if unread := sorted({str(name).upper() for name in rule} - _PARTS[frequency]):
        msg = f"has an RRULE of FREQ={frequency} with {', '.join(unread)}, which no rota needs"
        raise ValueError(msg)
    if int(rule.get("INTERVAL", [1])[0]) < 1:
        msg = "has an INTERVAL below 1; expected a whole number from 1"
        raise ValueError(msg)
    if int(rule.get("COUNT", [1])[0]) > _MOST_TIMES:
        msg = f"has a COUNT above {_MOST_TIMES}; expected UNTIL or a smaller number"
        raise ValueError(msg)
    if "BYMONTHDAY" in rule and ("BYDAY" in rule or "BYSETPOS" in rule):
        msg = "has BYMONTHDAY beside BYDAY or BYSETPOS; expected one way to name the day"
        raise ValueError(msg)
    if "BYSETPOS" in rule:
        _refuse_no_place(rule)


def _refuse_no_place(rule: Any) -> None:  # noqa: ANN401 - as above
    """Refuse a place in the month that there never is, such as the fourth of the fifth Mondays."""
    plain = all(str(day).isalpha() for day in rule.get("BYDAY", [])) and "BYDAY" in rule
    if not plain or any(not 1 <= abs(int(n)) <= _MOST_PLACES for n in rule["BYSETPOS"]):
        msg = f"has BYSETPOS; expected up to {_MOST_PLACES} with weekdays in BYDAY"
        raise ValueError(msg)


def layer_rule(event: CalendarEvent) -> str | None:
    """The rule as a layer writes it; None when it says more than a layer can."""
    if event.rule is None or event.added or not set(event.rule) <= _LAYER_PARTS:
        return None
    said = {name: event.rule[name] for name in event.rule}
    texts = {name: ",".join(_part(v) for v in values) for name, values in said.items()}
    order = ("FREQ", "INTERVAL", "BYDAY", "UNTIL", "WKST")
    return ";".join(f"{name}={texts[name]}" for name in order if name in texts)


def _part(value: object) -> str:
    if isinstance(value, datetime):
        utc = value.tzinfo is not None
        form = "%Y%m%dT%H%M%SZ" if utc else "%Y%m%dT%H%M%S"
        return f"{value.astimezone(UTC) if utc else value:{form}}"
    return f"{value:%Y%m%d}" if isinstance(value, date) else str(value)


def _said(component: Any) -> Said:  # noqa: ANN401 - as above
    listed = component.get("ATTENDEE", [])
    people = [
        a for a in (listed if isinstance(listed, list) else [listed])
        if str(a.params.get("PARTSTAT", "")).upper() != "DECLINED"
        and str(a.params.get("CUTYPE", "")).upper() not in {"ROOM", "RESOURCE"}
    ]  # fmt: skip
    names = [str(a.params.get("CN", "")) for a in people]
    mails = [str(a).split(":", 1)[-1] for a in people]
    texts = [text for pair in zip(names, mails, strict=True) for text in pair]
    role = component.get(ROLE_PROPERTY)
    return Said(
        summary=" ".join(str(component.get("SUMMARY", "")).split()),
        attendees=tuple(dict.fromkeys(text for text in texts if text)),
        role=str(role) if role is not None else None,
    )  # fmt: skip
