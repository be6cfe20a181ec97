from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops_model.analysis.cells import ABOVE, BELOW, CELLS, MISSING, Categories, Grid, Spec
from ops_model.analysis.plan import KEPT_VALUES, plan
from ops_model.analysis.profile import day_number, profile
from tests.analysis.tables import at, every_day, normal, table

UNIT = Spec((Grid("x", 0.0, 1.0),))  # cells 2 to 254 hold 0 to 253


def cells_of(values, spec=UNIT):
    """The cells that are not empty, of one column of one day."""
    counts = profile(table(x=pa.array(values, pa.float64())), spec).numeric["x"].cells[0]
    return {int(cell): int(counts[cell]) for cell in np.flatnonzero(counts)}


def test_values_at_and_beyond_the_borders_fall_into_the_right_cells():
    # 0 is the first inside cell, 252.9 the last; -0.1 is below, 253 is where the grid ends.
    assert cells_of([0.0, 0.9, 1.0, 252.9, -0.1, 253.0]) == {
        2: 2,
        3: 1,
        254: 1,
        BELOW: 1,
        ABOVE: 1,
    }


def test_what_is_no_finite_number_is_missing_and_not_low_or_high():
    assert cells_of([None, float("nan"), float("inf"), float("-inf"), 1e300, 5.0]) == {
        MISSING: 5, 7: 1,
    }  # fmt: skip


def test_a_value_far_outside_the_grid_does_not_overflow():
    assert cells_of([1e100, -1e100]) == {BELOW: 1, ABOVE: 1}


def test_numbers_round_down_and_never_to_the_nearest():
    assert cells_of([1.7]) == {3: 1}


def test_integers_and_decimals_are_numbers_too():
    log = table(i=[1, 2, 2], d=[Decimal("0.5"), Decimal("0.5"), None])

    seen = profile(log, Spec((Grid("i", 0.0, 1.0), Grid("d", 0.0, 1.0))))

    assert seen.numeric["i"].cells[0][3:5].tolist() == [1, 2]
    assert seen.numeric["d"].cells[0][[MISSING, 2]].tolist() == [1, 2]


def test_sums_beyond_the_grid_are_exact():
    # 253 is the upper end: 263 lies 10 beyond it and 353 lies 100; -4 lies 4 below 0.
    seen = profile(table(x=[263.0, 353.0, -4.0, 1.0]), UNIT).numeric["x"]

    assert seen.above[0] == pytest.approx(110.0)
    assert seen.below[0] == pytest.approx(4.0)


def test_a_day_is_a_day_in_utc_whatever_the_zone_of_the_log():
    log = table(ts=[at(0, 23, 59), at(1, 0, 0)], x=[1.0, 2.0])
    local = log.mutate(ts=log.ts.cast("timestamp('America/New_York')"))

    for one in (log, local):
        assert profile(one, UNIT, timestamp="ts").days == (date(2013, 1, 1), date(2013, 1, 2))


def test_a_day_before_1970_is_that_day():
    from datetime import UTC, datetime

    log = table(ts=[datetime(1969, 12, 31, 12, tzinfo=UTC)], x=[1.0])

    assert profile(log, UNIT, timestamp="ts").days == (date(1969, 12, 31),)


def test_both_ways_to_the_day_agree():
    from datetime import UTC, datetime, timedelta

    times = [datetime(1968, 1, 1, tzinfo=UTC) + timedelta(hours=37 * i) for i in range(800)]
    log = table(ts=times)
    days = log.select(a=day_number(log, "ts"), b=day_number(log, "ts", native=False))

    assert (days.a == days.b).all().to_pyarrow().as_py()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 6),
            st.one_of(st.none(), st.floats(width=32, allow_nan=True, allow_infinity=True)),
            st.one_of(st.none(), st.sampled_from(["a", "b", "other", ""])),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_days_add_up_to_the_window(rows):
    log = table(
        ts=[at(day) for day, _, _ in rows],
        x=pa.array([x for _, x, _ in rows], pa.float64()),
        c=pa.array([c for _, _, c in rows], pa.string()),
    )
    spec = Spec((Grid("x", -10.0, 0.1),), (Categories("c", ("a", "b"), True),))

    by_day = profile(log, spec, timestamp="ts")
    whole = profile(log, spec)

    assert by_day.rows.sum() == whole.total == len(rows)
    assert (by_day.numeric["x"].cells.sum(axis=0) == whole.numeric["x"].cells[0]).all()
    assert (by_day.categories["c"].sum(axis=0) == whole.categories["c"][0]).all()
    assert by_day.numeric["x"].above.sum() == pytest.approx(whole.numeric["x"].above[0])


def test_the_cells_are_those_that_numpy_finds():
    log, values = normal(3, 500)
    spec = plan(log, ["x"])
    grid = spec.grids[0]

    counted = profile(log, spec).numeric["x"].cells[0]

    place = np.floor(np.clip(2 + (values - grid.low) / grid.width, 1, 255)).astype(int)
    assert (counted == np.bincount(place, minlength=CELLS)).all()


def test_few_whole_numbers_get_one_cell_each():
    grid = plan(table(x=[0, 5, 11]), ["x"]).grids[0]

    seen = profile(table(x=[0, 1, 11, 11]), Spec((grid,))).numeric["x"].cells[0]

    assert grid.width == 1.0
    assert sorted(seen[seen > 0].tolist()) == [1, 1, 2]


def test_a_grid_reaches_beyond_the_outer_quantiles():
    log, values = normal(10, 1000)

    grid = plan(log, ["x"]).grids[0]

    low, high = np.quantile(values, [0.002, 0.998])
    assert grid.low == pytest.approx(low - 0.15 * (high - low))
    assert grid.high == pytest.approx(high + 0.15 * (high - low))


def test_a_column_that_never_goes_below_zero_gets_no_cells_there():
    log = table(x=[0.0, 0.5, 1.25, 300.5])

    assert plan(log, ["x"]).grids[0].low == 0.0


@pytest.mark.parametrize("values", [[7.25] * 5, [0.0] * 5, [-1e9 - 0.5] * 5])
def test_a_constant_column_gets_a_grid_that_holds_it(values):
    grid = plan(table(x=values), ["x"]).grids[0]

    assert grid.width > 0
    assert grid.low <= values[0] < grid.high


def test_a_column_without_a_number_still_has_a_plan():
    log = table(x=pa.array([None, float("nan")], pa.float64()))

    seen = profile(log, plan(log, ["x"]))

    assert seen.numeric["x"].cells[0][MISSING] == 2


def test_the_same_reference_gives_the_same_plan():
    log, _ = normal(60, 2000)  # 120,000 rows, so that every second is taken

    assert plan(log, ["x"]) == plan(log, ["x"])


def test_without_a_list_every_comparable_column_is_planned():
    log = table(
        ts=[at(0), at(1)], x=[1.0, 2.0], flag=[True, False], name=["a", "b"], deep=[[1], [2]]
    )

    assert plan(log).names == ("x", "flag", "name")


def test_categories_are_kept_by_frequency_and_the_rest_is_one_cell():
    log = table(c=["b", "b", "a", None, "c"])

    kept = plan(log, ["c"]).categories[0]

    assert kept == Categories("c", ("b", "a", "c"), complete=True)
    assert profile(table(c=["a", "new", None, "b", "b"]), Spec((), (kept,))).categories["c"][
        0
    ].tolist() == [1, 2, 1, 0, 1]  # null, b, a, c, everything else


def test_a_category_of_too_many_values_says_that_it_is_not_complete():
    log = table(c=[f"v{i:04}" for i in range(KEPT_VALUES + 1)])

    kept = plan(log, ["c"]).categories[0]

    assert len(kept.values) == KEPT_VALUES
    assert not kept.complete


@pytest.mark.parametrize("hostile", ["'; drop table t; --", 'a"b', "\\", "{{x}}", "\u202e", ""])
def test_a_hostile_value_is_only_a_value(hostile):
    log = table(c=[hostile, hostile, "a"])

    seen = profile(log, plan(log, ["c"]))

    assert seen.spec.categories[0].values[0] == hostile
    assert seen.categories["c"][0].tolist() == [0, 2, 1, 0]


def test_rows_of_a_day_count_once_however_many_columns_there_are():
    log = table(ts=every_day(2, 3), x=[1.0] * 6, c=["a"] * 6)

    seen = profile(log, plan(log, ["x", "c"]), timestamp="ts")

    assert seen.rows.tolist() == [3, 3]
    assert seen.total == 6


def test_many_columns_over_many_days_come_back_whole():
    # DuckDB 1.5 deadlocks on such a union when its answer is fetched as a stream.
    rng = np.random.default_rng(1)
    names = [f"n{i}" for i in range(20)]
    log = table(ts=every_day(60, 200), **{n: rng.normal(size=12_000) for n in names})

    seen = profile(log, plan(log, names), timestamp="ts")

    assert all(seen.numeric[n].cells.sum() == 12_000 for n in names)
