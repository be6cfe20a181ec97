"""What a service costs today, and the most it may cost."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from ops_model.domain.evidence import Measured, Measurement
from ops_model.domain.values import (
    AwareTime,
    Flag,
    Money,
    RelativePath,
    Share,
    Slug,
    Text,
    Value,
)  # fmt: skip


class UsageLog(Value):
    """A log that costs money: tokens (columns of the usage contract) or hours of a resource."""

    id: Slug
    unit: Literal["tokens", "hours"]
    address: RelativePath
    timestamp: str = "timestamp"
    simulated: Flag = False


class TokenPrice(Value):
    """Price of a model per million tokens, from `valid_from` until the next one."""

    model: Text
    valid_from: AwareTime
    input_per_million: Annotated[Decimal, Field(ge=0)]
    cache_read_per_million: Annotated[Decimal, Field(ge=0)]
    output_per_million: Annotated[Decimal, Field(ge=0)]
    source: Text


class HourPrice(Value):
    """Price of one hour of a resource, from `valid_from` until the next one."""

    resource: Text
    valid_from: AwareTime
    per_hour: Annotated[Decimal, Field(ge=0)]
    source: Text


class CostCeiling(Value):
    """The most that may be spent per day, who is told on the way, and what happens there."""

    id: Slug
    scope: Literal["system", "provider", "training_run", "user"] = "system"
    per: Literal["day", "run"] = "day"
    amount: Money
    warn_at: tuple[Share, ...] = ()
    hard_action: Literal["throttle", "cheaper_model", "stop", "page_only"]
    owner: Slug
    alert_route: Text | None = None


class ProjectBudget(Value):
    """What the project may spend; never the same thing as a ceiling per day."""

    amount: Money
    period: Text


class CostPlan(Value):
    """The file `cost.yaml`. All prices and ceilings are in `currency`."""

    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    logs: tuple[UsageLog, ...] = ()
    token_prices: tuple[TokenPrice, ...] = ()
    hour_prices: tuple[HourPrice, ...] = ()
    ceilings: tuple[CostCeiling, ...] = ()
    project_budget: ProjectBudget | None = None


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
    `unpriced_rows` and never taken for zero.
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
