"""Numbers of single weeks, from what was measured and recorded before: of cost, use and quality.

A week is seven whole UTC days that end with the last midnight before the instant that judges. The
same day is often in several records; the latest of them counts.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from statistics import median

from ops_model.analysis.repeatable import repeatable
from ops_model.analysis.slopes import slope_per_week
from ops_model.domain.detection import DriftMeasurement, QualityDay, QualityMeasurement
from ops_model.domain.evidence import Measured
from ops_model.domain.spend import DayCost, SpendMeasurement
from ops_model.domain.weekly import (
    MOST_WEEKS,
    SlowSign,
    WeekPair,
    WeekValue,
)

WEEK = timedelta(days=7)


def week_of(day: date, *, as_of: datetime) -> int:
    """How many weeks back a whole day lies; below 0 for the day of `as_of`, which only began."""
    return (as_of.astimezone(UTC).date() - day - timedelta(days=1)).days // 7


def week_ends(back: int, *, as_of: datetime) -> datetime:
    """The midnight with which a week ends."""
    today = datetime.combine(as_of.astimezone(UTC).date(), time(), UTC)
    return today - back * WEEK


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
        known_from, known_to = date.max, date.min
        for record in (r for r in records if r.currency == self.currency):
            mine: dict[date, list[DayCost]] = defaultdict(list)
            for row in record.days:
                mine[row.day].append(row)
            days |= {day: tuple(rows) for day, rows in mine.items()}
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
        """How many rows of use a week has; None where the log was silent for part of it."""
        rows = self._rows(back)
        return sum(row.requests for row in rows) if rows else None

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


def with_slope(
    found: Mapping[int, float], sign: SlowSign, *, as_of: datetime, share: float | None = None
) -> SlowSign:
    """The sign with its weeks and their slope.

    Args:
        found: how many weeks back, and the number of that week.
        sign: what the number is, in which unit, and which way is worse.
        as_of: the instant that judges.
        share: the floor as a share of the usual level; None leaves that of `sign`.
    """
    backs = sorted(found, reverse=True)
    values = [found[back] for back in backs]
    update: dict[str, object] = {
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


def labelled_by_week(days: Mapping[date, QualityDay], *, as_of: datetime) -> dict[int, float]:
    """Decisions with a label per day, of each week that is whole and settled."""
    weeks: dict[int, list[int]] = defaultdict(list)
    for day in days.values():
        if not day.provisional:
            weeks[week_of(day.day, as_of=as_of)].append(day.quality.n or 0)
    return {
        back: sum(rows) / 7
        for back, rows in weeks.items()
        if len(rows) == 7 and back in range(MOST_WEEKS)
    }
