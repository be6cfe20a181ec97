"""How long each step of the demo takes: builds it once and prints a markdown table.

Run it with `make bench`, or alone: `python tests/benchmarks/bench_demo.py`.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path


def main() -> int:
    """Build the demo in a temporary folder and print the seconds of its steps."""
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
    demo = json.loads(finished.stdout)
    print(f"\n`ops-model demo`, one run, {machine()}; wall-clock seconds.\n")
    print("| step | seconds |")
    print("|---|---:|")
    for step in demo["steps"]:
        print(f"| {step['step']} | {step['seconds']:.1f} |")
    print(f"| **all** | **{demo['seconds']:.1f}** |")
    return 0


def machine() -> str:
    """What was measured on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    system = f"{platform.system()} {platform.machine()}"
    return f"{cores} cores, {system}, Python {platform.python_version()}"


if __name__ == "__main__":
    sys.exit(main())
