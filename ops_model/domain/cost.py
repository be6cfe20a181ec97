"""What a service costs today, and the most it may cost."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from ops_model.domain.evidence import Measured, Measurement
from ops_model.domain.scalars import (
    AwareTime,
    ByKey,
    CurrencyCode,
    Day,
    Flag,
    RelativePath,
    Route,
    Share,
    Slug,
    Text,
)  # fmt: skip
from ops_model.domain.values import ClaimFile, Money, Value


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
    """The most that may be spent per day or run, who is told on the way, what happens there.

    `warn_at` are shares of the ceiling above 0, rising, at which somebody is told; `provider` is
    the dependency that a ceiling of that scope is for.
    """

    id: Slug
    scope: Literal["system", "provider", "training_run", "user"] = "system"
    per: Literal["day", "run"] = "day"
    provider: Slug | None = None
    amount: Money
    warn_at: tuple[Share, ...] = ()
    hard_action: Literal["throttle", "cheaper_model", "stop", "page_only"]
    owner: Slug
    alert_route: Route | None = None

    @model_validator(mode="after")
    def _warnings_rise(self) -> Self:
        if self.warn_at and self.warn_at[0] == 0:
            msg = "warn_at begins with 0, where nothing is spent; expected shares above 0"
            raise ValueError(msg)
        if any(later <= earlier for earlier, later in pairwise(self.warn_at)):
            said = ", ".join(map(str, self.warn_at))
            msg = f"warn_at is {said}; expected each share to be above the one before"
            raise ValueError(msg)
        return self


class ProjectBudget(Value):
    """What the project may spend; never the same thing as a ceiling per day."""

    amount: Money
    period: Text


class RunBudget(Value):
    """What pays for operating it, once the project's money is gone (S2.4)."""

    amount: Money
    starts: Day
    months: Annotated[int, Field(gt=0, le=120)]
    source: Text
    approved_by: Slug


class PilotAssumption(Value):
    """What the pilot assumed a day would hold; the cost bridge starts here (S2.11)."""

    unit: Text
    units_per_day: Annotated[Decimal, Field(ge=0)]
    prompt_tokens_per_unit: Annotated[Decimal, Field(ge=0)] = Decimal(0)
    output_tokens_per_unit: Annotated[Decimal, Field(ge=0)] = Decimal(0)
    model_mix: Annotated[Mapping[str, Share], ByKey] = {}
    cache_hit_share: Share = Decimal(0)
    retry_share: Share = Decimal(0)
    cost_per_day: Money | None = None
    source: Text

    @model_validator(mode="after")
    def _mix_is_whole(self) -> Self:
        if self.model_mix and sum(self.model_mix.values()) != 1:
            msg = (
                f"model_mix adds up to {sum(self.model_mix.values())}; expected shares that "
                "add up to 1"
            )
            raise ValueError(msg)
        return self


class UnitEconomics(Value):
    """What one unit of work costs and is worth, and what a person would cost instead."""

    id: Slug
    unit: Text
    success: Text
    target_cost: Money | None = None
    value: Money | None = None
    human_alternative: Money | None = None


class CostAction(Value):
    """Something that will lower the cost; what it did lower is read from evidence."""

    id: Slug
    kind: Literal[
        "right_size", "route", "cache", "trim_prompt", "batch", "spot", "reserve", "autoscale",
        "cap_output",
    ]  # fmt: skip
    text: Text
    owner: Slug
    due: Day
    expected_saving_per_day: Money


class CostPlan(ClaimFile):
    """The file `cost.yaml`. All prices and ceilings are in `currency`; nothing is converted."""

    currency: CurrencyCode
    logs: tuple[UsageLog, ...] = ()
    token_prices: tuple[TokenPrice, ...] = ()
    hour_prices: tuple[HourPrice, ...] = ()
    ceilings: tuple[CostCeiling, ...] = ()
    project_budget: ProjectBudget | None = None
    run_budget: RunBudget | None = None
    pilot_assumption: PilotAssumption | None = None
    units: tuple[UnitEconomics, ...] = ()
    actions: tuple[CostAction, ...] = ()


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
