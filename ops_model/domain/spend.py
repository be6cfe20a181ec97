"""What was measured about cost: spend per day, how near a ceiling is, why it grew, who was told.

What could be saved, and what was billed, is in `savings`.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AwareDatetime

from ops_model.domain.cents import cents_adding_up, whole_cents
from ops_model.domain.evidence import Measured, Measurement, Record
from ops_model.domain.scalars import ByKey, Digest, Route, Slug, Text
from ops_model.domain.values import Value

HardAction = Literal["throttle", "cheaper_model", "stop", "page_only"]

CeilingLevel = Literal["crossed", "page", "ticket", "warned", "quiet", "unknown"]
"""How grave it is, the gravest first; what is unknown is never quiet."""

BridgeDriver = Literal[
    "volume", "prompt_length", "output_length", "model_mix", "cache", "retries", "price"
]


class DayCost(Value):
    """What one service cost on one UTC day."""

    day: date
    service: str
    cost: Measured
    requests: int


class SpendMeasurement(Measurement):
    """Spend per day and service against the ceiling, and how old the data is.

    `today` is the spend of the UTC day of `as_of` so far; `last_full_day` the last whole day.
    `data_age_hours` counts from the newest row to `as_of`. Rows without a price are counted in
    `unpriced_rows` and never taken for zero; `unpriced` says of what they are. `by_purpose` and
    `by_provider` take `total` apart: shadow and challenger spend is told apart from what customers
    were served. `apart` are rows that make no sense or came twice, by what is wrong; `warnings`
    what makes the total doubtful; `silent_days` those without a row between days that have some.
    """

    kind: Literal["spend"] = "spend"
    currency: str
    total: Measured
    today: Measured
    last_full_day: Measured
    ceiling_per_day: Measured | None = None
    days_over_ceiling: int = 0
    newest_row: AwareDatetime | None = None
    data_age_hours: Measured
    unpriced_rows: int
    price_source: str
    days: tuple[DayCost, ...]
    by_purpose: Annotated[Mapping[str, Measured], ByKey] = {}
    by_provider: Annotated[Mapping[str, Measured], ByKey] = {}
    unpriced: Annotated[Mapping[str, int], ByKey] = {}
    apart: Annotated[Mapping[str, int], ByKey] = {}
    warnings: tuple[str, ...] = ()
    silent_days: tuple[date, ...] = ()


class BridgeBar(Value):
    """What one driver did to the cost of a day, who answers for it, and what is planned.

    `action` is an action of `cost.yaml`; where there is none, `do` says what usually helps.
    """

    driver: BridgeDriver
    effect: Measured
    owner: Slug | None = None
    action: Slug | None = None
    do: Text


class CostBridge(Measurement):
    """From the pilot's assumption, or last month, to now; the drivers add up to the difference.

    `bars` are the drivers, the largest first. `left_out` is what a day costs beyond what the
    bridge is about, by purpose: shadow and challenger requests serve nobody. Both ends are means:
    the present one of `days` whole days. `notes` say what had to be taken for granted.
    """

    kind: Literal["cost_bridge"] = "cost_bridge"
    currency: str
    method: Literal["shapley", "log_mean"]
    since: Literal["pilot", "last_month"] = "pilot"
    assumed_per_day: Measured
    actual_per_day: Measured
    drivers: Mapping[BridgeDriver, Measured]
    bars: tuple[BridgeBar, ...] = ()
    left_out: Annotated[Mapping[str, Measured], ByKey] = {}
    days: int = 0
    notes: tuple[str, ...] = ()

    def in_cents(self) -> Mapping[BridgeDriver, Decimal]:
        """The drivers in whole cents that add up to the difference of both ends in whole cents.

        Nothing where a number is not known.
        """
        before, now = self.assumed_per_day.value, self.actual_per_day.value
        effects = {name: effect.value for name, effect in self.drivers.items()}
        known = {name: value for name, value in effects.items() if value is not None}
        if before is None or now is None or len(known) < len(effects):
            return {}
        rounded = whole_cents(now) - whole_cents(before)
        return dict(zip(known, cents_adding_up(list(known.values()), rounded), strict=True))


class CostForecast(Measurement):
    """When a ceiling is crossed if it goes on like this; None when it is not within the horizon.

    `earliest` and `latest` bound the day; where they are missing `no_interval` says why. The
    interval rests on `series` other series, of which it covered the share `coverage`.
    """

    kind: Literal["cost_forecast"] = "cost_forecast"
    ceiling: Slug
    growth_per_day: Measured
    horizon_days: int
    crosses_on: date | None = None
    earliest: date | None = None
    latest: date | None = None
    no_interval: str | None = None
    per_day_now: Measured | None = None
    coverage: Measured | None = None
    series: int = 0


class BurnWindow(Value):
    """How fast a ceiling was used up over a long and a short window, in times its pace."""

    long_minutes: int
    short_minutes: int
    limit: float
    long_rate: float | None = None
    short_rate: float | None = None

    @property
    def burns(self) -> bool:
        """True when both windows are above the limit."""
        rates = (self.long_rate, self.short_rate)
        return all(rate is not None and rate > self.limit for rate in rates)


class CeilingState(Value):
    """How one ceiling stands at an instant.

    `state` is the gravest that holds: `crossed` (spent is above it), `page` (it burns too fast),
    `ticket` (the day is on its way above it), `warned` (a share of `warn_at` is reached), `quiet`,
    or `unknown`, which is never quiet. `warned_at` are those of `warn_at` that were reached.
    `crossed_at` is the end of the slot in which that was. `raising` says on what terms it may be
    raised then, or why nobody may. `day` is the day that it is about, where that is before the
    instant's; `over` says that it, or the run, has ended, so that there is nothing left to stop.
    """

    ceiling: Slug
    scope: Literal["system", "provider", "training_run", "user"]
    per: Literal["day", "run"]
    of: str = ""
    amount: Measured
    spent: Measured
    warn_at: tuple[float, ...] = ()
    warned_at: tuple[float, ...] = ()
    burn: tuple[BurnWindow, ...] = ()
    projected: Measured | None = None
    state: CeilingLevel
    why: str
    crossed_at: AwareDatetime | None = None
    owner: Slug
    route: Route | None = None
    hard_action: HardAction
    may_raise: tuple[Slug, ...] = ()
    raising: str | None = None
    day: date | None = None
    over: bool = False


class CeilingWatch(Measurement):
    """Every ceiling of a system at an instant, and how old the data behind it is.

    `of` of a state names the provider, the run or the user of the worst case; `may_raise` are
    those who may raise the ceiling at that instant. `also` is what else somebody must be told of:
    other users or runs above it or burning, and what was crossed and is over.
    """

    kind: Literal["ceiling_watch"] = "ceiling_watch"
    currency: str
    newest_row: AwareDatetime | None = None
    data_age_minutes: Measured
    ceilings: tuple[CeilingState, ...]
    also: tuple[CeilingState, ...] = ()


class UnitCost(Measurement):
    """What one successful outcome cost (S4.17).

    `left_out` is spend that bore no unit, by purpose. All are sums over `days` whole days on which
    both cost and successes are known; `notes` say what makes the cost less than sure. `target`,
    `worth` and `by_a_person` are the claims that it is held against.
    """

    kind: Literal["unit_cost"] = "unit_cost"
    unit: Slug
    successes: int
    days: int = 0
    notes: tuple[str, ...] = ()
    left_out: Annotated[Mapping[str, Measured], ByKey] = {}
    cost_per_success: Measured
    cost_per_unit: Measured
    target: Measured | None = None
    worth: Measured | None = None
    by_a_person: Measured | None = None


class CeilingBreach(Value):
    """A day above a ceiling: when it was crossed, who was told, and what was done.

    `above` is by how much; who accepts a day accepts no more of it than was known then.
    """

    day: date
    ceiling: Slug
    crossed_at: AwareDatetime
    told_at: AwareDatetime | None = None
    action: HardAction | None = None
    action_at: AwareDatetime | None = None
    accepted_by: Slug | None = None
    above: Measured | None = None


class BreachLog(Measurement):
    """Every day above a ceiling in the window, and how each was handled.

    `doubts` say why there may be days above one that it does not hold.
    """

    kind: Literal["ceiling_breaches"] = "ceiling_breaches"
    days: int
    breaches: tuple[CeilingBreach, ...] = ()
    doubts: tuple[str, ...] = ()


class CeilingAlert(Record):
    """What was sent about one ceiling: once for each day, or run, and each graver state.

    `about` is the day or the run that it is about, `share` the warning of the ceiling that was
    reached. `code` is the digest of what stood in the message, which whoever got it types to
    answer. `delivered` says that every channel that was asked took it, not that somebody read it;
    `took` are those that did. `amount` is the ceiling of then: one that was raised and is crossed
    again is told again.
    """

    kind: Literal["ceiling_alert"] = "ceiling_alert"
    ceiling: Slug
    about: str
    state: CeilingLevel
    share: float | None = None
    route: Route
    sent_at: AwareDatetime
    delivered: bool
    why_not: str | None = None
    code: Digest | None = None
    amount: Measured | None = None
    took: tuple[str, ...] = ()


class CeilingAnswer(Record):
    """What somebody says about a ceiling that was crossed, or nearly.

    That they got the alert, and what they did and when; or that they accept a day above it. With
    `code` they typed what stood in the alert; without it, any name could have been typed. `above`
    is by how much the day was above it by then: nobody accepts more than that.
    """

    kind: Literal["ceiling_answer"] = "ceiling_answer"
    ceiling: Slug
    about: str
    person: Slug
    at: AwareDatetime
    code: Digest | None = None
    action: HardAction | None = None
    accepted: bool = False
    above: Measured | None = None


class RouteTest(Record):
    """A trial alert sent over a route, and whether it arrived and was acknowledged.

    `code` is the digest of what stood in the message; whoever types that has got it.
    """

    kind: Literal["route_test"] = "route_test"
    route: Route
    sent_at: AwareDatetime
    delivered: bool
    acknowledged_by: Slug | None = None
    seconds: Measured | None = None
    code: Digest | None = None
    why_not: str | None = None
