from datetime import timedelta

import pytest

from tests.builders import AREAS, AS_OF, all_records, exact
from tests.checks.judged import but, judged, lacking
from tests.shown_running import LAST_WEEK, a_bridge, a_forecast

ASSUMED = AREAS["cost"]["pilot_assumption"]
DAILY = AREAS["cost"]["ceilings"][0]


def test_cst_05_passes_when_the_drivers_add_up_to_the_difference():
    finding = judged("CST-05")

    # 40.00 - 37.50 = 2.50 = 3.00 of volume less 0.50 of price
    assert finding.status == "passed"
    assert finding.message == (
        "from 37.50 USD (n 1, exact) assumed to 40.00 USD (n 28, exact) per day, explained to "
        "the cent (shapley); most by volume, 3.00 USD (n 28, exact)"
    )
    assert finding.valid_until == LAST_WEEK + timedelta(days=35)


@pytest.mark.parametrize(
    ("price", "status"), [(-0.5, "passed"), (-0.504, "passed"), (-0.51, "failed")]
)
def test_cst_05_fails_when_a_cent_is_not_explained(price, status):
    drivers = {"volume": exact(3.0, "USD"), "price": exact(price, "USD")}

    assert judged("CST-05", records=but(a_bridge, drivers=drivers)).status == status


def test_cst_05_fails_and_says_how_much_is_not_explained():
    drivers = {"volume": exact(2.0, "USD"), "price": exact(0.0, "USD")}

    finding = judged("CST-05", records=but(a_bridge, drivers=drivers))

    assert "add up to 2.00 USD, the difference is 2.50; 0.50 is not explained" in finding.message


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"assumed_per_day": exact(38.0, "USD"), "actual_per_day": exact(40.5, "USD")},
         "it starts at 38.00 USD (n 1, exact); the pilot assumed 37.50 USD"),
        ({"currency": "EUR"}, "it is in EUR; the pilot assumed 37.50 USD"),
        ({"drivers": {"volume": exact(2.5, "USD")}}, "it leaves out price"),
    ],
)  # fmt: skip
def test_cst_05_fails_for_a_bridge_from_elsewhere_or_without_a_pier(change, said):
    finding = judged("CST-05", records=but(a_bridge, **change))

    assert finding.status == "failed"
    assert said in finding.message


def test_cst_05_asks_for_every_driver_where_tokens_are_paid():
    tokens = {"logs": [{"id": "usage", "unit": "tokens", "address": "usage"}]}

    finding = judged("CST-05", cost=tokens)

    assert finding.status == "failed"
    assert finding.message.endswith(
        "it leaves out prompt length, output length, model mix, cache, retries"
    )


@pytest.mark.parametrize("missing", ["pilot_assumption", "logs"])
def test_cst_05_is_unknown_without_what_the_bridge_stands_on(missing):
    finding = judged("CST-05", cost={missing: {"logs": []}.get(missing)})

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert f"`{missing}`" in finding.remedy


def test_cst_05_is_unknown_when_it_was_never_or_not_wholly_measured():
    hole = {"volume": exact(3.0, "USD"), "price": exact(-0.5, "USD").model_copy(
        update={"value": None})}  # fmt: skip

    assert judged("CST-05", records=lacking("cost_bridge")).reason == "missing"
    assert judged("CST-05", records=but(a_bridge, drivers=hole)).reason == "too_few"
    assert judged("CST-05", records=but(a_bridge, as_of=AS_OF - timedelta(36))).reason == "expired"


def test_cst_05_is_unknown_when_another_version_was_measured():
    version = {**AREAS["identity"]["version"], "in_production_since": "2013-07-20T00:00:00Z"}

    finding = judged("CST-05", identity={"version": version})

    assert (finding.status, finding.reason) == ("unknown", "expired")


def test_cst_05_does_not_arise_before_anybody_is_served():
    assert judged("CST-05", identity={"stage_history": []}).status == "not_applicable"


def test_cst_06_passes_when_the_ceiling_is_crossed_far_from_now():
    finding = judged("CST-06")

    assert finding.status == "passed"
    # the measurement of 15 July looks 365 days ahead
    assert finding.message.startswith(
        "ceiling daily is not crossed by 2014-07-15 (2014-02-07 at the earliest), at 0.02 USD"
    )


def crossing(days, **changes):
    day = (AS_OF + timedelta(days=days)).date()
    return but(a_forecast, **{"crosses_on": day, "earliest": None, "no_interval": "one season",
                              **changes})  # fmt: skip


@pytest.mark.parametrize(("days", "status"), [(91, "passed"), (90, "failed"), (-3, "failed")])
def test_cst_06_fails_when_the_ceiling_is_crossed_within_a_quarter(days, status):
    assert judged("CST-06", records=crossing(days)).status == status


def test_cst_06_fails_and_says_when_with_the_interval():
    early, late = ((AS_OF + timedelta(days=n)).date() for n in (20, 60))

    finding = judged("CST-06", records=crossing(40, earliest=early, latest=late))

    # 22 July and 40 days; not before 22 July and 90 days
    assert finding.message == (
        "ceiling daily is crossed on 2013-08-31 (2013-08-11 to 2013-09-20); expected not before "
        "2013-10-20"
    )


@pytest.mark.parametrize(
    ("records", "said"),
    [
        (crossing(200, earliest=(AS_OF + timedelta(days=80)).date()),
         "it may be crossed as early as 2013-10-10"),
        (crossing(200, no_interval=None), "neither an earliest day nor the words why"),
        (but(a_forecast, horizon_days=90, earliest=None),
         "looks ahead to 2013-10-13, not to 2013-10-20; expected a horizon of 97 days or more"),
        (but(a_forecast, growth_per_day=exact(0, "USD").model_copy(update={"value": None})),
         "how fast the cost grows is not known"),
    ],
)  # fmt: skip
def test_cst_06_is_unknown_when_the_forecast_cannot_say_so(records, said):
    finding = judged("CST-06", records=records)

    assert (finding.status, finding.reason) == ("unknown", "too_few")
    assert said in finding.message


def test_cst_06_is_unknown_without_a_forecast_of_each_ceiling():
    low = {**DAILY, "id": "calls", "scope": "provider", "provider": "vendor"}

    def of_the_system_alone(system):
        others = [r for r in all_records(system) if r.kind != "cost_forecast"]
        return (*others, a_forecast(system))

    finding = judged("CST-06", cost={"ceilings": [DAILY, low]}, records=of_the_system_alone)

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert "no forecast of when ceiling calls is crossed" in finding.message


def test_cst_06_is_unknown_without_a_ceiling_or_with_an_old_forecast():
    old = but(a_forecast, as_of=AS_OF - timedelta(days=9))

    assert judged("CST-06", cost={"ceilings": []}).reason == "missing"
    assert judged("CST-06", records=old).reason == "expired"
