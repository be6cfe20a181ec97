"""What a calendar says about turns, before it is known who is who and what becomes a layer."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ops_model.domain.on_call import Layer

Spans = tuple[tuple[datetime, datetime], ...]


@dataclass(frozen=True)
class Said:
    """What an event says about whom it is: its summary, and the attendees who did not decline."""

    summary: str
    attendees: tuple[str, ...] = ()
    role: str | None = None

    def __str__(self) -> str:
        """The texts as a person would quote them."""
        return " ".join([repr(self.summary), *(f"({a})" for a in self.attendees)])


@dataclass(frozen=True)
class Single:
    """An event that comes once, or the exception to one that repeats.

    `zone` is the IANA name of the zone that its times are written in, where that has one.
    """

    said: Said
    start: datetime
    end: datetime
    zone: str | None = None


@dataclass(frozen=True)
class Series:
    """An event that repeats, worked out for a window.

    `whole` are all its occurrences there, `left` those without exceptions. `removed` are the
    spans from which an exception took it, in the window or later. `rule`, `zone` and `starts` are
    what a layer would say, and None when no layer can say it.
    """

    said: Said
    whole: Spans
    left: Spans
    removed: Spans
    starts: datetime
    length: timedelta
    rule: str | None
    zone: str | None


@dataclass(frozen=True)
class ReadCalendar:
    """What a file holds from the start of a window on.

    `zone` is the zone that the calendar names for itself. `layers` are those that it carries
    beside its events, which only our own export writes.
    """

    exceptions: tuple[Single, ...]
    singles: tuple[Single, ...]
    series: tuple[Series, ...]
    zone: str | None = None
    layers: tuple[Layer, ...] = ()
