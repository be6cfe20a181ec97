"""List prices of tokens, as `genai-prices` holds them: dated, by length, by tier, by time of day.

Each price is found by asking `genai-prices` what so many tokens cost, and dividing: a price is
linear between the dates, times of day and lengths at which it changes, so a few questions stand
for millions of rows. Nothing is downloaded; the prices are those of the installed version.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from genai_prices.types import (
        ModelInfo,
        PriceVariant,
        Provider,
        StartDateConstraint,
        TimeOfDateConstraint,
    )  # fmt: skip

    Condition: TypeAlias = StartDateConstraint | TimeOfDateConstraint | None

NAME = "genai-prices"
CURRENCY = "USD"
MILLION = Decimal(1_000_000)
_USUAL = frozenset({"", "auto", "default", "standard"})
"""What a service tier is called that costs the usual price."""
_CONTEXTS = {"batch": {"processing": "batch"}, "fast": {"speed": "fast"}}
"""What a tier is called there besides `service_tier`."""


@dataclass(frozen=True)
class TokenRate:
    """What tokens of one model cost at one time; a price that nobody knows is None.

    `doubts` say what makes the price less than sure: a price without a date, usage older than
    the oldest dated one, or a tier without a price of its own.
    """

    input_per_million: Decimal | None
    cache_read_per_million: Decimal | None
    cache_write_per_million: Decimal | None
    output_per_million: Decimal | None
    per_request: Decimal
    source: str
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True)
class ListedModel:
    """Where the list price of one model changes: dates, minutes of the UTC day, input tokens."""

    provider: "Provider"
    model: "ModelInfo"
    dates: tuple[date, ...]
    minutes: tuple[int, ...]
    lengths: tuple[int, ...]


@dataclass
class ListPrices:
    """The price list; what was asked once is kept."""

    _models: dict[tuple[str, str], ListedModel | None] = field(default_factory=dict)
    _rates: dict[tuple[object, ...], TokenRate | None] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """Name and version of the list."""
        from genai_prices import __version__

        return f"{NAME} {__version__}"

    def find(self, provider: str, model: str) -> ListedModel | None:
        """The model in the list, if it is there; without a provider, whoever made it."""
        key = provider, model
        if key not in self._models:
            self._models[key] = _found(provider, model)
        return self._models[key]

    def rate(
        self, provider: str, model: str, *, at: datetime, longer_than: int = 0, tier: str = ""
    ) -> TokenRate | None:
        """What tokens cost at an instant, of requests above so many input tokens.

        Args:
            provider: who serves, by the list's own name or one that it knows; '' is not known.
            model: the model, by any name that the list knows.
            at: when.
            longer_than: the number of input tokens that they have more than.
            tier: the service tier, `batch` included.

        Returns:
            None where the list does not hold the model.
        """
        listed = self.find(provider, model)
        if listed is None:
            return None
        instant = _in_regime(listed, at)
        length = max((n for n in listed.lengths if n <= longer_than), default=0)
        key = provider, model, instant, length, tier
        if key not in self._rates:
            self._rates[key] = _probed(listed, instant, length, tier, self.version)
        return self._rates[key]


def context_of(tier: str) -> dict[str, str]:
    """A service tier in the words of the list; nothing for the usual one."""
    said = tier.strip().lower()
    if said in _USUAL:
        return {}
    return {"service_tier": said} | _CONTEXTS.get(said, {})


def _found(provider: str, model: str) -> ListedModel | None:
    from genai_prices.data_snapshot import get_snapshot

    try:
        whose, which = get_snapshot().find_provider_model(model, None, provider or None, None)
    except LookupError:
        return None
    return ListedModel(
        whose, which,
        dates=tuple(sorted(set(_dates(_conditions(which))))),
        minutes=tuple(sorted(set(_minutes(_conditions(which))))),
        lengths=tuple(sorted(set(_lengths(which)))),
    )  # fmt: skip


def _of_prices(model: "ModelInfo") -> "list[Condition]":
    return [p.constraint for p in model.prices] if isinstance(model.prices, list) else []


def _conditions(model: "ModelInfo") -> "list[Condition]":
    return _of_prices(model) + [v.constraint for v in model.price_variants or ()]


def _dates(conditions: "Iterable[Condition]") -> Iterator[date]:
    from genai_prices.types import StartDateConstraint

    return (c.start_date for c in conditions if isinstance(c, StartDateConstraint))


def _minutes(conditions: "Iterable[Condition]") -> Iterator[int]:
    from genai_prices.types import TimeOfDateConstraint

    for condition in conditions:
        if isinstance(condition, TimeOfDateConstraint):
            yield _minute(condition.start_time)
            yield _minute(condition.end_time)


def _minute(of_day: time) -> int:
    """The minute of the UTC day; a time without a zone is UTC there."""
    at = datetime.combine(date(1970, 1, 2), of_day)
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return at.hour * 60 + at.minute


def _lengths(model: "ModelInfo") -> Iterator[int]:
    prices = [p.prices for p in model.prices] if isinstance(model.prices, list) else [model.prices]
    for price in (*prices, *(v.prices for v in model.price_variants or ())):
        for value in vars(price).values():
            yield from (tier.start for tier in getattr(value, "tiers", ()))


def _in_regime(listed: ListedModel, at: datetime) -> datetime:
    """An instant at which the same price holds, the same one for all of its regime."""
    at = at.astimezone(UTC)
    begun = [day for day in listed.dates if day <= at.date()]
    before = min(listed.dates, default=date(1970, 1, 2)) - timedelta(days=1)
    of_day = at.hour * 60 + at.minute
    minute = max((m for m in listed.minutes if m <= of_day), default=0)
    day = datetime.combine(max(begun, default=before), time(), UTC)
    return day + timedelta(minutes=minute)


def _probed(
    listed: ListedModel, at: datetime, longer_than: int, tier: str, version: str
) -> TokenRate | None:
    from genai_prices.types import Usage

    context = context_of(tier)
    n = longer_than + 1

    def cost(**usage: int) -> Decimal:
        priced = listed.model.calc_price(
            Usage(**usage), listed.provider, genai_request_timestamp=at, price_context=context
        )
        return priced.total_price

    fee = cost(input_tokens=0, output_tokens=0)
    plain = cost(input_tokens=n)
    prices = listed.model.get_prices(at)
    known, known_out = (getattr(prices, f"{key}_mtok") is not None for key in ("input", "output"))

    def per_million(amount: Decimal, tokens: int) -> Decimal:
        return amount / tokens * MILLION

    return TokenRate(
        input_per_million=per_million(plain - fee, n) if known else None,
        cache_read_per_million=(
            per_million(cost(input_tokens=n, cache_read_tokens=n) - fee, n) if known else None
        ),
        cache_write_per_million=(
            per_million(cost(input_tokens=n, cache_write_tokens=n) - fee, n) if known else None
        ),
        output_per_million=(
            per_million(cost(input_tokens=n, output_tokens=1) - plain, 1) if known_out else None
        ),
        per_request=fee,
        source=f"{version}, {_dated(listed, at)}",
        doubts=tuple(_doubts(listed, at, tier, context)),
    )


def _dated(listed: ListedModel, at: datetime) -> str:
    begun = [day for day in _dates(_of_prices(listed.model)) if day <= at.date()]
    return f"from {max(begun).isoformat()}" if begun else "undated"


def _doubts(
    listed: ListedModel, at: datetime, tier: str, context: dict[str, str]
) -> Iterator[str]:
    oldest = min(_dates(_of_prices(listed.model)), default=None)
    if oldest is not None and at.date() < oldest:
        yield f"are older than {oldest.isoformat()}, the oldest dated price of it"
    if context and not any(_is_for(v, context, at) for v in _variants(listed)):
        yield f"were served as {tier!r}, of which no price is known then; they have the usual one"
    if oldest is None:
        yield "have a list price without a date, and it may not have held then"


def _variants(listed: ListedModel) -> "Iterator[PriceVariant]":
    # The list knows the tiers of a model only of the provider that it stands under.
    if any(listed.model is own for own in listed.provider.models):
        yield from listed.model.price_variants or ()


def _is_for(variant: "PriceVariant", context: dict[str, str], at: datetime) -> bool:
    begun = variant.constraint is None or variant.constraint.active(at)
    return begun and all(context.get(key) == value for key, value in variant.when.items())
