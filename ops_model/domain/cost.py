"""What a service costs today, and the most it may cost."""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ops_model.domain.condition import ConditionText
from ops_model.domain.saving_claims import Bill, CostAction, ModelComparison
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
from ops_model.domain.values import Claim, ClaimFile, Money, iso_utc

UsageFormat = Literal[
    "contract", "otel", "litellm", "langfuse", "openinference", "openai", "anthropic"
]
"""Who wrote a usage log; each has names, and a way to count cached tokens, of its own."""


class UsageLog(Claim):
    """A log that costs money: tokens (one row a request) or hours of a resource.

    `format` says who wrote it; `contract` are the names of OpenTelemetry's conventions for
    generative AI with underscores. `input_includes_cache` overrides what the format counts as
    input. `service` and `provider` are those of rows that name none. `busy` is the column with the
    busy part of the hours; `prefix` the column with the chain of hashes of a prompt's blocks, each
    of `prefix_block_tokens` tokens.
    """

    id: Slug
    unit: Literal["tokens", "hours"]
    address: RelativePath
    timestamp: str = "timestamp"
    simulated: Flag = False
    format: UsageFormat = "contract"
    input_includes_cache: Flag | None = None
    warehouse: Slug | None = None
    service: Text | None = None
    provider: Text | None = None
    busy: Text | None = None
    prefix: Text | None = None
    prefix_block_tokens: Annotated[int, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _keys_fit_the_unit(self) -> Self:
        of_tokens = {
            "format": self.format != "contract", "prefix": self.prefix,
            "input_includes_cache": self.input_includes_cache is not None,
        }  # fmt: skip
        odd = [key for key, given in of_tokens.items() if given] if self.unit == "hours" else []
        if self.unit == "tokens" and self.busy:
            odd = ["busy"]
        if odd:
            msg = f"unit is {self.unit}; {' and '.join(odd)} belong to a log of the other unit"
            raise ValueError(msg)
        if (self.prefix is None) != (self.prefix_block_tokens is None):
            msg = "prefix and prefix_block_tokens: got one of the two; expected both or neither"
            raise ValueError(msg)
        return self


class TokenPrice(Claim):
    """Price of a model per million tokens, from `valid_from` until the next one.

    It goes before a list price of the same model and time. Tokens written to a cache cost
    `cache_write_per_million`, or as much as input where that is not said.
    """

    model: Text
    valid_from: AwareTime
    input_per_million: Annotated[Decimal, Field(ge=0)]
    cache_read_per_million: Annotated[Decimal, Field(ge=0)]
    output_per_million: Annotated[Decimal, Field(ge=0)]
    source: Text
    provider: Text | None = None
    cache_write_per_million: Annotated[Decimal, Field(ge=0)] | None = None


class HourPrice(Claim):
    """Price of one hour of a resource, from `valid_from` until the next one.

    `reserved_per_hour` is what an hour costs that is paid for whether it is used or not.
    """

    resource: Text
    valid_from: AwareTime
    per_hour: Annotated[Decimal, Field(ge=0)]
    source: Text
    reserved_per_hour: Annotated[Decimal, Field(ge=0)] | None = None


class CostCeiling(Claim):
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


class ProjectBudget(Claim):
    """What the project may spend; never the same thing as a ceiling per day."""

    amount: Money
    period: Text


class RunBudget(Claim):
    """What pays for operating it, once the project's money is gone (S2.4)."""

    amount: Money
    starts: Day
    months: Annotated[int, Field(gt=0, le=120)]
    source: Text
    approved_by: Slug


class PilotModel(Claim):
    """What the pilot assumed of the units that one model answers."""

    prompt_tokens_per_unit: Annotated[Decimal, Field(ge=0)]
    output_tokens_per_unit: Annotated[Decimal, Field(ge=0)]
    cache_hit_share: Share = Decimal(0)


class PilotAssumption(Claim):
    """What the pilot assumed a day would hold; the cost bridge starts here (S2.11).

    `model_mix` are parts of the units. The tokens of a unit are those of every model, unless
    `by_model` tells a model's own; `cache_hit_share` is the part of the prompt's tokens.
    """

    unit: Text
    units_per_day: Annotated[Decimal, Field(ge=0)]
    prompt_tokens_per_unit: Annotated[Decimal, Field(ge=0)] = Decimal(0)
    output_tokens_per_unit: Annotated[Decimal, Field(ge=0)] = Decimal(0)
    model_mix: Annotated[Mapping[str, Share], ByKey] = {}
    by_model: Annotated[Mapping[str, PilotModel], ByKey] = {}
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
        unmixed = sorted(set(self.by_model) - set(self.model_mix))
        if unmixed:
            msg = f"by_model has {', '.join(unmixed)}; expected models of model_mix"
            raise ValueError(msg)
        return self


class UnitEconomics(Claim):
    """What one unit of work costs and is worth, and what a person would cost instead.

    Units are the rows of `log`, a log of `signals.yaml`, that are `valid` (all, where nothing is
    said); successes are those of them that are `good`. Both are conditions over its columns.
    Instead, `monitor` counts the right answers of a monitor of output quality, or `outcome` the
    rows of an outcome whose value is 1. `services` are those whose cost a unit bears; all, where
    none is named.
    """

    id: Slug
    unit: Text
    success: Text
    target_cost: Money | None = None
    value: Money | None = None
    human_alternative: Money | None = None
    log: Slug | None = None
    valid: ConditionText | None = None
    good: ConditionText | None = None
    monitor: Slug | None = None
    outcome: Slug | None = None
    services: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _counted_one_way(self) -> Self:
        ways = {"log": self.log, "monitor": self.monitor, "outcome": self.outcome}
        given = [key for key, value in ways.items() if value is not None]
        if len(given) > 1:
            msg = f"{' and '.join(given)}: successes are counted one way; expected one of them"
            raise ValueError(msg)
        if (self.log is None) != (self.good is None):
            msg = "log and good: got one of the two; expected both or neither"
            raise ValueError(msg)
        return self


class CostPlan(ClaimFile):
    """The file `cost.yaml`. All prices and ceilings are in `currency`; nothing is converted.

    `price_list` takes list prices, in USD, for what no declared price is of.
    """

    currency: CurrencyCode
    logs: tuple[UsageLog, ...] = ()
    price_list: Literal["genai-prices"] | None = None
    token_prices: tuple[TokenPrice, ...] = ()
    hour_prices: tuple[HourPrice, ...] = ()
    ceilings: tuple[CostCeiling, ...] = ()
    project_budget: ProjectBudget | None = None
    run_budget: RunBudget | None = None
    pilot_assumption: PilotAssumption | None = None
    units: tuple[UnitEconomics, ...] = ()
    comparisons: tuple[ModelComparison, ...] = ()
    bills: tuple[Bill, ...] = ()
    actions: tuple[CostAction, ...] = ()

    @property
    def daily_ceilings(self) -> tuple[CostCeiling, ...]:
        """The ceilings per day of the whole system and of its providers."""
        scopes = {"system", "provider"}
        return tuple(c for c in self.ceilings if c.per == "day" and c.scope in scopes)

    @property
    def simulated(self) -> bool:
        """True where a usage log is made up."""
        return any(log.simulated for log in self.logs)

    @model_validator(mode="after")
    def _one_price_at_a_time(self) -> Self:
        prices: list[tuple[str, ...]] = [
            (p.model, f" of {p.provider}" if p.provider else "", iso_utc(p.valid_from))
            for p in self.token_prices
        ]
        prices += [(p.resource, " per hour", iso_utc(p.valid_from)) for p in self.hour_prices]
        twice = sorted(price for price, came in Counter(prices).items() if came > 1)
        if twice:
            item, of, begin = twice[0]
            msg = f"two prices of {item}{of} begin at {begin}; expected one, so take out the other"
            raise ValueError(msg)
        return self
