"""When turns begin: the part of RFC 5545 that a rota needs.

By arithmetic, not by iteration: the number of a turn follows from its date, so a rota that began
twenty years ago costs as little as one that began yesterday. `tests/domain/test_recurrence.py`
compares it with dateutil.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from ops_model.domain.values import zone

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MAX_INTERVAL = 366
_PARTS = ("FREQ", "INTERVAL", "BYDAY", "UNTIL", "WKST")
_UNTIL_FORMS = ("%Y%m%dT%H%M%SZ", "%Y%m%dT%H%M%S", "%Y%m%d")


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Civil instants that repeat: `offsets` (days from `anchor`) in every `period_days` days.

    `skipped` offsets of the first period lie before `first`; `until` is included.
    """

    first: datetime
    until: datetime | None
    anchor: date
    period_days: int
    offsets: tuple[int, ...]
    skipped: int

    def since(self, civil: datetime) -> Iterator[tuple[int, datetime]]:
        """The occurrences at or after `civil`, each with its number from 0, in order."""
        period = max(0, (civil.date() - self.anchor).days // self.period_days)
        while True:
            for position, offset in enumerate(self.offsets):
                number = period * len(self.offsets) + position - self.skipped
                day = self.anchor + timedelta(days=period * self.period_days + offset)
                occurrence = datetime.combine(day, self.first.time())
                if self.until is not None and occurrence > self.until:
                    return
                if number >= 0 and occurrence >= civil:
                    yield number, occurrence
            period += 1


@lru_cache(maxsize=4096)
def read_recurrence(rule: str, first: datetime, zone_name: str) -> Recurrence:
    """The recurrence that `rule` describes from `first`, a civil time in the zone.

    `UNTIL` may be UTC (`20261231T090000Z`), civil, or a day, which is then included whole.

    Raises:
        ValueError: the rule holds what a rota has no meaning for, or never occurs.
    """
    parts = _parts(rule)
    interval = _interval(parts.get("INTERVAL", "1"))
    days = _weekdays(parts.get("BYDAY", ""))
    until = _until(parts["UNTIL"], zone_name) if "UNTIL" in parts else None
    if parts.get("FREQ") == "DAILY":
        steps = [step * interval for step in range(7)]
        offsets = [s for s in steps if not days or (first.weekday() + s) % 7 in days]
        anchor, before = first.date(), 0
    elif parts.get("FREQ") == "WEEKLY":
        week_start = min(_weekdays(parts.get("WKST", "MO")), default=0)
        offsets = sorted((day - week_start) % 7 for day in days or {first.weekday()})
        before = (first.weekday() - week_start) % 7
        anchor = first.date() - timedelta(days=before)
    else:
        msg = f"has FREQ={parts.get('FREQ')}; expected FREQ=DAILY or FREQ=WEEKLY"
        raise ValueError(msg)
    if not offsets:
        msg = f"never occurs: every {interval} days from {first.date()} is never {parts['BYDAY']}"
        raise ValueError(msg)
    return Recurrence(
        first=first,
        until=until,
        anchor=anchor,
        period_days=7 * interval,
        offsets=tuple(offsets),
        skipped=sum(offset < before for offset in offsets),
    )


def _parts(rule: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in rule.upper().split(";"):
        name, _, value = part.strip().partition("=")
        if name not in _PARTS or not value:
            msg = f"has {part.strip()!r}; expected only {', '.join(f'{p}=' for p in _PARTS)}"
            raise ValueError(msg)
        if name in parts:
            msg = f"has {name} twice; expected it once"
            raise ValueError(msg)
        parts[name] = value
    return parts


def _interval(text: str) -> int:
    interval = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0
    if not 1 <= interval <= MAX_INTERVAL:
        msg = f"has INTERVAL={text}; expected a whole number from 1 to {MAX_INTERVAL}"
        raise ValueError(msg)
    return interval


def _weekdays(text: str) -> frozenset[int]:
    names = [name.strip() for name in text.split(",")] if text else []
    for name in names:
        if name not in WEEKDAYS:
            msg = f"has the weekday {name!r}; expected {', '.join(WEEKDAYS)}"
            raise ValueError(msg)
    return frozenset(WEEKDAYS.index(name) for name in names)


def _until(text: str, zone_name: str) -> datetime:
    for form in _UNTIL_FORMS:
        try:
            until = datetime.strptime(text, form)  # noqa: DTZ007 - civil, but for the form with Z
        except ValueError:
            continue
        if form.endswith("Z"):
            return until.replace(tzinfo=UTC).astimezone(zone(zone_name)).replace(tzinfo=None)
        return until if "T" in form else until + timedelta(days=1, microseconds=-1)
    msg = f"has UNTIL={text}; expected a time such as 20261231T090000Z, or a day such as 20261231"
    raise ValueError(msg)
