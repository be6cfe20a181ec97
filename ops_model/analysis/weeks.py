"""Numbers of single weeks, from what was measured and recorded before: of cost, use and quality.

A week is seven whole UTC days that end with the last midnight before the instant that judges. The
same day is often in several records; the latest of them counts.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from statistics import median

from ops_model.analysis.repeatable import repeatable
from ops_model.analysis.slopes import slope_per_week
from ops_model.domain.detection import DriftMeasurement, QualityDay, QualityMeasurement
from ops_model.domain.evidence import Measured
from ops_model.domain.spend import DayCost, SpendMeasurement
from ops_model.domain.weeks import MOST_WEEKS, WEEK, SlowSign, WeekPair, WeekValue, week_ends


def week_of(day: date, *, as_of: datetime) -> int:
    """How many weeks back a whole day lies; below 0 for the day of `as_of`, which only began."""
    return (as_of.astimezone(UTC).date() - day - timedelta(days=1)).days // 7


class SpendWeeks:
    """Cost and rows of whole weeks, from every recorded measurement of spend.

    A week counts where each of its days is known: one with rows that have no price would be a
    lower bound, and one with more silent days than is usual a log that was silent. Only records in
    the currency of the latest count.
    """

    def __init__(self, records: Sequence[SpendMeasurement], *, as_of: datetime) -> None:
        self.as_of = as_of
        self.currency = records[-1].currency if records else ""
        days: dict[date, tuple[DayCost, ...]] = {}
        measured: set[date] = set()
        known_from, known_to = date.max, date.min
        for record in (r for r in records if r.currency == self.currency):
            mine: dict[date, list[DayCost]] = defaultdict(list)
            for row in record.days:
                mine[row.day].append(row)
            days |= {day: tuple(rows) for day, rows in mine.items()}
            measured.update(_looked_at(record))
            if mine and record.newest_row is not None:
                known_from = min(known_from, *mine)
                known_to = max(known_to, record.newest_row.astimezone(UTC).date())
        self._weeks: dict[int, list[tuple[DayCost, ...]]] = defaultdict(list)
        for day, rows in days.items():
            if (back := week_of(day, as_of=as_of)) in range(MOST_WEEKS):
                self._weeks[back].append(rows)
        self._whole = {
            back
            for back in self._weeks
            if known_from <= _first(back, as_of) and _last(back, as_of) <= known_to
        }
        self._counted = {
            back
            for back in range(MOST_WEEKS)
            if known_from <= _first(back, as_of)
            and all(day in measured for day in _days_of_week(back, as_of))
        }
        spoken = [len(self._weeks[back]) for back in self._whole]
        self._usual = median(spoken) if spoken else 0

    @property
    def left_out(self) -> int:
        """Whole weeks that are too incomplete to count."""
        return sum(self.cost(back) is None for back in self._whole)

    def cost(self, back: int) -> Measured | None:
        """What a week cost; None where not all of it is known."""
        rows = self._rows(back)
        known = [row.cost.value for row in rows if row.cost.no_interval == "exact"]
        total = [value for value in known if value is not None]
        if not rows or len(total) < len(rows):
            return None
        return Measured(
            value=repeatable(sum(total)), unit=self.currency, no_interval="exact",
            n=sum(row.requests for row in rows),
        )  # fmt: skip

    def rows(self, back: int) -> int | None:
        """How many rows of use a week has; None where part of it was not looked at.

        A day that was looked at and has no row is one on which nobody used it.
        """
        if back not in self._counted:
            return None
        return sum(row.requests for day in self._weeks.get(back, []) for row in day)

    @property
    def not_counted(self) -> int:
        """Weeks between the first and the last that have rows, of which no use can be told."""
        seen = [*self._weeks, *self._counted]
        return (
            sum(back not in self._counted for back in range(min(seen), max(seen) + 1))
            if (seen)
            else 0
        )

    def _rows(self, back: int) -> list[DayCost]:
        days = self._weeks.get(back, [])
        complete = back in self._whole and len(days) >= self._usual
        return [row for day in days for row in day] if complete else []

    def pair(self, ceiling_per_day: Measured | None) -> WeekPair | None:
        """The spend of the last whole week, beside that of the week before and the ceiling."""
        now = self.cost(0)
        if now is None:
            return None
        limit = None
        if ceiling_per_day is not None and ceiling_per_day.value is not None:
            limit = ceiling_per_day.model_copy(update={"value": 7 * ceiling_per_day.value})
        return WeekPair(now=now, before=self.cost(1), limit=limit)


def _first(back: int, as_of: datetime) -> date:
    return (week_ends(back, as_of=as_of) - WEEK).date()


def _last(back: int, as_of: datetime) -> date:
    return (week_ends(back, as_of=as_of) - timedelta(days=1)).date()


def _days_of_week(back: int, as_of: datetime) -> Sequence[date]:
    first = _first(back, as_of)
    return [first + timedelta(days=day) for day in range(7)]


def _looked_at(record: SpendMeasurement) -> Iterable[date]:
    """The whole days that a record speaks of, with rows or without."""
    days = [row.day for row in record.days]
    end = record.as_of.astimezone(UTC).date()
    if record.window is not None:
        first = record.window.start.astimezone(UTC).date()
        end = min(end, record.window.end.astimezone(UTC).date())
    else:
        first = min(days, default=end)
    return (first + timedelta(days=day) for day in range((end - first).days))


def with_slope(
    found: Mapping[int, float],
    sign: SlowSign,
    *,
    as_of: datetime,
    share: float | None = None,
    until: datetime | None = None,
) -> SlowSign:
    """The sign with its weeks and their slope.

    Args:
        found: how many weeks back, and the number of that week.
        sign: what the number is, in which unit, and which way is worse.
        as_of: the instant that judges.
        share: the floor as a share of the usual level; None leaves that of `sign`.
        until: the end of what could be known by then; None where that is the last whole week.
    """
    backs = sorted(found, reverse=True)
    values = [found[back] for back in backs]
    update: dict[str, object] = {
        "until": until or week_ends(0, as_of=as_of),
        "weeks": tuple(
            WeekValue(ends=week_ends(back, as_of=as_of), value=repeatable(value))
            for back, value in zip(backs, values, strict=True)
        ),
        "per_week": slope_per_week([-float(back) for back in backs], values, sign.unit),
    }
    if share is not None and values:
        update["floor"] = repeatable(share * abs(median(values)))
    return sign.model_copy(update=update)


def drift_by_week(records: Iterable[DriftMeasurement], *, as_of: datetime) -> dict[int, float]:
    """The farthest column of each week, in times its limit, oldest record first.

    Only what was compared with the reference of the latest record: against another, the same
    distance is another number.
    """
    every = list(records)
    found: dict[int, float] = {}
    for record in every:
        back = (as_of - record.as_of) // WEEK
        effects = [
            c.effect.value / c.limit for c in record.columns
            if c.effect.value is not None and c.limit > 0
        ]  # fmt: skip
        same = (record.reference_start, record.reference_end, record.spec) == (
            every[-1].reference_start, every[-1].reference_end, every[-1].spec,
        )  # fmt: skip
        if effects and same and back in range(MOST_WEEKS):
            found[back] = max(effects)
    return found


def days_of(records: Iterable[QualityMeasurement]) -> dict[date, QualityDay]:
    """Every day of quality, as the latest record has it; oldest record first."""
    return {day.day: day for record in records for day in record.days}


def labelled_by_week(
    days: Mapping[date, QualityDay], *, as_of: datetime, measured_to: date | None = None
) -> dict[int, float]:
    """Decisions with a label per day, of each week that is whole and settled.

    A day that was looked at and has none counts as nothing: it was used by nobody.

    Args:
        days: every day of quality.
        as_of: the instant that judges.
        measured_to: the day up to which the log was looked at; None for that of `as_of`.
    """
    if not days:
        return {}
    first, end = min(days), min(settled_to(days, as_of=as_of), measured_to or date.max)
    found = {}
    for back in range(MOST_WEEKS):
        week = _days_of_week(back, as_of)
        known = [days[day] for day in week if day in days]
        # Labels of an older day may have come since, but no record says so.
        if first <= week[0] and week[-1] < end and not any(day.provisional for day in known):
            found[back] = sum(day.quality.n or 0 for day in known) / 7
    return found


def settled_to(days: Mapping[date, QualityDay], *, as_of: datetime) -> date:
    """The first day whose labels may still come; that of `as_of` where there is none."""
    today = as_of.astimezone(UTC).date()
    late = sorted((day.day for day in days.values() if day.provisional), reverse=True)
    if not late or week_of(late[0], as_of=as_of) > 1:
        return today
    # Days that no record looked at again lie apart from those that are waited for.
    first = late[0]
    for day in late[1:]:
        if first - day > timedelta(days=7):
            break
        first = day
    return first
