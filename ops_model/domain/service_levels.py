"""Objectives that the service is held to, what was promised to others, and what it can carry."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field, model_validator

from ops_model.domain.condition import ConditionText
from ops_model.domain.evidence import Measured, Measurement
from ops_model.domain.scalars import Days, Flag, Route, Share, Slug, Text
from ops_model.domain.values import Claim, ClaimFile, Money, Value, Window

Indicator = Literal["availability", "latency", "errors", "quality", "freshness"]
Budgeting = Literal["occurrences", "timeslices", "ratio_timeslices"]
DAY_MINUTES = 24 * 60


class BurnRateAlert(Claim):
    """Who is told when the error budget burns too fast (OpenSLO: one condition an alert)."""

    burn_rate: Annotated[float, Field(gt=0)]
    lookback_hours: Annotated[float, Field(gt=0)]
    alert_after_minutes: Annotated[int, Field(ge=0)] = 0
    severity: Literal["page", "ticket"]
    alert_route: Route | None = None


class Objective(Claim):
    """A service-level objective over one window, rolling (`window_days`) or of the calendar.

    The shape is that of OpenSLO v1: `target` is below one, since an objective without an error
    budget is none. It is measured on `log`, a log of `signals.yaml`: of the rows that are `valid`
    (all, where nothing is said) those that are `good`, both conditions over its columns. One of
    quality is measured by `monitor`, one of freshness by `feed`.

    `timeslices` counts slices of `slice_minutes` of which `slice_target` was good (the target,
    where nothing is said); `ratio_timeslices` takes the mean of the slices.
    """

    id: Slug
    indicator: Indicator
    target: Share
    window_days: Days | None = None
    calendar: Literal["week", "month", "quarter", "year"] | None = None
    threshold_ms: Annotated[int, Field(gt=0)] | None = None
    log: Slug | None = None
    good: ConditionText | None = None
    valid: ConditionText | None = None
    monitor: Slug | None = None
    feed: Slug | None = None
    budgeting: Budgeting = "occurrences"
    slice_minutes: Annotated[int, Field(gt=0, le=DAY_MINUTES)] | None = None
    slice_target: Share | None = None
    alerts: tuple[BurnRateAlert, ...] = ()

    @model_validator(mode="after")
    def _leaves_a_budget(self) -> Self:
        if self.target == 1:
            msg = "target is 1; expected below 1: an objective needs an error budget"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _one_window(self) -> Self:
        if (self.window_days is None) == (self.calendar is None):
            got = "both windows" if self.calendar else "no window"
            msg = f"window_days and calendar: got {got}; expected exactly one of the two"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _slices_fit(self) -> Self:
        given = self.slice_minutes is not None or self.slice_target is not None
        if self.budgeting == "occurrences" and given:
            msg = "slice_minutes and slice_target need budgeting by timeslices; got occurrences"
            raise ValueError(msg)
        if self.slice_minutes is not None and DAY_MINUTES % self.slice_minutes:
            msg = f"slice_minutes is {self.slice_minutes}; expected slices that fill a day"
            raise ValueError(msg)
        return self

    def first_day(self, last: date) -> date:
        """The first day of the objective's own window, of which `last` is the last day so far."""
        if self.window_days is not None:
            return last - timedelta(days=self.window_days - 1)
        if self.calendar == "week":
            return last - timedelta(days=last.weekday())
        month = {"quarter": last.month - (last.month - 1) % 3, "year": 1}
        return last.replace(month=month.get(self.calendar or "", last.month), day=1)

    def own_window(self, end: datetime, zone: ZoneInfo) -> Window:
        """The window that ends at an instant: so many days, or the calendar's until then."""
        if self.window_days is not None:
            return Window(start=end - timedelta(days=self.window_days), end=end)
        last = (end - timedelta(microseconds=1)).astimezone(zone).date()
        return Window(start=datetime.combine(self.first_day(last), time(), zone), end=end)


class ServiceLevelAgreement(Claim):
    """What was promised, to whom, and on which objective it rests."""

    to: Text
    objective: Slug
    target: Share
    credit: Money | None = None
    notice_hours: Annotated[int, Field(gt=0)] | None = None


class BatchWindow(Claim):
    """Work that shares the machines with serving, and how much of them it may take."""

    name: Text
    starts_hour_utc: Annotated[int, Field(ge=0, le=23)]
    hours: Annotated[int, Field(gt=0, le=24)]
    capacity_share: Share


class CapacityPlan(Claim):
    """How much the service can carry, and what it does when a node or the quota is gone.

    The peak is what comes in the busiest minute.
    """

    peak_requests_per_second: Annotated[float, Field(gt=0)]
    nodes: Annotated[int, Field(gt=0)]
    requests_per_second_per_node: Annotated[float, Field(gt=0)]
    quota: Text | None = None
    scarce: Flag = False
    alternative: Text | None = None
    batch: tuple[BatchWindow, ...] = ()
    priority: Literal["serving_first", "batch_first", "none"] = "none"

    def batch_hours(self) -> frozenset[int]:
        """The hours of the day (UTC) in which work in batches shares the machines."""
        return frozenset(
            hour % 24
            for window in self.batch
            for hour in range(window.starts_hour_utc, window.starts_hour_utc + window.hours)
        )

    @property
    def carried(self) -> float:
        """What all nodes carry together, in requests per second."""
        return self.nodes * self.requests_per_second_per_node

    def busiest_batch(self) -> tuple[int, Decimal]:
        """The hour (UTC) at which work in batches takes most, and the share that it takes."""
        taken = [Decimal(0)] * 24
        for window in self.batch:
            for hour in range(window.starts_hour_utc, window.starts_hour_utc + window.hours):
                taken[hour % 24] += window.capacity_share
        hour = max(range(24), key=lambda h: taken[h])
        return hour, taken[hour]

    def left_beside_batch(self) -> Decimal:
        """What is left for serving at that hour, in requests per second."""
        _, taken = self.busiest_batch()
        return max(Decimal(str(self.carried)) * (1 - taken), Decimal(0))

    @property
    def one_node_loss_headroom(self) -> float:
        """What is left at peak with one node gone, as a part of the peak; negative: not enough."""
        left = (self.nodes - 1) * self.requests_per_second_per_node
        return left / self.peak_requests_per_second - 1


class ServiceLevels(ClaimFile):
    """The file `service_levels.yaml`."""

    objectives: tuple[Objective, ...] = ()
    agreements: tuple[ServiceLevelAgreement, ...] = ()
    capacity: CapacityPlan | None = None


class BurnRate(Value):
    """How fast the error budget burns over a window, 1 being as fast as it may.

    `short` is the rate over the last twelfth of it, or the next whole slot: an alert that would
    still ring after the fault is over wakes people for nothing, so that both have to burn.
    """

    hours: float
    rate: Measured
    limit: float
    short_hours: float | None = None
    short: Measured | None = None


class ServiceLevelMeasurement(Measurement):
    """An objective over its own window, and what is left of its error budget (a share of it).

    `good` is an estimate with an interval. The budget and its burn rates are an account of what
    happened, and exact. `rows` were read for it, of which nobody can tell of `undecided` whether
    they were good, so that they were not. `silence` is how long before the end of the window the
    newest row was written, `longest_silence` the longest before that, both in hours.
    """

    kind: Literal["service_level"] = "service_level"
    objective: Slug
    target: float
    good: Measured
    budget_left: Measured
    burn: tuple[BurnRate, ...] = ()
    indicator: Indicator | None = None
    budgeting: Budgeting = "occurrences"
    rows: int | None = None
    undecided: int = 0
    newest_row: AwareDatetime | None = None
    silence: Measured | None = None
    longest_silence: Measured | None = None
    in_batch: Measured | None = None
    outside_batch: Measured | None = None
