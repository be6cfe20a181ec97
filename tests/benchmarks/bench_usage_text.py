"""A usage log of 2 GB as text: summed while it streams, in a process of its own.

`python tests/benchmarks/bench_usage_text.py [GIGABYTES]`: seconds, and the peak memory of the
process as the kernel counts it. The file is made once, and removed in the end.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

GIGABYTE = 1_000_000_000
ROW_BYTES = {"csv": 85, "jsonl": 273}
ROOT = Path(__file__).resolve().parents[2]


def write(path: Path, gigabytes: float) -> int:
    """A log of the contract with about so many bytes; how many rows it has."""
    kind = path.suffix[1:]
    rows = int(gigabytes * GIGABYTE / ROW_BYTES[kind])
    form = "CSV, HEADER" if kind == "csv" else "JSON"
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT strftime(TIMESTAMP '2026-01-01' + to_seconds(n // 20), "
            "'%Y-%m-%dT%H:%M:%SZ') AS timestamp, 'service-' || n % 20 AS service, "
            "'openai' AS gen_ai_provider_name, 'gpt-4o' AS gen_ai_request_model, "
            "1000 + n % 1000 AS gen_ai_usage_input_tokens, "
            "n % 500 AS gen_ai_usage_cache_read_input_tokens, 'ok' AS status, "
            "100 + n % 7 AS gen_ai_usage_output_tokens, 'said \"hello, there\"' AS note "
            f"FROM range({rows}) AS t(n)) TO '{path}' (FORMAT {form})"
        )
    return rows


def expected(rows: int) -> list[int]:
    """Uncached, cached and output tokens of so many rows."""

    def of(start: int, size: int) -> int:
        whole, rest = divmod(rows, size)
        return rows * start + whole * size * (size - 1) // 2 + rest * (rest - 1) // 2

    cached = of(0, 500)
    return [of(1000, 1000) - cached, cached, of(100, 7)]


def summed(path: Path) -> dict[str, float]:
    """Sums, seconds and peak megabytes of a process that reads the log as the command does."""
    said = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.bench_usage_text", "--sum", str(path)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(said.stdout)


def _sum(path: str) -> None:
    from datetime import UTC, datetime
    from time import perf_counter

    from ops_model.analysis.usage import sum_usage
    from ops_model.workflow.usage_logs import UsageSource, usage_table
    from tests.benchmarks.memory import own_peak

    began = perf_counter()
    table = usage_table(UsageSource(path), before=datetime(2100, 1, 1, tzinfo=UTC))
    sums = sum_usage(table, "tokens", timestamp="timestamp").sums
    seconds = perf_counter() - began
    amounts = [sum(one.amounts[place] for one in sums) for place in (0, 1, 3)]
    peak = own_peak()
    print(
        json.dumps(
            {"amounts": [int(amount) for amount in amounts], "rows": sum(s.rows for s in sums),
             "seconds": seconds, "peak_mb": peak}
        )
    )  # fmt: skip


def main() -> None:
    """Print the table of docs/benchmarks.md."""
    if sys.argv[1:2] == ["--sum"]:
        _sum(sys.argv[2])
        return
    gigabytes = float(sys.argv[1]) if sys.argv[1:] else 2.0
    print("| log | GB | rows | s | peak MB |\n|---|---:|---:|---:|---:|")
    for kind in ROW_BYTES:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"log.{kind}"
            rows = write(path, gigabytes)
            found = summed(path)
            if (found["rows"], found["amounts"]) != (rows, expected(rows)):
                sys.exit(f"{kind}: {found}, expected {rows} rows and {expected(rows)}")
            size = path.stat().st_size / GIGABYTE
            print(f"| {kind} | {size:.2f} | {rows:,} | {found['seconds']:.1f} | "
                  f"{found['peak_mb']:.0f} |")  # fmt: skip


if __name__ == "__main__":
    main()
