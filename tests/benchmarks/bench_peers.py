"""Drift of a million rows against a stored reference: our CPU seconds beside those of two peers.

Run `python tests/benchmarks/bench_peers.py --install [FOLDER]`. It installs Evidently and NannyML
with pip, some gigabytes, each into an environment of its own below FOLDER, or below a temporary
folder, and prints a Markdown table. Without `--install` it only says so.

Our side reads the current half from Parquet, counts it, and compares it with a reference that was
counted before. The peers have both halves in memory before the clock starts. Evidently keeps
nothing of a reference; NannyML fits one, and what of its seconds that was is told apart. CPU
seconds are those of each process and its threads. We take turns with the peers: the median of
three counts for us, and one run for each of them, since they take long.
"""

import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ops_model.analysis.drift import measure_drift
from ops_model.analysis.plan import plan
from ops_model.analysis.profile import profile
from tests.benchmarks import planted
from tests.benchmarks.bench_profiles import cpu, halves, write_halves

ROWS = 1_000_000
PINS = {
    "evidently": ("evidently==0.7.23", "pandas<3", "pyarrow"),
    "nannyml": ("nannyml==0.13.1", "statsmodels", "pyarrow"),
}
"""As newly resolved, Evidently does not run on pandas 3, and NannyML lacks what it imports."""
QUIET = {"NML_DISABLE_USAGE_LOGGING": "1", "DO_NOT_TRACK": "1"}
_BEGIN = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
import pandas as pd
before, now = (pd.read_parquet(f"{sys.argv[1]}/{n}.parquet") for n in ("reference", "current"))
columns = [c for c in before.columns if c != "at"]
texts = [c for c in columns if c.startswith("c")]
"""
_END = """
began = time.process_time()
fitted = fit()
between = time.process_time()
run(fitted)
print(json.dumps({"fit": between - began, "run": time.process_time() - between}))
"""
SCRIPTS = {
    "evidently": _BEGIN + """
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset
numbers = [c for c in columns if c not in texts]
kinds = DataDefinition(numerical_columns=numbers, categorical_columns=texts)
one, other = (Dataset.from_pandas(t[columns], data_definition=kinds) for t in (before, now))
def fit():
    return Report([DataDriftPreset()])
def run(report):
    return report.run(other, one).dict()
""" + _END,
    "nannyml": _BEGIN + """
import nannyml
for table in (before, now):
    for name in texts:
        table[name] = table[name].astype("category")
watch = nannyml.UnivariateDriftCalculator(
    column_names=columns, timestamp_column_name="at", chunk_number=10,
    continuous_methods=["jensen_shannon"], categorical_methods=["jensen_shannon"],
)
def fit():
    return watch.fit(before)
def run(fitted):
    return fitted.calculate(now).to_df()
""" + _END,
}  # fmt: skip


def main(folder: Path) -> None:
    """Print the table."""
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    write_halves(data, ROWS)
    reference, current = halves(data)
    spec = plan(reference, planted.COLUMNS)
    stored = profile(reference, spec)

    def drift() -> None:
        measure_drift(stored, profile(current, spec))

    ours, peers = [cpu(drift)], {}
    for name, pins in PINS.items():
        peers[pins[0]] = of_peer(folder, name, pins, data)
        ours.append(cpu(drift))
    print_table(float(np.median(ours)), peers)


def print_table(ours: float, peers: dict[str, dict[str, float]]) -> None:
    """Each tool's seconds, and how often ours go into them."""
    print(f"### Drift of {ROWS:,} rows, 26 columns, against a stored reference\n")
    print("| tool | CPU s, all of it | times ours | of it after fitting | times ours |")
    print("|---|---:|---:|---:|---:|")
    print(f"| ops-model, reading Parquet | {ours:.3f} | 1 | {ours:.3f} | 1 |")
    for name, took in peers.items():
        every = took["fit"] + took["run"]
        print(
            f"| {name}, in memory | {every:.2f} | **{every / ours:.1f}** | {took['run']:.2f} | "
            f"{took['run'] / ours:.1f} |"
        )


def of_peer(folder: Path, name: str, pins: tuple[str, ...], data: Path) -> dict[str, float]:
    """CPU seconds of a peer in its own environment, for the reference and for the current half."""
    home = folder / name
    python = home / "bin" / "python"
    if not python.exists():
        venv.create(home, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *pins], check=True)
    told = subprocess.run(
        [python, "-c", SCRIPTS[name], str(data)], check=True, capture_output=True, text=True,
        env=os.environ | QUIET,
    )  # fmt: skip
    return {part: float(n) for part, n in json.loads(told.stdout.splitlines()[-1]).items()}


if __name__ == "__main__":
    if sys.argv[1:2] != ["--install"]:
        print("left out: `python tests/benchmarks/bench_peers.py --install` installs the peers")
    elif len(sys.argv) > 2:
        main(Path(sys.argv[2]))
    else:
        with tempfile.TemporaryDirectory() as scratch:
            main(Path(scratch))
