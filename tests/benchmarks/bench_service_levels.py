"""What service levels, freshness, capture and guardrails cost on a large log, beside bare scans.

Run `python tests/benchmarks/bench_service_levels.py [ROWS]`; it prints a Markdown table. Without
an argument the request log has 10 million rows of 28 days, the log of guardrail results a tenth.
A bare scan is the smallest, the largest and the count of the columns that the step reads. CPU
seconds are those of a process and its threads, median of three in turns with the scan; every step
has a process of its own, whose largest memory is told. What was counted is compared with numpy.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ops_model.analysis.capture import CaptureCounts, FieldColumn, count_captured
from ops_model.analysis.condition import boolean
from ops_model.analysis.freshness import measure_freshness, minutes_with_rows, newest
from ops_model.analysis.guardrail import Tried, try_suite
from ops_model.analysis.service_level import LevelResult, measure_level
from ops_model.analysis.slots import SlotCounts, count_slots
from ops_model.domain.condition import parse
from ops_model.domain.service_levels import Budgeting, BurnRateAlert, Objective
from ops_model.domain.values import Window
from ops_model.store.warehouse import LogRequest, open_logs
from tests.benchmarks.memory import own_peak

ROWS, ROUNDS, PART = 10_000_000, 3, 1_000_000
DAYS, MINUTES = 28, 5
START = datetime(2026, 3, 2, tzinfo=UTC)
WINDOW = Window(start=START, end=START + timedelta(days=DAYS))
VALID, GOOD = "kind == 'live'", "status < 500 and latency_ms <= 300"
READ = ("at", "kind", "status", "latency_ms")
ALERTS = tuple(
    BurnRateAlert(burn_rate=rate, lookback_hours=hours, severity="page")
    for rate, hours in ((14.4, 1), (6, 6), (1, 72))
)
NIGHT = frozenset({1, 2, 3})
VERSION = ("version", "v1")


def write(root: Path, rows: int) -> None:
    """Requests, the outcome of one in four, and what guardrail suites found."""
    with pq.ParquetWriter(root / "requests.parquet", requests(0, 1, rows).schema) as file:
        for first in range(0, rows, PART):
            file.write_table(requests(first, min(PART, rows - first), rows))
    keys = np.arange(0, rows, 4)
    pq.write_table(pa.table({"at": instants(keys, rows), "id": keys}), root / "outcomes.parquet")
    places = np.arange(rows // 10)
    passed = np.random.default_rng(9).random(len(places)) > 0.1
    pq.write_table(pa.table({
        "at": instants(places, len(places)), "suite": np.where(places % 2, "scope", "jailbreak"),
        "item": pa.array(places // 2 % 20_000).cast("string"), "passed": passed,
        "version": np.where(places % 3, "v1", "v2"),
    }), root / "trials.parquet", compression="zstd")  # fmt: skip


def requests(first: int, count: int, rows: int) -> pa.Table:
    """Some of the requests; of a few nobody knows the status, or how long they took."""
    rng = np.random.default_rng(first)
    latency = rng.gamma(2.0, 50.0, count)
    status = rng.choice([200, 404, 500], count, p=[0.97, 0.02, 0.01])
    answer = rng.integers(0, 10**12, count).astype(str)
    places = np.arange(first, first + count)
    return pa.table({
        "at": instants(places, rows), "id": places,
        "kind": rng.choice(["live", "probe"], count, p=[0.95, 0.05]),
        "status": pa.array(status, pa.int32(), mask=rng.random(count) < 1e-4),
        "latency_ms": pa.array(latency, mask=rng.random(count) < 1e-4),
        "answer": pa.array(answer, mask=rng.random(count) < 0.02),
    })  # fmt: skip


def instants(places: np.ndarray, rows: int) -> pa.Array:
    """Evenly over the days, but for the last half of an hour of the first day."""
    micros = places * (DAYS * 86_400_000_000 // rows)
    silent = (micros >= 84_600_000_000) & (micros < 86_400_000_000)
    micros = np.where(silent, 84_599_000_000, micros)
    return pa.array(micros + int(START.timestamp()) * 1_000_000, pa.timestamp("us", "UTC"))


def request(name: str, *columns: str) -> LogRequest:
    """What to open of a log."""
    return LogRequest(f"{name}.parquet", dict.fromkeys(columns, "scalar"), "at", WINDOW.end)


def opened(root: Path, name: str, *columns: str) -> Any:
    """One of the logs, with these columns."""
    return open_logs(root, {name: request(name, *columns)})[name]


def counted(root: Path) -> SlotCounts:
    """Requests, valid ones and good ones, by slots of five minutes."""
    log = opened(root, "requests", *READ[1:])
    asked = {name: boolean(log, parse(c)) for name, c in (("good", GOOD), ("valid", VALID))}
    return count_slots(log, timestamp="at", window=WINDOW, minutes=MINUTES, **asked)


def level(root: Path, budgeting: Budgeting = "occurrences") -> LevelResult:
    """The indicator, the budget left, three alerts of two windows, and batch hours apart."""
    slices = None if budgeting == "occurrences" else MINUTES
    objective = Objective(
        id="answers", indicator="latency", target=Decimal("0.99"), window_days=DAYS,
        budgeting=budgeting, slice_minutes=slices, alerts=ALERTS,
    )  # fmt: skip
    return measure_level(counted(root), objective, start=START, batch_hours=NIGHT)


def fresh(root: Path) -> float | None:
    """The longest gap in the log, in minutes, of the minutes that hold a row."""
    log = opened(root, "requests")
    last, rows = newest(log, "at")
    arrived = minutes_with_rows(log, "at", since=START)
    return measure_freshness(arrived, last, window=WINDOW, rows=rows).longest_gap.value


def captured(root: Path, *, joined: bool = False) -> CaptureCounts:
    """How many of each day's requests hold two fields, and have an outcome in another log."""
    names = ("requests", "outcomes") if joined else ("requests",)
    wanted = {"requests": ("id", "kind", "answer"), "outcomes": ("id",)}
    logs = open_logs(root, {name: request(name, *wanted[name]) for name in names})
    fields = [FieldColumn("input", "kind"), FieldColumn("output", "answer")]
    if joined:
        fields.append(FieldColumn("outcome", "id", logs["outcomes"], "id"))
    days = {"start": WINDOW.start, "end": WINDOW.end}
    return count_captured(logs["requests"], fields, timestamp="at", key="id", **days)


def tried(root: Path) -> Tried | None:
    """The last result of each item of a suite."""
    log = opened(root, "trials", "suite", "item", "passed", "version")
    return try_suite(log, suite="scope", version=VERSION, timestamp="at", items=None)


Step = tuple[Callable[[Path], Any], str, tuple[str, ...]]
STEPS: dict[str, Step] = {
    "service level: budget, three burn rates, batch hours": (level, "requests", READ),
    "the same by slices of five minutes": (
        lambda root: level(root, "timeslices"), "requests", READ,
    ),
    "freshness: newest row, longest gap": (fresh, "requests", ("at",)),
    "capture: two fields of the log by day": (captured, "requests", ("at", "kind", "answer")),
    "capture with the outcome of another log": (
        lambda root: captured(root, joined=True), "requests", ("at", "kind", "answer", "id"),
    ),
    "guardrail: last result of 20,000 items": (
        tried, "trials", ("at", "suite", "item", "passed", "version"),
    ),
}  # fmt: skip


def scan(root: Path, name: str, columns: tuple[str, ...]) -> None:
    """The smallest, the largest and the count of these columns."""
    log = opened(root, name, *(c for c in columns if c != "at"))
    ends = {f"{e}_{c}": getattr(log[c], e)() for c in columns for e in ("min", "max", "count")}
    log.aggregate(**ends).to_pyarrow()


def measure(root: Path, name: str) -> None:
    """One step and its scan, in this process: CPU seconds of each and the largest memory in GB."""
    step, log, columns = STEPS[name]
    taken: dict[str, list[float]] = {"scan": [], "step": []}
    for _ in range(ROUNDS):
        taken["scan"].append(cpu(lambda: scan(root, log, columns)))
        taken["step"].append(cpu(lambda: step(root)))
    told = {which: float(np.median(seconds)) for which, seconds in taken.items()}
    told["peak"] = own_peak() / 1000
    print(json.dumps(told))


def cpu(step: Callable[[], Any]) -> float:
    """CPU seconds of all threads of this process, user and system."""
    began = time.process_time()
    step()
    return time.process_time() - began


def differing(root: Path) -> list[str]:
    """What differs from numpy over the same rows."""
    rows = pq.read_table(root / "requests.parquet")
    status, latency = (rows[c].to_numpy() for c in ("status", "latency_ms"))  # NULL is NaN
    valid = rows["kind"].to_numpy() == "live"
    good = valid & (status < 500) & (latency <= 300)
    at = rows["at"].cast("int64").to_numpy() // 60_000_000
    slot = (at - int(START.timestamp()) // 60) // MINUTES
    found, held = counted(root), captured(root)
    spent = Decimal(int((valid & ~good).sum())) / int(valid.sum()) / Decimal("0.01")
    left = level(root).budget_left.value
    pairs = {
        "good by slot": (found.good, np.bincount(slot, good, len(found.rows))),
        "valid by slot": (found.valid, np.bincount(slot, valid, len(found.rows))),
        "rows by slot": (found.rows, np.bincount(slot, minlength=len(found.rows))),
        "the budget": (f"{left:.6f}", f"{1 - spent:.6f}"),
        "the longest gap": (fresh(root), np.diff(np.unique(at)).max()),
        "answers held": (held.held["output"].sum(), len(rows) - rows["answer"].null_count),
        "outcomes joined": (captured(root, joined=True).held["outcome"].sum(), -(-len(rows) // 4)),
    }
    return [name for name, (one, other) in pairs.items() if not np.array_equal(one, other)]


def main(rows: int) -> int:
    """Print the table; 1 when something was counted otherwise than numpy does."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), rows)
        print(f"{rows:,} requests of {DAYS} days.\n")
        print("| step | CPU s | bare scan of its columns | ratio | peak GB |")
        print("|---|---:|---:|---:|---:|")
        for name in STEPS:
            command = [sys.executable, __file__, "--measure", folder, name]
            told = subprocess.run(command, check=True, capture_output=True, text=True)
            m = json.loads(told.stdout.splitlines()[-1])
            print(
                f"| {name} | {m['step']:.2f} | {m['scan']:.2f} | {m['step'] / m['scan']:.1f} | "
                f"{m['peak']:.2f} |",
                flush=True,
            )
        wrong = differing(Path(folder))
    print(f"\nDiffers from numpy over the same rows: {', '.join(wrong) or 'nothing'}.")
    return int(bool(wrong))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(Path(sys.argv[2]), sys.argv[3])
    else:
        sys.exit(main(int(float(sys.argv[1])) if len(sys.argv) > 1 else ROWS))
