"""Results of a trial where they lie: every engine tells what DuckDB does."""

import math

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ops_model.errors import WarehouseError
from ops_model.workflow.any_log_compare import CompareQuestion, compare_in
from tests.analysis.trials import results, right_or_wrong
from tests.engines.opened import SPARK

CASES = 200
ROWS = results(
    *right_or_wrong(both=140, won=24, lost=6, neither=30),
    cluster_id=[f"k{n // 4}" for n in range(CASES)],
    task=["a", None, "b", "b"] * 50,
    cost_usd=[1.0, 2.0, math.nan, None] * 100,
    latency_s=[n / 10 for n in range(2 * CASES)],
    judge_version=["j"] * CASES,
)
ROWS["score"] = [bool(score) for score in ROWS["score"]]
TYPES = dict.fromkeys(ROWS, "text") | {
    "score": "boolean", "cost_usd": "float8", "latency_s": "float8",
}  # fmt: skip


def told(root, address, warehouse=None):
    asked = CompareQuestion(address, champion="old", margin=0.05, slices=("task",))
    return compare_in(asked, root=root, warehouse=warehouse).found


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    root = tmp_path_factory.mktemp("trials")
    pq.write_table(pa.table(ROWS), root / "trial.parquet")
    return root


def test_duckdb_tells_what_the_rows_are_made_for(files):
    found = told(files, "trial.parquet")

    assert (found.verdict, found.cases, found.difference.value) == ("non_inferior", CASES, 0.09)
    assert [one.name for one in found.slices] == ["task = (none)", "task = a", "task = b"]
    assert (found.beside.to_right, found.beside.cost.n) == (24, 100)


def test_postgresql_tells_what_duckdb_does(files, database):
    with psycopg.connect(database.address, autocommit=True) as session:
        columns = ", ".join(f'"{name}" {of}' for name, of in TYPES.items())
        session.execute(f"CREATE TABLE served.trial ({columns})")
        with session.cursor().copy("COPY served.trial FROM STDIN") as copy:
            for row in zip(*(ROWS[name] for name in TYPES), strict=True):
                copy.write_row(row)

    assert told(None, "served.trial", database) == told(files, "trial.parquet")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Spark, pandas and sockets warn of each other
@pytest.mark.usefixtures("session")
def test_spark_tells_what_duckdb_does(files):
    assert told(files, "trial.parquet", SPARK) == told(files, "trial.parquet")


def test_results_outside_of_the_workbook_are_refused(files):
    (files / "book").mkdir()

    with pytest.raises(WarehouseError, match="lies outside the workbook"):
        told(files / "book", "../trial.parquet")
