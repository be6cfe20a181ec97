"""What a weekly report says by itself: the state of a sign, and whether the week got worse."""

from datetime import timedelta

import pytest

from ops_model.domain.evidence import Measured
from ops_model.domain.weekly import least
from tests.weekly_samples import MIDNIGHT, WEEK, a_quality_week, a_report, a_sign, a_since


@pytest.mark.parametrize(
    ("low", "value", "high", "state"),
    [
        (0.1, 0.5, 0.9, "worse"),  # above nothing, and beyond the floor of 0.2
        (0.05, 0.1, 0.15, "steady"),  # above nothing, and not worth a word
        (-0.1, 0.5, 0.9, "open"),  # may be nothing
        (-0.1, 0.0, 0.1, "steady"),
        (-0.9, -0.5, -0.1, "better"),
        (0.05, 0.19, 0.5, "open"),
    ],
)
def test_a_sign_moves_where_its_interval_leaves_nothing_out_and_its_slope_passes_the_floor(
    low, value, high, state
):
    assert a_sign(low=low, value=value, high=high).state == state


@pytest.mark.parametrize(
    ("low", "value", "high", "state"),
    [(-0.9, -0.5, -0.1, "worse"), (0.1, 0.5, 0.9, "better"), (-0.9, -0.5, 0.1, "open")],
)
def test_of_what_is_bad_when_it_falls_the_sides_are_swapped(low, value, high, state):
    sign = a_sign("usage", worse="down", low=low, value=value, high=high)

    assert sign.state == state


def test_a_slope_without_an_interval_says_that_there_are_too_few_weeks():
    slope = Measured(value=None, unit="USD a week", n=3, no_interval="too few weeks to say")

    assert a_sign(weeks=3, per_week=slope).state == "too_few"


def test_a_sign_without_a_week_is_on_no_record():
    assert a_sign(weeks=0, per_week=None).state == "none"


@pytest.mark.parametrize(
    ("then", "now", "opened", "worse"),
    [
        ("READY", "NOT READY", ("QLT-07",), True),
        ("NOT READY", "NOT READY", ("QLT-07",), True),
        ("NOT READY", "NOT READY", (), False),
        ("DEMO ONLY", "NOT READY", ("QLT-07",), False),
        ("CONDITIONAL", "READY", (), False),
    ],
)
def test_a_week_got_worse_when_its_verdict_fell_or_stayed_and_something_opened(
    then, now, opened, worse
):
    report = a_report(verdict=now, since=a_since(verdict=then, opened=opened))

    assert report.got_worse == worse


def test_a_part_that_fell_makes_the_week_worse_whatever_the_verdict():
    since = a_since(verdict="NOT READY", opened=(), worsened=("legal: unknown became failed",))

    assert a_report(since=since).got_worse


def test_without_a_report_before_no_week_got_worse():
    assert not a_report(since=None).got_worse


@pytest.mark.parametrize(("days", "aside"), [(3, True), (4, False), (10, False), (21, True)])
def test_a_report_that_is_no_week_back_is_not_that_of_last_week(days, aside):
    assert a_since(days=days).aside == aside


def test_the_minimum_of_answers_is_failed_before_unknown_before_passed():
    assert least(("passed", "unknown", "failed")) == "failed"
    assert least(("passed", "unknown")) == "unknown"
    assert least(("not_applicable", "passed")) == "passed"
    assert least(()) == "not_applicable"


@pytest.mark.parametrize(("value", "beyond"), [(0.74, True), (0.75, False), (0.91, True)])
def test_a_week_is_beyond_its_limits_on_either_side(value, beyond):
    assert a_quality_week(value=value).beyond == beyond


def test_a_week_without_limits_is_beyond_none():
    assert not a_quality_week(value=0.1, low_limit=None, high_limit=None).beyond


@pytest.mark.parametrize(("back", "state"), [(0, "worse"), (1, "worse"), (2, "past")])
def test_a_sign_whose_newest_week_is_long_ago_says_nothing_of_now(back, state):
    assert a_sign(until=MIDNIGHT + back * WEEK).state == state


def quality(*weeks, **changes):
    known = a_report().quality[0]
    return known.model_copy(update={"weeks": weeks, **changes})


def test_the_week_before_is_the_one_that_ends_seven_days_before():
    gap = quality(a_quality_week(3), a_quality_week(0))

    assert gap.before is None
    assert quality(a_quality_week(1), a_quality_week(0)).before == a_quality_week(1)


@pytest.mark.parametrize(
    ("better", "value", "fell"),
    [("higher", 0.7, True), ("higher", 0.95, False), ("lower", 0.95, True), ("lower", 0.7, False),
     ("higher", 0.8, False)],
)  # fmt: skip
def test_quality_fell_where_it_left_its_limits_on_the_bad_side(better, value, fell):
    assert quality(a_quality_week(value=value), better=better).fell == fell


@pytest.mark.parametrize(
    ("low", "high", "wide"),
    [(0.75, 0.9, False), (0.3, 0.99, True), (0.4, 0.79, True), (0.62, 1.0, False)],
)
def test_limits_that_hardly_anything_leaves_are_too_wide(low, high, wide):
    assert quality(a_quality_week(low_limit=low, high_limit=high)).too_wide == wide


@pytest.mark.parametrize(
    ("day", "signed", "late"), [(0, False, False), (1, False, True), (1, True, False)]
)
def test_a_review_is_late_when_its_day_is_over_and_nobody_has_signed(day, signed, late):
    today = MIDNIGHT.date()
    count = a_report().hypercare.model_copy(
        update={"review_on": today, "reviewed_on": today if signed else None}
    )

    assert count.review_is_late(today + timedelta(days=day)) == late
