import pytest

from ops_model.check.remedies_cost import (
    measure_bridge,
    measure_ceilings,
    measure_load,
    measure_spend,
    measure_unit_cost,
    try_routes,
)
from ops_model.domain.workbook import AlertRoute
from tests.builders import AREAS, a_system

TOKENS = {"id": "usage", "unit": "tokens", "address": "usage"}
DAILY = AREAS["cost"]["ceilings"][0]
RUN = "runs `ops-model run 06_cost flight-delay`"
SEND = (
    "the cost owner runs `ops-model watch flight-delay --test-routes`, and whoever gets the "
    "message answers with `ops-model watch --ack CODE --as PERSON`"
)


def test_a_list_of_prices_is_price_enough_for_tokens():
    listed = a_system(cost={"logs": [TOKENS], "token_prices": [], "price_list": "genai-prices"})

    assert measure_spend(listed) == f"the cost owner {RUN}"


@pytest.mark.parametrize("measure", [measure_spend, measure_bridge, measure_ceilings])
def test_of_a_file_that_is_not_there_nothing_more_is_asked_than_its_ceiling(measure):
    remedy = measure(a_system(cost=None))

    assert "`logs`" not in remedy
    assert remedy.endswith(RUN)


def test_ceilings_are_watched_once_one_is_per_day():
    by_run = a_system(cost={"ceilings": [{**DAILY, "per": "run"}]})

    assert measure_ceilings(a_system()) == f"the cost owner {RUN}"
    assert measure_ceilings(by_run) == (
        f"the cost owner declares a ceiling per day (`ceilings`) in cost.yaml, then {RUN}"
    )


def test_what_a_success_costs_is_counted_once_there_is_a_unit():
    assert measure_unit_cost(a_system(cost={"units": []})) == (
        f"the cost owner declares a unit (`units`) in cost.yaml, then {RUN}"
    )


def test_the_load_is_measured_once_something_served_is_logged():
    assert measure_load(a_system()) == f"the reliability owner {RUN}"
    assert measure_load(a_system(signals=None)).startswith(
        "the reliability owner declares a log of what is served"
    )


def test_a_route_is_tried_once_each_of_its_channels_has_an_address():
    route = {**DAILY, "alert_route": "page: primary; mail: ed-fin"}
    system = a_system(cost={"ceilings": [route]})
    page = AlertRoute(channel="page", address_in="PAGE")
    mail = AlertRoute(channel="mail", address_in="MAIL")

    assert try_routes(system) == try_routes(system, (page, mail)) == SEND
    assert try_routes(system, (page,)) == (
        "the platform names “mail: ed-fin” under `alert_routes` in ops-model.yaml, each with the "
        f"environment variable that holds its address; then {SEND}"
    )


def test_a_ceiling_without_a_route_needs_one_before_it_can_be_tried():
    silent = a_system(cost={"ceilings": [{**DAILY, "alert_route": None}]})

    assert try_routes(silent, ()) == (
        f"the cost owner writes an alert_route to each ceiling in cost.yaml; then {SEND}"
    )
