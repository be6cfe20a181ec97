"""From what the pilot assumed, or from the four weeks before, to now: who owns which bar."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ops_model.domain.records import read_record
from ops_model.domain.saving_claims import CostAction
from ops_model.workflow.measure_bridge import bridge_of
from tests.workflow.usage_book import (
    COST,
    TODAY,
    UTC_TIME,
    at,
    every_day,
    lose_instants,
    opened,
    write_calls,
)

PILOT = {
    "unit": "question", "units_per_day": "10", "prompt_tokens_per_unit": "500",
    "output_tokens_per_unit": "100", "model_mix": {"large": "1"}, "cost_per_day": "0.05 USD",
    "source": "the report of the pilot",
}  # fmt: skip
TRIM = {
    "id": "shorter-history", "kind": "trim_prompt", "text": "Send the last six messages.",
    "owner": "di-legal", "due": "2026-10-01", "expected_saving_per_day": "0.01 USD",
}  # fmt: skip


def explained(bridge):
    return sum(effect.value for effect in bridge.drivers.values())


def moved(bridge):
    return {n: e.value for n, e in bridge.drivers.items() if abs(e.value) > 1e-12}


def test_longer_prompts_are_found_between_the_pilot_and_now(tmp_path):
    write_calls(tmp_path, every_day())
    bridge = bridge_of(opened(tmp_path, cost={"pilot_assumption": PILOT}))

    # 10 x (500 x 6.00 + 100 x 24.00) / 1,000,000, and 500 tokens more.
    assert bridge.assumed_per_day.value == pytest.approx(0.054)
    assert bridge.actual_per_day.value == pytest.approx(0.084)
    assert moved(bridge) == {"prompt_length": pytest.approx(0.03)}
    assert (bridge.since, bridge.days, bridge.actual_per_day.n) == ("pilot", 28, 280)
    assert bridge.window.end == TODAY
    assert read_record(bridge.model_dump(mode="json")) == bridge


def test_without_an_assumption_it_begins_four_weeks_before(tmp_path):
    write_calls(tmp_path, [*every_day(until=29), *every_day(15, since=28)])
    bridge = bridge_of(opened(tmp_path))

    assert bridge.since == "last_month"
    assert moved(bridge) == {"volume": pytest.approx(0.042)}
    assert bridge.assumed_per_day.n == 28 * 10 + 28 * 15


def test_drivers_add_up_however_much_changed(tmp_path):
    later = {
        "gen_ai_usage_input_tokens": 1700, "gen_ai_usage_cache_read_input_tokens": 333,
        "gen_ai_usage_output_tokens": 71,
    }  # fmt: skip
    write_calls(
        tmp_path,
        [
            *every_day(7, until=29), *every_day(2, until=29, gen_ai_request_model="small"),
            *every_day(11, since=28, **later), *every_day(1, since=28, purpose="retry"),
            *every_day(5, since=28, gen_ai_request_model="small"),
        ],
    )  # fmt: skip
    bridge = bridge_of(opened(tmp_path))

    assert set(moved(bridge)) == set(bridge.drivers) - {"price"}
    assert bridge.assumed_per_day.value + explained(bridge) == (
        pytest.approx(bridge.actual_per_day.value, abs=1e-9)
    )
    both = (bridge.assumed_per_day.value, bridge.actual_per_day.value)
    assert float(sum(bridge.in_cents().values())) == (
        pytest.approx(round(both[1], 2) - round(both[0], 2))
    )


def test_every_bar_has_an_owner_and_says_what_to_do(tmp_path):
    write_calls(tmp_path, every_day(gen_ai_usage_output_tokens=50))
    ownership = {"duties": {"cost_control": {"primary": "bo-li"}}}
    book = opened(
        tmp_path, cost={"pilot_assumption": PILOT, "actions": [TRIM]}, ownership=ownership
    )

    bars = {bar.driver: bar for bar in bridge_of(book).bars}

    assert next(iter(bars)) == "prompt_length"
    longer = bars["prompt_length"]
    assert (longer.owner, longer.action) == ("di-legal", "shorter-history")
    assert longer.do == "Send the last six messages."
    assert (bars["output_length"].owner, bars["output_length"].do) == (
        "bo-li", "nothing: it makes a day cheaper",
    )  # fmt: skip
    assert bars["cache"].do == "nothing: it is as it was"
    assert {bar.driver for bar in bars.values() if bar.owner is None} == set()


def test_a_bar_names_the_action_that_is_due_next_and_not_one_that_is_done(tmp_path):
    write_calls(tmp_path, every_day())
    done = {**TRIM, "id": "done", "due": "2026-08-01", "done": "2026-08-01"}
    late = {**TRIM, "id": "late", "due": "2026-12-01"}
    book = opened(tmp_path, cost={"pilot_assumption": PILOT, "actions": [done, late, TRIM]})

    assert bridge_of(book).bars[0].action == "shorter-history"


def test_every_kind_of_action_works_on_a_driver():
    from typing import get_args

    from ops_model.workflow.bridge_bars import ACTS_ON

    kinds = get_args(CostAction.model_fields["kind"].annotation)

    assert set(ACTS_ON) == set(kinds)


def test_the_pilot_is_priced_as_of_its_end(tmp_path):
    write_calls(tmp_path, every_day(gen_ai_usage_input_tokens=500))
    dearer = {
        "model": "large", "valid_from": "2026-03-01T00:00:00Z", "input_per_million": "12",
        "cache_read_per_million": "3", "output_per_million": "24", "source": "the contract",
    }  # fmt: skip
    first = {**dearer, "valid_from": "2013-01-01T00:00:00Z", "input_per_million": "6"}
    cost = {"pilot_assumption": PILOT, "token_prices": [first, dearer]}
    bridge = bridge_of(opened(tmp_path, cost=cost))

    assert bridge.assumed_per_day.value == pytest.approx(0.054)
    assert moved(bridge) == {"price": pytest.approx(0.03)}
    assert bridge.notes == ()


def test_a_cache_that_is_no_more_is_priced_as_it_would_be_now(tmp_path):
    write_calls(tmp_path, every_day(gen_ai_usage_input_tokens=500))
    prices = [
        {"model": "large", "valid_from": since, "input_per_million": given,
         "cache_read_per_million": read, "output_per_million": "24", "source": "a list"}
        for since, given, read in (
            ("2013-01-01T00:00:00Z", "6", "1.5"), ("2026-03-01T00:00:00Z", "12", "3"),
        )
    ]  # fmt: skip
    pilot = {**PILOT, "cache_hit_share": "0.5"}
    bridge = bridge_of(opened(tmp_path, cost={"pilot_assumption": pilot, "token_prices": prices}))

    # 2,500 tokens a day at 6.00 and not 1.50 then, at 12.00 and not 3.00 now.
    assert moved(bridge)["cache"] == pytest.approx(2500e-6 * (4.5 + 9) / 2)


def test_a_model_without_a_price_then_has_that_of_now_and_it_is_said(tmp_path):
    write_calls(tmp_path, every_day())
    bridge = bridge_of(opened(tmp_path, cost={"pilot_assumption": PILOT}))

    # The system of the builders went live in 2013; its prices begin in 2026.
    assert bridge.notes == (
        "no price of large is known on 2013-03-01, when the pilot ended: it is as now",
    )


def test_what_a_shadow_costs_is_told_apart(tmp_path):
    write_calls(tmp_path, [*every_day(), *every_day(3, purpose="shadow")])
    bridge = bridge_of(opened(tmp_path, cost={"pilot_assumption": PILOT}))

    assert bridge.actual_per_day.value == pytest.approx(0.084)
    assert bridge.left_out["shadow"].value == pytest.approx(0.0252)
    assert bridge.left_out["shadow"].n == 28 * 3


def test_a_shadow_of_which_rows_have_no_price_costs_at_least_the_rest(tmp_path):
    lost = {"purpose": "shadow", "gen_ai_request_model": "unheard-of"}
    write_calls(tmp_path, [*every_day(), *every_day(3, purpose="shadow"), *every_day(1, **lost)])
    bridge = bridge_of(opened(tmp_path, cost={"pilot_assumption": PILOT}))

    assert bridge.left_out["shadow"].no_interval == (
        "lower bound: 28 rows that serve nobody have no price"
    )
    assert bridge.actual_per_day.no_interval == "exact"


def test_rows_without_a_price_make_it_a_lower_bound(tmp_path):
    write_calls(tmp_path, [*every_day(), *every_day(1, gen_ai_request_model="unheard-of")])
    bridge = bridge_of(opened(tmp_path, cost={"pilot_assumption": PILOT}))

    assert bridge.actual_per_day.no_interval == "lower bound: 28 of 308 rows have no price"


def test_an_effect_is_bounded_by_nothing_where_rows_have_no_price(tmp_path):
    write_calls(tmp_path, [*every_day(), *every_day(1, gen_ai_request_model="unheard-of")])
    bridge = bridge_of(opened(tmp_path, cost={"pilot_assumption": PILOT}))

    assert {effect.no_interval for effect in bridge.drivers.values()} == {
        "of rows with a price alone: 28 of 308 rows have no price"
    }
    assert bridge.assumed_per_day.no_interval == "exact"


@pytest.mark.parametrize("mix", [{"large": "0.5", "gone": "0.5"}, {"gone": "1"}])
def test_a_pilot_model_that_nobody_knows_a_price_of_makes_the_pilot_unknown(tmp_path, mix):
    write_calls(tmp_path, every_day())
    pilot = {**PILOT, "model_mix": mix}
    bridge = bridge_of(opened(tmp_path, cost={"pilot_assumption": pilot}))

    assert (bridge.assumed_per_day.value, bridge.in_cents()) == (None, {})
    assert bridge.notes == (
        "no price of gone is known, neither on 2013-03-01, when the pilot ended, nor now: what "
        "the pilot assumed cannot be told in money",
    )


@pytest.mark.parametrize(
    ("rows", "pilot", "why"),
    [
        (
            [*every_day(until=29), *every_day(since=28, gen_ai_request_model="unheard-of")], None,
            "none of 280 rows of tokens of now has a price",
        ),
        (
            [*every_day(until=29, gen_ai_request_model="unheard-of"), *every_day(since=28)], None,
            "none of 280 rows of tokens of before has a price",
        ),
        (
            every_day(gen_ai_request_model="unheard-of"), PILOT,
            "none of 280 rows of tokens of now has a price",
        ),
    ],
)  # fmt: skip
def test_a_side_of_which_no_row_has_a_price_is_unknown_and_not_nothing(tmp_path, rows, pilot, why):
    write_calls(tmp_path, rows)
    bridge = bridge_of(opened(tmp_path, cost={"pilot_assumption": pilot}))

    assert (bridge.actual_per_day.value, bridge.actual_per_day.no_interval) == (None, why)
    assert {effect.value for effect in bridge.drivers.values()} == {None}


def test_a_silent_day_is_not_a_day_of_nothing(tmp_path):
    write_calls(tmp_path, [row for row in every_day() if row[0] not in {3, 4}])
    bridge = bridge_of(opened(tmp_path, cost={"pilot_assumption": PILOT}))

    assert (bridge.days, bridge.actual_per_day.value) == (26, pytest.approx(0.084))


@pytest.mark.parametrize(
    ("cost", "rows", "why"),
    [
        ({"pilot_assumption": PILOT}, every_day(since=0), "no whole day of the last 28 is held"),
        ({}, every_day(since=20), "no whole day of the 28 before is held"),
        (
            {"pilot_assumption": {**PILOT, "cost_per_day": "0.05 EUR"}}, every_day(),
            "the pilot assumed 0.05 EUR; expected USD, the currency of the prices",
        ),
        (
            {"pilot_assumption": {
                "unit": "question", "units_per_day": "10", "source": "the report",
            }}, every_day(),
            "pilot_assumption says neither prompt_tokens_per_unit nor output_tokens_per_unit",
        ),
    ],
)  # fmt: skip
def test_what_is_not_known_has_no_number_and_says_why(tmp_path, cost, rows, why):
    write_calls(tmp_path, rows)
    bridge = bridge_of(opened(tmp_path, cost=cost))

    assert (bridge.actual_per_day.value, bridge.actual_per_day.no_interval) == (None, why)
    assert {effect.value for effect in bridge.drivers.values()} == {None}
    assert bridge.in_cents() == {}


def write_hours(root):
    """48 hours of a machine on each day."""
    table = pa.table({
        "timestamp": pa.array([at(back) for back in range(60, -1, -1)], UTC_TIME),
        "service": ["api"] * 61, "resource": ["cpu"] * 61, "hours": [48.0] * 61,
    })  # fmt: skip
    pq.write_table(table, root / "hours.parquet")


HOURS = {"id": "compute", "unit": "hours", "address": "hours.parquet"}
HOUR_PRICES = [
    {"resource": "cpu", "valid_from": since, "per_hour": price, "source": "a list"}
    for since, price in (("2013-01-01T00:00:00Z", "0.10"), ("2026-02-01T00:00:00Z", "0.08"))
]


def test_a_machine_by_the_hour_is_explained_by_volume_and_price(tmp_path):
    write_hours(tmp_path)
    pilot = {
        "unit": "flight", "units_per_day": "800", "cost_per_day": "3.60 USD", "source": "a report",
    }  # fmt: skip
    cost = {"logs": [HOURS], "hour_prices": HOUR_PRICES, "pilot_assumption": pilot}
    bridge = bridge_of(opened(tmp_path, cost=cost))

    # 36 h at 0.10 became 48 h at 0.08.
    assert bridge.assumed_per_day.value == pytest.approx(3.6)
    assert bridge.actual_per_day.value == pytest.approx(3.84)
    assert moved(bridge) == {"volume": pytest.approx(1.08), "price": pytest.approx(-0.84)}
    assert bridge.notes[0].startswith("the pilot names no hours")


def test_hours_beside_tokens_are_what_the_cost_of_the_pilot_leaves(tmp_path):
    write_hours(tmp_path)
    write_calls(tmp_path, every_day())
    cost = {
        "logs": [*COST["logs"], HOURS], "hour_prices": HOUR_PRICES,
        "pilot_assumption": {**PILOT, "cost_per_day": "4.854 USD"},
    }  # fmt: skip
    bridge = bridge_of(opened(tmp_path, cost=cost))

    # 0.054 for tokens leaves 4.80, which are 48 h at 0.10: hours did not change, their price did.
    assert bridge.assumed_per_day.value == pytest.approx(4.854)
    assert bridge.actual_per_day.value == pytest.approx(0.084 + 3.84)
    assert moved(bridge) == {"prompt_length": pytest.approx(0.03), "price": pytest.approx(-0.96)}


def test_a_cost_per_day_that_the_pilots_own_tokens_contradict_is_noted(tmp_path):
    write_calls(tmp_path, every_day())
    pilot = {**PILOT, "cost_per_day": "1000.00 USD"}
    bridge = bridge_of(opened(tmp_path, cost={"pilot_assumption": pilot}))
    rounded = bridge_of(opened(tmp_path, cost={"pilot_assumption": PILOT}))

    noted = (
        "the pilot wrote 1000.00 USD per day, and its tokens come to 0.05: the bridge begins at "
        "its tokens"
    )
    # 0.054 is 0.05 on a report.
    assert (bridge.notes[-1], noted in rounded.notes) == (noted, False)
    assert len(rounded.notes) == len(bridge.notes) - 1


@pytest.mark.parametrize("since", ["pilot", "last_month"])
def test_rows_without_an_instant_leave_the_present_end_a_lower_bound(tmp_path, since):
    write_calls(tmp_path, every_day())
    lose_instants(tmp_path)
    bridge = bridge_of(opened(tmp_path, cost={"pilot_assumption": PILOT}), since)

    said = "10 rows say no instant, and may be of these days"
    assert bridge.actual_per_day.no_interval == f"lower bound: {said}"
    of_pilot = since == "pilot"
    assert bridge.assumed_per_day.no_interval == ("exact" if of_pilot else f"lower bound: {said}")
    assert {e.no_interval for e in bridge.drivers.values()} == {
        f"of rows with an instant alone: {said}"
    }
