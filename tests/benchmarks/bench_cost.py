"""What pricing a usage log costs: ten million rows, the same in pandas, one call a row; how exact.

Run `python tests/benchmarks/bench_cost.py [ROWS]`; it prints Markdown tables. The rows are real
pairs of input and output tokens, of azure_llm_2023 in ../shared/data, as if of 20 services that
call 8 models over 40 days; every thousandth is made longer, so that prices by length are met. Each
way runs in a process of its own, by turns, from opening the log on, and the fastest of three
counts: the machine is shared. What one call a row costs is measured on 20,000 rows and multiplied.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ops_model.analysis.cost import PricedLogs, price_sums
from ops_model.analysis.price_book import book_with_list
from ops_model.analysis.spend import measure_spend
from ops_model.analysis.usage import (
    CACHE_READ,
    CACHE_WRITE,
    INPUT,
    MODEL,
    OUTPUT,
    UsageLogSums,
    UsageSum,
    models_in,
    sum_usage,
)
from ops_model.workflow.usage_logs import UsageSource, usage_table
from tests.analysis.priced_rows import as_log, booked, called
from tests.analysis.test_prices import OFFLINE, generated
from tests.benchmarks.memory import own_peak
from tests.shared_data import SHARED

ROWS, ROUNDS, SAMPLED = 10_000_000, 3, 20_000
SERVICES, DAYS = 20, 40
MODELS = (
    ("openai", "gpt-4o"), ("openai", "gpt-4o-mini"), ("anthropic", "claude-sonnet-4-5"),
    ("anthropic", "claude-haiku-4-5"), ("google", "gemini-2.5-pro"),
    ("google", "gemini-2.5-flash"), ("deepseek", "deepseek-chat"),
    ("mistral", "mistral-large-latest"),
)  # fmt: skip
START = datetime(2026, 9, 1, tzinfo=UTC)
END = START + timedelta(days=DAYS)
PROVIDER = "gen_ai_provider_name"
COLUMNS = ["service", PROVIDER, MODEL, INPUT, CACHE_READ, CACHE_WRITE, OUTPUT]


def main(rows: int) -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "usage.parquet"
        write(log, rows)
        ways = ("book", "book with request ids", "pandas")
        told: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
        for _ in range(ROUNDS):
            for way in ways:
                told[way].append(_apart("--measure", way, str(log)))
        best = {way: min(told[way], key=lambda m: m["seconds"]) for way in ways}
        a_row = _apart("--measure", "call", str(log))["seconds"]
    best["one call a row"] = {"seconds": a_row * rows, "cpu": a_row * rows}
    print(f"### {rows:,} rows to cost per service, day and model\n")
    print("| way | seconds | CPU seconds | peak MB | total USD | wall, to the book |")
    print("|---|---:|---:|---:|---:|---:|")
    for way, m in best.items():
        ratio = m["seconds"] / best["book"]["seconds"]
        peak, total = (f"{m[key]:,.{n}f}" if key in m else "" for key, n in _SHOWN)
        print(
            f"| {way} | {m['seconds']:,.2f} | {m['cpu']:,.2f} | {peak} | {total} | {ratio:.1f} |"
        )
    print(f"\nLoad while it ran: {os.getloadavg()[2]:.1f} on {os.cpu_count()} cores.\n")
    print_exact()
    done = subprocess.run([sys.executable, "-c", OFFLINE], check=True, capture_output=True)
    print(f"\nImported and asked once, sockets forbidden: {float(done.stdout):.2f} CPU seconds.")


_SHOWN = (("peak", 0), ("total", 4))


def _apart(*asked: str) -> dict[str, float]:
    done = subprocess.run([sys.executable, __file__, *asked], check=True, capture_output=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def write(path: Path, rows: int) -> None:
    """The log: real pairs of tokens, drawn again and again, in order of time."""
    real = pq.read_table(SHARED / "azure_llm_2023.parquet")
    given, out = (real[name].to_numpy() for name in ("ContextTokens", "GeneratedTokens"))
    rng = np.random.default_rng(7)
    span, parts, writer = DAYS * 86_400_000_000 // 20, 20, None
    for part in range(parts):
        n = rows // parts
        pick, model = rng.integers(0, len(given), n), rng.integers(0, len(MODELS), n)
        tokens = given[pick] + np.where(rng.random(n) < 0.001, 250_000, 0)
        read = (tokens * rng.random(n) * 0.5).astype(np.int64)
        begin = int(START.timestamp() * 1e6) + part * span
        micros = np.sort(rng.integers(0, span, n)) + begin
        chunk = pa.table({
            "timestamp": pa.array(micros, pa.timestamp("us", "UTC")),
            "service": _named([f"service-{s:02d}" for s in range(SERVICES)],
                              rng.integers(0, SERVICES, n)),
            PROVIDER: _named([provider for provider, _ in MODELS], model),
            MODEL: _named([name for _, name in MODELS], model),
            INPUT: tokens, CACHE_READ: read, CACHE_WRITE: read // 8, OUTPUT: out[pick],
            "request_id": [f"{n * part + row:016x}" for row in range(n)],
        })  # fmt: skip
        writer = writer or pq.ParquetWriter(path, chunk.schema)
        writer.write_table(chunk)
    if writer is not None:
        writer.close()


def _named(names: list[str], places: Any) -> Any:
    return pa.DictionaryArray.from_arrays(places.astype(np.int32), names).cast(pa.string())


def measure(way: str, path: str) -> dict[str, float]:
    """One way, measured in this process from opening the log on."""
    begin, cpu = time.perf_counter(), time.process_time()
    if way == "call":
        return {"seconds": one_call_a_row(path)}
    priced = in_pandas(path) if way == "pandas" else by_book(path, ids=way != "book")
    table = defaultdict(Decimal)
    for one in priced.sums:
        table[one.usage.service, one.usage.day, one.usage.item] += one.cost or 0
    found = measure_spend(priced, as_of=END)
    done = time.perf_counter() - begin, time.process_time() - cpu
    assert len(table) == SERVICES * DAYS * len(MODELS)
    assert not found.unpriced_rows
    return {
        "seconds": done[0], "cpu": done[1], "total": float(sum(table.values())),
        "peak": own_peak(),
    }  # fmt: skip


def by_book(path: str, *, ids: bool) -> PricedLogs:
    """The product's way: summed by the engine, then priced."""
    log = usage_table(UsageSource(path), before=END)
    if not ids:
        log = log.drop("request_id")
    book = book_with_list("USD", asked=True)
    sums = sum_usage(log, "tokens", timestamp="timestamp", splits=book.splits(models_in(log)))
    return PricedLogs("USD", (sums,), price_sums([sums], book))


def in_pandas(path: str) -> PricedLogs:
    """The same plan in pandas: the same columns read, the same groups, the same book."""
    frame = pq.read_table(path, columns=["timestamp", *COLUMNS]).to_pandas()
    book = book_with_list("USD", asked=True)
    models = frame[[PROVIDER, MODEL]].drop_duplicates()
    splits = book.splits(list(models.itertuples(index=False, name=None)))
    at = frame["timestamp"]
    frame["day"] = at.dt.floor("D")
    of_day = at.dt.hour * 60 + at.dt.minute
    frame["minute"] = np.searchsorted(splits.minutes, of_day, side="right")
    frame["length"] = np.searchsorted(splits.lengths, frame[INPUT], side="left")
    frame["plain"] = frame[INPUT] - frame[CACHE_READ] - frame[CACHE_WRITE]
    amounts = ["plain", CACHE_READ, CACHE_WRITE, OUTPUT]
    assert (frame[amounts] >= 0).all().all()
    by = ["day", "service", PROVIDER, MODEL, "minute", "length"]
    grouped = frame.groupby(by, observed=True)[amounts].agg("sum").assign(
        rows=frame.groupby(by, observed=True).size()
    )  # fmt: skip
    minutes, lengths = (0, *splits.minutes), (0, *splits.lengths)
    sums = tuple(
        UsageSum(
            row.Index[0].to_pydatetime(), row.Index[1], row.Index[2], row.Index[3], "prod", "", "",
            None, valid=True, rows=row.rows, failed=0, minute=minutes[row.Index[4]],
            longer_than=lengths[row.Index[5]],
            amounts=tuple(Decimal(int(row[place])) for place in range(1, 5)),
        )
        for row in grouped.itertuples()
    )  # fmt: skip
    logs = (UsageLogSums("tokens", sums, at.max().to_pydatetime()),)
    return PricedLogs("USD", logs, price_sums(logs, book))


def one_call_a_row(path: str) -> float:
    """Seconds that one call of `calc_price` takes for one row of the log."""
    rows = _sampled(path)
    called(rows[0])
    begin = time.perf_counter()
    for row in rows:
        called(row)
    return (time.perf_counter() - begin) / len(rows)


def _sampled(path: str | Path) -> list[dict[str, Any]]:
    log = pq.ParquetFile(path)
    group = log.read_row_group(0, columns=["timestamp", *COLUMNS])
    names = ("timestamp", "service", "provider", "model", "tokens", "read", "written", "out")
    places = np.linspace(0, group.num_rows - 1, SAMPLED).astype(int)
    found = group.take(pa.array(places)).rename_columns(names).to_pylist()
    return [{**row, "tier": ""} for row in found]


def print_exact() -> None:
    """How far the book is from one call a row: real pairs, and rows of every kind of price."""
    print("### The book against one call a row\n")
    print("| rows | models | sums with a price | largest relative difference |")
    print("|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "usage.parquet"
        write(log, SAMPLED * 20)
        real = _sampled(log)
    kinds = list(generated(SAMPLED, np.random.default_rng(11)))
    for name, rows in (("real pairs", real), ("every kind of price", kinds)):
        by_row: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        by_sum: dict[tuple[str, str], Decimal | None] = defaultdict(Decimal)
        for row in rows:
            by_row[row["provider"], row["model"]] += called(row)
        for one in booked(as_log(rows)).sums:
            key = one.usage.provider, one.usage.item
            kept = by_sum[key]
            by_sum[key] = None if one.cost is None or kept is None else kept + one.cost
        whole = {key: cost for key, cost in by_sum.items() if cost is not None}
        apart = max(abs(cost - by_row[key]) / (by_row[key] or 1) for key, cost in whole.items())
        print(f"| {len(rows):,}, {name} | {len(by_row):,} | {len(whole):,} | {apart:.1e} |")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(*sys.argv[2:4])))
    elif not SHARED.is_dir():
        print("left out: there is no ../shared/data")
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else ROWS)
