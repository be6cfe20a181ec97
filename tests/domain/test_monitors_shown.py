"""Up to which age a measurement shows that a monitor runs: as old as its check allows."""

from datetime import timedelta

import pytest

from ops_model.check.question import PerTier
from ops_model.domain.by_kind import ByKind
from ops_model.domain.monitors_shown import AGES, Lately
from tests.builders import AS_OF, a_model, a_quality, a_statement, a_system, all_records
from tests.checks.judged import shipped_catalogue


def lately(records, *, days=0, policy=None):
    system = a_system()
    told = ByKind([a_statement(record, seq) for seq, record in enumerate(records(system), 1)])
    model = a_model(system, policy=policy)
    return Lately(system, told, AS_OF + timedelta(days=days), model.policy)


def quality(system):
    yield a_quality(system)


@pytest.mark.parametrize("age", AGES.values(), ids=AGES)
def test_a_measurement_counts_for_as_long_as_its_check_says(age):
    default = shipped_catalogue().check(age.check).thresholds[age.threshold].default
    by_tier = [default.at(t) for t in "ABC"] if isinstance(default, PerTier) else [default] * 3

    assert list(age.default) == by_tier


@pytest.mark.parametrize(("days", "shown"), [(8, True), (9, False)])
def test_a_measurement_that_is_too_old_shows_nothing(days, shown):
    monitor = a_system().signals.of("output_quality")[0]
    why = lately(quality, days=days).why_not(monitor)

    assert why == ("" if shown else "last measured 9 days ago; QLT-03 counts none older than 8")


def test_the_policy_may_allow_another_age():
    monitor = a_system().signals.of("output_quality")[0]
    policy = {"thresholds": {"QLT-03": {"max_age_days": "20"}}}

    assert lately(quality, days=20, policy=policy).why_not(monitor) == ""


@pytest.mark.parametrize(("hours", "shown"), [(24, True), (25, False)])
def test_what_is_spent_counts_by_the_hours_of_its_check(hours, shown):
    assert (lately(all_records, days=hours / 24).why_not_spend() == "") is shown
