"""The demo in figures: seconds of each step, and what its drills recorded.

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
from ops_model.domain.trials import (
    AccessDrill,
    ChallengerResult,
    EnvironmentRecord,
    GameDayResult,
    SwapDrill,
)
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
            simulated = [s.record for s in ledger.statements("support-assistant")]
    steps(json.loads(finished.stdout))
    drills(records)
    rehearsed(records, simulated)
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
    """What going back and failing over took."""
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


def rehearsed(flights: list, assistant: list) -> None:
    """What else the demo rehearsed."""
    fall, swap = (
        next(r for r in assistant if isinstance(r, kind)) for kind in (FallbackDrill, SwapDrill)
    )
    nights = [r for r in flights if isinstance(r, GameDayResult)]
    access = [a for r in flights if isinstance(r, AccessDrill) for a in r.attempts]
    built = next(r for r in flights if isinstance(r, EnvironmentRecord))
    trial = next(r for r in flights if isinstance(r, ChallengerResult))
    print("\n| rehearsed | what it found |")
    print("|---|---|")
    print(
        f"| support-assistant, {len(fall.faults)} faults of its vendor | "
        f"{fall.served_share.value:.1%} of {fall.served_share.n} answered, {fall.lost} lost, swap "
        f"noticed: {fall.swap_noticed}; the slowest switch {fall.seconds.value:.2f} s |"
    )
    print(
        f"| support-assistant, {swap.from_model} for {swap.to_model} | "
        f"{swap.seconds.value:.2f} s, {swap.lost} of {swap.requests} lost; "
        f"put back: {swap.returned} |"
    )
    print(f"| flight-delay, access | {sum(a.ok for a in access)} of {len(access)} worked |")
    print(
        f"| flight-delay, a second build | {built.tests} tests passed: {built.ci_passed}; "
        f"the same bytes: {built.rebuilt_alike} |"
    )
    print(
        f"| flight-delay, {trial.to_version} against {trial.from_version} | {trial.verdict} on "
        f"{trial.cases:,} flights: {trial.difference.value:+.2%} ({trial.difference.low:+.2%} to "
        f"{trial.difference.high:+.2%}) |"
    )
    print(
        f"| flight-delay, {len(nights)} nights walked | {sum(len(n.gaps) for n in nights)} gaps "
        f"in {sum(n.steps for n in nights)} questions; {sum(not n.gaps for n in nights)} nights "
        "without one |"
    )


def machine() -> str:
    """What was measured on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    system = f"{platform.system()} {platform.machine()}"
    return f"{cores} cores, {system}, Python {platform.python_version()}"


if __name__ == "__main__":
    sys.exit(main())
