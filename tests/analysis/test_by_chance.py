from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from ops_model.analysis import by_chance, distance
from ops_model.analysis.column import categorical_column, numeric_column
from ops_model.analysis.plan import plan
from ops_model.analysis.profile import profile
from tests.analysis.tables import table

SHAPES = {
    "normal": lambda rng, n: rng.normal(size=n),
    "lognormal": lambda rng, n: rng.lognormal(0, 1, n),
    "two values": lambda rng, n: rng.integers(0, 2, n).astype(float),
    "two humps": lambda rng, n: rng.normal(size=n) + np.where(rng.random(n) < 0.5, -3, 3),
}


def rows_of(values, build=numeric_column, metric="w1_sd"):
    """The column of a log of which each row is a day, so that any rows may be a window."""
    days = [datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=i) for i in range(len(values))]
    log = table(ts=days, x=values)
    spec = plan(log, ["x"])
    counted = profile(log, spec, timestamp="ts")
    if build is numeric_column:
        return build(spec.grids[0], counted.numeric["x"], counted.numeric["x"], metric)
    return build(spec.categories[0], counted.categories["x"], counted.categories["x"], metric)


def passes(column, one, other):
    return bool(column.apart(one, other) > column.chance(one, other))


@pytest.mark.parametrize("metric", ["w1_sd", "tv", "js"])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_hundred_rows_of_one_distribution_hardly_ever_pass_the_limit(shape, metric):
    # Expected 1 in 1,000; of 1,000 pairs more than 8 would be a wrong limit.
    rng = np.random.default_rng(5)
    column = rows_of(SHAPES[shape](rng, 2000), metric=metric)

    found = 0
    for _ in range(1000):
        drawn = rng.choice(2000, 200, replace=False)
        one, other = (column.reference[part].sum(axis=0) for part in (drawn[:100], drawn[100:]))
        found += passes(column, one, other)

    assert found <= 8


@pytest.mark.parametrize("metric", ["tv", "js"])
@pytest.mark.parametrize("rows", [300, 2_000])
def test_a_thousand_categories_vary_by_chance_and_stay_below_the_limit(rows, metric):
    rng = np.random.default_rng(6)
    values = [f"v{i}" for i in rng.integers(0, 1000, 2 * rows)]
    column = rows_of(values, categorical_column, metric)

    one, other = (column.reference[half].sum(axis=0) for half in (slice(rows), slice(rows, None)))
    far, limit = column.apart(one, other), column.chance(one, other)

    assert far < limit < 1.4 * far  # near, so that it is of use


def test_a_shift_of_one_standard_deviation_in_a_hundred_rows_passes_the_limit():
    rng = np.random.default_rng(7)
    values = np.concatenate([rng.normal(size=100), rng.normal(1.0, 1.0, 100)])

    column = rows_of(values)

    assert passes(column, column.reference[:100].sum(axis=0), column.reference[100:].sum(axis=0))


def test_a_million_rows_leave_nothing_to_chance():
    counts = np.full(1000, 1000.0)

    assert by_chance.total_variation(counts, counts) < 0.03
    assert by_chance.share(0.1, 0.1, 1e6, 1e6) < 0.002


def test_values_that_came_once_foretell_new_ones():
    # 50 of 100 rows hold a value of their own: half of what comes next is new by chance alone.
    reference = np.concatenate([np.ones(50), [50.0], [0.0]])

    assert by_chance.unseen(reference, 1e9) == pytest.approx(0.5, abs=0.2)
    assert by_chance.unseen(np.array([50.0, 50.0, 0.0]), 100) == 0.0


def test_the_stability_index_by_chance_is_its_mean_over_many_draws():
    # (bins - 1) (1/n + 1/m) = 9 x (1/1000 + 1/500) = 0.027.
    rng = np.random.default_rng(8)
    share = np.full(10, 0.1)
    draws = [
        distance.population_stability(rng.multinomial(1000, share), rng.multinomial(500, share))
        for _ in range(500)
    ]

    said = by_chance.stability(np.full(10, 100.0), np.full(10, 50.0))

    assert said == pytest.approx(0.027)
    assert np.mean(draws) == pytest.approx(said, rel=0.1)
