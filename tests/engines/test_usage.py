"""Usage logs where they lie: PostgreSQL and Spark tell of them what DuckDB does."""

import json

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ops_model.analysis.usage import CACHE_READ, INPUT, MODEL, OUTPUT
from ops_model.domain.cost import CostPlan
from ops_model.store.warehouse import readable_logs
from ops_model.workflow.log_places import identities_of
from ops_model.workflow.usage_logs import UsageSource, usage_table, usage_tables
from tests.analysis.test_usage_adapters import BEFORE, SAME, rows
from tests.analysis.usage_formats import ASKED, NOON, WRITERS, lines
from tests.engines.opened import SPARK
from tests.engines.test_postgres import Placed

FORMATS = [name for name in WRITERS if name != "contract"]
NESTED = {"attributes", "metadata", "usage", "usageDetails", "resource", "request_tags"}


def expected(tmp_path, name):
    """What DuckDB tells of the same log as JSON."""
    path = tmp_path / f"{name}.jsonl"
    path.write_text(lines(name, ASKED, True))
    source = UsageSource(str(path), written=name, includes_cache=True, provider="anthropic")
    return rows(usage_table(source, before=BEFORE))


def told(name, address, warehouse):
    source = UsageSource(
        address, written=name, includes_cache=True, provider="anthropic", warehouse=warehouse
    )
    table = usage_table(source, before=BEFORE)
    with readable_logs(address):
        return rows(table)


def in_postgres(session, name):
    """A table with one column a field: jsonb, numbers, timestamps and texts."""
    written = [json.loads(line) for line in lines(name, ASKED, True).splitlines()]
    kinds = {}
    for key, value in written[0].items():
        number = "bigint" if isinstance(value, int) else "float8"
        kind = number if isinstance(value, int | float) else "text"
        naive = "timestamp" if name == "litellm" else "timestamptz"
        at = key in {"startTime", "start_time", "timestamp"}
        kinds[key] = naive if at else "jsonb" if key in NESTED else kind
    columns = ", ".join(f'"{key}" {kind}' for key, kind in kinds.items())
    session.execute(f"DROP TABLE IF EXISTS served.{name}; CREATE TABLE served.{name} ({columns})")
    for row in written:
        values = [json.dumps(row[k]) if k in NESTED else row[k] for k in kinds]
        marks = ", ".join(["%s"] * len(values))
        session.execute(f"INSERT INTO served.{name} VALUES ({marks})", values)


@pytest.mark.parametrize("name", FORMATS)
def test_postgresql_tells_of_a_usage_log_what_duckdb_does(tmp_path, database, name):
    with psycopg.connect(database.address, autocommit=True) as session:
        in_postgres(session, name)

    found = told(name, f"served.{name}", database)

    assert found == expected(tmp_path, name)
    assert len(found) == len(ASKED)


def test_a_usage_log_of_a_claim_is_read_and_identified_in_its_warehouse(tmp_path, database):
    with psycopg.connect(database.address, autocommit=True) as session:
        in_postgres(session, "litellm")
    log = {"id": "calls", "unit": "tokens", "address": "served.litellm", "warehouse": "dwh",
           "format": "litellm", "timestamp": "startTime"}  # fmt: skip
    cost = CostPlan(currency="USD", logs=[log])
    book = Placed(tmp_path, BEFORE, (database,))

    table = usage_tables(book, cost)["calls"]
    [identity] = identities_of(book, cost.logs)

    assert rows(table) == expected(tmp_path, "litellm")
    assert (identity.address, identity.kind, identity.rows) == ("dwh:served.litellm", "table", 5)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Spark, pandas and sockets warn of each other
@pytest.mark.parametrize("name", FORMATS)
def test_spark_tells_of_a_usage_log_what_duckdb_does(tmp_path, session, name):
    written = [json.loads(line) for line in lines(name, ASKED, True).splitlines()]
    columns = {key: [row[key] for row in written] for key in written[0]}
    texts = {
        key: [json.dumps(value) for value in values] if key in NESTED else values
        for key, values in columns.items()
    }
    at = next(key for key in ("startTime", "start_time", "timestamp", "created") if key in texts)
    table = pa.table(texts)
    if at != "created":
        instants = pa.array(texts[at]).cast(
            pa.timestamp("us", "UTC" if texts[at][0][-1] == "Z" else None)
        )
        table = table.set_column(table.schema.get_field_index(at), at, instants)
    path = tmp_path / f"{name}.parquet"
    pq.write_table(table, path)

    found = told(name, str(path), SPARK)

    assert found == expected(tmp_path, name)
    assert set(found[0]) == set(SAME)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # as above
@pytest.mark.usefixtures("session")
def test_spark_reads_a_column_that_only_some_files_have_as_duckdb_does(tmp_path):
    cached = pa.array([3], pa.int64())
    for name, more in (("1", {}), ("2", {CACHE_READ: cached}), ("3", {"request_id": ["a"]})):
        columns = {
            "timestamp": pa.array([NOON], pa.timestamp("us", "UTC")), "service": ["chat"],
            MODEL: [f"model-{name}"], INPUT: [10], OUTPUT: [1], **more,
        }  # fmt: skip
        (tmp_path / "log").mkdir(exist_ok=True)
        pq.write_table(pa.table(columns), tmp_path / f"log/{name}.parquet")

    by_engine = [
        usage_table(UsageSource(str(tmp_path / "log"), warehouse=engine), before=BEFORE)
        for engine in (SPARK, None)
    ]

    found = [
        sorted((r[MODEL], r[CACHE_READ], r["request_id"]) for r in table.to_pyarrow().to_pylist())
        for table in by_engine
    ]
    assert found[0] == found[1]
    assert found[0] == [("model-1", None, None), ("model-2", 3, None), ("model-3", None, "a")]
