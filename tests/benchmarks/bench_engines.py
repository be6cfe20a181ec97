"""One profile where the log lies: DuckDB over files, PostgreSQL, Spark.

Seconds of the wall, for the work is another process's; ratios to a bare scan of the same engine.
PostgreSQL takes part where `OPS_MODEL_TEST_POSTGRES` names one, Spark where it is installed.
"""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ops_model.analysis.plan import plan
from ops_model.analysis.profile import profile
from ops_model.store.warehouse import LogRequest, identify_log, open_logs
from tests.engines.opened import SPARK, a_database
from tests.store.postgres import SERVER

ROWS, NUMBERS, TEXTS = 500_000, 8, 2
START = datetime(2024, 3, 5, tzinfo=UTC)
BEFORE = START + timedelta(days=60)


def a_log() -> pa.Table:
    """A row every eight seconds: numbers, and categories of a hundred values."""
    rng = np.random.default_rng(5)
    micros = np.arange(ROWS) * 8_000_000 + int(START.timestamp()) * 1_000_000
    columns = {"at": pa.array(micros, pa.timestamp("us", "UTC"))}
    columns |= {f"x{n}": rng.normal(size=ROWS) for n in range(NUMBERS)}
    columns |= {f"c{n}": [f"v{v}" for v in rng.zipf(1.5, ROWS) % 100] for n in range(TEXTS)}
    return pa.table(columns)


def seconds(work: Callable[[], Any], times: int = 3) -> float:
    """The median of several; the first one, which warms the engine, is no part of it."""
    work()
    taken = []
    for _ in range(times):
        began = perf_counter()
        work()
        taken.append(perf_counter() - began)
    return sorted(taken)[times // 2]


def scan(table: Any, names: list[str]) -> None:
    """Count, and min and max of every column: the least that reads all of them."""
    ends = {f"{e}{n}": getattr(table[n], e)() for n in names for e in ("min", "max")}
    table.aggregate(n=table.count(), **ends).to_pyarrow()


def main() -> None:
    """Print the table of docs/benchmarks.md."""
    log = a_log()
    names = log.schema.names[1:]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as held:
        root = Path(folder)
        pq.write_table(log, root / "log.parquet", compression="zstd", write_page_checksum=True)
        places: dict[str, tuple[str, Any]] = {"DuckDB, a file": ("log.parquet", None)}
        if SERVER:
            database = held.enter_context(a_database({"log": log}))
            places["PostgreSQL, a table"] = ("served.log", database)
        try:
            import pyspark  # noqa: F401 - only asked whether it is there

            places["Spark local[2], the file"] = ("log.parquet", SPARK)
        except ModuleNotFoundError:
            print("Spark is not installed (make spark)")
        print(
            f"{ROWS:,} rows, {NUMBERS} numbers, {TEXTS} categories; median of 3, wall seconds.\n"
        )
        print("| where | open | bare scan | profile by day | profile / scan | identity |")
        print("|---|---:|---:|---:|---:|---:|")
        for where, (address, warehouse) in places.items():
            request = LogRequest(
                address, dict.fromkeys(names, "scalar"), "at", BEFORE, warehouse=warehouse
            )
            began = perf_counter()
            table = open_logs(root, {"log": request})["log"]
            opened = perf_counter() - began
            spec = plan(table, names)
            bare = seconds(lambda table=table: scan(table, names))
            whole = seconds(lambda table=table, spec=spec: profile(table, spec, timestamp="at"))
            began = perf_counter()
            identify_log(root, request)
            known = perf_counter() - began
            print(
                f"| {where} | {opened:.2f} | {bare:.2f} | {whole:.2f} | {whole / bare:.1f} "
                f"| {known:.2f} |"
            )


if __name__ == "__main__":
    main()
