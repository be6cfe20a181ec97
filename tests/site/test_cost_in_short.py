"""What pages that are about more say of cost."""

from datetime import date, timedelta

from ops_model.domain.evidence import Grade
from ops_model.site import cost_in_short
from tests.site import samples
from tests.site.kinds_of_cost import bridge, ceiling_state, forecast, not_known, unit_cost, watch
from tests.site.samples import AS_OF


def a_system(*records):
    told = tuple(
        samples.stated(60 + place, record, "r-cost", "06_cost", Grade.OBSERVED)
        for place, record in enumerate(records)
    )
    return samples.flight_system(statements=told)


def test_a_system_without_a_record_says_nothing():
    assert cost_in_short.facts(a_system()) == []
    assert cost_in_short.grew(a_system()) == ""


def test_today_stands_against_the_ceiling_with_the_age_of_the_data():
    today = cost_in_short.today(a_system(samples.spend()))

    assert today == "11.20 USD of 60.00 USD, by data 60 minutes old"


def test_the_first_ceiling_that_is_reached_is_the_next():
    system = a_system(
        forecast(), forecast(ceiling="provider-day", crosses_on=date(2013, 7, 30)),
        forecast(ceiling="never", crosses_on=None),
    )  # fmt: skip

    assert cost_in_short.next_ceiling(system) == "provider day on 30 Jul 2013"


def test_a_forecast_of_an_earlier_run_is_not_the_next():
    old = forecast(crosses_on=date(2013, 7, 1), as_of=AS_OF - timedelta(days=9))

    assert cost_in_short.next_ceiling(a_system(old, forecast())) == "day on 6 Aug 2013"


def test_a_ceiling_of_which_nobody_can_tell_is_not_told_as_none():
    unknown = forecast(ceiling="b", crosses_on=None, growth_per_day=not_known("no whole day"))

    assert cost_in_short.next_ceiling(a_system(unknown, forecast(crosses_on=None))) == "not known"
    assert cost_in_short.next_ceiling(a_system(forecast(crosses_on=None))) == (
        "none within 120 days"
    )


def test_the_facts_name_the_gravest_ceiling_and_the_cost_of_a_success():
    facts = dict(cost_in_short.facts(a_system(
        watch(ceiling_state(), ceiling_state("b", "crossed")), unit_cost(), bridge()
    )))  # fmt: skip

    assert facts["ceilings now"] == "✖ crossed"
    assert facts["a success costs"] == (
        "settled question: 0.0834 USD a success; target 0.02 USD, worth 0.90 USD"
    )
