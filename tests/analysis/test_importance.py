import numpy as np
import pandas as pd
import pytest
from scipy import stats

from ops_model.analysis.importance import (
    SAMPLE_ROWS,
    compare_weights,
    logged_weights,
    permuted_weights,
    rank_correlation,
    sampled,
)
from tests.analysis.tables import every_day, table

FEATURES = ("a", "b", "c", "d")


def attributions(days, weights, *, seed=1):
    """100 rows a day, the attribution of each feature spread around nothing with its weight."""
    rng = np.random.default_rng(seed)
    n = days * 100
    columns = {name: rng.normal(0, w, n) for name, w in zip(FEATURES, weights, strict=True)}
    return table(ts=every_day(days, 100), **columns)


def weights_of(log):
    return logged_weights(log, FEATURES, timestamp="ts")


def test_logged_attributions_are_weighed_by_their_mean_size():
    log = table(ts=every_day(1, 4), a=[1.0, -3.0, None, float("nan")], b=[0.5] * 4)

    found = logged_weights(log, ("a", "b"), timestamp="ts")

    assert found.mean() == pytest.approx([2.0, 0.5])
    assert found.rows == 4
    assert found.counted.tolist() == [[2.0, 4.0]]


def test_the_same_order_correlates_wholly_and_a_reversed_one_not_at_all():
    before = weights_of(attributions(14, (8, 4, 2, 1)))
    same = weights_of(attributions(14, (8, 4, 2, 1), seed=2))
    turned = weights_of(attributions(14, (1, 2, 4, 8), seed=2))

    held, lost = (compare_weights(before, now, min_n=100) for now in (same, turned))

    assert (held.rank_correlation.value, held.rank_correlation.low) == (1.0, 1.0)
    assert lost.rank_correlation.value == -1.0
    assert held.rank_correlation.n == 1400
    assert [f.name for f in held.features] == list(FEATURES)


def test_weights_that_days_put_in_another_order_widen_the_interval():
    before = weights_of(attributions(14, (1.0, 1.01, 1.02, 1.03)))
    now = weights_of(attributions(14, (1.0, 1.01, 1.02, 1.03), seed=3))

    found = compare_weights(before, now, min_n=100).rank_correlation

    assert found.high - found.low > 0.5


@pytest.mark.parametrize("ties", [0, 3])
def test_the_rank_correlation_is_that_of_scipy_ties_included(ties):
    rng = np.random.default_rng(4)
    one, other = rng.integers(0, 10 if ties else 10_000, (2, 30)).astype(float)

    assert rank_correlation(one, other) == pytest.approx(stats.spearmanr(one, other).statistic)


def test_features_that_all_weigh_the_same_have_no_order():
    log = table(ts=every_day(7, 100), **{name: [1.0] * 700 for name in FEATURES})

    found = compare_weights(weights_of(log), weights_of(log), min_n=100).rank_correlation

    assert found.value is None
    assert "no order" in found.no_interval


def test_too_few_rows_days_or_values_say_so():
    full = weights_of(attributions(14, (8, 4, 2, 1)))
    short = weights_of(attributions(2, (8, 4, 2, 1)))
    empty = weights_of(
        table(ts=every_day(7, 100), a=[None] * 700, **{n: [1.0] * 700 for n in "bcd"})
    )

    assert "1000 rows" in compare_weights(full, short, min_n=1000).rank_correlation.no_interval
    assert "4 days" in compare_weights(full, short, min_n=100).rank_correlation.no_interval
    said = compare_weights(full, empty, min_n=100).rank_correlation
    assert (said.value, said.no_interval) == (None, "too few values of a")


def test_shuffling_shows_what_a_model_leans_on():
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({name: rng.normal(size=2000) for name in FEATURES})
    days = np.repeat(np.arange(10), 200)

    def predict(rows):
        return (4 * rows["a"] + 2 * rows["b"] + rows["c"]).to_numpy()

    found = permuted_weights(frame, days, predict).mean()

    # Of normal numbers the mean absolute difference of two is 2 / sqrt(pi).
    expected = np.array([4, 2, 1, 0]) * 2 / np.sqrt(np.pi)
    assert found == pytest.approx(expected, rel=0.05)


def test_a_class_moves_by_one_when_it_becomes_another():
    frame = pd.DataFrame({"a": [0.0, 1.0] * 500, "b": [1.0] * 1000})

    found = permuted_weights(
        frame, np.zeros(1000, int), lambda rows: np.where(rows["a"] > 0, "yes", "no")
    )

    assert found.mean() == pytest.approx([0.5, 0.0], abs=0.05)


def test_a_sample_is_spread_over_the_log_and_the_same_again():
    log = attributions(120, (8, 4, 2, 1))  # 12,000 rows

    frame, days = sampled(log, FEATURES, timestamp="ts", order=[])
    again, _ = sampled(log, FEATURES, timestamp="ts", order=[])

    assert 12_000 / 3 == len(frame) <= SAMPLE_ROWS
    assert list(frame.columns) == list(FEATURES)
    assert len(set(days)) == 120
    pd.testing.assert_frame_equal(frame, again)
