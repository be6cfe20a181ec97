"""How near to a ceiling per day the spend is: what is spent, how fast, and where the day ends.

Three rules, since none of them sees everything: a burn rate over a long and a short window finds
what suddenly costs much, the projected end of the day what costs a little more all day, and the
plain sum is the backstop. Windows and limits are those of `BURN_WINDOWS`; a rate of 1 uses up the
ceiling in exactly a day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median

from ops_model.analysis.spend_slots import DAY, SLOT, SpendSlots, midnight
from ops_model.domain.spend import BurnWindow, CeilingLevel

BURN_WINDOWS: tuple[tuple[int, int, float], ...] = (
    (60, 10, 6.0),
    (120, 20, 3.0),
    (360, 60, 2.0),
    (720, 120, 1.5),
)
"""Minutes of the long and of the short window, and the times of the ceiling's pace that page."""
IN_A_ROW = 3
"""For how many slots in a row the day has to be on its way above the ceiling."""
FROM_SHARE = 0.15
"""Before this share of a usual day's cost is spent, a projection says too little."""
PROFILE_DAYS = 14
MIN_PROFILE_DAYS = 3
"""How many whole days a usual day is made of, and below how many there is none."""


@dataclass(frozen=True)
class Standing:
    """How a series stands against a ceiling at an instant; `why` says what `state` rests on."""

    spent: Decimal
    unpriced: int
    state: CeilingLevel
    why: str
    warned_at: tuple[Decimal, ...] = ()
    burn: tuple[BurnWindow, ...] = ()
    projected: Decimal | None = None
    profile_days: int = 0
    crossed_at: datetime | None = None


@dataclass(frozen=True)
class Ceiling:
    """An amount per day or run, and the shares of it at which somebody is told."""

    amount: Decimal
    warn_at: tuple[Decimal, ...] = ()

    def warned(self, spent: Decimal) -> tuple[Decimal, ...]:
        """The shares that are reached; of a ceiling of nothing there are none."""
        if self.amount <= 0:
            return ()
        return tuple(share for share in self.warn_at if spent >= share * self.amount)


def day_standing(
    slots: SpendSlots,
    ceiling: Ceiling,
    *,
    as_of: datetime,
    blind: str = "",
    windows: Sequence[tuple[int, int, float]] = BURN_WINDOWS,
) -> Standing:
    """How the UTC day of `as_of` stands against a ceiling per day.

    Unknown where the data are too old to say that it is quiet, or where rows have no price: also
    where a share is reached, since nobody knows which others are. What is crossed already stays
    crossed, since more rows only add to it.

    Args:
        slots: what was spent, the days before included, so that a usual day is known.
        ceiling: the most that a day may cost.
        as_of: the instant that judges; rows at or after it are not looked at.
        blind: why what was spent lately is not known, see `silence`; empty when it is.
        windows: minutes of the long and the short window and their limit; see `BURN_WINDOWS`.
    """
    today = midnight(as_of)
    spent, unpriced = slots.cost(today, as_of), slots.unpriced(today, as_of)
    warned = ceiling.warned(spent)
    if spent > ceiling.amount:
        at = crossing(slots, ceiling.amount, day=today, as_of=as_of)
        return Standing(spent, unpriced, "crossed", "what is spent is above the ceiling",
                        warned, crossed_at=at)  # fmt: skip
    if blind:
        return Standing(spent, unpriced, "unknown", blind, warned)
    until = settled(slots, as_of)
    burn = tuple(_burn(slots, ceiling.amount, until, window) for window in windows)
    usual = UsualDay.before(slots, today)
    projected = usual.end(slots.cost(today, until), until) if usual else None
    days = usual.days if usual else 0
    state, why = _state(slots, ceiling, until, burn, usual, warned)
    if state == "page" and not spent:
        why += "; that was before midnight, and the new day has cost nothing yet"
    if state in {"quiet", "warned"} and unpriced:
        state, why = "unknown", _dearer(unpriced, warned)
    return Standing(spent, unpriced, state, why, warned, burn, projected, days)


def run_standing(
    slots: SpendSlots, ceiling: Ceiling, *, as_of: datetime, blind: str = ""
) -> Standing:
    """How everything that one run cost stands against a ceiling per run; see `day_standing`."""
    spent, unpriced = slots.cost(slots.start, as_of), slots.unpriced(slots.start, as_of)
    warned = ceiling.warned(spent)
    if spent > ceiling.amount:
        at = crossing(slots, ceiling.amount, day=None, as_of=as_of)
        return Standing(spent, unpriced, "crossed", "the run cost more than it may", warned,
                        crossed_at=at)  # fmt: skip
    if blind:
        return Standing(spent, unpriced, "unknown", blind, warned)
    if unpriced:
        return Standing(spent, unpriced, "unknown", _dearer(unpriced, warned), warned)
    if warned:
        return Standing(spent, unpriced, "warned", f"{_part(warned[-1])} is reached", warned)
    return Standing(spent, unpriced, "quiet", "the run is below every warning")


def over_standing(
    slots: SpendSlots, ceiling: Ceiling, *, day: datetime | None, as_of: datetime
) -> Standing | None:
    """How a day, or a run, that is over stood above a ceiling; None where it was not above it.

    Args:
        slots: what was spent.
        ceiling: the most that it may cost.
        day: the midnight at which the day began; None for a run, which is all of the slots.
        as_of: the instant that judges.
    """
    since, until = (slots.start, as_of) if day is None else (day, day + DAY)
    spent, unpriced = slots.cost(since, until), slots.unpriced(since, until)
    if spent <= ceiling.amount:
        return None
    at = crossing(slots, ceiling.amount, day=day, as_of=as_of)
    return Standing(spent, unpriced, "crossed", "what was spent is above the ceiling",
                    ceiling.warned(spent), crossed_at=at)  # fmt: skip


def silence(slots: SpendSlots, as_of: datetime) -> str:
    """Why what a log says is too old to know what is spent; empty when it is not."""
    if slots.newest is None:
        return "there is no row"
    age = as_of - slots.newest
    if age <= slots.patience:
        return ""
    return (
        f"the newest row is {_aged(age)} old, and after {_aged(slots.patience)} without one "
        "nobody knows what was spent since"
    )


def crossing(
    slots: SpendSlots, amount: Decimal, *, day: datetime | None, as_of: datetime
) -> datetime | None:
    """The end of the slot in which the sum went above an amount; None while it is not.

    It is never of another day, and never after `as_of`.

    Args:
        slots: what was spent.
        amount: what it went above.
        day: the midnight at which the sum begins and after a day ends; None is all of it.
        as_of: rows at or after it do not count.
    """
    start = slots.start if day is None else max(day, slots.start)
    end = as_of if day is None else min(as_of, day + DAY)
    base = slots.cost(slots.start, start)
    for place in range(slots.index(start), slots.index(end) + 1):
        if slots.summed[min(place + 1, len(slots.costs))] - base > amount:
            at = slots.start + (place + 1) * SLOT
            last = end if end == as_of else end - timedelta(seconds=1)
            return min(at, last, as_of)
    return None


def settled(slots: SpendSlots, as_of: datetime) -> datetime:
    """Up to where windows reach: the last whole slot, or the end of the data where these lag.

    Ended at `as_of`, a short window over a log that lags by a quarter of an hour would hold
    nothing, and never burn.
    """
    whole = slots.begin(as_of)
    if slots.newest is None or as_of - slots.newest > timedelta(hours=1):
        return whole
    return min(whole, slots.begin(slots.newest) + SLOT)


@dataclass(frozen=True)
class UsualDay:
    """The share of a day's cost that was spent by the end of each slot, on each day before.

    What is usual is the median of the days; a day that cost nothing tells no shares.
    """

    curves: tuple[tuple[float, ...], ...]

    @property
    def days(self) -> int:
        """Of how many days it is made."""
        return len(self.curves)

    @classmethod
    def before(cls, slots: SpendSlots, today: datetime) -> "UsualDay | None":
        """The usual day of up to `PROFILE_DAYS` days before; None of fewer than three."""
        days = [today - back * DAY for back in range(1, PROFILE_DAYS + 1)]
        curves = [curve for day in days if day >= slots.start and (curve := slots.curve(day))]
        if len(curves) < MIN_PROFILE_DAYS:
            return None
        return cls(tuple(curves))

    def share(self, at: datetime) -> float:
        """The usual share of a day's cost by an instant between slots."""
        place = (at - midnight(at)) // SLOT
        return median(curve[place - 1] for curve in self.curves) if place else 0.0

    def end(self, spent: Decimal, at: datetime) -> Decimal | None:
        """What the day will have cost, if the rest of it is as usual; None while it is early."""
        share = self.share(at)
        return spent / Decimal(share) if share >= FROM_SHARE else None


def _state(
    slots: SpendSlots,
    ceiling: Ceiling,
    until: datetime,
    burn: Iterable[BurnWindow],
    usual: UsualDay | None,
    warned: Sequence[Decimal],
) -> tuple[CeilingLevel, str]:
    """The gravest state that holds below the ceiling, and why."""
    burning = next((window for window in burn if window.burns), None)
    if burning is not None:
        return "page", (
            f"it burns at {burning.long_rate:.1f} times the ceiling's pace over "
            f"{burning.long_minutes // 60} h and {burning.short_rate:.1f} times over "
            f"{burning.short_minutes} min; {burning.limit:g} times pages"
        )
    if usual is not None and _on_its_way(slots, ceiling.amount, until, usual):
        return "ticket", (
            f"by {usual.share(until):.0%} of a usual day's cost, the day ends above the ceiling; "
            f"so it was in {IN_A_ROW} slots of ten minutes in a row"
        )
    if warned:
        return "warned", f"{_part(warned[-1])} is reached"
    return "quiet", "below every warning"


def _on_its_way(slots: SpendSlots, amount: Decimal, until: datetime, usual: UsualDay) -> bool:
    today = midnight(until)
    for back in range(IN_A_ROW):
        at = until - back * SLOT
        if at <= today:
            return False
        end = usual.end(slots.cost(today, at), at)
        if end is None or end <= amount:
            return False
    return True


def _burn(
    slots: SpendSlots, amount: Decimal, until: datetime, window: tuple[int, int, float]
) -> BurnWindow:
    """How fast two windows that end together use up a ceiling.

    A window that is shorter than the log's rows lie apart says how they lie, and not how fast
    money goes; such a pair has no rates. Nor has a ceiling of nothing a pace.
    """
    long, short, limit = window
    grain = slots.grain
    if amount <= 0 or grain is None or grain > timedelta(minutes=short):
        return BurnWindow(long_minutes=long, short_minutes=short, limit=limit)

    def rate(minutes: int) -> float:
        over = timedelta(minutes=minutes)
        return float(slots.cost(until - over, until) / amount) * (DAY / over)

    return BurnWindow(
        long_minutes=long, short_minutes=short, limit=limit, long_rate=rate(long),
        short_rate=rate(short),
    )  # fmt: skip


def _dearer(unpriced: int, warned: Sequence[Decimal]) -> str:
    """Why a sum with rows without a price says too little, and what it reaches all the same."""
    why = f"the price of {unpriced:,} of its rows is not known, so it costs more than it seems"
    return f"{why}; {_part(warned[-1])} is reached" if warned else why


def _aged(age: timedelta) -> str:
    minutes = int(age / timedelta(minutes=1))
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:.1f} h"


def _part(share: Decimal) -> str:
    return f"{share:.0%} of the ceiling"
