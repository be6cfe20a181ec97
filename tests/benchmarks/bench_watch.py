"""What a round of the watch over a whole fleet takes: looking, telling, and looking again.

The workbook and the ledger are those of `bench_judging`: copies of the three example systems and
100 statements for each, with the schedules of the example. Their usage logs are not copied, so
that ceilings are left out; what those of one system take is measured in the demo itself. CPU
seconds are those of all processes. `main()` prints a Markdown table. It needs `make demo` first.
"""

import argparse
import platform
import resource
import shutil
import tempfile
import time
from itertools import count
from pathlib import Path

from ops_model.store.workbook import read_workbook
from ops_model.workflow.alert_channels import Post
from ops_model.workflow.watch import watch
from ops_model.workflow.watch_round import look_and_tell
from ops_model.workflow.watch_tell import Telling
from tests.benchmarks.bench_judging import EXAMPLES, fill
from tests.benchmarks.bench_workbook import build

MOST = 100


def cpu():
    used = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def timed(what, do):
    """What it gave, and a row of what it took."""
    wall, before = time.perf_counter(), cpu()
    found = do()
    return found, f"| {what} | {time.perf_counter() - wall:.1f} | {cpu() - before:.1f} |"


def without_ceilings(root):
    for path in root.glob("systems/*/cost.yaml"):
        path.unlink()


def measured(root):
    model, sent, codes = read_workbook(root), [], count()
    as_of, ids = model.settings.as_of, [system.id for system in model.systems]
    where = {route.address_in: "here" for route in model.settings.alert_routes}
    post = Post(model.settings.alert_routes, where, lambda *told: sent.append(told) or "")
    telling = Telling(root, model, post, as_of, as_of, lambda: f"CODE-{next(codes)}")
    for what in ("look at all, and tell", "look again, when nothing is news"):
        (looked, _), row = timed(what, lambda: look_and_tell(telling, ids))
        assert not looked.failed
        yield row
        yield f"| {len(looked.concerns):,} concerns, messages until then: {len(sent):,} | | |"


def ceilings(demo):
    model = read_workbook(demo)
    for system in ("flight-delay", "support-assistant"):
        as_of = model.settings.as_of
        watch(demo, model, system, as_of=as_of)  # what it imports once is not the fleet's
        yield timed(f"ceilings of {system}", lambda: watch(demo, model, system, as_of=as_of))[1]  # noqa: B023 - called at once


def main():
    wanted = argparse.ArgumentParser()
    wanted.add_argument("size", nargs="?", type=int, default=500)
    wanted.add_argument("--demo", type=Path, default=Path("demo"))
    asked = wanted.parse_args()
    root = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    print(f"Python {platform.python_version()}; {asked.size} systems.\n")
    print("| what | wall s | CPU s |\n|---|---|---|")
    try:
        build(root, EXAMPLES, asked.size)
        fill(root, asked.size, MOST, asked.demo)
        without_ceilings(root)
        for row in (*measured(root), *ceilings(asked.demo)):
            print(row, flush=True)
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
