"""How fast a workbook of 500 systems is read, and in how much memory.

Each reading is a process of its own that has imported all it needs; its clock runs from the call
of `read_workbook` to its return. Three rows stand for scale: libyaml's events of the same bytes,
which the reader is built on, libyaml's composer, which builds a tree and checks nothing, and one
system read by ruamel.yaml, times 500. The second table is a file of 10,000 lines that is refused
with all of its 300 mistakes. `main()` prints Markdown tables.
"""

import json
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "workbook"
SYSTEMS, ROUNDS = 500, 5
MEASURE = """
import json, resource, sys, time
from pathlib import Path
import yaml, ruamel.yaml
import ops_model.store.workbook as workbook

root, what = Path(sys.argv[1]), sys.argv[2]
texts = [] if what == "read" else [p.read_text() for p in sorted(root.rglob("*.yaml"))]

def events():
    for text in texts:
        parser = yaml.CSafeLoader(text)
        while parser.get_event() is not None:
            pass
        parser.dispose()

def compose():
    for text in texts:
        parser = yaml.CSafeLoader(text)
        parser.get_single_node()
        parser.dispose()

def ruamel_all():
    for text in texts:
        ruamel.yaml.YAML().load(text)

def read():
    return workbook.read_workbook(root)

job = {"read": read, "events": events, "compose": compose, "ruamel": ruamel_all}[what]
wall, cpu = time.perf_counter(), time.process_time()
kept = job()
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
peaks = [resource.getrusage(w).ru_maxrss / 1024
         for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(json.dumps([wall, cpu, sum(peaks)]))
"""


def build(root, names, count):
    """A workbook of `count` systems, copies of the named examples in turn.

    What an example says of its own folder and of its own roles, a copy says of its own.
    """
    for file in TEMPLATES.glob("*.yaml"):
        shutil.copy(file, root / file.name)
    for number in range(count):
        name, copy = names[number % len(names)], f"system-{number:03d}"
        folder = root / "systems" / copy
        shutil.copytree(TEMPLATES / "systems" / name, folder)
        for file in folder.glob("*.yaml"):
            text = file.read_text(encoding="utf-8").replace(f"systems/{name}/", f"systems/{copy}/")
            file.write_text(text.replace(f"page: {name} ", f"page: {copy} "), encoding="utf-8")
    return root


def size_of(root):
    files = list(root.rglob("*.yaml"))
    return len(files), sum(file.stat().st_size for file in files) / 1e6


def measured(root, what, rounds=ROUNDS):
    """Medians of wall seconds, CPU seconds and peak MB."""
    runs = []
    for _ in range(rounds):
        command = [sys.executable, "-c", MEASURE, str(root), what]
        finished = subprocess.run(command, capture_output=True, text=True, check=True)
        runs.append(json.loads(finished.stdout))
    return [median(column) for column in zip(*runs, strict=True)]


WRONG = ({"function": "platfrom"}, {"zone": "Europe/Berln"}, {"active_from": "2020"})


def mistakes(root):
    """A workbook whose people.yaml has 10,000 lines and 300 mistakes of three kinds."""
    build(root, ["flight-delay"], 1)
    right = {"function": "platform", "zone": "Europe/Berlin", "active_from": "2020-01-01"}
    lines = ["people:"]
    for n in range(2000):
        person = {"id": f"p{n}", "name": f"P{n}", **right, **(WRONG[n % 3] if n < 300 else {})}
        said = [f"{key}: {value}" for key, value in person.items()]
        lines.append("  - " + "\n    ".join(said))
    (root / "people.yaml").write_text("\n".join(lines), encoding="utf-8")
    return root


REFUSE = """
import sys, time
from pathlib import Path
from ops_model.errors import WorkbookError
from ops_model.store.workbook import read_workbook
start = time.process_time()
try:
    read_workbook(Path(sys.argv[1]))
except WorkbookError as error:
    said = str(error)
    print(len(error.problems), len(said.splitlines()), time.process_time() - start)
"""


def row(name, figures, times=1):
    wall, cpu, peak = figures
    memory = f"{peak:.0f}" if times == 1 else ""
    return f"| {name} | {wall * times:.2f} | {cpu * times:.2f} | {memory} |"


def main():
    """Measure in the system's temporary folder."""
    examples = sorted(path.name for path in (TEMPLATES / "systems").iterdir())
    largest = max(examples, key=lambda name: size_of(TEMPLATES / "systems" / name)[1])
    print(f"{platform.system()} {platform.machine()}, Python {platform.python_version()}.\n")
    print(
        f"| {SYSTEMS} systems, median of {ROUNDS} | wall s | CPU s | peak MB |\n"
        "|---|---:|---:|---:|"
    )
    for title, names in (
        (f"the {len(examples)} examples in turn", examples),
        (largest, [largest]),
    ):
        with tempfile.TemporaryDirectory() as name:
            root = build(Path(name), names, SYSTEMS)
            files, megabytes = size_of(root)
            what = f"{title}: {files:,} files, {megabytes:.1f} MB"
            print(row(f"read and validate, {what}", measured(root, "read")))
            print(row("libyaml's events of the same bytes, bare", measured(root, "events")))
            print(row("libyaml's composer on the same bytes, bare", measured(root, "compose")))
    with tempfile.TemporaryDirectory() as name:
        one = measured(build(Path(name), [largest], 1), "ruamel", rounds=1)
        print(
            row(f"ruamel.yaml, one {largest} and the shared files, times {SYSTEMS}", one, SYSTEMS)
        )
    print("\n| 10,000 lines, 300 mistakes | problems | lines printed | CPU s |")
    print("|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as name:
        command = [sys.executable, "-c", REFUSE, str(mistakes(Path(name)))]
        runs = [
            subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
            for _ in range(ROUNDS)
        ]
    seconds = median(float(cpu) for _, _, cpu in runs)
    print(f"| people.yaml, median of {ROUNDS} | {runs[0][0]} | {runs[0][1]} | {seconds:.2f} |")


if __name__ == "__main__":
    main()
