"""What a run costs in a fleet of 500 systems, from the twentieth to the two-thousandth.

`owner`: 2,000 runs (500 systems, four instants) whose notebooks are copied instead of executed, so
that what is measured is the process that owns the runs: it takes slots, takes snapshots, seals and
appends. `real`: notebooks in warm kernels, in two processes beside the owner. CPU seconds are
those of all processes, ended ones included; memory is what they hold together, pages that they
share counted once. `main()` prints a Markdown table.

    python tests/benchmarks/bench_fleet.py owner [NOTEBOOK] [--systems 500] [--runs 2000]
    python tests/benchmarks/bench_fleet.py real [NOTEBOOK] [--systems 500] [--runs 500]
"""

import argparse
import itertools
import os
import shutil
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ops_model.domain.schedules import Slot
from ops_model.store.ledger import Ledger
from ops_model.store.workbook import read_workbook
from ops_model.workflow.fleet import Fleet, run_many
from ops_model.workflow.owner import Owner
from tests.benchmarks.bench_workbook import build
from tests.notebook.builders import a_notebook
from tests.workflow.fleets import Copied

EXAMPLES = ["flight-delay", "support-assistant", "invoice-extractor"]
CLOCK = datetime(2026, 3, 2, 8, tzinfo=UTC)
FIRST = datetime(2013, 7, 1, 8, tzinfo=UTC)
CHEAP = "cheap"


def workbook(folder, systems):
    """So many copies of the example systems, and a notebook that does nothing."""
    root = folder / "fleet"
    root.mkdir()
    build(root, EXAMPLES, systems)
    (root / "notebooks").mkdir(exist_ok=True)
    a_notebook(root / "notebooks" / f"{CHEAP}.ipynb", "1 + 1")
    return root


def jobs(model, notebook, runs):
    """Each system at one instant, then at the next."""
    systems = [system.id for system in model.systems]
    weeks = -(-runs // len(systems))
    found = [
        Slot(FIRST + timedelta(weeks=week), system, notebook)
        for week in range(weeks)
        for system in systems
    ]
    return found[:runs]


class Meter:
    """Clocks and memory of a fleet, noted after each run."""

    def __init__(self):
        import psutil

        self.own = psutil.Process()
        self.ended = {}
        self.rows = [(0.0, self.cpu())]
        self.memory = []

    def cpu(self):
        """CPU seconds of this process and of all that it ever started, as far as seen."""
        import psutil

        for process in [self.own, *self.own.children(recursive=True)]:
            try:
                spent = process.cpu_times()
            except psutil.Error:
                continue
            # Kernels end between two looks: what a parent has reaped counts with it.
            reaped = spent.children_user + spent.children_system
            self.ended[process.pid, process.create_time()] = spent.user + spent.system + reaped
        return sum(self.ended.values())

    def note(self, *, memory):
        """One more run has ended."""
        self.rows.append((time.perf_counter(), self.cpu()))
        if memory:
            self.memory.append((len(self.rows) - 1, self.megabytes()))

    def megabytes(self):
        """What all processes hold together."""
        import psutil

        total = 0
        for process in [self.own, *self.own.children(recursive=True)]:
            try:
                total += process.memory_full_info().pss
            except psutil.Error:
                continue
        return total / 1e6

    def marginal(self, first, last):
        """CPU milliseconds of a run, from one run to another."""
        return (self.rows[last][1] - self.rows[first][1]) / (last - first) * 1000


def owner(root, notebook, runs):
    """The owner alone."""
    model, meter = read_workbook(root), Meter()
    with Ledger.open(root / model.settings.ledger, create=True) as ledger:
        made = Fleet(
            Owner(root, model, ledger, once=True), Copied(), frozenset(), lambda: CLOCK, {}
        )
        for outcome in made.carried_out(jobs(model, notebook, runs)):
            assert outcome.state == "finished", outcome.error
            meter.note(memory=len(meter.rows) % 100 == 0)
    return meter


def real(root, notebook, runs):
    """Notebooks in kernels."""
    model, meter = read_workbook(root), Meter()
    failed = 0
    for outcome in run_many(
        root, model, jobs(model, notebook, runs), clock=lambda: CLOCK, workers=2
    ):
        failed += outcome.state != "finished"
        meter.note(memory=len(meter.rows) % 20 == 0)
    print(f"{failed} of {runs} failed")
    return meter


def spans(runs):
    """Twenty runs to warm up, then spans that double."""
    ends = [n for n in (20, 50, 100, 200, 500, 1000, 2000) if n <= runs]
    return list(itertools.pairwise(ends))


def measured(what, notebook, systems, runs):
    """Print the table of one kind of fleet."""
    folder = Path(tempfile.mkdtemp(prefix="fleet-"))
    try:
        root = workbook(folder, systems)
        meter = {"owner": owner, "real": real}[what](root, notebook, runs)
    finally:
        shutil.rmtree(folder)
    print(f"\n{what}: {systems} systems, {notebook}, {runs} runs, {os.cpu_count()} cores\n")
    print("| runs | CPU ms a run | memory at the end, MB |\n|---|---:|---:|")
    for first, last in spans(runs):
        held = [f"{mb:.0f}" for at, mb in meter.memory if at <= last] or ["-"]
        print(f"| {first} to {last} | {meter.marginal(first, last):.0f} | {held[-1]} |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["owner", "real"], nargs="?")
    parser.add_argument("notebook", nargs="?", default="07")
    parser.add_argument("--systems", type=int, default=500)
    parser.add_argument("--runs", type=int, default=None)
    asked = parser.parse_args()
    for what, runs in {"owner": 2000, "real": 500}.items():
        if asked.what in {None, what}:
            measured(what, asked.notebook, asked.systems, asked.runs or runs)


if __name__ == "__main__":
    main()
