import json
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops_model.analysis.cells import (
    ABOVE,
    BELOW,
    CELLS,
    MISSING,
    Categories,
    Grid,
    Spec,
    SpecError,
    spec_of,
)  # fmt: skip
from ops_model.analysis.plan import plan
from ops_model.analysis.profile import (
    NumericCounts,
    Profile,
    added,
    profile,
    profiles_by_file,
)
from ops_model.analysis.profile_json import document_of, profile_of
from ops_model.analysis.window import days_between
from tests.analysis.tables import at, table

UNIT = Spec((Grid("x", 0.0, 1.0),))  # cells 2 to 254 hold 0 to 253


def assert_equal_counts(one, other):
    assert one.days == other.days
    for name, counts in one.numeric.items():
        assert (counts.cells == other.numeric[name].cells).all()
        assert np.allclose(counts.table, other.numeric[name].table, rtol=1e-9)
    for name, counts in one.categories.items():
        assert (counts == other.categories[name]).all()


HOSTILE = [
    None, float("nan"), float("inf"), float("-inf"), 1e308, -1e308, 1e151, 1e149, -1e149, 5e-324,
    0.0, -0.0, 0.1, 0.7, 1.7, -3.3, 1e16, 252.9, 253.0, 1e-9,
]  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(-3, 3),
            st.one_of(st.sampled_from(HOSTILE), st.floats()),
            st.sampled_from([None, "", "a", "'; --", 'a"b', "emoji 🛫", "\\", "$1"]),
        ),
        min_size=1,
        max_size=30,
    ),
    st.sampled_from([Grid("x", 0.0, 1.0), Grid("x", -0.3, 0.1), Grid("x", 1e9, 1e-3)]),
)
def test_duckdbs_own_words_count_as_the_general_ones(rows, grid):
    log = table(
        ts=[at(day) for day, _, _ in rows],
        x=pa.array([x for _, x, _ in rows], pa.float64()),
        c=pa.array([c for _, _, c in rows], pa.string()),
    )
    spec = Spec((grid,), (Categories("c", ("a", "'; --", "$1", ""), True),))

    for timestamp in (None, "ts"):
        found = profile(log, spec, timestamp=timestamp)
        assert_equal_counts(found, profile(log, spec, timestamp=timestamp, native=False))
        assert found.total == len(rows)


def test_names_of_columns_are_never_words_of_a_query():
    names = ['a"b', "x; drop table t", "day", "cell", "column", "n", "🛫", "c0", "value"]
    log = table(**{name: [float(i), None] for i, name in enumerate(names)})

    for native in (True, False):
        seen = profile(log, plan(log, names), native=native)
        assert all(seen.numeric[name].cells[0].sum() == 2 for name in names)


def test_a_column_is_the_one_of_its_name_wherever_it_stands():
    log = table(ts=[at(0)] * 3, other=[0.0] * 3, c=["a", "b", "b"], y=[9.0] * 3, x=[1.0, 2.0, 2.0])
    log = log.filter(log.other == 0)
    spec = Spec((Grid("x", 0.0, 1.0), Grid("y", 0.0, 1.0)), (Categories("c", ("a",), True),))

    for timestamp in (None, "ts"):
        seen = profile(log, spec, timestamp=timestamp)
        assert seen.numeric["x"].cells[0][[3, 4]].tolist() == [1, 2]
        assert seen.numeric["y"].cells[0][11] == 3
        assert seen.categories["c"][0].tolist() == [0, 1, 2]


def test_a_column_of_numbers_that_differ_in_the_last_digit_alone_has_a_grid():
    log = table(x=[1e9, 1e9 + 1e-6, -1e149, 1e149])
    near = table(x=[1e9, 1e9 + 2e-7])

    for one in (log, near):
        rows = one.count().to_pyarrow().as_py()
        assert profile(one, plan(one, ["x"])).numeric["x"].cells[0].sum() == rows


def test_no_grid_reaches_where_values_count_as_infinite():
    log = table(x=[-1e150, 1e150, 1.5e150, 0.0, -9.9e149, None])
    spec = plan(log, ["x"])

    found = profile(log, spec)

    assert found.numeric["x"].cells[0].sum() == 6
    assert max(-spec.grids[0].low, spec.grids[0].high) < 1e150
    assert_equal_counts(found, profile(log, spec, native=False))


def test_what_lies_just_beyond_the_grid_is_counted_once():
    # -0.5 and -1.5 lie less than two cells below the grid, -9 farther: all of them are below it.
    seen = profile(table(x=[-0.5, -1.5, -9.0, 253.5, 254.5, None]), UNIT).numeric["x"]

    assert seen.cells[0][[MISSING, BELOW, ABOVE]].tolist() == [1, 3, 2]
    assert seen.below[0] == pytest.approx(11.0)
    assert seen.above[0] == pytest.approx(2.0)


def test_values_beyond_all_sense_are_counted_as_missing_and_leave_the_sums_alone():
    seen = profile(table(x=[1e308, -1e308, float("inf"), 2.0]), UNIT).numeric["x"]

    assert seen.cells[0][MISSING] == 3
    assert seen.first[0] == 2.0 - UNIT.grids[0].centre


def test_files_are_counted_apart_at_once():
    log = table(
        ts=[at(0), at(1), at(1), at(-5000)], f=[0, 0, 7, 7], x=[1.0, 2.0, 3.0, 4.0],
        c=["a", "b", "a", None],
    )  # fmt: skip
    spec = Spec((Grid("x", 0.0, 1.0),), (Categories("c", ("a", "b"), True),))

    found = profiles_by_file(log, spec, file="f", timestamp="ts")

    assert set(found) == {0, 7}
    for number, one in found.items():
        assert_equal_counts(one, profile(log.filter(log.f == number), spec, timestamp="ts"))


def test_profiles_of_files_add_up_day_by_day():
    one = profile(table(ts=[at(0), at(1)], x=[1.0, 2.0]), UNIT, timestamp="ts")
    other = profile(table(ts=[at(1), at(2)], x=[3.0, 400.0]), UNIT, timestamp="ts")

    both = added(UNIT, [one, other])

    log = table(ts=[at(0), at(1), at(1), at(2)], x=[1.0, 2.0, 3.0, 400.0])
    assert_equal_counts(both, profile(log, UNIT, timestamp="ts"))
    assert both.rows.tolist() == [1, 2, 1]


def test_counts_of_other_cells_are_not_added_and_both_are_named():
    other = Spec((Grid("x", 0.0, 2.0),))
    seen = profile(table(x=[1.0]), other)

    with pytest.raises(ValueError, match=f"(?s){other.digest}.*") as refused:
        added(UNIT, [seen])

    assert UNIT.digest in str(refused.value)


def test_counts_of_other_cells_are_not_compared():
    from ops_model.analysis.drift import measure_drift

    other = Spec((Grid("x", 0.0, 2.0),))
    log = table(x=[1.0])

    with pytest.raises(SpecError, match=other.digest):
        measure_drift(profile(log, UNIT), profile(log, other))


def test_a_spec_is_read_back_equal_and_its_digest_says_what_is_counted():
    spec = Spec((Grid("x", -0.1, 1e-9),), (Categories("c", ("a", "\u202e"), False),))

    assert spec_of(json.loads(json.dumps(spec.document))) == spec
    assert spec.digest != Spec(spec.grids, ()).digest
    with pytest.raises(ValueError, match="no spec of version"):
        spec_of({**spec.document, "version": 0})


def test_a_profile_is_read_back_equal_to_the_last_bit():
    log = table(ts=[at(0), at(3)], x=[0.1, 1e149], c=["a", None])
    spec = Spec((Grid("x", 0.0, 0.3),), (Categories("c", ("a",), True),))
    seen = profile(log, spec, timestamp="ts")

    back = profile_of(json.loads(json.dumps(document_of(seen))), spec)

    assert document_of(back) == document_of(seen)
    assert back.total == 2
    with pytest.raises(ValueError, match="no profile of these cells"):
        profile_of(document_of(seen), UNIT)


def test_a_profile_of_26_columns_is_at_most_51_kilobytes():
    rng = np.random.default_rng(3)
    numbers = {f"n{i}": rng.normal(size=20_000) for i in range(21)}
    texts = {f"c{i}": rng.integers(0, 5**i + 2, 20_000).astype(str) for i in range(5)}
    log = table(**numbers, **texts)

    written = json.dumps(document_of(profile(log, plan(log))), separators=(",", ":"))

    # Half a million rows have two digits more in each of the 5,400 cells that hold any.
    assert len(written) + 2 * 21 * 256 <= 51_000


def test_a_window_of_28_days_over_21_columns_is_cut_out_of_a_year_at_once():
    spec = Spec(tuple(Grid(f"n{i}", 0.0, 1.0) for i in range(21)))
    cells = np.ones((365, CELLS), np.int64)
    sums = np.ones(365)
    numeric = {g.name: NumericCounts(cells, sums, sums, sums, sums) for g in spec.grids}
    days = tuple(date(2025, 1, 1) + timedelta(days=i) for i in range(365))
    year = Profile(spec, days, cells.sum(axis=1), numeric, {})

    window = days_between(year, date(2025, 6, 1), date(2025, 6, 29))

    assert window.total == 28 * CELLS
    assert window.numeric["n20"].table.sum(axis=0)[5] == 28
