"""What was measured about cost beyond spend per day: why it grew, where it goes, who was told."""

from collections.abc import Mapping
from datetime import date
from typing import Literal

from pydantic import AwareDatetime

from ops_model.domain.evidence import Measured, Measurement, Record
from ops_model.domain.scalars import Route, Slug
from ops_model.domain.values import Value

BridgeDriver = Literal[
    "volume", "prompt_length", "output_length", "model_mix", "cache", "retries", "price"
]


class CostBridge(Measurement):
    """From the pilot's assumption to now, by driver; the drivers add up to the difference."""

    kind: Literal["cost_bridge"] = "cost_bridge"
    currency: str
    method: Literal["shapley", "log_mean"]
    assumed_per_day: Measured
    actual_per_day: Measured
    drivers: Mapping[BridgeDriver, Measured]


class CostForecast(Measurement):
    """When a ceiling is crossed if it goes on like this; None when it is not within the horizon.

    `earliest` and `latest` bound the day; where they are missing `no_interval` says why.
    """

    kind: Literal["cost_forecast"] = "cost_forecast"
    ceiling: Slug
    growth_per_day: Measured
    horizon_days: int
    crosses_on: date | None = None
    earliest: date | None = None
    latest: date | None = None
    no_interval: str | None = None


class UnitCost(Measurement):
    """What one successful outcome cost (S4.17)."""

    kind: Literal["unit_cost"] = "unit_cost"
    unit: Slug
    successes: int
    cost_per_success: Measured
    cost_per_unit: Measured


class CeilingBreach(Value):
    """A day above a ceiling: when it was crossed, who was told, and what was done."""

    day: date
    ceiling: Slug
    crossed_at: AwareDatetime
    told_at: AwareDatetime | None = None
    action: Literal["throttle", "cheaper_model", "stop", "page_only"] | None = None
    action_at: AwareDatetime | None = None
    accepted_by: Slug | None = None


class BreachLog(Measurement):
    """Every day above a ceiling in the window, and how each was handled."""

    kind: Literal["ceiling_breaches"] = "ceiling_breaches"
    days: int
    breaches: tuple[CeilingBreach, ...] = ()


class RouteTest(Record):
    """A trial alert sent over a route, and whether it arrived and was acknowledged."""

    kind: Literal["route_test"] = "route_test"
    route: Route
    sent_at: AwareDatetime
    delivered: bool
    acknowledged_by: Slug | None = None
    seconds: Measured | None = None
