"""Conditions as Ibis expressions: equal to the pure reading of each row, and typed."""

import math
from decimal import Decimal

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops_model.analysis.condition import boolean
from ops_model.domain.condition import parse
from ops_model.domain.condition_holds import holds
from tests.analysis.tables import at, table

NUMBERS = [None, 0.0, -3.5, 5.0, 7.0, 1e-200, math.nan, math.inf, -math.inf, 1e308]
WHOLE = [None, 0, 7, -3, 2**53, -(2**62)]
TEXTS = [None, "", "a", "A", "B'😀;", "É", 'x"; drop table t --', "%_"]


def _named(written):
    try:
        parse(written)
    except ValueError:
        return False
    return True


number = st.sampled_from(["x", "y", "0", "3", "-2.5", "7", "1e300"])
number = st.recursive(
    number,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/%"), inner).map(lambda t: f"({' '.join(t)})"),
        inner.map(lambda t: f"abs({t})"),
        inner.map(lambda t: f"-({t})"),
    ),
    max_leaves=4,
)
text = st.one_of(
    st.sampled_from(["s", "t", "lower(s)", "'a'", "'É'", '"B\'😀;"']),
)
truth = st.one_of(
    st.sampled_from(["b", "b == True", "b != False", "missing(s)", "missing(x)", "y is None"]),
    st.tuples(number, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), number).map(" ".join),
    st.tuples(text, st.sampled_from(["==", "!="]), text).map(" ".join),
    number.map(lambda t: f"missing({t})"),
    number.map(lambda t: f"{t} in [0, 7.0, -3]"),
    text.map(lambda t: f"{t} not in ['a', 'É']"),
    text.map(lambda t: f"length({t}) > 1"),
    st.tuples(st.sampled_from(["contains", "starts"]), text).map(lambda t: f"{t[0]}({t[1]}, ';')"),
)
conditions = st.recursive(
    truth,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda t: f"({' '.join(t)})"),
        inner.map(lambda t: f"not ({t})"),
    ),
    max_leaves=5,
).filter(_named)


def rows():
    """Every pair of values next to one another, so that each meets each kind of neighbour."""
    return [
        {"x": x, "y": y, "s": s, "t": TEXTS[(i + j) % len(TEXTS)], "b": (None, True, False)[i % 3]}
        for i, x in enumerate(NUMBERS)
        for j, y in enumerate(WHOLE)
        for s in TEXTS[(i + j) % 4 :: 4]
    ]


ROWS = rows()
TYPES = {"x": pa.float64(), "y": pa.int64(), "s": pa.string(), "t": pa.string(), "b": pa.bool_()}
LOG = pa.table({n: pa.array([r[n] for r in ROWS], of) for n, of in TYPES.items()})


@pytest.fixture(scope="module")
def log():
    connection = ibis.duckdb.connect()
    return connection.create_table("log", LOG)


@settings(max_examples=60, deadline=None)
@given(conditions)
def test_a_query_gives_for_each_row_what_the_pure_reading_gives(log, written):
    condition = parse(written)

    answers = log.select(holds=boolean(log, condition)).to_pyarrow()["holds"].to_pylist()

    assert answers == [holds(condition, row) for row in ROWS]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("x == 'a'", "expected a number at character 6, to compare with column 'x', got 'a'"),
        ("s > 1", "expected a number beside > at character 1, got column 's', a text"),
        ("b == 1", "expected true or false at character 6"),
        ("s", "expected true or false at character 1, got column 's', a text"),
        ("S == 'a'", "got 'S'; it has 'x', 'y', 's', 't', 'b'; did you mean 's'?"),
        ("contains(x, 'a')", "expected a text at character 10, got column 'x', a number"),
        ("x in ['a']", "expected a number at character 7"),
    ],
)
def test_another_kind_or_an_unknown_column_is_an_error_before_any_query(log, written, said):
    with pytest.raises(ValueError, match=r"^expected") as error:
        boolean(log, parse(written))

    assert said in str(error.value)


def test_instants_compare_with_instants_and_with_nothing_else():
    log = table(began=[at(0), at(1)], ended=[at(1), at(0)])

    later = log.select(holds=boolean(log, parse("ended > began"))).to_pyarrow()

    assert later["holds"].to_pylist() == [True, False]
    with pytest.raises(ValueError, match="got '2013-01-01', a text"):
        boolean(log, parse("began == '2013-01-01'"))


def test_what_cannot_be_compared_can_still_be_missing():
    log = table(tags=[["a"], None])

    found = log.select(holds=boolean(log, parse("missing(tags)"))).to_pyarrow()

    assert found["holds"].to_pylist() == [False, True]
    with pytest.raises(ValueError, match="of a type that cannot be compared"):
        boolean(log, parse("tags == 'a'"))


def test_a_column_of_any_name_is_no_more_than_a_name():
    name = 'x"; drop table log; -- 😀'
    log = table(**{name: [1, 2]})

    found = log.select(holds=boolean(log, parse(f"column('{name}') > 1"))).to_pyarrow()

    assert found["holds"].to_pylist() == [False, True]


def test_decimals_are_numbers():
    log = ibis.memtable(
        pa.table({"d": pa.array([None, Decimal(1), Decimal(2)], pa.decimal128(9, 2))})
    )

    found = log.select(holds=boolean(log, parse("d / 2 >= 1.0"))).to_pyarrow()

    assert found["holds"].to_pylist() == [None, False, True]


def test_a_remainder_has_the_sign_of_the_divisor_as_in_the_pure_reading():
    log = table(n=[-7, 7, -7, 7], by=[3, -3, -3, 3])

    # -7 = -3 x 3 + 2, 7 = -3 x -3 - 2, -7 = 2 x -3 - 1, 7 = 2 x 3 + 1
    found = [
        log.select(holds=boolean(log, parse(f"n % by == {left}")))
        .to_pyarrow()["holds"][row]
        .as_py()
        for row, left in enumerate((2, -2, -1, 1))
    ]

    assert found == [True] * 4
