"""`ops-model drill` as its user calls it, and what has to be gone afterwards."""

import subprocess
import sys
import time
from pathlib import Path

from tests.drill.rehearsal import processes_in

ROOT = Path(__file__).resolve().parents[2]


def command(workbook, *arguments):
    return [sys.executable, "-m", "ops_model", "drill", *arguments, "--workbook", str(workbook)]


def drill(workbook, *arguments):
    return subprocess.run(
        command(workbook, *arguments), check=False, cwd=ROOT, capture_output=True, text=True,
        timeout=120,
    )  # fmt: skip


def require_nothing_left_in(folder):
    """Wait a while for what a drill started in a folder, and fail where some of it stays."""
    deadline = time.monotonic() + 10
    while processes_in(folder) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes_in(folder) == []
