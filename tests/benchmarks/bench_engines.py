"""One profile where the log lies: DuckDB over files, PostgreSQL, Spark.

Seconds of the wall, for the work is another process's; ratios to a bare scan of the same engine.
Every engine counts into the cells that the file's rows fixed, and its counts are compared with
those of DuckDB. PostgreSQL takes part where `OPS_MODEL_TEST_POSTGRES` names one, Spark where it is
installed.
"""

import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ops_model.analysis.cells import Spec
from ops_model.analysis.plan import plan
from ops_model.analysis.profile import Profile, profile
from ops_model.analysis.profile_json import document_of
from ops_model.store.warehouse import LogRequest, identify_log, open_logs
from tests.engines.answers import differences
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


def places(log: pa.Table, held: ExitStack) -> dict[str, tuple[str, Any]]:
    """Where the rows lie: address and warehouse, by name; DuckDB comes first."""
    found: dict[str, tuple[str, Any]] = {"DuckDB, a file": ("log.parquet", None)}
    if SERVER:
        found["PostgreSQL, a table"] = ("served.log", held.enter_context(a_database({"log": log})))
    else:
        print("PostgreSQL is left out: OPS_MODEL_TEST_POSTGRES names none")
    if find_spec("pyspark") is not None:
        found["Spark local[2], the file"] = ("log.parquet", SPARK)
    else:
        print("Spark is left out: it is not installed (make spark)")
    return found


def measured(root: Path, request: LogRequest, spec: Spec | None) -> tuple[list[float], Profile]:
    """Seconds of each step in one engine, and what it counted into the cells of `spec`."""
    names = list(request.columns)
    began = perf_counter()
    table = open_logs(root, {"log": request})["log"]
    opened = perf_counter() - began
    cells = spec or plan(table, names)
    bare = seconds(lambda: scan(table, names))
    whole = seconds(lambda: profile(table, cells, timestamp="at"))
    began = perf_counter()
    identify_log(root, request)
    known = perf_counter() - began
    return [opened, bare, whole, whole / bare, known], profile(table, cells, timestamp="at")


def main() -> int:
    """Print the table of docs/benchmarks.md; 1 when an engine counted otherwise than DuckDB."""
    log = a_log()
    names = log.schema.names[1:]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as held:
        root = Path(folder)
        pq.write_table(log, root / "log.parquet", compression="zstd", write_page_checksum=True)
        found = places(log, held)
        print(
            f"{ROWS:,} rows, {NUMBERS} numbers, {TEXTS} categories; median of 3, wall seconds.\n"
        )
        print("| where | open | bare scan | profile by day | profile / scan | identity | counts |")
        print("|---|---:|---:|---:|---:|---:|---|")
        first, agree = None, True
        for where, (address, warehouse) in found.items():
            request = LogRequest(
                address, dict.fromkeys(names, "scalar"), "at", BEFORE, warehouse=warehouse
            )
            took, counted = measured(root, request, first and first.spec)
            first = first or counted
            equal = not differences(document_of(first), document_of(counted))
            agree &= equal
            figures = "{:.2f} | {:.2f} | {:.2f} | {:.1f} | {:.2f}".format(*took)
            print(f"| {where} | {figures} | {'equal' if equal else 'DIFFERENT'} |", flush=True)
    return int(not agree)


if __name__ == "__main__":
    sys.exit(main())
