"""Whether a process still runs."""

import time
from pathlib import Path


def alive(pid):
    """True when the process runs; one that is dead and not yet reaped does not."""
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").split()[2]
    except FileNotFoundError:
        return False


def gone(pid, within=10.0):
    """Wait until the process is gone; the limit only ends a test that fails."""
    until = time.monotonic() + within
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.05)
    return not alive(pid)
