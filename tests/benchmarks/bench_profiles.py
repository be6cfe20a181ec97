"""What a profile costs against a bare scan of the same Parquet, how exact it is, what a day costs.

Run `python tests/benchmarks/bench_profiles.py [ROWS ...]`; it prints Markdown tables. Without
arguments: 1, 10 and 30 million rows, half of them reference and half current, 26 columns. CPU
seconds are those of this process and its threads, user and system; the steps take turns, and the
median of three counts, or the one run of the largest size. Each size runs in a process of its
own, whose largest memory is told.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ops_model.analysis.drift import measure_drift
from ops_model.analysis.plan import plan
from ops_model.analysis.profile import profile
from ops_model.analysis.profile_json import document_of
from ops_model.analysis.window import days_between
from ops_model.domain.signals_logged import Log
from ops_model.domain.values import Window
from ops_model.store.warehouse import LogRequest, open_logs
from ops_model.workflow.declared import open_windows
from ops_model.workflow.profiled import planned, profiled
from tests.benchmarks import planted
from tests.benchmarks.memory import own_peak

SIZES = (1_000_000, 10_000_000, 30_000_000)
ROUNDS = 3
MANY = 10_000_000
DAYS, ROWS_A_DAY = 365, 3_000


def main(sizes: tuple[int, ...]) -> None:
    """Print the tables."""
    print("### CPU seconds of a profile, 26 columns\n")
    print(
        "| rows, both halves | bare scan of the current half | its profile with tails | ratio | "
        "the same by day | plan, both halves, statistics | ratio to two bare scans | peak GB |"
    )
    print("|---:|---:|---:|---:|---:|---:|---:|---:|")
    for rows in sizes:
        with tempfile.TemporaryDirectory() as folder:
            write_halves(Path(folder), rows)
            command = [
                sys.executable,
                __file__,
                "--measure",
                folder,
                str(1 if rows > MANY else ROUNDS),
            ]
            told = subprocess.run(command, check=True, capture_output=True, text=True)
            m = json.loads(told.stdout.splitlines()[-1])
        print(
            f"| {rows:,} | {m['scan']:.2f} | {m['profile']:.2f} | "
            f"**{m['profile'] / m['scan']:.2f}** | {m['by day']:.2f} | {m['whole']:.2f} | "
            f"**{m['whole'] / m['both scans']:.2f}** | {m['peak']:.2f} |",
            flush=True,
        )
    if sizes[0] == SIZES[0]:
        with tempfile.TemporaryDirectory() as folder:
            print_exact(Path(folder))
            print_year(Path(folder))


def write_halves(root: Path, rows: int) -> None:
    """The planted set: half of the rows without, half with its drift."""
    for name, drifted in (("reference", False), ("current", True)):
        planted.write(root / f"{name}.parquet", rows // 2, drifted=drifted)


def halves(root: Path, timestamp: str | None = None) -> tuple[Any, Any]:
    """Both halves as tables; without a timestamp no row is looked at before it is counted."""
    kinds = dict.fromkeys(planted.COLUMNS, "scalar") | {planted.TIMESTAMP: "time"}
    requests = {
        name: LogRequest(f"{name}.parquet", kinds, timestamp=timestamp)
        for name in ("reference", "current")
    }
    logs = open_logs(root, requests)
    return logs["reference"], logs["current"]


def scan(*logs: Any) -> None:
    """Smallest, largest, mean and count of every column: what any look at a log costs at least."""
    for log in logs:
        asked = {}
        for name in planted.COLUMNS:
            column = log[name]
            asked |= {f"{name}_min": column.min(), f"{name}_max": column.max()}
            asked[f"{name}_n"] = column.count()
            if name not in planted.CATEGORIES:
                asked[f"{name}_mean"] = column.mean()
        log.aggregate(**asked).to_pyarrow()


def whole(reference: Any, current: Any) -> Any:
    """The plan, both halves and the statistics."""
    spec = plan(reference, planted.COLUMNS)
    return measure_drift(profile(reference, spec), profile(current, spec))


def measure(root: Path, rounds: int) -> None:
    """One size, in this process: CPU seconds of each step, and the largest memory in GB."""
    reference, current = halves(root)
    spec = plan(reference, planted.COLUMNS)
    steps: dict[str, Callable[[], Any]] = {
        "scan": lambda: scan(current),
        "profile": lambda: profile(current, spec),
        "by day": lambda: profile(current, spec, timestamp=planted.TIMESTAMP),
        "both scans": lambda: scan(reference, current),
        "whole": lambda: whole(reference, current),
    }
    seconds = in_turns(steps, rounds)
    seconds["peak"] = own_peak() / 1000
    print(json.dumps(seconds))


def in_turns(steps: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """The median CPU seconds of each step, which take turns."""
    taken: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(rounds):
        for name, step in steps.items():
            taken[name].append(cpu(step))
    return {name: float(np.median(seconds)) for name, seconds in taken.items()}


def cpu(step: Callable[[], Any]) -> float:
    """CPU seconds of all threads of this process, user and system."""
    began = time.process_time()
    step()
    return time.process_time() - began


def print_exact(root: Path) -> None:
    """The largest errors against scipy, tails included, and the size of a profile."""
    from scipy.stats import ks_2samp, wasserstein_distance

    write_halves(root, 1_000_000)
    reference, current = halves(root)
    found = {c.name: c for c in whole(reference, current).columns}
    before, now = (pq.read_table(root / f"{n}.parquet") for n in ("reference", "current"))
    w1, ks = {}, {}
    for name in (*planted.NUMBERS, planted.PREDICTION):
        p, q = (t[name].drop_null().to_numpy() for t in (before, now))
        w1[name] = abs(wasserstein_distance(p, q) / p.std() - found[name].w1_sd)
        ks[name] = abs(ks_2samp(p, q).statistic - found[name].ks)
    size = len(json.dumps(document_of(profile(current, plan(reference, planted.COLUMNS)))))
    print(
        f"\nAgainst scipy on the same million rows, largest error over {len(w1)} columns: W1/sd "
        f"{max(w1.values()):.4f} ({max(w1, key=w1.get)}), KS {max(ks.values()):.4f} "
        f"({max(ks, key=ks.get)}). The profile of a window is {size / 1e3:.0f} kB of JSON.\n"
    )


class Book:
    """A workbook's folder at an instant."""

    system: Any = None

    def __init__(self, root: Path) -> None:
        self.root = root
        self.as_of = planted.REFERENCE_START + timedelta(days=DAYS + 10)


def print_year(root: Path) -> None:
    """A year of daily files: counted once, read back, one day more, a rolling window."""
    log = Log(id="year", holds="predictions", address="year", timestamp=planted.TIMESTAMP)
    (root / "year").mkdir()
    rows = pa.concat_tables(planted.tables(DAYS * ROWS_A_DAY, drifted=False, days=DAYS))
    for day in range(DAYS):
        write_day(root, day, rows.slice(day * ROWS_A_DAY, ROWS_A_DAY))
    book = Book(root)
    start = planted.REFERENCE_START
    baseline = Window(start=start, end=start + timedelta(days=56))
    year = Window(start=start, end=start + timedelta(days=DAYS + 1))
    (table,) = open_windows(book, [(log, baseline)], planted.COLUMNS)
    spec = planned(book, log, baseline, table, planted.COLUMNS)
    first = cpu(lambda: profiled(book, log, year, table, spec))
    again = min(cpu(lambda: profiled(book, log, year, table, spec)) for _ in range(ROUNDS))
    more = next(
        iter(planted.tables(ROWS_A_DAY, drifted=True, days=1, start=year.end - timedelta(1)))
    )
    write_day(root, DAYS, more)
    one_more = cpu(lambda: profiled(book, log, year, table, spec))
    counts = profiled(book, log, year, table, spec)
    roll = []
    for offset in range(300):
        began = time.perf_counter()
        window = days_between(
            counts, start.date() + timedelta(offset), start.date() + timedelta(offset + 28)
        )
        for numbers in window.numeric.values():
            numbers.table.sum(axis=0)
        roll.append(time.perf_counter() - began)
    print(f"### A year of daily files, {ROWS_A_DAY:,} rows a day, 26 columns\n")
    print("| step | CPU s |")
    print("|---|---:|")
    print(f"| count all {DAYS} days, none kept yet | {first:.2f} |")
    print(f"| the same, all of them kept | {again:.2f} |")
    print(f"| the same after one day more | {one_more:.2f} |")
    print(f"\nA rolling window of 28 days over 21 columns: {np.median(roll) * 1e3:.2f} ms.")


def write_day(root: Path, day: int, rows: pa.Table) -> None:
    """One file of the year."""
    pq.write_table(rows, root / "year" / f"{day:03}.parquet", compression="zstd")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        main(tuple(int(float(n)) for n in sys.argv[1:]) or SIZES)
