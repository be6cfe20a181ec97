"""A day as a bridge sees it: out of a log, and out of what a pilot wrote down."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import ibis
import pyarrow as pa
import pytest

from ops_model.analysis.bridge import bridge_of_hours, bridge_of_tokens
from ops_model.analysis.bridge_sides import (
    hours_of,
    left_out,
    pilot_hours,
    pilot_side,
    rows_of,
    side_of,
    sums_of,
)
from ops_model.analysis.cost import PricedLogs, price_sums
from ops_model.analysis.price_book import PriceBook
from ops_model.analysis.usage import sum_usage
from ops_model.domain.cost import HourPrice, PilotAssumption, TokenPrice
from tests.analysis.tables import START, UTC_TIME
from tests.shared_data import shared

D = Decimal
LARGE, SMALL = "large", "small"
BOOK = PriceBook(
    "USD",
    tuple(
        TokenPrice(
            model=model, valid_from=START, input_per_million=given, output_per_million=out,
            cache_read_per_million=read, cache_write_per_million=write, source="a list",
        )
        for model, given, read, write, out in (
            (LARGE, "6", "1.5", "7.5", "24"), (SMALL, "0.5", "0.1", "0.5", "2"),
        )
    ),
    (HourPrice(resource="gpu", valid_from=START, per_hour="2", source="a list"),),
)  # fmt: skip


def a_log(rows):
    """Rows of (day, model, purpose, input, cached, written, output) as a log of the contract."""
    day, model, purpose, given, read, written, output = zip(*rows, strict=True)
    return ibis.memtable(pa.table({
        "timestamp": pa.array([START + timedelta(days=d, hours=1) for d in day], UTC_TIME),
        "service": ["chat"] * len(rows), "purpose": pa.array(purpose, pa.string()),
        "gen_ai_request_model": pa.array(model, pa.string()), "gen_ai_usage_input_tokens": given,
        "gen_ai_usage_cache_read_input_tokens": read,
        "gen_ai_usage_cache_creation_input_tokens": written,
        "gen_ai_usage_output_tokens": output,
    }))  # fmt: skip


def priced(*logs):
    sums = tuple(
        sum_usage(log, unit, timestamp="timestamp", changes=BOOK.changes) for log, unit in logs
    )
    return PricedLogs("USD", sums, price_sums(sums, BOOK))


def tokens(*rows):
    return sums_of(priced((a_log(rows), "tokens")), "tokens")


def request(day=0, model=LARGE, purpose="prod", given=1000, read=0, written=0, output=100):
    return day, model, purpose, given, read, written, output


def the_same(side):
    return bridge_of_tokens(side, side).now


def test_a_side_costs_what_its_rows_cost_per_day():
    rows = [
        request(given=1000, read=400, written=100), request(day=1, purpose="retry"),
        request(model=SMALL, output=7), request(day=1, given=3, read=3, output=0),
    ]  # fmt: skip
    sums = tokens(*rows)

    assert the_same(side_of(sums, 2)) == pytest.approx(sum(s.cost for s in sums) / 2)


def test_a_price_per_request_is_kept_where_every_token_was_cached():
    (cached,) = tokens(request(given=1000, read=1000))
    fee = D("0.01")
    paid = replace(cached, cost=cached.cost + fee, parts=(fee, *cached.parts[1:]))

    assert the_same(side_of([paid], 1)) == D("0.0139")


def test_a_retry_is_no_unit_of_work():
    side = side_of(tokens(request(), request(), request(), request(purpose="retry")), 1)

    assert (side.units, side.per_unit) == (3, D(4) / 3)


def test_what_serves_nobody_is_told_apart_and_in_no_driver():
    rows = [request(), request(purpose="shadow"), request(purpose="eval", model=SMALL)]
    sums = tokens(*rows)

    assert the_same(side_of(sums, 1)) == D("0.0084")
    assert left_out(sums) == {"eval": (D("0.0007"), 1), "shadow": (D("0.0084"), 1)}
    assert rows_of(sums) == (1, 0)


def test_rows_without_a_price_are_counted_and_in_no_side():
    sums = tokens(request(), request(model="unheard-of"), request(given=-1))

    assert side_of(sums, 1).units == 1
    assert rows_of(sums) == (3, 2)


def test_planted_bloat_of_real_requests_is_found_within_five_per_cent():
    # Real requests of an hour; then each of them twice, those of `code` with 40 % more input.
    trace = ibis.duckdb.connect().read_parquet(shared("azure_llm_2023.parquet"))
    base = trace.select(
        timestamp=trace.TIMESTAMP.cast("timestamp('UTC', 6)"), service=trace.service,
        gen_ai_request_model=(trace.service == "code").ifelse(LARGE, SMALL),
        gen_ai_usage_input_tokens=trace.ContextTokens,
        gen_ai_usage_output_tokens=trace.GeneratedTokens,
    )  # fmt: skip
    longer = base.mutate(
        gen_ai_usage_input_tokens=(base.service == "code").ifelse(
            (base.gen_ai_usage_input_tokens * 1.4).round(), base.gen_ai_usage_input_tokens
        ).cast("int64")
    )  # fmt: skip
    sums = [sums_of(priced((log, "tokens")), "tokens") for log in (base, longer.union(longer))]
    given = sum(one.usage.amounts[0] for one in sums[0] if one.usage.service == "code")

    bridge = bridge_of_tokens(*(side_of(held, 1) for held in sums))

    # 40 % of the input of `code` at 6.00 per million, at the mean of the volume then and now.
    closed = 0.4 * float(given) * 6e-6 * (1 + 2) / 2
    assert float(bridge.effects["prompt_length"]) == pytest.approx(closed, rel=0.05)
    assert set(moved(bridge)) == {"volume", "prompt_length"}


def assumed(**changed):
    usual = {
        "unit": "question", "units_per_day": 1000, "prompt_tokens_per_unit": 1000,
        "output_tokens_per_unit": 100, "model_mix": {LARGE: 1}, "source": "a report",
    }  # fmt: skip
    return PilotAssumption(**(usual | changed))


def from_pilot(assumption, *rows):
    now = side_of(tokens(*rows), 1, by_service=False)
    rates = {m: BOOK.of_tokens(m, START) for m in (LARGE, SMALL)}
    return bridge_of_tokens(*pilot_side(assumption, now, rates))


def moved(bridge):
    return {name: float(effect) for name, effect in bridge.effects.items() if effect}


def test_a_pilot_day_costs_what_its_units_come_to_at_the_prices_of_then():
    # 1,000 x (0.75 x 1,000 x 6.00 + 0.25 x 1,000 x 1.50 + 100 x 24.00) / 1,000,000
    bridge = from_pilot(assumed(cache_hit_share="0.25"), request())

    assert bridge.before == D("7.275")


def test_a_pilot_that_retried_one_in_ten_pays_for_it():
    bridge = from_pilot(assumed(retry_share="0.1"), *[request()] * 1000)

    assert bridge.before == D("9.24")
    assert moved(bridge) == {"retries": pytest.approx(-0.84)}


def test_a_missing_cache_and_longer_prompts_are_told_apart():
    rows = [request(given=1500)] * 1000
    bridge = from_pilot(assumed(cache_hit_share="0.5"), *rows)

    # Half of the input at 1.50 and not 6.00: 2.25 a day for 1,000 tokens, 3.375 for 1,500. The
    # 500 tokens more cost 3.00 without the cache, 1.875 with it.
    assert moved(bridge) == {
        "cache": pytest.approx((2.25 + 3.375) / 2),
        "prompt_length": pytest.approx((3 + 1.875) / 2),
    }


def test_models_may_have_tokens_of_their_own_in_the_pilot():
    own = {
        LARGE: {"prompt_tokens_per_unit": 1200, "output_tokens_per_unit": 260,
                "cache_hit_share": "0.4"},
        SMALL: {"prompt_tokens_per_unit": 420, "output_tokens_per_unit": 12},
    }  # fmt: skip
    pilot = assumed(units_per_day=1200, model_mix={LARGE: "0.72", SMALL: "0.28"}, by_model=own)

    # 864 x (720 x 6 + 480 x 1.5 + 260 x 24) + 336 x (420 x 0.5 + 12 x 2), per million.
    assert from_pilot(pilot, request()).before == D("9.824544")


def test_a_model_that_is_not_in_the_mix_cannot_have_tokens_of_its_own():
    own = {SMALL: {"prompt_tokens_per_unit": 420, "output_tokens_per_unit": 12}}

    with pytest.raises(ValueError, match="by_model has small; expected models of model_mix"):
        assumed(by_model=own)


def test_longer_prompts_show_although_the_model_was_replaced_by_another():
    bridge = from_pilot(assumed(), *[request(model=SMALL, given=2000)] * 1000)

    # 1,000 tokens more of each question, at the mean of both prices.
    assert moved(bridge)["prompt_length"] == pytest.approx((6 + 0.5) / 2)
    assert set(moved(bridge)) == {"prompt_length", "model_mix"}


def test_without_a_mix_the_pilot_has_that_of_now():
    rows = [request(), request(model=SMALL)] * 500

    assert "model_mix" not in moved(from_pilot(assumed(model_mix={}), *rows))


def test_the_hours_of_a_pilot_are_those_that_its_cost_bought():
    log = ibis.memtable(pa.table({
        "timestamp": pa.array([START + timedelta(hours=1)], UTC_TIME), "service": ["api"],
        "resource": ["gpu"], "hours": [24.0],
    }))  # fmt: skip
    now = hours_of(sums_of(priced((log, "hours")), "hours"), 1)

    # 36.00 at 3.00 an hour are 12 h; now 24 h at 2.00.
    bridge = bridge_of_hours(pilot_hours(D(36), now, {"gpu": D(3)}), now)

    assert (bridge.before, bridge.now) == (36, 48)
    assert moved(bridge) == {"volume": 30.0, "price": -18.0}


def test_the_sums_of_each_log_keep_its_unit():
    log = ibis.memtable(pa.table({
        "timestamp": pa.array([START + timedelta(hours=1)], UTC_TIME), "service": ["api"],
        "resource": ["gpu"], "hours": [24.0],
    }))  # fmt: skip
    both = priced((a_log([request()]), "tokens"), (log, "hours"))

    assert [one.usage.item for one in sums_of(both, "hours")] == ["gpu"]
    assert [one.usage.item for one in sums_of(both, "tokens")] == [LARGE]
    assert sums_of(both, "hours", days=()) == []
