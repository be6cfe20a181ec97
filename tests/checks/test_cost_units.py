from datetime import timedelta

import pytest

from ops_model.domain.evidence import Measured
from ops_model.domain.values import Window
from tests.builders import AREAS, AS_OF, exact
from tests.checks.judged import but, judged, lacking
from tests.shown_running import a_unit_cost

UNIT = AREAS["cost"]["units"][0]


def costing(value, low, high, unit="USD"):
    cost = Measured(value=value, unit=unit, n=1000, low=low, high=high)
    return but(a_unit_cost, cost_per_success=cost)


def no_less(value):
    return Measured(
        value=value, unit="USD", n=97, no_interval="lower bound: 3 of 100 rows have no price"
    )


def unit(**changes):
    return {"units": [{**UNIT, **changes}]}


def test_cst_08_passes_when_an_outcome_costs_less_than_it_may():
    assert judged("CST-08").message == (
        "one gate told right costs 0.04 USD (n 1,000, 0.038 to 0.042): at most 0.05 USD "
        "(target_cost) and below 2.00 USD (value)"
    )


def test_cst_08_says_what_makes_a_cost_less_than_sure():
    note = "on 2 of 28 days no unit was counted; their cost is in it"

    assert judged("CST-08", records=but(a_unit_cost, notes=(note,))).message.endswith(f"; {note}")


@pytest.mark.parametrize(
    ("change", "first"),
    [
        (
            {},
            "the cost owner writes `log` and `good` (which of its rows succeeded), or `monitor`, "
            "or `outcome`, of unit gate-told in cost.yaml first; then the cost owner runs ",
        ),
        (
            {"monitor": "gone"},
            "the cost owner writes a `monitor` that signals.yaml declares, in place of gone, of "
            "unit gate-told in cost.yaml first; then the cost owner runs ",
        ),
        ({"monitor": "quality"}, "the cost owner runs "),
    ],
)
def test_cst_08_says_first_how_a_unit_is_to_be_counted(change, first):
    finding = judged("CST-08", cost=unit(**change), records=lacking("unit_cost"))

    assert finding.remedy == f"{first}`ops-model run 06_cost flight-delay`"


def test_cst_08_fails_when_an_outcome_costs_more_than_it_may():
    finding = judged("CST-08", records=costing(0.07, 0.06, 0.08))

    assert finding.status == "failed"
    assert finding.message.endswith("expected at most 0.05 USD (target_cost)")


@pytest.mark.parametrize(
    ("value", "status"), [("0.043 USD", "passed"), ("0.04 USD", "unknown"), ("0.03 USD", "failed")]
)
def test_cst_08_fails_when_an_outcome_costs_what_it_is_worth(value, status):
    told = costing(0.04, 0.038, 0.042)

    finding = judged("CST-08", cost=unit(target_cost="9 USD", value=value), records=told)

    assert finding.status == status


def test_cst_08_is_unknown_when_the_interval_reaches_above_the_limit():
    finding = judged("CST-08", records=costing(0.045, 0.03, 0.06))

    assert (finding.status, finding.reason) == ("unknown", "too_few")
    assert finding.message.endswith(
        "which does not tell whether that is at most 0.05 USD (target_cost)"
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"target_cost": None, "value": None}, "no target_cost and no value"),
        ({"target_cost": None}, "no target_cost"),
        ({"target_cost": "1000000 USD", "value": None}, "no value"),
    ],
)
def test_cst_08_fails_for_a_unit_that_is_not_held_against_both(change, said):
    finding = judged("CST-08", cost=unit(**change))

    assert finding.status == "failed"
    assert finding.message == f"unit gate-told has {said}"


@pytest.mark.parametrize(
    ("records", "reason", "said"),
    [
        (lacking("unit_cost"), "missing", "what one gate told right costs was never counted"),
        (but(a_unit_cost, successes=29), "too_few", "29 successes; expected at least 30"),
        (costing(0.04, 0.03, 0.045, "EUR"), "too_few", "cannot be held against 0.05 USD"),
        (but(a_unit_cost, cost_per_success=exact(0.01, "USD", 1)), "too_few", "1 successes"),
        (
            but(a_unit_cost, cost_per_success=exact(-5.0, "USD", 1000)),
            "too_few",
            "-5.00 USD (n 1,000, exact) is no cost",
        ),
        (
            but(a_unit_cost, cost_per_success=no_less(0.01)),
            "too_few",
            "lower bound: 3 of 100 rows have no price), which does not tell whether",
        ),
        (
            but(
                a_unit_cost, window=Window(start=AS_OF - timedelta(99), end=AS_OF - timedelta(71))
            ),
            "expired",
            "counts until 2013-05-12, which is 71 days ago; expected at most 70",
        ),
        (but(a_unit_cost, unit="another"), "missing", "never counted"),
        (but(a_unit_cost, as_of=AS_OF - timedelta(days=36)), "expired", "36 days old"),
    ],
)
def test_cst_08_is_unknown_when_it_was_not_counted(records, reason, said):
    finding = judged("CST-08", records=records)

    assert (finding.status, finding.reason) == ("unknown", reason)
    assert said in finding.message


def test_cst_08_is_unknown_when_nobody_says_what_a_success_is():
    finding = judged("CST-08", cost={"units": []})

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert "`units` in cost.yaml" in finding.remedy
