import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from ops_model.analysis.drift import measure_drift
from ops_model.analysis.drift_blocks import blocks_of
from ops_model.analysis.plan import plan
from ops_model.analysis.profile import profile
from tests.analysis.tables import every_day, normal, table

WEEKS = 8 * 7


def measured(reference, current, columns=("x",), **asked):
    spec = plan(reference, columns)
    sides = [profile(log, spec, timestamp="ts") for log in (reference, current)]
    return measure_drift(*sides, **asked)


def drift_of(reference, current, column="x", **asked):
    return measured(reference, current, (column,), **asked).columns[0]


def categories(days, shares, *, per_day=100):
    """A log whose days all hold the same values, in the given parts of a hundred."""
    day = [value for value, count in shares.items() for _ in range(count)]
    return table(ts=every_day(days, per_day), x=pa.array(day * days, pa.string()))


def test_the_same_days_again_did_not_drift():
    log, _ = normal(WEEKS, 100)

    found = drift_of(log, log)

    assert (found.w1_sd, found.js, found.tv, found.psi, found.ks) == (0, 0, 0, 0, 0)
    assert not found.drifted
    assert "below the floor" in found.reason


def test_a_shift_of_one_standard_deviation_drifted():
    reference, before = normal(WEEKS, 100)
    current, after = normal(7, 100, shift=1.0, seed=2)

    found = drift_of(reference, current)

    expected = stats.wasserstein_distance(before, after) / before.std()
    assert found.drifted
    assert found.w1_sd == found.effect.value == pytest.approx(expected, abs=0.01)
    assert found.effect.unit == "sd"
    assert found.effect.n == 700
    assert found.effect.low < expected < found.effect.high
    assert "above the limit" in found.reason


def test_a_shift_too_small_to_matter_did_not_drift_however_many_rows_show_it():
    reference, _ = normal(WEEKS, 1000)
    current, _ = normal(28, 1000, shift=0.05, seed=2)

    found = drift_of(reference, current)

    assert not found.drifted
    assert found.limit == 0.1


def test_a_change_that_weeks_of_the_reference_make_too_did_not_drift():
    # Every second week lies one standard deviation higher; so does the window.
    rng = np.random.default_rng(3)
    level = np.repeat([0.0, 1.0] * 4, 700)
    reference = table(ts=every_day(WEEKS, 100), x=rng.normal(level))
    current = table(ts=every_day(7, 100), x=rng.normal(np.ones(700)))

    found = drift_of(reference, current)

    assert found.effect.value > 0.1
    assert not found.drifted
    assert found.limit > found.effect.value
    assert "but the reference's own blocks lie up to" in found.reason


def test_fewer_than_eight_weeks_leave_the_rule_uncalibrated_and_say_so():
    reference, _ = normal(WEEKS - 1, 100)
    current, _ = normal(7, 100, shift=1.0, seed=2)

    found = measured(reference, current)

    assert (found.calibrated, found.blocks) == (False, 7)
    assert found.columns[0].drifted
    assert "above what so few rows do by chance" in found.columns[0].reason
    assert "not calibrated: 7 of the 8 blocks that it needs" in found.columns[0].reason


def test_weeks_with_fewer_rows_than_a_window_needs_still_calibrate():
    reference, _ = normal(WEEKS, 100)
    current, _ = normal(28, 100, shift=1.0, seed=2)

    found = measured(reference, current, min_n=1000)

    assert found.calibrated
    assert "the reference's own blocks lie up to" in found.columns[0].reason


def test_a_column_that_most_weeks_lack_is_not_calibrated_and_says_so():
    values = np.random.default_rng(2).normal(size=WEEKS * 100)
    values[: 6 * 700] = np.nan
    reference = table(ts=every_day(WEEKS, 100), x=values)
    current, _ = normal(7, 100, shift=1.0, seed=2)

    found = drift_of(reference, current)

    assert "not calibrated: 2 of the 8 blocks that it needs" in found.reason


def test_days_left_over_set_no_limit_but_stay_in_the_reference():
    # 8 weeks and 3 days, as January and February have; the 3 days are extreme.
    rng = np.random.default_rng(4)
    values = rng.normal(size=(WEEKS + 3) * 100)
    values[-300:] += 50
    reference = table(ts=every_day(WEEKS + 3, 100), x=values)
    current, _ = normal(7, 100, seed=5)

    found = measured(reference, current)

    assert (found.calibrated, found.blocks) == (True, 8)
    assert found.rows_reference == 5900
    assert found.columns[0].limit < 1.0


def test_a_block_of_few_rows_sets_no_limit():
    days = every_day(WEEKS, 100)
    thin = days[:-700] + days[-7:]  # the last week holds 7 rows, all on its last day
    reference = table(ts=thin, x=np.zeros(len(thin)))
    spec = plan(reference, ["x"])

    assert len(blocks_of(profile(reference, spec, timestamp="ts"), 7)) == 7


def test_missing_values_drift_although_the_rest_did_not_move():
    reference, _ = normal(WEEKS, 100)
    values = np.random.default_rng(2).normal(size=700)
    values[::10] = np.nan  # 70 of 700
    current = table(ts=every_day(7, 100), x=values)

    found = drift_of(reference, current)

    assert found.drifted
    assert found.null_change == pytest.approx(0.1)
    assert found.reason.startswith(
        "the change in the share of values that are missing or no finite number 0.1 is above"
    )
    assert found.effect.value < found.limit


def test_missing_values_that_vanish_drift_too():
    values = np.random.default_rng(2).normal(size=WEEKS * 100)
    values[::4] = np.nan
    reference = table(ts=every_day(WEEKS, 100), x=values)
    current, _ = normal(7, 100)

    found = drift_of(reference, current)

    assert found.drifted
    assert found.null_change == pytest.approx(-0.25)


def test_categories_that_change_places_drifted():
    reference = categories(WEEKS, {"a": 50, "b": 50})
    current = categories(7, {"a": 30, "b": 70})

    found = drift_of(reference, current)

    assert found.kind == "categorical"
    assert found.tv == found.effect.value == pytest.approx(0.2)
    assert found.drifted
    assert found.unseen_share == 0.0


def test_a_value_never_seen_drifted_although_it_is_rare():
    reference = categories(WEEKS, {"a": 50, "b": 50})
    current = categories(7, {"a": 48, "b": 48, "new": 4})

    found = drift_of(reference, current)

    assert found.unseen_share == pytest.approx(0.04)
    assert found.drifted
    assert "values that the reference never held" in found.reason


def test_a_rare_new_value_is_no_drift():
    reference = categories(WEEKS, {"a": 50, "b": 50})
    current = categories(7, {"a": 50, "b": 49, "new": 1})

    assert not drift_of(reference, current).drifted


def test_many_values_that_only_vary_by_chance_did_not_drift():
    # 400 values over 5,600 rows: chance alone moves total variation far, in any week.
    rng = np.random.default_rng(6)
    reference = table(
        ts=every_day(WEEKS, 100), x=[f"v{i}" for i in rng.integers(0, 400, WEEKS * 100)]
    )
    current = table(ts=every_day(7, 100), x=[f"v{i}" for i in rng.integers(0, 400, 700)])

    found = drift_of(reference, current)

    assert found.tv > 0.1
    assert not found.drifted


@pytest.mark.parametrize(("constant", "other"), [(5.0, 5.0001), (0.0, 0.4), (0.0, -1e-6),
                                                 (7.3, 7.29999), (1e9, 1e9 + 10)])  # fmt: skip
def test_a_number_that_never_varied_and_is_another_one_now_has_moved(constant, other):
    reference = table(ts=every_day(WEEKS, 100), x=[constant] * (WEEKS * 100))
    current = table(ts=every_day(7, 100), x=[other] * 700)

    column = drift_of(reference, current)

    assert column.tv == 1.0
    assert column.drifted


@pytest.mark.parametrize("constant", [0.0, 7.3, -1e9 / 3])
def test_a_reference_that_never_varied_is_compared_by_total_variation(constant):
    reference = table(ts=every_day(WEEKS, 100), x=[constant] * (WEEKS * 100))
    current = table(ts=every_day(7, 100), x=[constant] * 350 + [constant * 2 + 5.0] * 350)

    found = drift_of(reference, current)

    assert found.w1_sd is None
    assert found.effect.unit == "tv"
    assert found.effect.value == pytest.approx(0.5)
    assert found.drifted


def test_too_few_rows_say_nothing():
    reference, _ = normal(WEEKS, 100)
    current, _ = normal(7, 100, shift=3.0)

    found = drift_of(reference, current, min_n=1000)

    assert not found.drifted
    assert found.effect.value is None
    assert found.effect.no_interval == "too few"
    assert found.reason == "too few to say: 5600 and 700 rows; expected 1000 on each side"


def test_a_column_of_too_few_values_is_judged_by_its_missing_ones_only():
    reference, _ = normal(WEEKS, 100)
    values = np.full(700, np.nan)
    values[:50] = 9.0
    current = table(ts=every_day(7, 100), x=values)

    found = drift_of(reference, current)

    assert found.effect.value is None
    assert found.w1_sd is None
    assert found.drifted
    assert "too few to say: 5600 and 50 rows hold a value" in found.reason


def test_a_window_of_few_days_has_no_interval():
    reference, _ = normal(WEEKS, 100)
    current, _ = normal(3, 100)

    found = drift_of(reference, current)

    assert found.effect.low is None
    assert found.effect.no_interval == "fewer than 4 days to resample"


def test_the_interval_widens_where_days_differ():
    reference, _ = normal(WEEKS, 100)
    rng = np.random.default_rng(7)
    same = table(ts=every_day(14, 100), x=rng.normal(1.0, 1.0, 1400))
    apart = table(
        ts=every_day(14, 100), x=rng.normal(np.repeat([0.0, 2.0] * 7, 100))
    )  # the same mean

    widths = [
        (found.effect.high - found.effect.low)
        for found in (drift_of(reference, same), drift_of(reference, apart))
    ]

    assert widths[1] > 3 * widths[0]


def test_the_metric_of_a_monitor_decides_the_effect():
    reference, _ = normal(WEEKS, 100)
    current, _ = normal(7, 100, shift=1.0, seed=2)

    found = drift_of(reference, current, metric="js")

    assert found.effect.unit == "js"
    assert found.effect.value == found.js
    assert found.drifted


def test_planted_changes_are_found_and_nothing_else():
    for seed in range(5):
        rng = np.random.default_rng(seed)
        days, rows = WEEKS, WEEKS * 500
        ts = every_day(days, 500)
        names = [f"n{i}" for i in range(6)]
        reference = table(ts=ts, **{n: rng.normal(size=rows) for n in names})
        changed = {n: rng.normal(size=14_000) for n in names}
        changed["n0"] += 0.05  # too small to matter
        changed["n1"] += 0.3
        changed["n2"] *= 1.3
        changed["n3"][::10] = np.nan
        current = table(ts=every_day(28, 500), **changed)

        found = measured(reference, current, names)

        assert [c.name for c in found.columns if c.drifted] == ["n1", "n2", "n3"]


def test_measuring_twice_gives_equal_results():
    # 300,000 rows are several chunks for several threads, which add floats in any order.
    rng = np.random.default_rng(8)
    reference = table(ts=every_day(60, 5000), x=rng.lognormal(size=300_000))
    current = table(ts=every_day(28, 5000), x=rng.lognormal(0.1, size=140_000))

    assert len({measured(reference, current) for _ in range(3)}) == 1


def rising(weeks, first=0, *, per_day=100, seed=9):
    """A log whose level rises by a fifth of a standard deviation from week to week."""
    rng = np.random.default_rng([seed, first])
    level = np.repeat(np.arange(first, first + weeks) / 5, 7 * per_day)
    return table(ts=every_day(7 * weeks, per_day), x=rng.normal(level))


def test_a_rise_that_goes_on_as_it_did_through_the_reference_is_no_drift_and_a_faster_one_is():
    reference = rising(8)
    spec = plan(reference, ["x"])
    base, *later = (
        profile(log, spec, timestamp="ts")
        for log in (reference, rising(1, 11), rising(1, 12), rising(1, 22), rising(1, 23))
    )

    same_pace = measure_drift(base, later[1], later[0]).columns[0]
    faster = measure_drift(base, later[3], later[2]).columns[0]

    # The weeks of the reference rise by 7/5, and the watched ones lie 8.5/5 above its middle.
    assert same_pace.effect.value > 0.1
    assert [same_pace.drifted, faster.drifted] == [False, True]


def test_a_column_that_half_of_the_weeks_hold_is_limited_by_these_and_says_so():
    # Two of eight weeks lack it, and every second of the others lies one deviation higher.
    rng = np.random.default_rng(3)
    values = rng.normal(np.repeat([0.0, 1.0] * 4, 700))
    values[: 2 * 700] = np.nan
    reference = table(ts=every_day(WEEKS, 100), x=values)
    current = table(ts=every_day(7, 100), x=rng.normal(np.ones(700)))

    found = measured(reference, current)

    assert found.calibrated
    assert found.columns[0].limit > found.columns[0].effect.value > 0.1
    assert "only 6 blocks hold enough values to set a limit" in found.columns[0].reason
