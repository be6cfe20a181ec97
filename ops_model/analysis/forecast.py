"""When a ceiling per day is crossed if it goes on like this, and between which days.

A usual day now is the median of the last seven; it grows by the median of the slopes between any
two days (`growth`). How wrong that is shows in other series
(`conformal`): without enough of them, or where their errors do not hold, there is no interval.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import exp, log
from statistics import fmean, median

from ops_model.analysis.conformal import (
    LEVEL,
    MIN_SERIES,
    ErrorBand,
    error_band,
    held_next,
)
from ops_model.analysis.growth import growth_per_day, median_slope
from ops_model.domain.evidence import Measured

HORIZON_DAYS = 120
AHEAD = (7, 14, 28)
"""For how many days ahead the errors of other series are looked at."""
WEEK = 7
COVERAGE = (0.85, 0.95)
"""Where less or more of the errors lay in a band of 90 of 100, it is not shown."""


@dataclass(frozen=True)
class Bands:
    """The errors to expect so many days ahead, how often they held, and why there are none."""

    by_days: Mapping[int, ErrorBand]
    series: int
    held: int = 0
    tried: int = 0
    why_not: str = ""

    @property
    def reach(self) -> int:
        """How many days ahead they reach."""
        return max(self.by_days, default=0)

    def at(self, days: int) -> ErrorBand | None:
        """The band for a day; that of the nearest span that holds it."""
        return next((self.by_days[d] for d in sorted(self.by_days) if d >= days), None)


@dataclass(frozen=True)
class Forecast:
    """When a ceiling is crossed; `no_interval` says why no day bounds it."""

    per_day_now: Measured
    growth_per_day: Measured
    crosses_on: date | None
    earliest: date | None
    latest: date | None
    no_interval: str | None
    coverage: Measured | None
    series: int


@dataclass(frozen=True)
class Unsure:
    """What the days of a ceiling may have cost besides what is known.

    Attributes:
        least: days that hold rows without a price, with what they cost at least.
        nameless: what rows that do not say whose they are cost on each known day; they may be
            under the ceiling.
        rows: how many those are.
        what: what they do not name.
        undated: rows that say no instant, and may be of any day.
    """

    least: Mapping[date, float] = field(default_factory=dict)
    nameless: Mapping[date, float] = field(default_factory=dict)
    rows: int = 0
    what: str = "provider"
    undated: int = 0


@dataclass(frozen=True)
class _Usual:
    """What a usual day costs now, over how many days, and why that is the least it costs."""

    level: float | None
    days: int
    doubt: str = ""


def forecast_crossing(
    costs: Mapping[date, float],
    ceiling: float,
    *,
    today: date,
    currency: str,
    others: Sequence[Mapping[date, float]] = (),
    horizon_days: int = HORIZON_DAYS,
    unsure: Unsure | None = None,
) -> Forecast:
    """When a usual day costs more than a ceiling.

    Args:
        costs: what each whole day before `today` cost, of which it is known; a day that is not
            known is left out, and never zero.
        ceiling: the most that a day may cost.
        today: the day that is not over; it is day 0 of the forecast.
        currency: of everything.
        others: the same of the series whose errors bound the day: services, one each.
        horizon_days: how far it looks ahead.
        unsure: what the days may have cost besides; where that matters, a usual day is a lower
            bound, and nothing bounds when the ceiling is crossed.
    """
    growth = growth_per_day(costs, currency)
    slope, unsure = growth.value or 0.0, unsure or Unsure()
    usual = _usual(costs, unsure.least, today)
    if usual.level is not None and not usual.doubt and unsure.rows:
        usual = _with_nameless(usual, costs, unsure, today, _Reach(ceiling, slope, horizon_days))
    level, bands = usual.level, bands_of(others, today)
    now = Measured(
        value=level, unit=currency, n=usual.days,
        no_interval=(usual.doubt or "the median of the days") + _timeless(unsure.undated),
    )  # fmt: skip
    coverage = Measured(
        value=bands.held / bands.tried, unit="share", n=bands.tried, no_interval="exact"
    ) if bands.tried else None  # fmt: skip
    if level is None:
        why = "no interval: of the last seven days none is known"
        return Forecast(now, growth, None, None, None, why, coverage, bands.series)
    path = _path(level, slope, horizon_days)
    crosses = _first(path, ceiling)
    if usual.doubt:
        day = today + timedelta(days=crosses) if crosses is not None else None
        why = f"no interval: what a day costs now is a {usual.doubt}"
        return Forecast(now, growth, day, None, None, why, coverage, bands.series)
    high, low = (_banded(path, bands, side) for side in ("high", "low"))
    earliest, latest = _first(high, ceiling), _first(low, ceiling)
    why_not = bands.why_not or None
    if not why_not and earliest is None:
        why_not = (
            f"errors were seen up to {bands.reach} days ahead; by then the ceiling is not "
            "crossed, and later nothing bounds the day"
        )

    def on(days: int | None) -> date | None:
        return today + timedelta(days=days) if days is not None else None

    return Forecast(now, growth, on(crosses), on(earliest), on(latest), why_not, coverage,
                    bands.series)  # fmt: skip


def _timeless(undated: int) -> str:
    return f"; {undated:,} rows say no instant, and may be of any day" if undated else ""


@dataclass(frozen=True)
class _Reach:
    """Up to where a day's cost is followed: a ceiling, and how fast and how far ahead."""

    ceiling: float
    slope: float
    horizon_days: int

    def crossed_from(self, level: float) -> int | None:
        """After how many days the ceiling is crossed; None where it is not."""
        return _first(_path(level, self.slope, self.horizon_days), self.ceiling)


def _path(level: float, slope: float, horizon_days: int) -> list[float]:
    return [level + slope * days for days in range(horizon_days + 1)]


def _usual(costs: Mapping[date, float], least: Mapping[date, float], today: date) -> _Usual:
    """The median of the last seven days, also of those of which the least is known."""
    known, some = (
        [cost for day, cost in held.items() if 0 < (today - day).days <= WEEK]
        for held in (costs, least)
    )
    level = median(known) if known else None
    if not some:
        return _Usual(level, len(known))
    bound = median([*known, *some])
    # Of most days only the least is known; or even that is more than the others say.
    if level is None or bound > level or len(some) > len(known):
        days = len(known) + len(some)
        doubt = f"lower bound: {len(some)} of the last {days} days hold rows without a price"
        return _Usual(max(bound, level or 0.0), days, doubt)
    return _Usual(level, len(known))


def _with_nameless(
    usual: _Usual, costs: Mapping[date, float], unsure: Unsure, today: date, reach: _Reach
) -> _Usual:
    """The same; a lower bound where what names nobody could bring the crossing nearer."""
    level = usual.level or 0.0
    with_all = {day: cost + unsure.nameless.get(day, 0.0) for day, cost in costs.items()}
    most = usual_day(with_all, today) or level
    if reach.crossed_from(most) == reach.crossed_from(level):
        return usual
    doubt = (
        f"lower bound: {unsure.rows:,} rows of the last {usual.days} days name no {unsure.what}; "
        f"with them it is {most:,.2f}"
    )
    return _Usual(level, usual.days, doubt)


def usual_day(costs: Mapping[date, float], today: date) -> float | None:
    """The median cost of the known days of the last seven; None when none of them is known."""
    last = [cost for day, cost in costs.items() if 0 < (today - day).days <= WEEK]
    return median(last) if last else None


def bands_of(others: Sequence[Mapping[date, float]], today: date) -> Bands:
    """The errors that forecasts of other series made, and how often such errors held later."""
    by_days: dict[int, ErrorBand] = {}
    held = tried = 0
    for ahead in AHEAD:
        before, after = (errors(others, today, ahead, back) for back in (2 * ahead, ahead))
        both = [place for place in before if place in after]
        band = error_band(list(after.values()))
        if len(both) < MIN_SERIES or band is None:
            break
        now_held, now_tried = held_next([before[p] for p in both], [after[p] for p in both])
        by_days[ahead] = _no_narrower(band, by_days.get(max(by_days, default=0)))
        held, tried = held + now_held, tried + now_tried
    if not by_days:
        why = (
            f"no interval: {len(others)} series are known, and how wrong a forecast is shows in "
            f"at least {MIN_SERIES} that cost something on each day of {3 * AHEAD[0]} or more"
        )
        return Bands({}, len(others), why_not=why)
    if not COVERAGE[0] <= held / tried <= COVERAGE[1]:
        why = (
            f"no interval: {held} of {tried} errors lay in the band of {LEVEL:.0%} that was known "
            f"before them; expected {COVERAGE[0]:.0%} to {COVERAGE[1]:.0%}"
        )
        return Bands({}, len(others), held, tried, why)
    return Bands(by_days, len(others), held, tried)


def errors(
    series: Sequence[Mapping[date, float]], today: date, ahead: int, back: int
) -> dict[int, float]:
    """The error of the forecast made `back` days ago of the mean of the `ahead` days from then.

    The logarithm of actual by forecast, by the place of the series; without those whose forecast
    or actual is nothing or not known.
    """
    origin = today - timedelta(days=back)
    found = {}
    for place, costs in enumerate(series):
        known = {day: cost for day, cost in costs.items() if day < origin}
        level = usual_day(known, origin)
        days = [costs.get(origin + timedelta(days=d)) for d in range(ahead)]
        actual = fmean(cost for cost in days if cost is not None) if None not in days else 0.0
        growth = median_slope(known) or 0.0
        expected = (level or 0.0) + growth * (ahead - 1) / 2
        if actual > 0 and expected > 0:
            found[place] = log(actual / expected)
    return found


def _no_narrower(band: ErrorBand, nearer: ErrorBand | None) -> ErrorBand:
    """A band that is no narrower than that of fewer days ahead."""
    if nearer is None:
        return band
    return ErrorBand(min(band.low, nearer.low), max(band.high, nearer.high), band.series)


def _banded(path: Sequence[float], bands: Bands, side: str) -> list[float]:
    """One edge of the interval about a path, as far as it reaches."""
    edge = []
    for days, cost in enumerate(path[: bands.reach + 1]):
        band = bands.at(days)
        if band is not None:
            edge.append(cost * exp(band.high if side == "high" else band.low))
    return edge


def _first(path: Sequence[float], ceiling: float) -> int | None:
    return next((days for days, cost in enumerate(path) if cost > ceiling), None)
