"""What was spent in each slot of ten minutes, from some midnight on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import accumulate, pairwise
from statistics import median

SLOT = timedelta(minutes=10)
DAY = timedelta(days=1)
SLOTS_A_DAY = DAY // SLOT
_LEAST_PATIENCE = timedelta(hours=1)
_MOST_PATIENCE = DAY
_LOOKED_BACK = 14


@dataclass(frozen=True)
class Spent:
    """What rows of one slot cost; `cost` is None where they have no price."""

    at: datetime
    cost: Decimal | None
    rows: int = 1


def midnight(at: datetime) -> datetime:
    """The beginning of the UTC day of an instant."""
    return at_midnight(at.astimezone(UTC).date())


def at_midnight(day: date) -> datetime:
    """The beginning of a UTC day."""
    return datetime.combine(day, time(), tzinfo=UTC)


@dataclass(frozen=True)
class SpendSlots:
    """Consecutive slots from `start`, a midnight, on: cost, and rows with and without a price.

    Sums are exact and cost the same over whatever span. `newest` is the instant of the newest row,
    or the latest that it can be.
    """

    start: datetime
    costs: tuple[Decimal, ...]
    rows: tuple[int, ...]
    without_price: tuple[int, ...]
    newest: datetime | None

    @classmethod
    def of(
        cls,
        spent: Iterable[Spent],
        *,
        start: datetime,
        as_of: datetime,
        newest: datetime | None = None,
    ) -> "SpendSlots":
        """The slots from the midnight of `start` to that of `as_of`, its own included.

        Without `newest`, the newest row may lie at the end of its slot.
        """
        first = midnight(start)
        count = max((as_of - first) // SLOT + 1, 1)
        costs, rows, without = [Decimal(0)] * count, [0] * count, [0] * count
        for part in spent:
            place = (part.at - first) // SLOT
            if not 0 <= place < count:
                continue
            costs[place] += part.cost or Decimal(0)
            rows[place] += part.rows
            without[place] += part.rows if part.cost is None else 0
        if newest is None and any(rows):
            last = max(place for place, number in enumerate(rows) if number)
            newest = min(first + (last + 1) * SLOT, as_of)
        return cls(first, tuple(costs), tuple(rows), tuple(without), newest)

    @cached_property
    def summed(self) -> tuple[Decimal, ...]:
        """The cost before each slot, and that of all of them at the end."""
        return tuple(accumulate(self.costs, initial=Decimal(0)))

    @cached_property
    def _summed_rows(self) -> tuple[int, ...]:
        return tuple(accumulate(self.rows, initial=0))

    @cached_property
    def _summed_without(self) -> tuple[int, ...]:
        return tuple(accumulate(self.without_price, initial=0))

    def index(self, at: datetime) -> int:
        """Which slot an instant lies in, within what there is."""
        return min(max((at - self.start) // SLOT, 0), len(self.costs))

    def begin(self, at: datetime) -> datetime:
        """The beginning of the slot that an instant lies in."""
        return self.start + (at - self.start) // SLOT * SLOT

    def cost(self, since: datetime, until: datetime) -> Decimal:
        """What was spent from the slot of one instant to the end of that before another.

        An `until` within a slot counts what that slot holds so far.
        """
        return self.summed[self._after(until)] - self.summed[self.index(since)]

    def counted(self, since: datetime, until: datetime) -> int:
        """How many rows the span holds."""
        return self._summed_rows[self._after(until)] - self._summed_rows[self.index(since)]

    def unpriced(self, since: datetime, until: datetime) -> int:
        """How many rows of the span have no price."""
        sums = self._summed_without
        return sums[self._after(until)] - sums[self.index(since)]

    def _after(self, until: datetime) -> int:
        return min(max(-((self.start - until) // SLOT), 0), len(self.costs))

    def of_day(self, day: datetime) -> tuple[Decimal, ...]:
        """The cost of each slot of one whole day."""
        first = (day - self.start) // SLOT
        return self.costs[first : first + SLOTS_A_DAY]

    def curve(self, day: datetime) -> tuple[float, ...]:
        """Which share of a whole day's cost was spent by the end of each slot; empty for none."""
        first = (day - self.start) // SLOT
        if first not in self._curves:
            costs = self.of_day(day)
            whole = sum(costs, Decimal(0))
            shares = [float(part / whole) for part in accumulate(costs)] if whole > 0 else []
            self._curves[first] = tuple(shares)
        return self._curves[first]

    # Each day of a watch asks for the same few days before it.
    @cached_property
    def _curves(self) -> dict[int, tuple[float, ...]]:
        return {}

    @cached_property
    def _gaps(self) -> tuple[tuple[int, int], ...]:
        """Each slot with rows of the last days, and how many slots after the one before."""
        held = [place for place, number in enumerate(self.rows) if number]
        first = len(self.rows) - _LOOKED_BACK * SLOTS_A_DAY
        return tuple((b, b - a) for a, b in pairwise(held) if b >= first)

    @cached_property
    def grain(self) -> timedelta | None:
        """How far apart slots with rows usually lie; None when there are not two of them."""
        return median(gap for _, gap in self._gaps) * SLOT if self._gaps else None

    @cached_property
    def patience(self) -> timedelta:
        """How long without a row is usual: half more than the longest silence of a usual day.

        An hour at least, and never more than a day: a service that sleeps at night is no log that
        has stopped.
        """
        longest: dict[int, int] = {}
        for place, gap in self._gaps:
            day = place // SLOTS_A_DAY
            longest[day] = max(longest.get(day, 0), gap)
        usual = median(longest.values()) * SLOT * 1.5 if longest else _LEAST_PATIENCE
        return min(max(usual, _LEAST_PATIENCE), _MOST_PATIENCE)
