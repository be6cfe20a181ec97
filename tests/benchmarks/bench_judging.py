"""How fast whole fleets are judged, and in how much memory.

A workbook of copies of the three example systems, and a ledger that holds up to 100 statements for
each: those of the demo, repeated a day apart. Each size is a process of its own that has read the
workbook; its clocks run while the statements of one system after the other are read and all checks
judged. `main()` prints a Markdown table. It needs `make demo` first.
"""

import json
import platform
import shutil
import subprocess
import sys
import tempfile
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path
from statistics import median

from ops_model.domain.evidence import LedgerEvent
from ops_model.domain.values import digest_of
from ops_model.store.ledger import Ledger
from tests.benchmarks.bench_workbook import build

DEMO = Path("demo")
EXAMPLES = ["flight-delay", "support-assistant", "invoice-extractor"]
SIZES = {50: (100, 3), 500: (100, 1), 2000: (25, 1)}
"""Systems, statements for each, and rounds: reading takes minutes, and 50,000 are enough."""
MEASURE = """
import json, resource, sys, time
from pathlib import Path
from ops_model.check.verdict import assess
from ops_model.store.ledger import Ledger
from ops_model.store.workbook import read_workbook
from ops_model.workflow.assess import catalogue_of, evidence_of

root = Path(sys.argv[1])
model, catalogue = read_workbook(root), catalogue_of(root)
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before, reading, judging, findings, statements = peak(), 0.0, 0.0, 0, 0
wall = time.perf_counter()
with Ledger.open(root / model.settings.ledger, readonly=True) as ledger:
    size = ledger.size()
    for system in model.systems:
        began = time.process_time()
        told = ledger.statements(system.id, until=size)
        read = time.process_time()
        evidence = evidence_of(told, model.policy)
        found = assess(
            catalogue, model, system, evidence, as_of=model.settings.as_of, ledger_size=size
        )
        judging += time.process_time() - read
        reading += read - began
        findings, statements = findings + len(found.findings), statements + len(told)
wall = time.perf_counter() - wall
print(json.dumps([wall, judging, reading, peak(), before, findings, statements]))
"""


def statements_of(example, most):
    """The records of the demo about one example system, as often as it takes."""
    with Ledger.open(DEMO / "ledger.db", readonly=True) as ledger:
        told = ledger.statements(example)
    # The demo shows one verdict in seven notebooks; a fleet records one a week.
    verdicts = [s for s in told if s.record.kind == "assessment"]
    told = [s for s in told if s not in verdicts[:-1]]
    return list(islice(cycle(told), most)), len(told)


def fill(root, count, most):
    """Append what was shown of each example to every copy of it."""
    told = {example: statements_of(example, most) for example in EXAMPLES}
    with Ledger.open(root / "ledger.db", create=True) as ledger:
        for number in range(count):
            statements, fresh = told[EXAMPLES[number % len(EXAMPLES)]]
            for place, statement in enumerate(statements):
                append(ledger, f"system-{number:03d}", place, statement, place // fresh)


def append(ledger, system, place, statement, days_before):
    at = statement.as_of - timedelta(days=days_before)
    record = statement.record.model_copy(update={"system": system, "as_of": at})
    same = {"subject": system, "recorded_at": statement.recorded_at}
    origin = statement.origin.model_dump(mode="json") if statement.origin else None
    if origin is not None:
        origin["run_id"] = run = f"{system}/{origin['run_id']}"
        ended = {"type": "run.finished", "as_of": statement.as_of, "data": {"run_id": run}}
        ledger.append(LedgerEvent(id=f"finished/{run}", actor="bench", **ended, **same))
    said = record.kind == "attestation"
    data = {"record": record.model_dump(mode="json"), "digest": digest_of(record)}
    ledger.append(
        LedgerEvent(
            id=f"{system}/{place}",
            type="attestation.given" if said else "evidence.published",
            as_of=at,
            actor=statement.actor,
            data={**data, "origin": origin},
            **same,
        )
    )


def measured(root, rounds):
    runs = []
    for _ in range(rounds):
        command = [sys.executable, "-c", MEASURE, str(root)]
        finished = subprocess.run(command, capture_output=True, text=True, check=True)
        runs.append(json.loads(finished.stdout))
    return [median(column) for column in zip(*runs, strict=True)]


HEAD = (
    "systems", "checks judged", "statements", "judging, CPU s", "reading, CPU s", "wall s",
    "peak MB", "of it the workbook MB", "ms a system",
)  # fmt: skip


def row(size, figures):
    wall, judging, reading, peak, before, findings, statements = figures
    cells = [f"{size}", f"{findings:,.0f}", f"{statements:,.0f}", f"{judging:.2f}",
             f"{reading:.2f}", f"{wall:.2f}", f"{peak:.0f}", f"{before:.0f}",
             f"{1000 * judging / size:.1f}"]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def main():
    rounds = ", ".join(f"{of[1]} of {size}" for size, of in SIZES.items())
    print(f"Python {platform.python_version()}; rounds: {rounds} systems; medians.\n")
    print(f"| {' | '.join(HEAD)} |")
    print("|---" * len(HEAD) + "|")
    # The ledger waits for the disk at each entry; memory spares the benchmark that.
    shared = "/dev/shm" if Path("/dev/shm").is_dir() else None
    for size, (most, rounds) in SIZES.items():
        root = Path(tempfile.mkdtemp(dir=shared))
        try:
            build(root, EXAMPLES, size)
            fill(root, size, most)
            print(row(size, measured(root, rounds)), flush=True)
        finally:
            shutil.rmtree(root)


if __name__ == "__main__":
    main()
