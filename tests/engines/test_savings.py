"""Bills, comparisons, load and prompts where they lie: every engine tells what DuckDB does."""

from datetime import UTC, datetime, timedelta

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ops_model.analysis.focus import charges_of
from ops_model.analysis.load import measure_load
from ops_model.analysis.prefix_cache import prompts_of
from ops_model.analysis.right_sizing import pair_cases
from ops_model.domain.values import Window
from ops_model.store.warehouse import LogRequest, open_logs
from tests.analysis.focus_bills import ROW, on
from tests.engines.opened import SPARK

START = datetime(2026, 8, 1, tzinfo=UTC)
TIMES = [START + timedelta(hours=n, seconds=59.9) for n in (30, 1, 1, 49, 26)]
BILL = [
    {}, on(3, 7.25, SkuId="index"), on(4, -1.5, ChargeCategory="Credit"), {"BilledCost": None},
    {"ChargePeriodStart": "soon"}, {"ListCost": 9.0}, {"ChargeClass": "Correction"},
    {"BilledCost": float("nan")}, {"ChargeCategory": "Misc"}, {"BillingCurrency": None},
]  # fmt: skip
LOGS = {
    "bill": pa.table({name: [{**ROW, **row}[name] for row in BILL] for name in ROW}),
    "cases": pa.table({
        "case": ["a", "a", "b", "c"], "task": ["x", "x", None, "y"], "share": [0.5, 0.5, 0.2, 0.3],
        "dear": [True, True, False, True], "cheap": [1.0, 0.0, 1.0, 0.25],
    }),
    "calls": pa.table({
        "at": pa.array(TIMES, pa.timestamp("us", "UTC")),
        "gen_ai_request_model": ["large", "large", "large", None, "small"],
        "gen_ai_usage_input_tokens": [30, 20, 20, 10, -5], "request_id": ["1", "2", "2", "", "5"],
        "prompt_prefix": pa.array([["p", "q"], ["p"], ["p"], [], ["r"]], pa.list_(pa.string())),
    }),
}  # fmt: skip
KINDS = {"double": "float8", "bool": "boolean", "int64": "int8", "string": "text",
         "list<element: string>": "text[]", "list<item: string>": "text[]"}  # fmt: skip


def opened(root, prefix="", warehouse=None, ending=""):
    requests = {
        name: LogRequest(prefix + name + ending, dict.fromkeys(held.schema.names, "value") | {
            "prompt_prefix": "nested"} if name == "calls" else dict.fromkeys(
            held.schema.names, "value"), warehouse=warehouse)
        for name, held in LOGS.items()
    }  # fmt: skip
    return open_logs(root, requests)


def told(tables):
    window = Window(start=START, end=START + timedelta(days=3))
    asked = {"case": "case", "dear": "dear", "cheap": "cheap", "slice_by": "task"}
    return (
        charges_of(tables["bill"], ["large"]),
        pair_cases(tables["cases"], share="share", **asked),
        measure_load(tables["calls"], timestamp="at", until=window.end),
        [(p.at.astimezone(UTC), *p[1:-1], list(p.blocks))
         for p in prompts_of(tables["calls"], timestamp="at", window=window)],
    )  # fmt: skip


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    root = tmp_path_factory.mktemp("savings")
    for name, held in LOGS.items():
        pq.write_table(held, root / f"{name}.parquet")
    return root


def test_duckdb_tells_what_the_rows_are_made_for(files):
    charges, slices, load, prompts = told(opened(files, ending=".parquet"))

    assert sum(c.rows for c in charges if c.wrong) == 5
    assert [one.slice for one in slices] == ["(none)", "x", "y"]
    assert (load.busiest, len(prompts)) == (START + timedelta(hours=1), 3)


def test_postgresql_tells_what_duckdb_does(files, database):
    with psycopg.connect(database.address, autocommit=True) as session:
        for name, held in LOGS.items():
            columns = ", ".join(
                f'"{f.name}" {KINDS.get(str(f.type), "timestamptz")}' for f in held.schema
            )
            session.execute(f"CREATE TABLE served.{name} ({columns})")
            with session.cursor().copy(f"COPY served.{name} FROM STDIN") as copy:
                for row in zip(*(column.to_pylist() for column in held.columns), strict=True):
                    copy.write_row(row)

    assert told(opened(files, "served.", database)) == told(opened(files, ending=".parquet"))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Spark, pandas and sockets warn of each other
@pytest.mark.usefixtures("session")
def test_spark_tells_what_duckdb_does(files):
    found = told(opened(files, warehouse=SPARK, ending=".parquet"))

    assert found == told(opened(files, ending=".parquet"))
