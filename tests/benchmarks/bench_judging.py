"""How fast whole fleets are judged, in one process and side by side, and in how much memory.

A workbook of copies of the three example systems, and a ledger that holds up to 100 statements for
each: those of the demo, repeated a day apart. Each size is measured in an interpreter of its own
that has read the workbook; its clocks run while every process reads the statements of one system
after the other and puts all checks to it. Memory is what the processes hold together, pages that
they share counted once. `main()` prints a Markdown table. It needs `make demo` first. Its
arguments are numbers of systems, of 50, 500 and 2000; it takes 500 where none is named.
"""

import argparse
import contextlib
import json
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path
from statistics import median

from ops_model.domain.evidence import LedgerEvent
from ops_model.domain.values import digest_of
from ops_model.store.ledger import Ledger
from ops_model.store.workbook import read_workbook
from tests.benchmarks.bench_workbook import build

EXAMPLES = ["flight-delay", "support-assistant", "invoice-extractor"]
SIZES = {50: (100, 3), 500: (100, 3), 2000: (25, 1)}
"""Systems, statements for each, and rounds."""
CORES = (1, 2)
MEASURE = """
import collections, hashlib, json, os, resource, sys, time
from pathlib import Path
from ops_model.domain.values import digest_of
from ops_model.store.ledger import Ledger
from ops_model.store.workbook import read_workbook
from ops_model.workflow import assess
from ops_model.workflow.side_by_side import side_by_side

root, cores = Path(sys.argv[1]), int(sys.argv[2])
model, catalogue = read_workbook(root), assess.catalogue_of(root)
ids = [system.id for system in model.systems]
desk = assess.Desk(root, model, catalogue, model.settings.as_of)
with Ledger.open(root / model.settings.ledger, readonly=True) as ledger:
    desk.size = ledger.size()  # whoever judges a fleet has verified its ledger before

def clocks():
    return time.perf_counter(), time.process_time()

def judged(desk, system):
    # What `assessed` does, with a look at the clocks between reading and judging.
    began = clocks()
    size, claims = desk.size, desk.model.system(system)
    told = desk.ledger.statements(system, until=size, words=False)
    read = clocks()
    evidence = assess.evidence_of(told, desk.model.policy, desk.model.signers)
    found = assess.assess(
        desk.catalogue, desk.model, claims, evidence, as_of=desk.as_of, ledger_size=size
    )
    ended = clocks()
    took = [(b - a, c - b) for a, b, c in zip(began, read, ended, strict=True)]
    return os.getpid(), took, len(found.findings), len(told), found

def cpu():
    used = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)

print("begun", flush=True)
wall, before = time.perf_counter(), cpu()
with side_by_side(desk, len(ids), cores=cores) as ask:
    found = list(ask(judged, ids))
wall, used = time.perf_counter() - wall, cpu() - before
print("ended", flush=True)
reading, judging = collections.Counter(), collections.Counter()
reading_cpu = judging_cpu = 0
for pid, [(read, judge), (read_cpu, judge_cpu)], *_ in found:
    reading[pid] += read
    judging[pid] += judge
    reading_cpu += read_cpu
    judging_cpu += judge_cpu
digests = "".join(digest_of(assessment) for *_, assessment in found)
print(json.dumps({
    "processes": len(reading), "findings": sum(f[2] for f in found),
    "statements": sum(f[3] for f in found), "wall": wall, "cpu": used,
    "reading": max(reading.values()), "reading_cpu": reading_cpu,
    "judging": max(judging.values()), "judging_cpu": judging_cpu,
    "verdicts": hashlib.sha256(digests.encode()).hexdigest(),
}))
"""


def statements_of(demo, example, most):
    """The records of the demo about one example system, as often as it takes."""
    with Ledger.open(demo / "ledger.db", readonly=True) as ledger:
        told = ledger.statements(example, words=False)
    # The demo shows one verdict in seven notebooks; a fleet records one a week.
    verdicts = [s for s in told if s.record.kind == "assessment"]
    told = [s for s in told if s not in verdicts[:-1]]
    return list(islice(cycle(told), most)), len(told)


def fill(root, count, most, demo=Path("demo")):
    """Append what was shown of each example to every copy of it, a system at a time."""
    told = {example: statements_of(demo, example, most) for example in EXAMPLES}
    shown, copies = read_workbook(demo), read_workbook(root)
    with Ledger.open(root / "ledger.db", create=True) as ledger:
        for number in range(count):
            example, copy = EXAMPLES[number % len(EXAMPLES)], f"system-{number:03d}"
            statements, fresh = told[example]
            before, after = texts(shown, example), texts(copies, copy)
            now = {before[file]: after[file] for file in before.keys() & after.keys()}
            entries = [
                event
                for place, statement in enumerate(statements)
                for event in events_of(copy, place, statement, place // fresh, now)
            ]
            ledger.append_all(list({event.id: event for event in entries}.values()))


def texts(model, system):
    """The digests of a system's claim files by their names."""
    return {ref.file: ref.digest for ref in model.system(system).claim_refs()}


def events_of(system, place, statement, days_before, now):
    """`now` says for a digest of an example's text which one the copy's has."""
    at = statement.as_of - timedelta(days=days_before)
    record = statement.record.model_copy(update={"system": system, "as_of": at})
    if said := record.kind == "attestation":
        pinned = (r.model_copy(update={"digest": now.get(r.digest, r.digest)})
                  for r in record.claims)  # fmt: skip
        record = record.model_copy(update={"claims": tuple(pinned)})
    same = {"subject": system, "recorded_at": statement.recorded_at}
    origin = statement.origin.model_dump(mode="json") if statement.origin else None
    if origin is not None:
        origin["run_id"] = run = f"{system}/{origin['run_id']}"
        for ref in origin.get("claims", ()):
            ref["digest"] = now.get(ref["digest"], ref["digest"])
        told = {"run_id": run, "notebook": origin["notebook"]}
        ended = {"type": "run.finished", "as_of": statement.as_of, "data": told}
        yield LedgerEvent(id=f"finished/{run}", actor="bench", **ended, **same)
    data = {"record": record.model_dump(mode="json"), "digest": digest_of(record)}
    yield LedgerEvent(
        id=f"{system}/{place}",
        type="attestation.given" if said else "evidence.published",
        as_of=at,
        actor=statement.actor,
        data={**data, "origin": origin},
        **same,
    )


def held_together(process):
    """What a process and those that it started hold, in MB."""
    found, total = [process], 0
    while found:
        folder = Path(f"/proc/{found.pop()}")
        with contextlib.suppress(OSError):
            text = (folder / "smaps_rollup").read_text()
            total += int(text.partition("\nPss:")[2].split()[0])
            children = (folder / "task" / folder.name / "children").read_text()
            found += map(int, children.split())
    return total / 1024


def once(root, cores):
    """One round: its figures, and the memory before and at the worst instant while judging."""
    with subprocess.Popen(
        [sys.executable, "-c", MEASURE, str(root), str(cores)], stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout.readline() == "begun\n"
        workbook = peak = held_together(running.pid)
        reader = Waiting(running.stdout)
        while not reader.has("ended\n"):
            peak = max(peak, held_together(running.pid))
        figures = json.loads(running.stdout.readline())
    return {**figures, "workbook": workbook, "peak": peak}


class Waiting:
    """Waits for a line a fifth of a second at a time."""

    def __init__(self, stream):
        from threading import Thread

        self._lines = []
        self._thread = Thread(target=lambda: self._lines.append(stream.readline()))
        self._thread.start()

    def has(self, line):
        self._thread.join(timeout=0.2)
        if self._thread.is_alive():
            return False
        assert self._lines == [line]
        return True


def measured(root, cores, rounds):
    """Medians, but the worst of the memory; the digests of the verdicts must not differ."""
    runs = [once(root, cores) for _ in range(rounds)]
    verdicts = {run.pop("verdicts") for run in runs}
    assert len(verdicts) == 1
    figures = {name: median(run[name] for run in runs) for name in runs[0]}
    return {**figures, "peak": max(run["peak"] for run in runs)}, verdicts


HEAD = (
    "systems", "checks judged", "statements", "processes", "judging, wall s", "judging, CPU s",
    "reading, wall s", "reading, CPU s", "all, wall s", "all, CPU s", "peak MB",
    "of it the workbook MB", "judging, CPU ms a system",
)  # fmt: skip


def row(size, told):
    cells = [
        f"{size:,}", f"{told['findings']:,.0f}", f"{told['statements']:,.0f}",
        f"{told['processes']:.0f}", f"{told['judging']:.2f}", f"{told['judging_cpu']:.2f}",
        f"{told['reading']:.2f}", f"{told['reading_cpu']:.2f}", f"{told['wall']:.2f}",
        f"{told['cpu']:.2f}",
        f"{told['peak']:.0f}", f"{told['workbook']:.0f}",
        f"{1000 * told['judging_cpu'] / size:.1f}",
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def main():
    wanted = argparse.ArgumentParser()
    wanted.add_argument("sizes", nargs="*", type=int, default=[500])
    wanted.add_argument("--demo", type=Path, default=Path("demo"))
    asked = wanted.parse_args()
    rounds = ", ".join(f"{SIZES[size][1]} of {size}" for size in asked.sizes)
    print(f"Python {platform.python_version()}; rounds: {rounds} systems; medians.\n")
    print(f"| {' | '.join(HEAD)} |")
    print("|---" * len(HEAD) + "|")
    # The ledger waits for the disk; memory spares the benchmark that.
    shared = "/dev/shm" if Path("/dev/shm").is_dir() else None
    for size in asked.sizes:
        most, rounds = SIZES[size]
        root = Path(tempfile.mkdtemp(dir=shared))
        try:
            began = time.perf_counter()
            build(root, EXAMPLES, size)
            fill(root, size, most, asked.demo)
            print(f"filled in {time.perf_counter() - began:.0f} s", file=sys.stderr)
            verdicts = set()
            for cores in CORES:
                told, said = measured(root, cores, rounds)
                verdicts |= said
                print(row(size, told), flush=True)
            assert len(verdicts) == 1, "side by side gave other verdicts than one by one"
        finally:
            shutil.rmtree(root)


if __name__ == "__main__":
    main()
