"""A contract and a rule on a million rows of one day: CPU of reading and judging.

Run `python tests/benchmarks/bench_contracts.py`; it prints a Markdown table. CPU seconds are those
of this process, the median of three; the library is imported before anything is timed.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ops_model.analysis.contract import judge_day, read_day
from ops_model.analysis.contract_suite import read_suite
from ops_model.analysis.rules import count_rule
from ops_model.domain.condition import parse
from ops_model.store.warehouse import LogRequest, open_logs

ROWS = 1_000_000
BEGIN = datetime(2013, 7, 21, tzinfo=UTC)
COLUMN = "expect_column_values_to_"
SUITE = json.dumps({"expectations": [
    {"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 1}},
    {"type": f"{COLUMN}not_be_null", "kwargs": {"column": "p"}},
    {"type": f"{COLUMN}be_between", "kwargs": {"column": "p", "min_value": 0, "max_value": 1}},
    {"type": f"{COLUMN}be_in_set", "kwargs": {"column": "c", "value_set": ["AA", "UA", "DL"]}},
    {"type": f"{COLUMN}not_be_null", "kwargs": {"column": "c"}},
    {"type": "expect_column_mean_to_be_between", "kwargs": {"column": "x", "max_value": 1}},
]}).encode()  # fmt: skip
RULE = parse("0 <= p <= 1 and (c in ['AA', 'UA', 'DL'] or x / 2 > 3)")


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write(root / "log.parquet")
        columns = dict.fromkeys(("p", "c", "x", "id"), "value")
        request = LogRequest(
            "log.parquet", columns, timestamp="at", before=BEGIN + timedelta(days=1)
        )
        table = open_logs(root, {"log": request})["log"]
        suite = read_suite(SUITE)

        def read():
            return read_day(table, timestamp="at", key="id", begin=BEGIN, columns=suite.columns)

        day = read()
        assert [r.state for r in judge_day(suite, day)] == ["PASS"] * 6
        reading, judging = seconds(read), seconds(lambda: judge_day(suite, day))
        rule = seconds(lambda: count_rule(table, RULE, key="id"))
        print(f"| what, {ROWS:,} rows | CPU s |\n|---|---|")
        print(f"| read the day for the contract | {reading:.2f} |")
        print(f"| judge six expectations | {judging:.2f} |")
        print(f"| read and judge against judging alone | {(reading + judging) / judging:.2f}x |")
        print(f"| a rule over the whole log | {rule:.2f} |")


def write(path: Path) -> None:
    """One day of a served log."""
    rng = np.random.default_rng(1)
    step = timedelta(days=1) / ROWS
    at = np.datetime64(BEGIN.replace(tzinfo=None), "us") + np.arange(ROWS) * np.timedelta64(step)
    pq.write_table(pa.table({
        "at": pa.array(at, pa.timestamp("us", "UTC")), "id": np.arange(ROWS),
        "p": rng.random(ROWS), "x": rng.normal(size=ROWS),
        "c": rng.choice(["AA", "UA", "DL"], ROWS),
    }), path, compression="zstd")  # fmt: skip


def seconds(run: Callable[[], object]) -> float:
    """CPU seconds of this process, the median of three."""
    found = []
    for _ in range(3):
        began = time.process_time()
        run()
        found.append(time.process_time() - began)
    return statistics.median(found)


if __name__ == "__main__":
    main()
