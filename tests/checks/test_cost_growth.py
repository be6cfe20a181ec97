from datetime import timedelta

import pytest

from ops_model.domain.evidence import Measured
from ops_model.domain.spend import DayCost
from ops_model.domain.values import Window
from tests.builders import AREAS, AS_OF, a_spend, all_records, exact
from tests.checks.judged import but, judged, lacking
from tests.shown_running import LAST_WEEK, a_bar, a_bridge, a_forecast

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


@pytest.mark.parametrize(
    ("bars", "said"),
    [
        ((), "nobody answers for volume, 3.00 USD (n 28, exact): nobody is named"),
        (("gone",), "nobody answers for volume, 3.00 USD (n 28, exact): gone is nobody in"),
    ],
)
def test_cst_05_fails_when_nobody_answers_for_what_made_a_day_dearer(bars, said):
    def records(system):
        named = tuple(a_bar("volume", 3.0, system, owner=owner) for owner in bars)
        return but(a_bridge, bars=named)(system)

    finding = judged("CST-05", records=records)

    assert finding.status == "failed"
    assert said in finding.message
    assert "price" not in finding.message  # it made a day cheaper, for which nobody has to answer
    assert finding.remedy.startswith("the owner names who has the duty cost_control")


def test_cst_05_looks_at_the_bridge_that_begins_at_the_pilot():
    def records(system):
        last_month = a_bridge(system, as_of=AS_OF, since="last_month", drivers={})
        return (*all_records(system), last_month)

    assert judged("CST-05", records=records).status == "passed"


def test_cst_05_says_what_the_bridge_takes_for_granted():
    note = "the pilot names no mix of models: it is taken as now"

    assert judged("CST-05", records=but(a_bridge, notes=(note,))).message.endswith(f"; {note}")


def test_cst_05_is_unknown_where_rows_without_a_price_make_the_end_too_low():
    low = Measured(value=40.0, unit="USD", n=28, no_interval="lower bound: 3 of 31 rows have no")

    finding = judged("CST-05", records=but(a_bridge, actual_per_day=low))

    assert (finding.status, finding.reason) == ("unknown", "too_few")
    assert "ends at a lower bound: 3 of 31" in finding.message


@pytest.mark.parametrize(("shadow", "status"), [(5.0, "passed"), (11.0, "unknown")])
def test_cst_05_counts_what_served_nobody_to_what_a_day_costs(shadow, status):
    """Both days on record cost 50 USD, and the bridge ends at 45."""
    days = tuple(
        DayCost(day=(AS_OF - timedelta(n)).date(), service="all", cost=exact(50, "USD"),
                requests=9)
        for n in (1, 2)
    )  # fmt: skip

    def records(system):
        two_days = Window(start=AS_OF - timedelta(2), end=AS_OF)
        aside = {"shadow": exact(shadow, "USD", 9)}
        others = [r for r in bridging(45.0, left_out=aside)(system) if r.kind != "spend"]
        return (*others, a_spend(system, days=days, window=two_days))

    assert judged("CST-05", records=records).status == status


@pytest.mark.parametrize(
    ("claims", "lacking_words"),
    [
        ({}, ""),
        (
            {"logs": [{"id": "usage", "unit": "tokens", "address": "usage"}]},
            "declares `token_prices` and `prompt_tokens_per_unit` and `output_tokens_per_unit` of "
            "`pilot_assumption` in cost.yaml, then ",
        ),
        (
            {
                "logs": [{"id": "usage", "unit": "tokens", "address": "usage"}],
                "price_list": "genai-prices",
                "pilot_assumption": {**ASSUMED, "prompt_tokens_per_unit": "10"},
            },
            "",
        ),
    ],
)
def test_cst_05_says_what_has_to_be_declared_before_a_bridge_can_be_measured(
    claims, lacking_words
):
    finding = judged("CST-05", cost=claims, records=lacking("cost_bridge"))

    assert finding.remedy == (
        f"the cost owner {lacking_words}runs `ops-model run 06_cost flight-delay`"
    )


def test_cst_05_asks_for_every_driver_where_tokens_are_paid():
    tokens = {"logs": [{"id": "usage", "unit": "tokens", "address": "usage"}]}

    finding = judged("CST-05", cost=tokens)

    assert finding.status == "failed"
    assert finding.message.endswith(
        "it leaves out prompt length, output length, model mix, cache, retries"
    )


def test_cst_05_is_unknown_when_nobody_wrote_what_the_pilot_assumed_of_a_day():
    """Otherwise the bridge could begin anywhere, and would close."""
    unsaid = {**ASSUMED, "cost_per_day": None}
    from_anywhere = but(
        a_bridge, assumed_per_day=exact(5000, "USD"), actual_per_day=exact(5002.5, "USD")
    )

    finding = judged("CST-05", cost={"pilot_assumption": unsaid}, records=from_anywhere)

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert "`cost_per_day` of `pilot_assumption`" in finding.remedy


def bridging(actual, n=28, **changes):
    """A bridge that closes at an actual cost per day."""
    drivers = {"volume": exact(actual - 37.5, "USD"), "price": exact(0.0, "USD")}
    return but(a_bridge, actual_per_day=exact(actual, "USD", n), drivers=drivers, **changes)


@pytest.mark.parametrize(
    ("records", "said"),
    [
        (bridging(40.0, n=0), "rests on no row of a usage log"),
        # 900 USD were spent in all
        (bridging(9037.5), "a day costs between 0.00 and 900.00"),
        (
            bridging(40.0, window=Window(start=AS_OF - timedelta(64), end=AS_OF - timedelta(36))),
            "ends on 2013-06-16; expected days of the last 35",
        ),
    ],
)
def test_cst_05_is_unknown_when_the_bridge_does_not_end_at_what_a_day_costs(records, said):
    finding = judged("CST-05", records=records)

    assert (finding.status, finding.reason) == ("unknown", "too_few")
    assert said in finding.message


@pytest.mark.parametrize(
    ("actual", "status"), [(29.9, "unknown"), (31.0, "passed"), (50.0, "passed"), (51, "unknown")]
)
def test_cst_05_is_unknown_when_the_days_on_record_cost_other_than_the_bridge_says(actual, status):
    days = tuple(
        DayCost(day=(AS_OF - timedelta(n)).date(), service="all", cost=exact(cost, "USD"),
                requests=9)
        for n, cost in ((1, 30), (2, 50))
    )  # fmt: skip

    def records(system):
        two_days = Window(start=AS_OF - timedelta(2), end=AS_OF)
        others = [r for r in bridging(float(actual))(system) if r.kind != "spend"]
        return (*others, a_spend(system, days=days, window=two_days))

    assert judged("CST-05", records=records).status == status


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


def test_cst_06_does_not_rest_on_the_least_that_a_day_costs():
    least = exact(5.0, "USD").model_copy(update={"no_interval": "lower bound: 6 of 7 days"})
    finding = judged("CST-06", records=but(a_forecast, per_day_now=least))

    assert (finding.status, finding.reason) == ("unknown", "too_few")
    assert "what a day costs now is known by its lower bound: 6 of 7 days" in finding.message


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
        (but(a_forecast, growth_per_day=exact(0.02, "USD", 27)),
         "its growth was seen on 27 days; expected at least 28"),
        (but(a_forecast, earliest=None), "neither an earliest day nor the words why"),
        (but(a_forecast, series=19), "rests on 19 other series; expected at least 20"),
        (but(a_forecast, coverage=None), "nobody counted how many of the errors that were seen"),
        (but(a_forecast, coverage=exact(0.84, "share", 50)),
         "its interval held 84 % (n 50, exact) of the errors that were seen; expected 85 to 95 %"),
        (but(a_forecast, coverage=exact(0.96, "share", 50)), "held 96 % (n 50, exact)"),
        # a usual day costs 99.5 USD, and 97 days at 0.02 follow
        (but(a_forecast, per_day_now=exact(99.5, "USD", 7)),
         "come to 101.44 a day by 2013-10-20, above 100.00 USD"),
        (but(a_forecast, growth_per_day=exact(0.02, "EUR", 91)),
         "growth of 0.02 EUR (n 91, exact) cannot be held against 100.00 USD"),
        # a day costs 40 USD, and 97 days lie between 15 July and 20 October: 40 + 97
        (but(a_forecast, growth_per_day=exact(1, "USD", 91)),
         "come to 137.00 a day by 2013-10-20, above 100.00 USD, and the forecast does not see"),
        (but(a_forecast, earliest=None, no_interval="one season",
             growth_per_day=Measured(value=0.1, unit="USD", n=91, low=-0.5, high=0.7)),
         "come to 107.90 a day by 2013-10-20"),
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
