"""The pins of ibis, duckdb and sqlglot belong together; each call here broke with some pair."""

import ibis
import pandas as pd
import pytest

pytestmark = [
    # Ibis 12 asks pandas 3 for an option that pandas 4 drops; the product hands it no frame.
    pytest.mark.filterwarnings("ignore:The 'future.infer_string' option"),
    # duckdb 1.5 announces what duckdb 2 removes, which is why it is pinned below 2.
    pytest.mark.filterwarnings("ignore:fetch_.* is deprecated:DeprecationWarning"),
]


@pytest.fixture
def engine():
    connection = ibis.duckdb.connect()
    yield connection
    connection.disconnect()


@pytest.fixture
def table(engine):
    return engine.create_table("t", pd.DataFrame({"kind": ["a", "b", "a"], "n": [1, 2, 3]}))


def test_a_table_is_created_from_a_frame(table):
    assert table.count().to_pyarrow().as_py() == 3


def test_the_connection_runs_sql(engine, table):
    assert engine.sql("select sum(n) as total from t").to_pyarrow().to_pylist() == [{"total": 6}]


def test_a_table_runs_sql(table):
    found = table.alias("seen").sql("select max(n) as most from seen")

    assert found.to_pyarrow().to_pylist() == [{"most": 3}]


def test_a_table_comes_back_in_batches(table):
    batches = list(table.to_pyarrow_batches())

    assert sum(batch.num_rows for batch in batches) == 3


def test_a_table_is_grouped(table):
    grouped = table.group_by("kind").aggregate(total=table.n.sum()).order_by("kind")

    assert grouped.to_pyarrow().to_pylist() == [
        {"kind": "a", "total": 4},
        {"kind": "b", "total": 2},
    ]
