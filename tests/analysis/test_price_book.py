"""Which price a sum has: the declared one before the list's, the provider's before anyone's."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import ibis
import pytest

from ops_model.analysis.cost import price_sums
from ops_model.analysis.price_book import PriceBook, book_with_list
from ops_model.analysis.usage import models_in, sum_usage
from ops_model.domain.cost import HourPrice, TokenPrice
from tests.analysis.priced_rows import as_log

SEPTEMBER = datetime(2026, 9, 1, tzinfo=UTC)
NOON = SEPTEMBER + timedelta(hours=12)


def row(**changes):
    usual = {
        "timestamp": NOON, "provider": "openai", "model": "gpt-4o", "tokens": 1_000_000, "read": 0,
        "written": 0, "out": 0, "tier": "",
    }  # fmt: skip
    return usual | changes


def price(given="1", valid_from=SEPTEMBER, model="gpt-4o", **more):
    return TokenPrice(
        model=model, valid_from=valid_from, input_per_million=given, cache_read_per_million="0.5",
        output_per_million="2", source=f"contract at {given}", **more,
    )  # fmt: skip


def priced(log, book):
    sums = sum_usage(log, "tokens", timestamp="timestamp", splits=book.splits(models_in(log)))
    return price_sums([sums], book)


def test_a_declared_price_goes_before_the_list_from_its_first_instant_on():
    book = book_with_list("USD", [price(valid_from=NOON)], asked=True)

    before, since = priced(as_log([row(timestamp=NOON - timedelta(seconds=1)), row()]), book)

    assert before.source.startswith("genai-prices ")
    assert (since.cost, since.source) == (1, "contract at 1")


def test_without_being_asked_for_the_list_is_not_used():
    (found,) = priced(as_log([row()]), book_with_list("USD", asked=False))

    assert (found.cost, found.why) == (None, "no price is known")


def test_list_prices_are_not_taken_for_another_currency_and_that_is_said():
    book = book_with_list("EUR", asked=True)

    (found,) = priced(as_log([row()]), book)

    assert found.cost is None
    assert "are in USD and nothing is converted to EUR" in book.notes[0]


def test_the_price_of_a_provider_goes_before_one_of_any_provider():
    anyone, azure = (
        price("1"),
        price("3", provider="azure", valid_from=datetime(2026, 1, 1, tzinfo=UTC)),
    )
    book = PriceBook("USD", (anyone, azure))

    found = priced(as_log([row(), row(provider="azure")]), book)

    assert {one.usage.provider: one.cost for one in found} == {"openai": 1, "azure": 3}


def test_a_price_of_one_provider_is_none_of_another():
    book = PriceBook("USD", (price(provider="azure"),))

    assert priced(as_log([row()]), book)[0].cost is None


@pytest.mark.parametrize(("written", "cost"), [(None, 1), ("5", 5)])
def test_tokens_written_to_a_cache_cost_as_input_where_nothing_else_is_said(written, cost):
    book = PriceBook("USD", (price(cache_write_per_million=written),))

    (found,) = priced(as_log([row(written=1_000_000)]), book)

    assert found.parts == (0, 0, cost, 0)


def test_parts_add_up_to_the_cost_a_price_per_request_included():
    log = as_log([row(provider="perplexity", model="sonar", tokens=10, out=10)] * 3)

    (found,) = priced(log, book_with_list("USD", asked=True))

    per_token = Decimal(3 * 20) / 1_000_000
    assert sum(found.parts) == found.cost
    assert found.cost > per_token * 100  # the price of a request, not of so few tokens


def test_the_list_prices_the_model_that_answered_a_contract_the_one_asked_for():
    log = as_log([row(model="our-deployment")]).mutate(
        gen_ai_response_model=ibis.literal("gpt-4o")
    )
    asked = price("9", model="our-deployment")

    listed, declared = (
        priced(log, book_with_list("USD", tokens, asked=True))[0] for tokens in ([], [asked])
    )

    assert listed.cost == priced(as_log([row()]), book_with_list("USD", asked=True))[0].cost
    assert declared.cost == 9


def test_of_two_models_that_the_list_knows_the_one_that_answered_is_billed():
    book = book_with_list("USD", asked=True)
    log = as_log([row()]).mutate(gen_ai_response_model=ibis.literal("gpt-4o-mini"))

    (swapped,) = priced(log, book)

    assert swapped.cost == priced(as_log([row(model="gpt-4o-mini")]), book)[0].cost
    assert swapped.usage.item == "gpt-4o"


def test_an_hour_costs_what_the_newest_price_of_its_resource_says():
    prices = [
        HourPrice(resource="gpu", valid_from=at, per_hour=cost, source="list")
        for at, cost in ((SEPTEMBER, "1"), (NOON, "2"))
    ]
    book = PriceBook("USD", (), tuple(prices))

    assert book.of_hours("gpu", NOON - timedelta(seconds=1)).per_hour == 1
    assert book.of_hours("gpu", NOON).per_hour == 2
    assert book.of_hours("gpu", SEPTEMBER - timedelta(seconds=1)) is None


def test_a_book_tells_where_usage_has_to_be_told_apart():
    book = book_with_list("USD", [price(valid_from=NOON)], asked=True)

    plain = book.splits([("openai", "gpt-4o")])
    long = book.splits([("google", "gemini-2.5-pro"), ("deepseek", "deepseek-chat")])

    assert (plain.changes, plain.lengths) == ((NOON,), ())
    assert long.lengths == (200_000,)
    assert len(long.minutes) == 2


@pytest.mark.parametrize("named", ["OpenAI", "openai ", "open_ai"])
def test_a_price_of_a_provider_is_found_however_a_log_spells_it(named):
    own = price("1", provider="open-ai" if "_" in named else "openai")
    book = book_with_list("USD", [own, price("6")], asked=False)

    (found,) = priced(as_log([row(provider=named)]), book)

    assert found.cost == 1


@pytest.mark.parametrize("tier", ["batch", "flex", "priority"])
def test_a_declared_price_is_doubted_for_a_tier_that_it_does_not_name(tier):
    book = book_with_list("USD", [price("6")], asked=False)

    (found,) = priced(as_log([row(tier=tier)]), book)

    assert found.cost == 6
    assert found.doubts == (
        f"were served as {tier!r}, of which no price is declared; they have the usual one",
    )


def test_a_declared_price_is_doubted_where_a_model_of_another_price_answered():
    book = book_with_list(
        "USD", [price("1", model="small"), price("6", model="large")], asked=False
    )
    asked = as_log([row(model="small"), row(model="small")])
    log = asked.mutate(gen_ai_response_model=ibis.literal("large"))

    (found,) = priced(log, book)

    assert (found.cost, found.doubts) == (2, ("were answered by large, which has another price",))


def test_a_usual_tier_and_the_model_that_was_asked_leave_no_doubt():
    book = book_with_list("USD", [price("6")], asked=False)
    log = as_log([row(tier="default")]).mutate(gen_ai_response_model=ibis.literal("gpt-4o"))

    (found,) = priced(log, book)

    assert found.doubts == ()
