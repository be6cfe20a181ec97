"""The site of a fleet: how large it is, and how long it takes to write it and to add one run.

A workbook of 2,000 finished runs, written by `site_workbook`: each left three records with a
figure each. The site is built from nothing, then after one more run of one system; each time in a
process of its own, its clocks around `site_input` (claims read, every system judged) and around
`build_site`; and by the command, after one run more again. What pages would weigh with the script
that draws figures in each is counted, not written.
The page of a run is compared with what the command line of nbconvert makes of the same notebook.
`main()` prints Markdown. Arguments: systems and runs of each, as `20x100`.
"""

import argparse
import json
import platform
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.benchmarks.site_workbook import AS_OF, add_run, fleet, of_all

SHAPES = ("20x100", "500x4")
ROUNDS = 1
MEASURE = """
import json, resource, sys, time
from datetime import datetime
from pathlib import Path
from ops_model.site.build import build_site
from ops_model.site.made_from import program
from ops_model.workflow.ledgers import settings_of
from ops_model.workflow.publish import site_input
from tests.benchmarks.memory import own_peak
from tests.benchmarks.site_workbook import RECORDED

def clocks():
    used = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return time.perf_counter(), sum(u.ru_utime + u.ru_stime for u in used)

root = Path(sys.argv[1])
as_of = settings_of(root).as_of  # the instant as the command has it
began = clocks()
pages = site_input(root, as_of=as_of, recorded_at=RECORDED)
read, before = clocks(), own_peak()
build_site(pages, root / "site")
built = clocks()
print(json.dumps({
    "input": [b - a for a, b in zip(began, read)], "build": [b - a for a, b in zip(read, built)],
    "before": before, "peak": own_peak(), "program": program(),
}))
"""
PAGES = """
import sys, time
from pathlib import Path
from ops_model.site.pages import each_page
from tests.benchmarks.site_workbook import of_all
runs = [p for p in each_page(of_all(Path(sys.argv[1]), 20, 1)) if p.path.startswith("runs/")]
runs[0].text()
began = time.process_time()
for page in runs[1:]:
    assert "<iframe" in page.text()
print((time.process_time() - began) / len(runs[1:]))
"""


def of_process(*command, **where):
    """What a process printed, and the CPU seconds that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, check=True, **where)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.stdout, cpu


def by_command(root):
    """Seconds by the clock, and of CPU, that the whole command takes."""
    began = time.perf_counter()
    _, cpu = of_process(sys.executable, "-m", "ops_model", "site", cwd=root)
    return time.perf_counter() - began, cpu


def built(root):
    said, _ = of_process(sys.executable, "-c", MEASURE, str(root))
    return json.loads(said)


def sizes(site):
    """Pages, MB of all files, of those of runs; MB with the script in each; and figures."""
    pages = list(site.rglob("*.html"))
    runs = [page for page in pages if page.is_relative_to(site / "runs")]
    script = (site / "assets" / "plotly.min.js").stat().st_size
    whole = sum(f.stat().st_size for f in site.rglob("*") if f.is_file())
    of_runs = sum(page.stat().st_size for page in runs)
    figures = [len(re.findall(r'class="plot" data-figure="', page.read_text())) for page in runs]
    embedded = whole - script + script * sum(count > 0 for count in figures)
    return {
        "pages": len(pages), "runs": len(runs), "figures": sum(figures), "whole": whole / 1e6,
        "of_runs": (of_runs + script) / 1e6, "embedded": embedded / 1e6,
        "runs_embedded": (of_runs + script * sum(count > 0 for count in figures)) / 1e6,
        "index": (site / "index.html").stat().st_size / 1e3,
    }  # fmt: skip


def one_shape(shape, folder):
    systems, runs = map(int, shape.split("x"))
    root = fleet(folder / shape, systems=systems, runs=runs)
    first = built(root)
    size = sizes(root / "site")
    rounds = []
    for week in range(-ROUNDS, 0):
        add_run(root, 3, week=week)
        rounds.append(built(root))
        # Another program writes every page anew, which is not what is measured.
        assert rounds[-1]["program"] == first["program"], "a file of the package was changed"
    add_run(root, 3, week=-ROUNDS - 1)
    command = by_command(root)
    again = {
        what: [median(column) for column in zip(*(r[what] for r in rounds), strict=True)]
        for what in ("input", "build")
    }
    return {**size, "shape": shape, "first": first, "again": again, "command": command}


def row(told):
    first, again = told["first"], told["again"]
    wall, cpu = again["build"]
    cells = [
        told["shape"].replace("x", " x "), f"{told['pages']:,}", f"{told['whole']:,.0f}",
        f"{told['of_runs']:,.0f}",
        f"{told['embedded']:,.0f} ({told['embedded'] / told['whole']:.0f}x; runs alone "
        f"{told['runs_embedded'] / told['of_runs']:.0f}x)",
        f"{told['figures']:,}", f"{told['index']:.0f}", f"{first['build'][1]:.1f}",
        f"{wall:.2f} / {cpu:.2f}", f"{first['input'][1]:.1f}",
        "{:.1f} / {:.1f}".format(*again["input"]), "{:.1f} / {:.1f}".format(*told["command"]),
        f"{first['before']:.0f} / {first['peak']:.0f}",
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


HEAD = (
    "systems x runs", "pages", "site MB", "runs and script MB", "MB with the script in each",
    "figures", "index kB", "build, CPU s", "one run more, wall / CPU s",
    "reading and judging before, CPU s", "the same before one run more, wall / CPU s",
    "the whole command one run more, wall / CPU s", "MB before / at most",
)  # fmt: skip


def per_run(folder):
    """CPU seconds of a run's page, and of the same notebook by the command line of nbconvert."""
    of_all(folder, 20, 1)
    said, _ = of_process(sys.executable, "-c", PAGES, str(folder))
    notebook = next(folder.rglob("executed.ipynb"))
    command = (
        sys.executable, "-m", "nbconvert", "--to", "html", "--output-dir", str(folder), notebook,
    )  # fmt: skip
    return float(said), median(of_process(*command)[1] for _ in range(3))


def main():
    wanted = argparse.ArgumentParser()
    wanted.add_argument("shapes", nargs="*", default=SHAPES)
    asked = wanted.parse_args()
    print(f"Python {platform.python_version()}, judged as of {AS_OF:%d %b %Y}.\n")
    # The ledger waits for the disk; memory spares the benchmark that.
    shared = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=shared) as name:
        ours, theirs = per_run(Path(name) / "few")
        print(
            f"The page of a run with its notebook: {1000 * ours:.0f} ms CPU; the command line of "
            f"nbconvert: {1000 * theirs:.0f} ms (median of 3), {theirs / ours:.0f}x.\n"
        )
        print(f"| {' | '.join(HEAD)} |\n|{'---:|' * len(HEAD)}")
        for shape in asked.shapes:
            began = time.perf_counter()
            print(row(one_shape(shape, Path(name))), flush=True)
            print(f"{shape} in {time.perf_counter() - began:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
