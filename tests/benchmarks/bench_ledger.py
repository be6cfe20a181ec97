"""How fast the ledger takes events, relative to the disk, and how fast it is verified.

Appends per second say more about the disk than about us, so an fsync of the same bytes on the same
disk is timed in between, in turns, and the ratio is given. `main()` prints a Markdown table.
"""

import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from ops_model.store.ledger import Ledger, verify_ledger
from tests.store.ledger_events import a_drill, a_writer, published

ROUNDS, PER_ROUND = 8, 100
WRITERS, PER_WRITER = 4, 1000


def appends_per_second(ledger, first):
    began = time.perf_counter()
    for number in range(first, first + PER_ROUND):
        ledger.append(published(a_drill(requests=number), f"event/{number}", run_id="run-1"))
    return PER_ROUND / (time.perf_counter() - began)


def fsyncs_per_second(folder):
    """Writes of an entry's size, each put on the disk before the next."""
    descriptor = os.open(folder / "probe", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    try:
        began = time.perf_counter()
        for _ in range(PER_ROUND):
            os.write(descriptor, b"x" * 4096)
            os.fsync(descriptor)
        return PER_ROUND / (time.perf_counter() - began)
    finally:
        os.close(descriptor)


def one_writer(folder):
    """Median appends/s, fsyncs/s and their ratio, over rounds in turn."""
    rounds = []
    with Ledger.open(folder / "ledger.db", create=True) as ledger:
        for number in range(ROUNDS):
            probe = fsyncs_per_second(folder)
            rate = appends_per_second(ledger, number * PER_ROUND)
            rounds.append((rate, probe, rate / probe))
    return [median(column) for column in zip(*rounds, strict=True)]


def many_writers(folder):
    """Appends/s of several processes at once, from when the last of them has begun."""
    path = folder / "many.db"
    writers = [a_writer(path, f"w{n}", PER_WRITER) for n in range(WRITERS)]
    for writer in writers:
        writer.stdout.readline()
    with Ledger.open(path, readonly=True) as ledger:
        before, began = ledger.size(), time.perf_counter()
        for writer in writers:
            writer.communicate()
        return (ledger.size() - before) / (time.perf_counter() - began)


def verified_per_second(folder):
    began = time.perf_counter()
    verified = verify_ledger(folder / "ledger.db")
    assert verified.problems == ()
    return verified.size / (time.perf_counter() - began)


def main():
    """Measure on the disk of the folder given, or of the system's temporary folder."""
    parent = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory(dir=parent) as name:
        folder = Path(name)
        rate, probe, ratio = one_writer(folder)
        rows = [
            (f"appends/s, one writer, median of {ROUNDS} rounds of {PER_ROUND}", f"{rate:,.0f}"),
            ("fsyncs/s of 4 KiB on the same disk, in turns", f"{probe:,.0f}"),
            ("appends per fsync, median of the rounds", f"{ratio:.2f}"),
            (f"appends/s, {WRITERS} processes at once", f"{many_writers(folder):,.0f}"),
            ("entries verified/s, every byte hashed", f"{verified_per_second(folder):,.0f}"),
        ]  # fmt: skip
    print("| ledger (SQLite, WAL, FULL) | measured |\n|---|---|")
    for what, value in rows:
        print(f"| {what} | {value} |")


if __name__ == "__main__":
    main()
