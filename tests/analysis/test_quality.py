from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from ops_model.analysis.judged import DayCounts
from ops_model.analysis.quality import Floors, measure_quality
from ops_model.analysis.quality_plan import QualityPlan
from ops_model.analysis.segments import SegmentCounts
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


def test_where_no_row_was_ever_right_no_fall_could_be_seen():
    found = measure_quality(counts([0] * 70, [100] * 70), plan())

    assert found.min_detectable_drop.value is None
    assert "nothing can fall" in found.min_detectable_drop.no_interval


def test_quality_that_stays_raises_no_alarm_and_its_change_holds_zero():
    found = measure_quality(steady(), plan())

    assert found.alarm_at is None
    assert found.onset_estimate is None
    assert found.change.low < 0 < found.change.high
    assert found.baseline.low < 0.83 < found.baseline.high
    assert found.false_alarms_per_year == pytest.approx(0.371, abs=0.001)


def test_a_fall_is_found_with_its_onset():
    before, after = steady(days=45), steady(share=0.76, days=25, seed=2)
    fallen = counts([*before.total, *after.total], [500] * 70)

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


def scores(level, days=70, per_day=100, within=1.0):
    """The same mean each day, or one per day; rows vary by `within` squared."""
    means = np.broadcast_to(np.asarray(level, float), days)
    at = tuple(START + timedelta(days=i) for i in range(days))
    n = np.full(days, per_day)
    return DayCounts(at, n, n, means * n, np.full(days, within * per_day))


def wavy(days=70, size=0.1):
    return 4.0 + size * np.resize([1.0, -1.0], days)


def test_the_mean_of_a_score_is_watched_as_a_share_is():
    fallen = wavy()
    fallen[60:] -= 1.0

    found = measure_quality(scores(fallen), plan(unit="score"))

    assert found.baseline.value == 4.0
    assert found.change.unit == "score"
    assert found.change.value == pytest.approx(-1.0, abs=0.02)
    assert found.change.high < 0
    change = START + timedelta(days=60)
    assert change <= found.alarm_at <= change + timedelta(days=1)
    assert abs((found.onset_estimate - change).days) <= 1
    assert found.days[0].quality.value == 4.1


def test_a_day_of_a_score_has_the_interval_of_its_rows():
    day = measure_quality(scores(wavy()), plan(unit="score")).days[0].quality

    # sd sqrt(100 / 99) over sqrt(100) rows, t with 99 degrees of freedom 1.9842.
    assert day.high - day.value == pytest.approx(1.9842 * np.sqrt(100 / 99) / 10, rel=1e-3)


def test_where_less_is_better_a_rise_is_the_fall():
    risen = wavy()
    risen[60:] += 1.0

    found = measure_quality(scores(risen), plan(unit="score", better="lower"))

    assert found.current.value == pytest.approx(5.0, abs=0.02)
    assert found.change.value == pytest.approx(-1.0, abs=0.02)
    change = START + timedelta(days=60)
    assert change <= found.alarm_at <= change + timedelta(days=1)
    assert found.better == "lower"


def test_without_a_drop_that_matters_a_score_is_watched_for_what_a_window_shows():
    found = measure_quality(scores(wavy()), plan(unit="score"))

    assert found.drop == found.min_detectable_drop.value > 0


def test_a_score_that_never_differs_has_limits_and_no_alarm():
    found = measure_quality(scores(4.0, within=0.0), plan(unit="score"))

    assert found.alarm_at is None
    assert (found.days[0].low_limit, found.days[0].high_limit) == (4.0, 4.0)
    assert found.change.no_interval == "no day differs"


def test_it_says_how_many_days_a_fall_takes_to_be_seen():
    seen = measure_quality(steady(), plan()).days_to_see

    assert (seen.unit, seen.level) == ("days", 0.8)
    assert seen.low < seen.value < seen.high
    assert seen.n == 30 * 500


def test_a_larger_fall_is_seen_sooner():
    small, large = (measure_quality(steady(), plan(drop=d)).days_to_see for d in (0.02, 0.1))

    assert large.value < small.value


def test_decisions_since_the_onset_are_counted_exactly_also_those_without_a_label():
    # From day 60 on: 10 settled days and the day of as_of, of 200 rows each, 100 with a label.
    fallen = counts([80] * 60 + [40] * 11, [100] * 71, [200] * 71)

    found = measure_quality(fallen, plan())

    assert found.onset_estimate == START + timedelta(days=60)
    assert (found.exposed_since_onset.value, found.exposed_since_onset.n) == (2200, 2200)
    assert found.exposed_since_onset.no_interval == "exact"


def test_without_an_alarm_nobody_is_counted_as_exposed():
    assert measure_quality(steady(), plan()).exposed_since_onset is None


def test_each_day_has_the_control_limits_of_its_own_rows():
    labelled = [100] * 69 + [400]
    numbers = [83] * 69 + [332]

    days = measure_quality(counts(numbers, labelled), plan()).days

    assert days[0].low_limit < 0.83 < days[0].high_limit
    assert days[-1].high_limit - days[-1].low_limit < days[0].high_limit - days[0].low_limit
    assert not days[0].beyond


def test_critical_segments_come_first_the_one_lowest_against_its_floor_at_their_head():
    segments = [
        SegmentCounts("origin", "LGA", 10, 100, 900, 1000),
        SegmentCounts("origin", "EWR", 75, 100, 800, 1000),
        SegmentCounts("origin", "JFK", 80, 100, 800, 1000),
    ]
    floors = Floors({("origin", "EWR"): 0.6, ("origin", "JFK"): 0.9})

    found = measure_quality(counts([80] * 70, [100] * 70), plan(), segments, floors=floors)

    assert [(s.value, s.floor) for s in found.segments] == [
        ("JFK", 0.9), ("EWR", 0.6), ("LGA", None)
    ]  # fmt: skip
