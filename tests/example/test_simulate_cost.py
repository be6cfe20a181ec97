"""What the simulated assistant costs: the stated distributions, a bill, two models compared."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pandas as pd
import pytest

from ops_model.example import simulate, simulate_bill, simulate_cost
from ops_model.example.simulate_cost import BLOCK, CACHE_LOST, INPUT, READ, WRITTEN
from ops_model.shipped import shipped
from ops_model.store.workbook import read_workbook

UNTIL = datetime(2013, 7, 22, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def usage():
    return simulate.simulate(until=UNTIL)[0]


@pytest.fixture(scope="module")
def costs(usage):
    return simulate_cost.cost_log(usage, until=UNTIL)


@pytest.fixture(scope="module")
def billed(costs):
    return simulate_bill.bill(costs)


@pytest.fixture(scope="module")
def cost():
    return read_workbook(shipped("templates") / "workbook").system("support-assistant").cost


def test_every_request_is_there_once_and_what_was_tried_stands_beside_it(usage, costs):
    served = costs[costs["purpose"] == "prod"]

    assert served["request_id"].tolist() == usage["request_id"].tolist()
    assert costs["request_id"].is_unique
    assert costs["timestamp"].is_monotonic_increasing
    assert set(costs["purpose"]) == {"prod", "retry", "shadow", "challenger", "eval"}


def test_what_is_tried_names_the_request_it_was_tried_with(usage, costs):
    beside = costs[costs["purpose"].isin(["retry", "shadow", "challenger"])]

    assert set(beside["parent_request_id"]) <= set(usage["request_id"])
    assert costs.loc[costs["purpose"] == "prod", "parent_request_id"].isna().all()


def test_the_cache_is_read_until_the_day_on_which_it_is_lost_and_never_after(costs):
    served = costs[costs["purpose"] == "prod"]
    before, after = (
        served[served["timestamp"] < CACHE_LOST],
        served[served["timestamp"] >= CACHE_LOST],
    )

    # Two fifths of the answers' input in whole blocks, of which the triage has none.
    assert 0.25 < before[READ].sum() / before[INPUT].sum() < 0.4
    assert before[WRITTEN].sum() > 0
    assert after[READ].sum() == after[WRITTEN].sum() == 0


def test_what_a_cache_did_is_no_more_than_the_blocks_that_the_prompt_shares(costs):
    # Numbers below 1,000 are blocks of the text that all share.
    shared = costs["prompt_prefix"].map(
        lambda chain: int((chain < 1000).sum() if len(chain) else 0)
    )
    whole = costs["prompt_prefix"].map(len)

    assert ((costs[READ] + costs[WRITTEN]) <= shared * BLOCK).all()
    assert (whole * BLOCK <= costs[INPUT]).all()


def test_an_earlier_instant_gives_the_same_rows_up_to_it(costs):
    until = UNTIL - timedelta(days=40)

    earlier = simulate_cost.cost_log(simulate.simulate(until=until)[0], until=until)

    later = costs[costs["timestamp"] < until].reset_index(drop=True)
    pd.testing.assert_frame_equal(
        earlier.drop(columns="prompt_prefix"), later.drop(columns="prompt_prefix")
    )


def test_the_bill_is_at_the_prices_that_the_claims_declare(cost):
    declared = {
        (p.model, p.valid_from): (
            p.input_per_million, p.cache_read_per_million,
            p.cache_write_per_million or p.input_per_million, p.output_per_million,
        )
        for p in cost.token_prices if p.model in simulate_bill.PRICES
    }  # fmt: skip
    used = {
        (model, since): tuple(Decimal(str(price)) for price in prices)
        for model, dated in simulate_bill.PRICES.items()
        for since, prices in dated
    }

    assert used == declared


def test_the_bill_has_a_credit_in_may_and_a_service_that_no_log_holds(billed):
    credits_ = billed[billed["ChargeCategory"] == "Credit"]

    assert credits_["BilledCost"].tolist() == [-12.0]
    assert credits_["ChargePeriodStart"].dt.strftime("%Y-%m").tolist() == ["2013-05"]
    assert (billed["ServiceName"] == "question-filter").sum() == 2


def test_three_days_of_june_are_billed_more_than_the_log_holds(billed, costs):
    used = billed[(billed["ChargeCategory"] == "Usage") & billed["ConsumedQuantity"].notna()]
    by_day = used.groupby(used["ChargePeriodStart"].dt.strftime("%m-%d"))["ConsumedQuantity"].sum()
    mine = costs[costs["gen_ai_provider_name"] == "example-ai"]
    tokens = mine[INPUT] + mine["gen_ai_usage_output_tokens"]
    logged = tokens.groupby(mine["timestamp"].dt.strftime("%m-%d")).sum()

    assert by_day["06-17"] == logged["06-17"]
    assert by_day["06-19"] == pytest.approx(1.35 * logged["06-19"], rel=1e-4)


def test_two_models_answer_the_same_questions_as_often_right_as_is_stated():
    rows = simulate_bill.comparison()
    delivery = rows[rows["topic"] == "delivery"]

    assert len(rows) == 1800
    assert rows["case_id"].is_unique
    assert (delivery["dear"].sum(), delivery["cheap"].sum()) == (836, 834)
    assert rows.groupby("topic")["traffic"].first().sum() == pytest.approx(1)
