from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops_model.analysis.decomposition import ColumnSides, Side, count_sides, decompose
from ops_model.analysis.judged import judged_rows
from ops_model.domain.evidence import Measured
from tests.analysis.tables import at, table


def side(*segments):
    """Each segment as (right, rows) per day; the last one holds all values of too few rows."""
    found = np.array(segments, float)
    return Side(found[..., 0], found[..., 1])


def sides(before, now, values=("x", "y")):
    return ColumnSides("place", values, side(*before), side(*now))


NOBODY = [(0, 0)] * 2
"""A kind of case that nobody had, in two days."""


def change_of(before, now, unit="share"):
    """The change of all rows, as `measure_quality` would bring it."""
    was, is_ = (np.array(s, float).sum(axis=(0, 1)) for s in (before, now))
    value = is_[0] / is_[1] - was[0] / was[1]
    return Measured(value=value, unit=unit, n=int(is_[1]), low=value - 0.01, high=value + 0.02)


def split(before, now, values=("x", "y")):
    """One column's parts of the change between two sides."""
    return decompose([sides(before, now, values)], change_of(before, now))


def parts(found):
    return {s.value: (s.mix.value, s.quality.value) for s in found.segments}


def test_the_same_cases_going_wrong_is_quality_and_no_mix():
    # Half of the cases each; y falls from 90 to 70 %, which is 10 points of the whole.
    before = [[(40, 50)] * 2, [(45, 50)] * 2, NOBODY]
    now = [[(40, 50)] * 2, [(35, 50)] * 2, NOBODY]

    found = split(before, now)

    assert parts(found)["y"] == (pytest.approx(0), pytest.approx(-0.1))
    assert parts(found)["x"] == (pytest.approx(0), pytest.approx(0))
    assert found.rest.value == 0


def test_more_of_the_hard_cases_is_mix_and_no_quality():
    # x is right in 90 %, y in 50 %; y grows from a fifth to half: 0.82 to 0.70.
    before = [[(72, 80)] * 2, [(10, 20)] * 2, NOBODY]
    now = [[(45, 50)] * 2, [(25, 50)] * 2, NOBODY]

    found = split(before, now)

    # The mean of both is 0.76: x loses 0.3 of 0.14 above it, y gains 0.3 of 0.26 below it.
    assert parts(found)["x"] == (pytest.approx(-0.042), pytest.approx(0))
    assert parts(found)["y"] == (pytest.approx(-0.078), pytest.approx(0))


def test_a_kind_of_case_that_came_adds_all_it_does_by_its_size():
    # y is new, a half of all, and always wrong.
    before = [[(80, 100)] * 2, [(0, 0)] * 2, NOBODY]
    now = [[(80, 100)] * 2, [(0, 100)] * 2, NOBODY]

    found = split(before, now)

    assert parts(found)["y"][1] == 0
    assert sum(parts(found)["y"]) + sum(parts(found)["x"]) == pytest.approx(-0.4)


def test_values_of_too_few_rows_are_the_rest():
    before = [[(80, 100)] * 2, [(8, 10)] * 2]
    now = [[(80, 100)] * 2, [(0, 10)] * 2]

    found = split(before, now, values=("x",))

    # A tenth and a bit of all went from 80 % to nothing.
    assert found.rest.value == pytest.approx(-0.8 * 10 / 110)
    assert found.rests[0].column == "place"


sizes = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=3, max_size=3)


@settings(max_examples=60, deadline=None)
@given(*[st.lists(sizes, min_size=2, max_size=4)] * 2)
def test_the_parts_of_a_column_add_up_to_the_change_whatever_the_counts(before, now):
    def drawn(days):
        counts = [[(min(a, b), max(a, b)) for a, b in day] for day in days]
        return np.array(counts, float).transpose(1, 0, 2)

    one, two = drawn(before), drawn(now)
    if not (one[..., 1].sum() and two[..., 1].sum()):
        return

    found = split(one, two)

    told = sum(a + b for a, b in parts(found).values()) + found.rest.value
    assert told == pytest.approx(found.change.value, abs=1e-8)


def test_days_that_vary_widen_every_part():
    before = [[(40, 50)] * 10, [(45, 50)] * 10, [(0, 0)] * 10]
    calm = [[(40, 50)] * 7, [(35, 50)] * 7, [(0, 0)] * 7]
    wild = [[(40, 50)] * 7, [(20, 50), (50, 50)] * 3 + [(35, 50)], [(0, 0)] * 7]

    widths = []
    for now in (calm, wild):
        effect = next(s for s in split(before, now).segments if s.value == "y")
        widths.append(effect.quality.high - effect.quality.low)

    assert widths[0] == pytest.approx(0, abs=1e-9)
    assert widths[1] > 0.1


def test_the_intervals_of_parts_hold_the_truth_as_often_as_they_say():
    # y really falls from 90 to 80 %, a half of the cases: -5 points. 7 days against 28.
    rng = np.random.default_rng(5)

    def drawn(days, share):
        rows = np.full(days, 200)
        right = rng.binomial(200, rng.normal(share, 0.03, days).clip(0, 1))
        return np.stack([right, rows], axis=-1)

    held = 0
    for _ in range(200):
        before = [drawn(28, 0.8), drawn(28, 0.9), np.zeros((28, 2))]
        now = [drawn(7, 0.8), drawn(7, 0.8), np.zeros((7, 2))]
        effect = next(s for s in split(before, now).segments if s.value == "y")
        held += effect.quality.low <= -0.05 <= effect.quality.high

    assert held / 200 == pytest.approx(0.95, abs=0.04)


def test_a_score_that_gets_worse_by_rising_has_its_parts_turned():
    before = [[(40, 50)] * 2, [(35, 50)] * 2, NOBODY]
    now = [[(40, 50)] * 2, [(45, 50)] * 2, NOBODY]

    fell = Measured(value=-0.1, unit="score", n=200, no_interval="no day differs")
    found = decompose([sides(before, now)], fell, sign=-1.0)

    assert found.rest.unit == "score"
    assert parts(found)["y"][1] == pytest.approx(-0.1)


def test_one_day_on_a_side_gives_no_interval():
    found = split([[(40, 50)], [(0, 0)]], [[(30, 50)], [(0, 0)]], values=("x",))

    assert found.segments[0].quality.no_interval == "days vary, and one side has a single day"


def test_rows_are_counted_by_value_and_day_and_the_small_ones_pooled():
    log = table(
        ts=[at(0)] * 4 + [at(1)] * 4 + [at(2)] * 5,
        ok=[True, True, False, True] * 3 + [False],
        place=["a", "a", "b", None] * 3 + ["new"],
    )
    judged = judged_rows(log, timestamp="ts", label="ok", segments=("place",))

    found = count_sides(
        judged, ("place",), window=(date(2013, 1, 3), date(2013, 1, 4)),
        baseline=(date(2013, 1, 1), date(2013, 1, 3)), min_n=1,
    )[0]  # fmt: skip
    few = count_sides(
        judged, ("place",), window=(date(2013, 1, 3), date(2013, 1, 4)),
        baseline=(date(2013, 1, 1), date(2013, 1, 3)), min_n=2,
    )[0]  # fmt: skip

    assert set(found.values) == {"a", "b", "(missing)", "new"}
    assert found.before.rows.sum() == 8
    assert found.now.rows[found.values.index("new")].tolist() == [1]
    assert found.now.rows[-1].sum() == 0
    # b and the missing ones have two rows before and one now; a has two on both sides.
    assert few.values == ("a",)
    assert few.now.rows.tolist() == [[2], [3]]
    assert few.before.totals.sum() == found.before.totals.sum()
