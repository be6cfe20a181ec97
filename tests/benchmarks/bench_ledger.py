"""How fast the ledger takes events, relative to the disk, and how long a million takes to verify.

Appends per second say more about the disk than about us, so an fsync of the same bytes on the same
disk is timed in between, in turns, and the ratio is given. `main()` prints a Markdown table.

`bench_ledger.py [FOLDER] [ENTRIES]`: where to measure, and how many entries to verify.
"""

import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from statistics import median

from ops_model.domain.values import digest_of
from ops_model.store.ledger import Ledger, verify_ledger
from ops_model.store.ledger_append import microseconds
from ops_model.store.ledger_chain import GENESIS, body_of, chain_of
from ops_model.store.merkle import Frontier, leaf_hash
from tests.store.ledger_events import RECORDED, a_drill, a_ledger, a_writer, an_event, published

ROUNDS, PER_ROUND = 8, 100
WRITERS, PER_WRITER = 4, 1000
ROOT = Path(__file__).resolve().parents[2]
# About as large as a short record: some 600 bytes an entry.
RECORD = {
    "run_id": "20260302T080000Z-1f2e3d4c",
    "digest": digest_of(b"a record"),
    "record": {
        "kind": "spend",
        "days": [{"day": f"2013-07-{n:02}", "cost": n / 8} for n in range(1, 6)],
    },
    "origin": {"notebook": "07_cost", "notebook_digest": digest_of(b"a notebook"), "cell": 3},
}


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


def a_large_ledger(path, entries):
    """A ledger of small measurements, written past the triggers and `fsync` to save an hour."""
    tree, link, seq = Frontier(), GENESIS, 0
    body_like = (
        body_of(an_event("event/SEQ", data=RECORD), 0).decode().replace('"seq":0', '"seq":SEQ')
    )
    with closing(sqlite3.connect(a_ledger(path), isolation_level=None)) as raw:
        triggers = raw.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in triggers:
            raw.execute(f"DROP TRIGGER {name}")
        raw.execute("PRAGMA synchronous = OFF")
        raw.execute("BEGIN")

        def rows():
            nonlocal link, seq
            for seq in range(entries):
                body = body_like.replace("SEQ", str(seq))
                leaf, prev = leaf_hash(body.encode()), link
                tree.append(leaf)
                link = chain_of(prev, leaf)
                yield seq, f"event/{seq}", prev, link, body

        raw.executemany(
            "INSERT INTO event (seq, event_id, prev, hash, body) VALUES (?, ?, ?, ?, ?)", rows()
        )
        raw.execute(
            "UPDATE head SET size = ?, hash = ?, frontier = ?, latest = ?",
            (entries, link, tree.to_bytes(), microseconds(RECORDED)),
        )
        raw.execute("COMMIT")
        for _, sql in triggers:
            raw.execute(sql)
    return path


IN_A_PROCESS = """
import sys, time
from pathlib import Path
from ops_model.store.ledger import Ledger, verify_ledger
path, what = Path(sys.argv[1]), sys.argv[2]
began = time.perf_counter()
if what == "verify":
    done = verify_ledger(path)
    assert not done.problems, done.problems
else:
    with Ledger.open(path, readonly=True) as ledger:
        size = ledger.size()
        done = ledger.inclusion(size // 3, size)
print(time.perf_counter() - began, time.process_time(),
      int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024)
"""


def in_a_process(path, what):
    """Seconds, those of its processor, and peak MB of a process that does nothing else."""
    finished = subprocess.run(
        [sys.executable, "-c", IN_A_PROCESS, str(path), what],
        check=True, cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    return [float(figure) for figure in finished.stdout.split()]


def many_entries(folder, entries):
    """Rows about one large ledger."""
    path = a_large_ledger(folder / "large.db", entries)
    megabytes = path.stat().st_size / 1e6
    verify, of_verify, memory = in_a_process(path, "verify")
    proof, of_proof, _ = in_a_process(path, "proof")
    return [
        (f"verify {entries:,} entries ({megabytes:,.0f} MB), seconds", f"{verify:.1f}"),
        ("of one processor, with the start of Python", f"{of_verify:.1f}"),
        ("peak memory of that process, MB", f"{memory:.0f}"),
        ("cold inclusion proof among them, seconds", f"{proof:.1f}"),
        ("of one processor, with the start of Python", f"{of_proof:.1f}"),
    ]  # fmt: skip


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
            *many_entries(folder, int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000),
        ]  # fmt: skip
    print("| ledger (SQLite, WAL, FULL) | measured |\n|---|---|")
    for what, value in rows:
        print(f"| {what} | {value} |")


if __name__ == "__main__":
    main()
