"""Quality by week: its value, its interval, and where a week of the baseline would lie."""

from datetime import timedelta

import numpy as np
import pytest

from ops_model.analysis.quality_weeks import weekly_quality
from ops_model.domain.detection import QualityDay
from ops_model.domain.values import Window
from tests.builders import AS_OF, a_quality, a_system, share
from tests.weekly_samples import MIDNIGHT

SYSTEM = a_system()
BASELINE = Window(start=MIDNIGHT - timedelta(days=70), end=MIDNIGHT - timedelta(days=42))
"""Twenty-eight days, ten to six weeks before."""


def days_of(values, n=100, **changes):
    """One day each, the last of them yesterday."""
    first = MIDNIGHT.date() - timedelta(days=len(values))
    return tuple(
        QualityDay(day=first + timedelta(days=place), quality=share(value, n), **changes)
        for place, value in enumerate(values)
    )


def weekly(values, *, baseline=BASELINE, **changes):
    record = a_quality(SYSTEM, days=days_of(values, **changes))
    return weekly_quality([record], as_of=AS_OF, baseline=baseline)


def test_a_week_is_the_mean_of_its_days_weighted_by_their_rows():
    days = (*days_of([0.5] * 7, n=100)[:6], *days_of([0.8], n=600))
    record = a_quality(SYSTEM, days=days)
    (week,) = weekly_quality([record], as_of=AS_OF, baseline=None).weeks

    # (6 x 100 x 0.5 + 600 x 0.8) / 1,200
    assert week.quality.value == pytest.approx(0.65)
    assert week.quality.n == 1200


def test_days_that_agree_leave_the_chance_of_the_rows():
    (week,) = weekly([0.8] * 7, baseline=None).weeks

    # Wilson's interval of 560 of 700.
    assert week.quality.low == pytest.approx(0.7688, abs=5e-4)
    assert week.quality.high == pytest.approx(0.8280, abs=5e-4)


def test_days_that_differ_make_the_interval_wider_than_their_rows_would():
    (week,) = weekly([0.9, 0.7] * 3 + [0.8], baseline=None).weeks

    assert week.quality.low < 0.7688
    assert week.quality.high > 0.8280


def test_a_week_with_a_day_whose_labels_may_still_come_is_provisional():
    days = (*days_of([0.8] * 8)[:7], *days_of([0.8], provisional=True))
    record = a_quality(SYSTEM, days=days)

    found = weekly_quality([record], as_of=AS_OF, baseline=None)

    assert [week.provisional for week in found.weeks] == [True, True]  # the first has one day


def test_too_few_days_of_a_baseline_give_no_limits_and_say_so():
    found = weekly([0.8] * 50)

    assert "holds 8 days with labels; limits need 14" in found.why_no_limits
    assert all(week.low_limit is None for week in found.weeks)


def test_a_week_far_below_the_baseline_is_beyond_its_limits():
    steady = [0.8 + 0.02 * (-1) ** day for day in range(63)]

    found = weekly([*steady, *[0.6] * 7])

    assert [week.beyond for week in found.weeks][-3:] == [False, False, True]


def test_quality_that_is_no_share_has_limits_too():
    record = a_quality(
        SYSTEM, baseline=share(5.0).model_copy(update={"unit": "minutes"}),
        days=tuple(
            day.model_copy(update={"quality": day.quality.model_copy(update={"unit": "minutes"})})
            for day in days_of([5.0 + (-1) ** day for day in range(63)] + [25.0] * 7)
        ),
    )  # fmt: skip

    found = weekly_quality([record], as_of=AS_OF, baseline=BASELINE)

    assert [week.beyond for week in found.weeks][-2:] == [False, True]


def test_of_weeks_like_the_baseline_few_are_beyond():
    draw = np.random.default_rng(5)
    beyond = total = 0
    for _ in range(60):
        level = 0.8 + draw.normal(0, 0.03, size=70)
        right = draw.binomial(400, np.clip(level, 0, 1)) / 400
        after = weekly(list(right), n=400).weeks[-5:]
        beyond += sum(week.beyond for week in after)
        total += len(after)

    assert beyond <= 0.02 * total
