from datetime import date, timedelta

import pytest

from ops_model.domain.detection import QualityDay
from ops_model.domain.evidence import Measured
from ops_model.site.trends import cost_per_day, sparkline_svg, trend, weekly
from tests.site import samples
from tests.site.pages_reader import Reader


def judged(*days):
    """A quality measurement whose days have these (value, n, provisional)."""
    return samples.quality().model_copy(update={"days": tuple(
        QualityDay(
            day=date(2013, 7, 1) + timedelta(days=place), provisional=provisional,
            quality=Measured(value=value, unit="share", n=n, no_interval="given"),
        )
        for place, (value, n, provisional) in enumerate(days)
    )})  # fmt: skip


def test_the_mean_of_seven_days_weighs_each_day_by_its_rows():
    record = judged((0.9, 100, False), (0.6, 200, False))

    assert weekly(record) == pytest.approx([0.9, 0.7])  # (90 + 120) / 300


def test_the_eighth_day_back_no_longer_counts():
    record = judged((0.1, 1000, False), *[(0.8, 10, False)] * 7)

    assert weekly(record)[-1] == pytest.approx(0.8)


def test_a_provisional_or_unknown_day_leaves_a_gap_and_does_not_count():
    record = judged((0.8, 10, False), (None, 0, False), (0.1, 10, True), (0.6, 10, False))

    assert weekly(record) == [0.8, None, None, pytest.approx(0.7)]


def test_the_day_that_has_only_begun_is_no_full_day():
    spend = samples.spend()  # two services on each of 30 days, as of the day after the last
    begun = spend.days[-1].model_copy(update={"day": spend.as_of.date()})

    costs = cost_per_day(spend.model_copy(update={"days": (*spend.days, begun)}))

    assert len(costs) == 30
    assert costs[0] == pytest.approx(12.4 + 16.4)


def test_a_trend_says_its_range_and_its_last_value():
    values, label = trend(judged((0.9, 100, False), (0.6, 200, False)))

    assert len(values) == 2
    assert label == (
        "7-day mean of accuracy, 2 days: 70.0 % to 90.0 %, last 70.0 % "
        "(to 2 Jul 2013, n = 300; no interval, as days hang together)"
    )


def test_the_day_and_the_n_are_those_of_the_last_value_that_is_settled():
    _, label = trend(judged((0.9, 100, False), (0.6, 200, False), (0.1, 50, True)))

    assert "(to 2 Jul 2013, n = 300;" in label


def test_a_record_without_a_course_has_no_trend():
    assert trend(samples.coverage()) == ((), "")


def test_a_sparkline_is_small_and_says_what_it_shows():
    svg = sparkline_svg([1.0, 3.0, 2.0], "accuracy per day")

    assert len(svg) < 400
    assert Reader(svg).values("aria-label") == ["accuracy per day"]
    # Three values over 156 px: x at 2, 80, 158; the lowest at y 25, the highest at 3.
    assert Reader(svg).values("d") == ["M2,25L80,3L158,14"]


def test_a_sparkline_with_a_gap_lifts_its_pen():
    assert Reader(sparkline_svg([1, None, 2], "x")).values("d") == ["M2,25M158,3"]


@pytest.mark.parametrize("values", [[], [1.0], [None, 1.0, None]])
def test_one_value_makes_no_line(values):
    assert sparkline_svg(values, "x") == ""


def test_equal_values_make_a_flat_line():
    assert Reader(sparkline_svg([5, 5], "x")).values("d") == ["M2,25L158,25"]
