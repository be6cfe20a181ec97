"""The example's rollback drill at twenty requests a second: how fast, and what it finds.

Run `python tests/benchmarks/bench_drills.py [REPEATS]`. Each drill is the one that
`ops-model drill rollback` makes, with its own server, two model files and a supervisor; it prints
the table of `docs/benchmarks.md`.
"""

import shutil
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.drill.registry import make_registry
from tests.drill.rehearsal import a_rollback_plan, a_served_workbook, rehearse
from tests.drill.switched import SERVES, a_command_plan, an_alias_plan

REPEATS = 5
RATE = {"requests_per_second": 20}
PLANTED = {"loses-on-switch": (5, 0, 0), "duplicates-on-switch": (0, 5, 0),
           "changes-on-switch": (0, 0, 5)}  # fmt: skip


def drilled(plan, *, registry=None):
    """The facts of one drill in a fresh workbook."""
    with tempfile.TemporaryDirectory() as folder:
        root = a_served_workbook(Path(folder))
        (root / SERVES).write_text("v2", encoding="utf-8")
        if registry is not None:
            shutil.copy(registry, root / "mlflow.db")
        return rehearse(root, plan)


def row(name, plans, *, registry=None):
    """One line of the table, from as many drills as there are plans."""
    facts = [drilled(plan, registry=registry) for plan in plans]
    seconds = [f["seconds"]["value"] for f in facts]
    counts = {tuple(f[k] for k in ("lost", "duplicated", "changed")) for f in facts}
    failed = sum(f["failed_requests"] for f in facts)
    requests = sum(f["requests"] for f in facts)
    restored = sum(f["restored"] for f in facts)
    print(f"| {name} | {len(facts)} | {statistics.median(seconds):.2f} | {max(seconds):.2f} | "
          f"{requests:,} | {failed} | {' or '.join(map(str, sorted(counts)))} | "
          f"{restored} of {len(facts)} |", flush=True)  # fmt: skip
    return seconds, counts


def main(repeats=REPEATS):
    """Print the table; an honest drill over ten seconds, or a wrong count, is an error."""
    print("| switched by | drills | median s | worst s | requests | failed | lost, duplicated, "
          "changed | restored |")  # fmt: skip
    print("|---|---:|---:|---:|---:|---:|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        registry = Path(folder) / "mlflow.db"
        make_registry(registry, folder)
        for name, plan, of in (
            ("the server itself", a_rollback_plan(target=RATE), None),
            ("a command", a_command_plan(target=RATE), None),
            ("an alias of MLflow", an_alias_plan(target=RATE), registry),
        ):
            seconds, counts = row(name, [plan] * repeats, registry=of)
            assert max(seconds) <= 10, seconds
            assert counts == {(0, 0, 0)}, counts
    for fault, planted in PLANTED.items():
        plan = a_rollback_plan(f"{fault}=5", target=RATE)
        _, counts = row(f"the server, planted: {fault} 5", [plan] * repeats)
        assert counts == {planted}, counts


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
