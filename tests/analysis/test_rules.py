"""Rules over a log: rows that break them, rows of which nobody can tell, and their examples."""

import pyarrow as pa
import pytest

from ops_model.analysis.rules import count_rule, examples_that, share_of
from ops_model.domain.condition import parse
from tests.analysis.tables import table

NAN = float("nan")
RULE = parse("0 <= p <= 1")


def a_log(**columns):
    """Six rows of five requests: two hold, two break it, and of two nobody can tell."""
    return table(
        p=pa.array([0.5, 1.0, 1.5, -0.1, None, NAN], pa.float64()),
        id=["a", "b", "c", "c", "d", "e"],
        **columns,
    )


def test_a_row_of_which_nobody_can_tell_counts_as_breaking_the_rule():
    counts = count_rule(a_log(), RULE, key="id")

    assert (counts.rows, counts.broken, counts.undecided) == (6, 4, 2)
    # Of the four rows two are of one request.
    assert (counts.users_exposed.value, counts.users_exposed.unit) == (3.0, "requests")


def test_without_a_key_nobody_says_whom_it_reached():
    assert count_rule(a_log(), RULE).users_exposed is None


def test_the_share_has_its_wilson_interval():
    # (2 x 4 + 1.96^2 -+ 1.96 sqrt(1.96^2 + 4 x 4 x 2 / 6)) / (2 x (6 + 1.96^2)), by hand.
    share = share_of(4, 6)

    assert share.value == pytest.approx(0.6667, abs=1e-4)
    assert share.low == pytest.approx(0.300, abs=1e-3)
    assert share.high == pytest.approx(0.903, abs=1e-3)


def test_none_of_many_has_an_interval_that_begins_at_none_and_all_of_many_one_that_ends_at_all():
    assert share_of(0, 1000).low == 0.0
    assert share_of(1000, 1000).high == 1.0


def test_of_no_row_there_is_no_share():
    log = a_log()

    counts = count_rule(log.filter(log.id == "none"), RULE, key="id")

    assert (counts.rows, counts.broken) == (0, 0)
    assert (counts.violations.value, counts.violations.no_interval) == (None, "too few")


@pytest.mark.parametrize(
    "column", [pa.array([0, 1, 0], pa.int64()), pa.array([0, 1, 0], pa.decimal128(9, 2))]
)
def test_an_example_keeps_its_decimal_places_in_a_column_that_has_none_or_writes_them(column):
    log = table(p=column)

    assert examples_that(log, RULE, [{"p": 0.4}], holds=True) == 1
    assert examples_that(log, RULE, [{"p": 1.7}, {"p": 2}], holds=False) == 2


def test_examples_go_through_the_expression_of_the_log_in_the_types_of_its_columns():
    log = a_log(flag=[True] * 6)
    rule = parse("p <= 1 and flag")
    good = [{"p": 1, "flag": "true"}, {"p": 0.5, "flag": "false"}, {"p": 0.5}]

    # The second breaks it, and of the third nobody can tell.
    assert examples_that(log, rule, good, holds=True) == 1
    assert examples_that(log, rule, good, holds=False) == 1
    assert examples_that(log, rule, [], holds=True) == 0


def test_an_example_of_another_kind_than_the_column_is_an_error():
    with pytest.raises(ValueError, match="an example has p 'much'; column p is float64"):
        examples_that(a_log(), RULE, [{"p": "much"}], holds=True)
