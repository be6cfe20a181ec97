"""Service levels from counts of slots: what was good, what is left of the budget, how it burns.

All of it is exact: fractions of whole counts, and targets as they were written. A budget is an
account of what happened and no estimate, so it has no interval; the share that was good has one,
by days as blocks, for whoever asks what other such days would have shown.

Source: the workbook of Google's site reliability engineers, chapter on alerting on objectives:
an alert looks at two windows, of which the short one is a twelfth of the long one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Context, Decimal
from fractions import Fraction
from math import ceil

import numpy as np

from ops_model.analysis.blocks import FEWEST_BLOCKS, blocks_of, share_by_blocks
from ops_model.analysis.profile import Counts, Floats
from ops_model.analysis.slots import SlotCounts, longest_gap
from ops_model.domain.evidence import Measured
from ops_model.domain.service_levels import (
    DAY_MINUTES,
    Budgeting,
    BurnRate,
    BurnRateAlert,
    Objective,
)

SHORT_PART = 12
"""The short window of an alert is this part of the long one."""
_DIGITS = Context(prec=9)


@dataclass(frozen=True)
class LevelResult:
    """The numbers of a `ServiceLevelMeasurement`, without what only the caller knows."""

    good: Measured
    budget_left: Measured
    burn: tuple[BurnRate, ...]
    rows: int
    undecided: int
    newest_row: datetime | None
    silence: Measured
    longest_silence: Measured
    in_batch: Measured | None
    outside_batch: Measured | None


@dataclass(frozen=True)
class _Units:
    """What a budget is counted in, slot by slot: events, or slices; `good` may be parts of one."""

    valid: Counts
    good: tuple[Fraction, ...]

    def over(self, slots: int) -> tuple[int, Fraction]:
        """How much was valid, and how much of that good, in the last so many slots."""
        if slots <= 0:
            return 0, Fraction(0)
        return int(self.valid[-slots:].sum()), sum(self.good[-slots:], Fraction(0))


def measure_level(
    counts: SlotCounts,
    objective: Objective,
    *,
    start: datetime,
    batch_hours: frozenset[int] = frozenset(),
) -> LevelResult:
    """An objective over its own window, and what its alerts see.

    Args:
        counts: slots up to the end of the window, from its start or earlier, since an alert may
            look back farther; where the objective counts slices, each slot is a slice.
        objective: target, budgeting and alerts.
        start: where the objective's own window begins.
        batch_hours: hours of the day (UTC) in which batch work shares the machines.
    """
    slots = min((counts.end - start) // timedelta(minutes=counts.minutes), len(counts.rows))
    units = _units(counts, objective)
    valid, good = units.over(slots)
    rate = _burn(valid, good, objective.target)
    left = Measured(value=None, unit="share", n=0, no_interval="too few")
    if rate is not None:
        left = Measured(value=_number(1 - rate), unit="share", n=valid, no_interval="exact")
    rows = counts.rows[-slots:] if slots else counts.rows[:0]
    places = np.flatnonzero(rows)
    longest, silence = longest_gap(places, slots)
    newest = counts.end - timedelta(minutes=counts.minutes * silence) if len(places) else None
    inside, outside = _by_batch(counts, slots, batch_hours)
    return LevelResult(
        good=_share(units, slots, counts.minutes),
        budget_left=left,
        burn=tuple(_alert(units, counts.minutes, objective.target, a) for a in objective.alerts),
        rows=int(rows.sum()),
        undecided=counts.undecided,
        newest_row=newest,
        silence=_hours(silence, counts.minutes, int(rows.sum())),
        longest_silence=_hours(longest, counts.minutes, int(rows.sum())),
        in_batch=inside,
        outside_batch=outside,
    )


def _units(counts: SlotCounts, objective: Objective) -> _Units:
    if objective.budgeting == "occurrences":
        return _Units(counts.valid, tuple(Fraction(int(g)) for g in counts.good))
    share = objective.slice_target if objective.slice_target is not None else objective.target
    pairs = zip(counts.valid.tolist(), counts.good.tolist(), strict=True)
    good = tuple(_slice(g, v, objective.budgeting, Fraction(share)) for v, g in pairs)
    return _Units((counts.valid > 0).astype(np.int64), good)


def _slice(good: int, valid: int, budgeting: Budgeting, share: Fraction) -> Fraction:
    """What one slice is worth: its share, or one where that reaches the target of slices."""
    if valid == 0:
        return Fraction(0)
    if budgeting == "ratio_timeslices":
        # Sums of fractions with any denominator grow without end; twelve digits are enough.
        return Fraction(round(Fraction(good, valid) * 10**12), 10**12)
    return Fraction(int(Fraction(good, valid) >= share))


def _burn(valid: int, good: Fraction, target: Decimal) -> Fraction | None:
    """How many times as fast as it may the budget burns; None where nothing was counted."""
    if valid == 0:
        return None
    return (1 - good / valid) / (1 - Fraction(target))


def _alert(units: _Units, minutes: int, target: Decimal, alert: BurnRateAlert) -> BurnRate:
    lookback = Fraction(str(alert.lookback_hours)) * 60
    if lookback < minutes:
        unseen = Measured(
            value=None, unit="times", n=0, no_interval=f"known by {minutes // 60} hours only"
        )
        return BurnRate(hours=alert.lookback_hours, rate=unseen, limit=alert.burn_rate)
    slots = ceil(lookback / minutes)
    short = ceil(lookback / minutes / SHORT_PART)
    return BurnRate(
        hours=alert.lookback_hours,
        rate=_rate(units, slots, target),
        limit=alert.burn_rate,
        short_hours=_number(Fraction(short * minutes, 60)),
        short=_rate(units, short, target),
    )


def _rate(units: _Units, slots: int, target: Decimal) -> Measured:
    valid, good = units.over(slots)
    rate = _burn(valid, good, target)
    if rate is None:
        return Measured(value=None, unit="times", n=0, no_interval="too few")
    return Measured(value=_number(rate), unit="times", n=valid, no_interval="exact")


def _share(units: _Units, slots: int, minutes: int) -> Measured:
    """What was good, with an interval by days; by hours where there are too few days."""
    good = np.array([float(g) for g in units.good[-slots:]] if slots else [], np.float64)
    valid = units.valid[-slots:] if slots else units.valid[:0]
    for block in (DAY_MINUTES, 60):
        per = max(block // minutes, 1)
        inside = blocks_of(valid, per)
        if int((inside > 0).sum()) >= FEWEST_BLOCKS:
            break
    return share_by_blocks(blocks_of(good, per), inside.astype(np.int64))


def _by_batch(
    counts: SlotCounts, slots: int, hours: frozenset[int]
) -> tuple[Measured | None, Measured | None]:
    """What was good inside and outside of the hours of batch work; None without such hours."""
    if not hours or counts.minutes > 60:
        return None, None
    total = len(counts.rows)
    minute = counts.start.hour * 60 + counts.start.minute
    hour = (minute + counts.minutes * np.arange(total)) // 60 % 24
    busy = np.isin(hour, sorted(hours))
    inside, outside = (_part(counts, slots, chosen) for chosen in (busy, ~busy))
    return inside, outside


def _part(counts: SlotCounts, slots: int, chosen: "np.typing.NDArray[np.bool_]") -> Measured:
    per = DAY_MINUTES // counts.minutes
    good, valid = ((c * chosen)[-slots:] if slots else c[:0] for c in (counts.good, counts.valid))
    return share_by_blocks(blocks_of(good, per), blocks_of(valid, per).astype(np.int64))


def fresh_minutes(arrived: Sequence[int] | Counts, *, first: int, last: int, limit: int) -> Floats:
    """For each minute whether the newest row was then no older than the limit, as 1 or 0.

    Args:
        arrived: the minutes in which rows were written, counted from 1970; some may lie before.
        first: the first minute of the window.
        last: the minute after its last.
        limit: how many minutes old the newest row may be.
    """
    minutes = np.arange(first, last)
    known = np.unique(np.asarray(arrived, np.int64))
    place = np.searchsorted(known, minutes, side="right") - 1
    newest = np.where(place >= 0, known[np.maximum(place, 0)] if len(known) else 0, -(10**9))
    return (minutes - newest <= limit).astype(np.float64)


def _hours(slots: int, minutes: int, rows: int) -> Measured:
    value = _number(Fraction(slots * minutes, 60))
    return Measured(value=value, unit="h", n=rows, no_interval="exact")


def _number(exact: Fraction) -> float:
    """A fraction to nine digits, by decimal arithmetic: 14.4 is that and has no tail."""
    return float(_DIGITS.divide(Decimal(exact.numerator), Decimal(exact.denominator)))
