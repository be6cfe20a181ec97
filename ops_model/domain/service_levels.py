"""Objectives that the service is held to, what was promised to others, and what it can carry."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ops_model.domain.values import ClaimFile, Days, Flag, Money, Route, Share, Slug, Text, Value


class BurnRateAlert(Value):
    """Who is told when the error budget burns too fast (OpenSLO: one condition an alert)."""

    burn_rate: Annotated[float, Field(gt=0)]
    lookback_hours: Annotated[float, Field(gt=0)]
    alert_after_minutes: Annotated[int, Field(ge=0)] = 0
    severity: Literal["page", "ticket"]
    alert_route: Route | None = None


class Objective(Value):
    """A service-level objective over one window, rolling (`window_days`) or of the calendar.

    The shape is that of OpenSLO v1: `target` is below one, since an objective without an error
    budget is none.
    """

    id: Slug
    indicator: Literal["availability", "latency", "errors", "quality", "freshness"]
    target: Share
    window_days: Days | None = None
    calendar: Literal["week", "month", "quarter", "year"] | None = None
    threshold_ms: Annotated[int, Field(gt=0)] | None = None
    budgeting: Literal["occurrences", "timeslices", "ratio_timeslices"] = "occurrences"
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


class ServiceLevelAgreement(Value):
    """What was promised, to whom, and on which objective it rests."""

    to: Text
    objective: Slug
    target: Share
    credit: Money | None = None
    notice_hours: Annotated[int, Field(gt=0)] | None = None


class BatchWindow(Value):
    """Work that shares the machines with serving, and how much of them it may take."""

    name: Text
    starts_hour_utc: Annotated[int, Field(ge=0, le=23)]
    hours: Annotated[int, Field(gt=0, le=24)]
    capacity_share: Share


class CapacityPlan(Value):
    """How much the service can carry, and what it does when a node or the quota is gone."""

    peak_requests_per_second: Annotated[float, Field(gt=0)]
    nodes: Annotated[int, Field(gt=0)]
    requests_per_second_per_node: Annotated[float, Field(gt=0)]
    quota: Text | None = None
    scarce: Flag = False
    alternative: Text | None = None
    batch: tuple[BatchWindow, ...] = ()
    priority: Literal["serving_first", "batch_first", "none"] = "none"

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
