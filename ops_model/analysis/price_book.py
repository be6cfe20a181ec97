"""What tokens and hours cost: declared prices, then list prices, each with its source.

Nothing is converted: list prices are in USD, and are of no use where the prices are not.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from ops_model.analysis.prices import CURRENCY, NAME, ListPrices, TokenRate, context_of
from ops_model.analysis.providers import provider_key
from ops_model.analysis.usage import Splits, UsageSum
from ops_model.domain.cost import HourPrice, TokenPrice

_LONGEST = 60
"""So much is shown of what a log says; whoever writes one can put a whole page there."""


@dataclass(frozen=True)
class PriceBook:
    """Dated prices; each holds from its `valid_from` until the next one of the same item.

    `notes` say what is not to be had from it, such as list prices in another currency.
    """

    currency: str
    tokens: tuple[TokenPrice, ...] = ()
    hours: tuple[HourPrice, ...] = ()
    listed: ListPrices | None = None
    notes: tuple[str, ...] = ()

    @property
    def changes(self) -> tuple[datetime, ...]:
        """Every instant at which some declared price begins."""
        begins = {p.valid_from for p in self.tokens} | {p.valid_from for p in self.hours}
        return tuple(sorted(begins))

    def splits(self, models: Iterable[tuple[str, str]] = ()) -> Splits:
        """Where usage has to be told apart so that each sum has one price.

        Args:
            models: providers and models in use, see `usage.models_in`; of a log of tokens only.
        """
        found = [
            (model, listed) for provider, model in models
            if self.listed and (listed := self.listed.find(provider, model))
        ]  # fmt: skip
        return Splits(
            self.changes,
            tuple(sorted({m for _, listed in found for m in listed.minutes})),
            tuple(sorted({n for _, listed in found for n in listed.lengths})),
            tuple(sorted({model for model, listed in found if listed.minutes})),
            tuple(sorted({model for model, listed in found if listed.lengths})),
        )

    def of_tokens(
        self,
        model: str,
        at: datetime,
        *,
        provider: str = "",
        tier: str = "",
        longer_than: int = 0,
    ) -> TokenRate | None:
        """What tokens of a model cost at an instant, of requests above so many input tokens.

        A price of the provider goes before one of any provider, and both before the list.
        """
        declared = self._declared(model, at, provider)
        if declared is not None:
            return declared
        if self.listed is None:
            return None
        return self.listed.rate(provider, model, at=at, longer_than=longer_than, tier=tier)

    def of_hours(self, resource: str, at: datetime) -> HourPrice | None:
        """What an hour of a resource costs at an instant."""
        known = [p for p in self.hours if p.resource == resource and p.valid_from <= at]
        return max(known, key=lambda p: p.valid_from, default=None)

    def rate_of(self, usage: UsageSum) -> TokenRate | None:
        """What the tokens of a sum cost; it was made with the splits of this book.

        A declared price is of the model that was asked for; the list's is of the model that
        answered, which is what a vendor bills, where both the log and the list know it.
        """
        names = [name for name in (usage.item, usage.answered) if name]
        for name in names:
            if (declared := self._declared(name, usage.since, usage.provider)) is not None:
                return replace(declared, doubts=tuple(self._doubts(usage, name, declared)))
        for name in reversed(names):
            if (listed := self._listed(name, usage)) is not None:
                return listed
        return None

    def _listed(self, model: str, usage: UsageSum) -> TokenRate | None:
        if self.listed is None:
            return None
        of_day = usage.at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return self.listed.rate(
            usage.provider, model, at=of_day + timedelta(minutes=usage.minute),
            longer_than=usage.longer_than, tier=usage.service_tier,
        )  # fmt: skip

    def _declared(self, model: str, at: datetime | None, provider: str) -> TokenRate | None:
        served = provider_key(provider)
        known = [
            p for p in self.tokens
            if at and p.model == model and p.valid_from <= at
            and (p.provider is None or provider_key(p.provider) == served)
        ]  # fmt: skip
        found = max(known, key=lambda p: (p.provider is not None, p.valid_from), default=None)
        return _rate(found) if found else None

    def _doubts(self, usage: UsageSum, asked: str, rate: TokenRate) -> Iterator[str]:
        """What makes a declared price less than sure: it knows no tier, and not who answered."""
        if context_of(usage.service_tier):
            yield (
                f"were served as {usage.service_tier[:_LONGEST]!r}, of which no price is "
                "declared; they have the usual one"
            )
        other = usage.answered
        if other and other != asked:
            own = self._declared(other, usage.since, usage.provider)
            if own is not None and replace(own, source=rate.source) != rate:
                yield f"were answered by {other[:_LONGEST]}, which has another price"


def book_with_list(
    currency: str,
    tokens: Sequence[TokenPrice] = (),
    hours: Sequence[HourPrice] = (),
    *,
    asked: bool,
) -> PriceBook:
    """A book of declared prices, with list prices behind them where they are asked for."""
    if asked and currency != CURRENCY:
        note = (
            f"the prices of {NAME} are in {CURRENCY} and nothing is converted to {currency}: they "
            "were not used"
        )
        return PriceBook(currency, tuple(tokens), tuple(hours), notes=(note,))
    return PriceBook(currency, tuple(tokens), tuple(hours), ListPrices() if asked else None)


def _rate(price: TokenPrice) -> TokenRate:
    written = price.cache_write_per_million
    return TokenRate(
        input_per_million=price.input_per_million,
        cache_read_per_million=price.cache_read_per_million,
        cache_write_per_million=price.input_per_million if written is None else written,
        output_per_million=price.output_per_million,
        per_request=Decimal(0),
        source=price.source,
    )
