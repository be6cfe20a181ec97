"""The demo in figures: seconds of each step, and what both drills recorded.

Builds the demo once and prints markdown tables. What it measured is printed by bench_analysis.py.

Run it with `make bench`, or alone: `python tests/benchmarks/bench_demo.py`.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.rollback import RollbackDrill
from ops_model.store.ledger import Ledger


def main() -> int:
    """Build the demo in a temporary folder and print its figures."""
    with tempfile.TemporaryDirectory() as folder:
        into = str(Path(folder) / "demo")
        finished = subprocess.run(
            [sys.executable, "-m", "ops_model", "demo", "--into", into, "--json"],
            check=False,
            stdout=subprocess.PIPE,
            text=True,
        )
        if finished.returncode != 0:
            return finished.returncode
        with Ledger.open(Path(into) / "ledger.db", readonly=True) as ledger:
            records = [s.record for s in ledger.statements("flight-delay")]
    steps(json.loads(finished.stdout))
    drills(records)
    return 0


def steps(demo: dict) -> None:
    """Seconds of each step."""
    print(f"\n`ops-model demo`, one run, {machine()}; wall-clock seconds.\n")
    print("| step | seconds |")
    print("|---|---:|")
    for step in demo["steps"]:
        print(f"| {step['step']} | {step['seconds']:.1f} |")
    print(f"| **all** | **{demo['seconds']:.1f}** |")


def drills(records: list) -> None:
    """What the two drills recorded."""
    back = next(r for r in records if isinstance(r, RollbackDrill))
    fall = next(r for r in records if isinstance(r, FallbackDrill))
    print("\n| drill of flight-delay | seconds | what it found |")
    print("|---|---:|---|")
    print(
        f"| rollback {back.from_version} to {back.to_version}, decided to {back.healthy_needed} "
        f"healthy answers in a row | {back.seconds.value:.2f} | {back.requests} requests, "
        f"{back.failed_requests} failed; {back.lost} lost, {back.duplicated} duplicated, "
        f"{back.changed} changed; first version restored: {back.restored} |"
    )
    print(
        f"| fallback {fall.path}, outage to switch-over | {fall.seconds.value:.2f} | "
        f"{fall.requests} requests, {fall.lost} lost; notice seen: {fall.notice_seen}; "
        f"normal again: {fall.returned} |"
    )


def machine() -> str:
    """What was measured on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    system = f"{platform.system()} {platform.machine()}"
    return f"{cores} cores, {system}, Python {platform.python_version()}"


if __name__ == "__main__":
    sys.exit(main())
