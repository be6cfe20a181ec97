"""What pages that are about more say of cost."""

from datetime import date, timedelta

import pytest

from ops_model.domain.evidence import Grade
from ops_model.domain.spend import SpendMeasurement
from ops_model.domain.values import Where
from ops_model.site import cost_in_short
from tests.builders import a_spend, all_records
from tests.builders import a_system as the_claims
from tests.shown_running import a_forecast, a_watch
from tests.site import samples, whole
from tests.site.kinds_of_cost import bridge, ceiling_state, forecast, not_known, unit_cost, watch
from tests.site.samples import AS_OF

LATER = AS_OF + timedelta(days=132)


def a_system(*records):
    told = tuple(
        samples.stated(60 + place, record, "r-cost", "06_cost", Grade.OBSERVED)
        for place, record in enumerate(records)
    )
    return samples.flight_system(statements=told)


def told(at=AS_OF, **changed):
    """What the pages say of a system in order, judged at an instant, by the shipped checks."""
    claims = the_claims()
    records = changed.get("records") or all_records(claims)
    return dict(cost_in_short.facts(whole.whole(records=records, system=claims, as_of=at)))


def spend_of(**changes):
    """The records of a system in order, but for its spend."""
    claims = the_claims()
    others = [r for r in all_records(claims) if not isinstance(r, SpendMeasurement)]
    return (*others, a_spend(claims, **changes))


def test_a_system_without_a_record_says_so_in_each_row_and_does_not_leave_it_out():
    bare, declared = a_system(), whole.whole(records=())

    assert cost_in_short.facts(bare) == [
        ("spent today", "not measured"), ("ceilings now", "none is set"),
    ]  # fmt: skip
    assert cost_in_short.facts(declared) == [
        ("spent today", "not measured"), ("ceilings now", "not measured"),
        ("next ceiling", "not measured"), ("a success costs", "not measured"),
    ]  # fmt: skip
    assert cost_in_short.grew(bare) == ""
    assert not cost_in_short.measured(bare)


def test_while_the_checks_take_the_measurements_the_rows_say_what_was_measured():
    rows = told()

    assert rows["spent today"] == "12.50 USD of 100.00 USD, by data 60 minutes old"
    assert rows["ceilings now"] == "✓ below every warning"
    assert rows["next ceiling"].startswith("none within")
    assert "unknown" not in " ".join(rows.values())


def test_what_the_checks_found_too_old_is_unknown_and_says_when_it_was_last_measured():
    rows = told(LATER)

    assert rows["spent today"] == "? unknown, last measured up to 22 Jul 2013, 07:00 UTC"
    # The builders look at the ceilings now, and ahead a week before.
    assert rows["ceilings now"] == "? unknown, last measured 22 Jul 2013"
    assert rows["next ceiling"] == "? unknown, last measured 15 Jul 2013"
    assert rows["a success costs"].endswith(": ? unknown, last measured 15 Jul 2013")


def test_the_age_of_the_data_counts_to_the_instant_that_judges():
    assert told(AS_OF + timedelta(hours=9))["spent today"].endswith("by data 10 h old")


def test_the_spend_of_the_day_before_is_not_told_as_that_of_today():
    # Seventeen hours later CST-02 still takes the data, and the day is another one.
    rows = told(AS_OF + timedelta(hours=17))

    assert rows["spent today"] == (
        "? unknown, on 22 Jul 2013 12.50 USD of 100.00 USD, by data 18 h old"
    )
    assert rows["ceilings now"] == "? unknown, last measured 22 Jul 2013"


def test_a_spend_of_today_by_rows_of_last_week_names_the_newest_row():
    newest = AS_OF - timedelta(days=7)

    rows = told(records=spend_of(newest_row=newest))

    assert rows["spent today"] == "? unknown, last measured up to 15 Jul 2013, 08:00 UTC"


def test_rows_without_a_price_make_the_spend_more_than_was_counted():
    assert told(records=spend_of(unpriced_rows=3))["spent today"].startswith("more than 12.50 USD")


@pytest.mark.parametrize(("newest", "said"), [
    (AS_OF - timedelta(days=2), "? unknown, last measured 22 Jul 2013"),
    (AS_OF - timedelta(minutes=5), "✓ below every warning"),
])  # fmt: skip
def test_a_look_at_the_ceilings_by_newer_rows_counts_though_the_spend_is_old(newest, said):
    claims, old = the_claims(), AS_OF - timedelta(days=2)
    told = (a_spend(claims, newest_row=old), a_watch(claims, newest_row=newest))

    facts = dict(cost_in_short.facts(whole.whole(records=told, system=claims)))

    assert facts["spent today"].startswith("? unknown")
    assert facts["ceilings now"] == said


def test_a_day_that_is_past_is_no_next_ceiling_though_the_forecast_still_counts():
    claims = the_claims()
    told = (a_forecast(claims, ceiling="daily", as_of=AS_OF, crosses_on=date(2013, 7, 25)),)
    at = AS_OF + timedelta(days=4)

    then = cost_in_short.next_ceiling(whole.whole(records=told, system=claims))
    after = cost_in_short.next_ceiling(whole.whole(records=told, system=claims, as_of=at))

    assert then == "daily on 25 Jul 2013"
    assert after == "? unknown, last measured 22 Jul 2013"


def test_a_forecast_that_its_check_does_not_take_promises_nothing():
    claims = the_claims()
    told = (a_forecast(claims, ceiling="daily", growth_per_day=samples.exact(0.1, "USD", 3)),)

    assert cost_in_short.next_ceiling(whole.whole(records=told, system=claims)) == "? unknown"


def test_what_made_it_grow_says_of_when_that_is_once_it_is_old():
    assert cost_in_short.grew(whole.whole(as_of=LATER)).startswith(
        "? unknown, last measured 15 Jul 2013: "
    )
    assert "unknown" not in cost_in_short.grew(whole.whole())


def test_a_failure_tells_nothing_of_what_is_older_than_all_that_failed():
    old = unit_cost(unit="old", as_of=AS_OF - timedelta(days=40), cost_per_success=samples.exact(
        0.01, "USD", 900))  # fmt: skip
    failed = samples.finding("CST-08", "failed", area="cost", remedy="make it cheaper",
                             looked_at=(Where(path="ledger", line=60),))  # fmt: skip
    system = a_system(unit_cost(), old)
    judged = system.assessment.model_copy(
        update={"findings": (*system.assessment.findings, failed)}
    )

    looks = {
        said.partition(":")[0]: look.text
        for look, said in cost_in_short.successes(
            samples.flight_system(statements=system.statements, assessment=judged)
        )
    }

    assert looks == {"settled question": "▲ above the target", "old": "? unknown"}


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

    assert cost_in_short.next_ceiling(a_system(unknown, forecast(crosses_on=None))) == "? unknown"
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
