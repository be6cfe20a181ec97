from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from ops_model.analysis.judged import DayCounts, SegmentCounts
from ops_model.analysis.quality import QualityPlan, measure_quality
from ops_model.domain.values import Window
from ops_model.errors import WarehouseError

START = date(2013, 3, 1)


def counts(right, labelled, rows=None):
    right, labelled = np.array(right, np.int64), np.array(labelled, np.int64)
    days = tuple(START + timedelta(days=i) for i in range(len(right)))
    return DayCounts(days, labelled if rows is None else np.array(rows), labelled, right)


def plan(*, days=70, baseline_days=30, **fields):
    start = datetime(2013, 3, 1, tzinfo=UTC)
    window = Window(start=start, end=start + timedelta(days=baseline_days))
    given = {"as_of": start + timedelta(days=days, hours=8), "baseline": window, "min_n": 100}
    return QualityPlan(**(given | fields))


def steady(share=0.83, days=70, per_day=500, seed=1):
    return counts(np.random.default_rng(seed).binomial(per_day, share, days), [per_day] * days)


def test_a_day_is_the_share_right_with_its_interval():
    found = measure_quality(counts([81] * 70, [100] * 70), plan())

    day = found.days[0]
    assert (day.day, day.quality.value, day.quality.n) == (START, 0.81, 100)
    assert day.quality.low == pytest.approx(0.7222, abs=1e-4)
    assert day.quality.high == pytest.approx(0.8749, abs=1e-4)


def test_the_day_of_as_of_is_shown_but_counts_nowhere():
    numbers = [80] * 70 + [0]

    found = measure_quality(counts(numbers, [100] * 71), plan())

    assert found.days[-1].provisional
    assert not found.days[-2].provisional
    assert found.current.value == 0.8


def test_days_whose_labels_are_late_are_provisional_and_move_the_window_back():
    found = measure_quality(counts([80] * 66 + [0] * 4, [100] * 70), plan(late_days=4))

    assert [d.provisional for d in found.days[-5:]] == [False, True, True, True, True]
    assert found.current.value == 0.8
    assert found.alarm_at is None


def test_quality_that_stays_raises_no_alarm_and_its_change_holds_zero():
    found = measure_quality(steady(), plan())

    assert found.alarm_at is None
    assert found.onset_estimate is None
    assert found.change.low < 0 < found.change.high
    assert found.baseline.low < 0.83 < found.baseline.high
    assert found.false_alarms_per_year == pytest.approx(0.371, abs=0.001)


def test_a_fall_is_found_with_its_onset():
    before, after = steady(days=45), steady(share=0.76, days=25, seed=2)
    fallen = counts([*before.right, *after.right], [500] * 70)

    found = measure_quality(fallen, plan())

    change = date(2013, 4, 15)  # day 45
    assert change <= found.alarm_at <= change + timedelta(days=4)
    assert abs((found.onset_estimate - change).days) <= 3
    assert found.change.high < 0
    assert found.change.value == pytest.approx(-0.07, abs=0.02)


def test_the_window_is_compared_with_the_baseline_by_hand():
    # Baseline 0.8 on 100 rows a day, days alternately 0.75 and 0.85; window 0.7 on 7 equal days.
    numbers = [75, 85] * 15 + [80] * 33 + [70] * 7

    found = measure_quality(counts(numbers, [100] * 70), plan())

    assert found.baseline.value == 0.8
    assert found.baseline.n == 3000
    # residuals of 5: sqrt(30 x 25 x 30 / 29) / 3000 = 0.00928 > sqrt(0.16 / 3000) = 0.0073;
    # t with 29 degrees of freedom is 2.0452.
    assert found.baseline.high - 0.8 == pytest.approx(2.0452 * 0.009285, rel=1e-3)
    assert found.current.value == 0.7
    assert found.change.value == pytest.approx(-0.1)


def test_days_that_vary_make_the_interval_wider_than_rows_alone_would():
    rng = np.random.default_rng(3)
    wild = counts(rng.binomial(500, rng.uniform(0.7, 0.95, 70)), [500] * 70)

    calm, wild = (measure_quality(days, plan()) for days in (steady(), wild))

    assert wild.change.high - wild.change.low > 2 * (calm.change.high - calm.change.low)
    assert wild.min_detectable_drop.value > 2 * calm.min_detectable_drop.value


def test_the_smallest_drop_seen_is_that_of_the_rows_in_a_window():
    # Equal days of 0.83: a window of 7 x 100 rows against a baseline of 30 x 100.
    found = measure_quality(counts([83] * 70, [100] * 70), plan())

    assert found.rows_per_window == 700
    assert found.min_detectable_drop.n == 700
    # d = 0.0406: pooled share 0.82232, so 1.64485 sqrt(0.14611 x 0.0017619) = 0.02639, and
    # 0.84162 sqrt(0.1411 / 3000 + 0.7894 x 0.2106 / 700) = 0.01420; together 0.04059.
    assert found.min_detectable_drop.value == pytest.approx(0.04059, abs=1e-5)


def test_too_few_rows_in_the_window_say_nothing_about_it():
    numbers = [80] * 63 + [1] * 7
    labelled = [100] * 63 + [2] * 7

    found = measure_quality(counts(numbers, labelled), plan())

    assert (found.current.value, found.current.n, found.current.no_interval) == (
        None,
        14,
        "too few",
    )
    assert found.change.value is None


def test_windows_with_enough_rows_are_counted():
    # Windows of 2 days: 50 + 50, 50 + 60, 60 + 10; the first two hold 100 rows.
    found = measure_quality(
        counts([40, 40, 50, 8], [50, 50, 60, 10]),
        plan(days=4, baseline_days=2, window_days=2),
    )

    assert found.windows_with_min_n_share == pytest.approx(2 / 3)
    assert found.rows_per_window == pytest.approx((100 + 110 + 70) / 3)


def test_the_share_of_labelled_rows_is_that_of_the_window():
    found = measure_quality(counts([8] * 70, [10] * 70, [40] * 70), plan(min_n=1))

    assert found.labelled_share == 0.25


def test_a_day_without_labels_is_unknown_and_not_zero():
    labelled = [100] * 70
    labelled[40] = 0
    numbers = [80] * 70
    numbers[40] = 0

    found = measure_quality(counts(numbers, labelled), plan())

    assert found.days[40].quality.value is None
    assert found.alarm_at is None


def test_a_baseline_without_a_label_is_an_error():
    labelled = [0] * 30 + [100] * 40

    with pytest.raises(WarehouseError, match="no labelled row lies in the baseline"):
        measure_quality(counts([0] * 30 + [80] * 40, labelled), plan(), where="log")


def test_a_baseline_of_one_day_sets_no_alarm_and_no_interval():
    found = measure_quality(counts([80] * 70, [100] * 70), plan(baseline_days=1))

    assert found.false_alarms_per_year is None
    assert found.baseline.low is None
    assert found.change.no_interval is not None


def test_days_of_a_baseline_in_local_time_are_those_that_begin_in_it():
    start = datetime(2013, 3, 1, 5, tzinfo=UTC)
    asked = plan(baseline=Window(start=start, end=datetime(2013, 4, 1, 4, tzinfo=UTC)))

    assert asked.baseline_days == (date(2013, 3, 2), date(2013, 4, 2))


def test_segments_keep_their_order_and_get_intervals():
    segments = [SegmentCounts("origin", "EWR", 70, 100, 800, 1000)]

    found = measure_quality(counts([80] * 70, [100] * 70), plan(), segments).segments[0]

    assert (found.quality.value, found.quality.n) == (0.7, 100)
    assert (found.baseline.value, found.baseline.n) == (0.8, 1000)
    assert found.quality.low < 0.7 < found.quality.high
